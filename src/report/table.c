#include "report/table.h"

#include <stdio.h>

void put_styled(struct sink *sink, enum style style, struct str text) {
	static const char *const codes[] = { "", "\033[1m", "\033[2m", "\033[31m", "\033[33m" };

	if (sink->color && style != STYLE_PLAIN) {
		sink_put(sink, str_from(codes[style]));
		sink_put(sink, text);
		sink_put(sink, STR("\033[0m"));
	} else {
		sink_put(sink, text);
	}
}

void put_right(struct sink *sink, const char *text, int width) {
	sink_printf(sink, "%*s", width, text);
}

const char *percent_format(uint64_t part, uint64_t whole, char out[SIZE_TEXT_BYTES]) {
	double p = whole > 0 ? (double)part * 100.0 / (double)whole : 0.0;

	if (part > 0 && p < 0.1) {
		p = 0.1;
	}
	if (part < whole && p > 99.9) {
		p = 99.9;
	}
	(void)snprintf(out, SIZE_TEXT_BYTES, "%.*f %%", p >= 99.95 ? 0 : 1, p);
	return out;
}

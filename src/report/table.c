#include "report/table.h"

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

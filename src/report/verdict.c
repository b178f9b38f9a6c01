#include "report/json.h"

static void put_number(struct sink *sink, uint32_t number) {
	char digits[10];
	size_t n = 0;

	do {
		digits[sizeof(digits) - ++n] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	sink_put(sink, str_make(digits + sizeof(digits) - n, n));
}

static void put_json(
		const struct ignore_pattern *p, bool excluded, struct str path, struct sink *sink) {
	struct arena *a = arena_create();
	struct buf text = { 0 };

	if (p != NULL) {
		buf_append(&text, p->is_exception ? STR("!") : STR(""));
		buf_append(&text, p->text);
	}
	json_t *line = a == NULL
			? NULL
			: json_pack("{s:o, s:b, s:i, s:o}", "path", json_text(a, path), "excluded",
					  (int)excluded, "line", p != NULL ? (int)p->line : 0,
					  "pattern",
					  p != NULL ? json_text(a, buf_str(&text)) : json_null());
	if (json_write(line, true, sink, NULL) != TNG_OK) {
		sink->buf.failed = true;
	}
	buf_fini(&text);
	arena_destroy(a);
}

void report_verdict(const struct ignore_set *set, const struct verdict *verdict, struct str path,
		const struct match_options *options, struct sink *sink) {
	const struct ignore_pattern *p = verdict->pattern != IGNORE_NO_PATTERN
			? ignore_pattern(set, verdict->pattern)
			: NULL;

	if (options->format == REPORT_JSONL) {
		put_json(p, verdict->excluded, path, sink);
		return;
	}
	sink_put(sink, verdict->excluded ? STR("excluded\t") : STR("included\t"));
	put_number(sink, p != NULL ? p->line : 0);
	sink_put(sink, STR("\t"));
	sink_put_path(sink, path);
	sink_put(sink, options->nul ? str_make("\0", 1) : STR("\n"));
}

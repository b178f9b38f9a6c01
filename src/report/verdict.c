#include "report/json.h"

/* Millions of these are written: one reservation a line. */
static void put_line(bool excluded, uint32_t line, struct str path, char end, struct sink *sink) {
	char digits[10];
	size_t ndigits = 0;
	char *at = buf_reserve(&sink->buf, path.len + 24);

	if (at == NULL) {
		return;
	}
	struct str word = excluded ? STR("excluded\t") : STR("included\t");
	memcpy(at, word.ptr, word.len);
	do {
		digits[sizeof(digits) - ++ndigits] = (char)('0' + line % 10);
		line /= 10;
	} while (line > 0);
	memcpy(at + 9, digits + sizeof(digits) - ndigits, ndigits);
	at[9 + ndigits] = '\t';
	memcpy(at + 10 + ndigits, path.ptr, path.len);
	at[10 + ndigits + path.len] = end;
	buf_advance(&sink->buf, 11 + ndigits + path.len);
	sink_put(sink, STR("")); /* flushes when there is enough */
}

static void put_json(
		const struct ignore_pattern *p, bool excluded, struct str path, struct sink *sink) {
	struct arena *a = arena_create();
	json_t *line = a == NULL
			? NULL
			: json_pack("{s:o, s:b, s:i, s:o}", "path", json_text(a, path), "excluded",
					  (int)excluded, "line", p != NULL ? (int)p->line : 0,
					  "pattern",
					  p != NULL ? json_pattern(a, p->text, p->is_exception)
						    : json_null());
	if (json_write(line, true, sink, NULL) != TNG_OK) {
		sink->buf.failed = true;
	}
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
	if (!sink->is_terminal) {
		put_line(verdict->excluded, p != NULL ? p->line : 0, path,
				options->nul ? '\0' : '\n', sink);
		return;
	}
	sink_printf(sink, "%s\t%u\t", verdict->excluded ? "excluded" : "included",
			p != NULL ? p->line : 0);
	sink_put_safe(sink, path);
	sink_put(sink, options->nul ? str_make("\0", 1) : STR("\n"));
}

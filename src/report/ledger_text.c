#include "report/ledger.h"

#include "report/table.h"

/* Lines that can go are named in the last sentence, as far as there is room for them. */
#define IDLE_NAMED 12

static void put_title(struct sink *sink) {
	sink_put(sink, STR("\n"));
	put_styled(sink, STYLE_BOLD, STR("What each line does"));
	sink_printf(sink, "\n  %8s  %13s  %10s  %9s  %4s  %s\n", "bytes", "entries", "without it",
			"walk", "line", "pattern");
}

/* More or less of something: "+1.2GB", "-3 entries" where it weighs nothing. */
static void put_change(struct sink *sink, char sign, uint64_t bytes, uint64_t nentries) {
	char size[SIZE_TEXT_BYTES + 4], text[2 * SIZE_TEXT_BYTES];

	if (bytes > 0) {
		(void)snprintf(text, sizeof(text), "%c%s", sign, size_format_short(bytes, size));
	} else {
		(void)snprintf(text, sizeof(text), "%c%s entr%s", sign,
				size_format_count(nentries, size), nentries == 1 ? "y" : "ies");
	}
	sink_printf(sink, "  %10s", text);
}

/* What would be sent more, or less, if this line alone went. */
static void put_without(struct sink *sink, const struct ledger_line *line) {
	const struct ledger_sum *in = &line->comes_back, *out = &line->goes_out;

	if (line->line == 0 || line->refused.code != TNG_OK) {
		sink_printf(sink, "  %10s", "-");
	} else if (in->nentries == 0 && out->nentries == 0) {
		sink_printf(sink, "  %10s", "the same");
	} else if (out->bytes > in->bytes || in->nentries == 0) {
		put_change(sink, '-', out->bytes - in->bytes, out->nentries);
	} else {
		put_change(sink, '+', in->bytes - out->bytes, in->nentries);
	}
}

/* Entries that the builder looks at because of the line, or is spared. */
static void put_walk(struct sink *sink, const struct ledger_line *line) {
	char count[SIZE_TEXT_BYTES + 4], text[SIZE_TEXT_BYTES + 5];
	uint64_t n = line->walk < 0 ? (uint64_t)-line->walk : (uint64_t)line->walk;

	if (n == 0) {
		sink_printf(sink, "%9s", "-");
		return;
	}
	(void)snprintf(text, sizeof(text), "%s%s", line->walk < 0 ? "-" : "+",
			size_format_count(n, count));
	sink_printf(sink, "%9s", text);
}

/* What may be said of a line; its other line follows, if it has one. */
static const char *phrase_of(const struct ledger_name *name, enum ledger_status status) {
	switch (status) {
	case LEDGER_LIVE:
		return name->is_exception ? "brings back" : "";
	case LEDGER_DEAD:
		return "matches nothing here";
	case LEDGER_DUPLICATE:
		return "the same as line";
	case LEDGER_COVERED:
		return "all of it is in line";
	case LEDGER_UNDONE:
		return "all of it is brought back by line";
	case LEDGER_UNREACHED:
		return "the builder does not enter what is excluded by line";
	case LEDGER_REDUNDANT:
		break;
	}
	return "changes nothing";
}

static void put_remark(
		struct sink *sink, const struct ledger_name *name, const struct ledger_line *line) {
	enum style style = line->status == LEDGER_LIVE ? STYLE_DIM : STYLE_YELLOW;
	char number[16] = "";
	struct str phrase = str_from(phrase_of(name, line->status));

	if (line->line == 0) {
		put_styled(sink, STYLE_DIM, STR("  added by the builder"));
	} else if (line->refused.code != TNG_OK) {
		put_styled(sink, STYLE_YELLOW, STR("  without it the file has an error: "));
		sink_put_safe(sink, str_from(line->refused.text));
	} else if (phrase.len > 0) {
		if (line->other > 0) {
			(void)snprintf(number, sizeof(number), " %u", line->other);
		}
		sink_put(sink, STR("  "));
		put_styled(sink, style, phrase);
		put_styled(sink, style, str_from(number));
	}
}

static void put_line(
		struct sink *sink, const struct ledger_name *name, const struct ledger_line *line) {
	char size[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];

	sink_printf(sink, "  %8s  %9s entr%-3s", size_format_short(line->decides.bytes, size),
			size_format_count(line->decides.nentries, count),
			line->decides.nentries == 1 ? "y" : "ies");
	put_without(sink, line);
	sink_put(sink, STR("  "));
	put_walk(sink, line);
	if (line->line > 0) {
		sink_printf(sink, "  %4u  ", line->line);
	} else {
		sink_printf(sink, "  %4s  ", "-");
	}
	sink_put(sink, name->is_exception ? STR("!") : STR(""));
	sink_put_safe(sink, name->text);
	put_remark(sink, name, line);
	sink_put(sink, STR("\n"));
}

static bool is_idle(const struct ledger_line *line) {
	return line->line > 0 && line->status != LEDGER_LIVE;
}

/* "Lines 4, 7 can go together: ..." */
static void put_idle(struct sink *sink, const struct ledger *ledger) {
	size_t nidle = 0, n = 0;

	for (size_t i = 0; i < ledger->nlines; i++) {
		nidle += is_idle(&ledger->lines[i]);
	}
	if (nidle == 0) {
		return;
	}
	sink_printf(sink, "\nLine%s ", plural(nidle));
	for (size_t i = 0; i < ledger->nlines && n < IDLE_NAMED; i++) {
		if (is_idle(&ledger->lines[i])) {
			sink_printf(sink, "%s%u", n++ > 0 ? ", " : "", ledger->lines[i].line);
		}
	}
	if (nidle > n) {
		sink_printf(sink, " and %zu more", nidle - n);
	}
	sink_printf(sink, " can go%s: the same is sent today\n", nidle == 1 ? "" : " together");
}

/* Whether line x stands above line y in the table. */
static bool is_before(const struct ledger_line *x, const struct ledger_line *y) {
	if (x->decides.bytes != y->decides.bytes) {
		return x->decides.bytes > y->decides.bytes;
	}
	return x->decides.nentries > y->decides.nentries;
}

/* Numbers of lines, those that decide most first; in file order where they decide the same. */
static uint32_t *order_lines(struct arena *a, const struct ledger *ledger) {
	uint32_t *order = arena_new(a, uint32_t, ledger->nlines);

	for (uint32_t i = 0; order != NULL && i < ledger->nlines; i++) {
		uint32_t k = i;
		for (; k > 0 && is_before(&ledger->lines[i], &ledger->lines[order[k - 1]]); k--) {
			order[k] = order[k - 1];
		}
		order[k] = i;
	}
	return order;
}

enum tng_code report_ledger_text(struct arena *a, const struct analysis_ledger *ledger, size_t top,
		struct sink *sink, struct tng_error *err) {
	size_t n = ledger->ledger.nlines;

	if (n == 0) {
		return TNG_OK;
	}
	uint32_t *order = order_lines(a, &ledger->ledger);
	if (order == NULL) {
		return error_nomem(err);
	}
	put_title(sink);
	for (size_t i = 0; i < n && i < top; i++) {
		put_line(sink, &ledger->names[order[i]], &ledger->ledger.lines[order[i]]);
	}
	if (n > top) {
		sink_printf(sink, "  and %zu more (--top %zu shows all)\n", n - top, n);
	}
	put_idle(sink, &ledger->ledger);
	return TNG_OK;
}

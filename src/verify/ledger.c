/* Each line in its turn: the text without it, and the difference. */
#include "verify/ledger.h"

#include <stdlib.h>

struct maker {
	const struct ledger_input *input;
	struct without without;
	struct hits *hits;
	struct version base, next;
	struct ledger_line *lines;
	uint32_t nlines;
	uint64_t nlooked;
	uint32_t *nsent; /* per group of hard links: names that are sent */
	int32_t *change; /* the same, of the line at hand */
};

static uint64_t count_looked(const uint8_t *fate, uint32_t nrows) {
	uint64_t n = 0;

	for (uint32_t row = 1; row < nrows; row++) {
		n += fate[row] != FATE_PRUNED;
	}
	return n;
}

/* Names of one file together: its bytes come back with the first name, and go with the last. */
static void add_hard_links(struct maker *m, struct ledger_line *line) {
	const struct tree *tree = m->input->tree;
	uint32_t n;
	const struct hard_link *links = tree_hard_links(tree, &n);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t row = links[i].row;
		m->change[links[i].group] +=
				fate_is_sent(m->next.fate[row]) - fate_is_sent(m->base.fate[row]);
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct entry *entry = tree_entry(tree, links[i].row);
		uint32_t was = m->nsent[links[i].group];
		int32_t *change = &m->change[links[i].group];
		if (*change != 0 && entry_is_file(entry)) {
			line->comes_back.bytes += was == 0 ? entry->size : 0;
			line->goes_out.bytes += was + (uint32_t)*change == 0 ? entry->size : 0;
		}
		*change = 0;
	}
}

static void add_row(struct maker *m, uint32_t row, struct ledger_line *line) {
	bool was = fate_is_sent(m->base.fate[row]), is = fate_is_sent(m->next.fate[row]);
	const struct entry *entry = tree_entry(m->input->tree, row);

	line->walk += (m->base.fate[row] != FATE_PRUNED) - (m->next.fate[row] != FATE_PRUNED);
	if (was == is) {
		return;
	}
	struct ledger_sum *sum = is ? &line->comes_back : &line->goes_out;
	sum->nentries++;
	if (entry_is_file(entry)) {
		sum->nfiles++;
		sum->bytes += tree_nlink(m->input->tree, row) > 1 ? 0 : entry->size;
	}
}

static void add_changes(struct maker *m, struct ledger_line *line) {
	enum { CHUNK = 64 };
	uint32_t nrows = tree_nrows(m->input->tree);

	for (uint32_t row = 0; row < nrows;) {
		uint32_t n = nrows - row < CHUNK ? nrows - row : CHUNK;
		if (memcmp(m->base.fate + row, m->next.fate + row, n) == 0) {
			row += n;
			continue;
		}
		for (uint32_t end = row + n; row < end; row++) {
			if (m->base.fate[row] != m->next.fate[row]) {
				add_row(m, row, line);
			}
		}
	}
	add_hard_links(m, line);
}

static enum tng_code weigh_line(struct maker *m, struct ledger_line *line, struct tng_error *err) {
	without_line(&m->without, line->pattern);
	enum tng_code code = without_plan(
			&m->without, &m->base, line->pattern, &m->next, &line->refused, err);
	without_undo(&m->without, line->pattern);
	if (code == TNG_OK && line->refused.code == TNG_OK) {
		add_changes(m, line);
	}
	ignore_destroy(m->next.owned);
	m->next.owned = NULL;
	return code;
}

bool ledger_may_matter(
		const struct ledger_input *input, const struct hits *hits, uint32_t pattern) {
	/* an exception may make the walk longer; what classic adds may hang on any line */
	return hits[pattern].nrows > 0 || ignore_pattern(input->set, pattern)->is_exception ||
			input->engine == TNG_ENGINE_CLASSIC;
}

static enum tng_code weigh_lines(struct maker *m, struct tng_error *err) {
	enum tng_code code = TNG_OK;

	for (uint32_t i = 0; i < m->nlines && code == TNG_OK; i++) {
		struct ledger_line *line = &m->lines[i];
		const struct pattern_weight *w = &m->input->plan->patterns[i];
		*line = (struct ledger_line){
			.pattern = i,
			.line = ignore_pattern(m->input->set, i)->line,
			.nmatches = m->hits[i].nrows,
			.decides = { w->nentries, w->nfiles, w->bytes },
		};
		if (line->line > 0 && ledger_may_matter(m->input, m->hits, i)) {
			code = weigh_line(m, line, err);
		}
	}
	return code;
}

static enum tng_code make(struct maker *m, struct tng_error *err) {
	const struct ledger_input *in = m->input;
	struct labeller labeller = { in, m->hits, &m->without, m->base, m->lines, m->nlines };
	uint32_t n;
	const struct hard_link *links = tree_hard_links(in->tree, &n);

	for (uint32_t i = 0; i < n; i++) {
		m->nsent[links[i].group] += fate_is_sent(m->base.fate[links[i].row]);
	}
	m->nlooked = count_looked(in->plan->fate, tree_nrows(in->tree));
	enum tng_code code = hits_find(in->tree, in->set, in->plan, m->hits, err);
	if (code == TNG_OK) {
		code = without_init(&m->without, in, m->hits, err);
	}
	if (code == TNG_OK) {
		code = weigh_lines(m, err);
	}
	return code == TNG_OK ? label_lines(&labeller, err) : code;
}

enum tng_code verify_ledger(struct arena *a, const struct ledger_input *input, struct ledger *out,
		struct tng_error *err) {
	uint32_t nrows = tree_nrows(input->tree), nlinks;
	struct maker m = { .input = input, .nlines = ignore_npatterns(input->set) };

	(void)tree_hard_links(input->tree, &nlinks);
	m.lines = arena_new(a, struct ledger_line, m.nlines);
	m.hits = calloc((size_t)m.nlines + 1, sizeof(*m.hits));
	m.base.set = input->set;
	m.base.fate = malloc(nrows);
	m.next.fate = malloc(nrows);
	m.nsent = calloc((size_t)nlinks + 1, sizeof(*m.nsent));
	m.change = calloc((size_t)nlinks + 1, sizeof(*m.change));
	bool ready = m.lines != NULL && m.hits != NULL && m.base.fate != NULL &&
			m.next.fate != NULL && m.nsent != NULL && m.change != NULL;
	enum tng_code code = ready ? TNG_OK : error_nomem(err);
	if (ready) {
		memcpy(m.base.fate, input->plan->fate, nrows);
		code = make(&m, err);
	}
	if (code == TNG_OK) {
		*out = (struct ledger){ m.lines, m.nlines, m.nlooked };
	}
	without_fini(&m.without);
	hits_fini(m.hits, m.nlines);
	free(m.hits);
	free(m.base.fate);
	free(m.next.fate);
	free(m.nsent);
	free(m.change);
	return code;
}

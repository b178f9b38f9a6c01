/* Views of what rows are: files by class, by git's state, and the secrets among them. */
#include "analysis/internal.h"

#include <stdlib.h>

/* What each file weighs under each lens, added up in `into`. */
static void add_row(const struct analysis *an, const struct build *build, uint32_t row,
		struct lens_weights *into) {
	for (int lens = LENS_DISK; lens <= LENS_REQUESTED; lens++) {
		if (build_has_lens(build, (enum lens)lens) &&
				build_in_lens(build, (enum lens)lens, row)) {
			into->of[lens].nfiles++;
			into->of[lens].bytes += transfer_bytes(build_plan(build, (enum lens)lens),
					an->tree, row, lens != LENS_DISK);
		}
	}
}

/* ---- classes */

static bool is_heavier(const struct class_weight *x, const struct class_weight *y, enum lens lens) {
	const struct lens_weight *p = &x->weights.of[lens], *q = &y->weights.of[lens];

	if (p->bytes == q->bytes) {
		p = &x->weights.of[LENS_DISK];
		q = &y->weights.of[LENS_DISK];
	}
	return p->bytes != q->bytes ? p->bytes > q->bytes : p->nfiles > q->nfiles;
}

enum tng_code analysis_classes(struct arena *a, const struct analysis *an,
		const struct build *build, enum lens lens, struct class_weight **out, size_t *n,
		struct tng_error *err) {
	size_t nclasses = an->classes.nclasses, nfound = 0;
	struct lens_weights *weights = arena_new(a, struct lens_weights, nclasses);
	struct class_weight *list = arena_new(a, struct class_weight, nclasses);
	uint32_t nrows = tree_nrows(an->tree);

	if (weights == NULL || list == NULL) {
		return error_nomem(err);
	}
	for (uint32_t row = 1; row < nrows; row++) {
		if (entry_is_file(tree_entry(an->tree, row))) {
			add_row(an, build, row, &weights[an->classes.marks[row].klass]);
		}
	}
	for (size_t i = 0; i < nclasses; i++) {
		struct class_weight w = { (uint16_t)i, weights[i] };
		size_t at = nfound;
		if (w.weights.of[LENS_DISK].nfiles == 0) {
			continue;
		}
		for (; at > 0 && is_heavier(&w, &list[at - 1], lens); at--) {
			list[at] = list[at - 1];
		}
		list[at] = w;
		nfound++;
	}
	*out = list;
	*n = nfound;
	return TNG_OK;
}

/* ---- git */

/* A place begins where the directory around a row is in another state. */
static bool is_place(const struct analysis *an, uint32_t row) {
	uint32_t parent = tree_parent(an->tree, row);
	uint8_t state = an->git.state[row];

	return (state == VCS_IGNORED || state == VCS_UNTRACKED) &&
			(parent == TREE_NO_ROW || an->git.state[parent] != state);
}

/* Files and bytes of a row, or of all below it that is in its state, under a lens. */
static struct heavy weigh_place(const struct analysis *an, const struct build *build, uint32_t row,
		enum lens lens) {
	uint32_t end = tree_end(an->tree, row);
	struct heavy h = { .row = row };

	for (uint32_t r = row; r < end; r++) {
		if (an->git.state[r] == an->git.state[row] &&
				entry_is_file(tree_entry(an->tree, r)) &&
				build_in_lens(build, lens, r)) {
			h.nfiles++;
			h.bytes += transfer_bytes(
					build_plan(build, lens), an->tree, r, lens != LENS_DISK);
		}
	}
	return h;
}

void analysis_git(const struct analysis *an, const struct build *build, struct git_weights *out) {
	uint32_t nrows = tree_nrows(an->tree);

	*out = (struct git_weights){ 0 };
	for (uint32_t row = 1; row < nrows; row++) {
		if (entry_is_file(tree_entry(an->tree, row))) {
			add_row(an, build, row, &out->state[an->git.state[row]]);
		}
		for (int lens = LENS_DISK; lens <= LENS_REQUESTED && is_place(an, row); lens++) {
			if (build_has_lens(build, (enum lens)lens)) {
				out->nplaces[an->git.state[row]][lens] +=
						weigh_place(an, build, row, (enum lens)lens)
								.nfiles > 0;
			}
		}
	}
}

enum tng_code analysis_git_places(struct arena *a, const struct analysis *an,
		const struct build *build, enum vcs_state state, enum lens lens, size_t top,
		struct heavy **out, size_t *n, struct tng_error *err) {
	struct heavy *list = arena_new(a, struct heavy, top + 1);
	uint32_t nrows = tree_nrows(an->tree);
	size_t nlist = 0;

	if (list == NULL) {
		return error_nomem(err);
	}
	for (uint32_t row = 1; row < nrows; row++) {
		if (an->git.state[row] != (uint8_t)state || !is_place(an, row)) {
			continue;
		}
		struct heavy h = weigh_place(an, build, row, lens);
		if (h.nfiles == 0) {
			continue;
		}
		/* insertion into a list of a few; the one that falls off is the lightest */
		size_t at = nlist;
		for (; at > 0 && list[at - 1].bytes < h.bytes; at--) {
			list[at] = list[at - 1];
		}
		list[at] = h;
		nlist += nlist < top;
	}
	*out = list;
	*n = nlist;
	return TNG_OK;
}

/* ---- secrets */

static bool has_sent(const struct analysis *an, const struct build *build, uint32_t row,
		enum lens lens) {
	uint32_t end = tree_end(an->tree, row);

	for (uint32_t r = row; r < end; r++) {
		if (entry_is_file(tree_entry(an->tree, r)) && build_in_lens(build, lens, r)) {
			return true;
		}
	}
	return false;
}

/* Whether a probe saw a secret in a row, or below it. */
static bool has_seen(const struct class_column *c, uint32_t row, uint32_t end) {
	for (size_t i = 0; i < c->nsecrets && c->secrets[i].row < end; i++) {
		if (c->secrets[i].row >= row) {
			return true;
		}
	}
	return false;
}

/* By its name; what a guard keeps is none. A directory stands for all in it, unless a probe knows better. */
static bool is_secret(const struct analysis *an, uint32_t row) {
	const struct class_mark *mark = &an->classes.marks[row];
	uint32_t parent = tree_parent(an->tree, row);

	return mark->klass == CLASS_SECRET && mark->advice != ADVICE_KEEP &&
			(entry_is_file(tree_entry(an->tree, row)) ||
					entry_is_dir(tree_entry(an->tree, row))) &&
			(parent == TREE_NO_ROW ||
					an->classes.marks[parent].klass != CLASS_SECRET) &&
			!has_seen(&an->classes, row, tree_end(an->tree, row));
}

static void fill_secret(const struct analysis *an, const struct build *build, uint32_t row,
		const struct class_secret *seen, struct secret_place *out) {
	*out = (struct secret_place){
		.row = row,
		.kind = seen != NULL ? seen->kind : STR(""),
		.line = seen != NULL ? seen->line : 0,
		.severity = (enum class_severity)an->classes.marks[row].severity,
	};
	for (int lens = LENS_DISK; lens <= LENS_REQUESTED; lens++) {
		out->in_lens[lens] = build_has_lens(build, (enum lens)lens) &&
				has_sent(an, build, row, (enum lens)lens);
	}
}

static int graver_first(const void *a, const void *b) {
	const struct secret_place *x = a, *y = b;

	if (x->severity != y->severity) {
		return x->severity > y->severity ? -1 : 1;
	}
	if (x->row != y->row) {
		return x->row < y->row ? -1 : 1;
	}
	return (x->line > y->line) - (x->line < y->line);
}

enum tng_code analysis_secrets(struct arena *a, const struct analysis *an,
		const struct build *build, struct secret_place **out, size_t *n,
		struct tng_error *err) {
	const struct class_column *c = &an->classes;
	uint32_t nrows = tree_nrows(an->tree);
	size_t nfound = 0, next = 0, ncount = c->nsecrets;

	for (uint32_t row = 1; row < nrows; row++) {
		ncount += is_secret(an, row);
	}
	struct secret_place *list = arena_new(a, struct secret_place, ncount);
	if (list == NULL) {
		return error_nomem(err);
	}
	for (uint32_t row = 1; row < nrows; row++) {
		for (; next < c->nsecrets && c->secrets[next].row <= row; next++) {
			fill_secret(an, build, row, &c->secrets[next], &list[nfound++]);
		}
		if (is_secret(an, row)) {
			fill_secret(an, build, row, NULL, &list[nfound++]);
		}
	}
	qsort(list, nfound, sizeof(*list), graver_first);
	*out = list;
	*n = nfound;
	return TNG_OK;
}

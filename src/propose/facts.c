/*
 * What is known of each row before anything is proposed:
 *
 *   builds ─▶ reached, named     hand-written lines ─▶ gone, named by an exception
 *   --keep ─▶ pinned             git, .gitignore ─▶ tracked, ignored
 */
#include "propose/internal.h"
#include "util/gomatch.h"
#include "util/path.h"

/* The paths of rows, one after the other. */
struct pather {
	const struct tree *tree;
	struct buf path;
	uint32_t dir; /* whose path is there */
	size_t dir_len;
};

static struct str path_of(struct pather *p, uint32_t row) {
	const struct entry *entry = tree_entry(p->tree, row);

	if (entry->parent != p->dir) {
		buf_clear(&p->path);
		tree_path(p->tree, tree_dir(p->tree, entry->parent)->row, &p->path);
		if (p->path.len > 0) {
			buf_putc(&p->path, '/');
		}
		p->dir = entry->parent;
		p->dir_len = p->path.len;
	}
	p->path.len = p->dir_len;
	buf_append(&p->path, tree_name(p->tree, entry));
	return buf_str(&p->path);
}

/* ---- what builds ask for */

static bool may_ask_for_all(const struct build_sources *s) {
	if (s == NULL || s->contexts[DOCKERFILE_MAIN_CONTEXT].is_whole) {
		return true;
	}
	for (size_t i = 0; i < s->nsources; i++) {
		if (s->sources[i].is_unknowable &&
				s->sources[i].context == DOCKERFILE_MAIN_CONTEXT) {
			return true;
		}
	}
	return false;
}

static void reach_all(struct facts *f) {
	f->asks_for_all = true;
	for (uint32_t row = 0; row < tree_nrows(f->tree); row++) {
		f->rows[row] |= ROW_REACHED;
	}
}

static enum tng_code reach_includes(struct facts *f, struct arena *scratch,
		const struct str *includes, size_t n, struct tng_error *err) {
	struct transfer_request request = {
		.engine = TNG_ENGINE_BUILDKIT,
		.includes = includes,
		.nincludes = n,
	};
	struct transfer_plan plan;
	enum tng_code code = transfer_plan(scratch, f->tree, NULL, &request, &plan, err);

	for (uint32_t row = 0; code == TNG_OK && row < tree_nrows(f->tree); row++) {
		if (plan.fate[row] == FATE_SENT) {
			f->rows[row] |= ROW_REACHED;
		}
	}
	return code;
}

/* A pattern that begins with a wildcard says nothing about what is in a dependency tree or a cache that it
 * happens to match in, too. */
static bool names_inside(const struct facts *f, struct str pattern, uint32_t row) {
	uint32_t dir = tree_entry(f->tree, row)->parent;

	if (pattern.len > 0 && pattern.ptr[0] != '*' && pattern.ptr[0] != '?' &&
			pattern.ptr[0] != '[') {
		return true;
	}
	uint32_t root = f->input->classes->roots[dir];
	if (root == TREE_NO_ROW) {
		return true;
	}
	return f->input->classes->marks[root].advice != ADVICE_EXCLUDE;
}

/* Mark rows that the patterns match as such, each for itself. */
static enum tng_code mark_matches(struct facts *f, const struct matcher *m, uint8_t flag,
		bool everywhere, struct tng_error *err) {
	struct pather p = { .tree = f->tree, .dir = UINT32_MAX };
	enum tng_code code = TNG_OK;

	for (uint32_t row = 1; row < tree_nrows(f->tree) && code == TNG_OK; row++) {
		struct str name = tree_name(f->tree, tree_entry(f->tree, row));
		struct globs_turn turn = globs_ask(&m->ends, name);
		for (uint32_t i; code == TNG_OK &&
				(i = globs_next(&m->ends, &turn)) != GLOBS_NONE;) {
			bool matches;
			code = matcher_matches(m, i, path_of(&p, row), &matches, err);
			if (code == TNG_OK && matches &&
					(everywhere ||
							names_inside(f,
									ignore_pattern(m->set, i)
											->text,
									row))) {
				f->rows[row] |= flag;
			}
		}
	}
	if (code == TNG_OK && buf_failed(&p.path)) {
		code = error_nomem(err);
	}
	buf_fini(&p.path);
	return code;
}

static enum tng_code mark_patterns(struct facts *f, struct arena *scratch,
		const struct str *patterns, size_t n, uint8_t flag, struct tng_error *err) {
	struct matcher m = { 0 };

	if (n == 0) {
		return TNG_OK;
	}
	enum tng_code code = matcher_init(scratch, &m, patterns, n, err);
	if (code == TNG_OK) {
		code = mark_matches(f, &m, flag, flag == ROW_PINNED, err);
	}
	matcher_fini(&m);
	return code;
}

/* What the sources name, links on the way followed; a literal path is looked up. */
static enum tng_code name_sources(struct facts *f, struct arena *scratch,
		const struct build_sources *s, const struct str *includes, size_t nincludes,
		struct tng_error *err) {
	struct str *wild = arena_new(scratch, struct str, s->nsources + nincludes);
	size_t n = 0;

	if (wild == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < s->nsources + nincludes; i++) {
		bool is_source = i < s->nsources;
		if (is_source &&
				(s->sources[i].context != DOCKERFILE_MAIN_CONTEXT ||
						s->sources[i].kind == SOURCE_REMOTE)) {
			continue;
		}
		struct str path = is_source ? s->sources[i].path : includes[i - s->nsources];
		if (gomatch_has_wildcard(path)) {
			wild[n++] = path;
		} else if (!str_eq(path, STR(".")) && path.len > 0) {
			uint32_t row = tree_find(f->tree, path);
			if (row != TREE_NO_ROW) {
				f->rows[row] |= ROW_NAMED;
			}
		}
	}
	struct tng_error ignored = { 0 };
	enum tng_code code = mark_patterns(f, scratch, wild, n, ROW_NAMED, &ignored);
	/* a source that is no pattern stops the build, and not us */
	return code == TNG_ENOMEM ? error_nomem(err) : TNG_OK;
}

static enum tng_code ask_build(struct facts *f, const struct propose_build *build,
		struct arena *scratch, struct tng_error *err) {
	const struct build_sources *s = build->sources;
	struct str *includes = NULL;
	size_t n = 0;
	enum tng_code code = TNG_OK;

	if (may_ask_for_all(s)) {
		reach_all(f);
	}
	if (s == NULL) {
		return TNG_OK;
	}
	const struct context_use *use = &s->contexts[DOCKERFILE_MAIN_CONTEXT];
	if (use->is_used && !use->is_whole) {
		code = follow_links(scratch, f->tree, use->follow_paths, use->nfollow_paths,
				&includes, &n, err);
		if (code == TNG_OK && n == 0) {
			reach_all(f);
		} else if (code == TNG_OK) {
			code = reach_includes(f, scratch, includes, n, err);
		}
	}
	return code == TNG_OK ? name_sources(f, scratch, s, includes, n, err) : code;
}

static enum tng_code ask_builds(struct facts *f, struct tng_error *err) {
	enum tng_code code = TNG_OK;

	if (f->input->nbuilds == 0) {
		reach_all(f);
	}
	for (size_t i = 0; i < f->input->nbuilds && code == TNG_OK; i++) {
		struct arena *scratch = arena_create();
		if (scratch == NULL) {
			return error_nomem(err);
		}
		code = ask_build(f, &f->input->builds[i], scratch, err);
		arena_destroy(scratch);
	}
	f->asks_something = f->input->nbuilds == 0;
	for (size_t i = 0; i < f->input->nbuilds; i++) {
		const struct build_sources *s = f->input->builds[i].sources;
		f->asks_something |= s == NULL || s->contexts[DOCKERFILE_MAIN_CONTEXT].is_used;
	}
	return code;
}

/* ---- what hand-written lines say */

static enum tng_code name_exceptions(
		struct facts *f, struct arena *scratch, struct tng_error *err) {
	uint32_t n = ignore_npatterns(f->hand), nexceptions = 0;
	struct str *patterns = arena_new(scratch, struct str, n);

	if (patterns == NULL) {
		return error_nomem(err);
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct ignore_pattern *p = ignore_pattern(f->hand, i);
		if (p->is_exception && !str_starts(p->text, STR("!"))) {
			patterns[nexceptions++] = p->text;
		}
	}
	return mark_patterns(f, scratch, patterns, nexceptions, ROW_NAMED, err);
}

static enum tng_code read_hand(struct facts *f, struct arena *scratch, struct tng_error *err) {
	struct transfer_request request = { .engine = f->input->engine };
	struct transfer_plan plan;
	enum tng_code code = ignore_parse_as(
			ignore_dialect_of(f->input->engine), f->hand_text, &f->hand, err);

	if (code == TNG_OK) {
		code = transfer_plan(scratch, f->tree, f->hand, &request, &plan, err);
	}
	for (uint32_t row = 1; code == TNG_OK && row < tree_nrows(f->tree); row++) {
		if (!fate_is_sent(plan.fate[row])) {
			f->rows[row] |= ROW_GONE;
		}
	}
	return code == TNG_OK ? name_exceptions(f, scratch, err) : code;
}

static enum tng_code split_today(struct arena *a, struct facts *f, struct tng_error *err) {
	enum tng_code code = propose_block_find(f->input->existing, &f->block, err);
	struct buf hand = { 0 };

	if (code != TNG_OK) {
		return code;
	}
	buf_append(&hand, f->block.before);
	buf_append(&hand, f->block.after);
	f->hand_text = arena_copy(a, buf_str(&hand));
	f->old_lines = f->block.inside;
	buf_fini(&hand);
	return f->hand_text.ptr != NULL ? TNG_OK : error_nomem(err);
}

/* What is written must not hang on whether it was there, and how long it was. */
static void forget_ignore_file(struct facts *f) {
	uint32_t row = f->input->ignore_path.len > 0 ? tree_find(f->tree, f->input->ignore_path)
						     : TREE_NO_ROW;

	if (row != TREE_NO_ROW && (f->rows[row] & (ROW_NAMED | ROW_PINNED)) == 0) {
		f->rows[row] |= ROW_GONE;
		f->ignore_row = row;
	}
}

/* ---- flags that flow up and down */

static void spread(struct facts *f) {
	const struct tree *tree = f->tree;

	for (uint32_t row = 1; row < tree_nrows(tree); row++) {
		uint32_t parent = tree_dir(tree, tree_entry(tree, row)->parent)->row;
		f->rows[row] |= f->rows[parent] & ROW_PINNED;
	}
	for (uint32_t row = tree_nrows(tree); row-- > 1;) {
		uint32_t parent = tree_dir(tree, tree_entry(tree, row)->parent)->row;
		if ((f->rows[row] & (ROW_NAMED | ROW_PINNED | ROW_HAS_KEPT)) != 0) {
			f->rows[parent] |= ROW_HAS_KEPT;
		}
		f->rows[parent] |= f->rows[row] & ROW_TRACKED;
	}
}

static enum tng_code find_named_above(struct arena *a, struct facts *f, struct tng_error *err) {
	uint32_t n = tree_ndirs(f->tree);
	uint32_t *above = arena_new(a, uint32_t, n);

	if (above == NULL) {
		return error_nomem(err);
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct tree_dir *dir = tree_dir(f->tree, i);
		above[i] = (f->rows[dir->row] & ROW_NAMED) != 0 ? dir->row
				: i == 0                        ? TREE_NO_ROW
								: above[dir->parent];
	}
	f->named_above = above;
	return TNG_OK;
}

static void mark_git(struct facts *f) {
	const struct vcs_column *vcs = f->input->vcs;

	if (vcs == NULL) {
		return;
	}
	f->git_is_known = vcs->is_known;
	for (uint32_t row = 1; row < tree_nrows(f->tree); row++) {
		uint8_t state = vcs->state[row];
		bool is_dir = entry_is_dir(tree_entry(f->tree, row));
		if (!is_dir && (state == VCS_TRACKED || state == VCS_MODIFIED)) {
			f->rows[row] |= ROW_TRACKED;
		} else if (state == VCS_IGNORED) {
			f->rows[row] |= ROW_IGNORED;
		}
	}
}

static enum tng_code collect(
		struct arena *a, struct facts *f, struct arena *scratch, struct tng_error *err) {
	struct git_rules rules;
	enum tng_code code = split_today(a, f, err);

	if (code == TNG_OK) {
		code = read_hand(f, scratch, err);
	}
	if (code == TNG_OK) {
		code = ask_builds(f, err);
	}
	if (code == TNG_OK) {
		code = mark_patterns(f, scratch, f->input->keep, f->input->nkeep, ROW_PINNED, err);
	}
	if (code != TNG_OK) {
		return code;
	}
	forget_ignore_file(f);
	mark_git(f);
	if (!f->git_is_known) {
		code = gitignore_read(scratch, f->input, &rules, err);
		if (code == TNG_OK) {
			code = gitignore_mark(scratch, f->input, &rules, f->rows, err);
		}
	}
	if (code == TNG_OK) {
		spread(f);
		code = find_named_above(a, f, err);
	}
	return code;
}

enum tng_code facts_collect(struct arena *a, const struct propose_input *input, struct facts *out,
		struct tng_error *err) {
	struct arena *scratch = arena_create();

	*out = (struct facts){
		.input = input,
		.tree = input->tree,
		.rows = arena_new(a, uint8_t, tree_nrows(input->tree)),
	};
	enum tng_code code = out->rows != NULL && scratch != NULL ? collect(a, out, scratch, err)
								  : error_nomem(err);
	arena_destroy(scratch);
	return code;
}

void facts_fini(struct facts *facts) {
	ignore_destroy(facts->hand);
	facts->hand = NULL;
}

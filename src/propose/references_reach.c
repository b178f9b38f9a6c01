/*
 * What instructions reach. A source that is an ancestor of a row reaches it; a source that is the row
 * itself, something below it or a glob of it names it, which is a mark of its own: without the row the
 * build fails. "dir/" and "dir/ *" reach what is in dir and name dir alone: one file less of it is no
 * failure.
 */
#include "propose/references_internal.h"
#include "util/gomatch.h"
#include "util/path.h"

static void reach_row(struct search *s, uint32_t row, void *user) {
	size_t *nfound = user;

	s->reach[row] |= REACH_ALL;
	for (uint32_t up = tree_parent(s->tree, row); up != TREE_NO_ROW;
			up = tree_parent(s->tree, up)) {
		if ((s->reach[up] & REACH_PART) != 0) {
			break;
		}
		s->reach[up] |= REACH_PART;
	}
	*nfound += 1;
}

static void reach_part(struct search *s, uint32_t row, void *user) {
	size_t *nfound = user;

	s->reach[row] |= REACH_PART;
	*nfound += 1;
}

/* Rows come after their directory: one pass hands down what holds for a subtree. */
static void spread_reach(struct search *s) {
	for (uint32_t row = 1; row < tree_nrows(s->tree); row++) {
		s->reach[row] |= s->reach[tree_parent(s->tree, row)] & REACH_ALL;
	}
}

static enum tng_code reach_context(
		struct search *s, const struct build_sources *sources, struct tng_error *err) {
	const struct context_use *use = &sources->contexts[DOCKERFILE_MAIN_CONTEXT];
	struct str *includes;
	size_t n, nfound = 0;

	if (!use->is_used) {
		return TNG_OK;
	}
	if (use->is_whole) {
		s->reach[0] |= REACH_ALL;
		return TNG_OK;
	}
	enum tng_code code = follow_links(
			s->a, s->tree, use->follow_paths, use->nfollow_paths, &includes, &n, err);
	if (code == TNG_ELIMIT || (code == TNG_OK && n == 0)) {
		s->reach[0] |= REACH_ALL;
		return TNG_OK;
	}
	for (size_t i = 0; code == TNG_OK && i < n; i++) {
		rows_each(s, includes[i], reach_row, &nfound);
	}
	return code;
}

bool build_may_ask_for(const struct build_sources *sources, struct str name) {
	const struct context_use *use = &sources->contexts[DOCKERFILE_MAIN_CONTEXT];
	bool may = use->is_used && (use->is_whole || use->nfollow_paths == 0);

	for (size_t i = 0; i < sources->nsources && !may; i++) {
		may = sources->sources[i].is_unknowable &&
				sources->sources[i].context == DOCKERFILE_MAIN_CONTEXT;
	}
	for (size_t i = 0; use->is_used && i < use->nfollow_paths && !may; i++) {
		struct str head, rest;
		(void)str_cut(use->follow_paths[i], '/', &head, &rest);
		may = str_eq(head, STR(".")) || str_eq(head, name) ||
				gomatch(head, name) == GOMATCH_YES;
	}
	return may;
}

/* ---- names ---- */

/* The way to what is not there yet: a directory of it may lose what else is in it, and must not go itself. */
static void mark_way(struct search *s, const struct source *source, struct str file) {
	struct origin at = { file, source->line, true };
	struct mark_how how = { NEED_KEEP, NEED_GUARD_COPIED, false,
		"what is copied from it is not there yet", STR("") };
	size_t nfound = 0;

	for (struct str dir = path_dir(source->path); !str_eq(dir, STR(".")) && dir.len > 0;
			dir = path_dir(dir)) {
		rows_each(s, dir, reach_part, &nfound);
		(void)mark_path(s, STR("."), dir, &at, &how);
	}
}

static void add_absent(struct search *s, const struct source *source, struct str file) {
	struct absent_source *absent = VEC_PUSH(&s->absent);

	if (absent == NULL) {
		s->failed = true;
		return;
	}
	*absent = (struct absent_source){ source->path, source->is_wildcard, file, source->line };
	mark_way(s, source, file);
}

/* The directory part that is certain of a path that hangs on a variable: "a/b/${X}.sh" gives "a/b". */
static struct str certain_part(struct str written) {
	struct str head = str_take(written, str_find(written, '$'));
	size_t slash = str_find_last(head, '/');

	while (head.len > 0 && (head.ptr[0] == '/' || str_starts(head, STR("./")))) {
		head = str_skip(head, head.ptr[0] == '/' ? 1 : 2);
		slash = str_find_last(head, '/');
	}
	return slash < head.len ? str_take(head, slash) : STR("");
}

static const char *const verbs[] = {
	[SOURCE_COPY] = "named by COPY",
	[SOURCE_ADD] = "named by ADD",
	[SOURCE_BIND] = "mounted by RUN",
	[SOURCE_TMPFS] = "named by a mount",
	[SOURCE_REMOTE] = "",
};

static void name_source(struct search *s, const struct source *source, struct str file) {
	struct origin at = { file, source->line, true };
	struct mark_how how = { NEED_KEEP, NEED_GUARD_COPIED, false, verbs[source->kind], STR("") };
	struct str path = source->path;

	if (source->is_unknowable) {
		struct str part = certain_part(source->written);
		how.kind = NEED_ASK;
		how.spreads = true;
		how.why = "a source in it hangs on a variable";
		if (part.len > 0) {
			(void)mark_path(s, STR("."), part, &at, &how);
		}
		return;
	}
	while (str_eq(path_base(path), STR("*"))) {
		path = path_dir(path);
	}
	if (!mark_path(s, STR("."), path, &at, &how)) {
		add_absent(s, source, file);
	}
}

enum tng_code references_reach(struct search *s, struct tng_error *err) {
	for (size_t i = 0; i < s->in->nbuilds; i++) {
		const struct build_sources *sources = s->in->builds[i].sources;
		if (sources == NULL) {
			s->reach[0] |= REACH_ALL;
			s->refs->is_opaque = true;
			continue;
		}
		s->refs->has_builds = true;
		enum tng_code code = reach_context(s, sources, err);
		if (code != TNG_OK) {
			return code;
		}
		for (size_t j = 0; j < sources->nsources; j++) {
			const struct source *source = &sources->sources[j];
			if (source->context == DOCKERFILE_MAIN_CONTEXT &&
					source->kind != SOURCE_REMOTE) {
				s->reach[0] |= source->is_unknowable ? REACH_ALL : 0;
				name_source(s, source, s->in->builds[i].path);
			}
		}
	}
	if (s->in->nbuilds == 0) {
		s->reach[0] |= REACH_ALL;
	}
	spread_reach(s);
	return TNG_OK;
}

/*
 * Why one path is in or out. The builder's walk is done again for this path alone:
 *
 *   a ─▶ a/b ─▶ a/b/c      each level tries each pattern that could still change the verdict; what
 *                          matched counts on all levels below (ignore-semantics 4.2)
 *
 * and what each pattern did on the way is kept. A path that is not on disk is walked in a tree that has
 * only it.
 */
#include "analysis/internal.h"

struct explainer {
	struct arena *arena;
	const struct analysis *an;
	const struct build *build;
	struct explanation *e;
	struct ignore_scratch *scratch; /* NULL: no patterns */
	uint32_t depth;                 /* components that the builder's walk gets to see */
};

/* What one pattern did on the way down. */
struct trail {
	struct str matched; /* empty: nothing so far */
	bool counts;
	enum trace_effect effect;
};

/* The first `depth` components. */
static struct str prefix_of(struct str path, uint32_t depth) {
	for (size_t i = 0; i < path.len; i++) {
		if (path.ptr[i] == '/' && --depth == 0) {
			return str_take(path, i);
		}
	}
	return path;
}

static uint32_t depth_of(struct str path) {
	uint32_t depth = 1;

	for (size_t i = 0; i < path.len; i++) {
		depth += path.ptr[i] == '/';
	}
	return depth;
}

static uint32_t npatterns(const struct build *build) {
	return build->patterns != NULL ? ignore_npatterns(build->patterns) : 0;
}

/* ---- the walk, pattern by pattern */

/* One pattern on one level. A pattern that is skipped is tried all the same, for the user to see; the
 * builder does not, so an error is none. */
static enum tng_code try_pattern(struct explainer *x, uint32_t i, struct str prefix, bool excluded,
		struct trail *t, struct tng_error *err) {
	bool is_exception = ignore_pattern(x->build->patterns, i)->is_exception;
	bool skipped = is_exception != excluded, matches = false;

	if (t->counts) {
		return TNG_OK;
	}
	enum tng_code code = ignore_pattern_matches(
			x->scratch, i, prefix, &matches, skipped ? NULL : err);
	if (skipped) {
		if (code == TNG_OK && matches && t->matched.len == 0) {
			*t = (struct trail){ .matched = prefix, .effect = TRACE_SKIPPED };
		}
		return TNG_OK;
	}
	if (code == TNG_OK && matches) {
		*t = (struct trail){ .matched = prefix, .counts = true };
	}
	return code;
}

/* A pattern that counts, in its turn on the last level. */
static void count_pattern(struct explainer *x, uint32_t i, struct trail *t) {
	bool excludes = !ignore_pattern(x->build->patterns, i)->is_exception;

	t->effect = x->e->verdict.excluded != excludes ? TRACE_CHANGED : TRACE_CONFIRMED;
	x->e->verdict = (struct verdict){ .excluded = excludes, .pattern = i };
}

static enum tng_code walk_docker(struct explainer *x, struct trail *trails, struct tng_error *err) {
	uint32_t n = npatterns(x->build);
	enum tng_code code = TNG_OK;

	for (uint32_t depth = 1; depth <= x->depth; depth++) {
		struct str prefix = prefix_of(x->e->path, depth);
		x->e->verdict = (struct verdict){ .pattern = IGNORE_NO_PATTERN };
		for (uint32_t i = 0; i < n && code == TNG_OK; i++) {
			code = try_pattern(x, i, prefix, x->e->verdict.excluded, &trails[i], err);
			if (trails[i].counts) {
				count_pattern(x, i, &trails[i]);
			}
		}
	}
	return code;
}

/* Every pattern is tried against the path; the last one that matches decides (ignore-semantics 3.9). */
static enum tng_code walk_buildah(
		struct explainer *x, struct trail *trails, struct tng_error *err) {
	uint32_t n = npatterns(x->build);
	struct str path = prefix_of(x->e->path, x->depth);

	for (uint32_t i = 0; i < n; i++) {
		bool matches = false, above = false;
		enum tng_code code = ignore_pattern_matches(x->scratch, i, path, &matches, err);
		if (code != TNG_OK) {
			return code;
		}
		for (uint32_t depth = 1; matches && !above; depth++) {
			trails[i].matched = prefix_of(path, depth);
			if (ignore_pattern_matches(x->scratch, i, trails[i].matched, &above,
					    NULL) != TNG_OK) {
				above = true;
			}
		}
		if (matches) {
			trails[i].counts = true;
			count_pattern(x, i, &trails[i]);
		}
	}
	return TNG_OK;
}

/* Patterns that match only where the builder's walk does not get to. */
static void look_below(struct explainer *x, struct trail *trails) {
	uint32_t n = npatterns(x->build), all = depth_of(x->e->path);

	for (uint32_t depth = x->depth + 1; depth <= all; depth++) {
		struct str prefix = prefix_of(x->e->path, depth);
		for (uint32_t i = 0; i < n; i++) {
			bool matches = false;
			if (trails[i].matched.len == 0 &&
					ignore_pattern_matches(x->scratch, i, prefix, &matches,
							NULL) == TNG_OK &&
					matches) {
				trails[i] = (struct trail){ prefix, false, TRACE_UNREACHED };
			}
		}
	}
}

static enum tng_code keep_trace(
		struct explainer *x, const struct trail *trails, struct tng_error *err) {
	uint32_t n = npatterns(x->build);
	struct trace_step *steps = arena_new(x->arena, struct trace_step, n);

	if (steps == NULL) {
		return error_nomem(err);
	}
	x->e->trace = steps;
	for (uint32_t i = 0; i < n; i++) {
		if (trails[i].matched.len > 0) {
			enum trace_effect effect = i == x->e->verdict.pattern ? TRACE_DECIDED
									      : trails[i].effect;
			steps[x->e->ntrace++] = (struct trace_step){ i, trails[i].matched, effect };
		}
	}
	return TNG_OK;
}

static enum tng_code trace(struct explainer *x, struct tng_error *err) {
	struct trail *trails = arena_new(x->arena, struct trail, npatterns(x->build));
	bool is_buildah = ignore_dialect_of(x->build->context.engine) == IGNORE_BUILDAH;

	if (trails == NULL) {
		return error_nomem(err);
	}
	enum tng_code code =
			is_buildah ? walk_buildah(x, trails, err) : walk_docker(x, trails, err);
	if (code == TNG_OK) {
		look_below(x, trails);
		code = keep_trace(x, trails, err);
	}
	if (code == TNG_OK) {
		code = ignore_decide_whole_path(x->scratch, x->e->path, &x->e->whole_path, err);
	}
	return code;
}

/* ---- fates */

/* The fate of a row, and where the builder's walk stops on the way to it. */
static struct lone_fate fate_of(
		const struct tree *tree, const struct transfer_plan *plan, uint32_t row) {
	struct lone_fate f = { plan->fate[row], tree_depth(tree, row), plan->decider[row] };

	for (uint32_t up = row; f.fate == FATE_PRUNED && plan->fate[up] == FATE_PRUNED;) {
		up = tree_parent(tree, up);
		f.depth = tree_depth(tree, up);
	}
	return f;
}

enum tng_code explain_lone_fate(const struct build *build, const struct ignore_set *patterns,
		struct str path, bool is_dir, struct lone_fate *out, struct tng_error *err) {
	const struct tree_item item = {
		.path = path,
		.type = is_dir ? ENTRY_DIR : ENTRY_FILE,
	};
	struct transfer_request request = build_transfer_request(build);
	struct arena *a = arena_create();
	struct tree *tree = NULL;
	struct transfer_plan plan;
	enum tng_code code = a != NULL ? tree_from_items(&item, 1, &tree, err) : error_nomem(err);

	if (code == TNG_OK) {
		code = transfer_plan(a, tree, patterns, &request, &plan, err);
	}
	if (code == TNG_OK) {
		*out = fate_of(tree, &plan, tree_find(tree, path));
	}
	tree_destroy(tree);
	arena_destroy(a);
	return code;
}

enum tng_code explain_with_line(const struct build *build, struct str line, struct ignore_set **out,
		struct tng_error *err) {
	struct transfer_request request = build_transfer_request(build);
	struct str text = build->context.ignore_text;
	struct buf b = { 0 };

	buf_append(&b, text);
	buf_append(&b, text.len > 0 && !str_ends(text, STR("\n")) ? STR("\n") : STR(""));
	buf_append(&b, line);
	buf_putc(&b, '\n');
	enum tng_code code = buf_failed(&b) ? error_nomem(err)
					    : transfer_patterns(buf_str(&b), &request, out, err);
	buf_fini(&b);
	return code;
}

static enum tng_code find_place(struct explainer *x, uint32_t row, bool is_dir,
		struct lone_fate *fate, struct tng_error *err) {
	struct explanation *e = x->e;

	e->on_disk = row != TREE_NO_ROW;
	e->is_dir = e->on_disk ? entry_is_dir(tree_entry(x->an->tree, row)) : is_dir;
	if (e->on_disk) {
		*fate = fate_of(x->an->tree, &x->build->plan, row);
		return TNG_OK;
	}
	return explain_lone_fate(x->build, x->build->patterns, e->path, is_dir, fate, err);
}

/* What the Dockerfile makes of a path that is let through. Classic sends it all the same. */
static enum fate requested_fate(const struct explainer *x, uint32_t row, uint8_t fate) {
	if (!fate_is_sent(fate) || !x->build->has_requested ||
			x->build->context.engine == TNG_ENGINE_CLASSIC) {
		return (enum fate)fate;
	}
	if (row != TREE_NO_ROW) {
		return (enum fate)x->build->requested.fate[row];
	}
	for (size_t i = 0; i < x->e->nrequests; i++) {
		if (!x->e->requests[i].only_below) {
			return FATE_SENT;
		}
	}
	return FATE_UNASKED;
}

/* ---- who asks for it */

/* Whether the include patterns of a source take in the path, or something below it. */
static enum tng_code test_includes(const struct str *includes, size_t n, struct str path,
		struct path_request *out, bool *asks, struct tng_error *err) {
	struct verdict verdict = { .pattern = IGNORE_NO_PATTERN };
	struct ignore_set *set = NULL;
	struct ignore_scratch *scratch = NULL;
	enum tng_code code = ignore_from_patterns(includes, n, &set, err);

	if (code == TNG_OK) {
		scratch = ignore_scratch_create(set);
		code = scratch != NULL ? ignore_decide_path(scratch, path, &verdict, err)
				       : error_nomem(err);
	}
	*asks = verdict.excluded; /* the matcher's word for "a pattern matched" */
	for (size_t i = 0; !*asks && i < n; i++) {
		out->only_below |= path_is_below(includes[i], path);
	}
	*asks |= out->only_below;
	ignore_scratch_destroy(scratch);
	ignore_destroy(set);
	return code;
}

static enum tng_code test_source(struct explainer *x, const struct source *source,
		struct path_request *out, bool *asks, struct tng_error *err) {
	struct str *includes;
	size_t n;

	*out = (struct path_request){ .source = source };
	enum tng_code code =
			follow_links(x->arena, x->an->tree, &source->path, 1, &includes, &n, err);
	if (code != TNG_OK || n == 0) {
		*asks = code == TNG_OK; /* no filter: all of it */
		return code;
	}
	return test_includes(includes, n, x->e->path, out, asks, err);
}

/* A directory comes with what a wildcard finds in it: only the source's own plan tells. */
static enum tng_code test_parent(struct explainer *x, uint32_t row, const struct source *source,
		struct path_request *out, bool *asks, struct tng_error *err) {
	struct transfer_plan plan;

	if (row == TREE_NO_ROW || !x->e->is_dir || !source->is_wildcard) {
		return TNG_OK;
	}
	enum tng_code code = plan_paths(x->arena, x->an, x->build, &source->path, 1, &plan, err);
	if (code == TNG_OK) {
		*asks = out->only_below = fate_is_sent(plan.fate[row]);
	}
	return code;
}

static enum tng_code find_requests(struct explainer *x, uint32_t row, struct tng_error *err) {
	size_t n = x->build->has_requested ? x->build->sources->nsources : 0;
	struct path_request *requests = arena_new(x->arena, struct path_request, n);
	enum tng_code code = requests != NULL ? TNG_OK : error_nomem(err);

	x->e->requests = requests;
	for (size_t i = 0; i < n && code == TNG_OK; i++) {
		const struct source *source = &x->build->sources->sources[i];
		bool asks = false;
		if (source->context != DOCKERFILE_MAIN_CONTEXT || source->kind == SOURCE_REMOTE) {
			continue;
		}
		code = test_source(x, source, &requests[x->e->nrequests], &asks, err);
		if (code == TNG_OK && !asks) {
			code = test_parent(x, row, source, &requests[x->e->nrequests], &asks, err);
		}
		x->e->nrequests += asks;
		x->e->maybe_asked |= source->is_unknowable && !asks;
	}
	return code;
}

/* A directory that is not asked for is asked for no more because something in it would be, were it there. */
static void drop_below(struct explanation *e) {
	size_t n = 0;

	for (size_t i = 0; i < e->nrequests; i++) {
		if (!e->requests[i].only_below) {
			e->requests[n++] = e->requests[i];
		}
	}
	e->nrequests = n;
}

static bool holds_secret(const struct analysis *an, uint32_t row) {
	bool found = false;

	if (row == TREE_NO_ROW || !an->has_classes) {
		return false;
	}
	for (uint32_t end = tree_end(an->tree, row); row < end && !found; row++) {
		const struct class_mark *mark = &an->classes.marks[row];
		found = mark->klass == CLASS_SECRET && mark->advice != ADVICE_KEEP;
	}
	return found;
}

/* ---- links */

/* The path with the link replaced by what it names, from the context's root on where that is absolute; empty:
 * there is no such path in the context. */
static struct str behind_link(
		struct explainer *x, struct str link, struct str target, struct str rest) {
	bool is_rooted = str_starts(target, STR("/"));
	struct str way = is_rooted ? str_skip(target, 1)
				   : path_join(x->arena, path_dir(link), target);
	struct str joined = way.ptr != NULL ? path_join(x->arena, way, rest) : way;
	struct str clean = joined.ptr != NULL ? path_clean(x->arena, joined) : joined;

	if (clean.ptr == NULL) {
		return clean;
	}
	bool is_outside = str_eq(clean, STR("..")) || str_starts(clean, STR("../")) ||
			(is_rooted && tree_find(x->an->tree, clean) == TREE_NO_ROW);
	return is_outside ? STR("") : clean;
}

/* A path that is not on disk may go through a link. */
static enum tng_code find_link(struct explainer *x, struct tng_error *err) {
	const struct tree *tree = x->an->tree;
	struct explanation *e = x->e;
	uint32_t all = depth_of(e->path);

	for (uint32_t depth = 1; depth < all; depth++) {
		struct str prefix = prefix_of(e->path, depth);
		uint32_t row = tree_find(tree, prefix);
		if (row == TREE_NO_ROW || entry_is_dir(tree_entry(tree, row))) {
			continue;
		}
		if (entry_type(tree_entry(tree, row)) == ENTRY_SYMLINK) {
			e->link = prefix;
			e->link_target = tree_link_target(tree, row);
			e->behind = behind_link(x, prefix, e->link_target,
					str_skip(e->path, prefix.len + 1));
		}
		break;
	}
	return e->link.len == 0 || e->behind.ptr != NULL ? TNG_OK : error_nomem(err);
}

/* ---- all of it */

static enum tng_code explain(struct explainer *x, bool is_dir, struct tng_error *err) {
	struct explanation *e = x->e;
	uint32_t row = tree_find(x->an->tree, e->path);
	struct lone_fate fate;
	enum tng_code code = find_place(x, row, is_dir, &fate, err);

	if (code != TNG_OK) {
		return code;
	}
	if (!e->on_disk) {
		code = find_link(x, err);
		if (code != TNG_OK) {
			return code;
		}
	}
	x->depth = fate.depth;
	if (fate.fate == FATE_PRUNED) {
		e->not_entered = prefix_of(e->path, fate.depth);
	}
	if (x->scratch != NULL) {
		code = trace(x, err);
	}
	if (code == TNG_OK) {
		code = find_requests(x, row, err);
	}
	if (code != TNG_OK) {
		return code;
	}
	e->fate = requested_fate(x, row, fate.fate);
	if (e->fate == FATE_UNASKED) {
		drop_below(e);
	}
	e->comes_empty = x->build->context.engine == TNG_ENGINE_BUILDKIT && e->fate == FATE_SENT &&
			!e->is_dir && e->whole_path.excluded &&
			(row == TREE_NO_ROW || entry_is_file(tree_entry(x->an->tree, row)));
	e->is_secret = holds_secret(x->an, row);
	code = explain_git(x->arena, x->build, e, err);
	return code == TNG_OK ? explain_next(x->arena, x->build, e, err) : code;
}

enum tng_code analysis_explain(struct arena *a, const struct analysis *an,
		const struct build *build, struct str path, bool is_dir, struct explanation *out,
		struct tng_error *err) {
	struct explainer x = { .arena = a, .an = an, .build = build, .e = out };
	enum tng_code code = TNG_OK;

	*out = (struct explanation){
		.path = path,
		.verdict = { .pattern = IGNORE_NO_PATTERN },
		.whole_path = { .pattern = IGNORE_NO_PATTERN },
		.git = { .pattern = IGNORE_NO_PATTERN },
	};
	if (npatterns(build) > 0) {
		x.scratch = ignore_scratch_create(build->patterns);
		code = x.scratch != NULL ? TNG_OK : error_nomem(err);
	}
	if (code == TNG_OK) {
		code = explain(&x, is_dir, err);
	}
	ignore_scratch_destroy(x.scratch);
	return code;
}

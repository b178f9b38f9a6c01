/*
 * What each source of each instruction asks for. Most name a place without a wildcard or a link on the
 * way: that is one directory's sum. The others get a plan of their own.
 */
#include "analysis/internal.h"
#include "util/buf.h"
#include "util/gomatch.h"

static void count(struct weight *w, const struct entry *entry) {
	w->nentries++;
	w->nfiles += entry_is_file(entry);
	w->ndirs += entry_is_dir(entry);
	w->nsymlinks += entry_type(entry) == ENTRY_SYMLINK;
}

/* Everything sent of a subtree, its top included. */
static void weigh_subtree(const struct analysis *an, const struct build *build, uint32_t top,
		struct weight *w) {
	uint32_t end = tree_end(an->tree, top);

	for (uint32_t row = top; row < end; row++) {
		if (!fate_is_sent(build->plan.fate[row])) {
			continue;
		}
		const struct entry *entry = tree_entry(an->tree, row);
		count(w, entry);
		w->bytes += transfer_bytes(&build->plan, an->tree, row, true);
		w->allocated += entry_is_file(entry) ? tree_allocated(an->tree, row) : 0;
	}
}

/* What an earlier build with the same plan has of this path; NULL: nothing. */
static const struct source_weight *find_same_source(
		const struct analysis *an, const struct build *build, const struct source *source) {
	for (const struct build *b = an->builds; b < build; b++) {
		size_t n = b->source_weights != NULL && b->plan.fate == build->plan.fate
				? b->sources->nsources
				: 0;
		for (size_t i = 0; i < n; i++) {
			const struct source *s = &b->sources->sources[i];
			if (s->kind != SOURCE_REMOTE && s->context == DOCKERFILE_MAIN_CONTEXT &&
					str_eq(s->path, source->path)) {
				return &b->source_weights[i];
			}
		}
	}
	return NULL;
}

/* An entry below a directory that is sent and that the rest of a wildcard takes; TREE_NO_ROW: none. */
static uint32_t find_sent(const struct analysis *an, const struct build *build, uint32_t dir,
		struct str path) {
	struct str head, rest;
	bool is_last = !str_cut(path, '/', &head, &rest);
	uint32_t found = TREE_NO_ROW, end = tree_end(an->tree, dir);

	for (uint32_t row = dir + 1; row < end && found == TREE_NO_ROW;
			row = tree_end(an->tree, row)) {
		const struct entry *entry = tree_entry(an->tree, row);
		if (!fate_is_sent(build->plan.fate[row]) ||
				gomatch(head, tree_name(an->tree, entry)) != GOMATCH_YES) {
			continue;
		}
		if (is_last) {
			found = row;
		} else if (entry_is_dir(entry)) {
			found = find_sent(an, build, row, rest);
		}
	}
	return found;
}

/* Of a build that was found, only whether a wildcard gets anything is asked: one entry says so. */
static bool weigh_quickly(const struct analysis *an, const struct build *build,
		const struct source *source, struct source_weight *w) {
	uint32_t row = build->found != NULL && source->is_wildcard
			? find_sent(an, build, 0, source->path)
			: TREE_NO_ROW;

	if (row != TREE_NO_ROW) {
		count(&w->asked, tree_entry(an->tree, row));
		w->asked.bytes = transfer_bytes(&build->plan, an->tree, row, true);
	}
	return row != TREE_NO_ROW;
}

static enum tng_code weigh_source(struct analysis *an, const struct build *build,
		struct source_weight *w, struct tng_error *err) {
	const struct source *source = w->source;
	struct transfer_plan plan;

	if (source->kind == SOURCE_REMOTE || source->context != DOCKERFILE_MAIN_CONTEXT) {
		return TNG_OK;
	}
	if (str_eq(source->path, STR("."))) {
		w->is_whole = true;
		w->asked = build->plan.eligible;
		return TNG_OK;
	}
	const struct source_weight *same = find_same_source(an, build, source);
	if (same != NULL) {
		w->asked = same->asked;
		w->is_whole = same->is_whole;
		return TNG_OK;
	}
	if (weigh_quickly(an, build, source, w)) {
		return TNG_OK;
	}
	uint32_t row = follow_plain(an->tree, source->path);
	if (row != TREE_NO_ROW) {
		weigh_subtree(an, build, row, &w->asked);
		return TNG_OK;
	}
	struct tng_error bad = { 0 };
	enum tng_code code = plan_paths(an->arena, an, build, &source->path, 1, &plan, &bad);
	if (code == TNG_ESYNTAX) {
		/* no pattern, but asked for as a part of the whole: then COPY takes it by its name */
		row = source->is_wildcard ? TREE_NO_ROW : tree_find(an->tree, source->path);
		if (row != TREE_NO_ROW) {
			weigh_subtree(an, build, row, &w->asked);
		}
		return TNG_OK;
	}
	if (code != TNG_OK) {
		return error_pass(err, &bad);
	}
	w->asked = plan.eligible;
	w->is_whole = plan.fate == build->plan.fate;
	return TNG_OK;
}

enum tng_code build_weigh_sources(struct analysis *an, struct build *build, struct tng_error *err) {
	size_t n = build->sources->nsources;
	struct source_weight *weights = arena_new(an->arena, struct source_weight, n);
	enum tng_code code = weights != NULL ? TNG_OK : error_nomem(err);

	for (size_t i = 0; i < n && code == TNG_OK; i++) {
		weights[i].source = &build->sources->sources[i];
		code = weigh_source(an, build, &weights[i], err);
	}
	build->source_weights = weights;
	return code;
}

static enum tng_code no_such_line(const struct build *build, uint32_t line, struct tng_error *err) {
	struct buf lines = { 0 };
	uint32_t last = 0;

	for (size_t i = 0; i < build->sources->nsources; i++) {
		const struct source *s = &build->sources->sources[i];
		if (s->context == DOCKERFILE_MAIN_CONTEXT && s->kind != SOURCE_REMOTE &&
				s->line != last && lines.len < 80) {
			buf_printf(&lines, "%s%u", lines.len > 0 ? ", " : "", s->line);
			last = s->line;
		}
	}
	error_set_where(err, build->context.dockerfile);
	enum tng_code code = error_set(err, TNG_EINVAL,
			"no instruction of a reached stage on line %u reads the context; these do: "
			"%.*s",
			line, STR_FMT(lines.len > 0 ? buf_str(&lines) : STR("none")));
	buf_fini(&lines);
	return code;
}

/* Any line of an instruction names it: the line it starts on. */
static uint32_t start_of(const struct build *build, uint32_t line) {
	for (size_t i = 0; i < build->dockerfile->ninstructions; i++) {
		const struct instruction *in = &build->dockerfile->instructions[i];
		if (in->line <= line && line <= in->end_line) {
			return in->line;
		}
	}
	return line;
}

enum tng_code analysis_plan_line(struct arena *a, const struct analysis *an,
		const struct build *build, uint32_t line, struct transfer_plan *out,
		struct tng_error *err) {
	if (!build->has_requested) {
		return error_set(err, TNG_EINVAL, "what the Dockerfile asks for is unknown");
	}
	struct str *paths = arena_new(a, struct str, build->sources->nsources);
	uint32_t start = start_of(build, line);
	size_t n = 0;

	if (paths == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < build->sources->nsources; i++) {
		const struct source *s = &build->sources->sources[i];
		if (s->line == start && s->context == DOCKERFILE_MAIN_CONTEXT &&
				s->kind != SOURCE_REMOTE) {
			paths[n++] = s->path;
		}
	}
	return n > 0 ? plan_paths(a, an, build, paths, n, out, err)
		     : no_such_line(build, line, err);
}

/*
 * Sources that are not there: misspelt, looked for in the wrong place, or made before the build; and what the
 * ignore file will do to them then.
 */
#include "check/internal.h"

#include "util/gomatch.h"
#include "util/nearest.h"

/* Whether an exception may bring something back of a directory that is left out. */
static bool may_come_back(const struct ignore_set *set, struct str path) {
	uint32_t n = ignore_npatterns(set);

	for (uint32_t i = 0; i < n; i++) {
		const struct ignore_pattern *p = ignore_pattern(set, i);
		if (p->is_exception &&
				(gomatch_has_wildcard(p->text) || path_is_below(p->text, path))) {
			return true;
		}
	}
	return false;
}

/* The line that would exclude a source as soon as it is there; NULL: none would for sure. */
static const struct ignore_pattern *line_against(struct checker *c, const struct source *s) {
	const struct ignore_set *set = c->build->patterns;
	struct verdict verdict = { 0 };

	if (set == NULL || s->is_wildcard || may_come_back(set, s->path)) {
		return NULL;
	}
	struct ignore_scratch *scratch = ignore_scratch_create(set);
	enum tng_code code = scratch != NULL ? ignore_decide_path(scratch, s->path, &verdict, NULL)
					     : TNG_ENOMEM;
	ignore_scratch_destroy(scratch);
	check_code(c, code);
	return code == TNG_OK && verdict.excluded ? ignore_pattern(set, verdict.pattern) : NULL;
}

/* "*", "**" and the like, with which an allow-list begins: it means no source in particular. */
static bool takes_everything(const struct ignore_pattern *p) {
	for (size_t i = 0; i < p->text.len; i++) {
		if (p->text.ptr[i] != '*' && p->text.ptr[i] != '/') {
			return false;
		}
	}
	return true;
}

/* Whoever follows the advice to make it gets no further. */
static void tell_ignored_absent(struct checker *c, const struct source *s, uint32_t number) {
	struct str ignore_file = c->build->context->ignore_path;
	struct str line = str_trim(check_line(c->build->context->ignore_text, number));

	check_at_source(c, RULE_SOURCE_IGNORED, CHECK_WARNING, s,
			check_text(c,
					"%s finds nothing: \"%.*s\" is not in the context, and "
					"line "
					"%u of %.*s, \"%.*s\", would exclude it; the build stops "
					"here",
					check_verb(s), STR_FMT(str_take(s->path, 120)), number,
					STR_FMT(ignore_file), STR_FMT(str_take(line, 80))))
			->fix = check_text(c,
			"put !%.*s behind line %u of %.*s, and make it before "
			"the build",
			STR_FMT(s->path), number, STR_FMT(ignore_file));
}

/* ---- what to do about it */

static bool leads_out(struct str written) {
	while (str_starts(written, STR("./"))) {
		written = str_skip(written, 2);
	}
	return str_starts(written, STR("../"));
}

/* The file that is meant, where paths are taken to start at the Dockerfile; empty: there is none. */
static struct str beside_dockerfile(struct checker *c, const struct source *s) {
	const struct context *ctx = c->build->context;
	struct str dir = path_dir(ctx->dockerfile);

	if (c->build->is_guess || !ctx->dockerfile_is_inside || str_eq(dir, STR("."))) {
		return STR("");
	}
	struct str path = path_join(c->arena, dir, s->path);
	c->failed |= path.ptr == NULL;
	return path.ptr != NULL && tree_find(c->in->tree, path) != TREE_NO_ROW ? path : STR("");
}

/* A path that is there and differs in the letters of one component. */
struct likeness {
	struct str path; /* empty: there is none */
	bool is_case;    /* in upper and lower case alone */
};

static struct nearest near_name(const struct tree *tree, uint32_t dir, struct str name) {
	struct nearest near = nearest_to(name);

	for (uint32_t row = dir + 1; row < tree_end(tree, dir); row = tree_end(tree, row)) {
		nearest_offer(&near, tree_name(tree, tree_entry(tree, row)));
	}
	return near;
}

static struct likeness find_likeness(struct checker *c, struct str path) {
	const struct tree *tree = c->in->tree;
	struct str rest = path, part;
	uint32_t dir = 0;

	for (bool more = true; more;) {
		more = str_cut(rest, '/', &part, &rest);
		uint32_t row = entry_is_dir(tree_entry(tree, dir))
				? tree_child(tree, (uint32_t)tree_entry(tree, dir)->size, part)
				: TREE_NO_ROW;
		if (row != TREE_NO_ROW) {
			dir = row;
			continue;
		}
		struct nearest near = near_name(tree, dir, part);
		struct str likely = check_text(c, "%.*s%.*s%s%.*s",
				STR_FMT(str_take(path, (size_t)(part.ptr - path.ptr))),
				STR_FMT(near.word), more ? "/" : "",
				STR_FMT(more ? rest : STR("")));
		bool is_there = near.word.len > 0 && tree_find(tree, likely) != TREE_NO_ROW;
		return (struct likeness){ is_there ? likely : STR(""), near.distance == 0 };
	}
	return (struct likeness){ .path = STR("") };
}

/* What else may be meant. */
struct clue {
	bool leads_out;
	struct str beside; /* the path from the context on, of a file beside the Dockerfile; empty: there is none */
	struct likeness like;
};

static struct clue find_clue(struct checker *c, const struct source *s) {
	return (struct clue){
		.leads_out = leads_out(s->written),
		.beside = beside_dockerfile(c, s),
		.like = s->is_wildcard ? (struct likeness){ .path = STR("") }
				       : find_likeness(c, s->path),
	};
}

static struct str advice_of(struct checker *c, const struct clue *clue, bool is_made) {
	const struct likeness *like = &clue->like;

	if (clue->leads_out) {
		return STR("build from the folder above, or give that folder a name with "
			   "--build-context: \"..\" does not lead out of the context");
	}
	if (clue->beside.len > 0) {
		return check_text(c,
				"write %.*s: paths start at the context, not at the Dockerfile",
				STR_FMT(str_take(clue->beside, 120)));
	}
	if (is_made) {
		return STR("make it before the build");
	}
	if (like->path.len > 0) {
		return check_text(c, "%s%.*s%s",
				like->is_case ? "upper and lower case differ: write "
					      : "correct the name (is it ",
				STR_FMT(str_take(like->path, 120)),
				like->is_case ? "" : "?), or make it before the build");
	}
	return STR("correct the name, or make it before the build");
}

/* Whether something else is meant, as far as can be seen. */
static bool is_mistaken(const struct clue *clue) {
	return clue->leads_out || clue->beside.len > 0 ||
			(clue->like.path.len > 0 && clue->like.is_case);
}

/* What git ignores is made, and no fault of who has not made it yet. */
void check_missing(struct checker *c, const struct source *s) {
	const struct ignore_pattern *line = line_against(c, s);
	struct clue clue = find_clue(c, s);

	if (line != NULL && line->line > 0 && !takes_everything(line) && !is_mistaken(&clue)) {
		tell_ignored_absent(c, s, line->line);
		return;
	}
	bool is_made = check_is_git_ignored(c, s->path);
	const char *end = is_made
			? (s->is_wildcard ? "; .gitignore has it, so it may be made before"
					  : "; .gitignore has it, so it may be made before, "
					    "else the build stops here")
			: s->is_wildcard ? ""
					 : "; the build stops here";
	struct str advice = advice_of(c, &clue, is_made);
	struct check_finding *f = check_at_source(c, RULE_SOURCE_MISSING,
			s->is_wildcard || is_made ? CHECK_NOTE : CHECK_OFF, s,
			check_text(c, "%s finds nothing: \"%.*s\" is not in the context%s",
					check_verb(s), STR_FMT(str_take(s->path, 120)), end));
	f->fix = line != NULL && line->line > 0 && !is_mistaken(&clue)
			? check_text(c, "%.*s; and put !%.*s behind line %u of %.*s",
					  STR_FMT(advice), STR_FMT(str_take(s->path, 120)),
					  line->line, STR_FMT(c->build->context->ignore_path))
			: advice;
}

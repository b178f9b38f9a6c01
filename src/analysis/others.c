/*
 * The other builds of the context: what compose files, bake files, workflows, Makefiles and the names of
 * Dockerfiles tell of, beside the build that was asked for.
 *
 *   builds_find ─▶ of this context ─▶ read ─▶ known already? ─▶ weighed, with what earlier ones have
 *
 * A build is known when an earlier one has its Dockerfile and its stage and reads the same. One that shares
 * its ignore file with an earlier one shares patterns and plan; one that asks for the same, that plan, too.
 */
#include "analysis/internal.h"
#include "util/path.h"

#include <stdio.h>

/* More are not looked at: each may cost a plan. */
#define OTHERS_MAX 64U

struct others {
	struct analysis *an;
	const struct analysis_request *request;
	struct finding_list *findings;
	size_t nleft_out;
};

/* ---- which */

/* "Dockerfile.j2": what a Dockerfile is made from. */
static bool is_template(struct str path) {
	static const char *const ends[] = { ".erb", ".gotmpl", ".in", ".j2", ".jinja", ".jinja2",
		".m4", ".mustache", ".template", ".tmpl", ".tpl" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (str_ends(path, str_from(ends[i]))) {
			return true;
		}
	}
	return false;
}

/* A clone is built without an ignore file; what a checkout would build of it is a guess. */
static bool is_guess(const struct found_build *f) {
	return f->context_is_guess || f->is_repository;
}

static bool is_wanted(const struct others *o, const struct found_build *f) {
	bool is_inline = f->inline_text.len > 0;

	if (f->is_remote || !str_eq(f->context, STR("."))) {
		return false;
	}
	/* a Dockerfile inside a file is BuildKit's, and compose for podman's */
	if (is_inline ? !f->inline_is_known || o->request->engine == TNG_ENGINE_CLASSIC
		      : (f->dockerfile_row == TREE_NO_ROW && !f->dockerfile_is_outside) ||
							is_template(f->dockerfile)) {
		return false;
	}
	return !found_is_material(o->an, f);
}

/* ---- reading one */

/* The flags of the command line behind those of the file: the last of a name wins. */
static enum tng_code fill_request(const struct others *o, const struct found_build *f,
		struct analysis_request *out, struct tng_error *err) {
	struct arena *a = o->an->arena;
	const struct analysis_request *given = o->request;
	struct build_arg *args = arena_new(a, struct build_arg, f->nargs + given->nargs);
	struct named_context *contexts =
			arena_new(a, struct named_context, f->ncontexts + given->ncontexts);

	if (args == NULL || contexts == NULL) {
		return error_nomem(err);
	}
	*out = *given;
	out->target = f->target;
	out->nargs = out->ncontexts = 0;
	for (size_t i = 0; i < f->nargs; i++) {
		args[out->nargs++] = f->args[i];
	}
	for (size_t i = 0; i < given->nargs; i++) {
		args[out->nargs++] = given->args[i];
	}
	for (size_t i = 0; i < f->ncontexts; i++) {
		contexts[out->ncontexts++] =
				(struct named_context){ f->contexts[i].name, f->contexts[i].value };
	}
	for (size_t i = 0; i < given->ncontexts; i++) {
		contexts[out->ncontexts++] = given->contexts[i];
	}
	out->args = args;
	out->contexts = contexts;
	return TNG_OK;
}

static struct context_request context_of(const struct others *o, const struct found_build *f) {
	return (struct context_request){
		.root = o->an->root,
		.ignore_file = o->request->ignore_file,
		.engine = o->request->engine,
		.only_root_ignore_file = f->inline_text.len > 0,
	};
}

static void set_inline(const struct found_build *f, struct context *ctx) {
	ctx->has_dockerfile = ctx->dockerfile_is_inline = true;
	ctx->dockerfile = f->file;
	ctx->dockerfile_text = f->file_text;
}

/* As the user would name it. Of one outside "a/../b" is "b", unless a is a link. */
static struct str dockerfile_of(struct analysis *an, const struct found_build *f) {
	struct str path = path_join(an->arena, str_from(an->root), f->dockerfile);
	struct str root = outside_directory(an->arena, str_from(an->root));

	if (!f->dockerfile_is_outside || path.ptr == NULL || root.ptr == NULL) {
		return path;
	}
	struct str clean = path_clean(an->arena, path);
	struct str dir = clean.ptr != NULL ? outside_directory(an->arena, path_dir(clean)) : clean;
	struct str real = outside_directory(an->arena, path_dir(path));
	return dir.ptr != NULL && real.ptr != NULL && str_eq(dir, real) ? clean : path;
}

/* False: it cannot be opened, and nobody asked for it. The root stays the first build's. */
static bool open_build(const struct others *o, const struct found_build *f, struct build *b,
		enum tng_code *code, struct tng_error *err) {
	struct analysis *an = o->an;
	struct context_request request = context_of(o, f);
	bool is_inline = f->inline_text.len > 0;

	if (an->revision != NULL && f->dockerfile_row != TREE_NO_ROW) {
		revision_lay_out(an, f->dockerfile_row, f->dockerfile);
	}
	struct str path = dockerfile_of(an, f);
	struct str name = path.ptr != NULL ? arena_copy(an->arena, path) : path;
	struct tng_error bad = { 0 };

	request.dockerfile = is_inline ? NULL : name.ptr;
	*code = name.ptr != NULL ? context_open(an->arena, &request, &b->context, &bad)
				 : error_nomem(&bad);
	if (*code == TNG_OK) {
		context_close(&b->context);
		if (an->revision != NULL) {
			revision_rename(an, &b->context, o->request->root);
		}
		if (is_inline) {
			set_inline(f, &b->context);
		}
		return true;
	}
	*code = *code == TNG_ENOMEM ? error_nomem(err) : TNG_OK;
	return false;
}

/* ---- what is known already */

bool build_shares_ignore_file(const struct build *x, const struct build *y) {
	const struct context *a = &x->context, *b = &y->context;

	return a->ignore_origin == b->ignore_origin && str_eq(a->ignore_path, b->ignore_path) &&
			str_eq(a->ignore_text, b->ignore_text) &&
			/* classic always lets the Dockerfile through */
			(a->engine != TNG_ENGINE_CLASSIC || str_eq(a->dockerfile, b->dockerfile));
}

bool sources_are_same(const struct build_sources *a, const struct build_sources *b) {
	if (a->target != b->target || a->nsources != b->nsources) {
		return false;
	}
	for (size_t i = 0; i < a->nsources; i++) {
		const struct source *x = &a->sources[i], *y = &b->sources[i];
		if (x->line != y->line || x->context != y->context ||
				x->is_unknowable != y->is_unknowable || !str_eq(x->path, y->path)) {
			return false;
		}
	}
	return true;
}

/* One file of its own, or one place in a file: two targets of bake may inherit it. */
static bool has_same_dockerfile(const struct build *x, const struct build *y) {
	const struct context *a = &x->context, *b = &y->context;

	if (a->dockerfile_is_inline && b->dockerfile_is_inline) {
		return str_eq(a->dockerfile, b->dockerfile) &&
				x->found->inline_place.line == y->found->inline_place.line &&
				str_eq(x->found->inline_text, y->found->inline_text);
	}
	return a->dockerfile_is_inside == b->dockerfile_is_inside && !a->dockerfile_is_inline &&
			!b->dockerfile_is_inline && a->has_dockerfile && b->has_dockerfile &&
			str_eq(a->dockerfile, b->dockerfile);
}

static bool is_known(const struct analysis *an, const struct build *b) {
	for (size_t i = 0; i < an->nbuilds; i++) {
		const struct build *known = &an->builds[i];
		if (has_same_dockerfile(known, b) &&
				(known->sources == NULL || b->sources == NULL ||
						sources_are_same(known->sources, b->sources))) {
			return true;
		}
	}
	return false;
}

/* The Dockerfile as an earlier build has parsed it; NULL: none has. */
static const struct build *same_dockerfile(const struct analysis *an, const struct build *b) {
	for (size_t i = 0; i < an->nbuilds; i++) {
		const struct build *known = &an->builds[i];
		if (known->dockerfile != NULL && has_same_dockerfile(known, b)) {
			return known;
		}
	}
	return NULL;
}

static const struct build *same_ignore_file(const struct analysis *an, const struct build *b) {
	for (size_t i = 0; i < an->nbuilds; i++) {
		if (an->builds[i].has_plan && build_shares_ignore_file(&an->builds[i], b)) {
			return &an->builds[i];
		}
	}
	return NULL;
}

/* ---- the run */

/* A target that is not there: the file that asks for it is wrong. */
static void tell_target(const struct others *o, const struct found_build *f) {
	struct str dockerfile =
			f->dockerfile.len > 0 ? f->dockerfile : STR("its inline Dockerfile");

	findings_add(o->findings, "no-such-target", SEVERITY_ERROR, f->file, f->line, 0,
			"this build wants the target \"%.*s\", and %.*s has no such stage; it "
			"stops here",
			STR_FMT(str_take(f->target, 60)), STR_FMT(str_take(dockerfile, 80)));
}

static enum tng_code add(struct others *o, const struct found_build *f, struct tng_error *err) {
	struct analysis *an = o->an;
	struct build *b = &an->builds[an->nbuilds];
	struct analysis_request request;
	struct tng_error bad = { 0 };
	enum tng_code code = fill_request(o, f, &request, err);

	*b = (struct build){ .target = f->target, .found = f, .is_guess = is_guess(f) };
	if (code != TNG_OK || !open_build(o, f, b, &code, err)) {
		return code;
	}
	const struct build *same = same_dockerfile(an, b);
	b->dockerfile = same != NULL ? same->dockerfile : NULL;
	o->findings->is_guess = b->is_guess;
	o->findings->build = an->nbuilds;
	code = build_read(an, b, &request, o->findings, &bad);
	if (code == TNG_EINVAL) {
		tell_target(o, f);
		return TNG_OK;
	}
	if (code != TNG_OK || is_known(an, b)) {
		return code == TNG_OK ? TNG_OK : error_pass(err, &bad);
	}
	if (an->nbuilds > OTHERS_MAX) {
		o->nleft_out++;
		return TNG_OK;
	}
	an->nbuilds++; /* from here on it is ended with the analysis */
	return build_weigh(an, b, same_ignore_file(an, b), o->findings, err);
}

static enum tng_code add_all(struct others *o, bool guesses, struct tng_error *err) {
	const struct builds *found = o->an->found;
	enum tng_code code = TNG_OK;

	for (size_t i = 0; i < found->n && code == TNG_OK; i++) {
		const struct found_build *f = &found->list[i];
		if (is_guess(f) == guesses && is_wanted(o, f)) {
			code = add(o, f, err);
		}
	}
	return code;
}

bool others_is_phantom(const struct build *b) {
	return !b->context.has_dockerfile && b->context.dockerfile_problem.len == 0;
}

/* Without a default Dockerfile nobody builds the first one: the next takes its place, and its root. */
static void drop_phantom(struct analysis *an, struct finding_list *findings) {
	struct build first = an->builds[0];

	if (!others_is_phantom(&first) || an->nbuilds < 2 || an->builds[1].is_guess) {
		return;
	}
	an->nbuilds--;
	memmove(an->builds, an->builds + 1, an->nbuilds * sizeof(*an->builds));
	an->builds[0].context.root_fd = first.context.root_fd;
	for (size_t i = 0; i < findings->list.len; i++) {
		findings->list.ptr[i].build -= findings->list.ptr[i].build > 0;
	}
	for (size_t i = 0; i < an->nbuilds; i++) {
		if (first.patterns != NULL && an->builds[i].patterns == first.patterns) {
			an->builds[i].shares_patterns = false; /* the first of them owns it now */
			return;
		}
	}
	ignore_destroy(first.patterns);
}

/* Whether this build sends another directory, one below the root. */
static bool is_elsewhere(const struct analysis *an, const struct found_build *f) {
	return !f->is_remote && !f->context_is_guess && !str_eq(f->context, STR(".")) &&
			!str_starts(f->context, STR("..")) && !found_is_material(an, f);
}

enum tng_code others_contexts(struct arena *a, const struct analysis *an, const struct str **out,
		size_t *n, struct tng_error *err) {
	size_t nfound = an->found != NULL ? an->found->n : 0, nkept = 0;
	struct str *list = arena_new(a, struct str, nfound);

	if (list == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < nfound; i++) {
		const struct found_build *f = &an->found->list[i];
		size_t k = 0;
		while (k < nkept && !str_eq(list[k], f->context)) {
			k++;
		}
		if (k == nkept && is_elsewhere(an, f) &&
				tree_find(an->tree, f->context) != TREE_NO_ROW) {
			list[nkept++] = f->context;
		}
	}
	*out = list;
	*n = nkept;
	return TNG_OK;
}

static void tell_contexts(
		struct finding_list *findings, const struct str *contexts, size_t ncontexts) {
	struct str first = ncontexts > 0 ? str_take(contexts[0], 120) : STR("");
	char more[48] = "";

	if (ncontexts == 0) {
		findings_add(findings, "no-build", SEVERITY_WARNING, STR(""), 0, 0,
				"no build is found whose context is this folder");
		return;
	}
	if (ncontexts > 1) {
		(void)snprintf(more, sizeof(more), " and %zu more", ncontexts - 1);
	}
	findings_add(findings, "no-build", SEVERITY_WARNING, STR(""), 0, 0,
			"no build is found whose context is this folder: %s %.*s%s; try tonnage "
			"check %.*s",
			ncontexts > 1 ? "contexts are" : "a context is", STR_FMT(first), more,
			STR_FMT(first));
}

/* Whether each build that is found says its context, and it is another one. */
static bool are_elsewhere(const struct analysis *an) {
	size_t n = 0;

	for (size_t i = 0; i < an->found->n; i++) {
		const struct found_build *f = &an->found->list[i];
		if (!found_is_material(an, f) && !f->is_remote && !is_elsewhere(an, f)) {
			return false;
		}
		n += is_elsewhere(an, f);
	}
	return n > 0;
}

/* A folder without a Dockerfile, and without an ignore file, or in a repository whose builds have other contexts,
 * may be none: what is sent of it is a guess. */
static enum tng_code doubt_phantom(
		struct analysis *an, struct finding_list *findings, struct tng_error *err) {
	struct build *first = &an->builds[0];
	const struct str *contexts = NULL;
	size_t n = 0;

	if (!others_is_phantom(first) ||
			(first->context.ignore_origin != IGNORE_ORIGIN_NONE &&
					!are_elsewhere(an))) {
		return TNG_OK;
	}
	enum tng_code code = others_contexts(an->arena, an, &contexts, &n, err);
	if (code == TNG_OK) {
		first->is_guess = true;
		tell_contexts(findings, contexts, n);
	}
	return code;
}

enum tng_code others_run(struct analysis *an, const struct analysis_request *request,
		struct finding_list *findings, struct tng_error *err) {
	struct others o = { .an = an, .request = request, .findings = findings };
	struct builds *found = arena_new(an->arena, struct builds, 1);
	struct build *builds = arena_new(an->arena, struct build, an->nbuilds + OTHERS_MAX + 1);

	if (found == NULL || builds == NULL) {
		return error_nomem(err);
	}
	memcpy(builds, an->builds, an->nbuilds * sizeof(*builds));
	an->builds = builds;
	enum tng_code code = found_builds(an->arena, an, found, err);
	if (code != TNG_OK) {
		return code;
	}
	an->found = found;
	code = add_all(&o, false, err);
	if (code == TNG_OK) {
		code = add_all(&o, true, err);
	}
	findings->is_guess = false;
	findings->build = 0;
	if (o.nleft_out > 0) {
		findings_add(findings, "too-many-builds", SEVERITY_WARNING, STR(""), 0, 0,
				"%zu of the builds of this context are looked at, %zu are not; "
				"name a Dockerfile of those with -f",
				an->nbuilds, o.nleft_out);
	}
	drop_phantom(an, findings);
	return code == TNG_OK ? doubt_phantom(an, findings, err) : code;
}

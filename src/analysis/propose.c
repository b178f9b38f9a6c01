/*
 * A proposal, proven:
 *
 *   builds of this context ─▶ references ─▶ propose ─▶ verify
 *                                ▲            │ a line that loses something
 *                                └── ban ◀────┘
 */
#include "analysis/internal.h"

#include <stdlib.h>
#include <unistd.h>

/* Lines that verification takes away, one round each; more than a few is a fault of ours. */
#define BANS_MAX 64

struct proposer {
	struct arena *arena;
	const struct analysis *an;
	const struct build *build; /* the first one: its ignore file is what is written */
	const struct propose_options *options;
	const struct vcs_column *vcs; /* NULL: git was not asked */
	const struct references *references;
	struct {
		VEC_FIELDS(struct proposed_build)
	} builds;
	struct propose_ban bans[BANS_MAX];
	size_t nbans;
};

/* ---- the builds that live with the ignore file */

static bool has_own_ignore_file(const struct proposer *p, struct str dockerfile) {
	struct buf path = { 0 };

	if (p->build->context.engine != TNG_ENGINE_BUILDKIT) {
		return false;
	}
	buf_append(&path, dockerfile);
	buf_append(&path, STR(".dockerignore"));
	bool has = tree_find(p->an->tree, buf_str(&path)) != TREE_NO_ROW;
	buf_fini(&path);
	return has;
}

/* Whether a build with this Dockerfile reads the ignore file that is proposed. */
static bool shares_ignore_file(const struct proposer *p, struct str dockerfile) {
	const struct context *ctx = &p->build->context;

	switch (ctx->ignore_origin) {
	case IGNORE_ORIGIN_DOCKERFILE:
		return str_eq(ctx->dockerfile, dockerfile);
	case IGNORE_ORIGIN_NONE:
	case IGNORE_ORIGIN_ROOT:
	case IGNORE_ORIGIN_OPTION:
		break;
	}
	return !has_own_ignore_file(p, dockerfile);
}

/* Two services may build one Dockerfile with other arguments, and so read other paths. */
static bool is_known_build(const struct proposer *p, const struct proposed_build *build) {
	for (size_t i = 0; i < p->builds.len && build->dockerfile.len > 0; i++) {
		const struct proposed_build *b = &p->builds.ptr[i];
		bool is_read = b->sources != NULL && build->sources != NULL;
		if (str_eq(b->dockerfile, build->dockerfile) && str_eq(b->target, build->target) &&
				(is_read ? sources_are_same(b->sources, build->sources)
					 : b->sources == build->sources)) {
			return true;
		}
	}
	return false;
}

static enum tng_code add_asked(struct proposer *p, struct tng_error *err) {
	for (size_t i = 0; i < p->an->nbuilds; i++) {
		const struct build *build = &p->an->builds[i];
		if (!build->context.has_dockerfile) {
			continue;
		}
		struct proposed_build *b = VEC_PUSH(&p->builds);
		if (b == NULL) {
			return error_nomem(err);
		}
		*b = (struct proposed_build){
			.dockerfile = build->context.dockerfile,
			.is_inside = build->context.dockerfile_is_inside,
			.parsed = build->dockerfile,
			.sources = build->sources,
		};
	}
	return TNG_OK;
}

static enum tng_code add_found(
		struct proposer *p, const struct found_build *found, struct tng_error *err) {
	struct proposed_build build = {
		.dockerfile = found->dockerfile,
		.target = found->target,
		.is_inside = !found->dockerfile_is_outside,
		.file = found->file,
		.line = found->line,
	};

	if (found->dockerfile.len > 0 && !shares_ignore_file(p, found->dockerfile)) {
		return TNG_OK;
	}
	enum tng_code code = found_read(
			p->arena, &p->build->context, found, &build.parsed, &build.sources, err);
	if (code != TNG_OK || is_known_build(p, &build)) {
		return code;
	}
	struct proposed_build *slot = VEC_PUSH(&p->builds);
	if (slot == NULL) {
		return error_nomem(err);
	}
	*slot = build;
	return TNG_OK;
}

static enum tng_code find_builds(struct proposer *p, struct tng_error *err) {
	const struct found_build **list = NULL;
	struct builds found;
	size_t n = 0;
	enum tng_code code = add_asked(p, err);

	if (code == TNG_OK) {
		code = found_builds(p->arena, p->an, &found, err);
	}
	if (code == TNG_OK) {
		code = builds_of_context(p->arena, &found, STR("."), &list, &n, err);
	}
	for (size_t i = 0; i < n && code == TNG_OK; i++) {
		code = add_found(p, list[i], err);
	}
	return code;
}

static enum tng_code open_references(struct proposer *p, struct tng_error *err) {
	struct reference_build *builds = arena_new(p->arena, struct reference_build, p->builds.len);
	struct references_input input = {
		.tree = p->an->tree,
		.root_fd = p->build->context.root_fd,
		.builds = builds,
		.nbuilds = p->builds.len,
		.vcs = p->vcs,
		.classes = &p->an->classes,
	};

	if (builds == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < p->builds.len; i++) {
		builds[i] = (struct reference_build){
			.path = p->builds.ptr[i].dockerfile,
			.dockerfile = p->builds.ptr[i].parsed,
			.sources = p->builds.ptr[i].sources,
		};
	}
	return references_open(p->arena, &input, &p->references, err);
}

/* ---- proposing, and the proof */

/* Where the file lies or will lie; one that lies outside is no entry. */
static struct str ignore_path_of(const struct context *ctx) {
	switch (ctx->ignore_origin) {
	case IGNORE_ORIGIN_OPTION:
		return STR("");
	case IGNORE_ORIGIN_DOCKERFILE:
		return ctx->dockerfile_is_inside ? ctx->ignore_path : STR("");
	case IGNORE_ORIGIN_NONE:
	case IGNORE_ORIGIN_ROOT:
		break;
	}
	return STR(".dockerignore");
}

/* The way from the top of the repository to the root; empty: the root has a .git, or nothing above it has. */
static struct str way_from_top(const struct proposer *p) {
	const struct context *ctx = &p->build->context;
	struct str root = arena_copy(p->arena, ctx->root), way = STR("");
	char *real = root.ptr != NULL ? realpath(root.ptr, NULL) : NULL;
	struct str path = real != NULL ? arena_copy(p->arena, str_from(real)) : STR("");
	struct buf git = { 0 };
	bool is_found = false;

	free(real);
	for (size_t at = path.ptr != NULL ? path.len : 0; at > 0 && !is_found;) {
		buf_clear(&git);
		buf_append(&git, str_take(path, at));
		buf_append(&git, STR("/.git"));
		buf_putc(&git, '\0');
		is_found = !buf_failed(&git) && access(git.ptr, F_OK) == 0;
		way = str_skip(path, at + (at < path.len));
		at = str_find_last(str_take(path, at), '/');
	}
	buf_fini(&git);
	return is_found ? way : STR("");
}

static enum tng_code propose_once(struct proposer *p, struct proposal *out, struct tng_error *err) {
	struct propose_build *builds = arena_new(p->arena, struct propose_build, p->builds.len);
	const struct context *ctx = &p->build->context;
	struct propose_input input = {
		.tree = p->an->tree,
		.root_fd = ctx->root_fd,
		.inside = way_from_top(p),
		.vcs = p->vcs,
		.classes = &p->an->classes,
		.builds = builds,
		.nbuilds = p->builds.len,
		.engine = ctx->engine,
		.ignore_path = ignore_path_of(ctx),
		.existing = ctx->ignore_text,
		.keep = p->options->keep,
		.nkeep = p->options->nkeep,
		.references = p->references,
		.bans = p->bans,
		.nbans = p->nbans,
		.mode = p->options->mode,
		.level = p->options->level,
		.annotate = p->options->annotate,
	};

	if (builds == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < p->builds.len; i++) {
		builds[i].dockerfile = p->builds.ptr[i].dockerfile;
		builds[i].sources = p->builds.ptr[i].sources;
	}
	return propose_make(p->arena, &input, out, err);
}

/* One verifier for these builds; it is destroyed by whom it is given to. */
static enum tng_code open_verifier(struct proposer *p, const struct proposal *proposal,
		struct verifier **out, struct tng_error *err) {
	struct verify_build *builds = arena_new(p->arena, struct verify_build, p->builds.len + 1);
	struct verify_input input = {
		.tree = p->an->tree,
		.builds = builds,
		.nbuilds = p->builds.len,
		.before = proposal->hand,
		.has_before = true,
		.may_go = proposal->may_go,
	};

	if (builds == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < p->builds.len; i++) {
		const struct proposed_build *b = &p->builds.ptr[i];
		builds[i] = (struct verify_build){
			.name = b->dockerfile,
			.dockerfile = b->is_inside ? b->dockerfile : STR(""),
			.target = b->target,
			.sources = b->sources,
		};
	}
	input.nbuilds += p->builds.len == 0; /* no build is known: it may need anything */
	return verifier_create(&input, out, err);
}

static struct str line_of(struct str text, uint32_t number) {
	struct str line = STR("");

	for (uint32_t i = 0; i < number && (text.len > 0 || i == 0); i++) {
		(void)str_cut(text, '\n', &line, &text);
	}
	return str_trim(line);
}

/* Of one engine: the others say the same, or what does not matter here. */
static enum tng_code keep_already(struct proposer *p, const struct proposal *proposal,
		const struct verification *v, struct analysis_proposal *out,
		struct tng_error *err) {
	struct proposed_already *list = arena_new(p->arena, struct proposed_already, v->nalready);
	size_t n = 0;

	if (list == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < v->nalready; i++) {
		const struct verify_loss *loss = &v->already[i];
		if (loss->engine != p->build->context.engine || loss->build >= p->builds.len) {
			continue;
		}
		const struct proposed_build *build = &p->builds.ptr[loss->build];
		list[n++] = (struct proposed_already){
			.row = loss->row,
			.nrows = loss->nrows,
			.bytes = loss->bytes,
			.pattern = line_of(proposal->hand, loss->line),
			.dockerfile = build->dockerfile,
			.line = loss->source != VERIFY_NO_SOURCE
					? build->sources->sources[loss->source].line
					: 0,
			.is_whole = loss->is_whole_source,
		};
	}
	out->already = list;
	out->nalready = n;
	return TNG_OK;
}

static enum tng_code judge(
		struct proposer *p, struct analysis_proposal *out, struct tng_error *err) {
	struct verifier *verifier = NULL;
	enum tng_code code = open_verifier(p, &out->proposal, &verifier, err);

	if (code == TNG_OK) {
		code = verify_text(verifier, p->arena, out->proposal.text, &out->verification, err);
	}
	if (code == TNG_OK) {
		code = keep_already(p, &out->proposal, &out->verification, out, err);
	}
	out->verification.already = NULL; /* it goes with the verifier */
	out->verification.nalready = 0;
	verifier_destroy(verifier);
	return code;
}

/* The line that loses something, or that an engine refuses, is not to come again. */
static enum tng_code ban(struct proposer *p, const struct proposal *proposal,
		const struct verification *v, struct tng_error *err) {
	uint32_t line = v->nlosses > 0 ? v->losses[0].line : 0;
	struct buf why = { 0 };

	if (v->nlosses > 0) {
		buf_append(&why, STR("verification: a build would lose "));
		tree_path(p->an->tree, v->losses[0].row, &why);
	}
	for (size_t i = 0; i < v->nengines && line == 0; i++) {
		line = v->engines[i].bad.code != TNG_OK ? v->engines[i].bad.line : 0;
		buf_printf(&why, "verification: %s", v->engines[i].bad.text);
	}
	struct propose_ban new = {
		.pattern = line_of(proposal->text, line),
		.why = arena_copy(p->arena, buf_str(&why)),
		.row = v->nlosses > 0 ? v->losses[0].row : 0,
	};
	bool ok = new.why.ptr != NULL && !buf_failed(&why);
	buf_fini(&why);
	if (!ok) {
		return error_nomem(err);
	}
	bool is_ours = false;
	for (size_t i = 0; i < proposal->nlines; i++) {
		is_ours |= str_eq(proposal->lines[i].pattern, new.pattern);
	}
	if (!is_ours || p->nbans == BANS_MAX) {
		return error_set(err, TNG_EINVAL,
				"no proposal passes verification: line %u, %.*s: %.*s", line,
				STR_FMT(new.pattern), STR_FMT(new.why));
	}
	p->bans[p->nbans++] = new;
	return TNG_OK;
}

static enum tng_code prove(
		struct proposer *p, struct analysis_proposal *out, struct tng_error *err) {
	for (;;) {
		enum tng_code code = propose_once(p, &out->proposal, err);
		if (code == TNG_OK) {
			code = judge(p, out, err);
		}
		if (code != TNG_OK || out->verification.is_safe) {
			return code;
		}
		code = ban(p, &out->proposal, &out->verification, err);
		if (code != TNG_OK) {
			return code;
		}
	}
}

/* ---- files of their own for several Dockerfiles */

/* What the builds of `p` ask for under a text; UINT64_MAX: the engine refuses it. */
static enum tng_code weigh(struct proposer *p, const struct proposal *proposal, struct str text,
		uint64_t *bytes, struct tng_error *err) {
	struct verifier *verifier = NULL;
	struct verification v;
	enum tng_code code = open_verifier(p, proposal, &verifier, err);

	*bytes = UINT64_MAX;
	if (code == TNG_OK) {
		code = verify_text(verifier, p->arena, text, &v, err);
	}
	for (size_t i = 0; code == TNG_OK && i < v.nengines; i++) {
		if (v.engines[i].engine == p->build->context.engine &&
				v.engines[i].bad.code == TNG_OK) {
			*bytes = v.engines[i].requested_after.bytes;
		}
	}
	verifier_destroy(verifier);
	return code;
}

static enum tng_code take_builds(struct proposer *own, const struct proposer *p,
		struct str dockerfile, struct tng_error *err) {
	for (size_t i = 0; i < p->builds.len; i++) {
		if (!str_eq(p->builds.ptr[i].dockerfile, dockerfile)) {
			continue;
		}
		struct proposed_build *slot = VEC_PUSH(&own->builds);
		if (slot == NULL) {
			return error_nomem(err);
		}
		*slot = p->builds.ptr[i];
	}
	return TNG_OK;
}

static enum tng_code try_split(struct proposer *p, struct str dockerfile, struct str shared,
		struct proposed_split *split, struct tng_error *err) {
	struct proposer own = {
		.arena = p->arena,
		.an = p->an,
		.build = p->build,
		.options = p->options,
		.vcs = p->vcs,
	};
	struct analysis_proposal alone = { 0 };
	enum tng_code code = take_builds(&own, p, dockerfile, err);

	*split = (struct proposed_split){ .dockerfile = dockerfile };
	if (code == TNG_OK) {
		code = open_references(&own, err);
	}
	if (code == TNG_OK) {
		code = prove(&own, &alone, err);
	}
	if (code == TNG_OK) {
		code = weigh(&own, &alone.proposal, shared, &split->shared_bytes, err);
	}
	if (code == TNG_OK) {
		code = weigh(&own, &alone.proposal, alone.proposal.text, &split->own_bytes, err);
	}
	free(own.builds.ptr);
	return code;
}

static bool is_worth_it(const struct proposed_split *split) {
	uint64_t shared = split->shared_bytes, own = split->own_bytes;

	return shared != UINT64_MAX && own < shared && shared - own >= PROPOSE_SPLIT_MIN_BYTES &&
			(shared - own) / PROPOSE_SPLIT_PERCENT >= shared / 100;
}

static size_t count_dockerfiles(const struct proposer *p, struct str *list) {
	size_t n = 0;

	for (size_t i = 0; i < p->builds.len; i++) {
		const struct proposed_build *build = &p->builds.ptr[i];
		bool is_new = build->dockerfile.len > 0 && build->is_inside;
		for (size_t k = 0; k < n && is_new; k++) {
			is_new = !str_eq(list[k], build->dockerfile);
		}
		if (is_new) {
			list[n++] = build->dockerfile;
		}
	}
	return n;
}

static int by_saving(const void *a, const void *b) {
	const struct proposed_split *x = a, *y = b;
	uint64_t x_saved = x->shared_bytes - x->own_bytes, y_saved = y->shared_bytes - y->own_bytes;

	if (x_saved != y_saved) {
		return x_saved > y_saved ? -1 : 1;
	}
	return str_cmp(x->dockerfile, y->dockerfile);
}

/* Only BuildKit looks beside every Dockerfile; a file that is named alone is what was asked for. */
static enum tng_code try_splits(
		struct proposer *p, struct analysis_proposal *out, struct tng_error *err) {
	enum ignore_origin origin = p->build->context.ignore_origin;
	struct str *dockerfiles = arena_new(p->arena, struct str, p->builds.len);
	struct proposed_split *splits = arena_new(p->arena, struct proposed_split, p->builds.len);
	enum tng_code code = TNG_OK;

	if (dockerfiles == NULL || splits == NULL) {
		return error_nomem(err);
	}
	size_t n = count_dockerfiles(p, dockerfiles);
	if (n < 2 || n > PROPOSE_SPLIT_MAX || p->build->context.engine != TNG_ENGINE_BUILDKIT ||
			(origin != IGNORE_ORIGIN_NONE && origin != IGNORE_ORIGIN_ROOT)) {
		return TNG_OK;
	}
	for (size_t i = 0; i < n && code == TNG_OK; i++) {
		struct proposed_split *split = &splits[out->nsplits];
		code = try_split(p, dockerfiles[i], out->proposal.text, split, err);
		out->nsplits += code == TNG_OK && is_worth_it(split);
	}
	if (out->nsplits > 0) {
		qsort(splits, out->nsplits, sizeof(*splits), by_saving);
	}
	out->splits = splits;
	return code;
}

static enum tng_code run(struct proposer *p, struct analysis_proposal *out, struct tng_error *err) {
	enum tng_code code = find_builds(p, err);

	if (code == TNG_OK) {
		code = open_references(p, err);
	}
	if (code == TNG_OK) {
		code = prove(p, out, err);
	}
	if (code == TNG_OK && p->options->want_splits) {
		code = try_splits(p, out, err);
	}
	struct proposed_build *builds = arena_new(p->arena, struct proposed_build, p->builds.len);
	if (code == TNG_OK && builds == NULL) {
		code = error_nomem(err);
	}
	if (code == TNG_OK && p->builds.len > 0) {
		memcpy(builds, p->builds.ptr, p->builds.len * sizeof(*builds));
	}
	out->references = p->references;
	out->builds = builds;
	out->nbuilds = p->builds.len;
	return code;
}

enum tng_code analysis_propose(struct arena *a, const struct analysis *an,
		const struct propose_options *options, struct analysis_proposal *out,
		struct tng_error *err) {
	struct proposer p = {
		.arena = a,
		.an = an,
		.build = &an->builds[0],
		.options = options,
		.vcs = an->has_git ? &an->git : NULL,
	};
	enum ignore_origin origin = p.build->context.ignore_origin;

	*out = (struct analysis_proposal){
		.path = origin != IGNORE_ORIGIN_NONE ? p.build->context.ignore_path
						     : STR(".dockerignore"),
		.exists = origin != IGNORE_ORIGIN_NONE,
		.is_given = origin == IGNORE_ORIGIN_OPTION,
	};
	enum tng_code code = run(&p, out, err);
	free(p.builds.ptr);
	if (code == TNG_ESYNTAX) {
		error_set_where(err, out->path);
	}
	return code;
}

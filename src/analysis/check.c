/*
 * The rules of `tonnage check` over a finished analysis: what other rooms found becomes facts, the ledger
 * and the verifier say what lines and sources are worth.
 */
#include "analysis/internal.h"
#include "util/file.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

/* ---- findings that are rules, too */

struct known {
	const char *name; /* of the finding */
	enum check_rule_id rule;
	bool keeps_severity; /* the finding knows better than the rule */
};

static const struct known known[] = {
	{ "bad-dockerfile", RULE_DOCKERFILE_ERROR, false },
	{ "bad-ignore-file", RULE_PATTERN_ERROR, true },
	{ "control-character", RULE_PATTERN_NOT_SENDABLE, true },
	{ "empty-file", RULE_EVALUATION_DIFFERS, false },
	{ "ignore-file-unread", RULE_IGNORE_FILE_INACTIVE, false },
	{ "inactive-ignore-file", RULE_IGNORE_FILE_INACTIVE, false },
	{ "list-too-large", RULE_PATTERN_NOT_SENDABLE, true },
	{ "needs-buildkit", RULE_DOCKERFILE_ERROR, false },
	{ "socket-becomes-file", RULE_SOCKET_SENT, false },
	{ "unknown-argument", RULE_SOURCE_UNKNOWN, false },
	{ "unread-dockerfile", RULE_DOCKERFILE_ERROR, false },
};

static const struct known *find_known(const struct finding *f) {
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, f->name) == 0) {
			return &known[i];
		}
	}
	return NULL;
}

bool analysis_is_checked(const struct finding *finding) {
	/* the ledger says it of each exception */
	return find_known(finding) != NULL || strcmp(finding->name, "exception-unreached") == 0;
}

static enum check_severity severity_of(enum severity severity) {
	switch (severity) {
	case SEVERITY_NOTE:
		return CHECK_NOTE;
	case SEVERITY_WARNING:
		return CHECK_WARNING;
	case SEVERITY_ERROR:
		break;
	}
	return CHECK_ERROR;
}

static enum tng_code fill_facts(struct arena *a, const struct analysis *an,
		struct check_input *input, struct tng_error *err) {
	struct check_fact *facts = arena_new(a, struct check_fact, an->nfindings);

	for (size_t i = 0; facts != NULL && i < an->nfindings; i++) {
		const struct finding *f = &an->findings[i];
		const struct known *k = find_known(f);
		if (k != NULL) {
			facts[input->nfacts++] = (struct check_fact){
				.rule = k->rule,
				.severity = k->keeps_severity ? severity_of(f->severity)
							      : CHECK_OFF,
				.file = f->file,
				.line = f->line,
				.column = f->column,
				.text = f->text,
			};
		}
	}
	input->facts = facts;
	return facts != NULL ? TNG_OK : error_nomem(err);
}

static enum tng_code fill_secrets(struct arena *a, const struct analysis *an,
		struct check_input *input, struct tng_error *err) {
	struct secret_place *places = NULL;
	struct check_secret *secrets = NULL;
	enum tng_code code =
			analysis_secrets(a, an, &an->builds[0], &places, &input->nsecrets, err);

	if (code == TNG_OK) {
		secrets = arena_new(a, struct check_secret, input->nsecrets);
		code = secrets != NULL ? TNG_OK : error_nomem(err);
	}
	for (size_t i = 0; code == TNG_OK && i < input->nsecrets; i++) {
		secrets[i] = (struct check_secret){ places[i].row, places[i].line, places[i].kind,
			places[i].severity };
	}
	input->secrets = secrets;
	return code;
}

/* ---- builds */

/* A directory without links; .ptr NULL: it is not there. */
static struct str real_directory(struct arena *a, struct str dir) {
	char real[PATH_MAX];
	struct str name = arena_copy(a, dir);

	if (name.ptr == NULL || realpath(name.ptr, real) == NULL) {
		return (struct str){ NULL, 0 };
	}
	return arena_copy(a, str_from(real));
}

static struct str join_clean(struct arena *a, struct str dir, struct str name) {
	struct str path = dir.ptr != NULL ? path_join(a, dir, name) : dir;

	return path.ptr != NULL ? path_clean(a, path) : path;
}

/* Where the Dockerfile of a build is, or, of a revision, would be. */
static struct str dockerfile_path(
		struct arena *a, const struct analysis *an, const struct context *ctx) {
	bool is_at_top = an->revision != NULL && !ctx->dockerfile_is_inside;
	struct str dir = is_at_top                  ? vcs_revision_top(an->revision)
			: ctx->dockerfile_is_inside ? ctx->root
						    : STR(".");

	return join_clean(a, real_directory(a, dir), ctx->dockerfile);
}

static bool is_same_file(struct arena *a, struct str x, struct str y) {
	struct str first = arena_copy(a, x), second = arena_copy(a, y);
	struct stat one, other;

	return first.ptr != NULL && second.ptr != NULL && stat(first.ptr, &one) == 0 &&
			stat(second.ptr, &other) == 0 && one.st_dev == other.st_dev &&
			one.st_ino == other.st_ino;
}

/* The section of the configuration that names this file: by its path, for a revision may have one that is gone,
 * or by a link. */
static const struct config_policy *find_policy(struct arena *a, const struct analysis *an,
		const struct config *config, const struct context *ctx) {
	if (config->ndockerfiles == 0 || !ctx->has_dockerfile) {
		return NULL;
	}
	struct str own = dockerfile_path(a, an, ctx);
	struct str top = real_directory(a, path_dir(config->path));
	for (size_t i = 0; i < config->ndockerfiles; i++) {
		struct str named = join_clean(a, top, config->dockerfiles[i].dockerfile);
		if (own.ptr != NULL && named.ptr != NULL &&
				(str_eq(own, named) || is_same_file(a, own, named))) {
			return &config->dockerfiles[i];
		}
	}
	return NULL;
}

static enum tng_code fill_ledger(struct arena *a, const struct analysis *an,
		const struct build *build, struct check_build *out, struct tng_error *err) {
	struct ledger *ledger = arena_new(a, struct ledger, 1);

	if (ledger == NULL) {
		return error_nomem(err);
	}
	out->ledger = ledger;
	return build_ledger(a, an, build, ledger, err);
}

static enum tng_code fill_lacks(struct arena *a, const struct analysis *an,
		const struct build *build, struct check_build *out, struct tng_error *err) {
	struct transfer_request request = build_transfer_request(build);
	struct verify_build one = { .dockerfile = request.dockerfile, .sources = build->sources };
	struct verify_input input = {
		.tree = an->tree,
		.engines = &request.engine,
		.nengines = 1,
		.builds = &one,
		.nbuilds = 1,
		.before = build->context.ignore_text,
		.has_before = true,
	};
	struct verifier *verifier = NULL;
	struct verification v;
	enum tng_code code = verifier_create(&input, &verifier, err);

	if (code == TNG_OK) {
		code = verify_text(verifier, a, input.before, &v, err);
	}
	if (code == TNG_OK) {
		struct verify_loss *lacks = arena_new(a, struct verify_loss, v.nalready);
		code = lacks != NULL ? TNG_OK : error_nomem(err);
		if (code == TNG_OK && v.nalready > 0) {
			memcpy(lacks, v.already, v.nalready * sizeof(*lacks));
		}
		out->lacks = lacks;
		out->nlacks = v.nalready;
	}
	verifier_destroy(verifier);
	return code;
}

static enum tng_code fill_asked(struct arena *a, const struct build *build, struct check_build *out,
		struct tng_error *err) {
	uint64_t *nasked = arena_new(a, uint64_t, build->sources->nsources);

	if (nasked == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < build->sources->nsources; i++) {
		nasked[i] = build->source_weights[i].asked.nentries;
	}
	out->nasked = nasked;
	return TNG_OK;
}

static enum tng_code fill_build(struct arena *a, const struct analysis *an,
		const struct build *build, const struct config *config, struct check_build *out,
		struct tng_error *err) {
	enum tng_code code = TNG_OK;

	*out = (struct check_build){
		.context = &build->context,
		.patterns = build->patterns,
		.dockerfile = build->dockerfile,
		.sources = build->sources,
		.plan = &build->plan,
		.requested = build->has_requested ? &build->requested : NULL,
		.has_plan = build->has_plan,
		.policy = find_policy(a, an, config, &build->context),
	};
	if (build->has_plan && build->patterns != NULL) {
		code = fill_ledger(a, an, build, out, err);
	}
	if (code == TNG_OK && build->has_plan && build->patterns != NULL &&
			build->sources != NULL) {
		code = fill_lacks(a, an, build, out, err);
	}
	if (code == TNG_OK && build->sources != NULL && build->source_weights != NULL) {
		code = fill_asked(a, build, out, err);
	}
	return code;
}

enum tng_code analysis_fix(struct arena *a, const struct analysis *an,
		const struct check_result *result, struct check_fixed *out, struct tng_error *err) {
	const struct context *ctx = &an->builds[0].context;
	struct verify_build *builds = arena_new(a, struct verify_build, an->nbuilds);
	struct check_fix_input input = {
		.tree = an->tree,
		.builds = builds,
		.engine = ctx->engine,
		.file = ctx->ignore_path,
		.text = ctx->ignore_text,
		.result = result,
	};

	if (builds == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < an->nbuilds; i++) {
		const struct build *b = &an->builds[i];
		if (str_eq(b->context.ignore_path, ctx->ignore_path)) {
			builds[input.nbuilds++] = (struct verify_build){
				.dockerfile = build_transfer_request(b).dockerfile,
				.sources = b->sources,
			};
		}
	}
	return check_fix(a, &input, out, err);
}

/* ---- what only some runs need */

/* Whether a build asks git for its version: steps and manifests are read, if .git gets there at all. */
static enum tng_code fill_git(struct arena *a, const struct analysis *an, struct check_input *input,
		struct tng_error *err) {
	const struct build *build = &an->builds[0];
	uint32_t row = tree_find(an->tree, STR(".git"));
	bool is_sent = row != TREE_NO_ROW && build_in_lens(build, build_sent_lens(build), row);
	struct reference_build *builds = arena_new(a, struct reference_build, an->nbuilds);
	struct references_input what = {
		.tree = an->tree,
		.root_fd = build->context.root_fd,
		.builds = builds,
		.fate = build->plan.fate,
		.vcs = input->git,
		.classes = input->classes,
	};
	const struct references *references = NULL;
	struct need need;

	if (builds == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < an->nbuilds; i++) {
		if (an->builds[i].context.has_dockerfile) {
			builds[what.nbuilds++] =
					(struct reference_build){ an->builds[i].context.dockerfile,
						an->builds[i].dockerfile, an->builds[i].sources };
		}
	}
	if (!is_sent || what.nbuilds == 0) {
		return TNG_OK;
	}
	enum tng_code code = references_open(a, &what, &references, err);
	if (code == TNG_OK) {
		references_vcs_needed(references, &need);
		input->git_is_needed = need.kind != NEED_FREE;
	}
	return code;
}

static enum tng_code fill_gitignore(struct arena *a, const struct analysis *an,
		struct check_input *input, struct tng_error *err) {
	enum tng_code code = TNG_OK;

	if (tree_find(an->tree, STR(".gitignore")) != TREE_NO_ROW) {
		code = file_read(a, input->root_fd, ".gitignore", CONTEXT_FILE_MAX_BYTES,
				&input->gitignore, NULL);
	}
	return code == TNG_ENOMEM ? error_nomem(err) : TNG_OK;
}

/* Workflows that build from the repository's URL: BuildKit clones it and reads no ignore file. */
static enum tng_code add_remote_builds(struct arena *a, const struct analysis *an,
		struct check_input *input, struct tng_error *err) {
	struct builds found;
	enum tng_code code = found_workflows(a, an, &found, err);
	struct check_fact *facts = code == TNG_OK
			? arena_new(a, struct check_fact, input->nfacts + found.n)
			: NULL;

	if (facts == NULL) {
		return code == TNG_OK ? error_nomem(err) : code;
	}
	if (input->nfacts > 0) {
		memcpy(facts, input->facts, input->nfacts * sizeof(*facts));
	}
	for (size_t i = 0; i < found.n; i++) {
		const struct found_build *b = &found.list[i];
		if ((b->is_remote || b->is_repository) && b->origin == BUILD_ORIGIN_WORKFLOW) {
			facts[input->nfacts++] = (struct check_fact){
				.rule = RULE_IGNORE_FILE_NOT_APPLIED,
				.file = b->file,
				.line = b->line,
				.text = STR("this build has a git repository as its context, and "
					    "reads no ignore file"),
			};
		}
	}
	input->facts = facts;
	return TNG_OK;
}

static enum tng_code fill_rest(struct arena *a, const struct analysis *an,
		struct check_input *input, struct tng_error *err) {
	enum tng_code code = fill_git(a, an, input, err);

	if (code == TNG_OK) {
		code = fill_gitignore(a, an, input, err);
	}
	if (code == TNG_OK && an->builds[0].context.ignore_origin != IGNORE_ORIGIN_NONE) {
		code = add_remote_builds(a, an, input, err);
	}
	return code;
}

static enum tng_code run_rules(struct arena *a, const struct analysis *an,
		const struct check_earlier *earlier, const struct check_options *options,
		struct check_result *out, struct tng_error *err) {
	struct check_build *builds = arena_new(a, struct check_build, an->nbuilds);
	struct check_input input = {
		.tree = an->tree,
		.root_fd = an->builds[0].context.root_fd,
		.git = an->has_git ? &an->git : NULL,
		.classes = &an->classes,
		.builds = builds,
		.nbuilds = an->nbuilds,
		.options = options,
		.earlier = earlier,
	};
	enum tng_code code = builds != NULL ? TNG_OK : error_nomem(err);

	if (code == TNG_OK) {
		code = fill_facts(a, an, &input, err);
	}
	if (code == TNG_OK) {
		code = fill_secrets(a, an, &input, err);
	}
	if (code == TNG_OK) {
		code = fill_rest(a, an, &input, err);
	}
	for (size_t i = 0; code == TNG_OK && i < an->nbuilds; i++) {
		code = fill_build(a, an, &an->builds[i], options->config, &builds[i], err);
	}
	return code == TNG_OK ? check_run(a, &input, out, err) : code;
}

enum tng_code analysis_check(struct arena *a, const struct analysis *an,
		const struct check_options *options, struct check_result *out,
		struct tng_error *err) {
	return run_rules(a, an, NULL, options, out, err);
}

/* What a build sends, as far as it is known. */
static const struct transfer_plan *sent_plan(const struct build *build) {
	enum lens lens = build_sent_lens(build);

	return lens != LENS_DISK ? build_plan(build, lens) : NULL;
}

enum tng_code analysis_check_against(struct arena *a, const struct analysis *an,
		const struct analysis *earlier, struct str name, bool only_new,
		const struct check_options *options, struct check_result *out,
		struct tng_error *err) {
	struct check_earlier sides = {
		.tree = earlier->tree,
		.plan = sent_plan(&earlier->builds[0]),
		.classes = &earlier->classes,
		.name = name,
	};
	struct check_result before;
	enum tng_code code = run_rules(a, earlier, NULL, options, &before, err);

	if (code == TNG_OK) {
		code = run_rules(a, an, &sides, options, out, err);
	}
	return code == TNG_OK ? check_mark_new(a, &before, only_new, out, err) : code;
}

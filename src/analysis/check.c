/*
 * The rules of `tonnage check` over a finished analysis: what other rooms found becomes facts, the ledger
 * and the verifier say what lines and sources are worth.
 */
#include "analysis/internal.h"
#include "util/file.h"

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
	{ "no-such-target", RULE_DOCKERFILE_ERROR, false },
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

/* A file that one build does not read, another may. */
static bool is_active_elsewhere(const struct analysis *an, const struct finding *f) {
	for (size_t i = 0; i < an->nbuilds; i++) {
		const struct context *ctx = &an->builds[i].context;
		if (ctx->ignore_origin != IGNORE_ORIGIN_NONE && ctx->ignore_note.len == 0 &&
				str_eq(ctx->ignore_path, f->file)) {
			return true;
		}
	}
	return false;
}

static enum tng_code fill_facts(struct arena *a, const struct analysis *an,
		struct check_input *input, struct tng_error *err) {
	struct check_fact *facts = arena_new(a, struct check_fact, an->nfindings);

	for (size_t i = 0; facts != NULL && i < an->nfindings; i++) {
		const struct finding *f = &an->findings[i];
		const struct known *k = find_known(f);
		bool is_active = k != NULL && k->rule == RULE_IGNORE_FILE_INACTIVE &&
				is_active_elsewhere(an, f);
		if (k != NULL && !is_active) {
			facts[input->nfacts++] = (struct check_fact){
				.rule = k->rule,
				.severity = k->keeps_severity ? severity_of(f->severity)
							      : CHECK_OFF,
				.file = f->file,
				.line = f->line,
				.column = f->column,
				.text = f->text,
				.build = f->build,
				.is_guess = f->is_guess && !k->keeps_severity,
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

/* ---- what only some runs need */

/* Whether a build asks git for its version: steps and manifests are read, if .git gets there at all. */
static enum tng_code fill_git(struct arena *a, const struct analysis *an, struct check_input *input,
		struct tng_error *err) {
	const struct build *build = &an->builds[0];
	uint32_t row = tree_find(an->tree, STR(".git"));
	bool is_sent = false;
	struct reference_build *builds = arena_new(a, struct reference_build, an->nbuilds);
	struct references_input what = {
		.tree = an->tree,
		.root_fd = build->context.root_fd,
		.builds = builds,
		.fate = build->plan.fate,
		.vcs = input->git,
		.classes = input->classes,
		.only_vcs = true,
	};
	const struct references *references = NULL;
	struct need need;

	if (builds == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < an->nbuilds; i++) {
		const struct build *b = &an->builds[i];
		is_sent |= row != TREE_NO_ROW && build_in_lens(b, build_sent_lens(b), row);
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
	if (code == TNG_OK) {
		code = others_contexts(a, an, &input->contexts, &input->ncontexts, err);
	}
	if (code == TNG_OK && an->builds[0].context.ignore_origin != IGNORE_ORIGIN_NONE) {
		code = add_remote_builds(a, an, input, err);
	}
	return code;
}

/* *sent: what the builds of an ignore file send, that of the build `which`. */
static enum tng_code run_rules(struct arena *a, const struct analysis *an,
		const struct check_earlier *earlier, const struct check_options *options,
		struct check_result *out, size_t which, const struct transfer_plan **sent,
		struct tng_error *err) {
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
	struct check_policy *unused = NULL;
	if (code == TNG_OK) {
		code = check_policies_fill(a, an, options->config, &unused, &input.nunused, err);
		input.unused = unused;
	}
	if (code == TNG_OK) {
		code = check_builds_fill(a, an, options->config, builds, err);
	}
	if (code == TNG_OK) {
		*sent = builds[builds[which].ignore_file_of].together;
		code = check_run(a, &input, out, err);
	}
	return code;
}

enum tng_code analysis_check(struct arena *a, const struct analysis *an,
		const struct check_options *options, struct check_result *out,
		struct tng_error *err) {
	const struct transfer_plan *sent;

	return run_rules(a, an, NULL, options, out, 0, &sent, err);
}

/* The earlier build of the first ignore file, as far as the revision has one; SIZE_MAX: it has none. */
static size_t find_earlier(const struct analysis *an, const struct analysis *earlier) {
	size_t number = 0;

	if (!earlier->lacks_dockerfile) {
		return 0;
	}
	for (size_t i = 0; i < an->nbuilds; i++) {
		if (!earlier->lacks[i] &&
				build_shares_ignore_file(&an->builds[0], &an->builds[i])) {
			return number;
		}
		number += !earlier->lacks[i];
	}
	return SIZE_MAX;
}

/* Without any of its Dockerfiles the revision has no such build: what it would find is another one's. */
static bool has_any(const struct analysis *an, const struct analysis *earlier) {
	bool has = !earlier->lacks_dockerfile;

	for (size_t i = 0; !has && i < an->nbuilds; i++) {
		has = !earlier->lacks[i];
	}
	return has;
}

enum tng_code analysis_check_against(struct arena *a, const struct analysis *an,
		const struct analysis *earlier, struct str name, bool only_new,
		const struct check_options *options, struct check_result *out,
		struct tng_error *err) {
	struct check_earlier sides = {
		.tree = earlier->tree,
		.classes = &earlier->classes,
		.name = name,
	};
	const struct transfer_plan *sent;
	struct check_result before = { 0 };
	size_t which = find_earlier(an, earlier);
	enum tng_code code = TNG_OK;

	if (has_any(an, earlier)) {
		code = run_rules(a, earlier, NULL, options, &before, which != SIZE_MAX ? which : 0,
				&sides.plan, err);
	}
	sides.plan = which != SIZE_MAX ? sides.plan : NULL;
	sides.lacks = earlier->lacks_dockerfile ? earlier->lacks : NULL;
	if (code == TNG_OK) {
		code = run_rules(a, an, &sides, options, out, 0, &sent, err);
	}
	return code == TNG_OK ? check_mark_new(a, &before, only_new, out, err) : code;
}

/*
 * One run of the rules:
 *
 *   facts, families ─▶ list ─▶ suppressed? ─▶ sorted, no two alike ─▶ fingerprints ─▶ counts
 */
#include "check/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MESSAGE_MAX_BYTES 600

/* ---- the policy */

static bool is_in(const struct str *ids, size_t n, enum check_rule_id rule) {
	for (size_t i = 0; i < n; i++) {
		if (str_eq(ids[i], str_from(check_rule(rule)->id))) {
			return true;
		}
	}
	return false;
}

bool check_policy_severity(const struct config_policy *policy, enum check_rule_id rule,
		enum check_severity *out) {
	bool found = false;

	for (size_t i = 0; policy != NULL && i < policy->nseverities; i++) {
		if (str_eq(policy->severities[i].rule, str_from(check_rule(rule)->id))) {
			*out = (enum check_severity)policy->severities[i].severity;
			found = true;
		}
	}
	return found;
}

static enum check_severity severity_of(
		const struct checker *c, enum check_rule_id rule, enum check_severity given) {
	const struct check_options *in = c->in->options;
	enum check_severity severity = given != CHECK_OFF ? given : check_rule(rule)->severity;
	bool is_guess = c->build != NULL ? c->build->is_guess : c->is_guess;

	severity -= is_guess && severity > CHECK_NOTE;
	if ((in->nonly > 0 && !is_in(in->only, in->nonly, rule)) ||
			is_in(in->skip, in->nskip, rule)) {
		return CHECK_OFF;
	}
	if (c->build == NULL || !check_policy_severity(c->build->policy, rule, &severity)) {
		(void)check_policy_severity(&in->config->policy, rule, &severity);
	}
	return severity;
}

/* The least severity that fails. */
static enum check_severity threshold_of(const struct checker *c) {
	const struct config_policy *of_build = c->build != NULL ? c->build->policy : NULL;
	enum config_fail_on fail_on = c->in->options->fail_on;

	if (fail_on == CONFIG_FAIL_ON_UNSET && of_build != NULL) {
		fail_on = of_build->fail_on;
	}
	if (fail_on == CONFIG_FAIL_ON_UNSET) {
		fail_on = c->in->options->config->policy.fail_on;
	}
	switch (fail_on) {
	case CONFIG_FAIL_ON_NEVER:
		return CHECK_ERROR + 1;
	case CONFIG_FAIL_ON_NOTE:
		return CHECK_NOTE;
	case CONFIG_FAIL_ON_WARNING:
		return CHECK_WARNING;
	case CONFIG_FAIL_ON_UNSET:
	case CONFIG_FAIL_ON_ERROR:
		break;
	}
	return CHECK_ERROR;
}

static enum tng_code want_rules(const struct str *ids, size_t n, struct tng_error *err) {
	for (size_t i = 0; i < n; i++) {
		struct str near = check_rule_nearest(ids[i]);
		if (check_rule_find(ids[i]) == CHECK_NRULES) {
			return error_set(err, TNG_EINVAL,
					"\"%.*s\" is no rule of tonnage check%s%.*s%s tonnage "
					"rules lists them",
					STR_FMT(str_take(ids[i], 60)),
					near.len > 0 ? "; did you mean \"" : "", STR_FMT(near),
					near.len > 0 ? "\"?" : ";");
		}
	}
	return TNG_OK;
}

/* ---- what the families share */

bool check_wants(const struct checker *c, enum check_rule_id rule) {
	return severity_of(c, rule, CHECK_OFF) != CHECK_OFF;
}

void check_code(struct checker *c, enum tng_code code) {
	c->failed |= code == TNG_ENOMEM;
}

ATTR_PRINTF(2, 0)
static struct str format_text(struct checker *c, const char *format, va_list args) {
	char text[MESSAGE_MAX_BYTES];
	int n = vsnprintf(text, sizeof(text), format, args);
	size_t len = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
	struct str kept = arena_copy(c->arena, str_make(text, len));

	c->failed |= kept.ptr == NULL;
	return kept.ptr != NULL ? kept : STR("");
}

struct str check_text(struct checker *c, const char *format, ...) {
	va_list args;

	va_start(args, format);
	struct str text = format_text(c, format, args);
	va_end(args);
	return text;
}

struct str check_path(struct checker *c, uint32_t row) {
	struct buf path = { 0 };

	tree_path(c->in->tree, row, &path);
	struct str kept = arena_copy(c->arena, buf_str(&path));
	c->failed |= buf_failed(&path) || kept.ptr == NULL;
	buf_fini(&path);
	return kept.ptr != NULL ? kept : STR("");
}

struct check_finding *check_add(struct checker *c, enum check_rule_id rule,
		enum check_severity severity, const char *format, ...) {
	enum check_severity effective = severity_of(c, rule, severity);
	struct check_finding *f = effective != CHECK_OFF ? VEC_PUSH(&c->list) : NULL;
	va_list args;

	if (f == NULL) {
		c->failed |= effective != CHECK_OFF;
		c->spare = (struct check_finding){ 0 };
		return &c->spare;
	}
	va_start(args, format);
	*f = (struct check_finding){
		.rule = rule,
		.severity = effective,
		.message = format_text(c, format, args),
		.build = check_number(c),
		.is_of_last = c->build == NULL || check_target(c->build).len == 0,
		.fails = effective >= threshold_of(c),
	};
	va_end(args);
	return f;
}

bool check_is_first(const struct checker *c) {
	return c->build->ignore_file_of == check_number(c);
}

size_t check_number(const struct checker *c) {
	return c->build != NULL ? (size_t)(c->build - c->in->builds) : 0;
}

struct str check_target(const struct check_build *build) {
	const struct build_sources *s = build->sources;
	bool is_last = s == NULL || s->nstages == 0 || s->target + 1 == s->nstages;

	return is_last ? STR("") : build->target;
}

const struct transfer_plan *check_sent_plan(const struct check_build *build) {
	if (build->is_idle) {
		return NULL;
	}
	if (build->requested != NULL && build->context->engine == TNG_ENGINE_BUILDKIT) {
		return build->requested;
	}
	return build->has_plan ? build->plan : NULL;
}

const char *check_is(const struct checker *c) {
	return c->build->is_guess ? "would be" : "is";
}

const char *check_verb(const struct source *s) {
	switch (s->kind) {
	case SOURCE_COPY:
		return "COPY";
	case SOURCE_ADD:
		return "ADD";
	case SOURCE_BIND:
	case SOURCE_TMPFS:
	case SOURCE_REMOTE:
		break;
	}
	return "the bind mount";
}

struct str check_raw_line(struct str text, uint32_t number) {
	struct str line = STR("");

	for (uint32_t i = 0; i < number && (text.len > 0 || i == 0); i++) {
		(void)str_cut(text, '\n', &line, &text);
	}
	return line;
}

struct str check_line(struct str text, uint32_t number) {
	struct str line = check_raw_line(text, number);

	return str_ends(line, STR("\r")) ? str_take(line, line.len - 1) : line;
}

/* ---- the run */

static void add_facts(struct checker *c) {
	for (size_t i = 0; i < c->in->nfacts; i++) {
		const struct check_fact *fact = &c->in->facts[i];
		c->is_guess = fact->is_guess;
		struct check_finding *f = check_add(
				c, fact->rule, fact->severity, "%.*s", STR_FMT(fact->text));
		f->build = fact->build;
		f->file = fact->file;
		f->line = fact->line;
		f->column = fact->column;
		f->path = fact->path;
		if (fact->rule == RULE_PATTERN_ERROR) {
			check_explain_error(c, f);
		}
	}
	c->is_guess = false;
}

static void add_unused(struct checker *c) {
	for (size_t i = 0; i < c->in->nunused; i++) {
		const struct check_policy *unused = &c->in->unused[i];
		const struct config_policy *p = unused->policy;
		struct check_finding *f = check_add(c, RULE_POLICY_UNUSED, CHECK_OFF,
				"relative to this file there is no %.*s: what is set for it holds "
				"for no build",
				STR_FMT(str_take(p->dockerfile, 200)));
		f->file = unused->file;
		f->line = p->line;
		f->column = p->column;
		f->subject = p->dockerfile;
		f->fix = unused->near.len > 0 ? check_text(c, "write %.*s", STR_FMT(unused->near))
					      : STR("correct the name, or take the section out");
	}
}

static int compare_numbers(uint64_t x, uint64_t y) {
	return (x > y) - (x < y);
}

static int compare_findings(const void *x, const void *y) {
	const struct check_finding *a = x, *b = y;
	int order = str_cmp(a->file, b->file);

	order = order != 0 ? order : compare_numbers(a->line, b->line);
	order = order != 0 ? order : compare_numbers(b->severity, a->severity);
	order = order != 0 ? order : compare_numbers(a->rule, b->rule);
	order = order != 0 ? order : compare_numbers(a->column, b->column);
	order = order != 0 ? order : path_cmp(a->path, b->path);
	return order != 0 ? order : str_cmp(a->message, b->message);
}

/* What a finding is about, whichever build it is told of. */
static int compare_facts(const struct check_finding *a, const struct check_finding *b) {
	int order = compare_numbers(a->rule, b->rule);

	order = order != 0 ? order : str_cmp(a->file, b->file);
	order = order != 0 ? order : compare_numbers(a->line, b->line);
	order = order != 0 ? order : compare_numbers(a->column, b->column);
	order = order != 0 ? order : str_cmp(a->path, b->path);
	return order != 0 ? order : str_cmp(a->subject, b->subject);
}

/* Of one fact, the build that says it best comes first: gravest, of the last stage, first. */
static int compare_tellers(const void *x, const void *y) {
	const struct check_finding *a = x, *b = y;
	int order = compare_facts(a, b);

	order = order != 0 ? order : compare_numbers(b->severity, a->severity);
	order = order != 0 ? order : compare_numbers(!a->is_of_last, !b->is_of_last);
	order = order != 0 ? order : compare_numbers(a->build, b->build);
	return order != 0 ? order : str_cmp(a->message, b->message);
}

/* Builds may share a file, or a stage: what two of them say is said once, by one of them. */
static size_t drop_doubles(struct check_finding *list, size_t n) {
	size_t kept = 0, first = 0;

	qsort(list, n, sizeof(*list), compare_tellers);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || compare_facts(&list[first], &list[i]) != 0) {
			first = kept;
		} else if (list[i].build != list[first].build ||
				str_eq(list[i].message, list[kept - 1].message)) {
			list[first].fails |= list[i].fails;
			continue;
		}
		list[kept++] = list[i];
	}
	return kept;
}

/* FNV-1a: the same on every machine. */
static uint64_t hash_more(uint64_t h, struct str s) {
	for (size_t i = 0; i < s.len; i++) {
		h = (h ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001b3);
	}
	return (h ^ 0xFF) * UINT64_C(0x100000001b3); /* no byte of UTF-8: an end */
}

/* The path as far as it says which finding it is. */
static struct str identity_path(const struct check_finding *f) {
	return f->path_is_one_of_many ? STR("") : f->path;
}

static uint64_t hash_finding(uint64_t h, const struct check_finding *f, uint32_t ordinal) {
	char number[16];

	(void)snprintf(number, sizeof(number), "%u", ordinal);
	h = hash_more(h, str_from(check_rule(f->rule)->id));
	h = hash_more(h, f->file_id.len > 0 ? f->file_id : f->file);
	h = hash_more(h, identity_path(f));
	h = hash_more(h, f->subject);
	return hash_more(h, str_from(number));
}

static bool is_alike(const struct check_finding *a, const struct check_finding *b) {
	return a->rule == b->rule && str_eq(a->file, b->file) &&
			str_eq(identity_path(a), identity_path(b)) &&
			str_eq(a->subject, b->subject);
}

/* The working directory is no part of what a finding is about. */
static void set_file_ids(const struct check_input *in, struct check_finding *list, size_t n) {
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < in->nbuilds && list[i].file.len > 0; k++) {
			const struct check_build *b = &in->builds[k];
			if (b->dockerfile_id.len > 0 &&
					str_eq(list[i].file, b->context->dockerfile)) {
				list[i].file_id = b->dockerfile_id;
			} else if (b->ignore_id.len > 0 &&
					str_eq(list[i].file, b->context->ignore_path)) {
				list[i].file_id = b->ignore_id;
			}
		}
	}
}

static void set_fingerprints(struct check_finding *list, size_t n) {
	for (size_t i = 0; i < n; i++) {
		uint32_t ordinal = 0;
		/* those of one file stand together */
		for (size_t k = i; k > 0 && str_eq(list[k - 1].file, list[i].file); k--) {
			ordinal += is_alike(&list[k - 1], &list[i]);
		}
		uint64_t high = hash_finding(UINT64_C(0xcbf29ce484222325), &list[i], ordinal);
		uint64_t low = hash_finding(high, &list[i], ordinal);
		(void)snprintf(list[i].fingerprint, sizeof(list[i].fingerprint), "%016llx%016llx",
				(unsigned long long)high, (unsigned long long)low);
	}
}

void check_count(struct check_result *result) {
	memset(result->nby_severity, 0, sizeof(result->nby_severity));
	result->nsuppressed = result->nknown = result->nfailing = 0;
	for (size_t i = 0; i < result->n; i++) {
		const struct check_finding *f = &result->findings[i];
		if (f->is_suppressed) {
			result->nsuppressed++;
		} else if (f->is_known) {
			result->nknown++;
		} else {
			result->nby_severity[f->severity]++;
			result->nfailing += f->fails;
		}
	}
}

static enum tng_code finish(struct checker *c, struct check_result *out, struct tng_error *err) {
	size_t n = c->list.len;
	struct check_finding *findings = arena_new(c->arena, struct check_finding, n);

	if (findings == NULL || c->failed) {
		return error_nomem(err);
	}
	if (n > 0) {
		memcpy(findings, c->list.ptr, n * sizeof(*findings));
		n = drop_doubles(findings, n);
		qsort(findings, n, sizeof(*findings), compare_findings);
	}
	set_file_ids(c->in, findings, n);
	set_fingerprints(findings, n);
	*out = (struct check_result){ .findings = findings, .n = n };
	check_count(out);
	return TNG_OK;
}

static void run_build(struct checker *c) {
	check_needs(c);
	if (check_is_first(c)) {
		check_find_unwanted(c);
		check_patterns(c);
		check_files(c);
		check_hygiene(c);
	}
	check_budgets(c);
	check_new_build(c);
}

enum tng_code check_run(struct arena *a, const struct check_input *input, struct check_result *out,
		struct tng_error *err) {
	struct checker c = { .arena = a, .in = input };
	enum tng_code code = want_rules(input->options->only, input->options->nonly, err);

	if (code == TNG_OK) {
		code = want_rules(input->options->skip, input->options->nskip, err);
	}
	if (code == TNG_OK) {
		code = check_want_budgets(input, err);
	}
	if (code != TNG_OK) {
		return code;
	}
	check_look_around(&c);
	add_facts(&c);
	add_unused(&c);
	check_secrets(&c);
	for (size_t i = 0; i < input->nbuilds; i++) {
		c.build = &input->builds[i];
		run_build(&c);
	}
	c.build = input->nbuilds > 0 ? &input->builds[0] : NULL;
	check_regression(&c);
	for (size_t i = 0; i < input->nbuilds; i++) {
		c.build = &input->builds[i];
		if (check_is_first(&c)) {
			check_suppress(&c);
		}
	}
	c.build = NULL;
	code = finish(&c, out, err);
	free(c.list.ptr);
	return code;
}

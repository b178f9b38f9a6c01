/*
 * Which lines of an ignore file would have kept instructions from running again:
 *
 *   proposal ─▶ the lines of it that decide changes ─▶ today's file and these ─▶ verified, changes decided anew
 */
#include "analysis/internal.h"

struct preventer {
	struct arena *arena;
	const struct analysis *an;
	const struct manifest_diff *diff;
	struct analysis_proposal proposal;
	uint8_t *is_busting; /* per change: some instruction runs again for it, by this ignore file */
	uint8_t *is_taken;   /* per change: the lines take it, and today's do not */
	size_t *ntaken;      /* per line of the proposal */
};

static struct str path_of(const struct manifest_change *change) {
	return change->after != NULL ? change->after->path : change->before->path;
}

/* With several Dockerfiles only instructions that live with the first one's ignore file. */
static bool is_ours(const struct preventer *p, const struct manifest_bust *bust) {
	const struct build *builds = p->an->builds;

	for (size_t i = 1; i < p->an->nbuilds; i++) {
		if (!str_eq(builds[i].context.ignore_path, builds[0].context.ignore_path)) {
			return str_eq(bust->instruction->dockerfile, builds[0].context.dockerfile);
		}
	}
	return true;
}

static void mark_busting(struct preventer *p) {
	for (size_t i = 0; i < p->diff->nbusted; i++) {
		const struct manifest_bust *bust = &p->diff->busted[i];
		for (size_t k = 0; k < bust->nchanges && is_ours(p, bust); k++) {
			p->is_busting[bust->changes[k]] = 1;
		}
	}
}

/* ---- deciding */

struct decider {
	struct ignore_set *set;
	struct ignore_scratch *scratch;
};

static enum tng_code open_decider(const struct preventer *p, struct str text, struct decider *out,
		struct tng_error *err) {
	const struct transfer_request request = build_transfer_request(&p->an->builds[0]);
	enum tng_code code = transfer_patterns(text, &request, &out->set, err);

	if (code != TNG_OK) {
		return code;
	}
	out->scratch = ignore_scratch_create(out->set);
	return out->scratch != NULL ? TNG_OK : error_nomem(err);
}

static void close_decider(struct decider *d) {
	ignore_scratch_destroy(d->scratch);
	ignore_destroy(d->set);
}

/* Per change the line that takes it, 1-based; 0: none does. */
static enum tng_code decide(
		const struct preventer *p, struct str text, uint32_t **out, struct tng_error *err) {
	struct decider d = { .set = NULL };
	uint32_t *lines = arena_new(p->arena, uint32_t, p->diff->n);
	enum tng_code code = lines == NULL ? error_nomem(err) : open_decider(p, text, &d, err);

	for (size_t i = 0; i < p->diff->n && code == TNG_OK; i++) {
		struct verdict verdict = { .excluded = false };
		if (p->is_busting[i] == 0) {
			continue;
		}
		code = ignore_decide_path(d.scratch, path_of(&p->diff->changes[i]), &verdict, err);
		lines[i] = verdict.excluded ? ignore_pattern(d.set, verdict.pattern)->line : 0;
	}
	close_decider(&d);
	*out = lines;
	return code;
}

/* ---- the lines */

static struct str line_at(struct str text, uint32_t number) {
	struct str line = STR("");

	for (uint32_t i = 0; i < number; i++) {
		(void)str_cut(text, '\n', &line, &text);
	}
	return str_trim(line);
}

static void count(struct preventer *p, struct str pattern) {
	const struct proposal *proposal = &p->proposal.proposal;

	for (size_t i = 0; i < proposal->nlines; i++) {
		if (str_eq(proposal->lines[i].pattern, pattern)) {
			p->ntaken[i]++;
			return;
		}
	}
}

/* The lines of the proposal that decide a change which today's file lets through. */
static enum tng_code choose(struct preventer *p, struct tng_error *err) {
	struct str text = p->proposal.proposal.text;
	uint32_t *today = NULL, *then = NULL;
	enum tng_code code = decide(p, p->an->builds[0].context.ignore_text, &today, err);

	code = code == TNG_OK ? decide(p, text, &then, err) : code;
	for (size_t i = 0; i < p->diff->n && code == TNG_OK; i++) {
		if (then[i] > 0 && today[i] == 0) {
			count(p, line_at(text, then[i]));
		}
	}
	return code;
}

/* Those, each with the exceptions behind it; and today's file with them. */
static enum tng_code list_lines(struct preventer *p, struct prevention *out, struct buf *text,
		struct tng_error *err) {
	const struct proposal *proposal = &p->proposal.proposal;
	struct str today = p->an->builds[0].context.ignore_text;
	struct prevention_line *lines =
			arena_new(p->arena, struct prevention_line, proposal->nlines);
	bool is_chosen = false;

	if (lines == NULL) {
		return error_nomem(err);
	}
	buf_append(text, today);
	buf_append(text, today.len > 0 && !str_ends(today, STR("\n")) ? STR("\n") : STR(""));
	for (size_t i = 0; i < proposal->nlines; i++) {
		is_chosen = p->ntaken[i] > 0 || (is_chosen && proposal->lines[i].is_behind);
		if (is_chosen) {
			lines[out->n++] = (struct prevention_line){
				.pattern = proposal->lines[i].pattern,
				.nchanges = p->ntaken[i],
			};
			buf_append(text, proposal->lines[i].pattern);
			buf_putc(text, '\n');
		}
	}
	out->lines = lines;
	return buf_failed(text) ? error_nomem(err) : TNG_OK;
}

/* ---- the proof */

static enum tng_code is_safe(
		const struct preventer *p, struct str text, bool *out, struct tng_error *err) {
	const struct analysis_proposal *proposal = &p->proposal;
	struct verify_build *builds =
			arena_new(p->arena, struct verify_build, proposal->nbuilds + 1);
	struct verify_input input = {
		.tree = p->an->tree,
		.builds = builds,
		.nbuilds = proposal->nbuilds + (proposal->nbuilds == 0),
		.before = p->an->builds[0].context.ignore_text,
		.has_before = true,
		.may_go = proposal->proposal.may_go,
	};
	struct verifier *verifier = NULL;
	struct verification v = { .is_safe = false };

	if (builds == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < proposal->nbuilds; i++) {
		const struct proposed_build *b = &proposal->builds[i];
		builds[i] = (struct verify_build){
			.dockerfile = b->is_inside ? b->dockerfile : STR(""),
			.sources = b->sources,
		};
	}
	enum tng_code code = verifier_create(&input, &verifier, err);
	if (code == TNG_OK) {
		code = verify_text(verifier, p->arena, text, &v, err);
	}
	verifier_destroy(verifier);
	*out = v.is_safe;
	return code;
}

/* What is left for each instruction when the lines are there. */
static enum tng_code take(struct preventer *p, struct str text, struct prevention *out,
		struct tng_error *err) {
	uint32_t *today = NULL, *then = NULL;
	size_t *left = arena_new(p->arena, size_t, p->diff->nbusted);
	enum tng_code code = left == NULL
			? error_nomem(err)
			: decide(p, p->an->builds[0].context.ignore_text, &today, err);

	code = code == TNG_OK ? decide(p, text, &then, err) : code;
	for (size_t i = 0; i < p->diff->n && code == TNG_OK; i++) {
		p->is_taken[i] = then[i] > 0 && today[i] == 0;
		out->nchanges += p->is_taken[i];
	}
	out->is_all = out->nchanges > 0;
	for (size_t i = 0; i < p->diff->nbusted && code == TNG_OK; i++) {
		const struct manifest_bust *bust = &p->diff->busted[i];
		for (size_t k = 0; k < bust->nchanges; k++) {
			left[i] += p->is_taken[bust->changes[k]] == 0 || !is_ours(p, bust);
		}
		out->is_all = out->is_all && left[i] == 0 && !bust->is_new;
	}
	out->left = left;
	return code;
}

static enum tng_code prevent(struct preventer *p, struct prevention *out, struct buf *text,
		struct tng_error *err) {
	bool safe = false;
	enum tng_code code = choose(p, err);

	code = code == TNG_OK ? list_lines(p, out, text, err) : code;
	if (code == TNG_OK && out->n > 0) {
		code = is_safe(p, buf_str(text), &safe, err);
	}
	if (code == TNG_OK && safe) {
		code = take(p, buf_str(text), out, err);
	}
	if (!safe || out->nchanges == 0) {
		out->n = 0;
	}
	return code;
}

enum tng_code analysis_prevent(struct arena *a, const struct analysis *an,
		const struct manifest_diff *diff, const struct str *keep, size_t nkeep,
		struct prevention *out, struct tng_error *err) {
	const struct propose_options options = {
		.mode = PROPOSE_DENY_LIST,
		.level = PROPOSE_THOROUGH,
		.keep = keep,
		.nkeep = nkeep,
	};
	struct preventer p = {
		.arena = a,
		.an = an,
		.diff = diff,
		.is_busting = arena_new(a, uint8_t, diff->n),
		.is_taken = arena_new(a, uint8_t, diff->n),
	};
	struct tng_error bad = { 0 };

	*out = (struct prevention){ .n = 0 };
	if (p.is_busting == NULL || p.is_taken == NULL) {
		return error_nomem(err);
	}
	mark_busting(&p);
	enum tng_code code = analysis_propose(a, an, &options, &p.proposal, &bad);
	if (code != TNG_OK) {
		return code == TNG_ENOMEM ? error_pass(err, &bad) : TNG_OK;
	}
	p.ntaken = arena_new(a, size_t, p.proposal.proposal.nlines);
	if (p.ntaken == NULL) {
		return error_nomem(err);
	}
	struct buf text = { 0 };
	code = prevent(&p, out, &text, &bad);
	out->path = p.proposal.path;
	buf_fini(&text);
	if (code != TNG_OK) {
		out->n = 0;
	}
	return code == TNG_ENOMEM ? error_pass(err, &bad) : TNG_OK;
}

/*
 * A snapshot: what each instruction of the builds selects, as rows, for digest/ to read. Whatever is sent
 * because something below it is (a parent) is no part of what an instruction selects, and cannot bust it.
 */
#include "analysis/internal.h"
#include "digest/digest.h"
#include "util/buf.h"
#include "util/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct snapshot {
	struct arena *arena;
	const struct analysis *an;
	struct {
		VEC_FIELDS(struct manifest_selection)
	} selections;
};

/* ---- which rows */

/* Rows that are asked for themselves, and what is below them. */
static void mark_selected(const struct tree *tree, const struct transfer_plan *plan, bool all,
		uint8_t *rows) {
	uint32_t nrows = tree_nrows(tree);

	for (uint32_t row = 1; row < nrows; row++) {
		uint32_t parent = tree_parent(tree, row);
		bool is_below = all || (parent > 0 && rows[parent] != 0);
		bool is_way = plan->fate[row] == FATE_PARENT && is_below;
		rows[row] = plan->fate[row] == FATE_SENT ? ROW_SELECTED
				: is_way                 ? ROW_ON_THE_WAY
							 : ROW_NOT_SELECTED;
	}
}

/* What COPY --exclude leaves out, below the source that it is written with. */
static enum tng_code drop_excluded(const struct tree *tree, const struct source *source,
		uint8_t *rows, struct tng_error *err) {
	struct ignore_set *set = NULL;
	struct buf text = { 0 }, path = { 0 };
	uint32_t top = follow_plain(tree, source->path);
	bool all = str_eq(source->path, STR("."));

	for (size_t i = 0; i < source->nexcludes; i++) {
		buf_append(&text, source->excludes[i]);
		buf_putc(&text, '\n');
	}
	enum tng_code code = buf_failed(&text) ? error_nomem(err)
					       : ignore_parse(buf_str(&text), &set, err);
	struct ignore_scratch *scratch = code == TNG_OK ? ignore_scratch_create(set) : NULL;
	if (code == TNG_OK && scratch == NULL) {
		code = error_nomem(err);
	}
	top = all ? 0 : top;
	for (uint32_t row = top; code == TNG_OK && top != TREE_NO_ROW && row < tree_end(tree, top);
			row++) {
		struct verdict verdict = { .pattern = IGNORE_NO_PATTERN };
		buf_clear(&path);
		tree_path(tree, row, &path);
		struct str below = str_skip(buf_str(&path), all ? 0 : source->path.len + 1);
		if (row == top || rows[row] == 0) {
			continue;
		}
		code = buf_failed(&path) ? error_nomem(err)
					 : ignore_decide_path(scratch, below, &verdict, err);
		rows[row] = verdict.excluded ? (uint8_t)ROW_NOT_SELECTED : rows[row];
	}
	ignore_scratch_destroy(scratch);
	ignore_destroy(set);
	buf_fini(&text);
	buf_fini(&path);
	return code;
}

static enum tng_code fill_rows(const struct analysis *an, struct arena *scratch,
		const struct build *build, uint32_t line, uint8_t *rows, struct tng_error *err) {
	struct transfer_plan plan;
	enum tng_code code = analysis_plan_line(scratch, an, build, line, &plan, err);

	if (code != TNG_OK) {
		return code;
	}
	mark_selected(an->tree, &plan, plan.fate == build->plan.fate, rows);
	for (size_t i = 0; i < build->sources->nsources && code == TNG_OK; i++) {
		const struct source *source = &build->sources->sources[i];
		if (source->line == line && source->context == DOCKERFILE_MAIN_CONTEXT &&
				source->nexcludes > 0) {
			code = drop_excluded(an->tree, source, rows, err);
		}
	}
	return code;
}

enum tng_code snapshot_rows(const struct analysis *an, const struct build *build, uint32_t line,
		uint8_t *rows, struct tng_error *err) {
	struct arena *scratch = arena_create(); /* a plan is larger than what is kept of it */
	enum tng_code code = scratch == NULL ? error_nomem(err)
					     : fill_rows(an, scratch, build, line, rows, err);

	arena_destroy(scratch);
	return code;
}

static enum tng_code select_rows(const struct snapshot *s, const struct build *build, uint32_t line,
		const uint8_t **out, struct tng_error *err) {
	uint8_t *rows = arena_new(s->arena, uint8_t, tree_nrows(s->an->tree));

	*out = rows;
	return rows == NULL ? error_nomem(err) : snapshot_rows(s->an, build, line, rows, err);
}

/* ---- which instruction */

static const struct instruction *instruction_on(const struct dockerfile *df, uint32_t line) {
	for (size_t i = 0; i < df->ninstructions; i++) {
		if (df->instructions[i].line == line) {
			return &df->instructions[i];
		}
	}
	return NULL;
}

static struct str stage_name(struct arena *a, const struct dockerfile *df, uint32_t stage) {
	char number[16];

	if (df->stages[stage].name.len > 0) {
		return df->stages[stage].name;
	}
	(void)snprintf(number, sizeof(number), "%u", stage);
	return arena_copy(a, str_from(number));
}

static bool needs_any(const struct stage_use *use, const bool *is_then) {
	for (size_t i = 0; i < use->nneeds; i++) {
		if (is_then[use->needs[i]]) {
			return true;
		}
	}
	return false;
}

/* Reached stages that are built from one, directly or by way of others. */
static bool put_then_stages(struct arena *a, const struct build *build, uint32_t stage,
		struct manifest_instruction *out) {
	size_t nstages = build->sources->nstages;
	struct str *names = arena_new(a, struct str, nstages);
	bool *is_then = arena_new(a, bool, nstages);

	if (names == NULL || is_then == NULL) {
		return false;
	}
	is_then[stage] = true;
	for (bool changed = true; changed;) {
		changed = false;
		for (size_t k = 0; k < nstages; k++) {
			const struct stage_use *use = &build->sources->stages[k];
			if (!is_then[k] && use->is_reached && needs_any(use, is_then)) {
				is_then[k] = changed = true;
			}
		}
	}
	for (uint32_t k = 0; k < nstages; k++) {
		if (is_then[k] && k != stage) {
			names[out->nthen_stages++] = stage_name(a, build->dockerfile, k);
		}
	}
	out->then = names;
	return true;
}

/* The way from the root to the Dockerfile, which is the same in another checkout. */
static struct str dockerfile_name(const struct snapshot *s, const struct build *build) {
	const struct context *ctx = &build->context;
	struct str root =
			s->an->revision != NULL ? vcs_revision_prefix(s->an->revision) : ctx->root;

	return ctx->dockerfile_is_inside || str_eq(ctx->dockerfile, STR("-"))
			? ctx->dockerfile
			: path_from(s->arena, root, ctx->dockerfile);
}

static enum tng_code add_line(struct snapshot *s, const struct build *build,
		const struct source *source, struct tng_error *err) {
	const struct dockerfile *df = build->dockerfile;
	const struct stage *stage = &df->stages[source->stage];
	const struct instruction *in = instruction_on(df, source->line);
	struct manifest_selection *slot = VEC_PUSH(&s->selections);

	if (slot == NULL) {
		return error_nomem(err);
	}
	slot->instruction = (struct manifest_instruction){
		.dockerfile = dockerfile_name(s, build),
		.stage = stage_name(s->arena, df, source->stage),
		.line = source->line,
		.text = in != NULL ? in->text : source->written,
	};
	if (in != NULL && in->stage == source->stage) {
		slot->instruction.nthen = stage->instruction + stage->ninstructions - 1 -
				(uint32_t)(in - df->instructions);
	}
	if (slot->instruction.stage.ptr == NULL || slot->instruction.dockerfile.ptr == NULL ||
			!put_then_stages(s->arena, build, source->stage, &slot->instruction)) {
		return error_nomem(err);
	}
	return select_rows(s, build, source->line, &slot->rows, err);
}

static bool is_seen(const struct build *build, size_t index) {
	const struct source *source = &build->sources->sources[index];

	for (size_t i = 0; i < index; i++) {
		const struct source *other = &build->sources->sources[i];
		if (other->line == source->line && other->stage == source->stage &&
				other->context == DOCKERFILE_MAIN_CONTEXT &&
				other->kind != SOURCE_REMOTE) {
			return true;
		}
	}
	return false;
}

static enum tng_code add_build(
		struct snapshot *s, const struct build *build, struct tng_error *err) {
	enum tng_code code = TNG_OK;

	for (size_t i = 0; i < build->sources->nsources && code == TNG_OK; i++) {
		const struct source *source = &build->sources->sources[i];
		if (source->context == DOCKERFILE_MAIN_CONTEXT && source->kind != SOURCE_REMOTE &&
				source->kind != SOURCE_TMPFS && !is_seen(build, i)) {
			code = add_line(s, build, source, err);
		}
	}
	return code;
}

static enum tng_code add_builds(struct snapshot *s, struct tng_error *err) {
	enum tng_code code = TNG_OK;

	for (size_t i = 0; i < s->an->nbuilds && code == TNG_OK; i++) {
		const struct build *build = &s->an->builds[i];
		if (!build->has_plan) {
			return error_set(err, TNG_EINVAL,
					"a bad ignore file: every build fails, so there is "
					"nothing to compare");
		}
		if (build->has_requested) {
			code = add_build(s, build, err);
		}
	}
	return code;
}

enum tng_code analysis_snapshot(struct arena *a, const struct analysis *an, unsigned njobs,
		bool by_object, struct manifest *out, struct tng_error *err) {
	const struct build *first = &an->builds[0];
	struct snapshot s = { .arena = a, .an = an };
	struct digest_source source = {
		.tree = an->tree,
		.root_fd = first->context.root_fd,
		.njobs = njobs,
		.revision = an->revision,
		.by_object = by_object,
	};
	uint8_t *eligible = arena_new(a, uint8_t, tree_nrows(an->tree));
	enum tng_code code = eligible == NULL ? error_nomem(err) : add_builds(&s, err);

	if (code == TNG_OK) {
		mark_selected(an->tree, &first->plan, true, eligible);
		/* a Dockerfile that asks for nothing selects nothing; without one all may be asked for */
		if (first->has_requested) {
			memset(eligible, 0, tree_nrows(an->tree));
		}
		code = manifest_make(
				a, &source, s.selections.ptr, s.selections.len, eligible, out, err);
	}
	free(s.selections.ptr);
	return code;
}

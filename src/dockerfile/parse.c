/*
 * The whole file, in the two passes BuildKit makes, so that of two errors the same one is reported:
 * first every line is read (a here-document without an end is found here), then every instruction is
 * checked and put into its stage.
 */
#include "dockerfile/internal.h"

#include <stdlib.h>

struct parser {
	struct arena *a;
	struct lexer lexer;
	struct diagnostic_list diagnostics;
	struct {
		LIST_FIELDS(struct instruction)
	} instructions;
	struct {
		LIST_FIELDS(struct stage)
	} stages;
	struct tng_error *err;
};

static enum tng_code read_heredocs(
		struct parser *p, struct instruction *in, const struct logical_line *line) {
	struct heredoc_list docs = { 0 };
	bool may_have = instruction_takes_heredocs(in) &&
			memmem(line->text.ptr, line->text.len, "<<", 2) != NULL;

	if (!may_have) {
		return TNG_OK;
	}
	enum tng_code code = heredoc_scan(p->a, line->text, &docs, p->err);
	for (size_t i = 0; code == TNG_OK && i < docs.len; i++) {
		code = lex_heredoc(&p->lexer, &docs.ptr[i], in->line, &in->end_column, p->err);
		in->end_line = p->lexer.line;
	}
	in->heredocs = docs.ptr;
	in->nheredocs = docs.len;
	return error_at(p->err, code, in->line, in->column);
}

/** What ONBUILD triggers stands on the same lines and has its here-documents. */
static enum tng_code finish_trigger(struct parser *p, struct instruction *in) {
	if (in->trigger == NULL) {
		return TNG_OK;
	}
	struct instruction *trigger = arena_new(p->a, struct instruction, 1);
	if (trigger == NULL) {
		return error_nomem(p->err);
	}
	*trigger = *in->trigger;
	trigger->end_line = in->end_line;
	trigger->end_column = in->end_column;
	trigger->heredocs = in->heredocs;
	trigger->nheredocs = in->nheredocs;
	trigger->stage = DOCKERFILE_NO_STAGE;
	in->trigger = trigger;
	return TNG_OK;
}

static enum tng_code read_all(struct parser *p) {
	struct logical_line line;
	bool more;

	for (;;) {
		enum tng_code code = lex_next(&p->lexer, &line, &more, p->err);
		if (code != TNG_OK || !more) {
			return code;
		}
		if (p->instructions.len == DOCKERFILE_MAX_INSTRUCTIONS) {
			return error_set_at(p->err, TNG_ELIMIT, line.line, 0,
					"more than %zu instructions", DOCKERFILE_MAX_INSTRUCTIONS);
		}
		struct instruction *in = LIST_PUSH(p->a, &p->instructions);
		if (in == NULL) {
			return error_nomem(p->err);
		}
		code = instruction_read(p->a, &line, p->lexer.escape, &p->diagnostics, in, p->err);
		if (code == TNG_OK) {
			code = read_heredocs(p, in, &line);
		}
		if (code == TNG_OK) {
			code = finish_trigger(p, in);
		}
		if (code != TNG_OK) {
			return code;
		}
	}
}

static bool has_capitals(struct str s) {
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] >= 'A' && s.ptr[i] <= 'Z') {
			return true;
		}
	}
	return false;
}

static bool note_stage_name(
		struct parser *p, const struct instruction *in, const struct stage *stage) {
	if (stage->name.len == 0) {
		return true;
	}
	const struct instruction_word *word = &in->words[2];
	if (has_capitals(word->text) &&
			!diagnostic_add(p->a, &p->diagnostics, DIAGNOSTIC_STAGE_CASE, word->line,
					word->column,
					"a stage name with capitals: FROM does not find it, its "
					"name is compared in lower case")) {
		return false;
	}
	for (size_t i = 0; i + 1 < p->stages.len; i++) {
		if (str_eq(p->stages.ptr[i].name, stage->name)) {
			return diagnostic_add(p->a, &p->diagnostics, DIAGNOSTIC_DUPLICATE_STAGE,
					word->line, word->column,
					"a stage of this name exists already: COPY --from takes "
					"the last one");
		}
	}
	return true;
}

static enum tng_code add_stage(struct parser *p, const struct instruction *in, uint32_t index) {
	const struct instruction_flag *platform = instruction_flag_find(in, STR("platform"));

	if (p->stages.len == DOCKERFILE_MAX_STAGES) {
		return error_set_at(p->err, TNG_ELIMIT, in->line, 0, "more than %zu stages",
				DOCKERFILE_MAX_STAGES);
	}
	struct stage *stage = LIST_PUSH(p->a, &p->stages);
	if (stage == NULL) {
		return error_nomem(p->err);
	}
	*stage = (struct stage){ .base = in->words[0].text,
		.platform = platform != NULL ? platform->value : STR(""),
		.instruction = index };
	enum tng_code code = from_read(p->a, in, &stage->name, p->err);
	if (code == TNG_OK && !note_stage_name(p, in, stage)) {
		return error_nomem(p->err);
	}
	return code;
}

static enum tng_code place(struct parser *p, struct instruction *in, uint32_t index) {
	if (in->keyword == INSTRUCTION_FROM) {
		enum tng_code code = add_stage(p, in, index);
		if (code != TNG_OK) {
			return code;
		}
	} else if (p->stages.len == 0) {
		return in->keyword == INSTRUCTION_ARG
				? TNG_OK
				: error_set_at(p->err, TNG_ESYNTAX, in->line, in->column,
						  "no build stage in current context: only ARG may "
						  "stand before the first FROM");
	}
	in->stage = (uint32_t)p->stages.len - 1;
	p->stages.ptr[in->stage].ninstructions++;
	return TNG_OK;
}

static enum tng_code check_all(struct parser *p) {
	for (size_t i = 0; i < p->instructions.len; i++) {
		struct instruction *in = &p->instructions.ptr[i];
		enum tng_code code = instruction_check(p->a, in, p->err);
		if (code == TNG_OK) {
			code = place(p, in, (uint32_t)i);
		}
		if (code == TNG_OK && in->keyword == INSTRUCTION_MAINTAINER &&
				!diagnostic_add(p->a, &p->diagnostics, DIAGNOSTIC_MAINTAINER,
						in->line, in->column,
						"MAINTAINER is deprecated: use LABEL "
						"org.opencontainers.image.authors=")) {
			code = error_nomem(p->err);
		}
		if (code != TNG_OK) {
			return error_at(p->err, code, in->line, in->column);
		}
	}
	if (p->instructions.len == 0) {
		return error_set_at(p->err, TNG_ESYNTAX, p->lexer.line > 0 ? p->lexer.line : 1, 0,
				"file with no instructions: start with FROM");
	}
	if (p->stages.len == 0) {
		return error_set_at(p->err, TNG_ESYNTAX, p->lexer.line, 0,
				"no build stage: the file needs a FROM");
	}
	return TNG_OK;
}

static int diagnostic_order(const void *x, const void *y) {
	const struct diagnostic *a = x, *b = y;

	if (a->line != b->line) {
		return a->line < b->line ? -1 : 1;
	}
	if (a->column != b->column) {
		return a->column < b->column ? -1 : 1;
	}
	return (int)a->kind - (int)b->kind;
}

enum tng_code dockerfile_parse(struct arena *a, struct str text, const struct dockerfile **out,
		struct tng_error *err) {
	static const struct dockerfile_place top = { .line = 1 };

	return dockerfile_parse_at(a, text, &top, out, err);
}

enum tng_code dockerfile_parse_at(struct arena *a, struct str text,
		const struct dockerfile_place *place, const struct dockerfile **out,
		struct tng_error *err) {
	struct parser p = { .a = a, .err = err };

	if (text.len > DOCKERFILE_MAX_BYTES) {
		return error_set(err, TNG_ELIMIT, "the file is larger than %zu bytes",
				DOCKERFILE_MAX_BYTES);
	}
	if (text.len == 0) {
		return error_set_at(err, TNG_ESYNTAX, place->line, 0,
				"the file is empty: start with FROM");
	}
	lex_init(&p.lexer, a, text, place, &p.diagnostics);
	enum tng_code code = read_all(&p);
	if (code == TNG_OK) {
		code = check_all(&p);
	}
	if (code != TNG_OK) {
		return code;
	}
	struct dockerfile *df = arena_new(a, struct dockerfile, 1);
	if (df == NULL) {
		return error_nomem(err);
	}
	if (p.diagnostics.len > 0) {
		qsort(p.diagnostics.ptr, p.diagnostics.len, sizeof(struct diagnostic),
				diagnostic_order);
	}
	*df = (struct dockerfile){ .text = text,
		.escape = p.lexer.escape,
		.directives = p.lexer.directives.ptr,
		.ndirectives = p.lexer.directives.len,
		.instructions = p.instructions.ptr,
		.ninstructions = p.instructions.len,
		.stages = p.stages.ptr,
		.nstages = p.stages.len,
		.diagnostics = p.diagnostics.ptr,
		.ndiagnostics = p.diagnostics.len };
	*out = df;
	return TNG_OK;
}

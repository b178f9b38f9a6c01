/*
 * Bytes as a Dockerfile: what is read lies inside the text and in order, no instruction is without a
 * keyword, stages cover the instructions, and the same bytes give the same reading and the same build
 * every time.
 */
#include "fuzz/fuzz.h"
#include "support/dockerfile_dump.h"

#include <string.h>

static uint32_t count_lines(struct str text) {
	uint32_t n = 0;
	struct str line;

	while (text.len > 0) {
		(void)str_cut(text, '\n', &line, &text);
		n++;
	}
	return n;
}

static void check_words(const struct instruction *in) {
	for (size_t i = 0; i < in->nwords; i++) {
		FUZZ_CHECK(in->words[i].line >= in->line && in->words[i].line <= in->end_line);
		FUZZ_CHECK(in->words[i].column > 0);
		FUZZ_CHECK(in->is_json || in->words[i].text.len > 0);
	}
	for (size_t i = 0; i < in->nflags; i++) {
		FUZZ_CHECK(in->flags[i].line >= in->line && in->flags[i].line <= in->end_line);
		FUZZ_CHECK(in->flags[i].column > 0);
	}
	for (size_t i = 0; i < in->npairs; i++) {
		FUZZ_CHECK(in->pairs[i].key.len > 0);
	}
	for (size_t i = 0; i < in->nheredocs; i++) {
		const struct heredoc *doc = &in->heredocs[i];
		FUZZ_CHECK(doc->name.len > 0);
		FUZZ_CHECK(doc->line > in->line && doc->end_line >= doc->line);
		FUZZ_CHECK(doc->end_line <= in->end_line);
	}
}

static void check_instructions(const struct dockerfile *df, uint32_t nlines) {
	uint32_t line = 0;

	for (size_t i = 0; i < df->ninstructions; i++) {
		const struct instruction *in = &df->instructions[i];
		FUZZ_CHECK(in->keyword != INSTRUCTION_UNKNOWN && in->name.len > 0);
		FUZZ_CHECK(in->line > line && in->end_line >= in->line);
		FUZZ_CHECK(in->column > 0 && in->end_column > 0);
		FUZZ_CHECK(in->stage < df->nstages ||
				(in->stage == DOCKERFILE_NO_STAGE &&
						df->stages[0].instruction > i));
		line = in->end_line;
		check_words(in);
	}
	FUZZ_CHECK(line <= nlines);
}

static void check_stages(const struct dockerfile *df) {
	FUZZ_CHECK(df->nstages > 0);
	size_t next = df->stages[0].instruction;
	for (size_t i = 0; i < df->nstages; i++) {
		FUZZ_CHECK(df->stages[i].instruction == next);
		FUZZ_CHECK(df->instructions[next].keyword == INSTRUCTION_FROM);
		next += df->stages[i].ninstructions;
	}
	FUZZ_CHECK(next == df->ninstructions);
}

static void check_sources(const struct dockerfile *df, const struct build_sources *sources) {
	FUZZ_CHECK(sources->nstages == df->nstages && sources->target < df->nstages);
	FUZZ_CHECK(sources->stages[sources->target].is_reached);
	for (size_t i = 0; i < sources->nsources; i++) {
		const struct source *s = &sources->sources[i];
		FUZZ_CHECK(s->context < sources->ncontexts && s->stage < df->nstages);
		FUZZ_CHECK(sources->stages[s->stage].is_reached);
		FUZZ_CHECK(s->path.len > 0 || s->kind == SOURCE_REMOTE);
		FUZZ_CHECK(s->kind == SOURCE_REMOTE || s->path.ptr[0] != '/');
	}
	for (size_t i = 0; i < sources->ncontexts; i++) {
		const struct context_use *use = &sources->contexts[i];
		FUZZ_CHECK(use->is_used || !use->is_whole);
		FUZZ_CHECK((use->nfollow_paths > 0) == (use->is_used && !use->is_whole));
		for (size_t j = 1; j < use->nfollow_paths; j++) {
			FUZZ_CHECK(str_cmp(use->follow_paths[j - 1], use->follow_paths[j]) < 0);
		}
	}
}

static void check_once(struct str text, const struct build_request *request) {
	struct arena *a = arena_create();
	const struct dockerfile *df;
	const struct build_sources *sources;
	struct tng_error err = { 0 };

	enum tng_code code = dockerfile_parse(a, text, &df, &err);
	if (code == TNG_OK) {
		check_instructions(df, count_lines(text));
		check_stages(df);
		code = dockerfile_resolve(a, df, request, &sources, &err);
		if (code == TNG_OK) {
			check_sources(df, sources);
		}
	}
	FUZZ_CHECK(code == TNG_OK || (err.code == code && err.text[0] != '\0'));
	FUZZ_CHECK(err.line <= count_lines(text) + 1);
	arena_destroy(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static const struct str contexts[] = { { "ctx", 3 } };
	static const struct build_arg args[] = { { { "A", 1 }, { "given", 5 } } };
	const struct build_request request = {
		.args = args,
		.nargs = 1,
		.contexts = contexts,
		.ncontexts = 1,
	};
	struct str text = str_make((const char *)data, size);
	struct buf once = { 0 }, twice = { 0 };

	check_once(text, &request);
	dump_text(&once, text, &request);
	dump_text(&twice, text, &request);
	FUZZ_CHECK(str_eq(buf_str(&once), buf_str(&twice)));
	buf_fini(&once);
	buf_fini(&twice);
	return 0;
}

/*
 * RE2 text run by PCRE2.
 *
 * PCRE2 backtracks and RE2 does not, so a pattern of many stars could keep PCRE2 busy for ever. Its
 * search has a limit therefore; past it the question goes to PCRE2's other matcher, which follows
 * all alternatives at once and needs no limit but that of its memory. Where that is not enough, some
 * seconds of search are, nearly always.
 */
#include "ignore/internal.h"
#include "ignore/regexp_translate.h"
#include "util/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#define MATCH_LIMIT 20000U
#define PATIENT_MATCH_LIMIT 20000000U
#define NEST_LIMIT 1000U
#define JIT_STACK_MIN_BYTES ((size_t)32 * 1024)
#define JIT_STACK_MAX_BYTES ((size_t)512 * 1024)
/* ints; three a state, two lists: a list of n states costs n * n steps a character */
#define DFA_WORKSPACE_MIN ((size_t)1024)
#define DFA_WORKSPACE_MAX ((size_t)16 * 1024)

struct regexp {
	pcre2_code *code;
	bool has_jit;
};

struct regexp_scratch {
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *jit_stack; /* NULL: the machine's own, 32 KiB */
	struct buf subject;         /* the subject in valid UTF-8, when it was not */
	int *workspace;             /* of the other matcher; grown when it is first needed */
	size_t nworkspace;
};

static pcre2_code *compile_text(struct str text, int *code, pcre2_compile_context *context) {
	PCRE2_SIZE offset = 0;

	return pcre2_compile((PCRE2_SPTR)text.ptr, text.len,
			PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_NEVER_BACKSLASH_C, code, &offset,
			context);
}

/* More groups in groups than PCRE2 takes by itself; past some 500 it refuses even so. */
static pcre2_code *compile_deep(struct str text, int *code) {
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *compiled = NULL;

	if (context == NULL) {
		*code = PCRE2_ERROR_NOMEMORY;
		return NULL;
	}
	(void)pcre2_set_parens_nest_limit(context, NEST_LIMIT);
	compiled = compile_text(text, code, context);
	pcre2_compile_context_free(context);
	return compiled;
}

static enum tng_code compile_pcre2(struct str text, struct regexp **out, struct tng_error *err) {
	int code = 0;
	PCRE2_UCHAR message[128];
	struct regexp *re = malloc(sizeof(*re));

	if (re == NULL) {
		return error_nomem(err);
	}
	re->code = compile_text(text, &code, NULL);
	if (re->code == NULL && code == PCRE2_ERROR_PARENTHESES_NEST_TOO_DEEP) {
		re->code = compile_deep(text, &code);
	}
	if (re->code == NULL) {
		free(re);
		if (code == PCRE2_ERROR_HEAP_FAILED || code == PCRE2_ERROR_NOMEMORY) {
			return error_nomem(err);
		}
		(void)pcre2_get_error_message(code, message, sizeof(message));
		return error_set(err, TNG_ELIMIT, "pattern engine: %s", (const char *)message);
	}
	re->has_jit = false;
	*out = re;
	return TNG_OK;
}

enum tng_code regexp_compile(
		struct str re2_text, struct regexp **out, const char **bad, struct tng_error *err) {
	struct buf text = { 0 };
	enum tng_code code = TNG_OK;

	*out = NULL;
	*bad = regexp_translate(re2_text, &text);
	if (buf_failed(&text)) {
		*bad = NULL;
		code = error_nomem(err);
	} else if (*bad == NULL) {
		code = compile_pcre2(buf_str(&text), out, err);
	}
	buf_fini(&text);
	return code;
}

void regexp_prepare(struct regexp *re) {
	re->has_jit = pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE) == 0;
}

void regexp_destroy(struct regexp *re) {
	if (re != NULL) {
		pcre2_code_free(re->code);
		free(re);
	}
}

struct regexp_scratch *regexp_scratch_create(void) {
	struct regexp_scratch *scratch = calloc(1, sizeof(*scratch));

	if (scratch == NULL) {
		return NULL;
	}
	scratch->data = pcre2_match_data_create(1, NULL);
	scratch->context = pcre2_match_context_create(NULL);
	if (scratch->data == NULL || scratch->context == NULL) {
		regexp_scratch_destroy(scratch);
		return NULL;
	}
	(void)pcre2_set_match_limit(scratch->context, MATCH_LIMIT);
	scratch->jit_stack = pcre2_jit_stack_create(JIT_STACK_MIN_BYTES, JIT_STACK_MAX_BYTES, NULL);
	pcre2_jit_stack_assign(scratch->context, NULL, scratch->jit_stack);
	return scratch;
}

void regexp_scratch_destroy(struct regexp_scratch *scratch) {
	if (scratch == NULL) {
		return;
	}
	pcre2_jit_stack_free(scratch->jit_stack);
	pcre2_match_context_free(scratch->context);
	pcre2_match_data_free(scratch->data);
	buf_fini(&scratch->subject);
	free(scratch->workspace);
	free(scratch);
}

static bool is_ascii(struct str s) {
	size_t i = 0;

	for (; i + sizeof(uint64_t) <= s.len; i += sizeof(uint64_t)) {
		uint64_t eight;
		memcpy(&eight, s.ptr + i, sizeof(eight));
		if ((eight & UINT64_C(0x8080808080808080)) != 0) {
			return false;
		}
	}
	for (; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= 0x80) {
			return false;
		}
	}
	return true;
}

/* Each invalid byte as U+FFFD, as Go reads it; in *buf only when there is one. */
static bool make_valid(struct buf *buf, struct str *subject) {
	struct str rest = *subject;

	if (is_ascii(rest) || utf8_is_valid(rest)) {
		return true;
	}
	buf_clear(buf);
	while (rest.len > 0) {
		uint32_t rune;
		char bytes[4];
		unsigned n = utf8_decode(rest, &rune);
		buf_append(buf, str_make(bytes, utf8_put(rune, bytes)));
		rest = str_skip(rest, n);
	}
	*subject = buf_str(buf);
	return !buf_failed(buf);
}

static bool gave_up(int rc) {
	return rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_DEPTHLIMIT ||
			rc == PCRE2_ERROR_HEAPLIMIT || rc == PCRE2_ERROR_JIT_STACKLIMIT;
}

static bool grow_workspace(struct regexp_scratch *scratch) {
	size_t n = scratch->nworkspace > 0 ? scratch->nworkspace * 2 : DFA_WORKSPACE_MIN;
	int *grown = realloc(scratch->workspace, n * sizeof(*grown));

	if (grown == NULL) {
		return false;
	}
	scratch->workspace = grown;
	scratch->nworkspace = n;
	return true;
}

/* The matcher that does not backtrack. */
static int match_dfa(const struct regexp *re, struct regexp_scratch *scratch, struct str subject) {
	int rc = PCRE2_ERROR_DFA_WSSIZE;

	if (scratch->workspace == NULL && !grow_workspace(scratch)) {
		return PCRE2_ERROR_NOMEMORY;
	}
	for (;;) {
		rc = pcre2_dfa_match(re->code, (PCRE2_SPTR)subject.ptr, subject.len, 0,
				PCRE2_NO_UTF_CHECK | PCRE2_DFA_SHORTEST, scratch->data,
				scratch->context, scratch->workspace, scratch->nworkspace);
		if (rc != PCRE2_ERROR_DFA_WSSIZE || scratch->nworkspace >= DFA_WORKSPACE_MAX) {
			return rc;
		}
		if (!grow_workspace(scratch)) {
			return PCRE2_ERROR_NOMEMORY;
		}
	}
}

static int match_patiently(
		const struct regexp *re, struct regexp_scratch *scratch, struct str subject) {
	(void)pcre2_set_match_limit(scratch->context, PATIENT_MATCH_LIMIT);
	int rc = pcre2_match(re->code, (PCRE2_SPTR)subject.ptr, subject.len, 0,
			PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, scratch->data, scratch->context);
	(void)pcre2_set_match_limit(scratch->context, MATCH_LIMIT);
	return rc;
}

enum tng_code regexp_match(const struct regexp *re, struct regexp_scratch *scratch,
		struct str subject, bool *out, struct tng_error *err) {
	int rc;

	if (!make_valid(&scratch->subject, &subject)) {
		return error_nomem(err);
	}
	if (re->has_jit) {
		rc = pcre2_jit_match(re->code, (PCRE2_SPTR)subject.ptr, subject.len, 0, 0,
				scratch->data, scratch->context);
	} else {
		rc = pcre2_match(re->code, (PCRE2_SPTR)subject.ptr, subject.len, 0,
				PCRE2_NO_UTF_CHECK, scratch->data, scratch->context);
	}
	if (gave_up(rc)) {
		rc = match_dfa(re, scratch, subject);
	}
	if (rc == PCRE2_ERROR_DFA_WSSIZE) {
		rc = match_patiently(re, scratch, subject);
	}
	if (rc == PCRE2_ERROR_NOMEMORY) {
		return error_nomem(err);
	}
	if (rc < 0 && rc != PCRE2_ERROR_NOMATCH) {
		return error_set(err, TNG_ELIMIT, "pattern engine gave up (PCRE2 error %d)", rc);
	}
	*out = rc >= 0;
	return TNG_OK;
}

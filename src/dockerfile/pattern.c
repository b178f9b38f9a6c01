/*
 * Patterns of ${x#p}, ${x%p} and ${x/p/r}: '*' any run of characters, '?' one, '\' before '*', '?' and
 * itself; neither crosses a newline. BuildKit makes regular expressions of them; the answers here are
 * those of a backtracking search, with a table of what can match from where instead of backtracking:
 *
 *            value:   a   b   c
 *   token *  row 0    1   1   1  1      can[token][at]: from here on, the tokens can be matched
 *   token b  row 1    0   1   0  0
 *   (end)    row 2    1   1   1  1
 *
 * A suffix is a prefix read from behind.
 */
#include "dockerfile/internal.h"

#include "util/utf8.h"

/** Tokens times characters; more is refused. */
#define PATTERN_MAX_CELLS ((size_t)4 << 20)

#define TOKEN_STAR UINT32_MAX
#define TOKEN_ANY (UINT32_MAX - 1)

struct runes {
	uint32_t *ptr;
	size_t len;
};

struct matcher {
	struct runes tokens;
	struct runes value;
	unsigned char *can; /* (tokens + 1) rows of (value + 1) */
	bool greedy;
};

static bool decode(struct arena *a, struct str s, struct runes *out) {
	out->ptr = arena_new(a, uint32_t, s.len);
	out->len = 0;
	if (out->ptr == NULL) {
		return false;
	}
	while (s.len > 0) {
		unsigned n = utf8_decode(s, &out->ptr[out->len++]);
		s = str_skip(s, n);
	}
	return true;
}

static void reverse(struct runes *r) {
	for (size_t i = 0; i < r->len / 2; i++) {
		uint32_t t = r->ptr[i];
		r->ptr[i] = r->ptr[r->len - 1 - i];
		r->ptr[r->len - 1 - i] = t;
	}
}

/** Characters to tokens, in place. */
static enum tng_code tokenize(struct runes *p, struct tng_error *err) {
	size_t n = 0;

	for (size_t i = 0; i < p->len; i++) {
		uint32_t rune = p->ptr[i];
		if (rune == '*') {
			rune = TOKEN_STAR;
		} else if (rune == '?') {
			rune = TOKEN_ANY;
		} else if (rune == '\\') {
			uint32_t after = i + 1 < p->len ? p->ptr[i + 1] : 0;
			if (after == '}' || after == '/') {
				continue; /* escaped for the sake of ${...}, not of the pattern */
			}
			if (after != '*' && after != '?' && after != '\\') {
				return error_set(err, TNG_ESYNTAX,
						"invalid escape in the pattern of a substitution: "
						"only *, ? and \\ can be escaped");
			}
			rune = after;
			i++;
		}
		p->ptr[n++] = rune;
	}
	p->len = n;
	return TNG_OK;
}

static unsigned char *row(const struct matcher *m, size_t token) {
	return m->can + token * (m->value.len + 1);
}

static bool token_takes(uint32_t token, uint32_t rune) {
	return token == TOKEN_STAR || token == TOKEN_ANY ? rune != '\n' : token == rune;
}

static void fill_table(struct matcher *m) {
	memset(row(m, m->tokens.len), 1, m->value.len + 1);
	for (size_t t = m->tokens.len; t > 0; t--) {
		uint32_t token = m->tokens.ptr[t - 1];
		unsigned char *here = row(m, t - 1), *after = row(m, t);
		for (size_t i = m->value.len + 1; i > 0; i--) {
			size_t at = i - 1;
			bool takes = at < m->value.len && token_takes(token, m->value.ptr[at]);
			if (token == TOKEN_STAR) {
				here[at] = after[at] || (takes && here[at + 1]);
			} else {
				here[at] = takes && after[at + 1];
			}
		}
	}
}

/** Where the match that starts at `at` ends; it is known that there is one. */
static size_t match_end(const struct matcher *m, size_t at) {
	for (size_t t = 0; t < m->tokens.len; t++) {
		uint32_t token = m->tokens.ptr[t];
		if (token != TOKEN_STAR) {
			at++;
			continue;
		}
		/* the longest or the shortest run after which the rest still matches */
		size_t best = at;
		for (size_t i = at;; i++) {
			if (row(m, t + 1)[i]) {
				best = i;
				if (!m->greedy) {
					break;
				}
			}
			if (i == m->value.len || !token_takes(token, m->value.ptr[i])) {
				break;
			}
		}
		at = best;
	}
	return at;
}

static enum tng_code prepare(struct arena *a, struct matcher *m, struct str pattern,
		struct str value, bool reversed, struct tng_error *err) {
	if (str_starts(pattern, STR("\xEF\xBB\xBF"))) {
		pattern = str_skip(pattern, 3); /* Go's scanner drops a BOM in front */
	}
	if (!decode(a, pattern, &m->tokens) || !decode(a, value, &m->value)) {
		return error_nomem(err);
	}
	enum tng_code code = tokenize(&m->tokens, err);
	if (code != TNG_OK) {
		return code;
	}
	size_t cells;
	if (__builtin_mul_overflow(m->tokens.len + 1, m->value.len + 1, &cells) ||
			cells > PATTERN_MAX_CELLS) {
		return error_set(err, TNG_ELIMIT, "the pattern of a substitution is too long");
	}
	if (reversed) {
		reverse(&m->tokens);
		reverse(&m->value);
	}
	m->can = arena_alloc(a, cells);
	if (m->can == NULL) {
		return error_nomem(err);
	}
	fill_table(m);
	return TNG_OK;
}

struct output {
	char *ptr;
	size_t len;
};

static void put_runes(struct output *out, const struct runes *r, size_t from, size_t to) {
	for (size_t i = from; i < to; i++) {
		out->len += utf8_put(r->ptr[i], out->ptr + out->len);
	}
}

static enum tng_code trim(struct arena *a, enum pattern_use use, struct str pattern,
		struct str value, struct str *out, struct tng_error *err) {
	bool is_suffix = use == PATTERN_SUFFIX || use == PATTERN_LONG_SUFFIX;
	struct matcher m = { .greedy = use == PATTERN_LONG_PREFIX || use == PATTERN_LONG_SUFFIX };

	enum tng_code code = prepare(a, &m, pattern, value, is_suffix, err);
	if (code != TNG_OK) {
		return code;
	}
	size_t cut = row(&m, 0)[0] ? match_end(&m, 0) : 0;
	struct output text = { arena_alloc_array(a, m.value.len, 4), 0 };
	if (text.ptr == NULL) {
		return error_nomem(err);
	}
	if (is_suffix) {
		reverse(&m.value);
		put_runes(&text, &m.value, 0, m.value.len - cut);
	} else {
		put_runes(&text, &m.value, cut, m.value.len);
	}
	*out = str_make(text.ptr, text.len);
	return TNG_OK;
}

/** How often the replacement goes in, and where: `put` NULL only counts. */
static size_t replace_pass(
		const struct matcher *m, bool all, struct str replacement, struct output *put) {
	size_t copied = 0, at = 0, count = 0;

	while (at <= m->value.len) {
		while (at <= m->value.len && !row(m, 0)[at]) {
			at++;
		}
		if (at > m->value.len) {
			break;
		}
		size_t end = match_end(m, at);
		/* an empty match right behind the last one is none (Go's ReplaceAll) */
		bool counts = end > copied || at == 0;
		if (counts && put != NULL) {
			put_runes(put, &m->value, copied, at);
			memcpy(put->ptr + put->len, replacement.ptr, replacement.len);
			put->len += replacement.len;
		} else if (put != NULL) {
			put_runes(put, &m->value, copied, at);
		}
		count += counts;
		copied = end;
		if (!all) {
			break;
		}
		at = end > at ? end : at + 1;
	}
	if (put != NULL) {
		put_runes(put, &m->value, copied, m->value.len);
	}
	return count;
}

static enum tng_code replace(struct arena *a, bool all, struct str pattern, struct str replacement,
		struct str value, struct str *out, struct tng_error *err) {
	struct matcher m = { .greedy = true };

	enum tng_code code = prepare(a, &m, pattern, value, false, err);
	if (code != TNG_OK) {
		return code;
	}
	size_t count = replace_pass(&m, all, replacement, NULL);
	size_t size;
	if (__builtin_mul_overflow(count, replacement.len, &size) ||
			size > DOCKERFILE_WORD_MAX_BYTES) {
		return error_set(err, TNG_ELIMIT, "a word expands to more than %zu bytes",
				DOCKERFILE_WORD_MAX_BYTES);
	}
	struct output text = { arena_alloc(a, size + m.value.len * 4), 0 };
	if (text.ptr == NULL) {
		return error_nomem(err);
	}
	(void)replace_pass(&m, all, replacement, &text);
	*out = str_make(text.ptr, text.len);
	return TNG_OK;
}

enum tng_code pattern_apply(struct arena *a, enum pattern_use use, struct str pattern,
		struct str replacement, struct str value, struct str *out, struct tng_error *err) {
	switch (use) {
	case PATTERN_PREFIX:
	case PATTERN_LONG_PREFIX:
	case PATTERN_SUFFIX:
	case PATTERN_LONG_SUFFIX:
		return trim(a, use, pattern, value, out, err);
	case PATTERN_FIRST:
		return replace(a, false, pattern, replacement, value, out, err);
	case PATTERN_ALL:
		return replace(a, true, pattern, replacement, value, out, err);
	}
	return TNG_OK;
}

#include "ignore/glob.h"

#include "util/utf8.h"

static bool class_has(const uint64_t *class, unsigned char byte) {
	return byte < 128 && (class[byte >> 6] >> (byte & 63U) & 1U) != 0;
}

static struct str literal_run(struct arena *a, const struct glob_token *tokens, size_t n) {
	char *text = arena_alloc(a, n + 1);

	for (size_t i = 0; text != NULL && i < n; i++) {
		text[i] = (char)tokens[i].byte;
	}
	return str_make(text, n);
}

static enum glob_shape shape_of(const struct glob *glob) {
	size_t nstars = 0;

	for (size_t i = 0; i < glob->ntokens; i++) {
		nstars += glob->tokens[i].type == GLOB_STAR;
	}
	if (nstars != 1) {
		return GLOB_SHAPE_TOKENS;
	}
	if (glob->ntokens == 1) {
		return GLOB_SHAPE_ALL;
	}
	return glob->prefix.len + glob->suffix.len + 1 == glob->ntokens ? GLOB_SHAPE_LITERALS
									: GLOB_SHAPE_ENDS;
}

bool glob_init(struct glob *glob, struct arena *a, const struct glob_token *tokens,
		size_t ntokens) {
	size_t nprefix = 0, nsuffix = 0, nhead = 0;

	while (nprefix < ntokens && tokens[nprefix].type == GLOB_LITERAL) {
		nprefix++;
	}
	while (nsuffix < ntokens - nprefix && tokens[ntokens - 1 - nsuffix].type == GLOB_LITERAL) {
		nsuffix++;
	}
	while (nhead < ntokens && tokens[nhead].type != GLOB_STAR) {
		nhead++;
	}
	*glob = (struct glob){
		.prefix = literal_run(a, tokens, nprefix),
		.suffix = literal_run(a, tokens + ntokens - nsuffix, nsuffix),
		.tokens = tokens,
		.ntokens = ntokens,
		.nhead = nhead,
	};
	glob->shape = shape_of(glob);
	return glob->prefix.ptr != NULL && glob->suffix.ptr != NULL;
}

/* Bytes of `s` that the token takes, 0 when it does not match; not for GLOB_STAR. */
static size_t token_take(const struct glob_token *token, struct str s) {
	uint32_t rune;

	if (s.len == 0) {
		return 0;
	}
	if (token->type == GLOB_ANY_RUNE) {
		return utf8_decode(s, &rune);
	}
	unsigned char byte = (unsigned char)s.ptr[0];
	bool fits = token->type == GLOB_CLASS ? class_has(token->class, byte) : token->byte == byte;
	return fits ? 1 : 0;
}

/* The usual two-finger match: on a mismatch only the last star needs to take one more character. It
 * takes whole characters, or '?' would match the rest of a split one. */
static bool tokens_match(const struct glob *glob, struct str name) {
	size_t t = 0, star = SIZE_MAX;
	struct str rest = name, star_rest = name;

	for (;;) {
		if (t < glob->ntokens && glob->tokens[t].type == GLOB_STAR) {
			star = t++;
			star_rest = rest;
			continue;
		}
		if (t == glob->ntokens && rest.len == 0) {
			return true;
		}
		size_t n = t < glob->ntokens ? token_take(&glob->tokens[t], rest) : 0;
		if (n > 0) {
			rest = str_skip(rest, n);
			t++;
			continue;
		}
		if (star == SIZE_MAX || star_rest.len == 0) {
			return false;
		}
		uint32_t rune;
		star_rest = str_skip(star_rest, utf8_decode(star_rest, &rune));
		rest = star_rest;
		t = star + 1;
	}
}

/* As many tokens as bytes, one each: true only where every character is ASCII. */
static bool bytes_match(const struct glob_token *tokens, size_t n, const char *bytes) {
	for (size_t i = 0; i < n; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		bool fits = byte < 128 &&
				(tokens[i].type == GLOB_ANY_RUNE ||
						(tokens[i].type == GLOB_CLASS ? class_has(tokens[i].class
												,
												byte)
									      : tokens[i].byte ==
												byte));
		if (!fits) {
			return false;
		}
	}
	return true;
}

static bool has_high_byte(const char *bytes, size_t n) {
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)bytes[i] >= 128) {
			return true;
		}
	}
	return false;
}

static bool ends_match(const struct glob *glob, struct str name) {
	size_t ntail = glob->ntokens - glob->nhead - 1;

	if (name.len < glob->nhead + ntail) {
		return false; /* a token takes one byte at least */
	}
	const char *tail = name.ptr + name.len - ntail;
	if (has_high_byte(name.ptr, glob->nhead) || has_high_byte(tail, ntail)) {
		return tokens_match(glob, name);
	}
	return bytes_match(glob->tokens + glob->nhead + 1, ntail, tail) &&
			bytes_match(glob->tokens, glob->nhead, name.ptr);
}

bool glob_matches(const struct glob *glob, struct str name) {
	switch (glob->shape) {
	case GLOB_SHAPE_ALL:
		return true;
	case GLOB_SHAPE_LITERALS:
		return name.len >= glob->prefix.len + glob->suffix.len &&
				str_starts(name, glob->prefix) && str_ends(name, glob->suffix);
	case GLOB_SHAPE_ENDS:
		return ends_match(glob, name);
	case GLOB_SHAPE_TOKENS:
		break;
	}
	return str_starts(name, glob->prefix) && str_ends(name, glob->suffix) &&
			tokens_match(glob, name);
}

bool glob_may_start_with(const struct glob *glob, unsigned char byte) {
	const struct glob_token *first = &glob->tokens[0];

	if (first->type == GLOB_LITERAL) {
		return first->byte == byte;
	}
	return first->type != GLOB_CLASS || class_has(first->class, byte);
}

bool glob_may_end_with(const struct glob *glob, unsigned char byte) {
	const struct glob_token *last = &glob->tokens[glob->ntokens - 1];

	if (last->type == GLOB_LITERAL) {
		return last->byte == byte;
	}
	return last->type != GLOB_CLASS || class_has(last->class, byte);
}

bool glob_may_end_with_before(const struct glob *glob, unsigned char byte) {
	if (glob->ntokens < 2 || glob->tokens[glob->ntokens - 1].type == GLOB_ANY_RUNE ||
			glob->tokens[glob->ntokens - 1].type == GLOB_STAR) {
		return true; /* the last token may take any number of bytes */
	}
	const struct glob_token *token = &glob->tokens[glob->ntokens - 2];
	if (token->type == GLOB_LITERAL) {
		return token->byte == byte;
	}
	return token->type != GLOB_CLASS || class_has(token->class, byte);
}

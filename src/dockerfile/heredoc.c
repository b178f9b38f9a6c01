/*
 * Here-documents: "3<<-'EOF'" is file descriptor 3, tabs stripped, content not expanded, name EOF.
 * Found among the shell words of a whole logical line, quotes and escapes kept, so that
 * `RUN echo '<<EOF'` has none.
 */
#include "dockerfile/internal.h"

static size_t count_quotes(struct str s) {
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		n += s.ptr[i] == '\'' || s.ptr[i] == '"';
	}
	return n;
}

/** ^(\d*)<<(-?)\s*([^<]*)$ ; false: no match. */
static bool split_heredoc(struct str word, struct heredoc *out, struct str *rest) {
	size_t i = 0;
	uint64_t fd = 0;

	while (i < word.len && word.ptr[i] >= '0' && word.ptr[i] <= '9') {
		fd = fd > UINT32_MAX ? fd : fd * 10 + (uint64_t)(word.ptr[i] - '0');
		i++;
	}
	if (!str_starts(str_skip(word, i), STR("<<"))) {
		return false;
	}
	i += 2;
	if (i < word.len && word.ptr[i] == '-') {
		out->strips_tabs = true;
		i++;
	}
	while (i < word.len && (is_word_space(word.ptr[i]) || word.ptr[i] == '\n') &&
			word.ptr[i] != '\v') {
		i++;
	}
	*rest = str_skip(word, i);
	out->fd = fd > UINT32_MAX ? UINT32_MAX : (uint32_t)fd;
	return rest->len > 0 && str_find(*rest, '<') == rest->len;
}

enum tng_code heredoc_parse(struct arena *a, struct str word, struct heredoc *out, bool *is_heredoc,
		struct tng_error *err) {
	const struct word_scope nothing = { NULL, NULL };
	struct heredoc doc = { 0 };
	struct word_result plain, raw;
	struct str rest;

	*is_heredoc = false;
	if (!split_heredoc(word, &doc, &rest)) {
		return TNG_OK;
	}
	enum tng_code code = word_expand(a, rest, '\\', WORD_SKIP_UNSET, nothing, &plain, err);
	if (code != TNG_OK || plain.nwords != 1) {
		return code;
	}
	code = word_expand(a, rest, '\\', WORD_SKIP_UNSET | WORD_RAW_QUOTES, nothing, &raw, err);
	if (code != TNG_OK) {
		return code;
	}
	if (raw.nwords != 1) {
		return error_set(err, TNG_ESYNTAX, "the name of a heredoc is not one word");
	}
	doc.name = plain.words[0];
	/* quotes that are gone once read were quotes, not part of the name */
	doc.is_quoted = count_quotes(plain.words[0]) != count_quotes(raw.words[0]);
	*out = doc;
	*is_heredoc = true;
	return TNG_OK;
}

enum tng_code heredoc_scan(
		struct arena *a, struct str line, struct heredoc_list *out, struct tng_error *err) {
	const struct word_scope nothing = { NULL, NULL };
	struct word_result words;

	/* a line that is not well-formed shell text has no heredocs: parser.go ignores the error */
	enum tng_code code = word_expand(a, line, '\\',
			WORD_SKIP_UNSET | WORD_RAW_QUOTES | WORD_RAW_ESCAPES, nothing, &words,
			NULL);
	if (code == TNG_ESYNTAX) {
		return TNG_OK;
	}
	if (code == TNG_ENOMEM) {
		return error_nomem(err);
	}
	if (code != TNG_OK) {
		return error_set(err, code, "instruction is too long or nested too deep");
	}
	for (size_t i = 0; i < words.nwords; i++) {
		struct heredoc doc;
		bool is_heredoc;
		code = heredoc_parse(a, words.words[i], &doc, &is_heredoc, err);
		if (code != TNG_OK) {
			return code;
		}
		if (is_heredoc) {
			struct heredoc *at = LIST_PUSH(a, out);
			if (at == NULL) {
				return error_nomem(err);
			}
			*at = doc;
		}
	}
	return TNG_OK;
}

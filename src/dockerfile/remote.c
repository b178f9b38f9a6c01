/*
 * Which words of ADD are somewhere else: URLs, and git references with a transport. "github.com/a/b"
 * alone is a path.
 */
#include "dockerfile/internal.h"

/** A letter, digit, '-', '_' or '.': what user and host of "user@host:path" are made of. */
static bool is_host_char(char c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			c == '-' || c == '_' || c == '.';
}

static size_t host_chars(struct str s) {
	size_t n = 0;

	while (n < s.len && is_host_char(s.ptr[n])) {
		n++;
	}
	return n;
}

static bool is_scp_style(struct str word) {
	size_t user = host_chars(word);

	if (user == 0 || user >= word.len || word.ptr[user] != '@') {
		return false;
	}
	struct str rest = str_skip(word, user + 1);
	size_t host = host_chars(rest);
	return host > 0 && host < rest.len && rest.ptr[host] == ':';
}

/** The scheme of "scheme://", any case; empty: none. */
static struct str scheme_of(struct str word) {
	size_t n = 0;

	while (n < word.len && is_host_char(word.ptr[n]) && word.ptr[n] != '-' &&
			word.ptr[n] != '_' && word.ptr[n] != '.') {
		n++;
	}
	return str_starts(str_skip(word, n), STR("://")) ? str_take(word, n) : STR("");
}

bool source_is_http(struct str word) {
	return str_starts(word, STR("http://")) || str_starts(word, STR("https://"));
}

bool source_is_git(struct str word) {
	struct str scheme = scheme_of(word);

	if (scheme.len == 0) {
		return is_scp_style(word);
	}
	if (str_eq_nocase(scheme, STR("git")) || str_eq_nocase(scheme, STR("ssh"))) {
		return true;
	}
	if (!str_eq_nocase(scheme, STR("http")) && !str_eq_nocase(scheme, STR("https"))) {
		return false;
	}
	struct str path = str_take(word, str_find(word, '#'));
	path = str_take(path, str_find(path, '?'));
	path = str_skip(path, scheme.len + 3);
	return str_find(path, '/') < path.len && str_ends(path, STR(".git"));
}

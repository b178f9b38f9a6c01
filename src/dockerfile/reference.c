/*
 * Names of images, as FROM takes them (distribution/reference, normalize.go and regexp.go).
 *
 *   docker.io/library/busybox:1.36@sha256:...     [domain[:port]/] path [:tag] [@digest]
 *
 * What is before the first slash is the domain if it is "localhost" or has a dot, a colon or a capital in
 * it; otherwise it is the first part of the path, and the domain is Docker Hub's.
 */
#include "dockerfile/internal.h"

#define DEFAULT_DOMAIN "docker.io"
#define OFFICIAL_PREFIX "library/"
#define PATH_MAX_BYTES 255
#define TAG_MAX_BYTES 128
#define ID_DIGITS 64

struct reference {
	struct str domain, path, tag, digest;
	bool has_tag, has_digest;
};

static bool is_digit(char c) {
	return c >= '0' && c <= '9';
}

static bool is_capital(char c) {
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c) {
	return c >= 'a' && c <= 'z';
}

static bool is_letter(char c) {
	return is_lower(c) || is_capital(c);
}

static bool is_name_char(char c) {
	return is_lower(c) || is_digit(c);
}

static bool is_lower_hex(char c) {
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool is_all(struct str s, bool (*is)(char c)) {
	for (size_t i = 0; i < s.len; i++) {
		if (!is(s.ptr[i])) {
			return false;
		}
	}
	return s.len > 0;
}

static bool has_capital(struct str s) {
	for (size_t i = 0; i < s.len; i++) {
		if (is_capital(s.ptr[i])) {
			return true;
		}
	}
	return false;
}

/* ---- path: "a/b-c/d_e" ---- */

/* Between letters and digits: one dot, one or two underscores, any number of dashes. 0: none of these. */
static size_t separator_len(struct str s) {
	size_t n = 0;

	while (n < s.len && s.ptr[n] == '-') {
		n++;
	}
	if (n == 0 && (str_starts(s, STR(".")) || str_starts(s, STR("_")))) {
		n = str_starts(s, STR("__")) ? 2 : 1;
	}
	return n;
}

static size_t name_chars(struct str s) {
	size_t n = 0;

	while (n < s.len && is_name_char(s.ptr[n])) {
		n++;
	}
	return n;
}

static bool is_component(struct str s) {
	for (;;) {
		size_t n = name_chars(s);
		if (n == 0 || n == s.len) {
			return n > 0;
		}
		s = str_skip(s, n);
		n = separator_len(s);
		if (n == 0) {
			return false;
		}
		s = str_skip(s, n);
	}
}

/* The first part of a path that is none; false: all are. */
static bool find_bad_component(struct str path, struct str *bad) {
	for (bool more = true; more;) {
		more = str_cut(path, '/', bad, &path);
		if (!is_component(*bad)) {
			return true;
		}
	}
	return false;
}

/* ---- domain: "registry.example.org:5000" ---- */

/* Letters and digits, with dashes between. */
static bool is_label(struct str s) {
	for (size_t i = 0; i < s.len; i++) {
		bool is_end = i == 0 || i + 1 == s.len;
		char c = s.ptr[i];
		if (!is_letter(c) && !is_digit(c) && (is_end || c != '-')) {
			return false;
		}
	}
	return s.len > 0;
}

static bool is_ipv6_char(char c) {
	return is_lower_hex(c) || (c >= 'A' && c <= 'F') || c == ':';
}

static bool is_host(struct str s) {
	struct str label;

	for (bool more = true; more;) {
		more = str_cut(s, '.', &label, &s);
		if (!is_label(label)) {
			return false;
		}
	}
	return true;
}

/* Of "[::1]" in front: the length with its brackets; 0: there is none. */
static size_t ipv6_len(struct str s) {
	size_t end = str_find(s, ']');

	if (!str_starts(s, STR("[")) || end == s.len) {
		return 0;
	}
	return is_all(str_take(str_skip(s, 1), end - 1), is_ipv6_char) ? end + 1 : 0;
}

static bool is_domain(struct str s) {
	size_t n = ipv6_len(s);

	if (n == 0) {
		n = str_find(s, ':');
		if (!is_host(str_take(s, n))) {
			return false;
		}
	}
	s = str_skip(s, n);
	return s.len == 0 || (s.ptr[0] == ':' && is_all(str_skip(s, 1), is_digit));
}

static bool looks_like_domain(struct str s) {
	return str_eq(s, STR("localhost")) || str_find(s, '.') < s.len ||
			str_find(s, ':') < s.len || has_capital(s);
}

/* ---- tag, digest ---- */

static bool is_tag(struct str s) {
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool is_word = is_letter(c) || is_digit(c) || c == '_';
		if (!is_word && (i == 0 || (c != '.' && c != '-'))) {
			return false;
		}
	}
	return s.len > 0 && s.len <= TAG_MAX_BYTES;
}

/* The algorithms a builder can check (opencontainers/go-digest). */
static bool is_digest(struct str s) {
	static const struct {
		const char *prefix;
		size_t ndigits;
	} algorithms[] = {
		{ "sha256:", 64 },
		{ "sha384:", 96 },
		{ "sha512:", 128 },
	};

	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		struct str prefix = str_from(algorithms[i].prefix);
		if (str_starts(s, prefix)) {
			struct str digits = str_skip(s, prefix.len);
			return digits.len == algorithms[i].ndigits && is_all(digits, is_lower_hex);
		}
	}
	return false;
}

/* ---- all of it ---- */

static struct reference split(struct str text) {
	struct reference r = { .domain = STR(DEFAULT_DOMAIN) };
	struct str head, rest;

	if (str_cut(text, '/', &head, &rest) && looks_like_domain(head)) {
		r.domain = head;
		text = rest;
	}
	r.has_digest = str_cut(text, '@', &text, &r.digest);
	r.has_tag = str_cut(text, ':', &r.path, &r.tag);
	return r;
}

#define FAULT(...) error_set(err, TNG_ESYNTAX, __VA_ARGS__)
#define SHORT_FMT(s) (int)((s).len > 60 ? 60 : (s).len), (s).ptr

/* Docker Hub's own images have a part that goes unsaid; what is no domain is part of the path. */
static size_t path_bytes(const struct reference *r) {
	bool is_official = str_eq(r->domain, STR(DEFAULT_DOMAIN)) &&
			str_find(r->path, '/') == r->path.len;

	if (is_official) {
		return strlen(OFFICIAL_PREFIX) + r->path.len;
	}
	return r->path.len + (is_domain(r->domain) ? 0 : r->domain.len + 1);
}

static enum tng_code check_path(const struct reference *r, struct str text, struct tng_error *err) {
	struct str bad;

	if (has_capital(r->path)) {
		return FAULT("invalid image name \"%.*s\": the name before the tag is in lower "
			     "case",
				SHORT_FMT(text));
	}
	if (find_bad_component(r->path, &bad)) {
		return bad.len == 0
				? FAULT("invalid image name \"%.*s\": a part of it is empty",
						  SHORT_FMT(text))
				: FAULT("invalid image name \"%.*s\": \"%.*s\" is to be letters "
					"and digits, with single dots, underscores or dashes "
					"between",
						  SHORT_FMT(text), SHORT_FMT(bad));
	}
	if (path_bytes(r) > PATH_MAX_BYTES) {
		return FAULT("invalid image name \"%.*s\": it is longer than %d bytes",
				SHORT_FMT(text), PATH_MAX_BYTES);
	}
	return TNG_OK;
}

enum tng_code reference_check(struct str text, struct tng_error *err) {
	struct reference r = split(text);

	if (text.len == ID_DIGITS && is_all(text, is_lower_hex)) {
		return FAULT("invalid image name \"%.*s\": it is an image id; write the image's "
			     "name, "
			     "@sha256: and the digest",
				SHORT_FMT(text));
	}
	enum tng_code code = check_path(&r, text, err);
	if (code != TNG_OK) {
		return code;
	}
	/* a domain that is none may still be the first part of a path: "a.b_c/d" */
	if (!is_domain(r.domain) && !is_component(r.domain)) {
		return FAULT("invalid image name \"%.*s\": \"%.*s\" is no name of a registry",
				SHORT_FMT(text), SHORT_FMT(r.domain));
	}
	if (r.has_tag && !is_tag(r.tag)) {
		return r.tag.len == 0
				? FAULT("invalid image name \"%.*s\": no tag follows the colon",
						  SHORT_FMT(text))
				: FAULT("invalid image name \"%.*s\": a tag has at most %d "
					"letters, digits, '_', '.' and '-', and starts with "
					"none of the last two",
						  SHORT_FMT(text), TAG_MAX_BYTES);
	}
	if (r.has_digest && !is_digest(r.digest)) {
		return FAULT("invalid image name \"%.*s\": a digest is sha256: and 64 hexadecimal "
			     "digits in lower case",
				SHORT_FMT(text));
	}
	return TNG_OK;
}

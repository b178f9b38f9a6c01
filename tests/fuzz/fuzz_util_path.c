/*
 * Lines of bytes as paths and sizes: a cleaned path is clean and stays as it is, the order of paths
 * is an order, and what size_format() writes size_parse() reads.
 */
#include "fuzz/fuzz.h"
#include "util/path.h"
#include "util/size.h"

#include <string.h>

/* No empty or "." component, ".." only in front and only in a relative path, no '/' at the end. */
static void check_is_clean(struct str path) {
	struct str rest = path, component;
	bool rooted = str_starts(path, STR("/")), may_go_up = !rooted;

	FUZZ_CHECK(path.len > 0);
	if (str_eq(path, STR("/")) || str_eq(path, STR("."))) {
		return;
	}
	rest = str_skip(rest, rooted);
	for (bool more = true; more;) {
		more = str_cut(rest, '/', &component, &rest);
		FUZZ_CHECK(component.len > 0 && !str_eq(component, STR(".")));
		if (str_eq(component, STR(".."))) {
			FUZZ_CHECK(may_go_up);
		} else {
			may_go_up = false;
		}
	}
}

static void check_clean(struct str path) {
	char *once = malloc(path.len + 1), *twice = malloc(path.len + 2);

	if (once == NULL || twice == NULL) {
		abort();
	}
	struct str clean = str_make(once, path_clean_into(once, path));
	FUZZ_CHECK(clean.len <= path.len || path.len == 0);
	check_is_clean(clean);
	FUZZ_CHECK(str_eq(clean, str_make(twice, path_clean_into(twice, clean))));
	/* in place: the same */
	if (path.len > 0) {
		memcpy(twice, path.ptr, path.len);
	}
	FUZZ_CHECK(str_eq(
			clean, str_make(twice, path_clean_into(twice, str_make(twice, path.len)))));
	free(once);
	free(twice);
}

static void check_order(struct str a, struct str b) {
	int order = path_cmp(a, b);

	FUZZ_CHECK((order == 0) == str_eq(a, b));
	FUZZ_CHECK((order < 0) == (path_cmp(b, a) > 0));
	FUZZ_CHECK(path_is_below(a, a));
	if (path_is_below(a, b) && b.len > 0 && !str_eq(b, STR("."))) {
		FUZZ_CHECK(order >= 0);
	}
}

static void check_size(struct str text) {
	char shown[SIZE_TEXT_BYTES];
	uint64_t bytes, again;

	/* PB and EB are written, but not read */
	if (size_parse(text, &bytes, NULL) != TNG_OK || bytes >= UINT64_C(999950000000000)) {
		return;
	}
	FUZZ_CHECK(size_parse(str_from(size_format(bytes, shown)), &again, NULL) == TNG_OK);
	/* four digits: off by at most half a unit of the fourth */
	uint64_t off = again > bytes ? again - bytes : bytes - again;
	FUZZ_CHECK(off <= bytes / 1999 + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct str rest = str_make((const char *)data, size), line, before = STR("");

	for (bool more = true; more;) {
		more = str_cut(rest, '\n', &line, &rest);
		check_clean(line);
		check_order(line, before);
		check_size(line);
		before = line;
	}
	return 0;
}

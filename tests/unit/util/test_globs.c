#include "util/globs.h"
#include "util/gomatch.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static const char *const globs[] = { "*", "*.c", "a*", "ab", "AB", "?", "x", "*.[ch]", "a*b",
	"[ab]c", "*[x-z]*k*", "a[*b]c*", "*ake*", "*KEF*", "M*e", "\\*a", "abc*", "*c", "b*.c",
	"a[b", "" };
static const char *const names[] = { "", "a", "x", "X", "ab", "Ab", "abc", "a.c", "b.c", "b.h",
	"ac", "bc", "*a", "a[b", "Makefile" };
#define NGLOBS (sizeof(globs) / sizeof(globs[0]))
#define NNAMES (sizeof(names) / sizeof(names[0]))

static bool make(struct arena *a, struct globs *out) {
	struct str list[NGLOBS];

	for (size_t i = 0; i < NGLOBS; i++) {
		list[i] = str_from(globs[i]);
	}
	return globs_make(a, list, NGLOBS, out);
}

Test(util_globs, leaves_out_none_that_takes_the_name) {
	struct arena *a = arena_create();
	struct globs all;

	cr_assert(make(a, &all));
	for (size_t k = 0; k < NNAMES; k++) {
		struct str name = str_from(names[k]);
		struct globs_turn turn = globs_ask(&all, name);
		uint32_t next = globs_next(&all, &turn);
		for (uint32_t i = 0; i < NGLOBS; i++) {
			struct str glob = str_from(globs[i]);
			bool takes = gomatch(glob, name) == GOMATCH_YES ||
					str_eq_nocase(glob, name);
			cr_assert(next >= i, "from low to high");
			cr_assert(next == i || !takes, "\"%s\" was not asked about \"%s\"",
					globs[i], names[k]);
			next = next == i ? globs_next(&all, &turn) : next;
		}
		cr_assert(eq(u32, next, GLOBS_NONE));
	}
	arena_destroy(a);
}

Test(util_globs, leaves_out_what_ends_or_begins_otherwise) {
	struct arena *a = arena_create();
	const struct str list[] = { STR("*.json"), STR("queue-*"), STR("README"), STR("*z") };
	struct globs all;

	cr_assert(globs_make(a, list, 4, &all));
	struct globs_turn turn = globs_ask(&all, STR("main.c"));
	cr_assert(eq(u32, globs_next(&all, &turn), GLOBS_NONE));
	turn = globs_ask(&all, STR("readme"));
	cr_assert(eq(u32, globs_next(&all, &turn), 2));
	cr_assert(eq(u32, globs_next(&all, &turn), GLOBS_NONE));
	arena_destroy(a);
}

Test(util_globs, none) {
	struct arena *a = arena_create();
	struct globs all;

	cr_assert(globs_make(a, NULL, 0, &all));
	struct globs_turn turn = globs_ask(&all, STR("a"));
	cr_assert(eq(u32, globs_next(&all, &turn), GLOBS_NONE));
	arena_destroy(a);
}

/*
 * support/expect.h - Criterion assertions about our own types, which say what they found.
 */
#ifndef SUPPORT_EXPECT_H
#define SUPPORT_EXPECT_H

#include "util/str.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/** `got` is a struct str, `want` a C string; `...` may say why: a literal. */
#define EXPECT_STR(got, want, ...)                                                                 \
	do {                                                                                       \
		struct str got_ = (got), want_ = str_from(want);                                   \
		cr_expect(str_eq(got_, want_), "%s: found \"%.*s\", expected \"%.*s\"",            \
				"" __VA_ARGS__, STR_FMT(got_), STR_FMT(want_));                    \
	} while (0)

#endif

/* unit/context/site.h - a temporary directory with texts in it, and contexts opened in it. */
#ifndef UNIT_CONTEXT_SITE_H
#define UNIT_CONTEXT_SITE_H

#include "context/context.h"
#include "support/tmptree.h"

struct site {
	struct tmptree tree;
	struct arena *arena;
	struct context context;
	enum tng_code code; /* of the last site_open() */
	struct tng_error err;
};

/** An empty directory, which becomes the working directory. */
struct site site_make(void);

/** Closes the context that is open, and removes all. */
void site_remove(struct site *s);

/** A file that holds `text`; directories above it are made. */
void site_write(const struct site *s, const char *path, const char *text);

/** Open a context; what is NULL in the request stays so. An open one is closed before. */
void site_open(struct site *s, struct context_request request);

/** As site_open(), but as a user who may read no more than modes allow. */
void site_open_as_user(struct site *s, struct context_request request);

/** The reason why a path is no active ignore file; "" when it is not among those. */
struct str site_inactive(const struct site *s, const char *path);

#define EXPECT_IGNORE(site, want_origin, want_path, want_text)                                     \
	do {                                                                                       \
		cr_assert(eq(int, (site).code, TNG_OK), "%s: %s", (site).err.where,                \
				(site).err.text);                                                  \
		cr_expect(eq(int, (site).context.ignore_origin, (want_origin)));                   \
		EXPECT_STR((site).context.ignore_path, (want_path));                               \
		EXPECT_STR((site).context.ignore_text, (want_text));                               \
	} while (0)

#endif

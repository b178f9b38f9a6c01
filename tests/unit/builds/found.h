/* unit/builds/found.h - the builds of a small repository in a text, one a line. */
#ifndef UNIT_BUILDS_FOUND_H
#define UNIT_BUILDS_FOUND_H

#include "builds/builds.h"
#include "support/expect.h"

struct found {
	struct arena *arena;
	struct builds builds;
};

/** Find those of a text_tree.h text. */
struct found found_in(const char *text);

/** The same of builds_find_workflows(). */
struct found found_in_workflows(const char *text);

void found_fini(struct found *f);

/**
 * "compose.yaml:3 web: app app/Dockerfile target=dev A=1 lib=../lib\n" for each; a context that is a
 * guess ends with '?', a remote one is in < >, a Dockerfile that is not there ends with '!'.
 */
struct str found_text(const struct found *f);

#define EXPECT_FOUND(text, want)                                                                   \
	do {                                                                                       \
		struct found f_ = found_in(text);                                                  \
		EXPECT_STR(found_text(&f_), want);                                                 \
		found_fini(&f_);                                                                   \
	} while (0)

#endif

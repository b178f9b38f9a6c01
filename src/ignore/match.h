/* ignore/match.h - what set.c builds and match.c reads. */
#ifndef IGNORE_MATCH_H
#define IGNORE_MATCH_H

#include "ignore/active.h"
#include "ignore/internal.h"
#include "ignore/matched.h"
#include "ignore/nfa.h"

struct ignore_set {
	struct arena *arena; /* owns everything but the regexps */
	struct pattern *patterns;
	uint32_t npatterns;
	bool has_exceptions;
	enum ignore_dialect dialect;
	uint32_t bad; /* IGNORE_BUILDAH: the first pattern with a bad regexp; or IGNORE_NO_PATTERN */
	const struct nfa *nfa;
};

#endif

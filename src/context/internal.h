/* context/internal.h - the two searches; context.c runs them in this order. */
#ifndef CONTEXT_INTERNAL_H
#define CONTEXT_INTERNAL_H

#include "context/context.h"

/** Fills the Dockerfile's fields of an open context. */
ATTR_NODISCARD
enum tng_code context_find_dockerfile(struct arena *a, const struct context_request *request,
		struct context *ctx, struct tng_error *err);

/** Fills the ignore file's fields; the Dockerfile's are known. */
ATTR_NODISCARD
enum tng_code context_find_ignore_file(struct arena *a, const struct context_request *request,
		struct context *ctx, struct tng_error *err);

/** Fills `inactive`: files that look like the active ignore file and are not. */
ATTR_NODISCARD
enum tng_code context_find_inactive(struct arena *a, struct context *ctx, struct tng_error *err);

#endif

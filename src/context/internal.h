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

/** Fills `companion`: podman only. */
ATTR_NODISCARD
enum tng_code context_podman_companion(struct arena *a, const struct context_request *request,
		struct context *ctx, struct tng_error *err);

/** context_find_ignore_file() for podman, without the option; `companion` is known. */
ATTR_NODISCARD
enum tng_code context_podman_ignore_file(
		struct arena *a, struct context *ctx, struct tng_error *err);

/** error_pass() of a file that the engine cannot read and does not go without: it says so, too. */
enum tng_code context_stops_build(struct tng_error *err, const struct tng_error *why);

/** Why .dockerignore or .containerignore in the root is not the active file; empty: it was not found. */
struct str context_podman_root_reason(const struct context *ctx);

/**
 * A file named after the Dockerfile and beside it that is not the active one; out->path is empty when
 * there is none. dir_fd: what ctx->dockerfile is relative to. False: out of memory.
 */
ATTR_NODISCARD
bool context_podman_beside(struct arena *a, const struct context *ctx, struct str suffix,
		int dir_fd, struct inactive_ignore_file *out);

/** Fills `inactive`: files that look like the active ignore file and are not. */
ATTR_NODISCARD
enum tng_code context_find_inactive(struct arena *a, struct context *ctx, struct tng_error *err);

#endif

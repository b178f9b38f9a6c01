/*
 * support/dockerfile_dump.h - a Dockerfile, or a build of it, as text to compare.
 *
 * One line a thing; bytes outside printable ASCII as \xNN, so that a dump is a text file.
 */
#ifndef SUPPORT_DOCKERFILE_DUMP_H
#define SUPPORT_DOCKERFILE_DUMP_H

#include "dockerfile/dockerfile.h"
#include "util/buf.h"

void dump_dockerfile(struct buf *out, const struct dockerfile *df);
void dump_sources(struct buf *out, const struct build_sources *sources);
void dump_error(struct buf *out, enum tng_code code, const struct tng_error *err);

/** Parse and resolve `text`; whichever of the two fails, its error is the last line. */
void dump_text(struct buf *out, struct str text, const struct build_request *request);

/** "whole", "unused" or "[a, b]". */
void dump_follow(struct buf *out, const struct context_use *use);

#endif

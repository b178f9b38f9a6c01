/* builds/bake.h - a bake file while it is read; private to the room. */
#ifndef BUILDS_BAKE_H
#define BUILDS_BAKE_H

#include "builds/internal.h"

enum bake_field {
	BAKE_CONTEXT,
	BAKE_DOCKERFILE,
	BAKE_INLINE,
	BAKE_TARGET,
};
#define BAKE_NFIELDS 4

/** Strings by name; of a list the names are empty. */
struct bake_map {
	struct build_arg *ptr;
	size_t n;
};

struct bake_target {
	struct str name;
	uint32_t line;
	struct str fields[BAKE_NFIELDS];      /* .ptr NULL: not said */
	struct inline_text dockerfile_inline; /* fields[BAKE_INLINE], read */
	struct bake_map args, contexts, inherits;
};

struct bake {
	struct finder *f;
	const struct source_file *file;
	struct {
		VEC_FIELDS(struct bake_target)
	} targets;
	struct {
		VEC_FIELDS(struct build_arg)
	} variables; /* with their defaults */
};

/** A new target; NULL when out of memory. Valid until the next one. */
struct bake_target *bake_target_new(struct bake *b, struct str name, uint32_t line);

void bake_map_add(struct bake *b, struct bake_map *map, struct str key, struct str value);

/** The field or map of that name; NULL: none that matters. */
struct str *bake_field(struct bake_target *target, struct str name);
struct bake_map *bake_map(struct bake_target *target, struct str name);

/** Take in the blocks of a file in HCL. */
void hcl_read(struct bake *b);

#endif

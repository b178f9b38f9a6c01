/*
 * Bake files. The two languages become one struct bake_target each; `inherits` is looked up at the end,
 * later parents over earlier ones, the target's own over all.
 *
 * Of HCL only what matters is read: blocks, attributes, strings with ${NAME}, heredocs, lists and maps
 * of strings. A value that is computed is left out; a variable stands for its default.
 */
#include "builds/bake.h"

#include "util/path.h"

#include <jansson.h>
#include <stdlib.h>

struct bake_target *bake_target_new(struct bake *b, struct str name, uint32_t line) {
	struct bake_target *target = VEC_PUSH(&b->targets);

	b->f->failed |= target == NULL;
	if (target != NULL) {
		target->name = name;
		target->line = line;
	}
	return target;
}

void bake_map_add(struct bake *b, struct bake_map *map, struct str key, struct str value) {
	struct build_arg *grown = arena_new(b->f->a, struct build_arg, map->n + 1);

	if (grown == NULL) {
		b->f->failed = true;
		return;
	}
	if (map->n > 0) {
		memcpy(grown, map->ptr, map->n * sizeof(*grown));
	}
	grown[map->n] = (struct build_arg){ key, value };
	map->ptr = grown;
	map->n++;
}

/* ---- inheritance ---- */

static const struct bake_target *find(const struct bake *b, struct str name) {
	for (size_t i = b->targets.len; i > 0; i--) {
		if (str_eq(b->targets.ptr[i - 1].name, name)) {
			return &b->targets.ptr[i - 1];
		}
	}
	return NULL;
}

static void take_own(struct bake *b, struct bake_target *into, const struct bake_target *from) {
	for (int i = 0; i < BAKE_NFIELDS; i++) {
		into->fields[i] = from->fields[i].ptr != NULL ? from->fields[i] : into->fields[i];
	}
	if (from->fields[BAKE_INLINE].ptr != NULL) {
		into->dockerfile_inline = from->dockerfile_inline;
	}
	for (size_t i = 0; i < from->args.n; i++) {
		bake_map_add(b, &into->args, from->args.ptr[i].name, from->args.ptr[i].value);
	}
	for (size_t i = 0; i < from->contexts.n; i++) {
		bake_map_add(b, &into->contexts, from->contexts.ptr[i].name,
				from->contexts.ptr[i].value);
	}
}

static void inherit(struct bake *b, struct bake_target *into, const struct bake_target *from,
		unsigned *nsteps) {
	if (++*nsteps > 256) {
		return; /* a loop, or nothing that a person would write */
	}
	for (size_t i = 0; i < from->inherits.n; i++) {
		const struct bake_target *parent = find(b, from->inherits.ptr[i].value);
		if (parent != NULL && parent != from) {
			inherit(b, into, parent, nsteps);
		}
	}
	take_own(b, into, from);
}

static void add(struct bake *b, const struct bake_target *written) {
	struct bake_target target = { .name = written->name };
	unsigned nsteps = 0;

	inherit(b, &target, written, &nsteps);
	struct found_context *contexts =
			arena_new(b->f->a, struct found_context, target.contexts.n);
	if (contexts == NULL) {
		b->f->failed = true;
		return;
	}
	for (size_t i = 0; i < target.contexts.n; i++) {
		contexts[i].name = target.contexts.ptr[i].name;
		contexts[i].value = target.contexts.ptr[i].value;
	}
	struct raw_build raw = { .origin = BUILD_ORIGIN_BAKE,
		.line = written->line,
		.name = written->name,
		.base = b->file->dir,
		.context = target.fields[BAKE_CONTEXT],
		.dockerfile = target.fields[BAKE_DOCKERFILE],
		.dockerfile_inline = target.dockerfile_inline,
		.target = target.fields[BAKE_TARGET],
		.args = target.args.ptr,
		.nargs = target.args.n,
		.contexts = contexts,
		.ncontexts = target.contexts.n };
	found_add(b->f, b->file, &raw);
}

static void finish(struct bake *b) {
	for (size_t i = 0; i < b->targets.len && !b->f->failed; i++) {
		struct bake_target written = b->targets.ptr[i];
		if (!str_starts(written.name, STR("_"))) {
			add(b, &written);
		}
	}
	free(b->targets.ptr);
	free(b->variables.ptr);
}

/* ---- fields ---- */

static const char *const field_names[BAKE_NFIELDS] = {
	[BAKE_CONTEXT] = "context",
	[BAKE_DOCKERFILE] = "dockerfile",
	[BAKE_INLINE] = "dockerfile-inline",
	[BAKE_TARGET] = "target",
};

struct str *bake_field(struct bake_target *target, struct str name) {
	for (int i = 0; i < BAKE_NFIELDS; i++) {
		if (str_eq(name, str_from(field_names[i]))) {
			return &target->fields[i];
		}
	}
	return NULL;
}

struct bake_map *bake_map(struct bake_target *target, struct str name) {
	if (str_eq(name, STR("args"))) {
		return &target->args;
	}
	if (str_eq(name, STR("contexts"))) {
		return &target->contexts;
	}
	return str_eq(name, STR("inherits")) ? &target->inherits : NULL;
}

void bake_read_hcl(struct finder *f, const struct source_file *file) {
	struct bake b = { .f = f, .file = file };

	hcl_read(&b);
	finish(&b);
}

/* ---- JSON ---- */

/* jansson has no lines: that of the name in quotes, from a line on, as good as the text tells. */
static uint32_t line_of(struct str text, struct str name, uint32_t from) {
	uint32_t line = 1;
	size_t start = 0;

	for (; line < from && start < text.len; start++) {
		line += text.ptr[start] == '\n';
	}
	for (size_t i = start; i + name.len + 2 <= text.len; i++) {
		if (text.ptr[i] == '"' && text.ptr[i + name.len + 1] == '"' &&
				memcmp(text.ptr + i + 1, name.ptr, name.len) == 0) {
			return line;
		}
		line += text.ptr[i] == '\n';
	}
	return from;
}

static struct str copy_json(struct bake *b, const json_t *value) {
	struct str copy = arena_copy(
			b->f->a, str_make(json_string_value(value), json_string_length(value)));

	b->f->failed |= copy.ptr == NULL;
	return copy;
}

static struct str copy_key(struct bake *b, const char *key) {
	struct str copy = arena_copy(b->f->a, str_from(key));

	b->f->failed |= copy.ptr == NULL;
	return copy;
}

static void read_json_map(struct bake *b, struct bake_map *map, json_t *value) {
	const char *key;
	json_t *item;
	size_t i;

	json_object_foreach(value, key, item) {
		if (json_is_string(item)) {
			bake_map_add(b, map, copy_key(b, key), copy_json(b, item));
		}
	}
	json_array_foreach(value, i, item) {
		if (json_is_string(item)) {
			bake_map_add(b, map, STR(""), copy_json(b, item));
		}
	}
}

static void read_json_inline(struct bake *b, struct bake_target *target, const struct str *field) {
	struct str key = STR("dockerfile-inline");

	if (field == &target->fields[BAKE_INLINE]) {
		inline_of_string(b->f, *field, line_of(b->file->text, key, target->line),
				&target->dockerfile_inline);
	}
}

static void read_json_target(struct bake *b, const char *name, json_t *object) {
	struct str copy = copy_key(b, name);
	struct bake_target *target = bake_target_new(b, copy, line_of(b->file->text, copy, 1));
	const char *key;
	json_t *value;

	if (target == NULL) {
		return;
	}
	json_object_foreach(object, key, value) {
		struct str *field = bake_field(target, str_from(key));
		struct bake_map *map = bake_map(target, str_from(key));
		if (field != NULL && json_is_string(value)) {
			*field = copy_json(b, value);
			read_json_inline(b, target, field);
		} else if (map != NULL) {
			read_json_map(b, map, value);
		}
	}
}

void bake_read_json(struct finder *f, const struct source_file *file) {
	struct bake b = { .f = f, .file = file };
	json_error_t error;
	json_t *root = json_loadb(file->text.ptr, file->text.len, 0, &error);
	const char *name;
	json_t *target;

	if (root == NULL) {
		finding_add(f, file->path, error.line > 0 ? (uint32_t)error.line : 0,
				"cannot be read as JSON: its builds are unknown");
		return;
	}
	json_object_foreach(json_object_get(root, "target"), name, target) {
		read_json_target(&b, name, target);
	}
	json_decref(root);
	finish(&b);
}

#include "builds/internal.h"

#include "util/file.h"

static void set_contexts(struct finder *f, const struct yaml_node *node, struct raw_build *raw) {
	const struct build_arg *pairs;
	size_t n;

	yaml_args(f, node, &pairs, &n);
	struct found_context *contexts = arena_new(f->a, struct found_context, n);
	if (contexts == NULL) {
		f->failed = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		contexts[i] = (struct found_context){ .name = pairs[i].name,
			.value = pairs[i].value };
	}
	raw->contexts = contexts;
	raw->ncontexts = n;
}

static void add_service(struct finder *f, const struct source_file *file,
		const struct yaml_node *name, const struct yaml_node *build) {
	struct raw_build raw = { .origin = BUILD_ORIGIN_COMPOSE,
		.line = name != NULL ? name->line : 0,
		.name = yaml_text(name),
		.base = file->dir };

	if (build->kind == YAML_TEXT) {
		raw.context = build->text;
		if (raw.context.len > 0) {
			found_add(f, file, &raw);
		}
		return;
	}
	raw.context = yaml_text(yaml_get(build, "context"));
	raw.dockerfile = yaml_text(yaml_get(build, "dockerfile"));
	inline_of_compose(f, file, yaml_get(build, "dockerfile_inline"), &raw.dockerfile_inline);
	raw.target = yaml_text(yaml_get(build, "target"));
	yaml_args(f, yaml_get(build, "args"), &raw.args, &raw.nargs);
	set_contexts(f, yaml_get(build, "additional_contexts"), &raw);
	found_add(f, file, &raw);
}

/* compose reads .env in the project's directory, which is that of the compose file. */
static struct str read_env(struct finder *f, const struct source_file *file) {
	struct str path = finder_join(f, file->dir, STR(".env")), text = STR("");
	uint32_t row = tree_find(f->tree, path);

	if (row != TREE_NO_ROW && entry_is_file(tree_entry(f->tree, row))) {
		enum tng_code code = file_read(
				f->a, f->root_fd, path.ptr, BUILDS_FILE_MAX_BYTES, &text, NULL);
		f->failed |= code == TNG_ENOMEM;
	}
	return text;
}

void compose_read(struct finder *f, const struct source_file *file) {
	const struct yaml_node *documents = yaml_load(f, file);

	f->env = read_env(f, file);
	for (size_t i = 0; documents != NULL && i < documents->n; i++) {
		const struct yaml_node *services = yaml_get(documents->items[i], "services");
		for (size_t j = 0;
				services != NULL && services->kind == YAML_MAP && j < services->n;
				j++) {
			const struct yaml_node *build = yaml_get(services->items[j], "build");
			if (build != NULL) {
				add_service(f, file, services->keys[j], build);
			}
		}
	}
	f->env = STR("");
}

/*
 * GitHub workflows and GitLab CI. Both check the repository out and work in its top directory, which is
 * taken to be the one that .github/workflows or .gitlab-ci.yml is in. Steps are looked for at any
 * depth: composite actions and reusable workflows have them elsewhere.
 */
#include "builds/internal.h"

#include "util/path.h"

#define ACTION STR("docker/build-push-action")

/* "K=V" lines */
static void set_args(struct finder *f, struct str text, struct raw_build *raw) {
	struct str line, rest = text, name, value;
	size_t n = 1, nargs = 0;

	for (size_t i = 0; i < text.len; i++) {
		n += text.ptr[i] == '\n';
	}
	struct build_arg *args = arena_new(f->a, struct build_arg, n);
	if (args == NULL) {
		f->failed = true;
		return;
	}
	while (rest.len > 0) {
		(void)str_cut(rest, '\n', &line, &rest);
		if (str_cut(str_trim(line), '=', &name, &value) &&
				str_find(value, '$') == value.len) {
			args[nargs++] = (struct build_arg){ name, value };
		}
	}
	raw->args = args;
	raw->nargs = nargs;
}

static void add_action(struct finder *f, const struct source_file *file, struct str top,
		const struct yaml_node *step) {
	const struct yaml_node *with = yaml_get(step, "with");
	struct raw_build raw = { .origin = BUILD_ORIGIN_WORKFLOW,
		.line = step->line,
		.name = yaml_text(yaml_get(step, "name")),
		.base = top,
		.context = str_trim(yaml_text(yaml_get(with, "context"))),
		.dockerfile = str_trim(yaml_text(yaml_get(with, "file"))),
		.target = str_trim(yaml_text(yaml_get(with, "target"))) };

	raw.is_repository = raw.context.len == 0;
	raw.file_is_in_base = raw.dockerfile.len > 0;
	set_args(f, yaml_text(yaml_get(with, "build-args")), &raw);
	found_add(f, file, &raw);
}

static void add_run(struct finder *f, const struct source_file *file, struct str top,
		const struct yaml_node *step, const struct yaml_node *run) {
	struct str where = yaml_text(yaml_get(step, "working-directory"));
	bool has_variable;
	struct str dir = text_without_variables(f, where, &has_variable);

	if (!has_variable) {
		script_text(f, file, finder_join(f, top, dir), yaml_text(run), run->line,
				BUILD_ORIGIN_WORKFLOW);
	}
}

static void walk_steps(struct finder *f, const struct source_file *file, struct str top,
		const struct yaml_node *node, unsigned depth) {
	if (node == NULL || node->kind == YAML_TEXT || depth > BUILDS_DEPTH_MAX) {
		return;
	}
	if (node->kind == YAML_MAP) {
		struct str uses = yaml_text(yaml_get(node, "uses"));
		const struct yaml_node *run = yaml_get(node, "run");
		if (str_starts(uses, ACTION)) {
			add_action(f, file, top, node);
		}
		if (run != NULL && run->kind == YAML_TEXT) {
			add_run(f, file, top, node, run);
		}
	}
	for (size_t i = 0; i < node->n; i++) {
		walk_steps(f, file, top, node->items[i], depth + 1);
	}
}

/* To parse YAML takes longer than all else here, and most workflows build nothing. */
void workflow_read(struct finder *f, const struct source_file *file) {
	if (!str_contains(file->text, ACTION) && !script_may_build(file->text)) {
		return;
	}
	walk_steps(f, file, path_dir(path_dir(file->dir)), yaml_load(f, file), 0);
}

static void gitlab_lines(struct finder *f, const struct source_file *file,
		const struct yaml_node *script, unsigned depth) {
	if (script == NULL || depth > 4) {
		return;
	}
	if (script->kind == YAML_TEXT) {
		script_text(f, file, file->dir, script->text, script->line, BUILD_ORIGIN_CI);
	}
	for (size_t i = 0; i < script->n && script->kind == YAML_LIST; i++) {
		gitlab_lines(f, file, script->items[i], depth + 1);
	}
}

static void gitlab_jobs(struct finder *f, const struct source_file *file,
		const struct yaml_node *node, unsigned depth) {
	if (node == NULL || node->kind == YAML_TEXT || depth > 4) {
		return;
	}
	gitlab_lines(f, file, yaml_get(node, "before_script"), 0);
	gitlab_lines(f, file, yaml_get(node, "script"), 0);
	for (size_t i = 0; i < node->n; i++) {
		gitlab_jobs(f, file, node->items[i], depth + 1);
	}
}

void gitlab_read(struct finder *f, const struct source_file *file) {
	if (!script_may_build(file->text)) {
		return;
	}
	gitlab_jobs(f, file, yaml_load(f, file), 0);
}

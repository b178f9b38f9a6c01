#include "unit/builds/found.h"

#include "support/text_tree.h"
#include "util/buf.h"

typedef enum tng_code find_fn(struct arena *a, const struct tree *tree, int root_fd,
		struct builds *out, struct tng_error *err);

static struct found find(const char *text, find_fn *fn) {
	struct found f = { .arena = arena_create() };
	struct tmptree dir = tmptree_make();
	struct tree *tree;
	struct tng_error err = { 0 };

	text_tree_write(&dir, text);
	cr_assert(eq(int, tree_walk(dir.fd, NULL, &tree, &err), TNG_OK), "%s", err.text);
	cr_assert(eq(int, fn(f.arena, tree, dir.fd, &f.builds, &err), TNG_OK), "%s", err.text);
	tree_destroy(tree);
	tmptree_remove(&dir);
	return f;
}

struct found found_in(const char *text) {
	return find(text, builds_find);
}

struct found found_in_workflows(const char *text) {
	return find(text, builds_find_workflows);
}

void found_fini(struct found *f) {
	arena_destroy(f->arena);
}

static void put_build(struct buf *b, const struct found_build *build) {
	const char *format = build->is_remote ? "<%.*s>" : "%.*s";

	buf_printf(b, "%.*s:%u %.*s%s", STR_FMT(build->file), build->line, STR_FMT(build->name),
			build->name.len > 0 ? ": " : "");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	buf_printf(b, format, STR_FMT(build->context));
#pragma GCC diagnostic pop
	buf_printf(b, "%s %.*s%s", build->context_is_guess ? "?" : "",
			STR_FMT(build->inline_text.len > 0 ? STR("inline") : build->dockerfile),
			build->dockerfile.len > 0 && build->dockerfile_row == TREE_NO_ROW ? "!"
											  : "");
	if (build->target.len > 0) {
		buf_printf(b, " target=%.*s", STR_FMT(build->target));
	}
	for (size_t i = 0; i < build->nargs; i++) {
		buf_printf(b, " %.*s=%.*s", STR_FMT(build->args[i].name),
				STR_FMT(build->args[i].value));
	}
	for (size_t i = 0; i < build->ncontexts; i++) {
		buf_printf(b, " %.*s%s%.*s", STR_FMT(build->contexts[i].name),
				build->contexts[i].is_local ? "=./" : "=",
				STR_FMT(build->contexts[i].value));
	}
	buf_putc(b, '\n');
}

struct str found_text(const struct found *f) {
	struct buf b = { 0 };

	for (size_t i = 0; i < f->builds.n; i++) {
		put_build(&b, &f->builds.list[i]);
	}
	struct str copy = arena_copy(f->arena, buf_str(&b));
	cr_assert(not(buf_failed(&b)));
	buf_fini(&b);
	return copy;
}

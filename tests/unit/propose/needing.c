#include "unit/propose/needing.h"

#include "support/expect.h"
#include "support/text_tree.h"
#include "util/buf.h"
#include "util/path.h"

#include <fcntl.h>
#include <unistd.h>

/* ---- classes ---- */

static const struct {
	const char *name;
	uint16_t klass;
} names[] = {
	{ "docs", CLASS_DOCS },
	{ "tests", CLASS_TESTS },
	{ "examples", CLASS_EXAMPLES },
	{ "bench", CLASS_BENCH },
	{ "data", CLASS_DATA },
	{ "dist", CLASS_BUILD_OUTPUT },
	{ ".git", CLASS_VCS },
	{ ".gitignore", CLASS_VCS_META },
	{ ".eslintrc.json", CLASS_LINT },
	{ ".editorconfig", CLASS_LINT },
	{ "LICENSE", CLASS_LICENSE },
};

static uint16_t class_of(struct str name, uint16_t above) {
	if (above != CLASS_SOURCE) {
		return above;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_eq(name, str_from(names[i].name))) {
			return names[i].klass;
		}
	}
	return str_ends(name, STR(".md")) ? CLASS_DOCS : CLASS_SOURCE;
}

static struct class_column make_classes(struct needing *n) {
	uint32_t nrows = tree_nrows(n->tree);
	struct class_mark *marks = arena_new(n->arena, struct class_mark, nrows);
	struct class_name *classes = arena_new(n->arena, struct class_name, CLASS_USER);

	for (size_t i = 0; i < CLASS_USER; i++) {
		classes[i].group = i <= CLASS_LICENSE ? CLASS_GROUP_KEEP
				: i < CLASS_VCS       ? CLASS_GROUP_ASK
						      : CLASS_GROUP_EXCLUDE;
	}
	for (uint32_t row = 1; row < nrows; row++) {
		struct str name = tree_name(n->tree, tree_entry(n->tree, row));
		marks[row].klass = class_of(name, marks[tree_parent(n->tree, row)].klass);
	}
	/* licences are free to go where nothing reads them, so that a test can see what does */
	classes[CLASS_LICENSE].group = CLASS_GROUP_ASK;
	return (struct class_column){ .marks = marks, .classes = classes, .nclasses = CLASS_USER };
}

static struct vcs_column make_vcs(struct needing *n, bool is_tracked) {
	uint32_t nrows = tree_nrows(n->tree);
	uint8_t *state = arena_new(n->arena, uint8_t, nrows);

	for (uint32_t row = 0; row < nrows; row++) {
		struct buf path = { 0 };
		tree_path(n->tree, row, &path);
		state[row] = str_starts(buf_str(&path), STR(".git/")) ||
						str_eq(buf_str(&path), STR(".git"))
				? VCS_OUTSIDE
				: VCS_TRACKED;
		state[row] = path_is_below(buf_str(&path), STR("dist")) ? VCS_IGNORED : state[row];
		buf_fini(&path);
	}
	return (struct vcs_column){ .state = state, .is_known = is_tracked };
}

/* ---- the search ---- */

static void add_build(struct needing *n, uint32_t row, struct reference_build *build) {
	const struct dockerfile *df;
	struct tng_error err = { 0 };
	struct buf path = { 0 }, text = { 0 };

	tree_path(n->tree, row, &path);
	build->path = arena_copy(n->arena, buf_str(&path));
	int fd = openat(n->dir.fd, build->path.ptr, O_RDONLY | O_CLOEXEC);
	char *at = buf_reserve(&text, 1 << 16);
	ssize_t got = read(fd, at, 1 << 16);
	cr_assert(gt(long, (long)got, 0), "%s", build->path.ptr);
	(void)close(fd);
	struct str copy = arena_copy(n->arena, str_make(at, (size_t)got));
	cr_assert(eq(int, dockerfile_parse(n->arena, copy, &df, &err), TNG_OK), "%s", err.text);
	cr_assert(eq(int, dockerfile_resolve(n->arena, df, NULL, &build->sources, &err), TNG_OK),
			"%s", err.text);
	build->dockerfile = df;
	buf_fini(&path);
	buf_fini(&text);
}

/* Who asks for git alone gets the same answer. */
static void expect_same_vcs(const struct needing *n, const struct references_input *all) {
	struct references_input input = *all;
	const struct references *refs;
	struct need need, other;

	input.only_vcs = true;
	cr_assert(eq(int, references_open(n->arena, &input, &refs, NULL), TNG_OK));
	references_vcs_needed(n->refs, &need);
	references_vcs_needed(refs, &other);
	cr_assert(eq(int, other.kind, need.kind));
	cr_assert(eq(int, other.guard, need.guard));
	cr_assert(str_eq(other.file, need.file));
	cr_assert(eq(u32, other.line, need.line));
}

static void search(struct needing *n, bool is_tracked) {
	struct reference_build builds[8];
	size_t nbuilds = 0;
	struct tng_error err = { 0 };

	for (uint32_t row = 1; row < tree_nrows(n->tree); row = tree_end(n->tree, row)) {
		struct str name = tree_name(n->tree, tree_entry(n->tree, row));
		if (str_eq(name, STR("Dockerfile")) || str_starts(name, STR("Dockerfile."))) {
			add_build(n, row, &builds[nbuilds++]);
		}
	}
	n->classes = arena_new(n->arena, struct class_column, 1);
	n->vcs = arena_new(n->arena, struct vcs_column, 1);
	*n->classes = make_classes(n);
	*n->vcs = make_vcs(n, is_tracked);
	struct references_input input = { .tree = n->tree,
		.root_fd = n->dir.fd,
		.builds = builds,
		.nbuilds = nbuilds,
		.vcs = is_tracked ? n->vcs : NULL,
		.classes = n->classes };
	cr_assert(eq(int, references_open(n->arena, &input, &n->refs, &err), TNG_OK), "%s",
			err.text);
	expect_same_vcs(n, &input);
}

static struct needing make(const char *text, bool is_tracked) {
	struct needing n = { .dir = tmptree_make(), .arena = arena_create() };
	struct tng_error err = { 0 };

	text_tree_write(&n.dir, text);
	cr_assert(eq(int, tree_walk(n.dir.fd, NULL, &n.tree, &err), TNG_OK), "%s", err.text);
	search(&n, is_tracked);
	return n;
}

struct needing needing_make(const char *text) {
	return make(text, false);
}

struct needing needing_make_tracked(const char *text) {
	return make(text, true);
}

void needing_fini(struct needing *n) {
	tree_destroy(n->tree);
	arena_destroy(n->arena);
	tmptree_remove(&n->dir);
}

static struct str need_text(const struct needing *n, const struct need *need) {
	struct buf b = { 0 };

	buf_printf(&b, "%s %s", need_kind_name(need->kind), need_guard_name(need->guard));
	if (need->file.len > 0) {
		buf_printf(&b, " %.*s:%u", STR_FMT(need->file), need->line);
	}
	struct str copy = arena_copy(n->arena, buf_str(&b));
	buf_fini(&b);
	return copy;
}

struct str needing_of(const struct needing *n, const char *path) {
	uint32_t row = tree_find(n->tree, str_from(path));
	struct need need;

	cr_assert(ne(u32, row, TREE_NO_ROW), "%s", path);
	references_ask(n->refs, row, &need);
	return need_text(n, &need);
}

struct str needing_vcs(const struct needing *n) {
	struct need need;

	references_vcs_needed(n->refs, &need);
	return need_text(n, &need);
}

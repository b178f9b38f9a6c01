/* What buildah's COPY . takes: pruning, parents, sockets; and the vectors of ../shared where they are. */
#include "transfer/transfer.h"
#include "util/buf.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static int compare_lines(const void *a, const void *b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines in the order of their bytes, which is the vectors'; the tree's is by components. */
static void sort_lines(char *text) {
	char *lines[128], *copy = strdup(text), *at = text;
	size_t n = 0;

	for (char *line = strtok(copy, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		cr_assert(lt(sz, n, 128));
		lines[n++] = line;
	}
	qsort(lines, n, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < n; i++) {
		at = stpcpy(stpcpy(at, lines[i]), "\n");
	}
	free(copy);
}

/* Paths that are sent, one a line. */
static char *copied(const struct tree *tree, const struct ignore_set *set) {
	struct transfer_request request = { .engine = TNG_ENGINE_PODMAN };
	struct transfer_plan plan;
	struct arena *a = arena_create();
	struct tng_error err = { 0 };
	struct buf out = { 0 };
	enum tng_code code = transfer_plan(a, tree, set, &request, &plan, &err);

	if (code != TNG_OK) {
		buf_printf(&out, "error: %s\n", err.text);
	}
	for (uint32_t row = 1; code == TNG_OK && row < tree_nrows(tree); row++) {
		if (fate_is_sent(plan.fate[row])) {
			tree_path(tree, row, &out);
			buf_putc(&out, '\n');
		}
	}
	buf_append(&out, STR(""));
	arena_destroy(a);
	char *text = buf_detach(&out);
	cr_assert(ne(ptr, text, NULL));
	return text;
}

struct copy_case {
	char why[64], file[48], copied[80];
};

ParameterizedTestParameters(transfer_podman, copy_dot) {
	static struct copy_case cases[] = {
		{ "no pattern, all but the socket", "",
				"bar\nbar/x\nfoo\nfoo/a\nfoo/b\nfoo/b/k\nfoobar\nfoobar/x\n" },
		{ "an excluded directory", "foo", "bar\nbar/x\nfoobar\nfoobar/x\n" },
		{ "it is entered for an exception, and not written", "*\n!foo/b/k", "foo/b/k\n" },
		{ "no slash is needed behind its name", "foo\nbar\n!foobar/y\n!foo*",
				"foo\nfoo/a\nfoo/b\nfoo/b/k\nfoobar\nfoobar/x\n" },
		{ "an exception that starts elsewhere does nothing", "*\n!**/k", "" },
		{ "its literal start must spell the directory", "foo\nbar\n!foo/*/k",
				"foobar\nfoobar/x\n" },
		{ "foobar/y lets the walk into foo", "fo*\nbar\n!**/b\n!foobar/y",
				"foo/b\nfoo/b/k\n" },
		{ "without it the walk ends there", "fo*\nbar\n!**/b", "" },
		{ "a parent's exception brings its file back", "foo/a\n!foo",
				"bar\nbar/x\nfoo\nfoo/a\nfoo/b\nfoo/b/k\nfoobar\nfoobar/x\n" },
		{ "a bad regexp ends the copy", "*\n(", "error: syntax error in pattern\n" },
	};
	return cr_make_param_array(struct copy_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct copy_case *c, transfer_podman, copy_dot) {
	static const struct tree_item items[] = {
		{ .path = { "bar", 3 }, .type = ENTRY_DIR },
		{ .path = { "bar/x", 5 }, .type = ENTRY_FILE },
		{ .path = { "foo", 3 }, .type = ENTRY_DIR },
		{ .path = { "foo/a", 5 }, .type = ENTRY_FILE },
		{ .path = { "foo/b", 5 }, .type = ENTRY_DIR },
		{ .path = { "foo/b/k", 7 }, .type = ENTRY_FILE },
		{ .path = { "foobar", 6 }, .type = ENTRY_DIR },
		{ .path = { "foobar/x", 8 }, .type = ENTRY_FILE },
		{ .path = { "s", 1 }, .type = ENTRY_SOCKET },
	};
	struct transfer_request request = { .engine = TNG_ENGINE_PODMAN };
	struct tree *tree;
	struct ignore_set *set;

	cr_assert(eq(int, tree_from_items(items, sizeof(items) / sizeof(items[0]), &tree, NULL),
			TNG_OK));
	cr_assert(eq(int, transfer_patterns(str_from(c->file), &request, &set, NULL), TNG_OK));
	char *text = copied(tree, set);
	cr_expect(eq(str, text, c->copied), "%s", c->why);
	free(text);
	ignore_destroy(set);
	tree_destroy(tree);
}

Test(transfer_podman, the_dockerfile_and_the_ignore_file_are_entries_like_others) {
	struct transfer_request request = { .engine = TNG_ENGINE_PODMAN,
		.dockerfile = { "Containerfile", 13 } };
	struct ignore_set *set;

	cr_assert(eq(int,
			transfer_patterns(
					STR(".dockerignore\nContainerfile"), &request, &set, NULL),
			TNG_OK));
	cr_expect(eq(u32, ignore_npatterns(set), 2));
	ignore_destroy(set);
}

/* ---- walk-vectors.json ---- */

static struct tree *vector_tree(const json_t *list) {
	size_t n = json_array_size(list);
	struct tree_item *items = calloc(n + 1, sizeof(*items));
	struct tree *tree = NULL;

	for (size_t i = 0; i < n; i++) {
		const json_t *item = json_array_get(list, i);
		const char *type = json_string_value(json_object_get(item, "type"));
		const json_t *target = json_object_get(item, "target");
		items[i].path = str_from(json_string_value(json_object_get(item, "path")));
		items[i].type = strcmp(type, "dir") == 0       ? ENTRY_DIR
				: strcmp(type, "symlink") == 0 ? ENTRY_SYMLINK
							       : ENTRY_FILE;
		items[i].target = target != NULL ? str_from(json_string_value(target)) : STR("");
	}
	cr_assert(eq(int, tree_from_items(items, n, &tree, NULL), TNG_OK));
	free(items);
	return tree;
}

static char *vector_list(const json_t *list) {
	struct buf out = { 0 };

	for (size_t i = 0; i < json_array_size(list); i++) {
		buf_append(&out, str_from(json_string_value(json_array_get(list, i))));
		buf_putc(&out, '\n');
	}
	buf_append(&out, STR(""));
	return buf_detach(&out);
}

static void run_case(const struct tree *tree, const json_t *vector, size_t index) {
	const json_t *list = json_object_get(vector, "patterns");
	struct str patterns[64];
	struct ignore_set *set = NULL;

	cr_assert(le(sz, json_array_size(list), 64));
	for (size_t i = 0; i < json_array_size(list); i++) {
		patterns[i] = str_from(json_string_value(json_array_get(list, i)));
	}
	enum tng_code code = ignore_from_patterns_as(
			IGNORE_BUILDAH, patterns, json_array_size(list), &set, NULL);
	const json_t *expected = json_object_get(vector, "buildah_copy_dot");
	if (json_is_object(expected)) {
		char *error = code == TNG_OK ? copied(tree, set) : strdup("error: at once\n");
		cr_expect(eq(int, strncmp(error, "error: ", 7), 0), "case %zu: %s", index, error);
		free(error);
	} else {
		cr_assert(eq(int, code, TNG_OK), "case %zu", index);
		char *got = copied(tree, set), *want = vector_list(expected);
		sort_lines(got);
		cr_expect(eq(str, got, want), "case %zu", index);
		free(got);
		free(want);
	}
	ignore_destroy(set);
}

Test(transfer_podman, the_walk_vectors_of_buildah_pass) {
	const char *shared = getenv("TONNAGE_SHARED");
	char path[4096];

	if (shared == NULL || shared[0] == '\0') {
		cr_skip("TONNAGE_SHARED is empty");
	}
	(void)snprintf(path, sizeof(path), "%s/spec/walk-vectors.json", shared);
	json_t *vectors = json_load_file(path, 0, NULL);
	const json_t *cases = json_object_get(vectors, "cases");
	struct tree *tree = vector_tree(json_object_get(vectors, "tree"));
	size_t ncases = 0;
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *vector = json_array_get(cases, i);
		if (json_object_get(vector, "buildah_copy_dot") != NULL) {
			run_case(tree, vector, i);
			ncases++;
		}
	}
	cr_expect(ge(sz, ncases, 74));
	tree_destroy(tree);
	json_decref(vectors);
}

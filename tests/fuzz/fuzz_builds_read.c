/*
 * Bytes as each kind of file that describes builds: what is found is clean, inside the limits, and the
 * same every time. The first byte says the kind.
 */
#include "builds/internal.h"
#include "fuzz/fuzz.h"
#include "support/small_tree.h"

typedef void read_fn(struct finder *f, const struct source_file *file);

static read_fn *const readers[] = { compose_read, bake_read_hcl, bake_read_json, workflow_read,
	gitlab_read, makefile_read, script_read, names_add };

static void check(const struct finder *f) {
	FUZZ_CHECK(!f->failed);
	FUZZ_CHECK(f->list.len <= BUILDS_MAX);
	for (size_t i = 0; i < f->list.len; i++) {
		const struct found_build *build = &f->list.ptr[i];
		FUZZ_CHECK(build->context.len > 0);
		FUZZ_CHECK(build->is_remote || build->context.ptr[0] != '/');
		FUZZ_CHECK(build->is_remote || build->dockerfile.len > 0 ||
				build->inline_text.len > 0);
		FUZZ_CHECK(build->dockerfile_row == TREE_NO_ROW ||
				build->dockerfile_row < tree_nrows(f->tree));
	}
}

static size_t run(const struct tree *tree, read_fn *read, struct str text) {
	struct finder f = { .a = arena_create(), .tree = tree, .root_fd = -1 };
	struct source_file file = {
		.row = 1, .path = STR("a/b/file"), .dir = STR("a/b"), .text = text
	};

	read(&f, &file);
	check(&f);
	size_t n = f.list.len;
	free(f.list.ptr);
	free(f.findings.ptr);
	arena_destroy(f.a);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	if (size == 0 || size > ((size_t)1 << 16)) {
		return 0;
	}
	struct tree *tree = small_tree("Dockerfile a/b/Dockerfile a/b/x.Dockerfile a/c/Dockerfile");
	struct str text = str_make((const char *)data + 1, size - 1);
	read_fn *read = readers[data[0] % (sizeof(readers) / sizeof(readers[0]))];

	FUZZ_CHECK(tree != NULL);
	FUZZ_CHECK(run(tree, read, text) == run(tree, read, text));
	tree_destroy(tree);
	return 0;
}

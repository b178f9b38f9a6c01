/*
 * Bytes on the wire. The vectors are the real writers' (TONNAGE_SHARED/spec/size-vectors.json); the
 * table is for clones that have them not, and was counted by hand from the formats.
 */
#include "support/expect.h"
#include "support/tmptree.h"
#include "unit/transfer/planned.h"

#include <criterion/parameterized.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#endif

#define NOW INT64_C(1700000000123456789)

static json_t *load(void) {
	const char *shared = getenv("TONNAGE_SHARED");
	char path[4096];

	if (shared == NULL || shared[0] == '\0') {
		cr_skip_test("TONNAGE_SHARED is not set");
	}
	(void)snprintf(path, sizeof(path), "%s/spec/size-vectors.json", shared);
	json_t *root = json_load_file(path, 0, NULL);
	cr_assert(ne(ptr, root, NULL), "%s", path);
	return root;
}

static struct str text_of(const json_t *object, const char *key) {
	return str_from(json_string_value(json_object_get(object, key)));
}

static uint64_t number_of(const json_t *object, const char *key) {
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

static enum entry_type type_of(struct str text) {
	static const char *const names[] = { "file", "dir", "symlink", "fifo", "socket", "chr",
		"blk" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_eq(text, str_from(names[i]))) {
			return (enum entry_type)i;
		}
	}
	cr_assert(false, "an unknown type: %.*s", STR_FMT(text));
	return ENTRY_UNKNOWN;
}

static struct tree_item item_of(const json_t *e) {
	struct tree_item item = {
		.path = text_of(e, "path"),
		.type = type_of(text_of(e, "type")),
		.size = number_of(e, "size"),
		.mtime_ns = (int64_t)number_of(e, "mtime_ns"),
		.mode = (uint16_t)strtoul(text_of(e, "mode").ptr + 2, NULL, 8),
		.target = text_of(e, "target"),
	};

	if (json_object_get(e, "inode_group") != NULL) {
		item.inode = strtoul(text_of(e, "inode_group").ptr + 1, NULL, 10);
	}
#if defined(__linux__)
	if (json_object_get(e, "major") != NULL) {
		item.size = makedev(
				(unsigned)number_of(e, "major"), (unsigned)number_of(e, "minor"));
	}
#endif
	return item;
}

static struct tree *tree_of(const json_t *entries) {
	size_t n = json_array_size(entries);
	struct tree_item *items = calloc(n + 1, sizeof(*items));
	struct tree *tree = NULL;

	for (size_t i = 0; i < n; i++) {
		items[i] = item_of(json_array_get(entries, i));
	}
	cr_assert(eq(int, tree_from_items(items, n, &tree, NULL), TNG_OK));
	cr_assert(eq(sz, tree_nrows(tree), n + 1), "every parent is among the entries");
	free(items);
	return tree;
}

/* Attributes of the entries, whose rows are in the same order. */
static size_t xattrs_of(const json_t *entries, struct tree_xattr out[8]) {
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(entries); i++) {
		const char *name;
		json_t *value, *xattrs = json_object_get(json_array_get(entries, i), "xattrs_hex");
		json_object_foreach(xattrs, name, value) {
			cr_assert(lt(sz, n, 8));
			out[n++] = (struct tree_xattr){
				.row = (uint32_t)i + 1,
				.value_bytes = (uint32_t)json_string_length(value) / 2,
				.name = str_from(name),
			};
		}
	}
	return n;
}

static struct transfer_wire wire_with(
		struct planned *p, enum tng_engine engine, const struct wire_options *options) {
	struct transfer_wire wire = { 0 };
	struct wire_options with = *options;

	with.engine = engine;
	plan_set(p, engine);
	cr_assert(eq(int, p->code, TNG_OK));
	cr_assert(eq(int, transfer_wire(p->arena, p->tree, &p->plan, &with, &wire, NULL), TNG_OK));
	cr_assert(wire.happens);
	return wire;
}

static void expect_vector(const json_t *v) {
	const json_t *entries = json_object_get(v, "entries");
	struct planned p = { .arena = arena_create(), .tree = tree_of(entries) };
	const char *name = text_of(v, "name").ptr;
	struct tree_xattr xattrs[8];
	const struct wire_options options = { .xattrs = xattrs,
		.nxattrs = xattrs_of(entries, xattrs) };

	struct transfer_wire bk = wire_with(&p, TNG_ENGINE_BUILDKIT, &options);
	cr_expect(eq(u64, bk.first, number_of(v, "buildkit_first_transfer_bytes")), "%s", name);
	cr_expect(eq(u64, bk.unchanged, number_of(v, "buildkit_unchanged_transfer_bytes")), "%s",
			name);
	cr_expect(eq(u64, bk.npackets,
				  json_array_size(json_object_get(v, "buildkit_stat_packets"))),
			"%s", name);
	cr_expect(eq(u64, bk.nrequests, number_of(v, "requests_first")), "%s", name);
	cr_expect(eq(u64, bk.nrequests_unchanged, number_of(v, "requests_unchanged")), "%s", name);
	struct transfer_wire tar = wire_with(&p, TNG_ENGINE_CLASSIC, &options);
	cr_expect(eq(u64, tar.first, number_of(v, "classic_tar_bytes")), "%s", name);
	cr_expect(eq(u64, tar.unchanged, tar.first), "%s", name);
	cr_expect(eq(u64, tar.npackets, json_array_size(json_object_get(v, "classic_tar"))), "%s",
			name);
	planned_fini(&p);
}

Test(wire, every_tree_of_the_vectors_costs_what_the_real_writers_wrote) {
	json_t *root = load();

	cr_assert(eq(sz, json_array_size(root), 14));
	for (size_t i = 0; i < json_array_size(root); i++) {
		expect_vector(json_array_get(root, i));
	}
	json_decref(root);
}

struct wire_case {
	char why[64];
	struct {
		char path[120];
		enum entry_type type;
		uint64_t size;
		int64_t mtime_ns;
		uint16_t mode;
		uint64_t inode;
		char target[8];
	} items[3];
	uint64_t first, unchanged, tar;
};

ParameterizedTestParameters(wire, table) {
	static struct wire_case cases[] = {
		/* 2 + STAT 29 (path 12, mode 3, size 2, mtime 10) + DATA 2+1+1+27 + 2 */
		{ "the documentation's 64B", { { "Dockerfile", ENTRY_FILE, 27, NOW, 0644, 0, "" } },
				64, 31, 2048 },
		{ "an empty file has no size and one request",
				{ { "a", ENTRY_FILE, 0, NOW, 0644, 0, "" } }, 22, 20, 1536 },
		{ "the second chunk has one byte", { { "a", ENTRY_FILE, 32769, NOW, 0644, 0, "" } },
				32805, 24, 34816 },
		{ "a time of zero costs nothing", { { "a", ENTRY_FILE, 1, 0, 0644, 0, "" } }, 19,
				12, 2048 },
		{ "a time before 1970 has ten bytes, and a record in tar",
				{ { "a", ENTRY_FILE, 1, -1, 0644, 0, "" } }, 30, 23, 3072 },
		{ "a second name is a link of its size",
				{ { "a", ENTRY_FILE, 7, NOW, 0644, 9, "" },
						{ "b", ENTRY_FILE, 7, NOW, 0644, 9, "" } },
				58, 45, 2560 },
		{ "a socket is an empty file, and not in tar",
				{ { "s", ENTRY_SOCKET, 0, NOW, 0755, 0, "" } }, 22, 20, 1024 },
		{ "a link has its target and the size of it",
				{ { "l", ENTRY_SYMLINK, 0, NOW, 0777, 0, "ab" } }, 28, 28, 1536 },
	};
	return cr_make_param_array(struct wire_case, cases, sizeof(cases) / sizeof(cases[0]));
}
ParameterizedTest(struct wire_case *c, wire, table) {
	struct tree_item items[3] = { 0 };
	struct planned p = { .arena = arena_create() };
	const struct wire_options none = { 0 };
	size_t n = 0;

	for (; n < 3 && c->items[n].path[0] != '\0'; n++) {
		items[n] = (struct tree_item){
			.path = str_from(c->items[n].path),
			.type = c->items[n].type,
			.size = c->items[n].size,
			.mtime_ns = c->items[n].mtime_ns,
			.mode = c->items[n].mode,
			.inode = c->items[n].inode,
			.target = str_from(c->items[n].target),
		};
	}
	cr_assert(eq(int, tree_from_items(items, n, &p.tree, NULL), TNG_OK));
	struct transfer_wire bk = wire_with(&p, TNG_ENGINE_BUILDKIT, &none);
	cr_expect(eq(u64, bk.first, c->first), "%s", c->why);
	cr_expect(eq(u64, bk.unchanged, c->unchanged), "%s", c->why);
	cr_expect(eq(u64, wire_with(&p, TNG_ENGINE_CLASSIC, &none).first, c->tar), "%s", c->why);
	planned_fini(&p);
}

/* A name of this many bytes, a slash after `prefix` of them (0: none): what classic makes of it. */
static uint64_t tar_of_name(size_t prefix, size_t len, uint64_t *dirs) {
	char path[600];
	struct tree_item items[2] = { { .type = ENTRY_DIR, .mtime_ns = NOW, .mode = 0755 },
		{ .type = ENTRY_FILE, .mtime_ns = NOW, .mode = 0644 } };
	struct planned p = { .arena = arena_create() };
	const struct wire_options none = { 0 };
	size_t skip = prefix == 0;

	memset(path, 'x', len);
	if (prefix > 0) {
		path[prefix] = '/';
	}
	items[0].path = str_make(path, prefix);
	items[1].path = str_make(path, len);
	cr_assert(eq(int, tree_from_items(items + skip, 2 - skip, &p.tree, NULL), TNG_OK));
	struct transfer_wire w = wire_with(&p, TNG_ENGINE_CLASSIC, &none);
	planned_fini(&p);
	*dirs = prefix == 0 ? 0 : prefix + 1 <= 100 ? 512 : 1536;
	return w.first - 1024 - *dirs;
}

Test(wire, a_long_name_is_split_at_a_slash_or_costs_a_record) {
	uint64_t dirs;

	cr_expect(eq(u64, tar_of_name(0, 100, &dirs), 512));
	cr_expect(eq(u64, tar_of_name(0, 101, &dirs), 1536));
	cr_expect(eq(u64, tar_of_name(100, 201, &dirs), 512));
	cr_expect(eq(u64, tar_of_name(100, 202, &dirs), 1536));
	cr_expect(eq(u64, tar_of_name(155, 256, &dirs), 512));
	cr_expect(eq(u64, tar_of_name(156, 257, &dirs), 1536));
}

/* "<n> path=<value>\n" of 512 bytes fits one block, one more byte takes a second. */
Test(wire, a_record_counts_its_own_length) {
	struct planned p = { .arena = arena_create() };
	const struct wire_options none = { 0 };
	char target[600];
	struct tree_item item = { .path = STR("l"), .type = ENTRY_SYMLINK, .mtime_ns = NOW };

	memset(target, 't', sizeof(target));
	for (size_t len = 498; len <= 499; len++) {
		/* 3 digits, a blank, "linkpath=", the value, a newline: len + 14 */
		item.target = str_make(target, len);
		cr_assert(eq(int, tree_from_items(&item, 1, &p.tree, NULL), TNG_OK));
		struct transfer_wire w = wire_with(&p, TNG_ENGINE_CLASSIC, &none);
		cr_expect(eq(u64, w.first, len == 498 ? 2560 : 3072));
		tree_destroy(p.tree);
	}
	p.tree = NULL;
	planned_fini(&p);
}

static struct planned classic(const char *items, const char *ignore_text) {
	struct planned p = plan_text(items, ignore_text, TNG_ENGINE_CLASSIC, "");

	cr_assert(eq(int, p.code, TNG_OK));
	return p;
}

static struct transfer_wire injected(struct planned *p, uint64_t dockerfile_bytes) {
	const struct wire_options options = {
		.engine = TNG_ENGINE_CLASSIC,
		.injects_dockerfile = true,
		.dockerfile_bytes = dockerfile_bytes,
	};
	struct transfer_wire wire;

	cr_assert(eq(int, transfer_wire(p->arena, p->tree, &p->plan, &options, &wire, NULL),
			TNG_OK));
	planned_fini(p);
	return wire;
}

Test(wire, a_dockerfile_from_elsewhere_ends_the_stream_early_with_one_of_two_lengths) {
	/* the 2.074kB and 2.095kB of the spec */
	struct planned p = classic("a=0", "");
	struct transfer_wire w = injected(&p, 26);

	cr_expect(eq(u64, w.first, 2074));
	cr_expect(eq(u64, w.first_other, 2095));
}

Test(wire, an_ignore_file_in_the_stream_is_rewritten_in_its_place) {
	struct planned p = classic(".dockerignore=500", "");
	struct transfer_wire w = injected(&p, 26);

	/* 512 + 1024 (534 padded), 512 + 26 */
	cr_expect(eq(u64, w.first, 2074));
	cr_expect(eq(u64, w.first_other, 2074));
}

static struct transfer_empty *empties(struct planned *p, size_t *n) {
	struct transfer_empty *list = NULL;

	cr_assert(eq(int, p->code, TNG_OK));
	cr_assert(eq(int,
			transfer_find_empty(
					p->arena, -1, p->tree, &p->plan, p->set, &list, n, NULL),
			TNG_OK));
	return list;
}

Test(wire, a_file_that_the_whole_path_excludes_arrives_empty_every_time) {
	struct planned p = plan_text("a/b=9 c=1", "a\n!a/b\na\n", TNG_ENGINE_BUILDKIT, "");
	size_t n = 0;
	const struct transfer_empty *list = empties(&p, &n);

	cr_assert(eq(sz, n, 1));
	cr_expect(eq(u32, list[0].row, planned_row(&p, "a/b")));
	struct wire_options options = { .engine = TNG_ENGINE_BUILDKIT };
	struct transfer_wire with, without;
	cr_assert(eq(int, transfer_wire(p.arena, p.tree, &p.plan, &options, &without, NULL),
			TNG_OK));
	options.empty = list;
	options.nempty = n;
	cr_assert(eq(int, transfer_wire(p.arena, p.tree, &p.plan, &options, &with, NULL), TNG_OK));
	/* its DATA packet: 2 + ID 2 + 1 + 1 + 9; sent again: the packet that ends it, 2 + ID 2 */
	cr_expect(eq(u64, without.first - with.first, 15));
	cr_expect(eq(u64, with.unchanged - without.unchanged, 4));
	cr_expect(eq(u64, with.nrequests_unchanged, 1));
	planned_fini(&p);
}

Test(wire, a_list_that_both_evaluations_read_alike_has_no_empty_files) {
	struct planned p = plan_text("a/b=9 a/c=1 d=2", "*\n!a/b\n!d\n", TNG_ENGINE_BUILDKIT, "");
	size_t n = 1;

	(void)empties(&p, &n);
	cr_expect(eq(sz, n, 0));
	planned_fini(&p);
}

Test(wire, podman_sends_nothing) {
	struct planned p = plan_text("a=9", "", TNG_ENGINE_PODMAN, "");
	const struct wire_options options = { .engine = TNG_ENGINE_PODMAN };
	struct transfer_wire wire = { .happens = true, .first = 1 };

	cr_assert(eq(int, transfer_wire(p.arena, p.tree, &p.plan, &options, &wire, NULL), TNG_OK));
	cr_expect(not(wire.happens));
	cr_expect(eq(u64, wire.first, 0));
	planned_fini(&p);
}

Test(wire, a_first_name_that_is_not_sent_hands_the_content_on) {
	struct tree_item items[3] = {
		{ .path = STR("a"), .size = 7, .inode = 9, .mtime_ns = NOW, .mode = 0644 },
		{ .path = STR("b"), .size = 7, .inode = 9, .mtime_ns = NOW, .mode = 0644 },
		{ .path = STR("c"), .size = 7, .inode = 9, .mtime_ns = NOW, .mode = 0644 },
	};
	struct planned p = { .arena = arena_create() };
	const struct wire_options none = { 0 };

	cr_assert(eq(int, tree_from_items(items, 3, &p.tree, NULL), TNG_OK));
	cr_assert(eq(int, ignore_parse(STR("a\n"), &p.set, NULL), TNG_OK));
	struct transfer_wire w = wire_with(&p, TNG_ENGINE_BUILDKIT, &none);
	/* STAT 18 + 2, link field 3; DATA 2+1+1+7 and 2; FIN 2 */
	cr_expect(eq(u64, w.first, 20 + 23 + 11 + 2 + 2));
	cr_expect(eq(u64, w.nrequests, 1));
	planned_fini(&p);
}

Test(wire, memory_that_runs_out_is_reported) {
	struct planned p = plan_text("a/b=9", "a\n!a/b\na\n", TNG_ENGINE_BUILDKIT, "");
	const struct wire_options options = { .engine = TNG_ENGINE_BUILDKIT };
	struct transfer_wire wire;
	struct transfer_empty *list;
	size_t n, at = 0;

	for (enum tng_code code = TNG_ENOMEM; code != TNG_OK; at++) {
		cr_assert(lt(sz, at, 50));
		arena_fail_after(p.arena, at);
		code = transfer_wire(p.arena, p.tree, &p.plan, &options, &wire, NULL);
		if (code == TNG_OK) {
			code = transfer_find_empty(
					p.arena, -1, p.tree, &p.plan, p.set, &list, &n, NULL);
		}
		cr_assert(code == TNG_OK || code == TNG_ENOMEM);
	}
	cr_expect(gt(sz, at, 2));
	planned_fini(&p);
}

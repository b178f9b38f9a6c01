/*
 * The real walkers' answers on one tree (TONNAGE_SHARED/spec/walk-vectors.json): what fsutil sent, and
 * what the classic archive holds, with the patterns as they are and as docker's client completes them.
 */
#include "support/expect.h"
#include "unit/transfer/planned.h"

#include <jansson.h>
#include <stdlib.h>

static json_t *load(void) {
	const char *shared = getenv("TONNAGE_SHARED");
	char path[4096];

	if (shared == NULL || shared[0] == '\0') {
		cr_skip_test("TONNAGE_SHARED is not set");
	}
	(void)snprintf(path, sizeof(path), "%s/spec/walk-vectors.json", shared);
	json_t *root = json_load_file(path, 0, NULL);
	cr_assert(ne(ptr, root, NULL), "%s", path);
	return root;
}

static struct str text_of(const json_t *object, const char *key) {
	return str_from(json_string_value(json_object_get(object, key)));
}

static struct tree *tree_of(const json_t *rows) {
	size_t n = json_array_size(rows);
	struct tree_item *items = calloc(n, sizeof(*items));
	struct tree *tree = NULL;

	for (size_t i = 0; i < n; i++) {
		const json_t *row = json_array_get(rows, i);
		struct str type = text_of(row, "type");
		items[i].path = text_of(row, "path");
		items[i].target = text_of(row, "target");
		items[i].type = str_eq(type, STR("dir"))       ? ENTRY_DIR
				: str_eq(type, STR("symlink")) ? ENTRY_SYMLINK
							       : ENTRY_FILE;
	}
	cr_assert(eq(int, tree_from_items(items, n, &tree, NULL), TNG_OK));
	free(items);
	return tree;
}

static bool is_listed(const json_t *list, struct str path) {
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (str_eq(str_from(json_string_value(json_array_get(list, i))), path)) {
			return true;
		}
	}
	return false;
}

/* The patterns as the matcher takes them; `set` is NULL when they are refused. */
static struct ignore_set *set_of(const json_t *patterns, struct tng_error *err) {
	size_t n = json_array_size(patterns);
	struct str *list = calloc(n + 1, sizeof(*list));
	struct ignore_set *set = NULL;

	for (size_t i = 0; i < n; i++) {
		list[i] = str_from(json_string_value(json_array_get(patterns, i)));
	}
	if (ignore_from_patterns(list, n, &set, err) != TNG_OK) {
		set = NULL;
	}
	free(list);
	return set;
}

/* What the daemon takes out of what it unpacked: the Dockerfile and the ignore file, where the list as it
 * is written excludes them, path and ancestors at once. */
static bool is_taken_out(const json_t *patterns, struct str path) {
	struct tng_error err = { 0 };
	struct ignore_set *set = set_of(patterns, &err);
	struct ignore_scratch *scratch = ignore_scratch_create(set);
	struct verdict verdict = { .excluded = false };

	cr_assert(ne(ptr, scratch, NULL));
	cr_assert(eq(int, ignore_decide_whole_path(scratch, path, &verdict, &err), TNG_OK));
	ignore_scratch_destroy(scratch);
	ignore_destroy(set);
	return verdict.excluded;
}

static size_t expect_effective(const json_t *c, const char *what) {
	const json_t *patterns = json_object_get(c, "patterns");
	const json_t *want = json_object_get(c, "classic_cli_effective");
	const json_t *sent = json_object_get(c, "classic_cli_sent");
	const struct str kept[] = { STR(".dockerignore"), STR("Dockerfile") };
	size_t nout = 0;

	for (size_t i = 0; i < 2; i++) {
		bool is_out = is_taken_out(patterns, kept[i]);
		nout += is_out && is_listed(sent, kept[i]);
		cr_expect(eq(int, is_listed(want, kept[i]), is_listed(sent, kept[i]) && !is_out),
				"%s: %.*s", what, STR_FMT(kept[i]));
	}
	cr_expect(eq(sz, json_array_size(want), json_array_size(sent) - nout), "%s", what);
	return nout;
}

static void expect_sent(const struct planned *p, const json_t *want, const char *what) {
	struct str rest = planned_paths(p, SENT_FATES), path;
	size_t n = 0;

	for (bool more = rest.len > 0; more; n++) {
		more = str_cut(rest, ' ', &path, &rest);
		cr_expect(is_listed(want, path), "%s: %.*s is sent", what, STR_FMT(path));
	}
	cr_expect(eq(sz, n, json_array_size(want)), "%s", what);
}

/* One column; returns whether the builder fails there, as expected. */
static bool check_column(struct tree *tree, const json_t *c, const char *column,
		enum tng_engine engine, const char *what) {
	const json_t *want = json_object_get(c, column);
	struct planned p = { .arena = arena_create(), .tree = tree };
	bool fails = json_is_object(want);

	p.set = set_of(json_object_get(c, "patterns"), &p.err);
	p.code = p.err.code;
	if (p.set != NULL) {
		plan_set(&p, engine);
	}
	if (fails) {
		cr_expect(eq(int, p.code, TNG_ESYNTAX), "%s", what);
	} else {
		cr_assert(eq(int, p.code, TNG_OK), "%s: %s", what, p.err.text);
		expect_sent(&p, want, what);
	}
	ignore_destroy(p.set);
	arena_destroy(p.arena);
	return fails;
}

/* An ignore file that reads as these patterns; with the additions of docker's client. */
static bool check_client(struct tree *tree, const json_t *c, const char *what, size_t *ntaken_out) {
	const json_t *want = json_object_get(c, "classic_cli_sent");
	const json_t *patterns = json_object_get(c, "patterns");
	struct transfer_request request = {
		.engine = TNG_ENGINE_CLASSIC,
		.dockerfile = STR("Dockerfile"),
	};
	struct planned p = { .arena = arena_create(), .tree = tree };
	char text[1024] = "";
	bool fails = json_is_object(want);

	for (size_t i = 0; i < json_array_size(patterns); i++) {
		strcat(text, json_string_value(json_array_get(patterns, i)));
		strcat(text, "\n");
	}
	p.code = transfer_patterns(str_from(text), &request, &p.set, &p.err);
	if (p.code == TNG_OK) {
		plan_set(&p, TNG_ENGINE_CLASSIC);
	}
	if (fails) {
		cr_expect(eq(int, p.code, TNG_ESYNTAX), "%s", what);
	} else {
		cr_assert(eq(int, p.code, TNG_OK), "%s: %s", what, p.err.text);
		expect_sent(&p, want, what);
		*ntaken_out += expect_effective(c, what);
	}
	ignore_destroy(p.set);
	arena_destroy(p.arena);
	return fails;
}

Test(vectors, every_case_is_sent_as_the_real_walkers_send_it) {
	json_t *root = load();
	struct tree *tree = tree_of(json_object_get(root, "tree"));
	const json_t *cases = json_object_get(root, "cases");
	size_t nbuildkit_fails = 0, nclassic_fails = 0, nclient_fails = 0, nskipped = 0;
	size_t ntaken_out = 0;

	cr_assert(eq(sz, json_array_size(cases), 74));
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *c = json_array_get(cases, i);
		char *what = json_dumps(json_object_get(c, "patterns"), JSON_COMPACT);
		bool bk = check_column(tree, c, "buildkit", TNG_ENGINE_BUILDKIT, what);
		nbuildkit_fails += bk;
		/* an evaluation error cuts the archive off where it is met, and docker's client has
		 * refused the list before: that column says nothing about a plan */
		if (!bk || json_is_object(json_object_get(c, "classic_tar"))) {
			nclassic_fails += check_column(
					tree, c, "classic_tar", TNG_ENGINE_CLASSIC, what);
		} else {
			nskipped++;
		}
		nclient_fails += check_client(tree, c, what, &ntaken_out);
		free(what);
	}
	cr_expect(eq(sz, nbuildkit_fails, 4));
	cr_expect(eq(sz, nclassic_fails, 2));
	cr_expect(eq(sz, nskipped, 2));
	cr_expect(eq(sz, nclient_fails, 4));
	cr_expect(eq(sz, ntaken_out, 48)); /* of 25 cases */
	tree_destroy(tree);
	json_decref(root);
}

static void check_follow(struct tree *tree, const json_t *c) {
	const json_t *paths = json_object_get(c, "follow_paths");
	const json_t *want = json_object_get(c, "resolved_include_patterns");
	struct transfer_request request = { .engine = TNG_ENGINE_BUILDKIT };
	struct planned p = { .arena = arena_create(), .tree = tree };
	char *what = json_dumps(paths, JSON_COMPACT);
	struct str list[32], *includes = NULL;

	cr_assert(le(sz, json_array_size(paths), 32));
	for (size_t i = 0; i < json_array_size(paths); i++) {
		list[i] = str_from(json_string_value(json_array_get(paths, i)));
	}
	cr_assert(eq(int,
			follow_links(p.arena, tree, list, json_array_size(paths), &includes,
					&request.nincludes, &p.err),
			TNG_OK));
	cr_assert(eq(sz, request.nincludes, json_array_size(want)), "%s", what);
	for (size_t i = 0; i < request.nincludes; i++) {
		EXPECT_STR(includes[i], json_string_value(json_array_get(want, i)));
	}
	request.includes = includes;
	p.set = set_of(json_object_get(c, "excludes"), &p.err);
	cr_assert(ne(ptr, p.set, NULL), "%s", what);
	cr_assert(eq(int, transfer_plan(p.arena, tree, p.set, &request, &p.plan, &p.err), TNG_OK),
			"%s: %s", what, p.err.text);
	expect_sent(&p, json_object_get(c, "buildkit"), what);
	free(what);
	ignore_destroy(p.set);
	arena_destroy(p.arena);
}

Test(vectors, sources_are_followed_and_asked_for_as_the_real_client_does) {
	json_t *root = load();
	struct tree *tree = tree_of(json_object_get(root, "tree"));
	const json_t *cases = json_object_get(root, "follow_cases");

	cr_assert(eq(sz, json_array_size(cases), 33));
	for (size_t i = 0; i < json_array_size(cases); i++) {
		check_follow(tree, json_array_get(cases, i));
	}
	tree_destroy(tree);
	json_decref(root);
}

/*
 * classify-listing - what tonnage takes each path of a listing for, without a disk.
 *
 *   classify-listing [--tracked] < listing        "MODE<tab>SIZE<tab>PATH" a line, MODE as git prints it
 *   classify-listing --walk DIR                    the same for what is in a directory, contents included
 *   classify-listing --time DIR                    "WALK NAMES PROBES FILES BYTES": CPU seconds of the walk, of
 *                                                  classes by name, and with probes; what was probed
 *
 * Prints "PATH<tab>class<tab>rule<tab>advice<tab>confidence<tab>severity" a row, directories with a final
 * slash. --tracked: git has every file of the listing.
 */
#include "classify/classify.h"
#include "util/buf.h"
#include "util/file.h"
#include "util/vec.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct items {
	VEC_FIELDS(struct tree_item)
};

static int complain(const struct tng_error *err) {
	(void)fprintf(stderr, "classify-listing: %s\n", err->text);
	return 2;
}

static bool read_item(struct str line, struct tree_item *item) {
	struct str mode, size;

	if (!str_cut(line, '\t', &mode, &line) || !str_cut(line, '\t', &size, &line)) {
		return false;
	}
	item->path = line;
	item->type = str_starts(mode, STR("12"))      ? ENTRY_SYMLINK
			: str_starts(mode, STR("16")) ? ENTRY_DIR
						      : ENTRY_FILE;
	item->mode = str_ends(mode, STR("755")) ? 0755 : 0644;
	item->target = item->type == ENTRY_SYMLINK ? STR("x") : STR("");
	item->size = item->type == ENTRY_FILE ? strtoull(size.ptr, NULL, 10) : 0;
	return true;
}

static enum tng_code read_listing(struct arena *a, struct tree **out, struct tng_error *err) {
	struct items items = { 0 };
	struct str text, line;
	enum tng_code code = file_read_fd(a, STDIN_FILENO, (size_t)1 << 30, &text, err);

	while (code == TNG_OK && text.len > 0) {
		(void)str_cut(text, '\n', &line, &text);
		struct tree_item *item = VEC_PUSH(&items);
		if (item == NULL || !read_item(line, item)) {
			code = error_set(err, TNG_EINVAL, "bad line: %.*s", STR_FMT(line));
		}
	}
	code = code == TNG_OK ? tree_from_items(items.ptr, items.len, out, err) : code;
	free(items.ptr);
	return code;
}

static void print_rows(const struct tree *tree, const struct class_column *column) {
	struct buf path = { 0 };

	for (uint32_t row = 1; row < tree_nrows(tree); row++) {
		const struct class_mark *mark = &column->marks[row];
		struct str rule = mark->rule != CLASS_NO_RULE ? column->rules[mark->rule].id
							      : STR("-");
		buf_clear(&path);
		tree_path(tree, row, &path);
		if (entry_is_dir(tree_entry(tree, row))) {
			buf_putc(&path, '/');
		}
		(void)printf("%.*s\t%.*s\t%.*s\t%s\t%u\t%s\n", STR_FMT(buf_str(&path)),
				STR_FMT(column->classes[mark->klass].name), STR_FMT(rule),
				class_advice_name((enum class_advice)mark->advice),
				mark->confidence,
				class_severity_name((enum class_severity)mark->severity));
	}
	buf_fini(&path);
}

static enum tng_code classify_and_print(struct arena *a, const struct tree *tree, int root_fd,
		bool is_tracked, struct tng_error *err) {
	uint8_t *state = arena_alloc(a, tree_nrows(tree));
	struct class_column column;

	if (state == NULL) {
		return error_nomem(err);
	}
	memset(state, VCS_TRACKED, tree_nrows(tree));
	struct vcs_column vcs = { .state = state, .is_known = true };
	struct classify_input input = {
		.tree = tree, .root_fd = root_fd, .vcs = is_tracked ? &vcs : NULL
	};
	enum tng_code code = classify_column(a, &input, &column, err);
	if (code == TNG_OK) {
		print_rows(tree, &column);
		(void)fprintf(stderr, "%llu files probed, %llu bytes\n",
				(unsigned long long)column.nprobed,
				(unsigned long long)column.probed_bytes);
	}
	return code;
}

static double cpu_seconds(void) {
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static enum tng_code time_it(
		struct arena *a, int root_fd, struct tree **tree, struct tng_error *err) {
	double at[4] = { cpu_seconds() };
	struct class_column column = { 0 };
	enum tng_code code = tree_walk(root_fd, NULL, tree, err);

	at[1] = cpu_seconds();
	for (int i = 0; i < 2 && code == TNG_OK; i++) {
		struct classify_input input = { .tree = *tree, .root_fd = i == 0 ? -1 : root_fd };
		code = classify_column(a, &input, &column, err);
		at[2 + i] = cpu_seconds();
	}
	if (code == TNG_OK) {
		(void)printf("%.6f %.6f %.6f %llu %llu\n", at[1] - at[0], at[2] - at[1],
				at[3] - at[2], (unsigned long long)column.nprobed,
				(unsigned long long)column.probed_bytes);
	}
	return code;
}

int main(int argc, char **argv) {
	struct arena *a = arena_create();
	struct tng_error err = { 0 };
	struct tree *tree = NULL;
	bool times = argc == 3 && strcmp(argv[1], "--time") == 0;
	bool walks = times || (argc == 3 && strcmp(argv[1], "--walk") == 0);
	bool is_tracked = argc == 2 && strcmp(argv[1], "--tracked") == 0;
	int root_fd = walks ? open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (a == NULL || (walks && root_fd < 0) || (argc > 1 && !walks && !is_tracked)) {
		(void)fprintf(stderr,
				"usage: classify-listing [--tracked | --walk DIR | --time DIR]\n");
		return 2;
	}
	enum tng_code code = times ? time_it(a, root_fd, &tree, &err)
			: walks    ? tree_walk(root_fd, NULL, &tree, &err)
				   : read_listing(a, &tree, &err);
	if (code == TNG_OK && !times) {
		code = classify_and_print(a, tree, root_fd, is_tracked, &err);
	}
	tree_destroy(tree);
	arena_destroy(a);
	return code == TNG_OK ? 0 : complain(&err);
}

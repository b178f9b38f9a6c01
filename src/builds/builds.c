#include "builds/internal.h"

#include "util/file.h"
#include "util/gomatch.h"
#include "util/path.h"

#include <stdlib.h>

const char *build_origin_name(enum build_origin origin) {
	static const char *const names[] = {
		[BUILD_ORIGIN_NAME] = "Dockerfile",
		[BUILD_ORIGIN_COMPOSE] = "compose file",
		[BUILD_ORIGIN_BAKE] = "bake file",
		[BUILD_ORIGIN_WORKFLOW] = "workflow",
		[BUILD_ORIGIN_CI] = "CI file",
		[BUILD_ORIGIN_SCRIPT] = "script",
	};

	return names[origin];
}

/* ---- which files ---- */

typedef void read_fn(struct finder *f, const struct source_file *file);

#define GLOB(text)                                                                                 \
	{ text, sizeof(text) - 1 }

/* in the order in which they are tried; of a file the first counts */
static const struct reader {
	struct str glob; /* of the name */
	const char *dir; /* what the directory ends with; NULL: any */
	read_fn *read;
} readers[] = {
	{ GLOB("compose.y*ml"), NULL, compose_read },
	{ GLOB("compose.*.y*ml"), NULL, compose_read },
	{ GLOB("compose-*.y*ml"), NULL, compose_read },
	{ GLOB("docker-compose*.y*ml"), NULL, compose_read },
	{ GLOB("*.compose.y*ml"), NULL, compose_read },
	{ GLOB("docker-bake*.hcl"), NULL, bake_read_hcl },
	{ GLOB("*bake.hcl"), NULL, bake_read_hcl },
	{ GLOB("docker-bake*.json"), NULL, bake_read_json },
	{ GLOB(".gitlab-ci.y*ml"), NULL, gitlab_read },
	{ GLOB("*.y*ml"), ".github/workflows", workflow_read },
	{ GLOB("Makefile"), NULL, makefile_read },
	{ GLOB("GNUmakefile"), NULL, makefile_read },
	{ GLOB("makefile"), NULL, makefile_read },
	{ GLOB("*.mk"), NULL, makefile_read },
	{ GLOB("*.sh"), NULL, script_read },
	{ GLOB("*.bash"), NULL, script_read },
	{ GLOB("justfile"), NULL, script_read },
};
#define NREADERS (sizeof(readers) / sizeof(readers[0]))

/* The first and the last byte tell most names from a glob: none of them ends in a star. */
static bool may_match(struct str glob, struct str name) {
	return glob.ptr[glob.len - 1] == name.ptr[name.len - 1] &&
			(glob.ptr[0] == '*' || glob.ptr[0] == name.ptr[0]);
}

static bool is_name_of(size_t reader, struct str name) {
	return may_match(readers[reader].glob, name) &&
			gomatch(readers[reader].glob, name) == GOMATCH_YES;
}

static bool is_in_dir(const struct finder *f, uint32_t row, const char *dir) {
	struct buf path = { 0 };

	if (dir == NULL) {
		return true;
	}
	tree_path(f->tree, tree_parent(f->tree, row), &path);
	bool is_in = str_ends(buf_str(&path), str_from(dir));
	buf_fini(&path);
	return is_in;
}

static size_t reader_find(const struct finder *f, uint32_t row) {
	struct str name = tree_name(f->tree, tree_entry(f->tree, row));

	for (size_t i = 0; i < NREADERS; i++) {
		if (f->only_workflows && readers[i].read != workflow_read) {
			continue;
		}
		if (is_name_of(i, name) && is_in_dir(f, row, readers[i].dir)) {
			return i;
		}
	}
	return NREADERS;
}

/* dir: that it is in; NULL: some directory. */
static bool reads(struct str name, const struct str *dir) {
	bool found = dockerfile_is_name(name) || str_eq(name, STR(".env"));

	for (size_t i = 0; i < NREADERS && !found; i++) {
		found = is_name_of(i, name) &&
				(dir == NULL || readers[i].dir == NULL ||
						str_ends(*dir, str_from(readers[i].dir)));
	}
	return found;
}

bool builds_reads_name(struct str name) {
	return reads(name, NULL);
}

bool builds_reads(struct str path) {
	struct str name = path_base(path), dir = path_dir(path);

	return name.len > 0 && reads(name, &dir);
}

/* Directories of other people's projects: what they build is not built here. */
static bool is_foreign(struct str name) {
	static const char *const names[] = { ".git", ".hg", ".svn", ".venv", "node_modules",
		"site-packages", "third_party", "vendor", "venv" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_eq(name, str_from(names[i]))) {
			return true;
		}
	}
	return false;
}

static bool open_file(struct finder *f, uint32_t row, struct source_file *out) {
	struct buf path = { 0 };
	struct tng_error err = { 0 };

	tree_path(f->tree, row, &path);
	*out = (struct source_file){ .row = row, .path = arena_copy(f->a, buf_str(&path)) };
	f->failed |= buf_failed(&path) || out->path.ptr == NULL;
	buf_fini(&path);
	if (f->failed) {
		return false;
	}
	out->dir = path_dir(out->path);
	enum tng_code code = file_read(
			f->a, f->root_fd, out->path.ptr, BUILDS_FILE_MAX_BYTES, &out->text, &err);
	if (code != TNG_OK) {
		finding_add(f, out->path, 0, err.text);
	}
	return code == TNG_OK;
}

static void read_row(struct finder *f, uint32_t row, unsigned *nread) {
	struct source_file file;
	size_t i = reader_find(f, row);

	if (i == NREADERS) {
		return;
	}
	nread[i]++;
	if (nread[i] == BUILDS_FILES_MAX && open_file(f, row, &file)) {
		finding_add(f, file.path, 0,
				"too many files of this kind: the rest is not looked at");
	}
	if (nread[i] < BUILDS_FILES_MAX && open_file(f, row, &file)) {
		readers[i].read(f, &file);
	}
}

/* ---- Dockerfiles that nobody mentions ---- */

static bool is_mentioned(const struct finder *f, uint32_t row) {
	for (size_t i = 0; i < f->list.len; i++) {
		if (f->list.ptr[i].dockerfile_row == row) {
			return true;
		}
	}
	return false;
}

static void add_name(struct finder *f, uint32_t row, unsigned *nread) {
	struct source_file file;

	if (!dockerfile_is_name(tree_name(f->tree, tree_entry(f->tree, row))) ||
			is_mentioned(f, row) || *nread >= BUILDS_FILES_MAX) {
		return;
	}
	*nread += 1;
	if (open_file(f, row, &file)) {
		names_add(f, &file);
	}
}

/* ---- the door ---- */

static void each_file(struct finder *f, bool is_names) {
	unsigned nread[NREADERS] = { 0 }, nnames = 0;

	for (uint32_t row = 1; row < tree_nrows(f->tree) && !f->failed;) {
		const struct entry *entry = tree_entry(f->tree, row);
		if (entry_is_dir(entry) && is_foreign(tree_name(f->tree, entry))) {
			row = tree_end(f->tree, row);
			continue;
		}
		if (entry_is_file(entry) && is_names) {
			add_name(f, row, &nnames);
		} else if (entry_is_file(entry)) {
			read_row(f, row, nread);
		}
		row++;
	}
}

static void *keep(struct finder *f, const void *ptr, size_t n, size_t size_bytes) {
	void *copy = arena_alloc_array(f->a, n, size_bytes);

	f->failed |= copy == NULL;
	if (copy != NULL && n > 0) {
		memcpy(copy, ptr, n * size_bytes);
	}
	return copy;
}

static enum tng_code finish(struct finder *f, struct builds *out, struct tng_error *err) {
	struct builds found = {
		.list = keep(f, f->list.ptr, f->list.len, sizeof(*f->list.ptr)),
		.n = f->list.len,
		.findings = keep(f, f->findings.ptr, f->findings.len, sizeof(*f->findings.ptr)),
		.nfindings = f->findings.len,
	};

	free(f->list.ptr);
	free(f->findings.ptr);
	if (f->failed) {
		return error_nomem(err);
	}
	*out = found;
	return TNG_OK;
}

enum tng_code builds_find(struct arena *a, const struct tree *tree, int root_fd, struct builds *out,
		struct tng_error *err) {
	struct finder f = { .a = a, .tree = tree, .root_fd = root_fd };

	each_file(&f, false);
	each_file(&f, true);
	return finish(&f, out, err);
}

enum tng_code builds_find_told(struct arena *a, const struct tree *tree, int root_fd,
		struct builds *out, struct tng_error *err) {
	struct finder f = { .a = a, .tree = tree, .root_fd = root_fd };

	each_file(&f, false);
	return finish(&f, out, err);
}

enum tng_code builds_find_workflows(struct arena *a, const struct tree *tree, int root_fd,
		struct builds *out, struct tng_error *err) {
	struct finder f = { .a = a, .tree = tree, .root_fd = root_fd, .only_workflows = true };

	each_file(&f, false);
	return finish(&f, out, err);
}

/* ---- one context ---- */

static bool has_same_args(const struct found_build *a, const struct found_build *b) {
	if (a->nargs != b->nargs) {
		return false;
	}
	for (size_t i = 0; i < a->nargs; i++) {
		if (!str_eq(a->args[i].name, b->args[i].name) ||
				!str_eq(a->args[i].value, b->args[i].value)) {
			return false;
		}
	}
	return true;
}

/* A guess knows of no arguments. */
static bool is_same(const struct found_build *known, const struct found_build *b) {
	return str_eq(known->dockerfile, b->dockerfile) && str_eq(known->target, b->target) &&
			str_eq(known->inline_text, b->inline_text) &&
			(b->context_is_guess || has_same_args(known, b));
}

static bool is_usable(const struct found_build *build, struct str context) {
	return !build->is_remote && str_eq(build->context, context) &&
			(build->inline_text.len > 0 || build->dockerfile_is_outside ||
					build->dockerfile_row != TREE_NO_ROW);
}

enum tng_code builds_of_context(struct arena *a, const struct builds *builds, struct str context,
		const struct found_build ***out, size_t *n, struct tng_error *err) {
	const struct found_build **list = arena_new(a, const struct found_build *, builds->n);
	size_t len = 0;

	if (list == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < builds->n; i++) {
		const struct found_build *build = &builds->list[i];
		size_t j = 0;
		if (!is_usable(build, context)) {
			continue;
		}
		while (j < len && !is_same(list[j], build)) {
			j++;
		}
		if (j == len) {
			list[len++] = build;
		}
	}
	*out = list;
	*n = len;
	return TNG_OK;
}

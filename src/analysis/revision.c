/*
 * The same stages over a revision of the repository that the context is in.
 *
 * Rows, states and the contents that rules look into come from the object store (vcs_revision). The few
 * files that are read by name, Dockerfiles, ignore files, compose files and workflows, are laid out in a
 * temporary directory, for which file is chosen depends on links and on what lies beside. It goes with the
 * analysis.
 */
#include "analysis/internal.h"
#include "builds/builds.h"
#include "util/file.h"
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Files that are not laid out: no such file is read whole. */
#define LAID_OUT_MAX_BYTES CONTEXT_FILE_MAX_BYTES

static bool has_part(struct str name) {
	static const char *const parts[] = { "docker", "container", "compose", "bake" };

	for (size_t i = 0; i < name.len; i++) {
		char first = (char)(name.ptr[i] | 0x20); /* parts are in lower case */
		if (first < 'b' || first > 'd') {
			continue;
		}
		for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
			struct str part = str_from(parts[k]);
			if (first == part.ptr[0] &&
					str_eq_nocase(str_take(str_skip(name, i), part.len),
							part)) {
				return true;
			}
		}
	}
	return false;
}

/* Whether a file may be one that is read by its name: for most files their last component says no. */
static bool is_read_by_name(struct str name) {
	return has_part(name) || builds_reads_name(name) || str_eq(name, STR(".gitignore"));
}

static bool is_read_by_path(struct str path) {
	return has_part(path_base(path)) || builds_reads(path) || str_eq(path, STR(".gitignore"));
}

/* Open a directory below another one, made as needed; -1: it cannot be. */
static int make_dirs(int base, struct str dir) {
	int fd = openat(base, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && dir.len > 0 && !str_eq(dir, STR("."))) {
		struct str name;
		char text[UINT8_MAX + 1];
		(void)str_cut(dir, '/', &name, &dir);
		if (name.len > UINT8_MAX) {
			(void)close(fd);
			return -1;
		}
		memcpy(text, name.ptr, name.len);
		text[name.len] = '\0';
		(void)mkdirat(fd, text, 0700);
		int below = openat(fd, text, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		(void)close(fd);
		fd = below;
	}
	return fd;
}

/* Copy a descriptor's bytes into a new file; what cannot be laid out is missing. Closes `from`. */
static void put_file(int base, struct str path, int from) {
	int dir = from >= 0 ? make_dirs(base, path_dir(path)) : -1;
	int to = dir >= 0 ? openat(dir, path_base(path).ptr,
					    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
					    0600)
			  : -1;
	char buf[16384];

	for (ssize_t n; to >= 0 && (n = read(from, buf, sizeof(buf))) > 0;) {
		if (file_write_all(to, str_make(buf, (size_t)n)) != 0) {
			break;
		}
	}
	const int fds[] = { from, dir, to };
	for (size_t i = 0; i < 3; i++) {
		if (fds[i] >= 0) {
			(void)close(fds[i]);
		}
	}
}

static void put_row(const struct analysis *an, struct tree_opener *opener, int base, uint32_t row,
		struct str path) {
	const struct entry *e = tree_entry(an->tree, row);

	if (entry_type(e) == ENTRY_SYMLINK) {
		int dir = make_dirs(base, path_dir(path));
		if (dir >= 0) {
			(void)!symlinkat(tree_link_target(an->tree, row).ptr, dir,
					path_base(path).ptr);
			(void)close(dir);
		}
	} else if (entry_is_file(e) && entry_size(e) <= LAID_OUT_MAX_BYTES) {
		put_file(base, path, tree_opener_file(opener, row));
	}
}

/* What the context has that is read by name. */
static enum tng_code lay_out_context(struct analysis *an, int base, struct tng_error *err) {
	struct tree_opener *opener = tree_opener_create(an->tree, -1);
	struct buf path = { 0 };

	for (uint32_t row = 1; opener != NULL && row < tree_nrows(an->tree); row++) {
		const struct entry *e = tree_entry(an->tree, row);
		if (entry_is_dir(e) || !is_read_by_name(tree_name(an->tree, e))) {
			continue;
		}
		buf_clear(&path);
		tree_path(an->tree, row, &path);
		buf_putc(&path, '\0');
		if (buf_failed(&path)) {
			break;
		}
		struct str text = str_take(buf_str(&path), path.len - 1);
		if (is_read_by_path(text)) {
			put_row(an, opener, base, row, text);
		}
	}
	bool failed = buf_failed(&path) || opener == NULL;
	buf_fini(&path);
	tree_opener_destroy(opener);
	return failed ? error_nomem(err) : TNG_OK;
}

void revision_lay_out(struct analysis *an, uint32_t row, struct str path) {
	struct tree_opener *opener = tree_opener_create(an->tree, -1);
	struct str name = arena_copy(an->arena, path);
	int base = open(an->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (opener != NULL && name.ptr != NULL && base >= 0) {
		put_row(an, opener, base, row, name);
	}
	if (base >= 0) {
		(void)close(base);
	}
	tree_opener_destroy(opener);
}

void revision_lay_out_from_top(const struct analysis *an, struct str path) {
	int fd = vcs_revision_file(an->revision, path.ptr);
	int base = open(an->laid_out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	put_file(base, path,
			fd); /* a descriptor of -1, and a file that is there, are passed over */
	if (base >= 0) {
		(void)close(base);
	}
}

/* ---- files that flags name */

/* A path of the command line, from the top of the repository; empty: it is not in it. */
static struct str path_in_repository(struct analysis *an, const char *given) {
	char real[PATH_MAX];
	struct str dir = arena_copy(an->arena, path_dir(str_from(given)));
	struct str top = vcs_revision_top(an->revision);

	if (dir.ptr == NULL || realpath(dir.ptr, real) == NULL ||
			!path_is_below(str_from(real), top)) {
		return STR("");
	}
	struct str inside = str_skip(str_from(real), top.len);
	inside = str_skip(inside, str_starts(inside, STR("/")));
	struct str path = path_join(an->arena, inside, path_base(str_from(given)));
	return path.ptr != NULL ? path : STR("");
}

/* Lay out a file that a flag names and what is beside it; the path there, NULL: the revision has none. */
static const char *lay_out_named(struct analysis *an, int base, const char *given) {
	static const char *const suffixes[] = { "", ".dockerignore", ".containerignore" };
	struct str path = path_in_repository(an, given);
	const char *found = NULL;

	for (size_t i = 0; path.len > 0 && i < 3; i++) {
		struct buf name = { 0 };
		buf_printf(&name, "%.*s%s", STR_FMT(path), suffixes[i]);
		struct str text = arena_copy(an->arena, buf_str(&name));
		buf_fini(&name);
		int fd = text.ptr != NULL ? vcs_revision_file(an->revision, text.ptr) : -1;
		if (fd >= 0 && i == 0) {
			struct str whole = path_join(an->arena, str_from(an->laid_out), text);
			found = whole.ptr;
		}
		put_file(base, text, fd); /* one of the context is there already */
	}
	return found;
}

static enum tng_code fail_temporary(struct tng_error *err) {
	return error_set_errno(err, errno, STR("TMPDIR"), "cannot make a temporary directory");
}

static enum tng_code make_temporary(struct analysis *an, struct tng_error *err) {
	/* nobody in this program changes the environment: NOLINTNEXTLINE(concurrency-mt-unsafe) */
	const char *where = getenv("TMPDIR");
	struct str name = path_join(an->arena,
			str_from(where != NULL && where[0] != '\0' ? where : "/tmp"),
			STR("tonnage-XXXXXX"));
	char *text = name.ptr != NULL ? arena_alloc(an->arena, name.len + 1) : NULL;

	if (text == NULL) {
		return error_nomem(err);
	}
	memcpy(text, name.ptr, name.len);
	if (mkdtemp(text) == NULL) {
		return fail_temporary(err);
	}
	an->laid_out = text;
	return TNG_OK;
}

/* Everything below a directory, and the directory. */
static void remove_all(const char *name) {
	int fd = open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct tree *tree = NULL;

	if (fd >= 0 && tree_walk(fd, NULL, &tree, NULL) == TNG_OK) {
		struct buf path = { 0 };
		for (uint32_t row = tree_nrows(tree); row-- > 1;) {
			buf_clear(&path);
			tree_path(tree, row, &path);
			buf_putc(&path, '\0');
			bool is_dir = entry_is_dir(tree_entry(tree, row));
			if (!buf_failed(&path)) {
				(void)unlinkat(fd, path.ptr, is_dir ? AT_REMOVEDIR : 0);
			}
		}
		buf_fini(&path);
	}
	tree_destroy(tree);
	if (fd >= 0) {
		(void)close(fd);
		(void)rmdir(name);
	}
}

void revision_close(struct analysis *an) {
	if (an->laid_out != NULL) {
		remove_all(an->laid_out);
	}
	vcs_revision_close(an->revision);
}

/* The request with its files where they are laid out. */
static enum tng_code move_request(struct analysis *an, int top, struct analysis_request *request,
		struct tng_error *err) {
	const char **dockerfiles =
			arena_alloc_array(an->arena, request->ndockerfiles, sizeof(const char *));
	struct str root = path_join(
			an->arena, str_from(an->laid_out), vcs_revision_prefix(an->revision));
	bool *lacks = arena_new(an->arena, bool, request->ndockerfiles);
	size_t n = 0;

	if (dockerfiles == NULL || lacks == NULL || root.ptr == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < request->ndockerfiles; i++) {
		const char *given = request->dockerfiles[i];
		bool is_stdin = strcmp(given, "-") == 0; /* the same for both sides */
		const char *there = is_stdin ? given : lay_out_named(an, top, given);
		if (there != NULL) {
			dockerfiles[n++] = there;
		}
		lacks[i] = there == NULL;
		an->lacks_dockerfile = an->lacks_dockerfile || lacks[i];
	}
	an->lacks = lacks;
	if (request->ignore_file != NULL) {
		const char *there = lay_out_named(an, top, request->ignore_file);
		request->ignore_file = there != NULL ? there : request->ignore_file;
	}
	request->dockerfiles = dockerfiles;
	request->ndockerfiles = n;
	request->root = root.ptr;
	return TNG_OK;
}

enum tng_code revision_open(
		struct analysis *an, struct analysis_request *request, struct tng_error *err) {
	const char *root = request->root != NULL ? request->root : ".";
	const struct vcs_index *known = request->beside != NULL ? request->beside->git.index : NULL;
	enum tng_code code = vcs_revision_open(
			an->arena, root, request->revision, known, &an->revision, err);

	if (code == TNG_OK) {
		an->tree = vcs_revision_tree(an->revision);
		code = make_temporary(an, err);
	}
	if (code != TNG_OK) {
		return code;
	}
	int top = open(an->laid_out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int base = top >= 0 ? make_dirs(top, vcs_revision_prefix(an->revision)) : -1;
	if (base < 0) {
		code = fail_temporary(err);
	}
	if (code == TNG_OK) {
		code = lay_out_context(an, base, err);
	}
	if (code == TNG_OK) {
		code = move_request(an, top, request, err);
	}
	if (base >= 0) {
		(void)close(base);
	}
	if (top >= 0) {
		(void)close(top);
	}
	return code;
}

/* A path in the temporary directory as the user would write it at the top of the repository. */
static struct str strip(const struct analysis *an, struct str path) {
	struct str base = str_from(an->laid_out);

	if (base.len > 0 && str_starts(path, base) && path.len > base.len &&
			path.ptr[base.len] == '/') {
		return str_skip(path, base.len + 1);
	}
	return path;
}

void revision_rename(const struct analysis *an, struct context *ctx, const char *root) {
	ctx->root = str_from(root != NULL ? root : ".");
	ctx->dockerfile = strip(an, ctx->dockerfile);
	ctx->ignore_path = strip(an, ctx->ignore_path);
}

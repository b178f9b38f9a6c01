#include "vcs/repository.h"

#include "util/file.h"
#include "util/path.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_MAX_BYTES 4096U
#define LFS_POINTER_MAX_BYTES 1023U /* its specification: less than 1024 */

/* Extensions of repositories that change nothing about what is read here. */
static const char *const harmless_extensions[] = {
	"noop",
	"objectformat", /* the index is read with its hash's length */
	"partialclone",
	"preciousobjects",
	"worktreeconfig",
	"relativeworktrees",
};

bool repository_library_begin(void) {
	const char *names[sizeof(harmless_extensions) / sizeof(harmless_extensions[0])];
	size_t n = sizeof(names) / sizeof(names[0]);

	for (size_t i = 0; i < n; i++) {
		names[i] = harmless_extensions[i];
	}
	return git_libgit2_init() > 0 && git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names, n) == 0;
}

bool repository_begins_at(int dir_fd) {
	struct stat st;

	if (fstatat(dir_fd, ".git", &st, 0) != 0) {
		/* a link to nowhere begins none; a file that cannot be looked at neither */
		return false;
	}
	return S_ISREG(st.st_mode) || fstatat(dir_fd, ".git/HEAD", &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A bare repository, or the inside of one. */
static bool is_bare_at(int dir_fd) {
	struct stat st;

	return fstatat(dir_fd, "HEAD", &st, 0) == 0 && S_ISREG(st.st_mode) &&
			fstatat(dir_fd, "objects", &st, 0) == 0 && S_ISDIR(st.st_mode) &&
			fstatat(dir_fd, "refs", &st, 0) == 0 && S_ISDIR(st.st_mode);
}

enum tng_code repository_discover(
		struct arena *a, struct str dir, struct str *out, struct tng_error *err) {
	struct stat st = { 0 };
	dev_t device = 0;

	*out = STR("");
	for (bool is_first = true;; is_first = false) {
		struct str name = arena_copy(a, dir);
		if (name.ptr == NULL) {
			return error_nomem(err);
		}
		int fd = open(name.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		bool is_other = fd < 0 || fstat(fd, &st) != 0 || (!is_first && st.st_dev != device);
		bool is_here = !is_other && (repository_begins_at(fd) || is_bare_at(fd));
		if (fd >= 0) {
			close(fd);
		}
		device = is_first ? st.st_dev : device;
		if (is_here) {
			*out = name;
		}
		if (is_here || is_other || dir.len <= 1) {
			return TNG_OK;
		}
		dir = path_dir(dir);
	}
}

/* Words of libgit2 for what went wrong, shorter where they are known. */
static struct str git_words(struct arena *a, int code) {
	const git_error *e = git_error_last();
	bool has_words = e != NULL && e->message != NULL;

	/* libgit2 1.5 says of the former that the setting was not found, where nobody has any */
	if (code == GIT_EOWNER || (has_words && strstr(e->message, "safe.directory") != NULL)) {
		return STR("it belongs to another user; git would want safe.directory");
	}
	return arena_copy(a, str_trim(str_from(has_words ? e->message : "git cannot open it")));
}

/* A file of rules; one that is not there, or cannot be read, has none. */
static enum tng_code read_rules(
		struct arena *a, const char *path, struct rule_list *out, struct tng_error *err) {
	struct tng_error why = { 0 };
	struct str text;
	enum tng_code code = file_read(a, AT_FDCWD, path, RULES_MAX_BYTES, &text, &why);

	if (code == TNG_OK) {
		return rules_parse(a, text, out, err);
	}
	return code == TNG_ENOMEM ? error_pass(err, &why) : TNG_OK;
}

static bool config_bool(git_config *config, const char *name, bool otherwise) {
	int value;

	return git_config_get_bool(&value, config, name) == 0 ? value != 0 : otherwise;
}

/* core.excludesFile, or where git looks without it; NULL .ptr: out of memory. */
static struct str global_path(struct arena *a, git_config *config, struct str top) {
	git_buf path = { 0 };
	/* nobody in this program changes the environment: NOLINTNEXTLINE(concurrency-mt-unsafe) */
	const char *home = getenv("HOME"), *xdg = getenv("XDG_CONFIG_HOME");

	if (git_config_get_path(&path, config, "core.excludesfile") == 0) {
		struct str value = str_make(path.ptr, path.size);
		struct str copy = str_starts(value, STR("/")) ? arena_copy(a, value)
							      : path_join(a, top, value);
		git_buf_dispose(&path);
		return copy;
	}
	if (xdg != NULL && xdg[0] != '\0') {
		return path_join(a, str_from(xdg), STR("git/ignore"));
	}
	return home != NULL ? path_join(a, str_from(home), STR(".config/git/ignore")) : STR("");
}

/* A remote that objects are fetched from when they are needed. */
static int see_promisor(const git_config_entry *entry, void *is_partial) {
	struct str name = str_from(entry->name);
	int value = 0;

	if (str_starts(name, STR("remote.")) && str_ends(name, STR(".promisor")) &&
			git_config_parse_bool(&value, entry->value) == 0 && value != 0) {
		*(bool *)is_partial = true;
	}
	return 0;
}

static enum tng_code read_depth(
		struct arena *a, struct repository *r, git_config *config, struct tng_error *err) {
	struct str common = str_from(git_repository_commondir(r->git));
	struct str path = path_join(a, common, STR("shallow"));
	git_buf name = { 0 };
	struct stat st;

	if (path.ptr == NULL) {
		return error_nomem(err);
	}
	r->is_shallow = stat(path.ptr, &st) == 0 && st.st_size > 0;
	if (git_config_get_string_buf(&name, config, "extensions.partialclone") == 0) {
		r->is_partial = name.size > 0;
		git_buf_dispose(&name);
	}
	/* git_config_foreach_match() of libgit2 1.5 with PCRE2 loses memory for each name that does not match */
	(void)git_config_foreach(config, see_promisor, &r->is_partial);
	return TNG_OK;
}

static enum tng_code read_settings(
		struct arena *a, struct repository *r, size_t *oid_bytes, struct tng_error *err) {
	git_config *config = NULL;
	git_buf format = { 0 };

	*oid_bytes = 20;
	if (git_repository_config_snapshot(&config, r->git) != 0) {
		r->problem = git_words(a, 0);
		return r->problem.ptr != NULL ? TNG_OK : error_nomem(err);
	}
	r->folds_case = config_bool(config, "core.ignorecase", false);
	r->has_modes = config_bool(config, "core.filemode", true);
	r->has_symlinks = config_bool(config, "core.symlinks", true);
	if (git_config_get_string_buf(&format, config, "extensions.objectformat") == 0) {
		*oid_bytes = str_eq_nocase(str_from(format.ptr), STR("sha256")) ? 32 : 20;
		git_buf_dispose(&format);
	}
	r->global_path = global_path(a, config, r->top);
	enum tng_code code = read_depth(a, r, config, err);
	git_config_free(config);
	if (code != TNG_OK || r->global_path.ptr == NULL) {
		return error_nomem(err);
	}
	return r->global_path.len > 0 ? read_rules(a, r->global_path.ptr, &r->global, err) : TNG_OK;
}

/* "ref: ..." or a commit's name; git takes nothing else for a repository. */
static bool is_head(struct str text) {
	text = str_trim(text);
	if (str_starts(text, STR("ref:"))) {
		return str_starts(str_trim(str_skip(text, 4)), STR("refs/"));
	}
	for (size_t i = 0; i < text.len; i++) {
		bool is_digit = text.ptr[i] >= '0' && text.ptr[i] <= '9';
		if (!is_digit && (text.ptr[i] < 'a' || text.ptr[i] > 'f')) {
			return false;
		}
	}
	return text.len == 40 || text.len == 64;
}

static enum tng_code check_head(
		struct arena *a, struct repository *r, struct str git_dir, struct tng_error *err) {
	struct str path = path_join(a, git_dir, STR("HEAD")), text;
	struct tng_error why = { 0 };
	struct stat st;

	if (path.ptr == NULL) {
		return error_nomem(err);
	}
	if (lstat(path.ptr, &st) == 0 && S_ISLNK(st.st_mode)) {
		return TNG_OK; /* the old way to name a branch */
	}
	enum tng_code code = file_read(a, AT_FDCWD, path.ptr, HEAD_MAX_BYTES, &text, &why);
	if (code == TNG_ENOMEM) {
		return error_pass(err, &why);
	}
	if (code != TNG_OK || !is_head(text)) {
		r->problem = STR("its HEAD is damaged");
	}
	return TNG_OK;
}

static enum tng_code read_all(struct arena *a, struct repository *r, struct tng_error *err) {
	struct str git_dir = str_from(git_repository_path(r->git));
	struct str common = str_from(git_repository_commondir(r->git));
	struct str index = path_join(a, git_dir, STR("index"));
	size_t oid_bytes = 20;

	r->exclude_path = path_join(a, common, STR("info/exclude"));
	if (index.ptr == NULL || r->exclude_path.ptr == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = check_head(a, r, git_dir, err);
	if (code == TNG_OK && r->problem.len == 0) {
		code = read_settings(a, r, &oid_bytes, err);
	}
	if (code == TNG_OK && r->problem.len == 0) {
		code = read_rules(a, r->exclude_path.ptr, &r->exclude, err);
	}
	if (code == TNG_OK && r->problem.len == 0) {
		code = index_read(a, index.ptr, oid_bytes, &r->index, &r->problem, err);
		r->index_path = oid_bytes == sizeof(git_oid) ? index : STR("");
	}
	return code;
}

enum tng_code repository_open(
		struct arena *a, struct str dir, struct repository *out, struct tng_error *err) {
	unsigned flags = GIT_REPOSITORY_OPEN_NO_SEARCH;
	struct str name = arena_copy(a, dir);

	*out = (struct repository){ 0 };
	if (name.ptr == NULL) {
		return error_nomem(err);
	}
	int code = git_repository_open_ext(&out->git, name.ptr, flags, NULL);
	if (code != 0) {
		out->git = NULL;
		out->problem = git_words(a, code);
		return out->problem.ptr != NULL ? TNG_OK : error_nomem(err);
	}
	if (git_repository_is_bare(out->git)) {
		out->problem = STR("it is bare: it has no working tree");
		return TNG_OK;
	}
	out->top = arena_copy(a, str_from(git_repository_workdir(out->git)));
	return out->top.ptr != NULL ? read_all(a, out, err) : error_nomem(err);
}

void repository_close(struct repository *r) {
	git_odb_free(r->odb);
	git_repository_free(r->git);
	r->odb = NULL;
	r->git = NULL;
}

/* The object store, opened when it is first needed; NULL: it cannot be. */
static git_odb *object_store(struct repository *r) {
	if (!r->has_tried_odb) {
		r->has_tried_odb = true;
		if (git_repository_odb(&r->odb, r->git) != 0) {
			r->odb = NULL;
		}
	}
	return r->odb;
}

bool repository_read_pointer(struct str text, uint64_t *size_bytes) {
	struct str line, number = STR("");

	if (!str_starts(text, STR("version https://git-lfs.github.com/spec/"))) {
		return false;
	}
	for (bool more = true; more;) {
		more = str_cut(text, '\n', &line, &text);
		if (str_starts(line, STR("size "))) {
			number = str_skip(line, 5);
		}
	}
	*size_bytes = 0;
	for (size_t i = 0; i < number.len; i++) {
		if (number.ptr[i] < '0' || number.ptr[i] > '9') {
			return false;
		}
		*size_bytes = *size_bytes * 10 + (uint64_t)(number.ptr[i] - '0');
	}
	return number.len > 0 && number.len < 20;
}

enum blob_fit repository_blob_fits(
		struct repository *r, const unsigned char *oid, uint64_t size_bytes) {
	git_odb *odb = object_store(r);
	git_odb_object *object = NULL;
	git_oid id;
	git_object_t type;
	size_t size;
	uint64_t real = 0;

	if (odb == NULL || git_oid_fromraw(&id, oid) != 0 ||
			git_odb_read_header(&size, &type, odb, &id) != 0) {
		return BLOB_MISSING;
	}
	if (size == size_bytes) {
		return BLOB_FITS;
	}
	if (size > LFS_POINTER_MAX_BYTES || git_odb_read(&object, odb, &id) != 0) {
		return BLOB_DIFFERS;
	}
	struct str text = str_make(git_odb_object_data(object), git_odb_object_size(object));
	bool fits = repository_read_pointer(text, &real) && real == size_bytes;
	git_odb_object_free(object);
	return fits ? BLOB_FITS : BLOB_DIFFERS;
}

enum tng_code repository_blob_text(struct arena *a, struct repository *r, const unsigned char *oid,
		size_t max_bytes, struct str *out, struct tng_error *err) {
	git_odb *odb = object_store(r);
	git_odb_object *object = NULL;
	git_oid id;

	*out = STR("");
	if (odb == NULL || git_oid_fromraw(&id, oid) != 0 || git_odb_read(&object, odb, &id) != 0) {
		return TNG_OK;
	}
	size_t size = git_odb_object_size(object);
	if (size <= max_bytes) {
		*out = arena_copy(a, str_make(git_odb_object_data(object), size));
	}
	git_odb_object_free(object);
	return out->ptr != NULL ? TNG_OK : error_nomem(err);
}

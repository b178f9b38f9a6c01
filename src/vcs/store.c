#include "vcs/store.h"

#include "util/path.h"
#include "vcs/repository.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum tng_code store_fail(struct tng_error *err, struct str where, const char *text) {
	error_set_where(err, where);
	return error_set(err, TNG_EINVAL, "%s", text);
}

enum tng_code store_fail_git(struct tng_error *err, struct str where, const char *what) {
	const git_error *e = git_error_last();

	error_set_where(err, where);
	return error_set(err, TNG_EINVAL, "%s: %s", what,
			e != NULL && e->message != NULL ? e->message : "git cannot read it");
}

/* Where in the working tree of the repository the directory is. */
static enum tng_code find_prefix(struct arena *a, struct str real, const char *root,
		struct store *out, struct tng_error *err) {
	const char *work = git_repository_workdir(out->git);
	char top[PATH_MAX];

	if (work == NULL || realpath(work, top) == NULL || !path_is_below(real, str_from(top))) {
		return store_fail(
				err, str_from(root), "is not in the working tree of a repository");
	}
	struct str prefix = str_skip(real, strlen(top));
	out->prefix = arena_copy(a, str_skip(prefix, str_starts(prefix, STR("/"))));
	out->work = arena_copy(a, str_from(top));
	return out->prefix.ptr != NULL && out->work.ptr != NULL ? TNG_OK : error_nomem(err);
}

enum tng_code store_open(
		struct arena *a, const char *root, struct store *out, struct tng_error *err) {
	char real[PATH_MAX];
	struct str dir;

	if (!repository_library_begin()) {
		return store_fail(err, str_from(root), "libgit2 cannot be set up");
	}
	out->is_begun = true;
	/* libgit2 would hash every object that it reads, which takes longer than to unpack it; git does not */
	(void)git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	if (realpath(root, real) == NULL) {
		return error_set_errno(err, errno, str_from(root), "cannot open");
	}
	enum tng_code code = repository_discover(a, str_from(real), &dir, err);
	if (code != TNG_OK) {
		return code;
	}
	if (dir.len == 0) {
		return store_fail(err, str_from(root), "is in no git repository");
	}
	if (git_repository_open_ext(&out->git, dir.ptr, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL) != 0 ||
			git_repository_odb(&out->odb, out->git) != 0) {
		return store_fail_git(err, dir, "cannot open the repository");
	}
	return find_prefix(a, str_from(real), root, out, err);
}

void store_close(struct store *store) {
	git_odb_free(store->odb);
	git_repository_free(store->git);
	if (store->is_begun) {
		git_libgit2_shutdown();
	}
}

bool store_read(const struct store *store, const git_oid *oid, git_odb_object **object,
		struct str *text) {
	if (git_odb_read(object, store->odb, oid) != 0) {
		return false;
	}
	*text = str_make(git_odb_object_data(*object), git_odb_object_size(*object));
	return true;
}

enum tng_code store_read_link(struct arena *a, const struct store *store, const git_oid *oid,
		struct str *out, struct tng_error *err) {
	git_odb_object *object;
	struct str text;

	*out = STR("");
	if (!store_read(store, oid, &object, &text)) {
		return TNG_OK;
	}
	*out = arena_copy(a, str_take(text, str_find(text, '\0')));
	git_odb_object_free(object);
	return out->ptr != NULL ? TNG_OK : error_nomem(err);
}

enum entry_type store_type(git_filemode_t mode) {
	switch (mode) {
	case GIT_FILEMODE_TREE:
	case GIT_FILEMODE_COMMIT:
		return ENTRY_DIR;
	case GIT_FILEMODE_LINK:
		return ENTRY_SYMLINK;
	case GIT_FILEMODE_BLOB:
	case GIT_FILEMODE_BLOB_EXECUTABLE:
	case GIT_FILEMODE_UNREADABLE:
		break;
	}
	return ENTRY_FILE;
}

bool store_is_name(struct str name) {
	return name.len > 0 && name.len <= UINT8_MAX && !str_eq(name, STR(".")) &&
			!str_eq_nocase(name, STR(".git")) && !str_eq(name, STR("..")) &&
			str_find(name, '/') == name.len;
}

/*
 * The commits of a context, newest first, and what each of them changed: two trees side by side.
 *
 *   HEAD ─▶ commit ─▶ its tree   ╲
 *             │                   folders whose objects differ are opened, others are not ─▶ changes
 *           first parent ─▶ tree ╱
 *
 * No object but commits, trees and the targets of links is read: whether a file changed is told by the
 * number of its object. A rename is a file that goes and one that comes. A submodule is an empty directory,
 * as it is after a plain checkout, whatever commit it is at.
 */
#include "vcs/internal.h"
#include "vcs/store.h"

#include "util/path.h"

#include <string.h>

/* Folders in one another, at most. */
#define DEPTH_MAX 1000U

struct vcs_history {
	struct store store;
	git_commit *next; /* the one that is looked at next; NULL: there is none */
	git_tree *tree;   /* the context's folder of `next`; NULL: it has none */
	enum vcs_history_end end;
	bool is_gone; /* an object that is needed is not here */
	/* while a commit is looked at */
	struct arena *scratch;
	vcs_change_fn *fn;
	void *user;
	struct tng_error *err;
};

/* ---- entries */

/* One side of a change; what git would not check out is nothing. */
static enum tng_code read_side(
		struct vcs_history *h, const git_tree_entry *entry, struct vcs_change_side *out) {
	*out = (struct vcs_change_side){ .is_there = entry != NULL };
	if (entry == NULL) {
		return TNG_OK;
	}
	out->type = store_type(git_tree_entry_filemode(entry));
	return out->type == ENTRY_SYMLINK
			? store_read_link(h->scratch, &h->store, git_tree_entry_id(entry),
					  &out->target, h->err)
			: TNG_OK;
}

static bool is_folder(const git_tree_entry *entry) {
	return entry != NULL && git_tree_entry_filemode(entry) == GIT_FILEMODE_TREE;
}

/* ---- two trees */

static enum tng_code compare_trees(struct vcs_history *h, const git_tree *before,
		const git_tree *after, struct str dir, unsigned depth);

static enum tng_code open_folder(
		struct vcs_history *h, const git_tree_entry *entry, git_tree **out) {
	*out = NULL;
	if (is_folder(entry) && git_tree_lookup(out, h->store.git, git_tree_entry_id(entry)) != 0) {
		h->is_gone = true;
		return TNG_EINVAL;
	}
	return TNG_OK;
}

static enum tng_code compare_below(struct vcs_history *h, const git_tree_entry *before,
		const git_tree_entry *after, struct str path, unsigned depth) {
	git_tree *a = NULL, *b = NULL;

	if (depth == DEPTH_MAX) {
		return error_set(h->err, TNG_ELIMIT, "folders lie too deep");
	}
	enum tng_code code = open_folder(h, before, &a);
	if (code == TNG_OK) {
		code = open_folder(h, after, &b);
	}
	if (code == TNG_OK) {
		code = compare_trees(h, a, b, path, depth + 1);
	}
	git_tree_free(a);
	git_tree_free(b);
	return code;
}

/* A directory is the same whatever is in it. */
static bool is_same(const git_tree_entry *a, const git_tree_entry *b) {
	return store_type(git_tree_entry_filemode(a)) == ENTRY_DIR ||
			(git_tree_entry_filemode(a) == git_tree_entry_filemode(b) &&
					git_oid_equal(git_tree_entry_id(a), git_tree_entry_id(b)));
}

static enum tng_code report(struct vcs_history *h, const git_tree_entry *before,
		const git_tree_entry *after, struct str path) {
	struct vcs_change change = { .path = path };
	enum tng_code code = read_side(h, before, &change.before);

	if (code == TNG_OK) {
		code = read_side(h, after, &change.after);
	}
	return code == TNG_OK ? h->fn(h->user, &change, h->err) : code;
}

/* Two entries of one name; NULL: not there. Of two types it is one that goes and one that comes. */
static enum tng_code compare_entries(struct vcs_history *h, const git_tree_entry *before,
		const git_tree_entry *after, struct str dir, unsigned depth) {
	const git_tree_entry *any = after != NULL ? after : before;
	struct str name = str_from(git_tree_entry_name(any));
	bool both = before != NULL && after != NULL;

	if (!store_is_name(name) ||
			(both &&
					git_oid_equal(git_tree_entry_id(before),
							git_tree_entry_id(after)) &&
					git_tree_entry_filemode(before) ==
							git_tree_entry_filemode(after))) {
		return TNG_OK;
	}
	struct str path = path_join(h->scratch, dir, name);
	enum tng_code code = path.ptr != NULL ? TNG_OK : error_nomem(h->err);
	if (code == TNG_OK && both &&
			store_type(git_tree_entry_filemode(before)) !=
					store_type(git_tree_entry_filemode(after))) {
		code = report(h, before, NULL, path);
		code = code == TNG_OK ? report(h, NULL, after, path) : code;
	} else if (code == TNG_OK && (!both || !is_same(before, after))) {
		code = report(h, before, after, path);
	}
	if (code == TNG_OK && (is_folder(before) || is_folder(after))) {
		code = compare_below(h, before, after, path, depth);
	}
	return code;
}

/* The entry of the same name in another tree; NULL: none. Git's order differs for folders, so it is looked up. */
static const git_tree_entry *partner(const git_tree *tree, const git_tree_entry *entry) {
	return tree != NULL ? git_tree_entry_byname(tree, git_tree_entry_name(entry)) : NULL;
}

static size_t count(const git_tree *tree) {
	return tree != NULL ? git_tree_entrycount(tree) : 0;
}

/* Whether two entries, found at places where they are expected side by side, are one name. */
static bool is_one_name(const git_tree_entry *a, const git_tree_entry *b) {
	return strcmp(git_tree_entry_name(a), git_tree_entry_name(b)) == 0;
}

/* Entries that are the same at the start of both are most of a large folder: no name is looked up for them. */
static size_t skip_equal(const git_tree *before, const git_tree *after) {
	size_t n = 0;

	while (n < count(before) && n < count(after)) {
		const git_tree_entry *a = git_tree_entry_byindex(before, n);
		const git_tree_entry *b = git_tree_entry_byindex(after, n);
		if (!git_oid_equal(git_tree_entry_id(a), git_tree_entry_id(b)) ||
				git_tree_entry_filemode(a) != git_tree_entry_filemode(b) ||
				!is_one_name(a, b)) {
			break;
		}
		n++;
	}
	return n;
}

static enum tng_code compare_trees(struct vcs_history *h, const git_tree *before,
		const git_tree *after, struct str dir, unsigned depth) {
	size_t first = skip_equal(before, after);
	enum tng_code code = TNG_OK;

	for (size_t i = first; i < count(after) && code == TNG_OK; i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(after, i);
		code = compare_entries(h, partner(before, entry), entry, dir, depth);
	}
	for (size_t i = first; i < count(before) && code == TNG_OK; i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(before, i);
		if (partner(after, entry) == NULL) {
			code = compare_entries(h, entry, NULL, dir, depth);
		}
	}
	return code;
}

/* ---- commits */

/* The context's folder of a commit; *out NULL: it has none. False: an object is not here. */
static bool open_context(struct vcs_history *h, const git_commit *commit, git_tree **out) {
	git_tree_entry *entry = NULL;
	git_tree *top = NULL;

	*out = NULL;
	if (git_commit_tree(&top, commit) != 0) {
		return false;
	}
	if (h->store.prefix.len == 0) {
		*out = top;
		return true;
	}
	int found = git_tree_entry_bypath(&entry, top, h->store.prefix.ptr);
	bool ok = found == 0 || found == GIT_ENOTFOUND;
	if (found == 0 && is_folder(entry)) {
		ok = git_tree_lookup(out, h->store.git, git_tree_entry_id(entry)) == 0;
	}
	git_tree_entry_free(entry);
	git_tree_free(top);
	return ok;
}

/* Where there is no parent to go on with: why. */
static enum vcs_history_end end_of(struct vcs_history *h) {
	if (git_repository_is_shallow(h->store.git) == 1) {
		return VCS_HISTORY_SHALLOW;
	}
	return git_commit_parentcount(h->next) == 0 ? VCS_HISTORY_FIRST : VCS_HISTORY_MISSING;
}

static void set_next(struct vcs_history *h, git_commit *commit, git_tree *tree) {
	git_tree_free(h->tree);
	git_commit_free(h->next);
	h->next = commit;
	h->tree = tree;
}

/* Whether a path from the top of the repository is another object in two commits. */
static bool is_other(const git_commit *before, const git_commit *after, const char *path) {
	git_tree *trees[2] = { NULL, NULL };
	git_tree_entry *entries[2] = { NULL, NULL };
	const git_commit *commits[2] = { before, after };

	for (size_t i = 0; i < 2; i++) {
		if (git_commit_tree(&trees[i], commits[i]) == 0) {
			(void)git_tree_entry_bypath(&entries[i], trees[i], path);
		}
	}
	bool is = (entries[0] == NULL) != (entries[1] == NULL);
	if (entries[0] != NULL && entries[1] != NULL) {
		is = !git_oid_equal(git_tree_entry_id(entries[0]), git_tree_entry_id(entries[1])) ||
				git_tree_entry_filemode(entries[0]) !=
						git_tree_entry_filemode(entries[1]);
	}
	for (size_t i = 0; i < 2; i++) {
		git_tree_entry_free(entries[i]);
		git_tree_free(trees[i]);
	}
	return is;
}

enum tng_code vcs_history_next(struct vcs_history *h, struct arena *scratch, vcs_change_fn *fn,
		void *user, const char *const *watched, struct vcs_commit *out,
		struct tng_error *err) {
	git_commit *parent = NULL;
	git_tree *tree = NULL;

	out->is_there = false;
	if (h->next == NULL || h->end != VCS_HISTORY_MORE) {
		return TNG_OK;
	}
	if (git_commit_parent(&parent, h->next, 0) != 0) {
		h->end = end_of(h);
		return TNG_OK;
	}
	h->scratch = scratch;
	h->fn = fn;
	h->user = user;
	h->err = err;
	enum tng_code code = TNG_OK;
	if (!open_context(h, parent, &tree)) {
		h->is_gone = true;
	} else {
		code = compare_trees(h, tree, h->tree, STR(""), 0);
	}
	if (h->is_gone) {
		h->end = VCS_HISTORY_MISSING;
		git_tree_free(tree);
		git_commit_free(parent);
		return TNG_OK;
	}
	out->is_there = true;
	out->watched = 0;
	for (size_t i = 0; watched != NULL && watched[i] != NULL; i++) {
		out->watched |= is_other(parent, h->next, watched[i]) ? UINT64_C(1) << i : 0;
	}
	(void)git_oid_tostr(out->id, sizeof(out->id), git_commit_id(h->next));
	set_next(h, parent, tree);
	return code;
}

enum tng_code vcs_history_tree(struct vcs_history *h, struct arena *scratch, vcs_change_fn *fn,
		void *user, struct tng_error *err) {
	h->scratch = scratch;
	h->fn = fn;
	h->user = user;
	h->err = err;
	enum tng_code code = compare_trees(h, NULL, h->tree, STR(""), 0);
	return h->is_gone ? store_fail(err, STR("git"), "an object of the history is not here")
			  : code;
}

/* ---- the door */

static enum tng_code open_head(struct vcs_history *h, struct tng_error *err) {
	git_object *object = NULL;
	git_tree *tree = NULL;

	if (git_revparse_single(&object, h->store.git, "HEAD^{commit}") != 0) {
		return store_fail(
				err, STR("HEAD"), "there is no commit yet, so there is no history");
	}
	if (!open_context(h, (git_commit *)object, &tree)) {
		git_object_free(object);
		return store_fail_git(err, STR("HEAD"), "its tree cannot be read");
	}
	set_next(h, (git_commit *)object, tree);
	return TNG_OK;
}

enum tng_code vcs_history_open(struct arena *a, const char *root, struct vcs_history **out,
		struct tng_error *err) {
	struct vcs_history *h = arena_new(a, struct vcs_history, 1);

	if (h == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = store_open(a, root, &h->store, err);
	if (code == TNG_OK) {
		code = open_head(h, err);
	}
	if (code != TNG_OK) {
		vcs_history_close(h);
		return code;
	}
	*out = h;
	return TNG_OK;
}

enum vcs_history_end vcs_history_ended(const struct vcs_history *h) {
	return h->end;
}

struct str vcs_history_prefix(const struct vcs_history *h) {
	return h->store.prefix;
}

void vcs_history_close(struct vcs_history *h) {
	if (h == NULL) {
		return;
	}
	set_next(h, NULL, NULL);
	store_close(&h->store);
}

#include "vcs/internal.h"

#include "util/path.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

const char *vcs_state_name(enum vcs_state state) {
	static const char names[VCS_NSTATES][12] = {
		[VCS_UNKNOWN] = "unknown",
		[VCS_OUTSIDE] = "outside",
		[VCS_TRACKED] = "tracked",
		[VCS_MODIFIED] = "modified",
		[VCS_UNTRACKED] = "untracked",
		[VCS_IGNORED] = "ignored",
	};

	return names[state];
}

/* Where the .git and .gitignore of each directory are. */
static enum tng_code find_landmarks(struct builder *b) {
	for (uint32_t row = 1; row < tree_nrows(b->tree); row++) {
		const struct entry *e = tree_entry(b->tree, row);
		if (e->name_len == 4 && str_eq(tree_name(b->tree, e), STR(".git"))) {
			uint32_t *at = VEC_PUSH(&b->git_rows);
			if (at == NULL) {
				return error_nomem(b->err);
			}
			*at = row;
			b->git_of[e->parent] = row;
		} else if (e->name_len == 10 && entry_is_file(e) &&
				str_eq(tree_name(b->tree, e), STR(".gitignore"))) {
			b->gitignore_of[e->parent] = row;
		}
	}
	return TNG_OK;
}

/* The root, relative to the top of its repository; false: it is not below it, or is inside its .git. */
static bool find_prefix(const struct builder *b, const struct repository *r, struct str *prefix) {
	struct str top = r->top, name, rest;

	top.len -= str_ends(top, STR("/"));
	if (!str_starts(b->root, top) ||
			(b->root.len > top.len && top.len > 0 && b->root.ptr[top.len] != '/')) {
		return false;
	}
	*prefix = str_skip(b->root, top.len);
	*prefix = str_skip(*prefix, str_starts(*prefix, STR("/")));
	rest = *prefix;
	for (bool more = true; more;) {
		more = str_cut(rest, '/', &name, &rest);
		if (str_eq(name, STR(".git"))) {
			return false;
		}
	}
	return true;
}

/* What is not all there, and what that leaves unknown: the index of such a repository is whole. */
static enum tng_code warn_incomplete(struct builder *b, const struct repository *r) {
	enum tng_code code = TNG_OK;

	if (r->is_shallow) {
		code = builder_warn(b, 0, STR("it is a shallow clone: "),
				STR("its older history is unknown; the states of files are not"));
	}
	if (code == TNG_OK && r->is_partial) {
		code = builder_warn(b, 0, STR("it is a partial clone: "),
				STR("a file whose object was not fetched may be of unknown state"));
	}
	return code;
}

static enum tng_code visit_main(struct builder *b, struct repository *r) {
	struct vcs_repository *first = &b->repositories.ptr[0];
	struct str prefix;
	uint64_t nindex;

	first->problem = r->problem;
	if (r->problem.len > 0) {
		builder_fill(b, 0, tree_nrows(b->tree), VCS_UNKNOWN);
		return builder_warn(b, 0, LEAD_UNKNOWN, r->problem);
	}
	if (!find_prefix(b, r, &prefix)) {
		b->repositories.len = 0;
		return TNG_OK;
	}
	prefix = arena_copy(b->a, prefix);
	if (prefix.ptr == NULL) {
		return error_nomem(b->err);
	}
	first->prefix = prefix;
	if (r->index_path.len > 0) {
		struct vcs_index *index = arena_new(b->a, struct vcs_index, 1);
		if (index == NULL) {
			return error_nomem(b->err);
		}
		*index = (struct vcs_index){ r->index, r->index_path };
		b->index = index;
	}
	b->is_known = true;
	b->global_ignore_file = r->global_path;
	enum tng_code code = visit_repository(b, r, 0, prefix, &nindex);
	if (code == TNG_OK) {
		b->repositories.ptr[0].nindex = nindex;
		code = warn_incomplete(b, r);
	}
	return code;
}

/* No repository around the root: those inside, each at the highest place. */
static enum tng_code visit_islands(struct builder *b) {
	enum tng_code code = TNG_OK;
	uint32_t done = 1;

	for (size_t i = 0; i < b->git_rows.len && code == TNG_OK; i++) {
		uint32_t git = b->git_rows.ptr[i];
		uint32_t dir = tree_parent(b->tree, git);
		if (dir >= done && nested_begins(b, git)) {
			code = nested_visit(b, dir, nested_kind(b, git));
			done = tree_end(b->tree, dir);
		}
	}
	return code;
}

static enum tng_code visit_tree(struct builder *b) {
	struct str dir;
	struct repository r = { 0 };
	enum tng_code code = repository_discover(b->a, b->root, &dir, b->err);

	builder_fill(b, 0, tree_nrows(b->tree), VCS_OUTSIDE);
	if (code != TNG_OK || (dir.len == 0 && b->git_rows.len == 0)) {
		return code;
	}
	/* set up only where there is a repository: it takes 5 ms where libgit2 brings its network */
	bool has_library = repository_library_begin();
	if (dir.len > 0) {
		code = nested_mention(b, 0, VCS_MAIN, STR(""));
		if (code == TNG_OK && has_library) {
			code = repository_open(b->a, dir, &r, b->err);
		} else {
			r.problem = STR("libgit2 does not start");
		}
		if (code == TNG_OK) {
			code = visit_main(b, &r);
		}
		repository_close(&r);
	}
	if (code == TNG_OK && has_library && b->repositories.len == 0) {
		code = visit_islands(b);
	}
	git_libgit2_shutdown();
	return code;
}

/* A copy of a list, in the arena; never NULL but for want of memory. */
static void *copy_list(struct arena *a, const void *list, size_t n, size_t size_bytes) {
	void *copy = arena_alloc_array(a, n, size_bytes);

	if (copy != NULL && n > 0) {
		memcpy(copy, list, n * size_bytes);
	}
	return copy;
}

static enum tng_code finish(const struct builder *b, struct vcs_column *out) {
	out->state = b->state;
	out->is_known = b->is_known;
	out->nrepositories = b->repositories.len;
	out->repositories = copy_list(b->a, b->repositories.ptr, b->repositories.len,
			sizeof(struct vcs_repository));
	out->nwarnings = b->warnings.len;
	out->warnings = copy_list(
			b->a, b->warnings.ptr, b->warnings.len, sizeof(struct vcs_warning));
	out->ntracked = b->ntracked;
	out->nmissing = b->nmissing;
	out->global_ignore_file = b->global_ignore_file;
	out->index = b->index;
	return out->repositories != NULL && out->warnings != NULL ? TNG_OK : error_nomem(b->err);
}

static enum tng_code build(struct builder *b, struct vcs_column *out) {
	b->state = arena_new(b->a, uint8_t, tree_nrows(b->tree));
	b->git_of = arena_new(b->a, uint32_t, tree_ndirs(b->tree));
	b->gitignore_of = arena_new(b->a, uint32_t, tree_ndirs(b->tree));
	if (b->state == NULL || b->git_of == NULL || b->gitignore_of == NULL) {
		return error_nomem(b->err);
	}
	enum tng_code code = find_landmarks(b);
	if (code == TNG_OK) {
		code = visit_tree(b);
	}
	return code == TNG_OK ? finish(b, out) : code;
}

enum tng_code vcs_column_open(struct arena *a, const struct tree *tree, const char *root,
		struct vcs_column *out, struct tng_error *err) {
	char real[PATH_MAX];
	struct builder b = { .a = a, .tree = tree, .err = err };

	b.root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b.root_fd < 0 || realpath(root, real) == NULL) {
		if (b.root_fd >= 0) {
			close(b.root_fd);
		}
		return vcs_column_unknown(a, tree, out, err); /* gone since the walk */
	}
	b.root = str_from(real);
	enum tng_code code = build(&b, out);
	close(b.root_fd);
	free(b.git_rows.ptr);
	free(b.repositories.ptr);
	free(b.warnings.ptr);
	return code;
}

enum tng_code vcs_column_unknown(struct arena *a, const struct tree *tree, struct vcs_column *out,
		struct tng_error *err) {
	uint8_t *state = arena_new(a, uint8_t, tree_nrows(tree));

	if (state == NULL) {
		return error_nomem(err);
	}
	*out = (struct vcs_column){ .state = state }; /* VCS_UNKNOWN is 0 */
	return TNG_OK;
}

/*
 * Builds of this context that files above it tell of: the compose file at the top of the repository, a
 * workflow, a Makefile.
 *
 *   top/{compose.yaml, .github/workflows/...}, top/docker/..., top/a/Makefile
 *        └─▶ builds_find_told ─▶ those of top/a/ctx, seen from it
 *
 * Looked into are the directories on the way from the top to the context, and those directly in them. Of a
 * revision their files are those that are there today, as the revision has them.
 */
#include "analysis/internal.h"
#include "util/path.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct above {
	struct arena *arena;
	const struct analysis *an;
	struct str top, root; /* real paths: of the repository, of the context */
	struct str way;       /* of the context from the top */
	int fd;               /* what the files are read from: the top, or where it is laid out */
	struct {
		VEC_FIELDS(struct tree_item)
	} items;
	bool failed; /* out of memory */
};

/* ---- which files */

static mode_t type_of(int dir_fd, const struct dirent *e) {
	struct stat st;

	if (e->d_type != DT_UNKNOWN) {
		return e->d_type == DT_REG ? S_IFREG : e->d_type == DT_DIR ? S_IFDIR : 0;
	}
	return fstatat(dir_fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode & S_IFMT : 0;
}

/* Whether it is there, in the revision where there is one. */
static bool has_file(struct above *ab, struct str path) {
	struct str name = arena_copy(ab->arena, path);
	struct stat st;

	ab->failed |= name.ptr == NULL;
	if (ab->failed) {
		return false;
	}
	if (ab->an->revision != NULL) {
		revision_lay_out_from_top(ab->an, name);
	}
	return fstatat(ab->fd, name.ptr, &st, 0) == 0 && S_ISREG(st.st_mode);
}

static void add_item(struct above *ab, struct str path) {
	struct tree_item *item = VEC_PUSH(&ab->items);

	ab->failed |= item == NULL;
	if (item != NULL) {
		*item = (struct tree_item){ .path = path, .type = ENTRY_FILE, .mode = 0644 };
	}
}

/* What tells of builds in a directory, and in those in it; dir: from the top, "." for it. */
static void list_directory(struct above *ab, struct str dir, bool is_way) {
	struct str whole = outside_join(ab->arena, ab->top, dir);
	struct str name = whole.ptr != NULL ? arena_copy(ab->arena, whole) : whole;
	DIR *d = name.ptr != NULL ? opendir(name.ptr) : NULL;

	ab->failed |= name.ptr == NULL;
	/* one thread has this stream: NOLINTNEXTLINE(concurrency-mt-unsafe) */
	for (struct dirent *e; d != NULL && !ab->failed && (e = readdir(d)) != NULL;) {
		mode_t type = type_of(dirfd(d), e);
		struct str path = outside_join(ab->arena, dir, str_from(e->d_name));
		if (path.ptr == NULL) {
			ab->failed = true;
		} else if (type == S_IFREG && builds_reads(path) && has_file(ab, path)) {
			add_item(ab, path);
		} else if (type == S_IFDIR && is_way && e->d_name[0] != '.' &&
				!path_is_below(ab->way, path)) {
			list_directory(ab, path, false);
		}
	}
	if (d != NULL) {
		(void)closedir(d);
	}
}

/* A script is believed where its Dockerfile is there. */
static void list_own_dockerfiles(struct above *ab) {
	const struct tree *tree = ab->an->tree;
	struct buf path = { 0 };

	for (uint32_t row = 1; row < tree_nrows(tree); row++) {
		const struct entry *e = tree_entry(tree, row);
		if (entry_is_file(e) && dockerfile_is_name(tree_name(tree, e))) {
			buf_clear(&path);
			tree_path(tree, row, &path);
			struct str whole = outside_join(ab->arena, ab->way, buf_str(&path));
			ab->failed |= buf_failed(&path) || whole.ptr == NULL;
			if (whole.ptr != NULL) {
				add_item(ab, whole);
			}
		}
	}
	buf_fini(&path);
}

static void list_all(struct above *ab) {
	struct str dir = ab->way;

	if (!path_is_below(dir, STR(".github"))) { /* else it is on the way */
		list_directory(ab, STR(".github/workflows"), false);
	}
	do {
		dir = path_dir(dir);
		list_directory(ab, dir, true);
	} while (!str_eq(dir, STR(".")) && !ab->failed);
	if (ab->items.len > 0) {
		list_own_dockerfiles(ab);
	}
}

/* ---- as the context sees them */

static struct str seen(struct above *ab, struct str path) {
	struct str whole = outside_join(ab->arena, ab->top, path);
	struct str from = whole.ptr != NULL ? outside_from(ab->arena, ab->root, whole) : whole;

	ab->failed |= from.ptr == NULL;
	return from.ptr != NULL ? from : path;
}

static void turn_contexts(struct above *ab, struct found_build *b) {
	struct found_context *list = arena_new(ab->arena, struct found_context, b->ncontexts);

	ab->failed |= list == NULL;
	for (size_t i = 0; list != NULL && i < b->ncontexts; i++) {
		list[i] = b->contexts[i];
		list[i].value = list[i].is_local ? seen(ab, list[i].value) : list[i].value;
	}
	b->contexts = list;
}

static struct found_build turn(struct above *ab, const struct found_build *found) {
	struct found_build b = *found;

	b.context = STR(".");
	b.file = seen(ab, found->file);
	turn_contexts(ab, &b);
	if (found->dockerfile.len > 0) {
		b.dockerfile = seen(ab, found->dockerfile);
		b.dockerfile_row = tree_find(ab->an->tree, b.dockerfile);
		b.dockerfile_is_outside = str_starts(b.dockerfile, STR("../")) &&
				has_file(ab, found->dockerfile);
	}
	return b;
}

/* Behind what is found in the context; the list is made anew. */
static void append(struct above *ab, const struct builds *found, struct builds *out) {
	struct found_build *list = arena_new(ab->arena, struct found_build, out->n + found->n);
	size_t n = out->n;

	ab->failed |= list == NULL;
	if (list == NULL) {
		return;
	}
	if (n > 0) {
		memcpy(list, out->list, n * sizeof(*list));
	}
	for (size_t i = 0; i < found->n; i++) {
		const struct found_build *b = &found->list[i];
		if (!b->is_remote && !b->is_repository && !b->context_is_guess &&
				str_eq(b->context, ab->way)) {
			list[n++] = turn(ab, b);
		}
	}
	out->list = list;
	out->n = n;
}

/* ---- the run */

static enum tng_code find(struct above *ab, struct builds *out, struct tng_error *err) {
	struct tree *tree = NULL;
	struct builds found;

	list_all(ab);
	if (ab->failed || ab->items.len == 0) {
		return ab->failed ? error_nomem(err) : TNG_OK;
	}
	enum tng_code code = tree_from_items(ab->items.ptr, ab->items.len, &tree, NULL);
	if (code == TNG_OK) {
		code = builds_find_told(ab->arena, tree, ab->fd, &found, NULL);
	}
	if (code == TNG_OK) {
		append(ab, &found, out);
	}
	tree_destroy(tree);
	return code == TNG_ENOMEM || ab->failed ? error_nomem(err) : TNG_OK;
}

/* The context from the top of its repository; empty: it is the top, or there is none. */
static struct str find_way(struct above *ab) {
	const struct analysis *an = ab->an;

	if (an->revision != NULL) {
		ab->top = vcs_revision_top(an->revision);
		ab->root = outside_join(ab->arena, ab->top, vcs_revision_prefix(an->revision));
		return ab->root.ptr != NULL ? vcs_revision_prefix(an->revision) : STR("");
	}
	ab->root = outside_directory(ab->arena, str_from(an->root));
	ab->top = ab->root.ptr != NULL ? outside_repository(ab->arena, ab->root) : STR("");
	if (ab->top.ptr == NULL || ab->top.len == 0 || ab->top.len >= ab->root.len) {
		return STR("");
	}
	return str_skip(ab->root, ab->top.len + 1);
}

enum tng_code above_add(struct arena *a, const struct analysis *an, struct builds *out,
		struct tng_error *err) {
	struct above ab = { .arena = a, .an = an };
	struct str way = ab.way = find_way(&ab);
	struct str base = an->revision != NULL ? str_from(an->laid_out) : ab.top;
	struct str name = way.len > 0 ? arena_copy(a, base) : STR("");
	enum tng_code code = TNG_OK;

	if (name.ptr == NULL || way.len == 0) {
		return name.ptr == NULL ? error_nomem(err) : TNG_OK;
	}
	ab.fd = open(name.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ab.fd >= 0) {
		code = find(&ab, out, err);
		(void)close(ab.fd);
	}
	free(ab.items.ptr);
	return code;
}

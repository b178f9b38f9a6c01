/*
 * git's ignore rules on the way down. Most directories hold nothing but tracked files, and git's rules are
 * not about those: the rules of a directory are read when the first entry asks that needs them, and then
 * those of all directories above it.
 *
 *   levels   core.excludesFile, info/exclude, .gitignore of the top, ..., .gitignore of the directory
 *
 * The last level with a rule that takes the path decides, and in it the last such rule. What is below an
 * ignored directory is ignored, whatever rules say.
 */
#include "vcs/internal.h"

#include "util/file.h"
#include "util/path.h"

#include <fcntl.h>
#include <sys/stat.h>

static enum tng_code push_level(struct visit *v, struct rule_list rules, size_t base) {
	struct level *level = rules.n > 0 ? VEC_PUSH(&v->levels) : NULL;

	if (rules.n > 0 && level == NULL) {
		return error_nomem(v->b->err);
	}
	if (level != NULL) {
		*level = (struct level){ rules, base };
	}
	return TNG_OK;
}

/* The rules of a .gitignore; one that cannot be read has none. */
static enum tng_code push_file(struct visit *v, int dir_fd, const char *path, size_t base) {
	struct tng_error why = { 0 };
	struct rule_list rules = { 0 };
	struct str text;
	enum tng_code code = file_read(v->b->a, dir_fd, path, RULES_MAX_BYTES, &text, &why);

	if (code == TNG_ENOMEM) {
		return error_pass(v->b->err, &why);
	}
	if (code != TNG_OK) {
		return TNG_OK;
	}
	code = rules_parse(v->b->a, text, &rules, v->b->err);
	return code == TNG_OK ? push_level(v, rules, base) : code;
}

/* A sparse checkout leaves files out of the tree, but git goes by their ignore rules all the same: `path` is
 * that of the directory from the repository's top, with its slash. */
static enum tng_code push_indexed(struct visit *v, struct str path) {
	struct builder *b = v->b;
	struct buf name = { 0 };
	struct rule_list rules = { 0 };
	struct str text = STR("");
	const struct index_entry *e = NULL;

	buf_append(&name, path);
	buf_append(&name, STR(".gitignore"));
	if (!buf_failed(&name)) {
		e = index_find(&v->repository->index, buf_str(&name));
	}
	enum tng_code code = buf_failed(&name) ? error_nomem(b->err) : TNG_OK;
	buf_fini(&name);
	if (e != NULL && (e->flags & INDEX_SKIP_WORKTREE) != 0) {
		code = repository_blob_text(
				b->a, v->repository, e->oid, RULES_MAX_BYTES, &text, b->err);
	}
	if (code == TNG_OK && text.len > 0) {
		code = rules_parse(b->a, text, &rules, b->err);
	}
	return code == TNG_OK ? push_level(v, rules, path.len) : code;
}

/* `path` from the repository's top; its name begins at `name_at`. */
static bool is_taken(const struct visit *v, struct str path, size_t name_at, bool is_dir) {
	struct vcs_query query = {
		.name = str_skip(path, name_at),
		.is_dir = is_dir,
		.folds_case = v->repository->folds_case,
	};

	for (size_t i = v->levels.len; i-- > 0;) {
		const struct level *level = &v->levels.ptr[i];
		query.path = str_skip(path, level->base);
		const struct vcs_rule *rule = rules_last(&level->rules, &query);
		if (rule != NULL) {
			return !rule->negated;
		}
	}
	return false;
}

/* The .gitignore of a directory above the tree, which must be a file and no link. */
static enum tng_code push_above(struct visit *v, struct str dir) {
	struct str path = path_join(v->b->a, v->repository->top, dir);
	struct str file = path.ptr != NULL ? path_join(v->b->a, path, STR(".gitignore")) : path;
	struct stat st;

	if (file.ptr == NULL) {
		return error_nomem(v->b->err);
	}
	if (lstat(file.ptr, &st) != 0 || !S_ISREG(st.st_mode)) {
		return TNG_OK;
	}
	return push_file(v, AT_FDCWD, file.ptr, dir.len + (dir.len > 0));
}

enum tng_code ignored_begin(struct visit *v, struct str prefix, bool *is_ignored) {
	enum tng_code code = push_level(v, v->repository->global, 0);

	*is_ignored = false;
	if (code == TNG_OK) {
		code = push_level(v, v->repository->exclude, 0);
	}
	/* the directories from the top down to the one before the last, whose .gitignore is a row */
	for (size_t at = 0; code == TNG_OK && at < prefix.len && !*is_ignored;) {
		code = push_above(v, str_take(prefix, at > 0 ? at - 1 : 0));
		size_t name_at = at;
		size_t end = at + str_find(str_skip(prefix, at), '/');
		*is_ignored = is_taken(v, str_take(prefix, end), name_at, true);
		at = end + 1;
	}
	return code;
}

/* Read the rules of the frames that have not been asked yet. */
static enum tng_code make_ready(struct visit *v) {
	enum tng_code code = TNG_OK;

	for (; code == TNG_OK && v->nready < v->frames.len; v->nready++) {
		struct frame *f = &v->frames.ptr[v->nready];
		f->nlevels = v->levels.len;
		if (v->nready > 0) {
			const struct frame *above = f - 1;
			struct str path = str_make(v->path.ptr, f->path_len - 1);
			f->is_ignored = above->is_ignored ||
					is_taken(v, path, above->path_len, true);
		}
		uint32_t row = v->b->gitignore_of[f->dir];
		if (row != 0 && !f->is_ignored) {
			struct buf name = { 0 };
			tree_path(v->b->tree, row, &name);
			buf_putc(&name, '\0');
			code = buf_failed(&name)
					? error_nomem(v->b->err)
					: push_file(v, v->b->root_fd, name.ptr, f->path_len);
			buf_fini(&name);
		} else if (row == 0 && !f->is_ignored && v->repository->index.skips_worktree) {
			code = push_indexed(v, str_make(v->path.ptr, f->path_len));
		}
	}
	return code;
}

enum tng_code ignored_row(struct visit *v, struct str name, bool is_dir, bool *is_ignored) {
	enum tng_code code = v->nready < v->frames.len ? make_ready(v) : TNG_OK;

	if (code != TNG_OK) {
		return code;
	}
	size_t len = v->path.len;
	*is_ignored = v->frames.ptr[v->frames.len - 1].is_ignored;
	if (!*is_ignored && v->levels.len > 0) {
		buf_append(&v->path, name);
		*is_ignored = is_taken(v, buf_str(&v->path), len, is_dir);
		v->path.len = len;
	}
	return buf_failed(&v->path) ? error_nomem(v->b->err) : TNG_OK;
}

#include "vcs/internal.h"

#include "util/file.h"
#include "util/path.h"

#include <fcntl.h>
#include <sys/stat.h>

#define GITFILE_MAX_BYTES 4096U

/* The path of a row, NUL-terminated; .ptr is NULL when out of memory. */
static struct str row_path(const struct builder *b, uint32_t row) {
	struct buf path = { 0 };
	struct str copy = { 0 };

	tree_path(b->tree, row, &path);
	if (!buf_failed(&path)) {
		copy = arena_copy(b->a, buf_str(&path));
	}
	buf_fini(&path);
	return copy;
}

bool nested_begins(const struct builder *b, uint32_t git_row) {
	const struct entry *git = tree_entry(b->tree, git_row);

	if (entry_is_dir(git)) {
		for (uint32_t row = git_row + 1; row < tree_end(b->tree, git_row);
				row = tree_end(b->tree, row)) {
			if (str_eq(tree_name(b->tree, tree_entry(b->tree, row)), STR("HEAD"))) {
				return true;
			}
		}
		return false;
	}
	if (entry_type(git) == ENTRY_SYMLINK) {
		struct str path = row_path(b, git_row);
		struct stat st;
		return path.ptr != NULL && fstatat(b->root_fd, path.ptr, &st, 0) == 0;
	}
	return entry_is_file(git);
}

enum vcs_repository_kind nested_kind(const struct builder *b, uint32_t git_row) {
	struct str path = row_path(b, git_row), text;

	if (path.ptr == NULL || !entry_is_file(tree_entry(b->tree, git_row)) ||
			file_read(b->a, b->root_fd, path.ptr, GITFILE_MAX_BYTES, &text, NULL) !=
					TNG_OK ||
			!str_starts(text, STR("gitdir:"))) {
		return VCS_NESTED;
	}
	/* ".../worktrees/<name>" */
	struct str dir = path_dir(str_trim(str_skip(text, 7)));
	return str_eq(path_base(dir), STR("worktrees")) ? VCS_WORKTREE : VCS_NESTED;
}

void builder_fill(struct builder *b, uint32_t from, uint32_t end, enum vcs_state state) {
	size_t low = 0, high = b->git_rows.len;

	memset(b->state + from, (int)state, end - from);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (b->git_rows.ptr[middle] < from) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	for (; low < b->git_rows.len && b->git_rows.ptr[low] < end; low++) {
		uint32_t git = b->git_rows.ptr[low];
		memset(b->state + git, VCS_OUTSIDE, tree_end(b->tree, git) - git);
	}
}

enum tng_code builder_warn(struct builder *b, uint32_t row, struct str lead, struct str what) {
	struct vcs_warning *warning = VEC_PUSH(&b->warnings);
	struct buf text = { 0 };
	enum tng_code code = TNG_OK;

	buf_append(&text, lead);
	buf_append(&text, what);
	if (warning != NULL && !buf_failed(&text)) {
		warning->path = row == 0 ? STR(".") : row_path(b, row);
		warning->text = arena_copy(b->a, buf_str(&text));
	}
	if (warning == NULL || warning->path.ptr == NULL || warning->text.ptr == NULL) {
		code = error_nomem(b->err);
	}
	buf_fini(&text);
	return code;
}

enum tng_code nested_mention(struct builder *b, uint32_t row, enum vcs_repository_kind kind,
		struct str problem) {
	struct vcs_repository *repository = VEC_PUSH(&b->repositories);

	if (repository == NULL) {
		return error_nomem(b->err);
	}
	*repository = (struct vcs_repository){
		.kind = kind, .row = row, .prefix = STR(""), .problem = problem
	};
	return TNG_OK;
}

static enum tng_code give_up(struct builder *b, uint32_t row, struct str problem) {
	builder_fill(b, row, tree_end(b->tree, row), VCS_UNKNOWN);
	return builder_warn(b, row, LEAD_UNKNOWN, problem);
}

enum tng_code nested_visit(struct builder *b, uint32_t row, enum vcs_repository_kind kind) {
	struct str path = row_path(b, row);
	struct str dir = path.ptr != NULL ? path_join(b->a, b->root, path) : path;
	size_t number = b->repositories.len;
	enum tng_code code = dir.ptr != NULL ? nested_mention(b, row, kind, STR(""))
					     : error_nomem(b->err);

	if (code != TNG_OK) {
		return code;
	}
	struct repository r = { 0 };
	if (b->depth >= VISIT_MAX_DEPTH) {
		r.problem = STR("it is inside too many others");
	} else {
		code = repository_open(b->a, dir, &r, b->err);
	}
	b->repositories.ptr[number].problem = r.problem;
	if (code == TNG_OK && r.problem.len > 0) {
		code = give_up(b, row, r.problem);
	} else if (code == TNG_OK) {
		uint64_t nindex;
		b->depth++;
		b->is_known = true;
		code = visit_repository(b, &r, row, STR(""), &nindex);
		b->depth--;
		if (code == TNG_OK) {
			b->repositories.ptr[number].nindex = nindex;
		}
	}
	repository_close(&r);
	return code;
}

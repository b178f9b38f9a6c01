/*
 * A tree from rows that are in order already: each is put where it stays, and nothing is sorted.
 *
 *   rows ─▶ entries side by side, their names in one block ─▶ struct tree
 *
 * The ends of directories are found on the way back, from the last row to the first.
 */
#include "walk/internal.h"

#include <stdlib.h>
#include <sys/stat.h>

#define ENTRY_BYTES_A_BLOCK 512U

struct filler {
	struct tree *tree;
	const struct tree_row *rows; /* of row 1 and those after it */
	size_t n;
	struct supply supply;
	uint32_t *order;
	char *names, *at; /* the block, and where the next name goes */
	struct tng_error *err;
};

static struct entry *entry_of(const struct filler *f, uint32_t row) {
	return memory_entry(&f->tree->memory, f->order[row]);
}

static enum tng_code refuse(struct filler *f, const struct tree_row *row, const char *why) {
	error_set_where(f->err, row->name);
	return error_set(f->err, TNG_EINVAL, "%s", why);
}

static enum tng_code measure(struct filler *f, uint32_t *ndirs, size_t *name_bytes) {
	*ndirs = 1;
	*name_bytes = 1;
	if (f->n > UINT32_MAX - 2) {
		return error_set(f->err, TNG_ELIMIT, "more than 2^32-2 entries");
	}
	for (size_t i = 0; i < f->n; i++) {
		const struct tree_row *row = &f->rows[i];
		bool is_link = row->type == ENTRY_SYMLINK;
		*ndirs += row->type == ENTRY_DIR;
		*name_bytes += row->name.len + 1 + (is_link ? row->target.len + 1 : 0);
	}
	return *name_bytes <= UINT32_MAX
			? TNG_OK
			: error_set(f->err, TNG_ELIMIT, "more than 4 GiB of names");
}

static enum tng_code make_room(struct filler *f) {
	struct memory *m = &f->tree->memory;
	size_t name_bytes;
	uint32_t ndirs, first;
	struct entry *entries;
	enum tng_code code = measure(f, &ndirs, &name_bytes);

	if (code != TNG_OK) {
		return code;
	}
	uint32_t nrows = (uint32_t)f->n + 1;
	supply_init(&f->supply, m, true);
	code = supply_entries(&f->supply, nrows, &entries, &first);
	f->order = memory_table(m, nrows, sizeof(*f->order));
	f->names = f->at = supply_names(&f->supply, name_bytes);
	f->tree->dirs = memory_table(m, ndirs, sizeof(*f->tree->dirs));
	if (code == TNG_ELIMIT) {
		return error_set(f->err, code, "more than 2^32-2 entries");
	}
	if (code != TNG_OK || f->order == NULL || f->names == NULL || f->tree->dirs == NULL) {
		return error_nomem(f->err);
	}
	for (uint32_t row = 0; row < nrows; row++) {
		f->order[row] = first + row;
	}
	f->tree->order = f->order;
	return TNG_OK;
}

static void put_text(struct filler *f, struct str text) {
	if (text.len > 0) {
		memcpy(f->at, text.ptr, text.len);
	}
	f->at[text.len] = '\0';
	f->at += text.len + 1;
}

static void put_dir(struct filler *f, struct entry *e, uint32_t row) {
	e->mode |= S_IFDIR;
	e->size = f->tree->ndirs;
	f->tree->dirs[f->tree->ndirs++] = (struct tree_dir){
		.names = f->names,
		.row = row,
		.end = row + 1,
		.parent = e->parent,
		.nlink = 2,
	};
}

/* A size of more blocks than an entry has room for. */
static bool put_extra(struct filler *f, uint32_t row, uint64_t blocks) {
	size_t n = f->tree->nextras;
	struct extra *grown = memory_resize(
			&f->tree->memory, f->tree->extras, n + 1, sizeof(*f->tree->extras));

	if (grown == NULL) {
		return false;
	}
	grown[n] = (struct extra){ .row = row, .blocks = blocks, .nlink = 1 };
	f->tree->extras = grown;
	f->tree->nextras++;
	return true;
}

static bool put_file(struct filler *f, struct entry *e, uint32_t row, uint64_t size) {
	uint64_t blocks = size / ENTRY_BYTES_A_BLOCK + (size % ENTRY_BYTES_A_BLOCK != 0);

	e->mode |= S_IFREG;
	e->size = size;
	e->blocks = blocks < ENTRY_BLOCKS_MAX ? (uint32_t)blocks : ENTRY_BLOCKS_MAX;
	return e->blocks < ENTRY_BLOCKS_MAX || put_extra(f, row, blocks);
}

/* The row before is in the same directory, or below one that is, or is the directory: depth first, and by name. */
static enum tng_code check_order(struct filler *f, const struct tree_row *in) {
	uint32_t before = f->tree->nrows - 1;

	if (in->parent == before) {
		return entry_is_dir(entry_of(f, before)) ? TNG_OK
							 : refuse(f, in, "is in no directory");
	}
	while (before != 0) {
		const struct entry *e = entry_of(f, before);
		uint32_t parent = f->tree->dirs[e->parent].row;
		if (parent == in->parent) {
			int order = str_cmp(str_make(f->names + e->name, e->name_len), in->name);
			return order < 0 ? TNG_OK
					 : refuse(f, in, "is there twice, or out of order");
		}
		before = parent;
	}
	return refuse(f, in, "is out of order");
}

static enum tng_code put_row(struct filler *f, const struct tree_row *in) {
	enum tng_code code = check_order(f, in);

	if (code != TNG_OK) {
		return code;
	}
	if (in->name.len == 0 || in->name.len > UINT8_MAX) {
		return refuse(f, in, "is no name of a file");
	}
	uint32_t row = f->tree->nrows++;
	struct entry *e = entry_of(f, row);
	struct tree_dir *dir = &f->tree->dirs[entry_of(f, in->parent)->size];
	*e = (struct entry){
		.inode = (uint64_t)row + 1,
		.parent = (uint32_t)(dir - f->tree->dirs),
		.name = (uint32_t)(f->at - f->names),
		.mode = (uint16_t)(in->mode & ~ENTRY_TYPE_MASK),
		.name_len = (uint8_t)in->name.len,
	};
	dir->nentries++;
	put_text(f, in->name);
	if (in->type == ENTRY_DIR) {
		put_dir(f, e, row);
		dir->nlink++;
	} else if (in->type == ENTRY_SYMLINK) {
		e->mode |= S_IFLNK;
		e->size = in->target.len;
		put_text(f, in->target);
	} else if (!put_file(f, e, row, in->size)) {
		return error_nomem(f->err);
	}
	return TNG_OK;
}

static enum tng_code fill(struct filler *f) {
	struct tree *tree = f->tree;
	enum tng_code code = make_room(f);

	if (code != TNG_OK) {
		return code;
	}
	put_text(f, STR(""));
	*entry_of(f, 0) = (struct entry){ .inode = 1, .mode = 0755 };
	put_dir(f, entry_of(f, 0), 0);
	tree->nrows = 1;
	for (size_t i = 0; i < f->n && code == TNG_OK; i++) {
		code = put_row(f, &f->rows[i]);
	}
	for (uint32_t row = tree->nrows; row-- > 1;) {
		const struct entry *e = entry_of(f, row);
		uint32_t end = entry_is_dir(e) ? tree->dirs[e->size].end : row + 1;
		struct tree_dir *dir = &tree->dirs[e->parent];
		dir->end = end > dir->end ? end : dir->end;
	}
	return code;
}

enum tng_code tree_from_rows_failing(const struct tree_row *rows, size_t n, size_t nallocs,
		struct tree **out, struct tng_error *err) {
	struct filler f = { .tree = tree_create(), .rows = rows, .n = n, .err = err };

	if (f.tree == NULL) {
		return error_nomem(err);
	}
	if (nallocs != NEVER_FAIL) {
		memory_fail_after(&f.tree->memory, nallocs);
	}
	enum tng_code code = fill(&f);
	if (code != TNG_OK) {
		tree_destroy(f.tree);
		return code;
	}
	f.tree->stats.nthreads = 1;
	*out = f.tree;
	return TNG_OK;
}

enum tng_code tree_from_rows(
		const struct tree_row *rows, size_t n, struct tree **out, struct tng_error *err) {
	return tree_from_rows_failing(rows, n, NEVER_FAIL, out, err);
}

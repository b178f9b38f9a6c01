/*
 * A tree from a listing: sort the paths, make the directories that are missing, then give each
 * directory its rows as a walk would.
 *
 *   items ─sort─▶ nodes, one a path, linked by directory in order ─▶ struct dir ─▶ tree_number
 */
#include "walk/internal.h"

#include "util/path.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#define ENTRY_BYTES_A_BLOCK 512U

/* One row to be: an item, or a directory that was missing. */
struct node {
	const struct tree_item *item; /* NULL: made up */
	struct str name;
	struct node *next;      /* in the same directory */
	struct open_dir *below; /* NULL: not a directory */
};

/* A directory that collects its rows. */
struct open_dir {
	struct dir dir;
	struct open_dir *parent;
	struct open_dir *next; /* in the list of all */
	struct node *first, *last;
	uint32_t nchildren;
	size_t name_bytes;
};

struct item_ref {
	const struct tree_item *item;
};

/* An inode and how many of the items have it: open addressing, 0 is a free slot. */
struct file_count {
	uint64_t inode;
	uint32_t nlink;
};

struct builder {
	struct supply supply;
	struct open_dir *root, *last;
	uint32_t nrows, ndirs;
	struct file_count *files;
	size_t mask;
	uint64_t next_inode; /* for those that have none */
	struct extra *extras;
	size_t nextras;
	struct tng_error *err;
};

static unsigned type_bits(enum entry_type type) {
	switch (type) {
	case ENTRY_FILE:
		return S_IFREG;
	case ENTRY_DIR:
		return S_IFDIR;
	case ENTRY_SYMLINK:
		return S_IFLNK;
	case ENTRY_FIFO:
		return S_IFIFO;
	case ENTRY_SOCKET:
		return S_IFSOCK;
	case ENTRY_CHAR_DEVICE:
		return S_IFCHR;
	case ENTRY_BLOCK_DEVICE:
		return S_IFBLK;
	case ENTRY_UNKNOWN:
		return 0;
	}
	return 0;
}

static int compare_items(const void *a, const void *b) {
	const struct item_ref *left = a, *right = b;

	return path_cmp(left->item->path, right->item->path);
}

static bool is_clean(struct str path) {
	struct str name;
	bool more = true;

	while (more) {
		more = str_cut(path, '/', &name, &path);
		if (name.len == 0 || name.len > UINT8_MAX || str_eq(name, STR(".")) ||
				str_eq(name, STR("..")) || str_find(name, '\0') < name.len) {
			return false;
		}
	}
	return true;
}

static enum tng_code refuse(struct builder *b, struct str path, const char *why) {
	enum tng_code code = error_set(b->err, TNG_EINVAL, "%s", why);

	error_set_where(b->err, path);
	return code;
}

static struct file_count *file_slot(struct builder *b, uint64_t inode) {
	size_t at = (size_t)file_hash(0, inode);

	while (b->files[at & b->mask].inode != 0 && b->files[at & b->mask].inode != inode) {
		at++;
	}
	return &b->files[at & b->mask];
}

/* Links are counted first: every row needs the final number. */
static enum tng_code count_links(struct builder *b, const struct tree_item *items, size_t n) {
	size_t nslots = 16;

	while (nslots < n * 2) {
		nslots *= 2;
	}
	b->files = supply_work(&b->supply, nslots * sizeof(*b->files));
	if (b->files == NULL) {
		return error_nomem(b->err);
	}
	b->mask = nslots - 1;
	for (size_t i = 0; i < n; i++) {
		if (items[i].inode >= b->next_inode) {
			b->next_inode = items[i].inode + 1;
		}
		if (items[i].inode != 0 && items[i].type != ENTRY_DIR) {
			struct file_count *file = file_slot(b, items[i].inode);
			file->inode = items[i].inode;
			file->nlink++;
		}
	}
	return TNG_OK;
}

static struct open_dir *add_open_dir(struct builder *b, struct open_dir *parent) {
	struct open_dir *made = supply_work(&b->supply, sizeof(*made));

	if (made == NULL) {
		return NULL;
	}
	made->parent = parent;
	made->dir.parent = parent != NULL ? &parent->dir : NULL;
	made->dir.names = "";
	made->dir.nlink = 2;
	made->dir.fd = -1;
	if (b->last != NULL) {
		b->last->next = made;
	}
	b->last = made;
	b->ndirs++;
	return made;
}

/* Append a row to a directory; NULL when out of memory. */
static struct node *add_node(struct builder *b, struct open_dir *dir, struct str name,
		const struct tree_item *item) {
	struct node *node = supply_work(&b->supply, sizeof(*node));

	if (node == NULL) {
		return NULL;
	}
	node->item = item;
	node->name = name;
	if (item == NULL || item->type == ENTRY_DIR) {
		node->below = add_open_dir(b, dir);
		if (node->below == NULL) {
			return NULL;
		}
		dir->dir.nlink++;
	}
	if (dir->last != NULL) {
		dir->last->next = node;
	} else {
		dir->first = node;
	}
	dir->last = node;
	dir->nchildren++;
	dir->name_bytes += name.len + 1;
	if (item != NULL && item->type == ENTRY_SYMLINK) {
		dir->name_bytes += item->target.len + 1;
	}
	b->nrows++;
	return node;
}

/* Paths come in order: what a path shares with the one before is the last row at each level. */
static enum tng_code add_item(struct builder *b, const struct tree_item *item) {
	struct open_dir *dir = b->root;
	struct str rest = item->path, name;

	if (!is_clean(item->path)) {
		return refuse(b, item->path, "path is not clean");
	}
	while (str_cut(rest, '/', &name, &rest)) {
		struct node *above = dir->last;
		if (above == NULL || !str_eq(above->name, name)) {
			above = add_node(b, dir, name, NULL);
		} else if (above->below == NULL) {
			return refuse(b, item->path,
					"path is below something that is no directory");
		}
		if (above == NULL) {
			return error_nomem(b->err);
		}
		dir = above->below;
	}
	if (dir->last != NULL && str_eq(dir->last->name, name)) {
		return refuse(b, item->path, "path appears twice");
	}
	if (str_find(item->target, '\0') < item->target.len) {
		return refuse(b, item->path, "link target holds a NUL");
	}
	return add_node(b, dir, name, item) != NULL ? TNG_OK : error_nomem(b->err);
}

static enum tng_code sort_and_add(struct builder *b, const struct tree_item *items, size_t n) {
	struct item_ref *sorted =
			memory_resize(b->supply.memory, NULL, n > 0 ? n : 1, sizeof(*sorted));
	enum tng_code code = TNG_OK;

	if (sorted == NULL) {
		return error_nomem(b->err);
	}
	for (size_t i = 0; i < n; i++) {
		sorted[i].item = &items[i];
	}
	qsort(sorted, n, sizeof(*sorted), compare_items);
	for (size_t i = 0; i < n && code == TNG_OK; i++) {
		code = add_item(b, sorted[i].item);
	}
	free(sorted);
	return code;
}

static bool add_extra(struct builder *b, struct entry *e, uint64_t blocks, uint32_t nlink) {
	if ((b->nextras & (b->nextras - 1)) == 0) { /* full at each power of two */
		size_t cap = b->nextras > 0 ? b->nextras * 2 : 1;
		struct extra *grown =
				memory_resize(b->supply.memory, b->extras, cap, sizeof(*b->extras));
		if (grown == NULL) {
			return false;
		}
		b->extras = grown;
	}
	b->extras[b->nextras++] = (struct extra){ .entry = e, .blocks = blocks, .nlink = nlink };
	e->parent = (uint32_t)b->nextras;
	return true;
}

static bool fill_entry(struct builder *b, struct entry *e, const struct tree_item *item) {
	uint64_t size = item->type == ENTRY_SYMLINK ? item->target.len : item->size;
	uint64_t blocks = item->type == ENTRY_FILE
			? size / ENTRY_BYTES_A_BLOCK + (size % ENTRY_BYTES_A_BLOCK != 0)
			: 0;
	uint32_t nlink = 1;

	e->mtime_ns = item->mtime_ns;
	e->inode = item->inode != 0 ? item->inode : b->next_inode++;
	e->mode = (uint16_t)((item->mode & ~ENTRY_TYPE_MASK) | type_bits(item->type));
	if (item->type == ENTRY_DIR) {
		return true;
	}
	if (item->type == ENTRY_UNKNOWN) {
		e->mode = 0;
		e->os_errno = EIO;
		return true;
	}
	e->size = size;
	e->blocks = blocks < ENTRY_BLOCKS_MAX ? (uint32_t)blocks : ENTRY_BLOCKS_MAX;
	if (item->inode != 0) {
		nlink = file_slot(b, item->inode)->nlink;
	}
	return (nlink == 1 && e->blocks < ENTRY_BLOCKS_MAX) || add_extra(b, e, blocks, nlink);
}

static char *put_text(char *at, struct str text) {
	if (text.len > 0) {
		memcpy(at, text.ptr, text.len);
	}
	at[text.len] = '\0';
	return at + text.len + 1;
}

static enum tng_code give_rows(struct builder *b, struct open_dir *open) {
	static const struct tree_item made_up = { .type = ENTRY_DIR, .mode = 0755 };
	struct dir *dir = &open->dir;
	char *names = NULL;

	if (open->name_bytes > UINT32_MAX - 1) {
		return error_set(b->err, TNG_ELIMIT, "a directory has more than 4 GiB of names");
	}
	enum tng_code code =
			supply_entries(&b->supply, open->nchildren, &dir->children, &dir->first);
	if (code == TNG_OK) {
		names = supply_names(&b->supply, open->name_bytes + 1);
	}
	if (names == NULL) {
		return code == TNG_ELIMIT ? error_set(b->err, code, "more than 2^32-2 entries")
					  : error_nomem(b->err);
	}
	dir->names = names;
	char *at = put_text(names, STR(""));
	for (const struct node *node = open->first; node != NULL; node = node->next) {
		struct entry *e = &dir->children[dir->nchildren++];
		e->name = (uint32_t)(at - names);
		e->name_len = (uint8_t)node->name.len;
		at = put_text(at, node->name);
		if (node->item != NULL && node->item->type == ENTRY_SYMLINK) {
			at = put_text(at, node->item->target);
		}
		if (!fill_entry(b, e, node->item != NULL ? node->item : &made_up)) {
			return error_nomem(b->err);
		}
		if (node->below != NULL) {
			node->below->dir.entry = e;
			entry_set_dir(e, &node->below->dir);
		}
	}
	return TNG_OK;
}

static enum tng_code build(struct builder *b, const struct tree_item *items, size_t n) {
	struct entry *root_entry;
	uint32_t handle;

	b->root = add_open_dir(b, NULL);
	if (b->root == NULL || supply_entries(&b->supply, 1, &root_entry, &handle) != TNG_OK) {
		return error_nomem(b->err);
	}
	b->root->dir.entry = root_entry;
	b->root->dir.number = handle;
	b->nrows = 1;
	if (n > UINT32_MAX - 2) {
		return error_set(b->err, TNG_ELIMIT, "more than 2^32-2 entries");
	}
	enum tng_code code = count_links(b, items, n);
	if (code == TNG_OK) {
		code = sort_and_add(b, items, n);
	}
	*root_entry = (struct entry){
		.inode = b->next_inode++,
		.mode = S_IFDIR | 0755,
	};
	entry_set_dir(root_entry, &b->root->dir);
	for (struct open_dir *d = b->root; d != NULL && code == TNG_OK; d = d->next) {
		code = give_rows(b, d);
	}
	return code;
}

enum tng_code tree_from_items_failing(const struct tree_item *items, size_t n, size_t nallocs,
		struct tree **out, struct tng_error *err) {
	struct builder b = { .next_inode = 1, .err = err };
	struct tree *tree = tree_create();

	if (tree == NULL) {
		return error_nomem(err);
	}
	if (nallocs != NEVER_FAIL) {
		memory_fail_after(&tree->memory, nallocs);
	}
	supply_init(&b.supply, &tree->memory, true);
	enum tng_code code = build(&b, items, n);
	tree->extras = b.extras;
	tree->nextras = b.nextras;
	if (code == TNG_OK) {
		code = tree_number(tree, &b.root->dir, b.nrows, b.ndirs);
		if (code != TNG_OK) {
			code = error_nomem(err);
		}
	}
	if (code != TNG_OK) {
		tree_destroy(tree);
		return code;
	}
	tree->stats.nthreads = 1;
	*out = tree;
	return TNG_OK;
}

enum tng_code tree_from_items(
		const struct tree_item *items, size_t n, struct tree **out, struct tng_error *err) {
	return tree_from_items_failing(items, n, NEVER_FAIL, out, err);
}

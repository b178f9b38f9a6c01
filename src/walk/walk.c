/*
 * The walk as a whole: a root, the threads, the finished table.
 *
 *   tree_walk ─▶ crew.c: threads ─▶ queue.c: what to do ─▶ visit.c: a directory's entries
 *                                                            └─▶ reader_*.c, listing.c, sort.c
 *             ─▶ order.c: rows and numbers ─▶ hardlinks.c      ─▶ tree.c: reading the table
 */
#include "walk/crew.h"

#include "util/error.h"

static enum tng_code fail_root(struct tng_error *err, int os_errno) {
	return error_set_errno(err, os_errno, STR("."), "cannot read directory");
}

/* Row 0; NULL when out of memory. Its name, the empty one, is the NUL that its name block begins with. */
static struct dir *make_root(struct tree *tree, const struct facts *f) {
	struct supply supply;
	struct entry *e;
	uint32_t handle;

	supply_init(&supply, &tree->memory, true);
	struct dir *root = supply_work(&supply, sizeof(*root));
	if (root == NULL || supply_entries(&supply, 1, &e, &handle) != TNG_OK) {
		return NULL;
	}
	*e = (struct entry){
		.mtime_ns = f->mtime_ns,
		.inode = f->inode,
		.blocks = f->blocks < ENTRY_BLOCKS_MAX ? (uint32_t)f->blocks : ENTRY_BLOCKS_MAX - 1,
		.mode = f->mode,
	};
	*root = (struct dir){
		.entry = e,
		.names = "",
		.device = f->device,
		.nlink = f->nlink,
		.number = handle, /* until it gets its own */
		.fd = -1,
	};
	entry_set_dir(e, root);
	return root;
}

static enum tng_code fail_walk(enum tng_code code, struct tng_error *err) {
	return code == TNG_ELIMIT ? error_set(err, code, "more than 2^32-2 entries")
				  : error_nomem(err);
}

/* The working memory ends in tree_number(): what is needed of the crew is copied before. */
static enum tng_code fill_tree(
		struct tree *tree, struct crew *crew, unsigned njobs, struct tng_error *err) {
	struct facts facts;
	struct crew_result result;

	int failed = crew->ops->stat(crew->root_fd, "", &facts);
	if (failed != 0) {
		return fail_root(err, failed);
	}
	struct dir *root = make_root(tree, &facts);
	if (root == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = crew_walk(crew, root, njobs, &result);
	tree->extras = result.extras;
	tree->nextras = result.nextras;
	tree->stats = result.stats;
	if (code == TNG_OK && result.nentries > UINT32_MAX - 2) {
		code = TNG_ELIMIT;
	}
	if (code != TNG_OK) {
		return fail_walk(code, err);
	}
	if (root->os_errno != 0) {
		return fail_root(err, root->os_errno);
	}
	code = tree_number(tree, root, (uint32_t)result.nentries + 1, (uint32_t)result.ndirs + 1);
	return code == TNG_OK ? TNG_OK : fail_walk(code, err);
}

enum tng_code tree_walk_failing(int root_fd, const struct walk_options *options, size_t nallocs,
		struct tree **out, struct tng_error *err) {
	static const struct walk_options defaults = { 0 };
	const struct walk_options *o = options != NULL ? options : &defaults;
	uint64_t start_ns = thread_clock_ns();
	struct tree *tree = tree_create();

	if (tree == NULL) {
		return error_nomem(err);
	}
	if (nallocs != NEVER_FAIL) {
		memory_fail_after(&tree->memory, nallocs);
	}
	struct crew crew = {
		.memory = &tree->memory,
		.ops = reader_choose(o->portable),
		.root_fd = root_fd,
		.on_progress = o->on_progress,
		.user = o->user,
	};
	enum tng_code code = fill_tree(tree, &crew, o->njobs, err);
	if (code != TNG_OK) {
		tree_destroy(tree);
		return code;
	}
	tree->stats.elapsed_ns = thread_clock_ns() - start_ns;
	*out = tree;
	return TNG_OK;
}

enum tng_code tree_walk(int root_fd, const struct walk_options *options, struct tree **out,
		struct tng_error *err) {
	return tree_walk_failing(root_fd, options, NEVER_FAIL, out, err);
}

#include "digest/candidates.h"

#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#endif

/* Where a file begins on the disk, when other files share that block; 0: its own, or nobody knows. */
static uint64_t shared_block(struct tree_opener *opener, uint32_t row) {
	uint64_t block = 0;
#ifdef __linux__
	union {
		struct fiemap map;
		char room[sizeof(struct fiemap) + sizeof(struct fiemap_extent)];
	} ask;
	int fd = tree_opener_file(opener, row);

	if (fd < 0) {
		return 0;
	}
	memset(&ask, 0, sizeof(ask));
	ask.map.fm_length = FIEMAP_MAX_OFFSET;
	ask.map.fm_extent_count = 1;
	if (ioctl(fd, FS_IOC_FIEMAP, &ask.map) == 0 && ask.map.fm_mapped_extents == 1 &&
			(ask.map.fm_extents[0].fe_flags & FIEMAP_EXTENT_SHARED) != 0) {
		block = ask.map.fm_extents[0].fe_physical;
	}
	(void)close(fd);
#else
	(void)opener;
	(void)row;
#endif
	return block;
}

/* Leave one of each set of clones among n equal files; how many are left. */
static size_t leave_one(struct tree_opener *opener, struct candidate *list, size_t n) {
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		bool is_clone = false;
		list[i].block = shared_block(opener, list[i].row);
		for (size_t k = 0; k < kept && list[i].block != 0; k++) {
			is_clone = is_clone || list[k].block == list[i].block;
		}
		if (!is_clone) {
			list[kept++] = list[i];
		}
	}
	return kept;
}

void candidates_drop_clones(struct finder *f) {
	size_t kept = 0;

	for (size_t i = 0, end = 0; i < f->n; i = end) {
		end = candidates_alike_end(f, i);
		size_t n = leave_one(f->opener, &f->list[i], end - i);
		if (n > 1) {
			memmove(&f->list[kept], &f->list[i], n * sizeof(*f->list));
			kept += n;
		}
	}
	f->n = kept;
}

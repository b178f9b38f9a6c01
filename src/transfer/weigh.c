/*
 * Sums over the finished fates. Names of one file (hard links) count once in each sum, as the builders
 * send its content once, with the first name that is sent.
 */
#include "transfer/internal.h"

#include <stdlib.h>

#define GROUP_ON_DISK TRANSFER_FIRST_ON_DISK
#define GROUP_SENT TRANSFER_FIRST_SENT
#define GROUP_KEPT_OUT 4U

struct scales {
	const struct tree *tree;
	struct transfer_plan *plan;
	struct dir_weight *dirs;
	struct pattern_weight *patterns;
	const struct hard_link *links; /* in row order; the next one to meet */
	uint32_t nlinks;
	uint8_t *groups; /* per group of hard links: GROUP_* bits that some name has taken */
	uint8_t *names;  /* per hard link: GROUP_* bits that this name took; the next one to meet */
};

static void count_entry(struct weight *w, const struct entry *entry) {
	w->nentries++;
	switch (entry_type(entry)) {
	case ENTRY_FILE:
		w->nfiles++;
		break;
	case ENTRY_DIR:
		w->ndirs++;
		break;
	case ENTRY_SYMLINK:
		w->nsymlinks++;
		break;
	case ENTRY_FIFO:
	case ENTRY_SOCKET:
	case ENTRY_CHAR_DEVICE:
	case ENTRY_BLOCK_DEVICE:
	case ENTRY_UNKNOWN:
		w->nothers++;
		break;
	}
}

/* The group of a row with several names; the rows are asked for in order. NULL: it has one. */
static uint8_t *take_group(struct scales *s, uint32_t row) {
	if (s->nlinks == 0 || s->links->row != row) {
		return NULL;
	}
	uint8_t *group = &s->groups[s->links->group];
	s->links++;
	s->nlinks--;
	return group;
}

/* Whether this is the first name of the file in a sum; a file with one name always is. */
static bool first_name(uint8_t *group, uint8_t sum) {
	if (group == NULL) {
		return true;
	}
	bool first = (*group & sum) == 0;
	*group |= sum;
	return first;
}

static void weigh_sent_file(
		struct scales *s, uint32_t row, const struct entry *entry, uint8_t *group) {
	struct dir_weight *dir = &s->dirs[entry->parent];

	dir->eligible_files++;
	if (first_name(group, GROUP_SENT)) {
		s->plan->eligible.bytes += entry->size;
		s->plan->eligible.allocated += tree_allocated(s->tree, row);
		dir->eligible_bytes += entry->size;
	}
}

static void weigh_row(struct scales *s, uint32_t row) {
	const struct entry *entry = tree_entry(s->tree, row);
	struct dir_weight *dir = &s->dirs[entry->parent];
	bool sent = fate_is_sent(s->plan->fate[row]);
	uint8_t *group = take_group(s, row);

	count_entry(&s->plan->disk, entry);
	if (sent) {
		count_entry(&s->plan->eligible, entry);
	}
	uint8_t *name = group != NULL ? s->names++ : NULL;
	if (!entry_is_file(entry)) {
		return; /* a link with several names has its place among them, and no bytes */
	}
	uint8_t before = group != NULL ? *group : 0;
	dir->disk_files++;
	if (first_name(group, GROUP_ON_DISK)) {
		s->plan->disk.bytes += entry->size;
		s->plan->disk.allocated += tree_allocated(s->tree, row);
		dir->disk_bytes += entry->size;
	}
	if (sent) {
		weigh_sent_file(s, row, entry, group);
	}
	if (group != NULL) {
		*name = (uint8_t)(*group & ~before);
	}
}

/* What the deciding pattern gets for a row; all groups know by now whether they are sent. */
static void credit_row(struct scales *s, uint32_t row, bool is_exception) {
	const struct entry *entry = tree_entry(s->tree, row);
	struct pattern_weight *w = &s->patterns[s->plan->decider[row]];
	bool sent = fate_is_sent(s->plan->fate[row]);
	uint8_t *group = take_group(s, row);

	if (sent != is_exception) {
		return; /* an excluded parent that is sent, or an exception below what is pruned */
	}
	w->nentries++;
	if (!entry_is_file(entry)) {
		return;
	}
	w->nfiles++;
	bool weighs = group == NULL || sent || (*group & GROUP_SENT) == 0;
	if (weighs && first_name(group, GROUP_KEPT_OUT)) {
		w->bytes += entry->size;
	}
}

static void credit_patterns(struct scales *s, const struct ignore_set *set) {
	uint32_t nrows = tree_nrows(s->tree);

	s->links = tree_hard_links(s->tree, &s->nlinks);
	for (uint32_t row = 1; row < nrows; row++) {
		uint32_t decider = s->plan->decider[row];
		if (decider == IGNORE_NO_PATTERN) {
			(void)take_group(s, row);
		} else {
			credit_row(s, row, ignore_pattern(set, decider)->is_exception);
		}
	}
}

/* A directory's own sums into its parent's; children have the higher numbers. */
static void roll_up(struct scales *s) {
	for (uint32_t d = tree_ndirs(s->tree) - 1; d > 0; d--) {
		const struct dir_weight *from = &s->dirs[d];
		struct dir_weight *to = &s->dirs[tree_dir(s->tree, d)->parent];
		to->disk_bytes += from->disk_bytes;
		to->eligible_bytes += from->eligible_bytes;
		to->disk_files += from->disk_files;
		to->eligible_files += from->eligible_files;
	}
}

enum tng_code weigh(struct arena *a, const struct tree *tree, const struct ignore_set *set,
		struct transfer_plan *plan, struct tng_error *err) {
	uint32_t npatterns = set != NULL ? ignore_npatterns(set) : 0;
	struct scales s = {
		.tree = tree,
		.plan = plan,
		.dirs = arena_new(a, struct dir_weight, tree_ndirs(tree)),
		.patterns = arena_new(a, struct pattern_weight, npatterns),
	};

	s.links = tree_hard_links(tree, &s.nlinks);
	/* a group has two names at least, or the one that was seen */
	s.groups = calloc((size_t)s.nlinks + 1, sizeof(*s.groups));
	s.names = arena_new(a, uint8_t, s.nlinks);
	plan->links = s.names;
	if (s.dirs == NULL || s.patterns == NULL || s.groups == NULL || s.names == NULL) {
		free(s.groups);
		return error_nomem(err);
	}
	uint32_t nrows = tree_nrows(tree);
	for (uint32_t row = 1; row < nrows; row++) {
		weigh_row(&s, row);
	}
	roll_up(&s);
	if (npatterns > 0) {
		credit_patterns(&s, set);
	}
	free(s.groups);
	plan->dirs = s.dirs;
	plan->patterns = s.patterns;
	return TNG_OK;
}

/* ---- of a whole plan, what is asked for */

/* The group of a row that is sent, in row order; its name in the whole plan's list is `name`. */
static uint8_t *find_group(struct scales *s, uint32_t row, uint8_t **name) {
	for (; s->nlinks > 0 && s->links->row < row; s->nlinks--) {
		s->links++;
		s->names++;
	}
	*name = s->names;
	return s->nlinks > 0 && s->links->row == row ? &s->groups[s->links->group] : NULL;
}

static void weigh_sent_row(struct scales *s, uint32_t row) {
	const struct entry *entry = tree_entry(s->tree, row);

	count_entry(&s->plan->eligible, entry);
	if (!entry_is_file(entry)) {
		return;
	}
	uint8_t *name, *group = find_group(s, row, &name);
	uint8_t before = group != NULL ? *group : 0;
	weigh_sent_file(s, row, entry, group);
	if (group != NULL) {
		*name |= (uint8_t)(*group & ~before);
	}
}

/* What is on disk is taken over, and what is sent is added up anew. */
static void take_disk(struct scales *s, const struct transfer_plan *whole) {
	uint32_t ndirs = tree_ndirs(s->tree);

	s->plan->disk = whole->disk;
	roll_up(s);
	for (uint32_t d = 0; d < ndirs; d++) {
		s->dirs[d].disk_bytes = whole->dirs[d].disk_bytes;
		s->dirs[d].disk_files = whole->dirs[d].disk_files;
	}
}

enum tng_code weigh_asked(struct arena *a, const struct tree *tree,
		const struct transfer_plan *whole, struct transfer_plan *plan,
		struct tng_error *err) {
	uint32_t nrows = tree_nrows(tree);
	struct scales s = {
		.tree = tree,
		.plan = plan,
		.dirs = arena_new(a, struct dir_weight, tree_ndirs(tree)),
	};

	s.links = tree_hard_links(tree, &s.nlinks);
	s.groups = calloc((size_t)s.nlinks + 1, sizeof(*s.groups));
	s.names = arena_new(a, uint8_t, s.nlinks);
	plan->links = s.names;
	plan->dirs = s.dirs;
	if (s.dirs == NULL || s.groups == NULL || s.names == NULL) {
		free(s.groups);
		return error_nomem(err);
	}
	for (uint32_t i = 0; i < s.nlinks; i++) {
		s.names[i] = whole->links[i] & GROUP_ON_DISK;
	}
	for (uint32_t row = 1; row < nrows; row++) {
		if (fate_is_sent(plan->fate[row])) {
			weigh_sent_row(&s, row);
		}
	}
	take_disk(&s, whole);
	free(s.groups);
	return TNG_OK;
}

uint64_t transfer_bytes(const struct transfer_plan *plan, const struct tree *tree, uint32_t row,
		bool eligible) {
	const struct entry *entry = tree_entry(tree, row);
	uint32_t low = 0, n;
	const struct hard_link *links = tree_hard_links(tree, &n);

	if (!entry_is_file(entry) || (eligible && !fate_is_sent(plan->fate[row]))) {
		return 0;
	}
	for (uint32_t high = n; low < high;) {
		uint32_t mid = low + (high - low) / 2;
		if (links[mid].row < row) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	if (low == n || links[low].row != row) {
		return entry->size;
	}
	uint8_t first = eligible ? TRANSFER_FIRST_SENT : TRANSFER_FIRST_ON_DISK;
	return (plan->links[low] & first) != 0 ? entry->size : 0;
}

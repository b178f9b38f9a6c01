/*
 * BuildKit's transfer to the byte: fsutil's packets, protobuf messages without fields that are zero
 * (ignore-semantics 6.8 to 6.10).
 *
 *   Packet: type, Stat, ID, data           Stat: path, mode, size, mtime, link, major, minor, xattrs
 *
 *   every entry     STAT   1 + varint(S) + S
 *   its content     DATA   2 + ID + 1 + varint(n) + n, at most 32768 bytes each
 *                   DATA   2 + ID: that was all
 *   the end         FIN    2
 *
 * Owners are set to 0 by the client and cost nothing. The ID is the place in the list, from 0.
 */
#include "transfer/wire.h"

#include "util/buf.h"

#include <sys/types.h>

#if defined(__linux__)
#include <sys/sysmacros.h>
#endif

#define CHUNK_BYTES UINT64_C(32768)

/* FileMode bits of Go's io/fs */
#define GO_DIR (UINT32_C(1) << 31)
#define GO_SYMLINK (UINT32_C(1) << 27)
#define GO_DEVICE (UINT32_C(1) << 26)
#define GO_FIFO (UINT32_C(1) << 25)
#define GO_SETUID (UINT32_C(1) << 23)
#define GO_SETGID (UINT32_C(1) << 22)
#define GO_CHAR_DEVICE (UINT32_C(1) << 21)
#define GO_STICKY (UINT32_C(1) << 20)

static uint64_t varint(uint64_t value) {
	uint64_t n = 1;

	for (; value > 127; value >>= 7) {
		n++;
	}
	return n;
}

static uint64_t number_field(uint64_t value) {
	return value != 0 ? 1 + varint(value) : 0;
}

static uint64_t bytes_field(uint64_t len) {
	return len > 0 ? 1 + varint(len) + len : 0;
}

/* A socket has no bit of its own: it looks like a regular file. */
static uint32_t go_mode(const struct entry *entry) {
	static const uint32_t types[] = {
		[ENTRY_DIR] = GO_DIR,
		[ENTRY_SYMLINK] = GO_SYMLINK,
		[ENTRY_FIFO] = GO_FIFO,
		[ENTRY_CHAR_DEVICE] = GO_DEVICE | GO_CHAR_DEVICE,
		[ENTRY_BLOCK_DEVICE] = GO_DEVICE,
		[ENTRY_UNKNOWN] = 0,
	};
	uint32_t mode = (entry->mode & 0777U) | types[entry_type(entry)];

	mode |= (entry->mode & 04000U) != 0 ? GO_SETUID : 0;
	mode |= (entry->mode & 02000U) != 0 ? GO_SETGID : 0;
	mode |= (entry->mode & 01000U) != 0 ? GO_STICKY : 0;
	return mode;
}

/* All xattrs but those that macOS keeps for itself. An entry of the map has both fields, be they empty. */
static uint64_t xattrs_bytes(const struct wire_row *r) {
	uint64_t sum = 0;

	for (size_t i = 0; i < r->nxattrs; i++) {
		const struct tree_xattr *x = &r->xattrs[i];
		if (str_starts(x->name, STR("com.apple."))) {
			continue;
		}
		uint64_t pair = 1 + varint(x->name.len) + x->name.len + 1 + varint(x->value_bytes) +
				x->value_bytes;
		sum += 1 + varint(pair) + pair;
	}
	return sum;
}

static uint64_t stat_packet(const struct wire_row *r) {
	uint64_t device = entry_device_number(r->entry);
	uint64_t s = bytes_field(r->path_len) + number_field(go_mode(r->entry)) +
			number_field(entry_size(r->entry)) +
			number_field((uint64_t)r->entry->mtime_ns) + bytes_field(r->link.len) +
			number_field(major(device)) + number_field(minor(device)) + xattrs_bytes(r);

	return 1 + varint(s) + s;
}

static uint64_t content_packets(uint64_t id, uint64_t size) {
	uint64_t head = 2 + number_field(id), rest = size % CHUNK_BYTES;
	uint64_t full = head + 1 + varint(CHUNK_BYTES) + CHUNK_BYTES;

	return size / CHUNK_BYTES * full + (rest > 0 ? head + 1 + varint(rest) + rest : 0) + head;
}

static bool has_content(const struct wire_row *r) {
	enum entry_type type = entry_type(r->entry);

	return (type == ENTRY_FILE || type == ENTRY_SOCKET) && !r->is_later_name;
}

static void add_buildkit(struct wire_sum *sum, const struct wire_row *r) {
	struct transfer_wire *w = sum->wire;
	uint64_t id = w->npackets++, packet = stat_packet(r);

	w->stat_bytes += packet;
	w->first += packet;
	w->unchanged += packet;
	if (!has_content(r)) {
		return;
	}
	uint64_t size = entry_size(r->entry);
	w->nrequests++;
	w->first += content_packets(id, r->is_empty ? 0 : size);
	if (r->is_empty && size > 0) {
		/* the daemon's copy has 0 bytes, so it never equals what is announced */
		w->nrequests_unchanged++;
		w->unchanged += content_packets(id, 0);
	} else if (sum->options->changed != NULL && sum->options->changed[r->row] != 0) {
		w->nrequests_unchanged++;
		w->unchanged += content_packets(id, size);
	}
}

/* What is above all rows of a directory. */
struct above {
	size_t path_len; /* with a slash behind it; 0: the root */
	bool is_ascii;
};

struct walker {
	const struct tree *tree;
	const struct transfer_plan *plan;
	const struct wire_options *options;
	struct above *above; /* per directory number */
	uint32_t *first_row; /* per group of hard links: its first name that was sent, or TREE_NO_ROW */
	struct buf path, link;
	size_t nlinks, nxattrs, nempty; /* met so far */
};

static bool is_ascii(struct str s) {
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= 0x80) {
			return false;
		}
	}
	return true;
}

/* The group of a row with several names; rows are asked for in order. */
static uint32_t *take_group(struct walker *w, uint32_t row) {
	uint32_t n;
	const struct hard_link *links = tree_hard_links(w->tree, &n);

	while (w->nlinks < n && links[w->nlinks].row < row) {
		w->nlinks++;
	}
	return w->nlinks < n && links[w->nlinks].row == row ? &w->first_row[links[w->nlinks].group]
							    : NULL;
}

static void take_xattrs(struct walker *w, struct wire_row *r) {
	const struct wire_options *o = w->options;

	while (w->nxattrs < o->nxattrs && o->xattrs[w->nxattrs].row < r->row) {
		w->nxattrs++;
	}
	r->xattrs = o->xattrs + w->nxattrs;
	while (w->nxattrs < o->nxattrs && o->xattrs[w->nxattrs].row == r->row) {
		w->nxattrs++;
		r->nxattrs++;
	}
}

static bool take_empty(struct walker *w, uint32_t row) {
	const struct wire_options *o = w->options;

	while (w->nempty < o->nempty && o->empty[w->nempty].row < row) {
		w->nempty++;
	}
	return w->nempty < o->nempty && o->empty[w->nempty].row == row;
}

/* The target of a link, or the name under which the file was sent before. */
static void take_link(struct walker *w, struct wire_row *r) {
	uint32_t *group = take_group(w, r->row);

	if (group != NULL && *group != TREE_NO_ROW) {
		r->is_later_name = true;
		buf_clear(&w->link);
		tree_path(w->tree, *group, &w->link);
		r->link = buf_str(&w->link);
	} else if (group != NULL) {
		*group = r->row;
	}
	/* BuildKit: a link stays one, whatever other names it has */
	if (entry_type(r->entry) == ENTRY_SYMLINK &&
			(w->options->engine == TNG_ENGINE_BUILDKIT || !r->is_later_name)) {
		r->link = tree_link_target(w->tree, r->row);
	}
}

static void add_row(struct walker *w, uint32_t row, struct wire_sum *sum) {
	struct wire_row r = { .row = row, .entry = tree_entry(w->tree, row) };
	const struct above *above = &w->above[r.entry->parent];
	struct str name = tree_name(w->tree, r.entry);

	r.path_len = above->path_len + name.len;
	r.is_ascii = above->is_ascii && is_ascii(name);
	if (entry_is_dir(r.entry)) {
		w->above[(uint32_t)r.entry->size] = (struct above){ r.path_len + 1, r.is_ascii };
	}
	if (!fate_is_sent(w->plan->fate[row]) || r.entry->mode == 0) {
		return; /* mode 0: it was gone before it could be looked at */
	}
	take_link(w, &r);
	take_xattrs(w, &r);
	r.is_empty = take_empty(w, row);
	if (w->options->engine == TNG_ENGINE_BUILDKIT) {
		add_buildkit(sum, &r);
		return;
	}
	if (r.path_len > WIRE_TAR_NAME_BYTES - 1) {
		buf_clear(&w->path);
		tree_path(w->tree, row, &w->path);
		if (entry_is_dir(r.entry)) {
			buf_putc(&w->path, '/');
		}
		r.path = buf_str(&w->path);
	}
	r.is_ignore_file = r.entry->parent == 0 && !entry_is_dir(r.entry) &&
			str_eq(name, STR(".dockerignore"));
	wire_add_tar(sum, &r);
}

static bool walker_init(struct walker *w, struct arena *a) {
	uint32_t nlinks;

	(void)tree_hard_links(w->tree, &nlinks);
	w->above = arena_new(a, struct above, tree_ndirs(w->tree));
	w->first_row = arena_new(a, uint32_t, nlinks);
	if (w->above == NULL || w->first_row == NULL) {
		return false;
	}
	w->above[0].is_ascii = true;
	for (uint32_t i = 0; i < nlinks; i++) {
		w->first_row[i] = TREE_NO_ROW;
	}
	return true;
}

enum tng_code transfer_wire(struct arena *a, const struct tree *tree,
		const struct transfer_plan *plan, const struct wire_options *options,
		struct transfer_wire *out, struct tng_error *err) {
	struct walker w = { .tree = tree, .plan = plan, .options = options };
	struct transfer_wire wire = { 0 };
	struct wire_sum sum = { .wire = &wire, .options = options };
	struct arena_mark mark = arena_mark(a);

	if (options->engine == TNG_ENGINE_PODMAN || !fate_is_sent(plan->fate[0])) {
		*out = wire; /* copied from the folder, or nothing is asked for */
		return TNG_OK;
	}
	bool ok = walker_init(&w, a);
	for (uint32_t row = 1; ok && row < tree_nrows(tree); row++) {
		add_row(&w, row, &sum);
	}
	ok = ok && !buf_failed(&w.path) && !buf_failed(&w.link);
	buf_fini(&w.path);
	buf_fini(&w.link);
	arena_rewind(a, mark);
	if (!ok) {
		return error_nomem(err);
	}
	wire.happens = true;
	if (options->engine == TNG_ENGINE_BUILDKIT) {
		wire.first += 2;
		wire.unchanged += 2;
		wire.first_other = wire.first;
	} else {
		wire_end_tar(&sum);
	}
	*out = wire;
	return TNG_OK;
}

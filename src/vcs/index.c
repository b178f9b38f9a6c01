/*
 * gitformat-index(5). All numbers are big-endian.
 *
 *   "DIRC" version n | entry ... entry | extension ... extension | hash
 *
 *   entry    ctime 8, mtime 8, dev 4, ino 4, mode 4, uid 4, gid 4, size 4, object name, flags 2,
 *            (version 3 and up, if the flags say so: 2 more), path, NUL
 *            version 2 and 3: NULs up to a multiple of 8 bytes, at least one
 *            version 4: the path is what differs from the one before
 *   extension  name 4, size 4, data; a lower-case name must be understood
 */
#include "vcs/index.h"

#include "util/buf.h"
#include "util/file.h"
#include "util/path.h"
#include "vcs/split.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define HEADER_BYTES 12U
#define STAT_BYTES 40U
#define PATH_MAX_BYTES 65535U

enum { AT_MTIME = 8, AT_MODE = 24, AT_SIZE = 36 };
enum { FLAG_EXTENDED = 0x4000, FLAG_VALID = 0x8000, FLAG_STAGE_SHIFT = 12 };
enum { EXTENDED_SKIP_WORKTREE = 0x4000, EXTENDED_INTENT_TO_ADD = 0x2000 };

struct reader {
	struct arena *a;
	const unsigned char *bytes;
	size_t len, at;
	size_t oid_bytes;
	uint32_t version;
	const struct index_entry *last; /* the entry before; NULL: none */
	bool is_nomem;
};

static uint32_t number32(const unsigned char *p) {
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint16_t number16(const unsigned char *p) {
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* The offset encoding of packs: each further byte adds one before the shift. */
static bool read_varint(struct reader *r, size_t *value) {
	size_t v = 0;

	for (bool more = true; more;) {
		if (r->at >= r->len || v > PATH_MAX_BYTES) {
			return false;
		}
		unsigned char byte = r->bytes[r->at++];
		v = (v << 7) | (byte & 0x7FU);
		more = (byte & 0x80U) != 0;
		v += more;
	}
	*value = v;
	return true;
}

/* The NUL-terminated bytes at the reader's place. */
static bool read_text(struct reader *r, struct str *out) {
	const unsigned char *from = r->bytes + r->at;
	const unsigned char *nul = r->at < r->len ? memchr(from, 0, r->len - r->at) : NULL;

	if (nul == NULL || (size_t)(nul - from) > PATH_MAX_BYTES) {
		return false;
	}
	*out = str_make((const char *)from, (size_t)(nul - from));
	r->at += out->len + 1;
	return true;
}

static bool read_path4(struct reader *r, struct index_entry *e) {
	size_t strip;
	struct str tail;
	size_t last_len = r->last != NULL ? r->last->path_len : 0;

	if (!read_varint(r, &strip) || strip > last_len || !read_text(r, &tail)) {
		return false;
	}
	size_t kept = last_len - strip;
	char *path = arena_new(r->a, char, kept + tail.len + 1);
	if (path == NULL) {
		r->is_nomem = true;
		return false;
	}
	if (kept > 0) {
		memcpy(path, r->last->path, kept);
	}
	memcpy(path + kept, tail.ptr, tail.len);
	e->path = path;
	e->path_len = (uint32_t)(kept + tail.len);
	return true;
}

static bool read_path(struct reader *r, size_t begin, struct index_entry *e) {
	struct str path;

	if (r->version == 4) {
		return read_path4(r, e);
	}
	if (!read_text(r, &path)) {
		return false;
	}
	e->path = path.ptr;
	e->path_len = (uint32_t)path.len;
	r->at = begin + ((r->at - 1 - begin + 8) & ~(size_t)7);
	return r->at <= r->len;
}

static bool read_entry(struct reader *r, struct index_entry *e) {
	size_t begin = r->at, fixed = STAT_BYTES + r->oid_bytes + 2;
	const unsigned char *p = r->bytes + begin;
	unsigned extended = 0;

	if (r->len - begin < fixed + 2) {
		return false;
	}
	unsigned flags = number16(p + STAT_BYTES + r->oid_bytes);
	if ((flags & FLAG_EXTENDED) != 0) {
		extended = number16(p + fixed);
		fixed += 2;
	}
	e->oid = p + STAT_BYTES;
	e->size = number32(p + AT_SIZE);
	e->mode = (uint16_t)number32(p + AT_MODE);
	e->flags = (uint8_t)((flags >> FLAG_STAGE_SHIFT) & INDEX_STAGE_MASK);
	e->flags |= (flags & FLAG_VALID) != 0 ? INDEX_ASSUME_VALID : 0;
	e->flags |= (extended & EXTENDED_SKIP_WORKTREE) != 0 ? INDEX_SKIP_WORKTREE : 0;
	e->flags |= (extended & EXTENDED_INTENT_TO_ADD) != 0 ? INDEX_INTENT_TO_ADD : 0;
	e->flags |= number32(p + AT_MTIME) == 0 && e->size == 0 ? INDEX_NO_STAT : 0;
	r->at = begin + fixed;
	return read_path(r, begin, e);
}

/* By path, then by stage; the same twice is no index. */
static bool is_after(const struct index_entry *last, const struct index_entry *e) {
	int order = str_cmp(str_make(last->path, last->path_len), str_make(e->path, e->path_len));

	return order < 0 ||
			(order == 0 &&
					(last->flags & INDEX_STAGE_MASK) <
							(e->flags & INDEX_STAGE_MASK));
}

/* Extensions that must be understood: "link" is handed out, another's reason returned; empty: none. "TREE" is
 * handed out, too, but for a sparse index, whose entries it does not count. */
static struct str read_extensions(const struct reader *r, struct str *link, struct str *trees) {
	size_t at = r->at;
	bool is_sparse = false;

	*link = *trees = STR("");

	while (r->len - at >= 8 + r->oid_bytes) {
		const unsigned char *name = r->bytes + at;
		size_t size = number32(name + 4);
		bool is_link = memcmp(name, "link", 4) == 0;
		bool is_dirs = memcmp(name, "sdir", 4) == 0;
		bool is_known = is_link || is_dirs;
		if (name[0] >= 'a' && name[0] <= 'z' && !is_known) {
			return STR("its index has an extension that is not known");
		}
		if (size > r->len - at - 8 || (is_link && size < r->oid_bytes)) {
			return STR("its index is cut short");
		}
		struct str data = str_make((const char *)name + 8, size);
		*link = is_link ? data : *link;
		*trees = memcmp(name, "TREE", 4) == 0 ? data : *trees;
		is_sparse |= is_dirs;
		at += 8 + size;
	}
	*trees = is_sparse ? STR("") : *trees;
	return STR("");
}

/* Entries of a split index that replace one of the shared index have no path. */
static bool is_in_order(const struct index_entry *last, const struct index_entry *e) {
	return last == NULL || is_after(last, e) || (last->path_len == 0 && e->path_len == 0);
}

/* link: of a split index, the name of the shared one and what changed in it; else empty. */
static enum tng_code parse(struct arena *a, struct str bytes, size_t oid_bytes,
		struct index_table *out, struct str *link, struct str *problem,
		struct tng_error *err) {
	struct reader r = { .a = a,
		.bytes = (const unsigned char *)bytes.ptr,
		.len = bytes.len,
		.at = HEADER_BYTES,
		.oid_bytes = oid_bytes };

	*out = (struct index_table){ 0 };
	*link = STR("");
	*problem = STR("its index is no index");
	if (bytes.len < HEADER_BYTES || memcmp(bytes.ptr, "DIRC", 4) != 0) {
		return TNG_OK;
	}
	r.version = number32(r.bytes + 4);
	size_t n = number32(r.bytes + 8);
	if (r.version < 2 || r.version > 4) {
		*problem = STR("its index has a version that is not known");
		return TNG_OK;
	}
	*problem = STR("its index is cut short or damaged");
	if (n > bytes.len / (STAT_BYTES + oid_bytes + 2)) {
		return TNG_OK;
	}
	struct index_entry *entries = arena_new(a, struct index_entry, n);
	if (entries == NULL) {
		return error_nomem(err);
	}
	bool skips_worktree = false;
	for (size_t i = 0; i < n; i++) {
		bool is_well = read_entry(&r, &entries[i]) && is_in_order(r.last, &entries[i]);
		if (!is_well) {
			return r.is_nomem ? error_nomem(err) : TNG_OK;
		}
		r.last = &entries[i];
		skips_worktree |= (entries[i].flags & INDEX_SKIP_WORKTREE) != 0;
	}
	if (r.len - r.at < oid_bytes) {
		return TNG_OK; /* the hash at the end is not all there */
	}
	struct str trees, reason = read_extensions(&r, link, &trees);
	if (reason.len == 0 && link->len == 0 && n > 0 && entries[0].path_len == 0) {
		return TNG_OK; /* no path, and nothing that it replaces */
	}
	*problem = reason;
	if (problem->len == 0) {
		*out = (struct index_table){ entries, n, trees, skips_worktree };
	}
	return TNG_OK;
}

enum tng_code index_parse(struct arena *a, struct str bytes, size_t oid_bytes,
		struct index_table *out, struct str *problem, struct tng_error *err) {
	struct str link;
	enum tng_code code = parse(a, bytes, oid_bytes, out, &link, problem, err);

	if (code == TNG_OK && problem->len == 0 && link.len > 0) {
		*out = (struct index_table){ 0 };
		*problem = STR("its index is split in two files");
	}
	return code;
}

/* "sharedindex.<name>", beside the index. */
static struct str shared_path(struct arena *a, const char *path, struct str name) {
	static const char digits[] = "0123456789abcdef";
	struct buf b = { 0 };
	struct str copy = { 0 };

	buf_append(&b, path_dir(str_from(path)));
	buf_append(&b, STR("/sharedindex."));
	for (size_t i = 0; i < name.len; i++) {
		unsigned char byte = (unsigned char)name.ptr[i];
		buf_putc(&b, digits[byte >> 4]);
		buf_putc(&b, digits[byte & 15U]);
	}
	if (!buf_failed(&b)) {
		copy = arena_copy(a, buf_str(&b));
	}
	buf_fini(&b);
	return copy;
}

/* The other file of a split index; *out has the entries of the first. */
static enum tng_code add_shared(struct arena *a, const char *path, size_t oid_bytes,
		struct str link, struct index_table *out, struct str *problem,
		struct tng_error *err) {
	struct index_table own = *out, base;
	struct str shared = shared_path(a, path, str_take(link, oid_bytes)), bytes;
	struct tng_error why = { 0 };

	*out = (struct index_table){ 0 };
	if (shared.ptr == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = file_read(a, AT_FDCWD, shared.ptr, INDEX_MAX_BYTES, &bytes, &why);
	if (code == TNG_ENOMEM) {
		return error_pass(err, &why);
	}
	if (code != TNG_OK) {
		*problem = STR("its shared index cannot be read");
		return TNG_OK;
	}
	code = index_parse(a, bytes, oid_bytes, &base, problem, err);
	if (code == TNG_OK && problem->len == 0) {
		code = split_merge(a, &base, &own, str_skip(link, oid_bytes), out, problem, err);
	}
	return code;
}

enum tng_code index_read(struct arena *a, const char *path, size_t oid_bytes,
		struct index_table *out, struct str *problem, struct tng_error *err) {
	struct tng_error why = { 0 };
	struct str bytes;
	enum tng_code code = file_read(a, AT_FDCWD, path, INDEX_MAX_BYTES, &bytes, &why);

	*out = (struct index_table){ 0 };
	*problem = STR("");
	if (code == TNG_OK) {
		struct str link;
		code = parse(a, bytes, oid_bytes, out, &link, problem, err);
		bool is_split = code == TNG_OK && problem->len == 0 && link.len > 0;
		return is_split ? add_shared(a, path, oid_bytes, link, out, problem, err) : code;
	}
	if (code == TNG_ENOMEM) {
		return error_pass(err, &why);
	}
	if (code != TNG_EIO || why.os_errno != ENOENT) {
		*problem = arena_copy(a, str_from(why.text));
		return problem->ptr != NULL ? TNG_OK : error_nomem(err);
	}
	return TNG_OK;
}

/* The first entry from `low` on that is not below `key`. */
static size_t lower_bound(const struct index_table *table, size_t low, struct str key) {
	size_t high = table->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct index_entry *e = &table->entries[middle];
		if (str_cmp(str_make(e->path, e->path_len), key) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

const struct index_entry *index_find(const struct index_table *table, struct str path) {
	size_t at = lower_bound(table, 0, path);
	const struct index_entry *e = at < table->n ? &table->entries[at] : NULL;

	return e != NULL && str_eq(str_make(e->path, e->path_len), path) ? e : NULL;
}

void index_below(const struct index_table *table, struct str dir, size_t *first, size_t *end) {
	*first = lower_bound(table, 0, dir);
	*end = *first;
	size_t high = table->n;
	while (*end < high) {
		size_t middle = *end + (high - *end) / 2;
		const struct index_entry *e = &table->entries[middle];
		if (str_starts(str_make(e->path, e->path_len), dir)) {
			*end = middle + 1;
		} else {
			high = middle;
		}
	}
}

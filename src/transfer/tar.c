/*
 * The length of classic's tar stream (ignore-semantics 7): per entry a header of 512 bytes, content in
 * blocks of 512, and before it, where ustar cannot hold something, a PAX header and its records.
 */
#include "transfer/wire.h"

#include <sys/types.h>

#if defined(__linux__)
#include <sys/sysmacros.h>
#endif

#define BLOCK_BYTES UINT64_C(512)
#define END_BYTES (2 * BLOCK_BYTES)

/* ustar: 100 bytes of name, 155 of prefix before a slash; 11 octal digits; 7 of device numbers */
#define PREFIX_BYTES 155U
#define OCTAL_11_MAX INT64_C(8589934591)
#define OCTAL_7_MAX 2097151U

/* A capability of version 3 is written as one of version 2. */
#define CAPABILITY_V2_BYTES 20U
#define CAPABILITY_V3_BYTES 24U

/* ".dockerfile." and 20 digits; with two newlines, what is put behind .dockerignore; all of it when
 * there was none: ".dockerignore" in front */
#define INJECTED_LINES_BYTES 34U
#define INJECTED_IGNORE_BYTES 47U

static uint64_t padded(uint64_t size) {
	return (size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
}

static uint64_t ndigits(uint64_t value) {
	uint64_t n = 1;

	for (; value > 9; value /= 10) {
		n++;
	}
	return n;
}

/* "<length> <key>=<value>\n", the length counting itself */
static uint64_t record(uint64_t key_len, uint64_t value_len) {
	uint64_t rest = key_len + value_len + 3, total = rest + ndigits(rest);

	return rest + ndigits(total);
}

/* Go's splitUSTARPath(): at the last slash that leaves a prefix which fits. */
static bool splits(struct str path) {
	size_t len = path.len;

	if (len > PREFIX_BYTES + 1) {
		len = PREFIX_BYTES + 1;
	} else if (path.ptr[len - 1] == '/') {
		len--;
	}
	size_t i = str_find_last(str_take(path, len), '/');
	if (i == len || i == 0) {
		return false;
	}
	size_t rest = path.len - i - 1;
	return i <= PREFIX_BYTES && rest >= 1 && rest <= WIRE_TAR_NAME_BYTES;
}

static bool all_ascii(struct str s) {
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= 0x80) {
			return false;
		}
	}
	return true;
}

static uint64_t mtime_record(int64_t mtime_ns) {
	const int64_t second_ns = 1000000000;
	int64_t seconds = mtime_ns / second_ns - (mtime_ns % second_ns < 0);

	if (seconds >= 0 && seconds <= OCTAL_11_MAX) {
		return 0;
	}
	uint64_t digits =
			seconds < 0 ? 1 + ndigits((uint64_t)-seconds) : ndigits((uint64_t)seconds);
	return record(sizeof("mtime") - 1, digits);
}

static uint64_t capability_record(const struct wire_row *r) {
	for (size_t i = 0; i < r->nxattrs; i++) {
		uint64_t len = r->xattrs[i].value_bytes;
		if (str_eq(r->xattrs[i].name, STR("security.capability"))) {
			len = len == CAPABILITY_V3_BYTES ? CAPABILITY_V2_BYTES : len;
			return record(sizeof("SCHILY.xattr.security.capability") - 1, len);
		}
	}
	return 0;
}

/* The PAX header and its records; 0 when ustar holds it all. */
static uint64_t pax_bytes(const struct wire_row *r, uint64_t size) {
	uint64_t path_len = r->path_len + entry_is_dir(r->entry);
	bool is_long = path_len > WIRE_TAR_NAME_BYTES;
	uint64_t records = mtime_record(r->entry->mtime_ns) + capability_record(r);

	if (r->link.len > WIRE_TAR_NAME_BYTES || !all_ascii(r->link)) {
		records += record(sizeof("linkpath") - 1, r->link.len);
	}
	if (size > (uint64_t)OCTAL_11_MAX) {
		records += record(sizeof("size") - 1, ndigits(size));
	}
	/* a long name is among the records as soon as there are any */
	if (!r->is_ascii || (is_long && (records > 0 || !splits(r->path)))) {
		records += record(sizeof("path") - 1, path_len);
	}
	return records > 0 ? BLOCK_BYTES + padded(records) : 0;
}

void wire_add_tar(struct wire_sum *sum, const struct wire_row *r) {
	uint64_t device = entry_device_number(r->entry);
	bool has_content = entry_is_file(r->entry) && !r->is_later_name;
	uint64_t size = has_content ? r->entry->size : 0;

	if (major(device) > OCTAL_7_MAX || minor(device) > OCTAL_7_MAX) {
		return; /* logged and left out */
	}
	sum->wire->npackets++;
	sum->wire->nrequests += has_content;
	if (r->is_ignore_file && sum->options->injects_dockerfile) {
		sum->has_ignore_file = true; /* rewritten, with a header of its own */
		sum->wire->first += BLOCK_BYTES + padded(size + INJECTED_LINES_BYTES);
		return;
	}
	sum->wire->first += pax_bytes(r, size) + BLOCK_BYTES + padded(size);
}

/* The stream of a Dockerfile from elsewhere ends with the content of its last entry. New entries are
 * behind all others; if there are two, in any order. */
static void end_injected(struct wire_sum *sum) {
	struct transfer_wire *w = sum->wire;
	uint64_t size = sum->options->dockerfile_bytes;

	w->npackets++;
	w->first += BLOCK_BYTES + padded(size);
	uint64_t after_dockerfile = padded(size) - size;
	uint64_t after_ignore_file = after_dockerfile;
	if (!sum->has_ignore_file) {
		w->npackets++;
		w->first += BLOCK_BYTES + padded(INJECTED_IGNORE_BYTES);
		after_ignore_file = padded(INJECTED_IGNORE_BYTES) - INJECTED_IGNORE_BYTES;
	}
	w->first_other = w->first - after_ignore_file;
	w->first -= after_dockerfile;
}

void wire_end_tar(struct wire_sum *sum) {
	if (sum->options->injects_dockerfile) {
		end_injected(sum);
	} else {
		sum->wire->first += END_BYTES;
		sum->wire->first_other = sum->wire->first;
	}
	sum->wire->unchanged = sum->wire->first; /* classic knows nothing of what it sent before */
	sum->wire->nrequests_unchanged = sum->wire->nrequests;
}

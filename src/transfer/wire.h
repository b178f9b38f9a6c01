/* transfer/wire.h - one entry on its way out, as both formats see it. */
#ifndef TRANSFER_WIRE_H
#define TRANSFER_WIRE_H

#include "transfer/transfer.h"

/** The name field of a tar header; up to one byte less, wire_row's `path` is not made. */
#define WIRE_TAR_NAME_BYTES 100U

struct wire_row {
	uint32_t row;
	const struct entry *entry;
	size_t path_len; /* without the slash of a directory */
	struct str path; /* with it; empty when the name is short */
	struct str link; /* target of a link, or the earlier name of a hard link */
	const struct tree_xattr *xattrs;
	size_t nxattrs;
	bool is_ascii;       /* the path */
	bool is_later_name;  /* of a file that was sent before */
	bool is_empty;       /* BuildKit will not be able to open it */
	bool is_ignore_file; /* the .dockerignore of the root */
};

struct wire_sum {
	struct transfer_wire *wire;
	const struct wire_options *options;
	bool has_ignore_file;
};

/** An entry of classic's tar stream. */
void wire_add_tar(struct wire_sum *sum, const struct wire_row *r);

/** What comes behind the last entry. */
void wire_end_tar(struct wire_sum *sum);

#endif

/* digest/internal.h - what the files of this room share. */
#ifndef DIGEST_INTERNAL_H
#define DIGEST_INTERNAL_H

#include "digest/digest.h"

/** Whether an instruction selects an entry. */
bool manifest_is_by(const struct manifest_entry *entry, uint32_t instruction);

/** Paths in the order of a walk: component by component, bytes. */
int manifest_path_cmp(struct str a, struct str b);

#endif

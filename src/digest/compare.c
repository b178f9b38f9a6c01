/*
 * Two manifests, path by path. An instruction runs again when something that it selects, or selected, is
 * not the same; it is known again by its Dockerfile, stage and text, not by its line.
 */
#include "digest/internal.h"
#include "util/path.h"

#include <stdlib.h>
#include <string.h>

#define NO_INSTRUCTION UINT32_MAX

struct comparer {
	const struct manifest *before, *after;
	struct manifest_change *changes;
	size_t n;
	bool git_modes;
	uint32_t *was;             /* per instruction of `after`: the same one of `before` */
	struct manifest_bust *all; /* per instruction of `after` */
};

int manifest_path_cmp(struct str a, struct str b) {
	size_t n = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < n; i++) {
		unsigned char x = (unsigned char)a.ptr[i], y = (unsigned char)b.ptr[i];
		if (x != y) {
			/* '/' sorts before every byte: a directory's own name has ended */
			return x == '/' ? -1 : y == '/' ? 1 : x < y ? -1 : 1;
		}
	}
	return (a.len > b.len) - (a.len < b.len);
}

/* A pointer of Git LFS beside a file: the pointer itself, or what has the size of its content. */
static bool is_behind_pointer(const struct manifest_entry *a, const struct manifest_entry *b) {
	return a->type == b->type && !a->is_unread && !b->is_unread &&
			(digest_cmp(&a->digest, &b->digest) == 0 || a->size_bytes == b->size_bytes);
}

static bool is_same_content(const struct manifest_entry *a, const struct manifest_entry *b) {
	if (a->is_pointer != b->is_pointer) {
		return is_behind_pointer(a, b);
	}
	return a->type == b->type && a->size_bytes == b->size_bytes &&
			a->is_unread == b->is_unread && a->device == b->device &&
			digest_cmp(&a->digest, &b->digest) == 0 && str_eq(a->target, b->target);
}

static void add(struct comparer *c, enum manifest_change_kind kind,
		const struct manifest_entry *before, const struct manifest_entry *after) {
	c->changes[c->n++] = (struct manifest_change){ kind, before, after };
}

static bool is_same_mode(const struct comparer *c, const struct manifest_entry *a,
		const struct manifest_entry *b) {
	if (!c->git_modes) {
		return a->mode == b->mode;
	}
	return a->type != ENTRY_FILE || (a->mode & 0100U) == (b->mode & 0100U);
}

static void compare_entries(struct comparer *c) {
	const struct manifest *a = c->before, *b = c->after;

	for (size_t i = 0, k = 0; i < a->nentries || k < b->nentries;) {
		int order = i == a->nentries ? 1
				: k == b->nentries
				? -1
				: manifest_path_cmp(a->entries[i].path, b->entries[k].path);
		if (order < 0) {
			add(c, MANIFEST_REMOVED, &a->entries[i++], NULL);
			continue;
		}
		if (order > 0) {
			add(c, MANIFEST_ADDED, NULL, &b->entries[k++]);
			continue;
		}
		if (!is_same_content(&a->entries[i], &b->entries[k])) {
			add(c, MANIFEST_CHANGED, &a->entries[i], &b->entries[k]);
		} else if (!is_same_mode(c, &a->entries[i], &b->entries[k])) {
			add(c, MANIFEST_METADATA, &a->entries[i], &b->entries[k]);
		}
		i++;
		k++;
	}
}

static bool is_same_instruction(
		const struct manifest_instruction *a, const struct manifest_instruction *b) {
	return str_eq(a->dockerfile, b->dockerfile) && str_eq(a->stage, b->stage) &&
			str_eq(a->text, b->text);
}

/* The nth of equal ones is the nth of the others. */
static void match_instructions(struct comparer *c) {
	const struct manifest *a = c->before, *b = c->after;

	for (size_t k = 0; k < b->ninstructions; k++) {
		size_t nth = 0;
		c->was[k] = NO_INSTRUCTION;
		for (size_t i = 0; i < k; i++) {
			nth += is_same_instruction(&b->instructions[i], &b->instructions[k]);
		}
		for (size_t i = 0; i < a->ninstructions && c->was[k] == NO_INSTRUCTION; i++) {
			if (is_same_instruction(&a->instructions[i], &b->instructions[k]) &&
					nth-- == 0) {
				c->was[k] = (uint32_t)i;
			}
		}
	}
}

/* Whether an instruction selects one side of a change, where there is one. */
static bool selects(uint32_t instruction, const struct manifest_entry *entry) {
	return entry != NULL && manifest_is_by(entry, instruction);
}

/* The mode of a directory is not in the cache's key, whatever copies it (dockerd 28 says so, see
 * tests/oracle/diff_cached.py). */
static bool may_bust(const struct manifest_change *change) {
	return change->kind != MANIFEST_METADATA || change->after->type != ENTRY_DIR;
}

static bool busts(const struct comparer *c, const struct manifest_change *change, uint32_t k) {
	return may_bust(change) &&
			(selects(k, change->after) ||
					(c->was[k] != NO_INSTRUCTION &&
							selects(c->was[k], change->before)));
}

static bool bust(struct comparer *c, struct arena *a) {
	for (uint32_t k = 0; k < c->after->ninstructions; k++) {
		struct manifest_bust *b = &c->all[k];
		b->instruction = &c->after->instructions[k];
		b->is_new = c->was[k] == NO_INSTRUCTION;
		for (size_t i = 0; i < c->n; i++) {
			b->nchanges += busts(c, &c->changes[i], k);
		}
		uint32_t *changes = arena_new(a, uint32_t, b->nchanges);
		if (changes == NULL) {
			return false;
		}
		for (size_t i = 0, n = 0; n < b->nchanges; i++) {
			if (busts(c, &c->changes[i], k)) {
				changes[n++] = (uint32_t)i;
			}
		}
		b->changes = changes;
	}
	return true;
}

static bool is_in_stage_of(
		const struct manifest_instruction *a, const struct manifest_instruction *b) {
	return str_eq(a->dockerfile, b->dockerfile) && str_eq(a->stage, b->stage);
}

/* Leave those that run again. */
static size_t keep_busted(struct comparer *c) {
	size_t n = 0;

	for (size_t k = 0; k < c->after->ninstructions; k++) {
		if (c->all[k].nchanges == 0 && !c->all[k].is_new) {
			continue;
		}
		c->all[n] = c->all[k];
		c->all[n].is_first = true;
		for (size_t i = 0; i < n; i++) {
			if (is_in_stage_of(c->all[i].instruction, c->all[n].instruction)) {
				c->all[n].is_first = false;
			}
		}
		n++;
	}
	return n;
}

enum tng_code manifest_compare(struct arena *a, const struct manifest *before,
		const struct manifest *after, bool git_modes, struct manifest_diff *out,
		struct tng_error *err) {
	struct comparer c = {
		.git_modes = git_modes,
		.before = before,
		.after = after,
		.changes = arena_new(a, struct manifest_change, before->nentries + after->nentries),
		.was = arena_new(a, uint32_t, after->ninstructions),
		.all = arena_new(a, struct manifest_bust, after->ninstructions),
	};

	if (c.changes == NULL || c.was == NULL || c.all == NULL) {
		return error_nomem(err);
	}
	compare_entries(&c);
	match_instructions(&c);
	if (!bust(&c, a)) {
		return error_nomem(err);
	}
	*out = (struct manifest_diff){ .changes = c.changes, .n = c.n };
	for (size_t i = 0; i < c.n; i++) {
		out->nof_kind[c.changes[i].kind]++;
	}
	out->busted = c.all;
	out->nbusted = keep_busted(&c);
	return TNG_OK;
}

enum tng_code manifest_leave_out(struct arena *a, struct manifest *manifest, struct str path,
		struct tng_error *err) {
	struct manifest_entry *kept = arena_new(a, struct manifest_entry, manifest->nentries);
	size_t n = 0;

	if (kept == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < manifest->nentries; i++) {
		if (!path_is_below(manifest->entries[i].path, path)) {
			kept[n++] = manifest->entries[i];
		}
	}
	manifest->entries = kept;
	manifest->nentries = n;
	return TNG_OK;
}

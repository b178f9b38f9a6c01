/*
 * ignore/regexp_class.h - a set of characters as a class of RE2 names it, written for PCRE2.
 *
 * Private to the regexp files of the room.
 */
#ifndef IGNORE_REGEXP_CLASS_H
#define IGNORE_REGEXP_CLASS_H

#include "util/buf.h"
#include "util/str.h"
#include "util/vec.h"

#define REGEXP_RUNE_MAX 0x10FFFFU

struct code_range {
	uint32_t first, last;
};

struct class_property {
	const char *prefix, *name; /* as PCRE2 writes them: "sc:", "Greek" */
	bool is_negated;
};

/** Zero-initialised: the empty class. char_class_fini() frees it. */
struct char_class {
	struct {
		VEC_FIELDS(struct code_range)
	} ranges;
	struct {
		VEC_FIELDS(struct class_property)
	} properties;
	bool is_negated;
	bool failed; /* out of memory; sticky */
};

void char_class_fini(struct char_class *c);

/** Empty again, the memory and the failure are kept. */
void char_class_clear(struct char_class *c);

/** Surrogates may be named but are left out: no text holds them, and PCRE2 refuses them. */
void char_class_add_range(struct char_class *c, uint32_t first, uint32_t last);

/** What \d \D \s \S \w \W stand for in RE2 (ASCII); false when `letter` is none of these. */
bool char_class_add_perl(struct char_class *c, char letter);

/** A name between "[:" and ":]", perhaps with '^' in front; false when it is unknown. */
bool char_class_add_posix(struct char_class *c, struct str name);

/** A name of \p{...}, exactly as Go's unicode package spells it; false when it is unknown. */
bool char_class_add_property(struct char_class *c, struct str name, bool is_negated);

/** Write the class in PCRE2's syntax, printable ASCII only; never an empty "[]". */
void char_class_emit(const struct char_class *c, struct buf *out);

/** Write one character so that PCRE2 takes it literally, in or outside a class. */
void regexp_emit_literal(uint32_t rune, struct buf *out);

#endif

/*
 * classify/literals.h - which probes a text may match: a look for the literals that each of them must have.
 */
#ifndef CLASSIFY_LITERALS_H
#define CLASSIFY_LITERALS_H

#include "classify/table.h"

/** A bit for each probe of reach key or token that has one of its literals in the text. */
uint64_t literals_in(struct str text);

#endif

/* report/table.h - aligned text for people. */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include "report/report.h"
#include "util/size.h"

enum style {
	STYLE_PLAIN,
	STYLE_BOLD,
	STYLE_DIM,
	STYLE_RED,
	STYLE_YELLOW,
};

/** Text in a style, where the sink shows colour. */
void put_styled(struct sink *sink, enum style style, struct str text);

/** Right-aligned in `width` columns; ASCII only. */
void put_right(struct sink *sink, const char *text, int width);

/** ":line:column" behind a file's name, as far as they are known. */
void put_position(struct sink *sink, const struct finding *f);

/** "s" unless n is 1. */
static inline const char *plural(uint64_t n) {
	return n == 1 ? "" : "s";
}

#endif

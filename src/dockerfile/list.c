#include "dockerfile/internal.h"

#include <stdarg.h>
#include <stdio.h>

#define LIST_MIN 8

void *list_grow(struct arena *a, void *ptr, size_t *cap, size_t len, size_t size_bytes) {
	if (len < *cap) {
		return ptr;
	}
	size_t bigger = *cap > 0 ? *cap * 2 : LIST_MIN;
	void *grown = arena_alloc_array(a, bigger, size_bytes);
	if (grown == NULL) {
		return ptr;
	}
	if (len > 0) {
		memcpy(grown, ptr, len * size_bytes);
	}
	*cap = bigger;
	return grown;
}

static enum diagnostic_severity severity_of(enum diagnostic_kind kind) {
	switch (kind) {
	case DIAGNOSTIC_LATE_DIRECTIVE:
	case DIAGNOSTIC_MAINTAINER:
	case DIAGNOSTIC_STAGE_CASE:
	case DIAGNOSTIC_LEGACY_PAIR:
		return DIAGNOSTIC_NOTE;
	case DIAGNOSTIC_EMPTY_CONTINUATION:
	case DIAGNOSTIC_NOT_JSON:
	case DIAGNOSTIC_DUPLICATE_STAGE:
	case DIAGNOSTIC_MISSING_ARG:
		break;
	}
	return DIAGNOSTIC_WARNING;
}

bool diagnostic_add(struct arena *a, struct diagnostic_list *list, enum diagnostic_kind kind,
		uint32_t line, uint32_t column, const char *format, ...) {
	char text[256];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	struct diagnostic *d = LIST_PUSH(a, list);
	if (d == NULL) {
		return false;
	}
	*d = (struct diagnostic){ .kind = kind,
		.severity = severity_of(kind),
		.line = line,
		.column = column,
		.text = arena_copy(a, str_from(text)) };
	return d->text.ptr != NULL;
}

#include "report/report.h"

#include "util/file.h"
#include "util/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SINK_FLUSH_BYTES ((size_t)64 << 10)

void sink_init(struct sink *sink, int fd, bool color) {
	struct winsize size = { 0 };

	*sink = (struct sink){ .fd = fd, .is_terminal = isatty(fd) == 1, .color = color };
	if (sink->is_terminal && ioctl(fd, TIOCGWINSZ, &size) == 0) {
		sink->columns = size.ws_col;
	}
}

void sink_init_memory(struct sink *sink) {
	*sink = (struct sink){ .fd = -1 };
}

void sink_flush(struct sink *sink) {
	if (sink->fd < 0) {
		return; /* memory keeps all of it */
	}
	if (sink->os_errno == 0) {
		sink->os_errno = buf_failed(&sink->buf)
				? ENOMEM
				: file_write_all(sink->fd, buf_str(&sink->buf));
	}
	buf_clear(&sink->buf);
}

int sink_fini(struct sink *sink) {
	sink_flush(sink);
	buf_fini(&sink->buf);
	return sink->os_errno;
}

static void flush_if_full(struct sink *sink) {
	if (sink->fd >= 0 && sink->buf.len >= SINK_FLUSH_BYTES) {
		sink_flush(sink);
	}
}

void sink_put(struct sink *sink, struct str s) {
	buf_append(&sink->buf, s);
	flush_if_full(sink);
}

void sink_printf(struct sink *sink, const char *format, ...) {
	char text[512];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	size_t len = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
	sink_put(sink, str_make(text, len));
}

/* Controls, and characters that are invisible or reorder what is around them. */
static bool is_unsafe(uint32_t rune) {
	return rune < 0x20 || (rune >= 0x7F && rune < 0xA0) || (rune >= 0x200B && rune <= 0x200F) ||
			(rune >= 0x2028 && rune <= 0x202E) || (rune >= 0x2060 && rune <= 0x206F) ||
			rune == 0xFEFF || rune == 0x061C;
}

static void put_escape(struct sink *sink, uint32_t rune, unsigned char byte, bool is_byte) {
	switch (is_byte ? 0 : rune) {
	case '\n':
		sink_put(sink, STR("\\n"));
		break;
	case '\t':
		sink_put(sink, STR("\\t"));
		break;
	case '\r':
		sink_put(sink, STR("\\r"));
		break;
	default:
		if (is_byte || rune < 0x80) {
			sink_printf(sink, "\\x%02x", is_byte ? byte : (unsigned)rune);
		} else {
			sink_printf(sink, "\\u%04x", (unsigned)rune);
		}
		break;
	}
}

/* "##[group]" and "##vso[...]" are commands to the runners of GitHub and Azure, wherever in a line they stand. */
static bool is_command(struct str s) {
	return str_starts(s, STR("##[")) || str_starts(s, STR("##vso["));
}

void sink_put_safe(struct sink *sink, struct str s) {
	while (s.len > 0) {
		uint32_t rune;
		unsigned n = utf8_decode(s, &rune);
		bool is_byte = n == 1 && rune == UTF8_INVALID;
		if (is_byte || is_unsafe(rune) || is_command(s)) {
			put_escape(sink, rune, (unsigned char)s.ptr[0], is_byte);
		} else {
			sink_put(sink, str_take(s, n));
		}
		s = str_skip(s, n);
	}
}

struct str report_safe(struct arena *a, struct str text) {
	struct str safe = { NULL, 0 };
	struct sink sink;

	if (text.ptr == NULL) {
		return safe;
	}
	sink_init_memory(&sink);
	sink_put_safe(&sink, text);
	if (!buf_failed(&sink.buf)) {
		safe = arena_copy(a, buf_str(&sink.buf));
	}
	buf_fini(&sink.buf);
	return safe;
}

void sink_put_path(struct sink *sink, struct str s) {
	if (sink->is_terminal) {
		sink_put_safe(sink, s);
	} else {
		sink_put(sink, s);
	}
}

struct str report_utf8(struct arena *a, struct str text) {
	if (utf8_is_valid(text)) {
		return text;
	}
	char *out = text.len < SIZE_MAX / 3 ? arena_alloc(a, 3 * text.len + 1) : NULL;
	size_t n = 0;
	while (out != NULL && text.len > 0) {
		uint32_t rune;
		unsigned taken = utf8_decode(text, &rune);
		n += utf8_put(rune, out + n);
		text = str_skip(text, taken);
	}
	return str_make(out, n);
}

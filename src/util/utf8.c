#include "util/utf8.h"

static bool is_continuation(char c) {
	return ((unsigned char)c & 0xC0U) == 0x80U;
}

unsigned utf8_decode(struct str s, uint32_t *rune) {
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = (unsigned char)s.ptr[0];
	unsigned n = lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF8 ? 4 : 0;

	if (lead < 0x80) {
		*rune = lead;
		return 1;
	}
	*rune = UTF8_INVALID;
	if (n == 0 || s.len < n) {
		return 1;
	}
	uint32_t value = lead & (0x7FU >> n);
	for (unsigned i = 1; i < n; i++) {
		if (!is_continuation(s.ptr[i])) {
			return 1;
		}
		value = value << 6 | ((unsigned char)s.ptr[i] & 0x3FU);
	}
	if (value < least[n] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
		return 1;
	}
	*rune = value;
	return n;
}

unsigned utf8_put(uint32_t rune, char out[4]) {
	if (rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF)) {
		rune = UTF8_INVALID;
	}
	if (rune < 0x80) {
		out[0] = (char)rune;
		return 1;
	}
	if (rune < 0x800) {
		out[0] = (char)(0xC0U | rune >> 6);
		out[1] = (char)(0x80U | (rune & 0x3FU));
		return 2;
	}
	if (rune < 0x10000) {
		out[0] = (char)(0xE0U | rune >> 12);
		out[1] = (char)(0x80U | (rune >> 6 & 0x3FU));
		out[2] = (char)(0x80U | (rune & 0x3FU));
		return 3;
	}
	out[0] = (char)(0xF0U | rune >> 18);
	out[1] = (char)(0x80U | (rune >> 12 & 0x3FU));
	out[2] = (char)(0x80U | (rune >> 6 & 0x3FU));
	out[3] = (char)(0x80U | (rune & 0x3FU));
	return 4;
}

bool utf8_is_valid(struct str s) {
	while (s.len > 0) {
		uint32_t rune;
		unsigned n = utf8_decode(s, &rune);
		if (n == 1 && rune == UTF8_INVALID) {
			return false;
		}
		s = str_skip(s, n);
	}
	return true;
}

bool utf8_is_space(uint32_t rune) {
	switch (rune) {
	case ' ':
	case 0x85:
	case 0xA0:
	case 0x1680:
	case 0x2028:
	case 0x2029:
	case 0x202F:
	case 0x205F:
	case 0x3000:
		return true;
	default:
		return (rune >= 0x09 && rune <= 0x0D) || (rune >= 0x2000 && rune <= 0x200A);
	}
}

/* Bytes of the last character: steps back over at most three continuation bytes. */
static unsigned decode_last(struct str s, uint32_t *rune) {
	size_t start = s.len - 1;

	for (unsigned back = 0; back < 3 && start > 0 && is_continuation(s.ptr[start]); back++) {
		start--;
	}
	unsigned n = utf8_decode(str_skip(s, start), rune);
	if (start + n != s.len) {
		*rune = UTF8_INVALID;
		return 1;
	}
	return n;
}

struct str utf8_trim(struct str s) {
	uint32_t rune;

	while (s.len > 0) {
		unsigned n = utf8_decode(s, &rune);
		if (!utf8_is_space(rune)) {
			break;
		}
		s = str_skip(s, n);
	}
	while (s.len > 0) {
		unsigned n = decode_last(s, &rune);
		if (!utf8_is_space(rune)) {
			break;
		}
		s.len -= n;
	}
	return s;
}

struct rune_range {
	uint32_t first, last;
};

static bool in_ranges(const struct rune_range *ranges, size_t n, uint32_t rune) {
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (rune > ranges[mid].last) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low < n && rune >= ranges[low].first;
}

unsigned utf8_width(uint32_t rune) {
	/* the blocks that matter in file names; a name in another script is at worst misaligned */
	static const struct rune_range zero[] = {
		{ 0x0300, 0x036F },
		{ 0x0483, 0x0489 },
		{ 0x0591, 0x05BD },
		{ 0x064B, 0x065F },
		{ 0x1AB0, 0x1AFF },
		{ 0x1DC0, 0x1DFF },
		{ 0x200B, 0x200F },
		{ 0x202A, 0x202E },
		{ 0x2060, 0x206F },
		{ 0x20D0, 0x20FF },
		{ 0x302A, 0x302D },
		{ 0xFE00, 0xFE0F },
		{ 0xFE20, 0xFE2F },
		{ 0xFEFF, 0xFEFF },
	};
	static const struct rune_range wide[] = {
		{ 0x1100, 0x115F },
		{ 0x231A, 0x231B },
		{ 0x2E80, 0x303E },
		{ 0x3041, 0xA4CF },
		{ 0xA960, 0xA97F },
		{ 0xAC00, 0xD7A3 },
		{ 0xF900, 0xFAFF },
		{ 0xFE30, 0xFE6F },
		{ 0xFF00, 0xFF60 },
		{ 0xFFE0, 0xFFE6 },
		{ 0x1F300, 0x1F64F },
		{ 0x1F680, 0x1F6FF },
		{ 0x1F900, 0x1F9FF },
		{ 0x20000, 0x3FFFD },
	};

	if (rune < 0x300) {
		return 1;
	}
	if (in_ranges(zero, sizeof(zero) / sizeof(zero[0]), rune)) {
		return 0;
	}
	return in_ranges(wide, sizeof(wide) / sizeof(wide[0]), rune) ? 2 : 1;
}

/*
 * A glob is in one chain: that of the two bytes at its end, or of the one; where a wildcard is there, of
 * those at its start; "*" is in the last.
 */
#include "util/globs.h"

#define PAIRS 1024U
#define BYTES 256U

/* where the chains of each kind begin */
enum {
	END_PAIR = 0,
	END_BYTE = PAIRS,
	START_PAIR = END_BYTE + BYTES,
	START_BYTE = START_PAIR + PAIRS
};
enum { ANY = START_BYTE + BYTES, NHEADS };

static bool is_plain(char c) {
	return c != '*' && c != '?' && c != '[' && c != ']' && c != '\\';
}

static uint32_t fold(char c) {
	return (unsigned char)c | 0x20U;
}

static uint32_t pair(const char *two) {
	return (fold(two[0]) * 31U ^ fold(two[1])) & (PAIRS - 1);
}

/* The chain of a plain end or start; ANY: it is empty. */
static uint32_t end_chain(struct str end) {
	if (end.len >= 2) {
		return END_PAIR + pair(end.ptr + end.len - 2);
	}
	return end.len == 1 ? END_BYTE + fold(end.ptr[0]) : ANY;
}

static uint32_t start_chain(struct str start) {
	if (start.len >= 2) {
		return START_PAIR + pair(start.ptr);
	}
	return start.len == 1 ? START_BYTE + fold(start.ptr[0]) : ANY;
}

static uint32_t chain_of(struct str glob) {
	size_t start = 0, end = glob.len;

	while (end > 0 && is_plain(glob.ptr[end - 1])) {
		end--;
	}
	while (start < glob.len && is_plain(glob.ptr[start])) {
		start++;
	}
	return end < glob.len ? end_chain(str_skip(glob, end)) : start_chain(str_take(glob, start));
}

static uint64_t pair_bit(const char *two) {
	return UINT64_C(1) << (pair(two) & 63);
}

/* A bit for each two bytes that stand together. */
static uint64_t pairs_of_name(struct str name) {
	uint64_t pairs = 0;

	for (size_t i = 1; i < name.len; i++) {
		pairs |= pair_bit(name.ptr + i - 1);
	}
	return pairs;
}

/* Of those that the names it takes have, too: up to the first set or escape. */
static uint64_t pairs_of_glob(struct str glob) {
	uint64_t pairs = 0;

	for (size_t i = 1; i < glob.len && glob.ptr[i - 1] != '[' && glob.ptr[i - 1] != '\\'; i++) {
		if (is_plain(glob.ptr[i - 1]) && is_plain(glob.ptr[i])) {
			pairs |= pair_bit(glob.ptr + i - 1);
		}
	}
	return pairs;
}

bool globs_make(struct arena *a, const struct str *globs, uint32_t n, struct globs *out) {
	uint32_t *heads = arena_new(a, uint32_t, NHEADS), *next = arena_new(a, uint32_t, n);
	uint64_t *pairs = arena_new(a, uint64_t, n);

	if (heads == NULL || next == NULL || pairs == NULL) {
		return false;
	}
	for (size_t i = 0; i < NHEADS; i++) {
		heads[i] = GLOBS_NONE;
	}
	/* from the last one, so that a chain begins with its lowest number */
	for (uint32_t i = n; i > 0; i--) {
		uint32_t chain = chain_of(globs[i - 1]);
		next[i - 1] = heads[chain];
		heads[chain] = i - 1;
		pairs[i - 1] = pairs_of_glob(globs[i - 1]);
	}
	*out = (struct globs){ heads, next, pairs };
	return true;
}

/* From a glob of a chain on: the first one whose pairs the name has. */
static uint32_t find_fit(const struct globs *globs, uint32_t at, uint64_t pairs) {
	while (at != GLOBS_NONE && (globs->pairs[at] & ~pairs) != 0) {
		at = globs->next[at];
	}
	return at;
}

struct globs_turn globs_ask(const struct globs *globs, struct str name) {
	const uint32_t *heads = globs->heads;
	struct str last = str_skip(name, name.len > 0 ? name.len - 1 : 0),
		   first = str_take(name, 1);
	struct globs_turn turn = { { heads[ANY], GLOBS_NONE, GLOBS_NONE, GLOBS_NONE, GLOBS_NONE },
		pairs_of_name(name) };

	if (name.len > 0) {
		turn.at[1] = heads[end_chain(last)];
		turn.at[2] = heads[start_chain(first)];
	}
	if (name.len > 1) {
		turn.at[3] = heads[end_chain(name)];
		turn.at[4] = heads[start_chain(name)];
	}
	for (size_t i = 0; i < GLOBS_NCHAINS; i++) {
		turn.at[i] = find_fit(globs, turn.at[i], turn.pairs);
	}
	return turn;
}

uint32_t globs_next(const struct globs *globs, struct globs_turn *turn) {
	size_t lowest = 0;

	for (size_t i = 1; i < GLOBS_NCHAINS; i++) {
		lowest = turn->at[i] < turn->at[lowest] ? i : lowest;
	}
	uint32_t number = turn->at[lowest];
	if (number != GLOBS_NONE) {
		turn->at[lowest] = find_fit(globs, globs->next[number], turn->pairs);
	}
	return number;
}

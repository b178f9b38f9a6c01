/*
 * A name finds its rules: the exact ones by hash, the globs by what they end in or begin with. Its bytes
 * are read once, into a key; most names of a tree find nothing, and the key alone says so.
 */
#include "classify/rules.h"

#include "util/gomatch.h"

static bool affix_matches(struct str name, struct str pattern, uint8_t prefix, uint8_t suffix) {
	return name.len >= (size_t)prefix + suffix && memcmp(name.ptr, pattern.ptr, prefix) == 0 &&
			memcmp(name.ptr + name.len - suffix, pattern.ptr + pattern.len - suffix,
					suffix) == 0;
}

/* The literals between the stars, one after the other. */
static bool stars_match(struct str name, struct str pattern, uint8_t prefix, uint8_t suffix) {
	struct str rest = str_make(name.ptr + prefix, name.len - prefix - suffix);
	struct str left = str_make(pattern.ptr + prefix, pattern.len - prefix - suffix), piece;

	while (left.len > 0) {
		(void)str_cut(left, '*', &piece, &left);
		if (piece.len == 0) {
			continue;
		}
		const char *at = memmem(rest.ptr, rest.len, piece.ptr, piece.len);
		if (at == NULL) {
			return false;
		}
		rest = str_skip(rest, (size_t)(at - rest.ptr) + piece.len);
	}
	return true;
}

static bool pattern_matches(struct str name, struct str pattern, uint8_t shape, uint8_t prefix,
		uint8_t suffix) {
	if (shape == NAME_EXACT) {
		return str_eq(name, pattern);
	}
	if (!affix_matches(name, pattern, prefix, suffix)) {
		return false;
	}
	return shape == NAME_AFFIX ||
			(shape == NAME_STARS && stars_match(name, pattern, prefix, suffix)) ||
			(shape == NAME_WILD && gomatch(pattern, name) == GOMATCH_YES);
}

bool class_name_matches(const struct rule_name *wanted, struct str name) {
	struct str pattern = str_make(class_pool + wanted->text, wanted->len);

	return pattern_matches(name, pattern, wanted->shape, wanted->prefix, wanted->suffix);
}

/* What one pass over a name's bytes says. */
struct name_key {
	uint32_t hash, ext_hash; /* of all of it, and from the last dot */
	size_t dot;              /* where that is; the length: nowhere */
	uint64_t letters;        /* as struct bucket_row has them */
};

/* FNV-1a, ASCII letters lower-cased; as generate.py has it. */
#define HASH_START 2166136261U
#define HASH_PRIME 16777619U

static uint32_t hash_end(uint32_t h) {
	return h ^ (h >> 15);
}

static struct name_key key_of(struct str name) {
	struct name_key key = { HASH_START, HASH_START, name.len, 0 };
	uint64_t dots = 0;

	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];
		unsigned folded = c >= 'A' && c <= 'Z' ? c + 32U : c;
		bool is_dot = c == '.';
		key.hash = (key.hash ^ folded) * HASH_PRIME;
		key.ext_hash = ((is_dot ? HASH_START : key.ext_hash) ^ folded) * HASH_PRIME;
		key.dot = is_dot ? i : key.dot;
		dots += is_dot;
		key.letters |= 1ULL << class_letters[c];
	}
	key.letters |= dots > 1 ? CLASS_TWO_DOTS : 0;
	key.hash = hash_end(key.hash);
	key.ext_hash = hash_end(key.ext_hash);
	return key;
}

static void add(const struct ruleset *set, size_t i, bool is_dir, struct name_facts *facts) {
	const struct rule *rule = &set->rules[i];

	if (!rule->is_silenced && (is_dir ? rule->row.for_dirs : rule->row.for_files) != 0 &&
			facts->n < CLASS_CANDIDATES_MAX) {
		facts->rules[facts->n++] = (uint16_t)i;
	}
}

static void add_exact_row(const struct ruleset *set, const struct exact_row *row, struct str name,
		bool is_dir, struct name_facts *facts) {
	struct str text = str_make(class_pool + row->text, row->len);

	if (row->len != name.len || !str_eq_nocase(text, name)) {
		return;
	}
	bool same = str_eq(text, name);
	if (same) {
		facts->under = row->under;
		facts->marker = row->marker;
	}
	for (uint16_t i = 0; i < row->n; i++) {
		uint16_t rule = class_lists[row->first + i];
		if (same || class_rule_rows[rule].is_fold != 0) {
			add(set, rule, is_dir, facts);
		}
	}
}

static void add_exact(const struct ruleset *set, struct str name, const struct name_key *key,
		bool is_dir, struct name_facts *facts) {
	uint32_t slot = key->hash & (CLASS_EXACT_SLOTS - 1);

	for (; class_exact_slots[slot].row != CLASS_FREE_SLOT;
			slot = (slot + 1) & (CLASS_EXACT_SLOTS - 1)) {
		if (class_exact_slots[slot].tag == key->hash >> 16) {
			add_exact_row(set, &class_exact[class_exact_slots[slot].row], name, is_dir,
					facts);
		}
	}
}

static void add_glob(const struct ruleset *set, struct str name, const struct glob_row *glob,
		bool is_dir, struct name_facts *facts) {
	struct str text = str_make(class_pool + glob->text, glob->len);

	if (pattern_matches(name, text, glob->shape, glob->prefix, glob->suffix)) {
		for (uint16_t k = 0; k < glob->n; k++) {
			add(set, class_lists[glob->first + k], is_dir, facts);
		}
	}
}

/* Inline: most buckets are empty. */
static inline void add_globs(const struct ruleset *set, struct str name, const struct name_key *key,
		bool is_dir, uint16_t first, uint16_t end, struct name_facts *facts) {
	uint64_t missing = ~key->letters;

	for (const struct bucket_row *row = class_buckets + first; row < class_buckets + end;
			row++) {
		if ((row->letters & missing) == 0) {
			add_glob(set, name, &class_globs[row->glob], is_dir, facts);
		}
	}
}

static void add_by_ending(const struct ruleset *set, struct str name, const struct name_key *key,
		bool is_dir, struct name_facts *facts) {
	struct str ext = str_skip(name, key->dot);
	uint32_t slot = key->ext_hash & (CLASS_EXT_SLOTS - 1);

	if (ext.len == 0) {
		return;
	}
	for (; class_ext_slots[slot] != CLASS_FREE_SLOT;
			slot = (slot + 1) & (CLASS_EXT_SLOTS - 1)) {
		const struct ext_row *row = &class_exts[class_ext_slots[slot]];
		if (str_eq(str_make(class_pool + row->text, row->len), ext)) {
			add_globs(set, name, key, is_dir, row->first,
					(uint16_t)(row->first + row->n), facts);
			return;
		}
	}
}

static void add_user(
		const struct ruleset *set, struct str name, bool is_dir, struct name_facts *facts) {
	for (size_t i = set->nbuiltin; i < set->n; i++) {
		struct str pattern = set->words[i].pattern;
		size_t slash = str_find_last(pattern, '/');
		struct str last = slash < pattern.len ? str_skip(pattern, slash + 1) : pattern;
		if (gomatch(last, name) == GOMATCH_YES) {
			add(set, i, is_dir, facts);
		}
	}
}

void ruleset_find(
		const struct ruleset *set, struct str name, bool is_dir, struct name_facts *facts) {
	facts->n = 0;
	facts->under = facts->marker = 0;
	if (name.len == 0) {
		return;
	}
	struct name_key key = key_of(name);
	unsigned first = (unsigned char)name.ptr[0], last = (unsigned char)name.ptr[name.len - 1];

	add_user(set, name, is_dir, facts);
	add_exact(set, name, &key, is_dir, facts);
	add_by_ending(set, name, &key, is_dir, facts);
	add_globs(set, name, &key, is_dir, class_first_at[first], class_first_at[first + 1], facts);
	add_globs(set, name, &key, is_dir, class_last_at[last], class_last_at[last + 1], facts);
	add_globs(set, name, &key, is_dir, class_anywhere_at,
			(uint16_t)(class_anywhere_at + class_anywhere_n), facts);
}

/*
 * A name finds its rules: the exact ones by hash, the globs by what they end in or begin with. Most names
 * of a tree find nothing and cost one hash and a few empty slots.
 */
#include "classify/rules.h"

#include "util/gomatch.h"

static bool affix_matches(struct str name, struct str pattern, uint8_t prefix, uint8_t suffix) {
	return name.len >= (size_t)prefix + suffix && memcmp(name.ptr, pattern.ptr, prefix) == 0 &&
			memcmp(name.ptr + name.len - suffix, pattern.ptr + pattern.len - suffix,
					suffix) == 0;
}

/* "*literal*": asked of every name, so it must not cost much. */
static bool is_infix(struct str pattern) {
	return pattern.len > 2 && pattern.ptr[0] == '*' && pattern.ptr[pattern.len - 1] == '*' &&
			!gomatch_has_wildcard(str_make(pattern.ptr + 1, pattern.len - 2));
}

static bool pattern_matches(struct str name, struct str pattern, uint8_t shape, uint8_t prefix,
		uint8_t suffix) {
	if (shape == NAME_EXACT) {
		return str_eq(name, pattern);
	}
	if (!affix_matches(name, pattern, prefix, suffix)) {
		return false;
	}
	if (shape == NAME_AFFIX) {
		return true;
	}
	if (is_infix(pattern)) {
		return name.len + 2 >= pattern.len &&
				memmem(name.ptr, name.len, pattern.ptr + 1, pattern.len - 2) !=
				NULL;
	}
	return gomatch(pattern, name) == GOMATCH_YES;
}

bool class_name_matches(const struct rule_name *wanted, struct str name) {
	struct str pattern = str_make(class_pool + wanted->text, wanted->len);

	return pattern_matches(name, pattern, wanted->shape, wanted->prefix, wanted->suffix);
}

static void add(const struct ruleset *set, size_t i, bool is_dir, struct name_facts *facts) {
	const struct rule *rule = &set->rules[i];

	if (!rule->is_silenced && (is_dir ? rule->row.for_dirs : rule->row.for_files) != 0 &&
			facts->n < CLASS_CANDIDATES_MAX) {
		facts->rules[facts->n++] = (uint16_t)i;
	}
}

static void add_exact(
		const struct ruleset *set, struct str name, bool is_dir, struct name_facts *facts) {
	uint32_t slot = class_hash(name) & (CLASS_EXACT_SLOTS - 1);

	for (; class_exact_slots[slot] != CLASS_FREE_SLOT;
			slot = (slot + 1) & (CLASS_EXACT_SLOTS - 1)) {
		const struct exact_row *row = &class_exact[class_exact_slots[slot]];
		struct str text = str_make(class_pool + row->text, row->len);
		if (row->len != name.len || !str_eq_nocase(text, name)) {
			continue;
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
}

static void add_globs(const struct ruleset *set, struct str name, bool is_dir, uint16_t first,
		uint16_t end, struct name_facts *facts) {
	for (uint16_t i = first; i < end; i++) {
		const struct glob_row *glob = &class_globs[class_buckets[i]];
		struct str text = str_make(class_pool + glob->text, glob->len);
		if (!pattern_matches(name, text, glob->shape, glob->prefix, glob->suffix)) {
			continue;
		}
		for (uint16_t k = 0; k < glob->n; k++) {
			add(set, class_lists[glob->first + k], is_dir, facts);
		}
	}
}

static void add_by_ending(
		const struct ruleset *set, struct str name, bool is_dir, struct name_facts *facts) {
	size_t dot = str_find_last(name, '.');

	if (dot == name.len) {
		return;
	}
	struct str ext = str_skip(name, dot);
	uint32_t slot = class_hash(ext) & (CLASS_EXT_SLOTS - 1);
	for (; class_ext_slots[slot] != CLASS_FREE_SLOT;
			slot = (slot + 1) & (CLASS_EXT_SLOTS - 1)) {
		const struct ext_row *row = &class_exts[class_ext_slots[slot]];
		if (str_eq(str_make(class_pool + row->text, row->len), ext)) {
			add_globs(set, name, is_dir, row->first, (uint16_t)(row->first + row->n),
					facts);
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
	unsigned first = (unsigned char)name.ptr[0], last = (unsigned char)name.ptr[name.len - 1];

	add_user(set, name, is_dir, facts);
	add_exact(set, name, is_dir, facts);
	add_by_ending(set, name, is_dir, facts);
	add_globs(set, name, is_dir, class_first_at[first], class_first_at[first + 1], facts);
	add_globs(set, name, is_dir, class_last_at[last], class_last_at[last + 1], facts);
	add_globs(set, name, is_dir, class_anywhere_at,
			(uint16_t)(class_anywhere_at + class_anywhere_n), facts);
}

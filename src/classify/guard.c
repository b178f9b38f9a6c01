/*
 * What comes after the rule: git's evidence, and the reasons to be more careful than the rule is.
 */
#include "classify/engine.h"

#define BIT(class) (1ULL << (class))
#define PLACEHOLDERS_MAX 3U

/* Somebody committed it: there on purpose. */
static const uint64_t tracked_classes = BIT(CLASS_BUILD_OUTPUT) | BIT(CLASS_DEPS) |
		BIT(CLASS_OBJECT) | BIT(CLASS_ARCHIVE) | BIT(CLASS_MODEL) | BIT(CLASS_DATA) |
		BIT(CLASS_COVERAGE) | BIT(CLASS_LOG) | BIT(CLASS_STATE) | BIT(CLASS_PKG_CACHE) |
		BIT(CLASS_GENERATED);

/* The owner told git that it is local: what the rule says is surer. */
static const uint64_t ignored_classes = BIT(CLASS_BUILD_OUTPUT) | BIT(CLASS_DEPS) |
		BIT(CLASS_VIRTUALENV) | BIT(CLASS_CACHE) | BIT(CLASS_PKG_CACHE) |
		BIT(CLASS_COVERAGE) | BIT(CLASS_LOG) | BIT(CLASS_STATE) | BIT(CLASS_TEMP) |
		BIT(CLASS_SECRET) | BIT(CLASS_ML_RUNS) | BIT(CLASS_OBJECT);

static const uint64_t placeholder_classes = BIT(CLASS_VCS_META) | BIT(CLASS_LOG) |
		BIT(CLASS_STATE) | BIT(CLASS_TEMP) | BIT(CLASS_CACHE);

/* Small files that steer a tool at the top of a project; far below they are part of a template, or of a
 * project that is data here. */
static const uint64_t nested_classes =
		BIT(CLASS_VCS_META) | BIT(CLASS_EDITOR) | BIT(CLASS_LINT) | BIT(CLASS_CI);
#define NESTED_DEPTH 2U

static bool is_in(uint16_t klass, uint64_t mask) {
	return klass < 64 && (BIT(klass) & mask) != 0;
}

static bool is_placeholder_name(struct str name) {
	static const char *const names[] = { ".gitkeep", ".keep", ".gitignore", ".placeholder" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_eq(name, str_from(names[i]))) {
			return true;
		}
	}
	return false;
}

/* A directory that holds placeholders and nothing else: it is wanted, though empty. */
static bool is_placeholder_dir(const struct engine *e, uint32_t number) {
	const struct tree_dir *dir = tree_dir(e->tree, number);

	if (number == 0 || dir->nentries == 0 || dir->nentries > PLACEHOLDERS_MAX) {
		return false;
	}
	for (uint32_t r = dir->row + 1; r < dir->end; r = tree_end(e->tree, r)) {
		const struct entry *entry = tree_entry(e->tree, r);
		if (entry_is_dir(entry) || !is_placeholder_name(tree_name(e->tree, entry))) {
			return false;
		}
	}
	return true;
}

/* An environment file may hold nothing but public values. */
static bool is_env_name(struct str name) {
	return str_starts(name, STR(".env")) || str_ends(name, STR(".env"));
}

static void set_advice(struct class_mark *mark, enum class_advice advice, enum class_guard guard) {
	if (advice < mark->advice) { /* keep before ask before exclude: the more careful one */
		mark->advice = (uint8_t)advice;
		mark->guard = (uint8_t)guard;
	}
}

void guard_mark(struct engine *e, const struct subject *s, struct class_mark *mark) {
	uint8_t git = e->vcs != NULL ? e->vcs->state[s->row] : VCS_UNKNOWN;
	bool is_tracked = git == VCS_TRACKED || git == VCS_MODIFIED;

	if (mark->rule == CLASS_NO_RULE || e->set->words[mark->rule].is_user) {
		return;
	}
	if (git == VCS_IGNORED && is_in(mark->klass, ignored_classes)) {
		mark->confidence = (uint8_t)(mark->confidence + (100U - mark->confidence) / 2U);
	}
	if (is_in(mark->klass, placeholder_classes)) {
		uint32_t number = s->is_dir ? (uint32_t)s->entry->size : s->entry->parent;
		bool is_part = s->is_dir || is_placeholder_name(s->name);
		if (is_part && is_placeholder_dir(e, number)) {
			set_advice(mark, ADVICE_KEEP, CLASS_GUARD_PLACEHOLDER);
		}
	}
	if (is_tracked && is_in(mark->klass, tracked_classes)) {
		set_advice(mark, ADVICE_ASK, CLASS_GUARD_TRACKED);
	}
	if (!s->is_dir && e->set->rules[mark->rule].row.for_files != 0 &&
			is_in(mark->klass, nested_classes) &&
			e->dirs[s->entry->parent].depth >= NESTED_DEPTH) {
		set_advice(mark, ADVICE_ASK, CLASS_GUARD_NESTED);
	}
	if (s->is_unseen && (e->set->rules[mark->rule].row.tier > 1 || is_env_name(s->name))) {
		set_advice(mark, ADVICE_ASK, CLASS_GUARD_UNSEEN);
	}
	if (e->set->rules[mark->rule].row.tier == 3) {
		set_advice(mark, ADVICE_ASK, CLASS_GUARD_TIER);
	}
}

#include "classify/engine.h"

#include "util/path.h"

/* How far evidence looks: up, down, and at how many rows below one directory. */
#define CLIMB_MAX 64U
#define BELOW_LEVELS 3U
#define OUTPUT_LEVELS 12U /* bundles are made of deep copies: source anywhere says it is none */
#define BELOW_ROWS_MAX 20000U
#define CACHEDIR_TAG_BYTES 43U
#define GITFILE_BYTES 4096U

static struct str text_of(const struct rule_name *name) {
	return str_make(class_pool + name->text, name->len);
}

static bool glob_in(const struct engine *e, uint32_t number, const struct rule_name *wanted) {
	const struct tree_dir *dir = tree_dir(e->tree, number);

	for (uint32_t r = dir->row + 1; r < dir->end; r = tree_end(e->tree, r)) {
		if (class_name_matches(wanted, tree_name(e->tree, tree_entry(e->tree, r)))) {
			return true;
		}
	}
	return false;
}

/* One of the names in a directory. */
static bool names_in(const struct engine *e, uint32_t number, const struct rule_term *term) {
	for (uint16_t i = 0; i < term->n; i++) {
		const struct rule_name *wanted = &class_names[term->first + i];
		bool is_path = wanted->shape == NAME_PATH || wanted->shape == NAME_EXACT;
		if (is_path ? tree_find_below(e->tree, number, text_of(wanted)) != TREE_NO_ROW
			    : glob_in(e, number, wanted)) {
			return true;
		}
	}
	return false;
}

/* What is done with each row at most BELOW_LEVELS below a directory, until it says true. */
typedef bool (*below_fn)(
		const struct engine *e, const struct rule_term *term, const struct entry *entry);

static bool any_below(const struct engine *e, uint32_t number, const struct rule_term *term,
		below_fn look) {
	const struct tree_dir *dir = tree_dir(e->tree, number);
	uint32_t deepest = e->dirs[number].depth +
			(term->type == TERM_SOURCE_NOJS ? OUTPUT_LEVELS : BELOW_LEVELS);
	uint32_t seen = 0;

	for (uint32_t r = dir->row + 1; r < dir->end && seen < BELOW_ROWS_MAX; seen++) {
		const struct entry *entry = tree_entry(e->tree, r);
		if (look(e, term, entry)) {
			return true;
		}
		bool is_end = e->dirs[entry->parent].depth + 1 >= deepest ||
				(entry_is_dir(entry) &&
						str_eq(tree_name(e->tree, entry),
								STR("node_modules")));
		r = is_end ? tree_end(e->tree, r) : r + 1;
	}
	return false;
}

static bool is_named(
		const struct engine *e, const struct rule_term *term, const struct entry *entry) {
	struct str name = tree_name(e->tree, entry);

	for (uint16_t i = 0; i < term->n; i++) {
		if (class_name_matches(&class_names[term->first + i], name)) {
			return true;
		}
	}
	return false;
}

static bool is_source(
		const struct engine *e, const struct rule_term *term, const struct entry *entry) {
	static const char *const endings[] = { ".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".hh",
		".go", ".rs", ".py", ".pyx", ".ts", ".tsx", ".jsx", ".vue", ".svelte", ".java",
		".kt", ".kts", ".scala", ".groovy", ".clj", ".cljs", ".rb", ".php", ".cs", ".fs",
		".vb", ".ex", ".exs", ".erl", ".hs", ".ml", ".swift", ".m", ".mm", ".dart", ".lua",
		".pl", ".pm", ".jl", ".nim", ".zig", ".cr", ".elm", ".gd", ".sol", ".proto" };
	static const char *const scripts[] = { ".js", ".mjs", ".cjs" };
	struct str name = tree_name(e->tree, entry);
	size_t dot = str_find_last(name, '.');

	if (entry_is_dir(entry) || dot == name.len || str_ends(name, STR(".d.ts"))) {
		return false;
	}
	struct str ext = str_skip(name, dot);
	return is_ending_of(ext, endings, sizeof(endings) / sizeof(endings[0])) ||
			(term->type == TERM_SOURCE &&
					is_ending_of(ext, scripts,
							sizeof(scripts) / sizeof(scripts[0])));
}

static bool is_above(const struct engine *e, uint32_t number, const struct rule_term *term) {
	for (unsigned i = 0; i < CLIMB_MAX; i++) {
		if (names_in(e, number, term)) {
			return true;
		}
		if (number == 0) {
			break;
		}
		number = tree_dir(e->tree, number)->parent;
	}
	return false;
}

static bool has_tag(struct engine *e, uint32_t number) {
	static const char signature[] = "Signature: 8a477f597d28d172789f06886806bc55";
	uint32_t row = tree_child(e->tree, number, STR("CACHEDIR.TAG"));
	struct str head;

	if (row == TREE_NO_ROW || !entry_is_file(tree_entry(e->tree, row)) ||
			tree_entry(e->tree, row)->size < CACHEDIR_TAG_BYTES) {
		return false;
	}
	return prober_head(e->prober, row, CACHEDIR_TAG_BYTES, &head) == PROBE_UNSEEN ||
			str_eq(head, str_make(signature, CACHEDIR_TAG_BYTES));
}

static bool text_matches(struct engine *e, struct subject *s, const struct rule_term *term) {
	struct str head;
	uint32_t line = 0;
	enum probe_view view = prober_head(e->prober, s->row, PROBER_HEAD_BYTES, &head);

	if (view == PROBE_UNSEEN) {
		return term->type == TERM_MAYBE;
	}
	if (view == PROBE_BINARY && class_probes[term->value].reach != PROBE_KEY) {
		return false; /* the header of a key is one whatever follows it */
	}
	if (!prober_match(e->prober, (unsigned)term->value, head, &line)) {
		return false;
	}
	s->probe = (unsigned)term->value;
	s->line = line;
	return true;
}

static bool head_is(struct engine *e, const struct subject *s, const struct rule_term *term) {
	struct str head;
	uint64_t value = 0;

	if (s->entry->size < term->n ||
			prober_head(e->prober, s->row, term->n, &head) == PROBE_UNSEEN ||
			head.len < term->n) {
		return false;
	}
	for (uint16_t i = 0; i < term->n; i++) {
		value = value << 8 | (unsigned char)head.ptr[i];
	}
	return value == term->value;
}

/* One of the words is a part of the name, between dots, dashes and underscores. */
static bool is_part_named(struct str name, const struct rule_term *term) {
	size_t start = 0;

	for (size_t i = 0; i <= name.len; i++) {
		if (i < name.len && name.ptr[i] != '.' && name.ptr[i] != '-' &&
				name.ptr[i] != '_') {
			continue;
		}
		struct str part = str_make(name.ptr + start, i - start);
		for (uint16_t k = 0; k < term->n; k++) {
			if (str_eq_nocase(part, text_of(&class_names[term->first + k]))) {
				return true;
			}
		}
		start = i + 1;
	}
	return false;
}

static bool git_says(const struct engine *e, uint32_t row, enum term_type type) {
	if (e->vcs == NULL) {
		return false;
	}
	uint8_t state = e->vcs->state[row];
	return state == VCS_IGNORED || (type == TERM_UNTRACKED && state == VCS_UNTRACKED);
}

/* Whether git, where it was asked, found a repository of a kind in a directory. */
static bool git_found(const struct engine *e, uint32_t row, enum vcs_repository_kind kind) {
	for (size_t i = 0; e->vcs != NULL && i < e->vcs->nrepositories; i++) {
		const struct vcs_repository *r = &e->vcs->repositories[i];
		if (r->row == row && r->kind == kind) {
			return true;
		}
	}
	return false;
}

/* A directory whose .git is a file, and that file names a place in another repository:
 * ".git/worktrees/NAME", or ".git/modules/NAME", where a NAME may have slashes. */
static bool is_linked(struct engine *e, const struct subject *s, enum term_type type) {
	bool is_worktree = type == TERM_WORKTREE;
	struct str wanted = is_worktree ? STR("worktrees") : STR("modules"), head, part;
	uint32_t git = tree_child(e->tree, (uint32_t)s->entry->size, STR(".git"));

	if (git_found(e, s->row, is_worktree ? VCS_WORKTREE : VCS_SUBMODULE)) {
		return true;
	}
	if (git == TREE_NO_ROW || !entry_is_file(tree_entry(e->tree, git)) ||
			prober_head(e->prober, git, GITFILE_BYTES, &head) != PROBE_TEXT ||
			!str_starts(head, STR("gitdir:"))) {
		return false;
	}
	head = path_dir(str_trim(str_skip(head, 7)));
	if (is_worktree) {
		return str_eq(path_base(head), wanted);
	}
	for (bool more = true; more;) {
		more = str_cut(head, '/', &part, &head);
		if (str_eq(part, wanted)) {
			return true;
		}
	}
	return false;
}

static bool term_holds(struct engine *e, struct subject *s, const struct rule_term *term) {
	uint32_t own = s->is_dir ? (uint32_t)s->entry->size : 0;

	switch ((enum term_type)term->type) {
	case TERM_BESIDE:
		return names_in(e, s->entry->parent, term);
	case TERM_HAS:
		return s->is_dir && names_in(e, own, term);
	case TERM_BELOW:
		return s->is_dir && any_below(e, own, term, is_named);
	case TERM_ABOVE:
		return is_above(e, s->entry->parent, term);
	case TERM_ROOT:
		return names_in(e, 0, term);
	case TERM_TAG:
		return s->is_dir && has_tag(e, own);
	case TERM_SOURCE:
	case TERM_SOURCE_NOJS:
		return s->is_dir && any_below(e, own, term, is_source);
	case TERM_IN:
		return (e->dirs[s->entry->parent].inside & term->value) != 0;
	case TERM_UNDER:
		return (e->dirs[s->entry->parent].under & term->value) != 0;
	case TERM_TEXT:
	case TERM_MAYBE:
		return !s->is_dir && text_matches(e, s, term);
	case TERM_HEAD:
		return !s->is_dir && head_is(e, s, term);
	case TERM_SIZE:
		return !s->is_dir && s->entry->size >= term->value;
	case TERM_NAMED:
		return is_part_named(s->name, term);
	case TERM_BARE:
		return str_find(s->name, '.') == s->name.len;
	case TERM_RUNS:
		return !s->is_dir && (s->entry->mode & 0111U) != 0;
	case TERM_IGNORED:
	case TERM_UNTRACKED:
		return git_says(e, s->row, (enum term_type)term->type);
	case TERM_WORKTREE:
	case TERM_SUBMODULE:
		return s->is_dir && is_linked(e, s, (enum term_type)term->type);
	}
	return false;
}

enum verdict_of_evidence evidence_of(
		struct engine *e, struct subject *s, const struct rule_row *rule) {
	static const uint64_t tests = 1ULL << CLASS_TESTS | 1ULL << CLASS_FIXTURES;
	enum verdict_of_evidence verdict = EVIDENCE_HOLDS;
	bool clause = false;

	for (uint16_t i = 0; i < rule->nterms; i++) {
		const struct rule_term *term = &class_terms[rule->first_term + i];
		clause = clause || term_holds(e, s, term) != (term->negate != 0);
		if (term->last == 0) {
			continue;
		}
		bool in_tests = term->type == TERM_IN && term->negate != 0 &&
				(e->dirs[s->entry->parent].inside & tests) != 0;
		if (!clause && !in_tests) {
			return EVIDENCE_FAILS;
		}
		verdict = clause ? verdict : EVIDENCE_IN_TESTS;
		clause = false;
	}
	return verdict;
}

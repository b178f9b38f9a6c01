/*
 * .gitignore in Docker's language.
 *
 *   dir        git's line     Docker's
 *   (root)     *.log          ** / *.log       (without the blanks)
 *   (root)     /dist          dist
 *   web        build/         web/ ** /build    git: directories only
 *   web        !keep          !web/ ** /keep
 *
 * Where the two languages cannot agree (an escaped blank at the end, POSIX classes, "a**b", characters
 * that are syntax to Docker's regexps), a line has no translation and says nothing.
 */
#include "propose/internal.h"
#include "util/file.h"
#include "util/gomatch.h"
#include "util/path.h"
#include "util/utf8.h"

#include <stdlib.h>

#define GITIGNORE_MAX_BYTES ((size_t)1 << 20)
#define GITIGNORE_MAX_FILES 4096U

/* Two stars must stand for whole directories, in both languages. */
static bool has_loose_stars(struct str s) {
	for (size_t i = 0; i + 1 < s.len; i++) {
		if (s.ptr[i] != '*' || s.ptr[i + 1] != '*') {
			continue;
		}
		bool opens = i == 0 || s.ptr[i - 1] == '/';
		bool ends = i + 2 == s.len || s.ptr[i + 2] == '/';
		if (!opens || !ends) {
			return true;
		}
		i++;
	}
	return false;
}

/* "[!a]" is "[^a]"; everything else is the same. */
static void put_body(struct str body, struct buf *out) {
	for (size_t i = 0; i < body.len; i++) {
		buf_putc(out, body.ptr[i]);
		if (body.ptr[i] == '\\' && i + 1 < body.len) {
			buf_putc(out, body.ptr[++i]);
		} else if (body.ptr[i] == '[' && i + 1 < body.len && body.ptr[i + 1] == '!') {
			buf_putc(out, '^');
			i++;
		}
	}
}

static bool has_translation(struct str dir, struct str body) {
	bool is_wild = str_has_any(body, "*?[\\");

	return body.len > 0 && !str_has_any(dir, "*?[\\{|^+()!#\n\r") &&
			!str_has_any(body, "\t\n") && !has_loose_stars(body) &&
			!str_ends(body, STR("\\")) && !(is_wild && str_has_any(body, "{|^+()")) &&
			!str_ends(body, STR(" ")) && !str_starts(body, STR(" ")) &&
			utf8_is_valid(body);
}

static bool has_posix_class(struct str s) {
	for (size_t i = 0; i + 1 < s.len; i++) {
		if (s.ptr[i] == '[' && s.ptr[i + 1] == ':') {
			return true;
		}
	}
	return false;
}

bool gitignore_translate(struct arena *a, struct str dir, struct str line, struct git_rule *out) {
	struct vcs_rule rule;
	struct buf b = { 0 };

	*out = (struct git_rule){ 0 };
	if (!vcs_rule_read(line, &rule) || !has_translation(dir, rule.pattern) ||
			has_posix_class(rule.pattern)) {
		return false;
	}
	out->only_dirs = rule.is_directory;
	if (rule.negated) {
		buf_putc(&b, '!');
	}
	if (dir.len > 0) {
		buf_append(&b, dir);
		buf_putc(&b, '/');
	}
	if (!rule.is_path) {
		buf_append(&b, STR("**/"));
	}
	put_body(rule.pattern, &b);
	out->pattern = arena_copy(a, buf_str(&b));
	bool ok = !buf_failed(&b) && out->pattern.ptr != NULL;
	buf_fini(&b);
	return ok;
}

/* ---- from a directory above */

bool gitignore_lower(struct arena *a, struct str above, struct git_rule *rule) {
	bool is_exception = str_starts(rule->pattern, STR("!"));
	struct str rest = str_skip(rule->pattern, is_exception), part, name;
	struct buf b = { 0 };

	for (bool more = above.len > 0; more && !str_starts(rest, STR("**/"));) {
		more = str_cut(above, '/', &name, &above);
		/* what takes the root itself, or a directory above it, takes all or nothing */
		if (!str_cut(rest, '/', &part, &rest) || gomatch(part, name) != GOMATCH_YES) {
			return false;
		}
	}
	buf_append(&b, is_exception ? STR("!") : STR(""));
	buf_append(&b, rest);
	struct str copy = arena_copy(a, buf_str(&b));
	bool ok = !buf_failed(&b) && copy.ptr != NULL && rest.len > 0;
	buf_fini(&b);
	rule->pattern = ok ? copy : rule->pattern;
	return ok;
}

/* ---- all files of the tree */

struct rule_list {
	VEC_FIELDS(struct git_rule)
};

/* One file, "dir" as of gitignore_translate(); of a directory above the root, `above` is the way from there. */
struct git_file {
	struct str path; /* from the root, with "..", or absolute */
	struct str name; /* as reasons call it */
	struct str dir, above;
};

static enum tng_code read_one(struct arena *a, const struct propose_input *input,
		const struct git_file *file, struct rule_list *rules, struct tng_error *err) {
	struct str text, line;
	struct tng_error ignored = { 0 };

	if (file_read(a, input->root_fd, file->path.ptr, GITIGNORE_MAX_BYTES, &text, &ignored) !=
			TNG_OK) {
		return TNG_OK; /* what cannot be read says nothing */
	}
	text = str_starts(text, STR("\xEF\xBB\xBF")) ? str_skip(text, 3) : text;
	uint32_t number = 0;
	for (bool more = true; more;) {
		struct git_rule rule;
		more = str_cut(text, '\n', &line, &text);
		number++;
		if (!gitignore_translate(a, file->dir, line, &rule) ||
				!gitignore_lower(a, file->above, &rule)) {
			continue;
		}
		struct git_rule *slot = VEC_PUSH(rules);
		if (slot == NULL) {
			return error_nomem(err);
		}
		*slot = rule;
		slot->file = file->name;
		slot->line = number;
	}
	return TNG_OK;
}

static enum tng_code read_row(struct arena *a, const struct propose_input *input, uint32_t row,
		struct rule_list *rules, struct tng_error *err) {
	struct buf path = { 0 };

	tree_path(input->tree, row, &path);
	struct git_file file = { .path = arena_copy(a, buf_str(&path)) };
	bool ok = !buf_failed(&path) && file.path.ptr != NULL;
	buf_fini(&path);
	if (!ok) {
		return error_nomem(err);
	}
	file.name = file.path;
	file.dir = path_dir(file.path);
	file.dir = str_eq(file.dir, STR(".")) ? STR("") : file.dir;
	return read_one(a, input, &file, rules, err);
}

/* The last n components of a path. */
static struct str last_components(struct str path, size_t n) {
	size_t at = path.len;

	while (at > 0 && n > 0) {
		n -= path.ptr[at - 1] == '/';
		at -= n > 0;
	}
	return str_skip(path, at);
}

/* The file `name` so many directories above the root. */
static enum tng_code read_above(struct arena *a, const struct propose_input *input, size_t nup,
		const char *name, struct rule_list *rules, struct tng_error *err) {
	struct buf path = { 0 };

	for (size_t i = 0; i < nup; i++) {
		buf_append(&path, STR("../"));
	}
	buf_append(&path, str_from(name));
	struct git_file file = {
		.path = arena_copy(a, buf_str(&path)),
		.above = last_components(input->inside, nup),
	};
	bool ok = !buf_failed(&path) && file.path.ptr != NULL;
	buf_fini(&path);
	file.name = file.path;
	return ok ? read_one(a, input, &file, rules, err) : error_nomem(err);
}

/* The user's own file, for all repositories; where it lies is nobody else's business. */
static enum tng_code read_global(struct arena *a, const struct propose_input *input, size_t nup,
		struct rule_list *rules, struct tng_error *err) {
	struct git_file file = {
		.path = input->vcs != NULL ? input->vcs->global_ignore_file : STR(""),
		.name = STR("git's global ignore file"),
		.above = last_components(input->inside, nup),
	};

	return file.path.len > 0 ? read_one(a, input, &file, rules, err) : TNG_OK;
}

/* From the weakest on: the user's, what the repository has for itself, then its top, then down to the root. */
static enum tng_code read_outer(struct arena *a, const struct propose_input *input,
		struct rule_list *rules, struct tng_error *err) {
	size_t nup = input->inside.len > 0;

	for (size_t i = 0; i < input->inside.len; i++) {
		nup += input->inside.ptr[i] == '/';
	}
	enum tng_code code = read_global(a, input, nup, rules, err);
	if (code == TNG_OK) {
		code = read_above(a, input, nup, ".git/info/exclude", rules, err);
	}
	for (size_t i = nup; i > 0 && code == TNG_OK; i--) {
		code = read_above(a, input, i, ".gitignore", rules, err);
	}
	return code;
}

struct file_row {
	uint32_t dir, row;
};

/* A directory's number is above its parent's: git reads the outer file first. */
static int by_dir(const void *a, const void *b) {
	const struct file_row *x = a, *y = b;

	return x->dir < y->dir ? -1 : x->dir > y->dir;
}

static bool is_in_excluded_class(const struct propose_input *input, uint32_t dir) {
	uint32_t root = input->classes->roots[dir];

	return root != TREE_NO_ROW && input->classes->marks[root].advice == ADVICE_EXCLUDE;
}

enum tng_code gitignore_read(struct arena *a, const struct propose_input *input,
		struct git_rules *out, struct tng_error *err) {
	const struct tree *tree = input->tree;
	struct file_row *files = arena_new(a, struct file_row, GITIGNORE_MAX_FILES);
	struct rule_list rules = { 0 };
	size_t n = 0;
	enum tng_code code = files != NULL ? TNG_OK : error_nomem(err);

	*out = (struct git_rules){ 0 };
	if (input->root_fd < 0) {
		return code;
	}
	for (uint32_t row = 1; code == TNG_OK && row < tree_nrows(tree); row++) {
		const struct entry *entry = tree_entry(tree, row);
		if (entry_is_file(entry) && n < GITIGNORE_MAX_FILES &&
				str_eq(tree_name(tree, entry), STR(".gitignore")) &&
				!is_in_excluded_class(input, entry->parent)) {
			files[n++] = (struct file_row){ entry->parent, row };
		}
	}
	if (n > 0) {
		qsort(files, n, sizeof(*files), by_dir);
	}
	if (code == TNG_OK) {
		code = read_outer(a, input, &rules, err);
	}
	for (size_t i = 0; i < n && code == TNG_OK; i++) {
		code = read_row(a, input, files[i].row, &rules, err);
	}
	struct git_rule *list = arena_new(a, struct git_rule, rules.len);
	if (code == TNG_OK && list == NULL) {
		code = error_nomem(err);
	}
	if (code == TNG_OK && rules.len > 0) {
		memcpy(list, rules.ptr, rules.len * sizeof(*list));
	}
	free(rules.ptr);
	*out = (struct git_rules){ list, code == TNG_OK ? rules.len : 0 };
	return code;
}

/* ---- what they exclude */

/* A line for directories only does not take a file of that name. */
static enum tng_code is_wrong_type(const struct git_rule *rule, const struct entry *entry,
		struct ignore_scratch *scratch, uint32_t pattern, struct str path, bool *out,
		struct tng_error *err) {
	*out = false;
	if (!rule->only_dirs || entry_is_dir(entry)) {
		return TNG_OK;
	}
	return ignore_pattern_matches(scratch, pattern, path, out, err);
}

static enum tng_code mark_rows(const struct propose_input *input, const struct git_rules *rules,
		struct ignore_scratch *scratch, struct ignore_dir *states, uint8_t *rows,
		struct tng_error *err) {
	const struct tree *tree = input->tree;
	struct buf path = { 0 };
	enum tng_code code = TNG_OK;

	states[0] = ignore_root(scratch);
	for (uint32_t row = 1; row < tree_nrows(tree) && code == TNG_OK; row++) {
		const struct entry *entry = tree_entry(tree, row);
		struct verdict verdict;
		struct ignore_dir below;
		bool wrong = false;
		buf_clear(&path);
		tree_path(tree, row, &path);
		code = ignore_decide(scratch, states[entry->parent], buf_str(&path),
				entry->name_len, &verdict, &below, err);
		if (code == TNG_OK && verdict.excluded) {
			code = is_wrong_type(&rules->list[verdict.pattern], entry, scratch,
					verdict.pattern, buf_str(&path), &wrong, err);
		}
		if (code == TNG_OK && entry_is_dir(entry)) {
			states[entry->size] = below;
		}
		if (code == TNG_OK && verdict.excluded && !wrong) {
			rows[row] |= ROW_IGNORED;
		}
	}
	if (code == TNG_OK && buf_failed(&path)) {
		code = error_nomem(err);
	}
	buf_fini(&path);
	return code;
}

enum tng_code gitignore_mark(struct arena *a, const struct propose_input *input,
		const struct git_rules *rules, uint8_t *rows, struct tng_error *err) {
	struct str *patterns = arena_new(a, struct str, rules->n);
	struct ignore_set *set = NULL;
	struct tng_error ignored = { 0 };

	if (rules->n == 0) {
		return TNG_OK;
	}
	if (patterns == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < rules->n; i++) {
		patterns[i] = rules->list[i].pattern;
	}
	enum tng_code code = ignore_from_patterns(patterns, rules->n, &set, &ignored);
	if (code == TNG_ENOMEM) {
		return error_nomem(err);
	}
	if (code != TNG_OK) {
		return TNG_OK; /* a line that Docker refuses: nothing is known of any */
	}
	struct ignore_scratch *scratch = ignore_scratch_create(set);
	struct ignore_dir *states = malloc(tree_ndirs(input->tree) * sizeof(*states));
	code = scratch != NULL && states != NULL
			? mark_rows(input, rules, scratch, states, rows, &ignored)
			: TNG_ENOMEM;
	free(states);
	ignore_scratch_destroy(scratch);
	ignore_destroy(set);
	return code == TNG_ENOMEM ? error_nomem(err) : TNG_OK;
}

/*
 * What one pattern would do in this context: alone, and as a line behind those of the ignore file. Both
 * are plans of the whole tree, so that the answer is the builder's.
 */
#include "analysis/internal.h"
#include "util/utf8.h"

#define NOTES_MAX 8

struct examiner {
	struct arena *arena;
	const struct analysis *an;
	const struct build *build;
	struct pattern_explanation *e;
	struct str notes[NOTES_MAX];
	size_t top;
};

static bool has_text(struct str s, struct str what) {
	for (size_t i = 0; i + what.len <= s.len; i++) {
		if (str_starts(str_skip(s, i), what)) {
			return true;
		}
	}
	return false;
}

static bool has_byte(struct str s, char byte) {
	return str_find(s, byte) < s.len;
}

/* ---- in words */

static void note(struct examiner *x, struct str text) {
	if (x->e->nnotes < NOTES_MAX) {
		x->notes[x->e->nnotes++] = text;
	}
}

static void put_literal(struct str text, struct buf *b) {
	if (has_byte(text, '/')) {
		buf_printf(b, "a literal path: \"%.*s\" from the root, and what is below it",
				STR_FMT(text));
	} else {
		buf_printf(b,
				"a literal name: \"%.*s\" in the root, and what is below it; no "
				"other "
				"entry of that name",
				STR_FMT(text));
	}
}

static void put_prefix(struct str text, struct buf *b) {
	struct str start = str_take(text, text.len - 2);

	if (str_ends(start, STR("/"))) {
		buf_printf(b, "everything below \"%.*s\", but not that entry itself",
				STR_FMT(str_take(start, start.len - 1)));
	} else {
		buf_printf(b, "every path that starts with \"%.*s\"", STR_FMT(start));
	}
}

/* "**S", where the slash behind the stars is dropped by some readers. */
static void put_suffix(struct examiner *x, struct str text, struct buf *b) {
	struct str end = str_skip(text, 2);

	if (end.len == 0) {
		buf_append(b, STR("everything"));
	} else if (str_starts(end, STR("/"))) {
		buf_printf(b, "\"%.*s\" at any depth, and what is below it",
				STR_FMT(str_skip(end, 1)));
	} else {
		buf_printf(b, "every path that ends with \"%.*s\", and what is below it",
				STR_FMT(end));
		if (end.ptr[0] != '.') {
			note(x,
					STR("it also takes longer names that end so: \"**\" "
					    "without a slash "
					    "behind it does not begin at a name"));
		}
	}
}

static void put_wildcards(struct str text, struct buf *b) {
	const char *depth = has_byte(text, '|')        ? "anywhere"
			: str_starts(text, STR("**/")) ? "at any depth"
			: has_byte(text, '/')          ? "from the root"
						       : "in the root only";
	struct str rest = str_starts(text, STR("**/")) ? str_skip(text, 3) : text;

	if (str_has_any(text, "[]\\{|^+(")) {
		buf_printf(b, "what the regular expression that is made of it finds %s", depth);
	} else {
		buf_printf(b, "each %s of this form %s", has_byte(rest, '/') ? "path" : "name",
				depth);
	}
	buf_printf(b, ", and what is below it; %s* and ? do not match a slash",
			has_text(text, STR("**")) ? "** spans directories, " : "");
}

static void note_regexp(struct examiner *x, struct str text) {
	if (has_byte(text, '|')) {
		note(x,
				STR("\"|\" separates alternatives here, and the first one matches "
				    "every "
				    "path that starts so"));
	}
	if (has_byte(text, '{')) {
		note(x,
				STR("braces are no list of alternatives: \"{n}\" repeats what is "
				    "in front of "
				    "it, other braces are themselves"));
	}
	if (has_text(text, STR("[!"))) {
		note(x, STR("\"[!\" does not negate: \"!\" is one of the characters; \"[^\" does"));
	}
	if (has_text(text, STR("[^"))) {
		note(x, STR("a class that begins with \"^\" matches a slash, too"));
	}
	if (has_byte(text, '\\')) {
		note(x,
				STR("a backslash in front of a letter or a digit is regexp syntax: "
				    "\"\\d\" is "
				    "any digit"));
	}
	if (str_starts(text, STR("**")) && !str_starts(text, STR("**/")) && text.len > 2) {
		note(x,
				STR("\"**\" spans whole directories only: what follows it is "
				    "matched from "
				    "the start of a name"));
	}
}

static void note_line(struct examiner *x, const struct ignore_pattern *p) {
	if (has_text(p->text, STR(" #"))) {
		note(x,
				STR("there are no comments behind a pattern: the whole line is the "
				    "pattern"));
	}
	if (str_ends(utf8_trim(p->raw), STR("/"))) {
		note(x,
				STR("the slash at the end is dropped: a file of that name is "
				    "matched, too"));
	}
}

static void describe(struct examiner *x, const struct ignore_pattern *p, struct buf *b) {
	bool is_buildah = ignore_dialect_of(x->build->context.engine) == IGNORE_BUILDAH;

	note_line(x, p);
	switch (p->route) {
	case IGNORE_ROUTE_EXACT:
		put_literal(p->text, b);
		break;
	case IGNORE_ROUTE_PREFIX:
		put_prefix(p->text, b);
		break;
	case IGNORE_ROUTE_SUFFIX:
		put_suffix(x, p->text, b);
		break;
	case IGNORE_ROUTE_REGEXP:
		/* Buildah's are all regexps */
		if (str_has_any(p->text, "*?[]\\{|^+(")) {
			put_wildcards(p->text, b);
			note_regexp(x, p->text);
		} else {
			put_literal(p->text, b);
		}
		break;
	}
	if (is_buildah && (has_byte(p->text, '+') || has_byte(p->text, '('))) {
		note(x, STR("Buildah takes + and parentheses for regexp syntax"));
	}
}

/* ---- in figures */

static void add_hit(
		const struct examiner *x, struct pattern_hits *hits, uint32_t row, bool eligible) {
	const struct tree *tree = x->an->tree;

	hits->nentries++;
	hits->nfiles += entry_is_file(tree_entry(tree, row));
	hits->bytes += transfer_bytes(&x->build->plan, tree, row, eligible);
}

/* The plan of one exclusion, alone. */
static enum tng_code plan_alone(struct examiner *x, struct arena *a, struct str text,
		struct transfer_plan *plan, struct tng_error *err) {
	struct transfer_request request = build_transfer_request(x->build);
	struct ignore_set *set = NULL;
	/* a name that starts with '!' must not become an exception */
	struct str safe = text;
	struct buf escaped = { 0 };

	if (str_starts(text, STR("!"))) {
		buf_printf(&escaped, "\\%.*s", STR_FMT(text));
		safe = buf_str(&escaped);
	}
	enum tng_code code = ignore_from_patterns_as(
			ignore_dialect_of(x->build->context.engine), &safe, 1, &set, err);
	if (code == TNG_OK) {
		code = transfer_plan(a, x->an->tree, set, &request, plan, err);
	}
	ignore_destroy(set);
	buf_fini(&escaped);
	return code;
}

/* Whether a row is hit, and nothing it is in. */
static bool is_topmost(const struct tree *tree, const struct transfer_plan *alone, uint32_t row) {
	return alone->fate[row] == FATE_EXCLUDED &&
			fate_is_sent(alone->fate[tree_parent(tree, row)]);
}

static bool is_hit(const struct transfer_plan *alone, uint32_t row) {
	return alone->fate[row] == FATE_EXCLUDED || alone->fate[row] == FATE_PRUNED;
}

static enum tng_code weigh_alone(struct examiner *x, struct arena *scratch, struct tng_error *err) {
	uint32_t nrows = tree_nrows(x->an->tree), *rows = arena_new(x->arena, uint32_t, x->top);
	struct transfer_plan alone;

	if (rows == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = plan_alone(x, scratch, x->e->text, &alone, err);
	if (code != TNG_OK) {
		return code;
	}
	x->e->rows = rows;
	for (uint32_t row = 1; row < nrows; row++) {
		if (!is_hit(&alone, row)) {
			continue;
		}
		add_hit(x, &x->e->disk, row, false);
		if (fate_is_sent(x->build->plan.fate[row])) {
			add_hit(x, &x->e->eligible, row, true);
		}
		if (is_topmost(x->an->tree, &alone, row)) {
			x->e->nrows_all++;
			if (x->e->nrows < x->top) {
				rows[x->e->nrows++] = row;
			}
		}
	}
	return TNG_OK;
}

/* The same name at any depth, where that would hit more. */
static enum tng_code weigh_deep(struct examiner *x, struct arena *scratch, struct tng_error *err) {
	struct pattern_hits hits = { 0 };
	struct transfer_plan deep;
	struct str text = x->e->text;
	struct buf b = { 0 };

	/* of a regexp with alternatives and the like, git knows nothing */
	if (str_has_any(text, "/|{^\\") || str_starts(text, STR("**")) ||
			str_starts(text, STR("!"))) {
		return TNG_OK;
	}
	buf_printf(&b, "**/%.*s", STR_FMT(text));
	struct str deep_text = arena_copy(x->arena, buf_str(&b));
	buf_fini(&b);
	if (deep_text.ptr == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = plan_alone(x, scratch, deep_text, &deep, err);
	for (uint32_t row = 1; code == TNG_OK && row < tree_nrows(x->an->tree); row++) {
		if (is_hit(&deep, row)) {
			add_hit(x, &hits, row, false);
		}
	}
	if (code == TNG_OK && hits.nentries > x->e->disk.nentries) {
		x->e->deep_text = deep_text;
		x->e->deep = hits;
	}
	return code;
}

/* The ignore file with the line behind it, against the one without. */
static enum tng_code weigh_appended(
		struct examiner *x, struct arena *scratch, struct str line, struct tng_error *err) {
	struct transfer_request request = build_transfer_request(x->build);
	const struct transfer_plan *before = &x->build->plan;
	struct ignore_set *set = NULL;
	struct transfer_plan after;
	enum tng_code code = explain_with_line(x->build, line, &set, err);

	if (code == TNG_OK) {
		code = transfer_plan(scratch, x->an->tree, set, &request, &after, err);
	}
	ignore_destroy(set);
	for (uint32_t row = 1; code == TNG_OK && row < tree_nrows(x->an->tree); row++) {
		bool was = fate_is_sent(before->fate[row]), is = fate_is_sent(after.fate[row]);
		if (was == is) {
			continue;
		}
		struct pattern_hits *hits = is ? &x->e->newly_in : &x->e->newly_out;
		hits->nentries++;
		hits->nfiles += entry_is_file(tree_entry(x->an->tree, row));
		hits->bytes += transfer_bytes(is ? &after : before, x->an->tree, row, true);
	}
	return code;
}

static enum tng_code keep_words(
		struct examiner *x, const struct ignore_pattern *p, struct tng_error *err) {
	struct str *notes;
	struct buf b = { 0 };

	describe(x, p, &b);
	x->e->meaning = arena_copy(x->arena, buf_str(&b));
	x->e->text = arena_copy(x->arena, p->text);
	x->e->is_exception = p->is_exception;
	x->e->route = p->route;
	notes = arena_new(x->arena, struct str, NOTES_MAX);
	x->e->notes = notes;
	bool ok = !buf_failed(&b) && x->e->meaning.ptr != NULL && x->e->text.ptr != NULL &&
			notes != NULL;
	if (ok) {
		memcpy(notes, x->notes, sizeof(x->notes));
	}
	buf_fini(&b);
	return ok ? TNG_OK : error_nomem(err);
}

static enum tng_code read_line(struct examiner *x, struct str line, struct tng_error *err) {
	struct ignore_set *set = NULL;

	if (has_byte(line, '\n')) {
		return error_set(err, TNG_EINVAL, "a pattern is one line");
	}
	enum tng_code code = ignore_parse_as(
			ignore_dialect_of(x->build->context.engine), line, &set, err);
	if (code != TNG_OK) {
		return code;
	}
	code = ignore_npatterns(set) == 1
			? keep_words(x, ignore_pattern(set, 0), err)
			: error_set(err, TNG_EINVAL,
					  "that line holds no pattern: it is blank or a comment");
	ignore_destroy(set);
	return code;
}

enum tng_code analysis_explain_pattern(struct arena *a, const struct analysis *an,
		const struct build *build, struct str line, size_t top,
		struct pattern_explanation *out, struct tng_error *err) {
	struct examiner x = { .arena = a, .an = an, .build = build, .e = out, .top = top };
	struct arena *scratch = arena_create();

	*out = (struct pattern_explanation){ 0 };
	enum tng_code code = scratch != NULL ? read_line(&x, line, err) : error_nomem(err);
	if (code == TNG_OK) {
		code = weigh_alone(&x, scratch, err);
	}
	if (code == TNG_OK) {
		code = weigh_deep(&x, scratch, err);
	}
	if (code == TNG_OK) {
		code = weigh_appended(&x, scratch, line, err);
	}
	arena_destroy(scratch);
	return code;
}

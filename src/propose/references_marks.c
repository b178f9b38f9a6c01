#include "propose/references_internal.h"
#include "util/file.h"
#include "util/gomatch.h"
#include "util/path.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct str search_printf(struct search *s, const char *format, ...) {
	char text[512];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	size_t len = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
	struct str copy = arena_copy(s->a, str_make(text, len));
	s->failed |= copy.ptr == NULL;
	return copy.ptr != NULL ? copy : STR("");
}

struct str search_path(struct search *s, uint32_t row) {
	struct buf b = { 0 };

	tree_path(s->tree, row, &b);
	struct str path = arena_copy(s->a, buf_str(&b));
	s->failed |= buf_failed(&b) || path.ptr == NULL;
	buf_fini(&b);
	return path.ptr != NULL ? path : STR("");
}

struct str search_join(struct search *s, struct str base, struct str path) {
	if (str_starts(path, STR("/"))) {
		base = STR(".");
		while (str_starts(path, STR("/"))) {
			path = str_skip(path, 1);
		}
	}
	struct str joined = path_join(s->a, base, path);
	struct str clean = joined.ptr != NULL ? path_clean(s->a, joined) : joined;
	s->failed |= clean.ptr == NULL;
	if (clean.ptr == NULL || str_eq(clean, STR("..")) || str_starts(clean, STR("../"))) {
		return STR("");
	}
	return clean;
}

/* ---- marks ---- */

static bool is_stronger(const struct search *s, uint32_t now, enum need_kind kind) {
	return now == NO_MARK || s->marks.ptr[now].kind < (uint8_t)kind;
}

static struct str reason(struct search *s, const struct mark_how *how) {
	const char *at = strstr(how->why, "%s");

	if (at == NULL) {
		return str_from(how->why);
	}
	return search_printf(s, "%.*s%.*s%s", (int)(at - how->why), how->why,
			STR_FMT(str_take(how->subject, 200)), at + 2);
}

static void raise_below(struct search *s, uint32_t row, uint32_t mark, enum need_kind kind) {
	for (uint32_t up = tree_parent(s->tree, row); up != TREE_NO_ROW;
			up = tree_parent(s->tree, up)) {
		if (!is_stronger(s, s->below[up], kind)) {
			return;
		}
		s->below[up] = mark;
	}
}

void mark_row(struct search *s, uint32_t row, const struct origin *at, const struct mark_how *how) {
	bool is_new = is_stronger(s, s->at[row], how->kind);
	bool is_wider = how->spreads && is_stronger(s, s->tree_at[row], how->kind);

	if (row == 0 || (!is_new && !is_wider)) {
		return;
	}
	struct mark *mark = VEC_PUSH(&s->marks);
	if (mark == NULL) {
		s->failed = true;
		return;
	}
	*mark = (struct mark){ .kind = (uint8_t)how->kind,
		.guard = (uint8_t)how->guard,
		.file = at->file,
		.line = at->line,
		.why = reason(s, how) };
	uint32_t number = (uint32_t)(s->marks.len - 1);
	s->at[row] = is_new ? number : s->at[row];
	s->tree_at[row] = is_wider ? number : s->tree_at[row];
	raise_below(s, row, number, how->kind);
}

void need_raise(struct need *need, enum need_kind kind, enum need_guard guard,
		const struct origin *at, struct str why) {
	if (kind > need->kind) {
		*need = (struct need){ kind, guard, at->file, at->line, why, false };
	}
}

void vcs_raise(struct search *s, enum need_kind kind, const struct origin *at, struct str why) {
	if (s->vcs_is_here) {
		need_raise(&s->vcs_need, kind, NEED_GUARD_VCS_VERSION, at, why);
	}
}

void search_tool(struct search *s, uint32_t tools) {
	s->tools |= tools;
	s->vcs_tools |= s->vcs_is_here ? tools : 0;
}

/* ---- paths to rows ---- */

struct marking {
	const struct origin *at;
	const struct mark_how *how;
	size_t nfound;
};

static void mark_found(struct search *s, uint32_t row, void *user) {
	struct marking *m = user;

	m->nfound++;
	mark_row(s, row, m->at, m->how);
}

static bool matches(struct str glob, struct str name) {
	return str_eq(glob, name) || gomatch(glob, name) == GOMATCH_YES;
}

static void each_in(struct search *s, uint32_t dir, struct str glob, unsigned depth, rows_fn *fn,
		void *user) {
	struct str head, rest;
	bool has_rest = str_cut(glob, '/', &head, &rest);
	bool is_any = str_eq(head, STR("**"));
	uint32_t end = tree_end(s->tree, dir);

	if (depth > 64 || !entry_is_dir(tree_entry(s->tree, dir))) {
		return;
	}
	if (is_any && has_rest) {
		each_in(s, dir, rest, depth + 1, fn, user);
	}
	for (uint32_t row = dir + 1; row < end; row = tree_end(s->tree, row)) {
		const struct entry *entry = tree_entry(s->tree, row);
		struct str name = tree_name(s->tree, entry);
		if (is_any) {
			if (!has_rest) {
				fn(s, row, user);
			}
			each_in(s, row, glob, depth + 1, fn, user);
		} else if (matches(head, name)) {
			if (has_rest && rest.len > 0) {
				each_in(s, row, rest, depth + 1, fn, user);
			} else {
				fn(s, row, user);
			}
		}
	}
}

void rows_each(struct search *s, struct str glob, rows_fn *fn, void *user) {
	uint32_t row = gomatch_has_wildcard(glob) ? TREE_NO_ROW : tree_find(s->tree, glob);

	if (row != TREE_NO_ROW) {
		fn(s, row, user);
	} else if (gomatch_has_wildcard(glob)) {
		each_in(s, 0, glob, 0, fn, user);
	}
}

bool mark_path(struct search *s, struct str base, struct str path, const struct origin *at,
		const struct mark_how *how) {
	struct str clean = search_join(s, base, path);
	struct marking m = { at, how, 0 };

	if (clean.len == 0) {
		return false;
	}
	if (str_eq(clean, STR("."))) {
		return true;
	}
	rows_each(s, clean, mark_found, &m);
	return m.nfound > 0;
}

/* ---- files ---- */

static bool looks_like_text(struct str text) {
	struct str head = str_take(text, 4096);

	return str_find(head, '\0') == head.len;
}

bool search_read(struct search *s, uint32_t row, bool once, struct str *text) {
	const struct entry *entry = row != TREE_NO_ROW ? tree_entry(s->tree, row) : NULL;

	if (entry == NULL || s->in->root_fd < 0 || !entry_is_file(entry) ||
			(s->reach[row] & REACH_ALL) == 0 ||
			(s->in->fate != NULL && !fate_is_sent(s->in->fate[row])) ||
			(once && s->seen[row])) {
		return false;
	}
	if (entry_size(entry) > REFERENCES_FILE_MAX_BYTES ||
			s->stats.bytes + entry_size(entry) > REFERENCES_MAX_BYTES) {
		s->cut_file = s->stats.is_cut ? s->cut_file : search_path(s, row);
		s->stats.is_cut = true;
		return false;
	}
	s->seen[row] = 1;
	struct str path = search_path(s, row);
	if (file_read(s->scratch, s->in->root_fd, path.ptr, REFERENCES_FILE_MAX_BYTES, text,
			    NULL) != TNG_OK) {
		return false;
	}
	s->stats.nfiles++;
	s->stats.bytes += text->len;
	return looks_like_text(*text);
}

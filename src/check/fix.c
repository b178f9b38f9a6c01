/*
 * --fix: the edits of the findings, one by one, each proven before the next:
 *
 *   text ─▶ edit ─▶ verify ─▶ kept, when nothing changes but what the finding says
 *              ▲                 │
 *              └───── undone ◀───┘
 *
 * An edit that says nothing new may change the fate of no entry under any engine. One that makes a line act
 * (a name at any depth, a comment that was a pattern) may only take out, or only bring back, and no source
 * may lose all that it reads.
 */
#include "check/internal.h"

struct fixed_line {
	struct str text;
	bool is_gone;
	struct str behind; /* a line that moved here; empty: none */
};

struct fixer {
	struct arena *arena;
	const struct check_fix_input *in;
	struct fixed_line *lines;
	size_t n;
	struct verifier *verifier; /* of the text so far; NULL: to be made */
	bool only_own;             /* another engine refuses the file */
};

static size_t count_lines(struct str text) {
	size_t n = 1;

	for (size_t i = 0; i < text.len; i++) {
		n += text.ptr[i] == '\n';
	}
	return n;
}

static bool split(struct fixer *f) {
	struct str rest = f->in->text;

	f->n = count_lines(rest);
	f->lines = arena_new(f->arena, struct fixed_line, f->n);
	for (size_t i = 0; f->lines != NULL && i < f->n; i++) {
		(void)str_cut(rest, '\n', &f->lines[i].text, &rest);
	}
	return f->lines != NULL;
}

/* The text as it would be. */
static enum tng_code join(const struct fixer *f, struct str *out, struct tng_error *err) {
	struct buf text = { 0 };
	bool first = true;

	for (size_t i = 0; i < f->n; i++) {
		const struct fixed_line *l = &f->lines[i];
		if (!l->is_gone) {
			buf_append(&text, first ? STR("") : STR("\n"));
			buf_append(&text, l->text);
			first = false;
		}
		if (l->behind.len > 0) {
			buf_append(&text, first ? STR("") : STR("\n"));
			buf_append(&text, l->behind);
			first = false;
		}
	}
	*out = arena_copy(f->arena, buf_str(&text));
	bool ok = !buf_failed(&text) && out->ptr != NULL;
	buf_fini(&text);
	return ok ? TNG_OK : error_nomem(err);
}

/* The lines of an edit with the line ends of the file; .ptr is NULL when out of memory. */
static struct str with_ends(struct fixer *f, struct str text, bool has_cr) {
	struct buf out = { 0 };
	struct str line;

	for (bool more = true; more;) {
		more = str_cut(text, '\n', &line, &text);
		buf_append(&out, line);
		buf_append(&out, has_cr ? STR("\r") : STR(""));
		buf_append(&out, more ? STR("\n") : STR(""));
	}
	struct str kept =
			buf_failed(&out) ? (struct str){ 0 } : arena_copy(f->arena, buf_str(&out));
	buf_fini(&out);
	return kept;
}

/* False: the lines are not as the finding saw them, for an earlier edit was there. */
static bool apply(struct fixer *f, const struct check_edit *edit) {
	struct fixed_line *l = &f->lines[edit->line - 1];

	switch (edit->kind) {
	case CHECK_EDIT_DELETE:
		l->is_gone = true;
		return true;
	case CHECK_EDIT_REPLACE:
		l->text = with_ends(f, edit->text, str_ends(l->text, STR("\r")));
		return l->text.ptr != NULL;
	case CHECK_EDIT_MOVE:
		if (f->lines[edit->to - 1].behind.len > 0 || f->lines[edit->to - 1].is_gone) {
			return false;
		}
		f->lines[edit->to - 1].behind = l->text;
		l->is_gone = true;
		return true;
	case CHECK_EDIT_NONE:
		break;
	}
	return false;
}

static enum tng_code open_verifier(struct fixer *f, struct str now, struct tng_error *err) {
	struct verify_input input = {
		.tree = f->in->tree,
		.builds = f->in->builds,
		.nbuilds = f->in->nbuilds,
		.before = now,
		.has_before = true,
		.engines = f->only_own ? &f->in->engine : NULL,
		.nengines = f->only_own,
	};

	return f->verifier != NULL ? TNG_OK : verifier_create(&input, &f->verifier, err);
}

/* What an exception brings back hangs on the engine: of another one it is enough that nothing is lost. */
static bool counts_in(const struct fixer *f, const struct verify_engine *e,
		const struct check_finding *finding) {
	return e->engine == f->in->engine || finding->edit.kind == CHECK_EDIT_DELETE ||
			!finding->edit.is_silent;
}

static bool is_proven(const struct fixer *f, const struct verification *v,
		const struct check_finding *finding) {
	bool out = false, in = false;

	for (size_t i = 0; i < v->nengines; i++) {
		const struct verify_engine *e = &v->engines[i];
		if (e->bad.code != TNG_OK || e->nempty_after > e->nempty_before) {
			return false;
		}
		out |= e->nnewly_out > 0;
		in |= e->nnewly_in > 0 && counts_in(f, e, finding);
	}
	for (size_t i = 0; i < v->nlosses; i++) {
		if (v->losses[i].is_whole_source) {
			return false;
		}
	}
	if (finding->edit.is_silent) {
		return !out && !in;
	}
	return str_starts(finding->subject, STR("!")) ? !out : !in;
}

static enum tng_code judge(struct fixer *f, struct str now, struct str next,
		struct verification *out, struct tng_error *err) {
	enum tng_code code = open_verifier(f, now, err);

	if (code == TNG_OK) {
		code = verify_text(f->verifier, f->arena, next, out, err);
	}
	if (code == TNG_OK && out->before_is_bad && !f->only_own) {
		verifier_destroy(f->verifier);
		f->verifier = NULL;
		f->only_own = true;
		return judge(f, now, next, out, err);
	}
	return code;
}

/* A suppression above a line that goes would be the next one's. */
static bool is_spoken_of(const struct fixer *f, const struct check_edit *edit) {
	bool is_comment = str_starts(check_raw_line(f->in->text, edit->line), STR("#"));
	bool goes = !is_comment &&
			(edit->kind == CHECK_EDIT_DELETE || edit->kind == CHECK_EDIT_MOVE);

	for (uint32_t line = edit->line - 1; goes && line > 0; line--) {
		struct str text = check_raw_line(f->in->text, line);
		if (!str_starts(text, STR("#"))) {
			break;
		}
		if (str_starts(str_trim(str_skip(text, 1)), STR("tonnage:"))) {
			return true;
		}
	}
	return false;
}

static enum tng_code try_edit(struct fixer *f, const struct check_finding *finding, bool *ok,
		struct tng_error *err) {
	const struct check_edit *edit = &finding->edit;
	struct fixed_line *at = &f->lines[edit->line - 1];
	struct fixed_line *to = &f->lines[edit->kind == CHECK_EDIT_MOVE ? edit->to - 1 : 0];
	struct fixed_line saved = *at, saved_to = *to;
	struct verification v;
	struct str now, next;
	enum tng_code code = join(f, &now, err);

	*ok = false;
	if (code != TNG_OK || at->is_gone || is_spoken_of(f, edit) ||
			!str_eq(at->text, check_raw_line(f->in->text, edit->line)) ||
			!apply(f, edit)) {
		return code;
	}
	code = join(f, &next, err);
	if (code == TNG_OK) {
		code = judge(f, now, next, &v, err);
	}
	*ok = code == TNG_OK && !v.before_is_bad && is_proven(f, &v, finding);
	if (!*ok) {
		*to = saved_to;
		*at = saved;
	} else if (!edit->is_silent) {
		verifier_destroy(f->verifier); /* what is sent is another now */
		f->verifier = NULL;
	}
	return code;
}

static bool is_wanted(const struct check_fix_input *in, const struct check_finding *f) {
	return f->edit.kind != CHECK_EDIT_NONE && f->edit.line > 0 && !f->is_suppressed &&
			!f->is_known && str_eq(f->file, in->file);
}

enum tng_code check_fix(struct arena *a, const struct check_fix_input *input,
		struct check_fixed *out, struct tng_error *err) {
	struct fixer f = { .arena = a, .in = input };
	enum tng_code code = split(&f) ? TNG_OK : error_nomem(err);

	*out = (struct check_fixed){ .text = input->text };
	for (size_t i = 0; i < input->result->n && code == TNG_OK; i++) {
		const struct check_finding *finding = &input->result->findings[i];
		bool ok;
		if (!is_wanted(input, finding) || finding->edit.line > f.n ||
				finding->edit.to > f.n) {
			continue;
		}
		code = try_edit(&f, finding, &ok, err);
		out->nfixed += ok;
		out->nleft += !ok;
	}
	if (code == TNG_OK && out->nfixed > 0) {
		code = join(&f, &out->text, err);
	}
	verifier_destroy(f.verifier);
	return code;
}

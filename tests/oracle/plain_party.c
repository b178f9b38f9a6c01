/* plain_party.c - asks the judge of the unit tests, so that it is known to be right itself. */
#include "oracle/party.h"

#include "ignore/internal.h"
#include "support/plain_matcher.h"

struct cell cell_of(struct arena *a, enum tng_code code, const struct verdict *v, bool is_exception,
		const struct tng_error *err) {
	if (code != TNG_OK) {
		const char *text = arena_copy(a, str_from(err->text)).ptr;

		return (struct cell){ code == TNG_ESYNTAX && err->line > 0 ? 'E' : '?',
			text != NULL ? text : "out of memory", CELL_NO_DECIDER };
	}
	if (v->pattern == IGNORE_NO_PATTERN ? v->excluded : v->excluded == is_exception) {
		return (struct cell){ '?', "the pattern said to decide cannot have decided",
			v->pattern };
	}
	return (struct cell){ v->excluded ? '1' : '0', "", v->pattern };
}

static struct cell plain_cell(struct arena *a, const struct plain_matcher *m, enum tng_code code,
		const struct verdict *v, const struct tng_error *err) {
	bool is_exception = code == TNG_OK && v->pattern < plain_npatterns(m) &&
			plain_pattern(m, v->pattern)->is_exception;

	return cell_of(a, code, v, is_exception, err);
}

bool plain_party_match(struct arena *a, const struct question *q, struct answer *out) {
	static enum tng_code (*const decide[NEVALUATIONS])(struct plain_matcher *, struct str,
			struct verdict *, struct tng_error *) = { plain_decide_path,
		plain_decide_whole_path, plain_decide_legacy };
	struct plain_matcher *m = NULL;
	struct tng_error err = { 0 };

	if (!answer_init(a, q, out)) {
		return false;
	}
	if (plain_matcher_create_as(q->dialect, q->patterns, q->npatterns, &m, &err) != TNG_OK) {
		out->refused = arena_copy(a, str_from(err.text)).ptr;
		return err.code != TNG_ENOMEM && out->refused != NULL;
	}
	for (size_t i = 0; i < q->npaths * NEVALUATIONS; i++) {
		struct verdict v = { 0 };
		enum tng_code code;

		err = (struct tng_error){ 0 };
		code = decide[i % NEVALUATIONS](m, q->paths[i / NEVALUATIONS], &v, &err);
		out->cells[i % NEVALUATIONS][i / NEVALUATIONS] = plain_cell(a, m, code, &v, &err);
	}
	plain_matcher_destroy(m);
	return true;
}

/* The reader's lines must be where it says they are. */
static const char *wrong_place(struct str text, const struct read_pattern *p) {
	uint32_t line = 1;

	if (p->raw.ptr < text.ptr || p->raw.ptr + p->raw.len > text.ptr + text.len) {
		return "raw is not a view into the text";
	}
	for (const char *at = text.ptr; at < p->raw.ptr; at++) {
		line += *at == '\n';
	}
	if (line != p->line) {
		return "the line number is wrong";
	}
	return p->column >= 1 && p->column <= p->raw.len ? NULL : "the column is not in the line";
}

bool read_patterns(struct arena *a, struct str text, struct file_answer *out) {
	struct tng_error err = { 0 };
	struct read_pattern *list = NULL;
	size_t n = 0;
	enum tng_code code = ignore_read(a, text, &list, &n, &err);

	*out = (struct file_answer){ 0 };
	if (code != TNG_OK) {
		out->error = arena_copy(a, str_from(err.text)).ptr;
		return out->error != NULL && code != TNG_ENOMEM;
	}
	out->patterns = arena_new(a, struct str, n);
	for (; out->patterns != NULL && out->npatterns < n; out->npatterns++) {
		const char *wrong = wrong_place(text, &list[out->npatterns]);

		out->patterns[out->npatterns] = list[out->npatterns].text;
		out->error = wrong != NULL ? wrong : out->error;
	}
	return out->patterns != NULL;
}

bool take_parse(struct arena *a, enum tng_code code, const struct tng_error *err,
		struct file_answer *out) {
	if (out->error != NULL) {
		out->new_error =
				code == TNG_OK ? "the matcher takes what the reader refuses" : NULL;
	} else if (code != TNG_OK) {
		out->new_error = arena_copy(a, str_from(err->text)).ptr;
		return out->new_error != NULL;
	}
	return true;
}

bool plain_party_read(struct arena *a, struct str text, struct file_answer *out) {
	struct plain_matcher *m = NULL;
	struct tng_error err = { 0 };
	bool ok = read_patterns(a, text, out) &&
			take_parse(a, plain_matcher_parse(text, &m, &err), &err, out);

	plain_matcher_destroy(m);
	return ok;
}

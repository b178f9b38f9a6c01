/*
 * The list of entries, in row order, which is the order in which the builders send.
 */
#include "report/kinds.h"

#include "util/size.h"

#include <stdio.h>
#include <time.h>

struct lister {
	const struct analysis *an;
	const struct build *build;
	const struct transfer_plan *plan; /* of the lens, or of the line asked about */
	const struct ls_options *options;
	struct sink *sink;
	struct arena *scratch; /* of one entry */
	struct buf path;       /* of the entry at hand: its directory's path, then its name */
	uint32_t dir;          /* the directory whose path is in front */
	size_t dir_len;
	struct weight totals;
	struct transfer_wire wire; /* with --totals, when has_wire */
	bool has_wire;
	uint64_t named_first, named_unchanged; /* transfers of named contexts, when has_named */
	bool has_named;
};

static bool is_wanted_class(const struct lister *l, uint32_t row) {
	for (size_t i = 0; i < l->options->nclasses; i++) {
		if (l->an->classes.marks[row].klass == l->options->classes[i]) {
			return true;
		}
	}
	return l->options->nclasses == 0;
}

static bool is_listed(const struct lister *l, uint32_t row) {
	const struct entry *entry = tree_entry(l->an->tree, row);
	bool sent = fate_is_sent(l->plan->fate[row]);

	if ((l->options->files_only && entry_is_dir(entry)) || !is_wanted_class(l, row)) {
		return false;
	}
	/* nothing is outside the disk: there, what is excluded is what is not eligible */
	return l->options->excluded ? !sent : sent || l->options->lens == LENS_DISK;
}

static struct str entry_path(struct lister *l, const struct entry *entry) {
	if (l->dir != entry->parent) {
		buf_clear(&l->path);
		tree_path(l->an->tree, tree_dir(l->an->tree, entry->parent)->row, &l->path);
		if (l->path.len > 0) {
			buf_putc(&l->path, '/');
		}
		l->dir = entry->parent;
		l->dir_len = l->path.len;
	}
	l->path.len = l->dir_len;
	buf_append(&l->path, tree_name(l->an->tree, entry));
	return buf_str(&l->path);
}

/* As ls -l: the type and nine permission letters. */
static void put_mode(struct sink *sink, const struct entry *entry) {
	static const char types[] = { '-', 'd', 'l', 'p', 's', 'c', 'b', '?' };
	char text[11] = "?rwxrwxrwx";

	text[0] = types[entry_type(entry)];
	for (unsigned i = 0; i < 9; i++) {
		if ((entry->mode >> (8 - i) & 1U) == 0) {
			text[i + 1] = '-';
		}
	}
	if ((entry->mode & 04000U) != 0) {
		text[3] = text[3] == 'x' ? 's' : 'S';
	}
	if ((entry->mode & 02000U) != 0) {
		text[6] = text[6] == 'x' ? 's' : 'S';
	}
	if ((entry->mode & 01000U) != 0) {
		text[9] = text[9] == 'x' ? 't' : 'T';
	}
	sink_put(sink, str_make(text, 10));
}

static void put_time(struct sink *sink, int64_t mtime_ns) {
	const int64_t second_ns = 1000000000;
	time_t seconds = (time_t)(mtime_ns / second_ns - (mtime_ns % second_ns < 0));
	char text[40] = "?";
	struct tm utc;

	if (gmtime_r(&seconds, &utc) != NULL) {
		(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	}
	sink_put(sink, str_from(text));
}

static void put_text(struct lister *l, uint32_t row, const struct entry *entry) {
	struct str path = entry_path(l, entry);

	if (l->options->long_lines) {
		put_mode(l->sink, entry);
		sink_printf(l->sink, " %12llu ", (unsigned long long)entry_size(entry));
		put_time(l->sink, entry->mtime_ns);
		sink_put(l->sink, STR(" "));
	}
	sink_put_path(l->sink, path);
	if (entry_is_dir(entry)) {
		sink_put(l->sink, STR("/"));
	}
	if (l->options->long_lines && entry_type(entry) == ENTRY_SYMLINK) {
		sink_put(l->sink, STR(" -> "));
		sink_put_path(l->sink, tree_link_target(l->an->tree, row));
	}
	sink_put(l->sink, l->options->nul ? str_make("\0", 1) : STR("\n"));
}

static json_t *entry_json(struct lister *l, uint32_t row, const struct entry *entry) {
	uint32_t decider = l->build->plan.decider[row];
	const struct ignore_pattern *p = decider != IGNORE_NO_PATTERN
			? ignore_pattern(l->build->patterns, decider)
			: NULL;
	char text[5];
	json_t *pattern = p != NULL ? json_pattern(l->scratch, p->text, p->is_exception)
				    : json_null();

	(void)snprintf(text, sizeof(text), "%04o", (unsigned)entry->mode & 07777U);
	json_t *object = json_pack("{s:o, s:s, s:I, s:s, s:I, s:b, s:i, s:o}", "path",
			json_text(l->scratch, entry_path(l, entry)), "type",
			entry_type_name(entry_type(entry)), "size", (json_int_t)entry_size(entry),
			"mode", text, "mtime_ns", (json_int_t)entry->mtime_ns, "excluded",
			(int)!fate_is_sent(l->build->plan.fate[row]), "line",
			p != NULL ? (int)p->line : 0, "pattern", pattern);
	if (!kinds_add_row(l->scratch, l->an, row, object)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static void add_to_totals(struct lister *l, uint32_t row, const struct entry *entry) {
	bool of_lens = l->options->lens != LENS_DISK && !l->options->excluded;

	l->totals.nentries++;
	l->totals.nfiles += entry_is_file(entry);
	l->totals.bytes += transfer_bytes(l->plan, l->an->tree, row, of_lens);
}

static bool add_bytes(json_t *object, const char *key, uint64_t bytes) {
	return json_object_set_new(object, key, json_integer((json_int_t)bytes)) == 0;
}

static json_t *totals_json(const struct lister *l) {
	json_t *totals = json_pack("{s:I, s:I, s:I}", "entries", (json_int_t)l->totals.nentries,
			"files", (json_int_t)l->totals.nfiles, "bytes",
			(json_int_t)l->totals.bytes);

	if (totals != NULL &&
			((l->has_wire &&
					 (!add_bytes(totals, "wire_first", l->wire.first) ||
							 !add_bytes(totals, "wire_unchanged",
									 l->wire.unchanged))) ||
					(l->has_named &&
							(!add_bytes(totals, "wire_named_first",
									 l->named_first) ||
									!add_bytes(totals,
											"wire_"
											"named_"
											"unchanged",
											l->named_unchanged))))) {
		json_decref(totals);
		return NULL;
	}
	return totals;
}

/* All transfers of named contexts together; the lens is of the main one. */
static enum tng_code weigh_named(struct lister *l, struct tng_error *err) {
	enum tng_code code = TNG_OK;

	for (size_t i = 0; i < l->build->nnamed && code == TNG_OK; i++) {
		struct named_wire w;
		code = analysis_wire_named(l->scratch, l->build, i, &w, err);
		l->has_named |= w.context.happens;
		l->named_first += w.context.first;
		l->named_unchanged += w.context.unchanged;
	}
	return code;
}

/* What sending the lens costs, for --totals: extended attributes are read for it. */
static enum tng_code weigh_wire(struct lister *l, struct tng_error *err) {
	l->has_wire = l->options->totals && !l->options->excluded &&
			(l->options->lens != LENS_DISK || l->options->line > 0);
	enum tng_code code = TNG_OK;

	if (l->has_wire) {
		code = analysis_wire(l->scratch, l->an, l->build, l->plan, &l->wire, err);
	}
	if (code == TNG_OK && l->has_wire && l->options->line == 0) {
		code = weigh_named(l, err);
	}
	return code;
}

static enum tng_code list_text(struct lister *l) {
	uint32_t nrows = tree_nrows(l->an->tree);

	for (uint32_t row = 1; row < nrows; row++) {
		if (!is_listed(l, row)) {
			continue;
		}
		const struct entry *entry = tree_entry(l->an->tree, row);
		add_to_totals(l, row, entry);
		if (!l->options->totals) {
			put_text(l, row, entry);
		}
	}
	if (l->options->totals) {
		sink_printf(l->sink, "entries=%llu files=%llu bytes=%llu",
				(unsigned long long)l->totals.nentries,
				(unsigned long long)l->totals.nfiles,
				(unsigned long long)l->totals.bytes);
		if (l->has_wire) {
			sink_printf(l->sink, " wire_first=%llu wire_unchanged=%llu",
					(unsigned long long)l->wire.first,
					(unsigned long long)l->wire.unchanged);
		}
		if (l->has_named) {
			sink_printf(l->sink, " wire_named_first=%llu wire_named_unchanged=%llu",
					(unsigned long long)l->named_first,
					(unsigned long long)l->named_unchanged);
		}
		sink_put(l->sink, STR("\n"));
	}
	return TNG_OK;
}

static enum tng_code list_jsonl(struct lister *l, struct tng_error *err) {
	uint32_t nrows = tree_nrows(l->an->tree);
	struct arena_mark mark = arena_mark(l->scratch);
	enum tng_code code = TNG_OK;

	for (uint32_t row = 1; row < nrows && code == TNG_OK; row++) {
		const struct entry *entry = tree_entry(l->an->tree, row);
		if (!is_listed(l, row)) {
			continue;
		}
		add_to_totals(l, row, entry);
		if (!l->options->totals) {
			code = json_write(entry_json(l, row, entry), true, l->sink, err);
			arena_rewind(l->scratch, mark);
		}
	}
	if (code == TNG_OK && l->options->totals) {
		code = json_write(totals_json(l), true, l->sink, err);
	}
	return code;
}

static enum tng_code list_json(struct lister *l, struct tng_error *err) {
	json_t *doc = json_document("ls"), *entries = json_array();
	uint32_t nrows = tree_nrows(l->an->tree);
	bool ok = doc != NULL && entries != NULL;

	for (uint32_t row = 1; row < nrows && ok; row++) {
		const struct entry *entry = tree_entry(l->an->tree, row);
		if (is_listed(l, row)) {
			add_to_totals(l, row, entry);
			ok = l->options->totals ||
					json_array_append_new(entries, entry_json(l, row, entry)) ==
							0;
		}
	}
	ok = ok && json_object_set_new(doc, "totals", totals_json(l)) == 0;
	if (ok && !l->options->totals) {
		ok = json_object_set(doc, "entries", entries) == 0;
	}
	json_decref(entries);
	if (!ok) {
		json_decref(doc);
		return error_nomem(err);
	}
	return json_write(doc, false, l->sink, err);
}

/* The plan that says what is listed: the lens', or the one of a line of the Dockerfile. */
static enum tng_code choose_plan(
		struct lister *l, struct transfer_plan *of_line, struct tng_error *err) {
	l->plan = build_plan(l->build, l->options->lens);
	if (l->options->line == 0) {
		return TNG_OK;
	}
	l->plan = of_line;
	return analysis_plan_line(l->scratch, l->an, l->build, l->options->line, of_line, err);
}

enum tng_code report_ls(const struct analysis *an, const struct ls_options *options,
		struct sink *sink, struct tng_error *err) {
	struct lister l = {
		.an = an,
		.build = &an->builds[0],
		.options = options,
		.sink = sink,
		.scratch = arena_create(),
		.dir = UINT32_MAX,
	};
	struct transfer_plan of_line;

	if (l.scratch == NULL) {
		return error_nomem(err);
	}
	enum tng_code code = choose_plan(&l, &of_line, err);
	if (code == TNG_OK) {
		code = weigh_wire(&l, err);
	}
	if (code == TNG_OK) {
		switch (options->format) {
		case REPORT_TEXT:
			code = list_text(&l);
			break;
		case REPORT_JSON:
			code = list_json(&l, err);
			break;
		case REPORT_JSONL:
			code = list_jsonl(&l, err);
			break;
		}
	}
	if (buf_failed(&l.path)) {
		code = error_nomem(err);
	}
	buf_fini(&l.path);
	arena_destroy(l.scratch);
	return code;
}

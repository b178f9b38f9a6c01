/* What the last commits would have rebuilt, and what would keep more of it cached. */
#include "report/json.h"
#include "report/table.h"
#include "util/path.h"

/* Paths that are named in a sentence, and files of a COPY that is written out. */
#define NAMED_PATHS 3U
#define COPIED_FILES 6U

static const struct history_step *step_of(const struct history_view *v, size_t i) {
	return &v->history->steps[i];
}

/* ---- text */

static void put_code(struct sink *sink, struct str text, size_t max) {
	sink_put(sink, STR("`"));
	sink_put_safe(sink, str_take(text, max));
	sink_put(sink, text.len > max ? STR("...`") : STR("`"));
}

/* "line 5 `COPY . .`"; of several Dockerfiles with its name. */
static void put_step(const struct history_view *v, size_t i, struct sink *sink) {
	const struct history_step *s = step_of(v, i);

	if (v->an->nbuilds > 1) {
		sink_put_safe(sink, s->build->context.dockerfile);
		sink_put(sink, STR(" "));
	}
	sink_printf(sink, "line %u ", s->instruction->line);
	put_code(sink, s->instruction->text, 60);
}

static void put_end(const struct history_view *v, struct sink *sink) {
	const struct history *h = v->history;

	if (h->ncommits >= h->nasked) {
		return;
	}
	switch (h->end) {
	case VCS_HISTORY_MORE:
	case VCS_HISTORY_FIRST:
		sink_printf(sink, "There are no %u: the first commit of all had none before it.\n",
				h->nasked);
		break;
	case VCS_HISTORY_SHALLOW:
		sink_printf(sink,
				"This is a shallow clone: only %zu commit%s can be looked at; git "
				"fetch --unshallow brings the others.\n",
				h->ncommits, plural(h->ncommits));
		break;
	case VCS_HISTORY_MISSING:
		sink_printf(sink,
				"Objects of older commits are not here (a partial clone?): only "
				"%zu commit%s can be looked at.\n",
				h->ncommits, plural(h->ncommits));
		break;
	}
}

static void put_head(const struct history_view *v, struct sink *sink) {
	const struct history *h = v->history;

	sink_printf(sink,
			"The last %zu commit%s, each built after the one before it with today's "
			"Dockerfile and ignore file\n",
			h->ncommits, plural(h->ncommits));
	put_end(v, sink);
	if (h->ndockerfile > 0) {
		sink_printf(sink,
				"%u of them changed%s, which runs again from the changed line on; "
				"that is not counted below.\n",
				h->ndockerfile,
				v->an->nbuilds > 1 ? " a Dockerfile" : " the Dockerfile itself");
	}
	if (h->nignore > 0) {
		sink_printf(sink, "%u changed the ignore file.\n", h->nignore);
	}
}

static void put_table(const struct history_view *v, struct sink *sink) {
	const struct build *build = NULL;

	for (size_t i = 0; i < v->history->nsteps; i++) {
		const struct history_step *s = step_of(v, i);
		if (s->build != build) {
			build = s->build;
			sink_put(sink, STR("\n  rebuilt  by itself  "));
			sink_put_safe(sink, build->context.dockerfile);
			sink_put(sink, STR("\n"));
		}
		sink_printf(sink, "  %7u  ", s->nrebuilt);
		if (s->reads) {
			sink_printf(sink, "%9u", s->nown);
		} else {
			sink_put(sink, STR("        -"));
		}
		sink_printf(sink, "  %4u  ", s->instruction->line);
		struct str text = s->instruction->text;
		sink_put_safe(sink, str_take(text, 70));
		sink_put(sink, text.len > 70 ? STR("...\n") : STR("\n"));
	}
}

static void put_files(const struct history_move *m, const char *between, struct sink *sink) {
	size_t n = m->nmanifests < COPIED_FILES ? m->nmanifests : COPIED_FILES;

	for (size_t i = 0; i < n; i++) {
		sink_put(sink, i > 0 ? str_from(between) : STR(""));
		sink_put_safe(sink, m->manifests[i]);
	}
	if (n < m->nmanifests) {
		sink_printf(sink, "%s%zu more", between, m->nmanifests - n);
	}
}

/* Whether all lie in one directory: then one COPY brings them. */
static bool is_one_place(const struct history_move *m) {
	for (size_t i = 1; i < m->nmanifests; i++) {
		if (!str_eq(path_dir(m->manifests[i]), path_dir(m->manifests[0]))) {
			return false;
		}
	}
	return m->nmanifests <= COPIED_FILES;
}

static void put_move(
		const struct history_view *v, const struct history_move *m, struct sink *sink) {
	sink_put(sink, STR("\n"));
	sink_printf(sink, "%u of %zu commits rebuilt ", step_of(v, m->step)->nrebuilt,
			v->history->ncommits);
	put_step(v, m->step, sink);
	if (m->ntouched == 0) {
		sink_put(sink, STR("; none touched "));
	} else {
		sink_printf(sink, "; only %u touched ", m->ntouched);
	}
	put_files(m, ", ", sink);
	sink_printf(sink, ".\n  Copy %s first: ", m->nmanifests == 1 ? "that" : "those");
	if (is_one_place(m)) {
		struct str dir = path_dir(m->manifests[0]);
		sink_put(sink, STR("COPY "));
		put_files(m, " ", sink);
		sink_put(sink, STR(" ./"));
		if (!str_eq(dir, STR("."))) {
			sink_put_safe(sink, dir);
			sink_put(sink, STR("/"));
		}
	} else {
		sink_put(sink, STR("each to its place"));
	}
	sink_put(sink, STR(", then RUN "));
	sink_put_safe(sink, m->first.len > 0 ? m->first : m->command);
	sink_printf(sink, ", before line %u:\n  ", step_of(v, m->before)->instruction->line);
	if (m->first.len > 0) {
		sink_printf(sink, "%u of %zu commits would keep what it fetches cached.\n",
				m->nkept, v->history->ncommits);
	} else {
		sink_printf(sink, "%u of %zu would keep it cached.\n", m->nkept,
				v->history->ncommits);
	}
}

/* The paths that bust most, of one kind or of any. */
static void put_paths(const struct history_step *s, bool needless, struct sink *sink) {
	size_t n = 0;

	for (size_t i = 0; i < s->npaths && n < NAMED_PATHS; i++) {
		if (needless && !s->paths[i].is_needless) {
			continue;
		}
		sink_put(sink, n++ > 0 ? STR(", ") : STR(""));
		sink_put_safe(sink, s->paths[i].path);
		sink_printf(sink, " (%u)", s->paths[i].ncommits);
	}
}

static void put_reader(const struct history_view *v, size_t i, struct sink *sink) {
	const struct history_step *s = step_of(v, i);

	if (!s->reads || s->nown == 0) {
		return;
	}
	sink_put(sink, STR("\n"));
	put_step(v, i, sink);
	sink_put(sink, STR(" is busted most by "));
	put_paths(s, false, sink);
	sink_printf(sink, "; %zu path%s in all.\n", s->npaths_all, plural(s->npaths_all));
	if (s->nneedless > 0) {
		sink_printf(sink, "  %u of its %u busts came only through what no build needs: ",
				s->nneedless, s->nown);
		put_paths(s, true, sink);
		sink_put(sink,
				STR(".\n  Lines of tonnage propose --level thorough keep such "
				    "paths "
				    "out.\n"));
	}
}

static void put_text(const struct history_view *v, struct sink *sink) {
	bool is_any = false;

	put_head(v, sink);
	if (v->history->ncommits == 0) {
		return;
	}
	put_table(v, sink);
	for (size_t i = 0; i < v->history->nmoves; i++) {
		put_move(v, &v->history->moves[i], sink);
	}
	for (size_t i = 0; i < v->history->nsteps; i++) {
		put_reader(v, i, sink);
		is_any = is_any || step_of(v, i)->nown > 0;
	}
	if (!is_any) {
		sink_put(sink, STR("\nNone of them changed anything that the build copies.\n"));
	}
}

/* ---- JSON */

static json_t *path_json(const struct history_view *v, const struct history_path *p) {
	return json_pack("{s:o, s:I, s:b}", "path", json_text(v->arena, p->path), "commits",
			(json_int_t)p->ncommits, "needless", (int)p->is_needless);
}

static json_t *step_json(const struct history_view *v, const struct history_step *s) {
	json_t *paths = json_array();
	struct str stage = s->build->dockerfile->stages[s->stage].name;

	for (size_t i = 0; i < s->npaths; i++) {
		paths = json_list_add(paths, path_json(v, &s->paths[i]));
	}
	return json_pack("{s:o, s:o, s:I, s:o, s:b, s:I, s:I, s:I, s:o}", "dockerfile",
			json_text(v->arena, s->build->context.dockerfile), "stage",
			stage.len > 0 ? json_text(v->arena, stage) : json_null(), "line",
			(json_int_t)s->instruction->line, "text",
			json_text(v->arena, s->instruction->text), "reads_context", (int)s->reads,
			"rebuilt", (json_int_t)s->nrebuilt, "busted", (json_int_t)s->nown,
			"needless", (json_int_t)s->nneedless, "paths", paths);
}

static json_t *move_json(const struct history_view *v, const struct history_move *m) {
	json_t *files = json_array();

	for (size_t i = 0; i < m->nmanifests; i++) {
		files = json_list_add(files, json_text(v->arena, m->manifests[i]));
	}
	return json_pack("{s:I, s:I, s:o, s:o, s:o, s:I, s:I}", "instruction", (json_int_t)m->step,
			"before", (json_int_t)m->before, "command", json_text(v->arena, m->command),
			"first", m->first.len > 0 ? json_text(v->arena, m->first) : json_null(),
			"manifests", files, "touched", (json_int_t)m->ntouched, "kept",
			(json_int_t)m->nkept);
}

static json_t *commit_json(const struct history_commit *c) {
	json_t *busted = json_array();

	for (size_t i = 0; i < c->nown; i++) {
		busted = json_list_add(busted, json_integer(c->own[i]));
	}
	return json_pack("{s:s, s:o}", "id", c->id, "busted", busted);
}

static json_t *document(const struct history_view *v) {
	static const char *const ends[] = {
		[VCS_HISTORY_MORE] = "asked",
		[VCS_HISTORY_FIRST] = "first",
		[VCS_HISTORY_SHALLOW] = "shallow",
		[VCS_HISTORY_MISSING] = "missing",
	};
	const struct history *h = v->history;
	json_t *steps = json_array(), *moves = json_array(), *commits = json_array();

	for (size_t i = 0; i < h->nsteps; i++) {
		steps = json_list_add(steps, step_json(v, &h->steps[i]));
	}
	for (size_t i = 0; i < h->nmoves; i++) {
		moves = json_list_add(moves, move_json(v, &h->moves[i]));
	}
	for (size_t i = 0; i < h->ncommits; i++) {
		commits = json_list_add(commits, commit_json(&h->commits[i]));
	}
	json_t *doc = json_document("explain");
	json_t *all = json_pack("{s:I, s:s, s:I, s:I, s:o, s:o, s:o}", "asked",
			(json_int_t)h->nasked, "end",
			h->ncommits >= h->nasked ? "asked" : ends[h->end], "dockerfile_changes",
			(json_int_t)h->ndockerfile, "ignore_file_changes", (json_int_t)h->nignore,
			"instructions", steps, "moves", moves, "commits", commits);
	if (json_object_set_new(doc, "history", all) != 0) {
		json_decref(doc);
		return NULL;
	}
	return doc;
}

enum tng_code report_history(
		const struct history_view *v, struct sink *sink, struct tng_error *err) {
	if (v->format == REPORT_JSON) {
		return json_write(document(v), false, sink, err);
	}
	put_text(v, sink);
	return TNG_OK;
}

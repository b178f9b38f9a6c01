/*
 * Where a CI system shows a finding. A finding names its file from the context's root; a CI system knows
 * files from the top of the repository, and wants a place even of what is about the context as a whole.
 */
#include "report/check.h"

#include "util/path.h"
#include "util/utf8.h"

#include <fcntl.h>

struct str check_prefix(const struct check_view *view) {
	const struct analysis *an = view->an;
	struct str root = an->builds[0].context.root;

	if (an->has_git && an->git.nrepositories > 0 && an->git.repositories[0].kind == VCS_MAIN) {
		return an->git.repositories[0].prefix;
	}
	if (str_starts(root, STR("/"))) {
		return STR("");
	}
	struct str clean = path_clean(view->arena, root);
	bool is_here = clean.ptr == NULL || str_eq(clean, STR(".")) || str_starts(clean, STR(".."));
	return is_here ? STR("") : clean;
}

/* --ignorefile, and a Dockerfile that is not in the context, are relative to the working directory. */
static bool is_from_elsewhere(const struct check_view *view, struct str file) {
	for (size_t i = 0; i < view->an->nbuilds; i++) {
		const struct context *ctx = &view->an->builds[i].context;
		bool is_ignore_file = ctx->ignore_origin != IGNORE_ORIGIN_NONE &&
				analysis_ignore_fd(view->an, ctx) == AT_FDCWD &&
				str_eq(file, ctx->ignore_path);
		if (is_ignore_file ||
				(ctx->has_dockerfile && !ctx->dockerfile_is_inside &&
						!ctx->dockerfile_is_inline &&
						str_eq(file, ctx->dockerfile))) {
			return true;
		}
	}
	return str_starts(file, STR("/"));
}

bool check_is_of_stdin(const struct check_finding *f) {
	return str_eq(f->file, STR("-"));
}

/* The file, else the entry, else what would be changed first. */
static struct str nearest_file(const struct check_view *view, const struct check_finding *f) {
	const struct context *ctx = &view->an->builds[0].context;

	if (f->file.len > 0 && !check_is_of_stdin(f)) {
		return f->file;
	}
	if (f->path.len > 0 && !check_is_of_stdin(f)) {
		return f->path;
	}
	if (ctx->ignore_origin != IGNORE_ORIGIN_NONE) {
		return ctx->ignore_path;
	}
	return ctx->has_dockerfile && !str_eq(ctx->dockerfile, STR("-")) ? ctx->dockerfile
									 : STR(".dockerignore");
}

/* A column of bytes in UTF-16 units, as far as the line is known. */
static uint32_t utf16_column(struct str line, uint32_t column) {
	struct str before = str_take(line, column > 0 ? column - 1 : 0);
	uint32_t units = column > 0 ? column - (uint32_t)before.len : 0;

	while (before.len > 0) {
		uint32_t rune;
		unsigned n = utf8_decode(before, &rune);
		units += rune > 0xFFFF ? 2 : 1;
		before = str_skip(before, n);
	}
	return units;
}

struct check_place check_place_of(const struct check_view *view, const struct check_finding *f) {
	struct str file = nearest_file(view, f), prefix = check_prefix(view);
	bool has_line = f->line > 0 && !check_is_of_stdin(f), is_far = false;
	struct check_place place = { .line = has_line ? f->line : 1, .has_line = has_line };

	if (is_from_elsewhere(view, file)) {
		struct str from_root = analysis_outside(view->arena, view->an, file, &is_far);
		file = is_far ? file : from_root;
	}
	place.path = is_far ? file : path_join(view->arena, prefix, file);
	if (place.path.ptr != NULL && !str_starts(place.path, STR("/"))) {
		place.path = path_clean(view->arena, place.path);
	}
	if (has_line && f->column > 0) {
		struct str line = check_source_line(view, f);
		place.column = utf16_column(line, f->column);
		if (f->end_column > f->column) {
			place.end_column = utf16_column(line, f->end_column);
		}
	}
	return place;
}

static struct str take(struct arena *a, struct sink *sink) {
	struct str text = { NULL, 0 };

	if (!buf_failed(&sink->buf)) {
		text = arena_copy(a, buf_str(&sink->buf));
	}
	buf_fini(&sink->buf);
	return text;
}

struct str check_sentence(const struct check_view *view, const struct check_finding *f) {
	struct sink sink;

	sink_init_memory(&sink);
	if (check_is_of_stdin(f) && f->line > 0) {
		sink_printf(&sink, "line %u of standard input: ", f->line);
	}
	sink_put(&sink, f->message);
	if (f->fix.len > 0) {
		sink_put(&sink, STR("; fix: "));
		sink_put(&sink, f->fix);
	}
	return take(view->arena, &sink);
}

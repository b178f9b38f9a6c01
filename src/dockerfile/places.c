/*
 * Places in the file system of a stage: the working directory, and where COPY and ADD put things. What an
 * image has set cannot be seen: then a relative path is kept as if it began at the root, and marked.
 */
#include "dockerfile/internal.h"

#include "util/path.h"

struct str rooted_path(struct arena *a, struct str dir, struct str word) {
	size_t len = dir.len + word.len + 2;
	char *out = arena_alloc(a, len);

	if (out == NULL) {
		return (struct str){ NULL, 0 };
	}
	out[0] = '/';
	if (dir.len > 0) {
		memcpy(out + 1, dir.ptr, dir.len);
	}
	out[dir.len + 1] = '/';
	if (word.len > 0) {
		memcpy(out + dir.len + 2, word.ptr, word.len);
	}
	size_t n = path_clean_into(out, str_make(out, len));
	return n > 1 ? str_make(out + 1, n - 1) : STR(".");
}

void workdir_start(struct resolver *r, uint32_t stage) {
	const struct stage_use *use = &r->uses[stage];

	if (use->base_stage != DOCKERFILE_NO_STAGE) {
		r->stages[stage].workdir = r->stages[use->base_stage].workdir;
		return;
	}
	bool is_empty = !use->is_replaced && !use->base_is_unknowable &&
			str_eq(use->base, STR("scratch"));
	r->stages[stage].workdir =
			(struct destination){ .path = STR("."), .is_unknowable = !is_empty };
}

/* Below the working directory, unless it starts with a slash. */
static enum tng_code find_place(struct resolver *r, uint32_t stage, const struct word_result *word,
		struct destination *out) {
	const struct destination *workdir = &r->stages[stage].workdir;
	bool is_absolute = str_starts(word->text, STR("/"));

	*out = (struct destination){
		.path = rooted_path(r->a, is_absolute ? STR("") : workdir->path, word->text),
		.is_unknowable = word->is_unknowable || (!is_absolute && workdir->is_unknowable),
	};
	return out->path.ptr != NULL ? TNG_OK : error_nomem(r->err);
}

enum tng_code workdir_set(struct resolver *r, uint32_t stage, const struct word_result *word) {
	struct destination place;
	enum tng_code code = find_place(r, stage, word, &place);

	if (code == TNG_OK) {
		r->stages[stage].workdir = place;
	}
	return code;
}

/* "", ".", "a/", "a/." */
static bool names_dir(struct str word) {
	return str_eq(path_base(word), STR("")) || str_eq(path_base(word), STR("."));
}

enum tng_code destination_find(struct resolver *r, uint32_t stage, const struct word_result *word,
		bool is_dir, struct destination *out) {
	const struct destination *workdir = &r->stages[stage].workdir;
	enum tng_code code = find_place(r, stage, word, out);

	if (code == TNG_OK) {
		/* the working directory and those above it are there */
		bool is_there = !workdir->is_unknowable && path_is_below(workdir->path, out->path);
		out->is_dir = is_dir || names_dir(word->text) || is_there;
	}
	return code;
}

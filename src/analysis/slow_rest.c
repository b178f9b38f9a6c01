/*
 * What takes time and is no matter of the ignore file: instructions that ask for too much, the same content more
 * than once, times and modes that are new, and what is sent because it is needed.
 */
#include "analysis/slow.h"

#include <stdlib.h>

/* A COPY of everything is a cause where doing without it saves this share of what must be sent. */
#define WIDE_SHARE 0.3

/* ... and the transfer takes this long, in seconds, at most. */
#define WIDE_SECONDS 1.0

/* Smaller files are not looked at for copies. */
#define DUPLICATE_MIN_BYTES UINT64_C(16384)

/* The heaviest groups of copies: what cannot be one of them is not read. */
#define DUPLICATE_GROUPS 20

/* Copies are told of where they take this share. */
#define DUPLICATE_SHARE 0.05

/* A place that is needed is told of from this share on. */
#define PLACE_SHARE 0.05

/* A directory is opened when one thing in it has this share of its time. */
#define DOMINANT_SHARE 0.8

/* ---- instructions that ask for everything */

static bool is_main_source(const struct source *source) {
	return source->context == DOCKERFILE_MAIN_CONTEXT && source->kind != SOURCE_REMOTE;
}

/* What is asked for without the sources of one line that are of everything. */
static enum tng_code find_others(const struct slow *s, const struct source *wide,
		struct str **includes, size_t *n, struct tng_error *err) {
	const struct build_sources *sources = s->build->sources;
	struct str *paths = arena_new(s->arena, struct str, sources->nsources);
	size_t npaths = 0;

	*n = 0;
	if (paths == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < sources->nsources; i++) {
		const struct source *other = &sources->sources[i];
		if (is_main_source(other) && other != wide) {
			paths[npaths++] = other->path;
		}
	}
	return npaths > 0 ? follow_links(s->arena, s->an->tree, paths, npaths, includes, n, err)
			  : TNG_OK;
}

static struct str tell_source(struct slow *s, const struct source *source) {
	const char *kind = source->kind == SOURCE_ADD ? "ADD" : "COPY";

	if (source->kind == SOURCE_BIND) {
		return STR("a bind mount without a source");
	}
	if (source->kind == SOURCE_TMPFS) {
		return STR("a tmpfs mount");
	}
	return slow_text(s, "%s %.*s", kind, STR_FMT(str_take(source->written, 60)));
}

static void add_wide(struct slow *s, const struct source *wide, const struct slow_time *with,
		const struct slow_try *without, struct time_range seconds) {
	bool is_mount = wide->kind == SOURCE_BIND || wide->kind == SOURCE_TMPFS;
	struct slow_cause c = {
		.id = "wide-copy",
		.lens = s->lens,
		.nentries = with->counts.announced - without->told.counts.announced,
		.nfiles = with->counts.files - without->told.counts.files,
		.bytes = with->counts.bytes - without->told.counts.bytes,
		.file = s->build->context.dockerfile,
		.line = wide->line,
		.seconds = seconds,
		.left = without->told.time.total,
	};

	c.what = slow_text(s, "%.*s on line %u of %.*s asks for everything%s",
			STR_FMT(tell_source(s, wide)), wide->line, STR_FMT(c.file),
			str_eq(wide->path, STR(".")) ? "" : ", as a link matches its wildcard");
	c.change = wide->kind == SOURCE_TMPFS ? STR("give the mount a source= that is small: "
						    "BuildKit asks for it, and does not use it")
			: is_mount            ? STR("give the mount the source= that it needs")
					      : STR("name what the stage uses instead");
	c.why = is_mount ? STR("")
			 : STR("Beside the lines that propose has. What is left is what the other "
			       "instructions ask for: at least that.");
	slow_add(s, &c);
}

/* Against what the ignore file cannot take away. */
static enum tng_code try_wide(struct slow *s, const struct source *wide, struct tng_error *err) {
	bool is_copy = wide->kind == SOURCE_COPY || wide->kind == SOURCE_ADD;
	struct str text =
			s->left != NULL ? s->proposal.proposal.text : s->build->context.ignore_text;
	const struct slow_time *with = s->left != NULL ? &s->proposed : &s->told;
	struct slow_try without = { 0 };
	struct str *includes = NULL;
	size_t n = 0;
	enum tng_code code = find_others(s, wide, &includes, &n, err);

	if (code != TNG_OK || n == 0) {
		return code; /* another one asks for everything, or this is the only one */
	}
	code = slow_try(s, text, includes, n, &without, err);
	if (code == TNG_OK) {
		struct time_range saved = slow_saved(with->time.total, without.told.time.total);
		double least = WIDE_SHARE * time_middle(with->time.total);
		if (!is_copy ||
				(time_middle(saved) >= least &&
						with->time.total.hi >= WIDE_SECONDS)) {
			add_wide(s, wide, with, &without, saved);
		}
		slow_try_fini(&without);
	}
	return code;
}

static enum tng_code try_instructions(struct slow *s, struct tng_error *err) {
	const struct build_sources *sources = s->build->sources;
	enum tng_code code = TNG_OK;

	if (s->lens != LENS_REQUESTED || s->nincludes > 0) {
		return TNG_OK; /* nothing asks for everything */
	}
	for (size_t i = 0; i < sources->nsources && code == TNG_OK; i++) {
		const struct source *source = &sources->sources[i];
		struct str *includes = NULL;
		size_t n = 0;
		if (!is_main_source(source)) {
			continue;
		}
		code = follow_links(s->arena, s->an->tree, &source->path, 1, &includes, &n, err);
		if (code == TNG_OK && n == 0) {
			return try_wide(s, source, err); /* of several it is nobody's fault alone */
		}
	}
	return code;
}

/* ---- the same content more than once */

static bool is_needed(const struct slow *s, uint32_t row) {
	return fate_is_sent(s->plan->fate[row]) && (s->left == NULL || fate_is_sent(s->left[row]));
}

static void add_duplicates(struct slow *s, const struct duplicates *found) {
	struct slow_cause c = { .id = "duplicate-contents", .lens = s->lens, .nplaces = found->n };
	struct time_counts fewer = s->told.counts;
	struct time_prediction then;

	for (size_t i = 0; i < found->n; i++) {
		c.nfiles += found->groups[i].n - 1;
		c.bytes += found->groups[i].size_bytes * (found->groups[i].n - 1);
	}
	if (c.nfiles == 0 || c.nfiles > fewer.files || c.bytes > fewer.bytes) {
		return; /* warm: they are not sent again */
	}
	fewer.files -= c.nfiles;
	fewer.created -= c.nfiles < fewer.created ? c.nfiles : fewer.created;
	fewer.bytes -= c.bytes;
	time_predict(&fewer, &s->profile, &then);
	const struct duplicate_group *first = &found->groups[0];
	c.nentries = c.nfiles;
	c.row = first->rows[0];
	c.seconds = slow_saved(s->told.time.total, then.total);
	c.left = then.total;
	if (time_middle(c.seconds) < DUPLICATE_SHARE * time_middle(s->told.time.total)) {
		return;
	}
	c.what = slow_text(s,
			"%.*s file%s hold%s what another holds, too (%.*s); the heaviest %zu "
			"times: "
			"%.*s",
			STR_FMT(slow_count(s, c.nfiles)), c.nfiles == 1 ? "" : "s",
			c.nfiles == 1 ? "s" : "", STR_FMT(slow_size(s, c.bytes)), first->n,
			STR_FMT(str_take(slow_path(s, c.row), 300)));
	c.change = STR("keep one of each, or make the others hard links or symbolic links");
	slow_add(s, &c);
}

/* Of packages and other people's sources nobody takes a file away. */
static bool may_be_one(const struct slow *s, uint32_t row) {
	uint16_t klass = s->an->has_classes ? s->an->classes.marks[row].klass : CLASS_SOURCE;

	return entry_is_file(tree_entry(s->an->tree, row)) && slow_has_content(s, row) &&
			klass != CLASS_VENDORED && klass != CLASS_DEPS &&
			klass != CLASS_VIRTUALENV && klass != CLASS_VCS;
}

static enum tng_code try_duplicates(struct slow *s, struct tng_error *err) {
	uint32_t nrows = tree_nrows(s->an->tree);
	uint8_t *wanted = arena_new(s->arena, uint8_t, nrows);
	struct digest_source source = { .tree = s->an->tree, .root_fd = s->build->context.root_fd };
	struct duplicates found = { 0 };

	if (wanted == NULL) {
		return error_nomem(err);
	}
	if (s->told.counts.files == 0) {
		return TNG_OK;
	}
	for (uint32_t row = 1; row < nrows; row++) {
		wanted[row] = is_needed(s, row) && may_be_one(s, row);
	}
	struct duplicate_request request = {
		.wanted = wanted,
		.min_bytes = DUPLICATE_MIN_BYTES,
		.most = DUPLICATE_GROUPS,
	};
	enum tng_code code = digest_duplicates(s->arena, &source, &request, &found, err);
	if (code == TNG_OK) {
		add_duplicates(s, &found);
	}
	return code;
}

/* ---- new times and modes */

static void add_churn(struct slow *s) {
	static const struct {
		const char *id, *what, *change;
	} texts[] = {
		[SLOW_MTIME] = { "mtime-churn",
				"are sent again for their times, whatever is in them",
				"keep the times of what did not change, as cp -p, rsync -t and tar "
				"do" },
		[SLOW_CHMOD] = { "mode-churn",
				"are sent again for their modes, whatever is in them",
				"keep the modes, as with the same umask for each checkout" },
		[SLOW_CHECKOUT] = { "mtime-churn",
				"are sent again, as a fresh checkout gives them new times",
				"keep the checkout between builds, or give files the times of "
				"their "
				"commits" },
	};
	struct slow_cause c = {
		.lens = s->lens,
		.nfiles = s->told.counts.files - s->unchanged.counts.files,
		.bytes = s->told.counts.bytes - s->unchanged.counts.bytes,
		.seconds = slow_saved(s->told.time.total, s->unchanged.time.total),
		.left = s->unchanged.time.total,
	};

	if (s->how.assume == SLOW_COLD || s->how.assume == SLOW_WARM || c.nfiles == 0) {
		return;
	}
	c.id = texts[s->how.assume].id;
	c.nentries = c.nfiles;
	c.what = slow_text(s, "%.*s files (%.*s) %s", STR_FMT(slow_count(s, c.nfiles)),
			STR_FMT(slow_size(s, c.bytes)), texts[s->how.assume].what);
	c.change = str_from(texts[s->how.assume].change);
	slow_add(s, &c);
}

/* ---- what is needed, as far as can be told */

static bool asks_for(const struct source *source, struct str path) {
	return is_main_source(source) &&
			(path_is_below(path, source->path) || path_is_below(source->path, path));
}

/* Nothing was given and there is no default: others may be found. NULL: none that is not a fixture. */
static const struct proposed_build *find_build(const struct slow *s) {
	for (size_t i = 0; s->left != NULL && i < s->proposal.nbuilds; i++) {
		const struct proposed_build *b = &s->proposal.builds[i];
		uint32_t row = b->dockerfile.len > 0 ? tree_find(s->an->tree, b->dockerfile)
						     : TREE_NO_ROW;
		if (row != TREE_NO_ROW && !found_lies_in_material(s->an, row)) {
			return b;
		}
	}
	return NULL;
}

static struct str tell_builds(struct slow *s) {
	const struct proposed_build *b = find_build(s);

	return b == NULL ? STR("No Dockerfile is found that says whether it is needed.")
			 : slow_text(s,
					   "There is no default Dockerfile to say whether it is "
					   "needed; name one with -f, as %.*s.",
					   STR_FMT(str_take(b->dockerfile, 100)));
}

static struct str tell_why(struct slow *s, struct slow_cause *c, struct str path) {
	const struct build_sources *sources = s->build->sources;

	if (sources == NULL) {
		return tell_builds(s);
	}
	for (size_t i = 0; i < sources->nsources; i++) {
		const struct source *source = &sources->sources[i];
		if (asks_for(source, path)) {
			c->file = s->build->context.dockerfile;
			c->line = source->line;
			return slow_text(s, "Line %u of %.*s asks for it (%.*s).", source->line,
					STR_FMT(str_take(c->file, 200)),
					STR_FMT(tell_source(s, source)));
		}
	}
	return STR("");
}

/* What the proposal says of this place, or of a directory that it is in. */
static struct str find_keep(struct slow *s, uint32_t row) {
	const struct proposal *p = &s->proposal.proposal;

	for (; s->left != NULL && row != 0; row = tree_parent(s->an->tree, row)) {
		for (size_t i = 0; i < p->nkeeps; i++) {
			if (p->keeps[i].row == row) {
				return slow_text(s, "Not proposed to be excluded: %.*s.",
						STR_FMT(str_take(p->keeps[i].why, 300)));
			}
		}
	}
	return STR("");
}

static void add_needed(struct slow *s, const struct slow_place *place) {
	struct slow_gone gone = { .nplaces = 1, .heaviest = *place, .all = *place };
	struct slow_cause c = {
		.lens = s->lens,
		.row = place->row,
		.nplaces = 1,
		.nentries = place->nentries,
		.nfiles = place->nfiles,
		.bytes = place->bytes,
	};
	double whole = time_middle(s->told.time.total), share = place->seconds / whole;

	if (share < PLACE_SHARE || place->nfiles == 0) {
		return;
	}
	share = share < 1 ? share : 1;
	c.seconds = (struct time_range){ s->told.time.total.lo * share,
		s->told.time.total.hi * share };
	slow_tell_place(s, &gone, &c);
	struct str keep = find_keep(s, c.row);
	struct str why = tell_why(s, &c, slow_path(s, c.row));
	c.why = keep.len > 0 ? keep : why;
	slow_add(s, &c);
}

/* Per directory number, what is below it, and the directory itself. */
static void weigh_dirs(const struct slow *s, struct slow_place *places) {
	const struct tree *tree = s->an->tree;

	for (uint32_t row = tree_nrows(tree) - 1; row > 0; row--) {
		const struct entry *entry = tree_entry(tree, row);
		struct slow_place own = { 0 };
		if (is_needed(s, row)) {
			slow_place_add(s, &own, row);
		}
		if (entry_is_dir(entry)) {
			struct slow_place *dir = &places[(uint32_t)entry->size];
			slow_place_sum(dir, &own);
			dir->row = row;
			slow_place_sum(&places[entry->parent], dir);
		} else {
			slow_place_sum(&places[entry->parent], &own);
		}
	}
}

/* The heaviest thing directly in a directory. */
static struct slow_place find_heaviest(
		const struct slow *s, const struct slow_place *places, uint32_t dir) {
	const struct tree_dir *d = tree_dir(s->an->tree, dir);
	struct slow_place best = { 0 };

	for (uint32_t row = d->row + 1; row < d->end; row = tree_end(s->an->tree, row)) {
		const struct entry *entry = tree_entry(s->an->tree, row);
		struct slow_place one = { .row = row };
		if (entry_is_dir(entry)) {
			one = places[(uint32_t)entry->size];
		} else if (is_needed(s, row)) {
			slow_place_add(s, &one, row);
		}
		if (one.seconds > best.seconds) {
			best = one;
		}
	}
	return best;
}

/* One line for each heavy thing in the root, at the place where most of its time is. */
static void add_places(struct slow *s, const struct slow_place *places) {
	const struct tree *tree = s->an->tree;

	for (uint32_t row = 1; row < tree_nrows(tree); row = tree_end(tree, row)) {
		const struct entry *entry = tree_entry(tree, row);
		struct slow_place place = { .row = row }, inner;
		if (!entry_is_dir(entry)) {
			if (is_needed(s, row)) {
				slow_place_add(s, &place, row);
			}
			add_needed(s, &place);
			continue;
		}
		place = places[(uint32_t)entry->size];
		for (entry = tree_entry(tree, place.row); entry_is_dir(entry);
				entry = tree_entry(tree, place.row)) {
			inner = find_heaviest(s, places, (uint32_t)entry->size);
			if (inner.seconds < DOMINANT_SHARE * place.seconds || inner.seconds <= 0) {
				break;
			}
			place = inner;
		}
		add_needed(s, &place);
	}
}

static enum tng_code find_needed(struct slow *s, struct tng_error *err) {
	struct slow_place *places = arena_new(s->arena, struct slow_place, tree_ndirs(s->an->tree));

	if (places == NULL) {
		return error_nomem(err);
	}
	weigh_dirs(s, places);
	add_places(s, places);
	return TNG_OK;
}

enum tng_code slow_try_the_rest(struct slow *s, struct tng_error *err) {
	enum tng_code code = try_instructions(s, err);

	if (code == TNG_OK) {
		code = try_duplicates(s, err);
	}
	if (code == TNG_OK) {
		code = find_needed(s, err);
	}
	add_churn(s);
	return code;
}

/*
 * What to do next, in a sentence or two. It speaks of the first thing that holds, in this order: the
 * build is broken, nothing is filtered, one place weighs most, all is well. A line for the ignore file is
 * named only for what its class says no build needs; what else can go is for `tonnage propose` to find out.
 */
#include "analysis/internal.h"
#include "builds/builds.h"
#include "util/buf.h"
#include "util/size.h"

/* A place with this share of the eligible bytes is worth a sentence. */
#define HEAVY_PERCENT 25

/* Below this, transfer time is not about bytes. */
#define LIGHT_BYTES UINT64_C(10000000)

/* Dockerfiles elsewhere that are named. */
#define NAMED_DOCKERFILES 3

#define PROPOSE " Run `tonnage propose` to see what no build needs."

static const char *ignore_name(const struct context *ctx, char out[128]) {
	size_t n = ctx->ignore_path.len < 127 ? ctx->ignore_path.len : 127;

	if (n == 0) {
		return ".dockerignore";
	}
	memcpy(out, ctx->ignore_path.ptr, n);
	out[n] = '\0';
	return out;
}

static const char *lens_words(enum lens lens) {
	switch (lens) {
	case LENS_DISK:
		return "is on disk";
	case LENS_ELIGIBLE:
		return "is eligible";
	case LENS_REQUESTED:
		break;
	}
	return "the build asks for";
}

/* Where a row's class flows from: the row itself, or a directory that claims all below it. */
static uint32_t class_root(const struct analysis *an, uint32_t row) {
	uint32_t root = an->classes.roots[tree_entry(an->tree, row)->parent];

	return root != TREE_NO_ROW && an->classes.marks[root].klass == an->classes.marks[row].klass
			? root
			: row;
}

/* The line that keeps a place out, where its class alone says that it may go. */
static void put_line(
		const struct analysis *an, const struct build *build, uint32_t row, struct buf *b) {
	const struct class_mark *mark = &an->classes.marks[row];
	bool is_new = build->context.ignore_origin == IGNORE_ORIGIN_NONE;
	struct buf path = { 0 }, line = { 0 };
	char name[128];

	tree_path(an->tree, class_root(an, row), &path);
	if (ignore_put_literal(ignore_dialect_of(build->context.engine), buf_str(&path), &line)) {
		buf_printf(b, " It is of class %.*s: %s the line \"",
				STR_FMT(an->classes.classes[mark->klass].name),
				is_new ? "create .dockerignore with" : "add");
		buf_append(b, buf_str(&line));
		buf_putc(b, '"');
		if (!is_new) {
			buf_printf(b, " to %s", ignore_name(&build->context, name));
		}
		buf_putc(b, '.');
	}
	b->failed |= buf_failed(&path) || buf_failed(&line);
	buf_fini(&path);
	buf_fini(&line);
}

/* One place is much of the weight: how much, and what to do about it. */
static void put_heavy(const struct analysis *an, const struct build *build, enum lens lens,
		const struct heavy *h, struct buf *b) {
	char size[SIZE_TEXT_BYTES], share[SIZE_TEXT_BYTES];
	bool is_dir = entry_is_dir(tree_entry(an->tree, h->row));
	struct buf path = { 0 };

	tree_path(an->tree, h->row, &path);
	buf_putc(b, '"');
	buf_append(b, buf_str(&path));
	buf_printf(b, "%s\" is %s of what %s (%s).", is_dir ? "/" : "",
			size_format_percent(h->bytes, build_weight(build, lens)->bytes, share),
			lens_words(lens), size_format_short(h->bytes, size));
	if (an->has_classes && an->classes.marks[h->row].advice == ADVICE_EXCLUDE) {
		put_line(an, build, h->row, b);
	} else {
		buf_append(b, STR(PROPOSE));
	}
	b->failed |= buf_failed(&path);
	buf_fini(&path);
}

/* The first source that asks for everything, one that hangs on an argument last; NULL: none does. */
static const struct source *whole_source(const struct build *build) {
	const struct source *unsure = NULL;

	for (size_t i = 0; i < build->sources->nsources; i++) {
		const struct source_weight *w = &build->source_weights[i];
		if (!w->is_whole || w->source->context != DOCKERFILE_MAIN_CONTEXT) {
			continue;
		}
		if (!w->source->is_unknowable) {
			return w->source;
		}
		unsure = unsure != NULL ? unsure : w->source;
	}
	return unsure;
}

/* What the Dockerfile makes of what is eligible. */
static void put_requested(const struct build *build, struct buf *b) {
	char asked[SIZE_TEXT_BYTES], eligible[SIZE_TEXT_BYTES];
	const struct source *whole = whole_source(build);
	uint64_t bytes = build->requested.eligible.bytes;

	(void)size_format_short(bytes, asked);
	(void)size_format_short(build->plan.eligible.bytes, eligible);
	if (!build->sources->contexts[DOCKERFILE_MAIN_CONTEXT].is_used) {
		buf_append(b,
				STR("The Dockerfile asks for nothing of the context: nothing is "
				    "sent. "));
	} else if (whole != NULL) {
		buf_printf(b, "Line %u of the Dockerfile asks for everything that is eligible%s. ",
				whole->line,
				whole->is_unknowable ? ", unless its argument is given" : "");
	} else {
		buf_printf(b, "The Dockerfile asks for %s%s of the %s that is eligible. ",
				build->is_bounded ? "at least " : "", asked, eligible);
	}
}

static void put_unfiltered(const struct build *build, struct buf *b) {
	bool filtered = build->patterns != NULL && ignore_npatterns(build->patterns) > 0;

	if (!filtered && build->plan.eligible.bytes > 0) {
		buf_append(b,
				build->context.ignore_origin == IGNORE_ORIGIN_NONE
						? STR("There is no ignore file: nothing is kept "
						      "out. ")
						: STR("The ignore file holds no pattern: nothing "
						      "is "
						      "kept out. "));
	}
}

static bool was_listed(const struct found_build *const *list, size_t i) {
	for (size_t k = 0; k < i; k++) {
		if (str_eq(list[k]->dockerfile, list[i]->dockerfile)) {
			return true;
		}
	}
	return false;
}

/* Builds of this root whose Dockerfile lies elsewhere: each Dockerfile once. */
static enum tng_code put_dockerfiles(
		struct arena *a, const struct analysis *an, struct buf *b, struct tng_error *err) {
	const struct found_build **list = NULL;
	struct builds found = { 0 };
	size_t n = 0, nnamed = 0;
	enum tng_code code = found_builds(a, an, &found, err);

	if (code == TNG_OK) {
		code = builds_of_context(a, &found, STR("."), &list, &n, err);
	}
	for (size_t i = 0; i < n && code == TNG_OK; i++) {
		struct str path = list[i]->dockerfile;
		if (path.len == 0 || was_listed(list, i) || found_is_material(an, list[i])) {
			continue;
		}
		if (nnamed < NAMED_DOCKERFILES) {
			buf_append(b,
					nnamed == 0 ? STR("Dockerfiles elsewhere build from here: ")
						    : STR(", "));
			buf_append(b, path);
		}
		nnamed++;
	}
	if (nnamed > NAMED_DOCKERFILES) {
		buf_printf(b, " and %zu more", nnamed - NAMED_DOCKERFILES);
	}
	if (nnamed > 0) {
		buf_append(b, STR("; name one with -f to see what it asks for. "));
	}
	return code;
}

static enum tng_code put_advice(struct arena *a, const struct analysis *an,
		const struct build *build, struct buf *b, struct tng_error *err) {
	struct heavy *heavy;
	size_t n;
	char size[SIZE_TEXT_BYTES];
	enum lens lens = build_default_lens(build);
	uint64_t total = build_weight(build, lens)->bytes;

	if (!build->has_plan && build->has_requested) {
		buf_append(b,
				STR("The Dockerfile asks for nothing of the context, so the bad "
				    "pattern does no harm yet. Fix it all the same: the first COPY "
				    "would fail."));
		return TNG_OK;
	}
	if (!build->has_plan) {
		buf_append(b,
				STR("Fix the ignore file first: as it is, every build of this "
				    "context "
				    "fails."));
		return TNG_OK;
	}
	enum tng_code code = analysis_heaviest(a, an, build, lens, 15, &heavy, &n, err);
	if (code != TNG_OK) {
		return code;
	}
	if (an->is_partial) {
		buf_append(b,
				STR("Part of the context cannot be read, and the figures leave it "
				    "out. "));
	}
	put_unfiltered(build, b);
	if (build->has_requested) {
		put_requested(build, b);
	} else if (!build->context.has_dockerfile) {
		code = put_dockerfiles(a, an, b, err);
	}
	if (build->plan.disk.bytes == 0) {
		buf_append(b, STR("The build context holds no bytes to send."));
	} else if (build->has_requested && total == 0) {
		/* nothing is sent, and put_requested() said so */
	} else if (total < LIGHT_BYTES) {
		buf_printf(b, "At %s the transfer is light: bytes are not what makes a build slow.",
				size_format_short(total, size));
	} else if (n > 0 && !heavy[0].is_rest &&
			(double)heavy[0].bytes * 100 >= (double)total * HEAVY_PERCENT) {
		put_heavy(an, build, lens, &heavy[0], b);
	} else {
		buf_append(b, STR("No single place dominates." PROPOSE));
	}
	return code;
}

enum tng_code analysis_advice(struct arena *a, const struct analysis *an, const struct build *build,
		struct str *out, struct tng_error *err) {
	struct buf b = { 0 };
	enum tng_code code = put_advice(a, an, build, &b, err);
	struct str copy = arena_copy(a, buf_str(&b));

	if (code == TNG_OK && (buf_failed(&b) || copy.ptr == NULL)) {
		code = error_nomem(err);
	}
	buf_fini(&b);
	*out = copy;
	return code;
}

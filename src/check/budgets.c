/* Budgets: figures of a lens that must not be passed, and who is to blame when they are. */
#include "check/internal.h"

#include "util/size.h"

#include <stdlib.h>

/* One lens of the build at hand. */
struct view {
	struct checker *c;
	enum config_lens lens; /* never CONFIG_LENS_DEFAULT */
	const struct transfer_plan *plan;
	uint64_t *weights; /* per row: work memory */
};

static bool in_lens(const struct view *v, uint32_t row) {
	return v->lens == CONFIG_LENS_DISK || fate_is_sent(v->plan->fate[row]);
}

static uint64_t bytes_of(const struct view *v, uint32_t row) {
	return transfer_bytes(v->plan, v->c->in->tree, row, v->lens != CONFIG_LENS_DISK);
}

/* False: the lens is not known. */
static bool open_lens_of(struct view *v, const struct check_build *b, enum config_lens lens) {
	if (lens == CONFIG_LENS_DEFAULT) {
		/* where a build fails nothing is sent, and what lies on the disk says nothing of that */
		lens = b->requested != NULL ? CONFIG_LENS_REQUESTED : CONFIG_LENS_ELIGIBLE;
	}
	v->lens = lens;
	v->plan = lens == CONFIG_LENS_REQUESTED ? b->requested : b->plan;
	return v->plan != NULL && (lens != CONFIG_LENS_ELIGIBLE || b->has_plan);
}

static bool open_lens(struct view *v, enum config_lens lens) {
	return open_lens_of(v, v->c->build, lens);
}

/* Whether an earlier build has the same figures and the same limits. */
static bool is_told(const struct view *v, enum config_lens lens) {
	for (size_t i = 0; i < check_number(v->c); i++) {
		const struct check_build *b = &v->c->in->builds[i];
		struct view other = *v;
		if (b->policy == v->c->build->policy && open_lens_of(&other, b, lens) &&
				other.lens == v->lens &&
				(v->lens == CONFIG_LENS_DISK ||
						other.plan->fate == v->plan->fate)) {
			return true;
		}
	}
	return false;
}

/* Which rows count. */
struct filter {
	bool all;
	uint16_t klass;
	const uint8_t *fate; /* not NULL: rows that are not sent here match the pattern */
};

static bool counts(const struct view *v, const struct filter *filter, uint32_t row) {
	if (!entry_is_file(tree_entry(v->c->in->tree, row)) || !in_lens(v, row)) {
		return false;
	}
	if (filter->fate != NULL) {
		return !fate_is_sent(filter->fate[row]);
	}
	return filter->all || v->c->in->classes->marks[row].klass == filter->klass;
}

struct sum {
	uint64_t nfiles, bytes;
};

/* Fills v->weights: bytes, or 1 a file. */
static struct sum weigh(struct view *v, const struct filter *filter, bool by_count) {
	uint32_t nrows = tree_nrows(v->c->in->tree);
	struct sum sum = { 0 };

	for (uint32_t row = 0; row < nrows; row++) {
		bool taken = row > 0 && counts(v, filter, row);
		uint64_t bytes = taken ? bytes_of(v, row) : 0;
		sum.nfiles += taken;
		sum.bytes += bytes;
		v->weights[row] = by_count ? taken : bytes;
	}
	return sum;
}

/* "heaviest: a 3MB, b 2MB", and the lines that would take out those that nobody asks to keep. */
static void blame(struct view *v, struct check_finding *f, bool by_count, const char *word) {
	struct checker *c = v->c;
	struct check_places places;
	struct buf text = { 0 }, lines = { 0 };
	char number[SIZE_TEXT_BYTES + 4];

	check_find_places(c, v->weights, &places);
	for (size_t i = 0; i < places.n; i++) {
		struct str path = check_path(c, places.rows[i]);
		buf_printf(&text, "%s%.*s %s", i > 0 ? ", " : "", STR_FMT(str_take(path, 100)),
				by_count ? size_format_count(places.weights[i], number)
					 : size_format_short(places.weights[i], number));
		f->path = i == 0 ? path : f->path;
		f->path_is_one_of_many = true;
		bool is_own = str_eq(path, c->build->context->dockerfile) ||
				str_eq(path, c->build->context->ignore_path);
		if (c->in->classes->marks[places.rows[i]].advice != ADVICE_KEEP && !is_own) {
			buf_append(&lines, lines.len > 0 ? STR(", ") : STR(""));
			(void)ignore_put_literal(
					ignore_dialect_of(c->build->context->engine), path, &lines);
		}
	}
	if (places.n > 0) {
		f->message = check_text(c, "%.*s; %s: %.*s", STR_FMT(f->message), word,
				STR_FMT(buf_str(&text)));
	}
	if (lines.len > 0) {
		f->fix = check_text(c, "lines that would help: %.*s", STR_FMT(buf_str(&lines)));
	}
	c->failed |= buf_failed(&text) || buf_failed(&lines);
	buf_fini(&text);
	buf_fini(&lines);
}

/* Where the limit stands, and of which build it is, where there are several. */
static struct str origin(const struct view *v, uint32_t line) {
	struct checker *c = v->c;
	struct str text = line > 0 ? check_text(c, " (%s line %u)", CONFIG_NAME, line) : STR("");
	struct str target = check_target(c->build);

	if (c->in->nbuilds == 1 || v->lens == CONFIG_LENS_DISK) {
		return text;
	}
	return check_text(c, "%.*s, build of %.*s%s%.*s%s%.*s", STR_FMT(text),
			STR_FMT(str_take(c->build->name, 60)), c->build->name.len > 0 ? " in " : "",
			STR_FMT(c->build->context->dockerfile), target.len > 0 ? ", target " : "",
			STR_FMT(str_take(target, 60)));
}

/* What the limit is on, for the fingerprint; of another build than the first, whose it is. */
static struct str subject(const struct view *v, struct str name) {
	struct checker *c = v->c;
	bool is_first = check_number(c) == 0 || v->lens == CONFIG_LENS_DISK;
	struct str target = check_target(c->build);

	return check_text(c, "%s%s%.*s%s%.*s%.*s%s%.*s", config_lens_name(v->lens),
			name.len > 0 ? " " : "", STR_FMT(name), is_first ? "" : " ",
			STR_FMT(is_first ? STR("") : c->build->context->dockerfile),
			STR_FMT(is_first ? STR("") : c->build->name),
			!is_first && target.len > 0 ? " " : "",
			STR_FMT(is_first ? STR("") : target));
}

static void tell_bytes(struct view *v, const struct config_limit *limit) {
	struct filter all = { .all = true };
	struct sum sum = weigh(v, &all, false);
	char is[SIZE_TEXT_BYTES], may[SIZE_TEXT_BYTES], over[SIZE_TEXT_BYTES];

	if (sum.bytes <= limit->value) {
		return;
	}
	struct check_finding *f = check_add(v->c, RULE_BUDGET_BYTES, CHECK_OFF,
			"%s: %s, %s over the budget of %s%.*s", config_lens_name(v->lens),
			size_format(sum.bytes, is),
			size_format_short(sum.bytes - limit->value, over),
			size_format(limit->value, may), STR_FMT(origin(v, limit->line)));
	f->subject = subject(v, STR(""));
	f->bytes = sum.bytes;
	f->nfiles = sum.nfiles;
	blame(v, f, false, "heaviest");
}

static void tell_files(struct view *v, const struct config_limit *limit) {
	struct filter all = { .all = true };
	struct sum sum = weigh(v, &all, true);
	char is[SIZE_TEXT_BYTES + 4], may[SIZE_TEXT_BYTES + 4];

	if (sum.nfiles <= limit->value) {
		return;
	}
	struct check_finding *f = check_add(v->c, RULE_BUDGET_FILES, CHECK_OFF,
			"%s: %s files, over the budget of %s%.*s", config_lens_name(v->lens),
			size_format_count(sum.nfiles, is), size_format_count(limit->value, may),
			STR_FMT(origin(v, limit->line)));
	f->subject = subject(v, STR(""));
	f->bytes = sum.bytes;
	f->nfiles = sum.nfiles;
	blame(v, f, true, "most of them in");
}

/* More files than this are told together. */
#define FILES_SHOWN 3

static uint32_t largest_row(const struct view *v) {
	uint32_t nrows = tree_nrows(v->c->in->tree), row = 0;

	for (uint32_t r = 1; r < nrows; r++) {
		row = v->weights[r] > (row > 0 ? v->weights[row] : 0) ? r : row;
	}
	return row;
}

static void tell_file(struct view *v, const struct config_limit *limit, uint32_t row) {
	char is[SIZE_TEXT_BYTES], may[SIZE_TEXT_BYTES], over[SIZE_TEXT_BYTES];
	struct str path = check_path(v->c, row);
	uint64_t bytes = v->weights[row];
	struct check_finding *f = check_add(v->c, RULE_BUDGET_FILE_SIZE, CHECK_OFF,
			"%s: %.*s has %s, %s over the budget of %s a file%.*s",
			config_lens_name(v->lens), STR_FMT(str_take(path, 200)),
			size_format(bytes, is), size_format(bytes - limit->value, over),
			size_format(limit->value, may), STR_FMT(origin(v, limit->line)));

	f->path = path;
	f->bytes = bytes;
	f->nfiles = 1;
	f->subject = subject(v, STR(""));
}

static void tell_many_files(struct view *v, const struct config_limit *limit, struct sum sum) {
	char count[SIZE_TEXT_BYTES + 4], may[SIZE_TEXT_BYTES], most[SIZE_TEXT_BYTES];
	uint32_t row = largest_row(v);
	struct str path = check_path(v->c, row);
	struct check_finding *f = check_add(v->c, RULE_BUDGET_FILE_SIZE, CHECK_OFF,
			"%s: %s files of up to %s are over the budget of %s a file%.*s",
			config_lens_name(v->lens), size_format_count(sum.nfiles, count),
			size_format(v->weights[row], most), size_format(limit->value, may),
			STR_FMT(origin(v, limit->line)));

	f->bytes = sum.bytes;
	f->nfiles = sum.nfiles;
	f->subject = subject(v, STR(""));
	blame(v, f, false, "heaviest");
	f->path = path;
}

static void tell_file_size(struct view *v, const struct config_limit *limit) {
	struct filter all = { .all = true };
	uint32_t nrows = tree_nrows(v->c->in->tree);
	struct sum over = { 0 };

	(void)weigh(v, &all, false);
	for (uint32_t row = 1; row < nrows; row++) {
		v->weights[row] = v->weights[row] > limit->value ? v->weights[row] : 0;
		over.nfiles += v->weights[row] > 0;
		over.bytes += v->weights[row];
	}
	if (over.nfiles > FILES_SHOWN) {
		tell_many_files(v, limit, over);
		return;
	}
	for (uint64_t i = 0; i < over.nfiles; i++) {
		uint32_t row = largest_row(v);
		tell_file(v, limit, row);
		v->weights[row] = 0;
	}
}

static void tell_named(struct view *v, enum check_rule_id rule, const struct filter *filter,
		const struct config_named_limit *limit) {
	struct sum sum = weigh(v, filter, false);
	char is[SIZE_TEXT_BYTES], may[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];

	/* 0 means none of it, empty files included */
	if (sum.bytes <= limit->bytes && (limit->bytes > 0 || sum.nfiles == 0)) {
		return;
	}
	struct check_finding *f = check_add(v->c, rule, CHECK_OFF,
			"%s: %.*s has %s in %s file%s, over the budget of %s%.*s",
			config_lens_name(v->lens), STR_FMT(str_take(limit->name, 80)),
			size_format(sum.bytes, is), size_format_count(sum.nfiles, count),
			sum.nfiles == 1 ? "" : "s", size_format(limit->bytes, may),
			STR_FMT(origin(v, limit->line)));
	f->subject = subject(v, limit->name);
	f->bytes = sum.bytes;
	f->nfiles = sum.nfiles;
	blame(v, f, false, "heaviest");
}

static void tell_classes(struct view *v, const struct config_limits *limits) {
	const struct class_column *classes = v->c->in->classes;

	for (size_t i = 0; i < limits->nclasses; i++) {
		for (size_t k = 0; k < classes->nclasses; k++) {
			struct filter filter = { .klass = (uint16_t)k };
			if (str_eq(classes->classes[k].name, limits->classes[i].name)) {
				tell_named(v, RULE_BUDGET_CLASS, &filter, &limits->classes[i]);
			}
		}
	}
}

/* A bad pattern is refused by check_run() before. */
static void tell_path(struct view *v, const struct config_named_limit *limit) {
	struct checker *c = v->c;
	struct transfer_request request = { .engine = TNG_ENGINE_BUILDKIT, .is_quick = true };
	struct ignore_set *set = NULL;
	struct transfer_plan plan;
	enum tng_code code = ignore_from_patterns(&limit->name, 1, &set, NULL);

	if (code == TNG_OK) {
		code = transfer_plan(c->arena, c->in->tree, set, &request, &plan, NULL);
	}
	if (code == TNG_OK) {
		struct filter filter = { .fate = plan.fate };
		tell_named(v, RULE_BUDGET_PATH, &filter, limit);
	}
	check_code(c, code);
	ignore_destroy(set);
}

static void tell_limits(struct view *v, const struct config_limits *limits) {
	tell_classes(v, limits);
	for (size_t i = 0; i < limits->npaths; i++) {
		tell_path(v, &limits->paths[i]);
	}
}

/* ---- which limit holds: the command line's, the Dockerfile's, the file's */

static const struct config_limit *first_set(const struct config_limit *a,
		const struct config_limit *b, const struct config_limit *c) {
	if (a != NULL && a->is_set) {
		return a;
	}
	if (b != NULL && b->is_set) {
		return b;
	}
	return c->is_set ? c : NULL;
}

static void tell_lens(struct view *v, enum config_lens lens) {
	const struct check_options *o = v->c->in->options;
	const struct config_policy *own = v->c->build->policy;
	const struct config_limits *line = lens == CONFIG_LENS_DEFAULT ? &o->limits : NULL;
	const struct config_limits *mine = own != NULL ? &own->limits[lens] : NULL;
	const struct config_limits *all = &o->config->policy.limits[lens];
#define PICK(field)                                                                                \
	first_set(line != NULL ? &line->field : NULL, mine != NULL ? &mine->field : NULL,          \
			&all->field)
	const struct config_limit *bytes = PICK(bytes), *files = PICK(files),
				  *file_size = PICK(file_size);
#undef PICK

	if (!open_lens(v, lens) || is_told(v, lens)) {
		return;
	}
	if (bytes != NULL) {
		tell_bytes(v, bytes);
	}
	if (files != NULL) {
		tell_files(v, files);
	}
	if (file_size != NULL) {
		tell_file_size(v, file_size);
	}
	if (mine != NULL) {
		tell_limits(v, mine);
	}
	tell_limits(v, all);
}

/* ---- beside what git tracks */

static uint64_t tracked_bytes(const struct check_input *in) {
	uint32_t nrows = tree_nrows(in->tree);
	uint64_t bytes = 0;

	for (uint32_t row = 1; row < nrows; row++) {
		const struct entry *entry = tree_entry(in->tree, row);
		if (entry_is_file(entry) &&
				(in->git->state[row] == VCS_TRACKED ||
						in->git->state[row] == VCS_MODIFIED)) {
			bytes += entry->size;
		}
	}
	return bytes;
}

static void tell_ratio(struct view *v) {
	const struct check_options *o = v->c->in->options;
	const struct config_policy *own = v->c->build->policy;
	const struct config_limit *limit = first_set(
			NULL, own != NULL ? &own->git_ratio : NULL, &o->config->policy.git_ratio);
	struct filter all = { .all = true };
	char is[SIZE_TEXT_BYTES], tracked_text[SIZE_TEXT_BYTES];

	if (limit == NULL || v->c->in->git == NULL || !open_lens(v, CONFIG_LENS_DEFAULT) ||
			is_told(v, CONFIG_LENS_DEFAULT)) {
		return;
	}
	uint64_t tracked = tracked_bytes(v->c->in);
	struct sum sum = weigh(v, &all, false);
	if (tracked == 0 || (double)sum.bytes * 1000.0 <= (double)tracked * (double)limit->value) {
		return;
	}
	struct check_finding *f = check_add(v->c, RULE_BUDGET_GIT_RATIO, CHECK_OFF,
			"%s: %s is %.2f times the %s that git tracks; the budget is %.2f%.*s",
			config_lens_name(v->lens), size_format(sum.bytes, is),
			(double)sum.bytes / (double)tracked, size_format(tracked, tracked_text),
			(double)limit->value / 1000.0, STR_FMT(origin(v, limit->line)));
	f->bytes = sum.bytes;
	f->nfiles = sum.nfiles;
	blame(v, f, false, "heaviest");
}

void check_budgets(struct checker *c) {
	struct view v = { .c = c };

	v.weights = calloc(tree_nrows(c->in->tree), sizeof(*v.weights));
	if (v.weights == NULL) {
		c->failed = true;
		return;
	}
	for (int lens = CONFIG_LENS_DEFAULT; lens < CONFIG_NLENSES; lens++) {
		tell_lens(&v, (enum config_lens)lens);
	}
	tell_ratio(&v);
	free(v.weights);
}

/* ---- before the run: what the limits name */

static enum tng_code want_limits(const struct check_input *in, const struct config_limits *limits,
		struct tng_error *err) {
	for (size_t i = 0; i < limits->nclasses; i++) {
		const struct config_named_limit *l = &limits->classes[i];
		bool found = false;
		for (size_t k = 0; k < in->classes->nclasses; k++) {
			found |= str_eq(in->classes->classes[k].name, l->name);
		}
		if (!found) {
			error_set_where(err, in->options->config->path);
			return error_set_at(err, TNG_EINVAL, l->line, l->column,
					"\"%.*s\" is no class; tonnage rules lists them",
					STR_FMT(str_take(l->name, 60)));
		}
	}
	for (size_t i = 0; i < limits->npaths; i++) {
		const struct config_named_limit *l = &limits->paths[i];
		struct ignore_set *set = NULL;
		struct tng_error bad = { 0 };
		enum tng_code code = ignore_from_patterns(&l->name, 1, &set, &bad);
		bool is_bad = code == TNG_OK && ignore_npatterns(set) > 0 &&
				ignore_pattern(set, 0)->bad_regexp != NULL;
		ignore_destroy(set);
		if (code == TNG_ENOMEM) {
			return error_nomem(err);
		}
		if (code != TNG_OK || is_bad) {
			error_set_where(err, in->options->config->path);
			return error_set_at(err, TNG_EINVAL, l->line, l->column,
					"\"%.*s\" is no pattern of an ignore file",
					STR_FMT(str_take(l->name, 60)));
		}
	}
	return TNG_OK;
}

enum tng_code check_want_budgets(const struct check_input *in, struct tng_error *err) {
	const struct config *config = in->options->config;
	enum tng_code code = TNG_OK;

	for (int lens = 0; lens < CONFIG_NLENSES && code == TNG_OK; lens++) {
		code = want_limits(in, &config->policy.limits[lens], err);
		for (size_t i = 0; i < config->ndockerfiles && code == TNG_OK; i++) {
			code = want_limits(in, &config->dockerfiles[i].limits[lens], err);
		}
	}
	return code;
}

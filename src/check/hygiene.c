/*
 * What is sent and hardly meant. A place is told once, by the most telling rule; one that an instruction
 * names, or that holds something it names, is meant.
 */
#include "check/internal.h"

#include "digest/digest.h"
#include "util/size.h"

#include <stdlib.h>

/* Places that a message names; the rest is a number. */
#define SHOWN 3

/* Smaller files are not worth a word, however often they are there. */
#define DUPLICATE_MIN_BYTES ((uint64_t)1000000)

/* What may be read of them, beside what the walk costs anyway: more is compared in samples. */
#define DUPLICATE_READ_BYTES ((uint64_t)4000000)
#define DUPLICATE_READ_BYTES_PER_ROW ((uint64_t)1500)

/* As much that no build needs makes a missing ignore file worth a warning. */
#define MISSING_MIN_BYTES ((uint64_t)1000000)

struct sum {
	uint64_t nfiles, bytes;
};

/* The work of one build. */
struct house {
	struct checker *c;
	const struct transfer_plan *plan;
	uint8_t *told; /* per row: another rule has spoken of it */
};

static bool is_sent_file(const struct house *h, uint32_t row) {
	return fate_is_sent(h->plan->fate[row]) && entry_is_file(tree_entry(h->c->in->tree, row));
}

static struct sum weigh(const struct house *h, uint32_t row) {
	uint32_t end = tree_end(h->c->in->tree, row);
	struct sum sum = { 0 };

	for (uint32_t r = row; r < end; r++) {
		if (is_sent_file(h, r) && !h->told[r]) {
			sum.nfiles++;
			sum.bytes += transfer_bytes(h->plan, h->c->in->tree, r, true);
		}
	}
	return sum;
}

static void mark_told(const struct house *h, uint32_t row) {
	memset(h->told + row, 1, tree_end(h->c->in->tree, row) - row);
}

/* ---- places of one kind, added up */

struct group {
	struct sum sum;
	size_t n;
	uint32_t rows[SHOWN]; /* the heaviest */
	uint64_t bytes[SHOWN];
};

static void add_place(struct group *g, uint32_t row, struct sum sum) {
	size_t at = g->n < SHOWN ? g->n : SHOWN;

	g->sum.nfiles += sum.nfiles;
	g->sum.bytes += sum.bytes;
	for (; at > 0 && g->bytes[at - 1] < sum.bytes; at--) {
		if (at < SHOWN) {
			g->rows[at] = g->rows[at - 1];
			g->bytes[at] = g->bytes[at - 1];
		}
	}
	if (at < SHOWN) {
		g->rows[at] = row;
		g->bytes[at] = sum.bytes;
	}
	g->n++;
}

/* "a, b, c and 4 more" */
static struct str name_places(struct checker *c, const struct group *g) {
	struct buf text = { 0 };
	size_t shown = g->n < SHOWN ? g->n : SHOWN;

	for (size_t i = 0; i < shown; i++) {
		buf_printf(&text, "%s%.*s", i > 0 ? ", " : "",
				STR_FMT(str_take(check_path(c, g->rows[i]), 120)));
	}
	if (g->n > shown) {
		buf_printf(&text, " and %zu more", g->n - shown);
	}
	struct str kept = check_text(c, "%.*s", STR_FMT(buf_str(&text)));
	c->failed |= buf_failed(&text);
	buf_fini(&text);
	return kept;
}

static struct str lines_for(struct checker *c, const struct group *g) {
	struct buf text = { 0 };
	size_t shown = g->n < SHOWN ? g->n : SHOWN;

	for (size_t i = 0; i < shown; i++) {
		buf_append(&text, i > 0 ? STR(", ") : STR("exclude: "));
		(void)ignore_put_literal(ignore_dialect_of(c->build->context->engine),
				check_path(c, g->rows[i]), &text);
	}
	struct str kept = check_text(c, "%.*s", STR_FMT(buf_str(&text)));
	c->failed |= buf_failed(&text);
	buf_fini(&text);
	return kept;
}

static void tell_group(struct house *h, enum check_rule_id rule, const struct group *g,
		const char *of_one, const char *of_many) {
	struct checker *c = h->c;
	char size[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];

	if (g->sum.nfiles == 0) {
		return;
	}
	struct check_finding *f = check_add(c, rule, CHECK_OFF, "%s %s, %s: %.*s",
			size_format_count(g->sum.nfiles, count),
			g->sum.nfiles == 1 ? of_one : of_many,
			size_format_short(g->sum.bytes, size), STR_FMT(name_places(c, g)));
	f->path = check_path(c, g->rows[0]);
	f->bytes = g->sum.bytes;
	f->nfiles = g->sum.nfiles;
	struct str lines = lines_for(c, g);
	f->fix = rule == RULE_UNTRACKED_SENT
			? check_text(c, "commit %s, or %.*s", g->sum.nfiles == 1 ? "it" : "them",
					  STR_FMT(lines))
			: lines;
}

/* ---- .git */

static void tell_git(struct house *h) {
	struct checker *c = h->c;
	uint32_t row = tree_find(c->in->tree, STR(".git"));
	char size[SIZE_TEXT_BYTES];

	if (row == TREE_NO_ROW || !entry_is_dir(tree_entry(c->in->tree, row))) {
		return;
	}
	struct sum sum = weigh(h, row);
	if (sum.nfiles == 0) {
		return;
	}
	mark_told(h, row);
	if (c->in->git_is_needed || check_is_named(c, row)) {
		return;
	}
	struct check_finding *f = check_add(c, RULE_GIT_DIR_SENT, CHECK_OFF,
			"the repository database %s sent, %s, and nothing seems to need it",
			check_is(c), size_format_short(sum.bytes, size));
	f->path = STR(".git");
	f->bytes = sum.bytes;
	f->nfiles = sum.nfiles;
	f->fix = STR("exclude: .git");
}

/* ---- other working trees */

static void tell_worktrees(struct house *h) {
	struct checker *c = h->c;
	char size[SIZE_TEXT_BYTES];

	for (size_t i = 0; c->in->git != NULL && i < c->in->git->nrepositories; i++) {
		const struct vcs_repository *r = &c->in->git->repositories[i];
		if (r->kind != VCS_WORKTREE || r->row == 0) {
			continue;
		}
		struct sum sum = weigh(h, r->row);
		if (sum.nfiles == 0 || check_is_named(c, r->row)) {
			continue;
		}
		struct str path = check_path(c, r->row);
		struct check_finding *f = check_add(c, RULE_WORKTREE_SENT, CHECK_OFF,
				"%.*s is another working tree of a repository, and %s sent, %s",
				STR_FMT(path), check_is(c), size_format_short(sum.bytes, size));
		f->path = path;
		f->bytes = sum.bytes;
		f->nfiles = sum.nfiles;
		f->fix = check_text(c, "exclude: %.*s", STR_FMT(path));
		mark_told(h, r->row);
	}
}

/* ---- dependencies */

static bool is_dependencies(const struct house *h, uint32_t row) {
	const struct class_mark *m = &h->c->in->classes->marks[row];

	return (m->klass == CLASS_DEPS || m->klass == CLASS_VIRTUALENV) &&
			m->advice == ADVICE_EXCLUDE &&
			entry_is_dir(tree_entry(h->c->in->tree, row));
}

static void tell_dependencies_of(struct house *h, uint16_t rule, const struct group *group) {
	struct checker *c = h->c;
	const struct class_rule *r = &c->in->classes->rules[rule];
	bool is_deps = c->in->classes->marks[group->rows[0]].klass == CLASS_DEPS;
	char size[SIZE_TEXT_BYTES];
	struct check_finding *f = check_add(c, RULE_DEPENDENCIES_SENT, CHECK_OFF,
			"%s %s sent, %s: %.*s",
			is_deps ? "installed dependencies" : "a virtual environment",
			is_deps && !c->build->is_guess ? "are" : check_is(c),
			size_format_short(group->sum.bytes, size), STR_FMT(name_places(c, group)));
	bool has_line = r->docker_pattern.len > 0 &&
			str_find(r->docker_pattern, '{') == r->docker_pattern.len;

	f->path = check_path(c, group->rows[0]);
	f->bytes = group->sum.bytes;
	f->nfiles = group->sum.nfiles;
	f->fix = has_line ? check_text(c, "exclude: %.*s", STR_FMT(r->docker_pattern))
			  : lines_for(c, group);
}

/* A group for each rule that tells such places; there are none until the first place: most trees have none, and
 * rules are many. */
static bool add_dependencies(struct house *h, struct group **groups, uint16_t rule, uint32_t row,
		struct sum sum) {
	if (*groups == NULL) {
		*groups = arena_new(h->c->arena, struct group, h->c->in->classes->nrules);
	}
	if (*groups == NULL) {
		h->c->failed = true;
		return false;
	}
	add_place(&(*groups)[rule], row, sum);
	return true;
}

static void tell_dependencies(struct house *h) {
	const struct check_input *in = h->c->in;
	struct group *groups = NULL;
	uint32_t nrows = tree_nrows(in->tree);

	for (uint32_t row = 1; row < nrows;) {
		uint16_t rule = in->classes->marks[row].rule;
		if (!is_dependencies(h, row) || rule == CLASS_NO_RULE) {
			row++;
			continue;
		}
		struct sum sum = weigh(h, row);
		if (sum.nfiles > 0 && !check_is_named(h->c, row) &&
				!add_dependencies(h, &groups, rule, row, sum)) {
			return;
		}
		mark_told(h, row);
		row = tree_end(in->tree, row);
	}
	for (size_t i = 0; groups != NULL && i < in->classes->nrules; i++) {
		if (groups[i].n > 0) {
			tell_dependencies_of(h, (uint16_t)i, &groups[i]);
		}
	}
}

/* ---- what git knows */

/* Places in this state, the topmost ones. */
static void tell_state(struct house *h, enum vcs_state state, enum check_rule_id rule,
		const char *of_one, const char *of_many) {
	struct checker *c = h->c;
	uint32_t nrows = tree_nrows(c->in->tree);
	struct group group = { 0 };

	for (uint32_t row = 1; c->in->git != NULL && row < nrows;) {
		if (c->in->git->state[row] != state) {
			row++;
			continue;
		}
		struct sum sum = weigh(h, row);
		if (sum.nfiles > 0 && !check_is_named(c, row)) {
			add_place(&group, row, sum);
		}
		row = tree_end(c->in->tree, row);
	}
	tell_group(h, rule, &group, of_one, of_many);
}

/* ---- the same, line by line */

/* Sent files that one rule of the root's .gitignore takes, whoever else does. */
static uint64_t count_taken(const struct house *h, const struct vcs_rule *rule) {
	const struct tree *tree = h->c->in->tree;
	uint32_t nrows = tree_nrows(tree);
	struct buf path = { 0 };
	uint64_t n = 0;

	for (uint32_t row = 1; row < nrows;) {
		const struct entry *entry = tree_entry(tree, row);
		struct vcs_query query = { .name = tree_name(tree, entry),
			.is_dir = entry_is_dir(entry) };
		if (h->c->in->git->state[row] == VCS_IGNORED) {
			buf_clear(&path);
			tree_path(tree, row, &path);
			query.path = buf_str(&path);
			if (vcs_rule_takes(rule, &query)) {
				n += check_is_named(h->c, row) ? 0 : weigh(h, row).nfiles;
				row = tree_end(tree, row);
				continue;
			}
		}
		row++;
	}
	buf_fini(&path);
	return n;
}

static bool has_ignored(const struct house *h) {
	uint32_t nrows = tree_nrows(h->c->in->tree);

	for (uint32_t row = 1; row < nrows; row++) {
		if (h->c->in->git->state[row] == VCS_IGNORED && is_sent_file(h, row)) {
			return true;
		}
	}
	return false;
}

static void tell_drift(struct house *h, struct str gitignore) {
	struct checker *c = h->c;
	struct str rest = gitignore, line, first = STR("");
	uint32_t first_line = 0;
	struct buf lines = { 0 };
	size_t n = 0;

	for (uint32_t number = 1; rest.len > 0; number++) {
		struct vcs_rule rule;
		(void)str_cut(rest, '\n', &line, &rest);
		if (!vcs_rule_read(line, &rule) || rule.negated || count_taken(h, &rule) == 0) {
			continue;
		}
		first = n == 0 ? str_trim(line) : first;
		first_line = n == 0 ? number : first_line;
		if (n++ < SHOWN) {
			buf_printf(&lines, "%s%.*s", n > 1 ? ", " : "", STR_FMT(str_trim(line)));
		}
	}
	if (n > 0) {
		struct check_finding *f = check_add(c, RULE_IGNORE_DRIFT, CHECK_OFF,
				"%zu line%s of .gitignore take%s files that the ignore file lets "
				"through: %.*s%s",
				n, n == 1 ? "" : "s", n == 1 ? "s" : "",
				STR_FMT(str_take(buf_str(&lines), 200)), n > SHOWN ? ", ..." : "");
		f->file = STR(".gitignore");
		f->line = first_line;
		f->subject = STR("drift");
		f->fix = STR("tonnage propose writes the lines as this file means them");
	}
	c->failed |= buf_failed(&lines);
	buf_fini(&lines);
}

/* ---- the same content more than once */

static void tell_group_of_copies(struct checker *c, const struct duplicate_group *d) {
	struct group group = { 0 };
	char size[SIZE_TEXT_BYTES];

	for (size_t k = 0; k < d->n; k++) {
		add_place(&group, d->rows[k], (struct sum){ 1, d->size_bytes });
	}
	struct check_finding *f = check_add(c, RULE_DUPLICATE_CONTENT, CHECK_OFF,
			d->is_sampled ? "%zu files of %s look the same, as far as they were read: "
					"%.*s"
				      : "%zu files hold the same %s: %.*s",
			d->n, size_format_short(d->size_bytes, size),
			STR_FMT(name_places(c, &group)));
	f->path = check_path(c, d->rows[0]);
	f->bytes = d->size_bytes * (d->n - 1);
	f->nfiles = d->n;
	f->fix = d->is_sampled ? STR("compare them, and send one of those that are the same")
			       : STR("send one of them");
}

static void tell_duplicates(struct house *h) {
	struct checker *c = h->c;
	uint32_t nrows = tree_nrows(c->in->tree);
	uint8_t *wanted = arena_new(c->arena, uint8_t, nrows);
	struct digest_source source = { .tree = c->in->tree, .root_fd = c->in->root_fd };
	struct duplicate_request request = {
		.wanted = wanted,
		.min_bytes = DUPLICATE_MIN_BYTES,
		.most = SHOWN,
		.read_max = DUPLICATE_READ_BYTES + nrows * DUPLICATE_READ_BYTES_PER_ROW,
	};
	struct duplicates found = { 0 };

	if (wanted == NULL) {
		c->failed = true;
		return;
	}
	for (uint32_t row = 1; row < nrows; row++) {
		wanted[row] = is_sent_file(h, row) && !h->told[row];
	}
	check_code(c, digest_duplicates(c->arena, &source, &request, &found, NULL));
	for (size_t i = 0; i < found.n && i < SHOWN; i++) {
		tell_group_of_copies(c, &found.groups[i]);
	}
}

/* ---- no ignore file */

static void tell_missing(struct house *h) {
	struct checker *c = h->c;
	uint32_t nrows = tree_nrows(c->in->tree);
	struct sum sum = { 0 };
	char size[SIZE_TEXT_BYTES];

	if (c->build->context->ignore_origin != IGNORE_ORIGIN_NONE) {
		return;
	}
	uint32_t git = c->in->git_is_needed ? tree_find(c->in->tree, STR(".git")) : TREE_NO_ROW;
	for (uint32_t row = 1; row < nrows; row++) {
		if (row == git) {
			row = tree_end(c->in->tree, row) - 1;
			continue;
		}
		if (is_sent_file(h, row) && c->in->classes->marks[row].advice == ADVICE_EXCLUDE) {
			sum.nfiles++;
			sum.bytes += transfer_bytes(h->plan, c->in->tree, row, true);
		}
	}
	if (sum.nfiles == 0) {
		return;
	}
	/* a few kilobytes are no reason to write one */
	struct check_finding *f = check_add(c, RULE_IGNORE_FILE_MISSING,
			sum.bytes < MISSING_MIN_BYTES ? CHECK_NOTE : CHECK_OFF,
			"there is no ignore file, and %s %s sent that no build needs",
			size_format_short(sum.bytes, size), check_is(c));
	f->bytes = sum.bytes;
	f->nfiles = sum.nfiles;
	f->fix = STR("tonnage propose --write");
}

/* The files that a build is made of need no commit to be meant. */
static void mark_own_files(const struct house *h) {
	const struct context *ctx = h->c->build->context;
	const struct str names[] = { ctx->ignore_path, ctx->dockerfile, STR(CONFIG_NAME),
		STR(".gitignore") };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint32_t row = names[i].len > 0 ? tree_find(h->c->in->tree, names[i]) : TREE_NO_ROW;
		if (row != TREE_NO_ROW) {
			mark_told(h, row);
		}
	}
}

void check_hygiene(struct checker *c) {
	struct house h = { .c = c, .plan = c->build->together };

	if (h.plan == NULL) {
		return;
	}
	h.told = calloc(tree_nrows(c->in->tree), 1);
	if (h.told == NULL) {
		c->failed = true;
		return;
	}
	tell_missing(&h);
	mark_own_files(&h);
	for (size_t i = 0; i < c->in->nsecrets; i++) {
		mark_told(&h, c->in->secrets[i].row);
	}
	tell_git(&h);
	tell_worktrees(&h);
	tell_dependencies(&h);
	if (check_wants(c, RULE_DUPLICATE_CONTENT)) {
		tell_duplicates(&h);
	}
	tell_state(&h, VCS_IGNORED, RULE_GITIGNORED_SENT, "file that git ignores is sent",
			"files that git ignores are sent");
	tell_state(&h, VCS_UNTRACKED, RULE_UNTRACKED_SENT, "file that git does not track is sent",
			"files that git does not track are sent");
	if (c->in->git != NULL && c->in->gitignore.len > 0 && check_wants(c, RULE_IGNORE_DRIFT) &&
			has_ignored(&h)) {
		tell_drift(&h, c->in->gitignore);
	}
	free(h.told);
}

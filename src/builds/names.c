/*
 * A Dockerfile by its name alone does not say its context. The directories from its own up to the root
 * are compared: how much of what its COPY and ADD name exists there, and whether its text mentions its
 * own place as seen from there ("WORKDIR /source/src/Api" in src/Api/Dockerfile).
 */
#include "builds/internal.h"

#include "util/gomatch.h"
#include "util/path.h"

/* ---- what a candidate has ---- */

static bool has_match(const struct finder *f, uint32_t dir, struct str path) {
	struct str head, rest;

	if (dir == TREE_NO_ROW || !entry_is_dir(tree_entry(f->tree, dir))) {
		return false;
	}
	(void)str_cut(path, '/', &head, &rest);
	uint32_t end = tree_end(f->tree, dir);
	for (uint32_t row = dir + 1; row < end; row = tree_end(f->tree, row)) {
		struct str name = tree_name(f->tree, tree_entry(f->tree, row));
		if ((str_eq(head, name) || gomatch(head, name) == GOMATCH_YES) &&
				(rest.len == 0 || has_match(f, row, rest))) {
			return true;
		}
	}
	return false;
}

struct candidate {
	struct finder *f;
	struct str dir;  /* relative to the root */
	uint32_t row;    /* of it */
	struct str self; /* the Dockerfile's directory as seen from it; "." when it is that */
	unsigned nfound, nmissing;
	size_t mentioned; /* bytes of `self` where the text has it; 0: it has not */
};

static bool is_url(struct str word) {
	return str_starts(word, STR("http://")) || str_starts(word, STR("https://")) ||
			str_starts(word, STR("git@"));
}

static void count_word(struct candidate *c, struct str word) {
	while (str_starts(word, STR("/")) || str_starts(word, STR("./"))) {
		word = str_skip(word, word.ptr[0] == '/' ? 1 : 2);
	}
	struct str clean = path_clean(c->f->a, word);
	c->f->failed |= clean.ptr == NULL;
	if (clean.ptr == NULL || str_eq(clean, STR(".")) || str_eq(clean, STR("*")) ||
			str_starts(clean, STR("..")) || str_find(word, '$') < word.len ||
			is_url(word)) {
		return;
	}
	bool is_found = has_match(c->f, c->row, clean);
	c->nfound += is_found;
	c->nmissing += !is_found;
}

static void count_instruction(struct candidate *c, const struct instruction *in) {
	if ((in->keyword != INSTRUCTION_COPY && in->keyword != INSTRUCTION_ADD) ||
			instruction_flag_find(in, STR("from")) != NULL) {
		return;
	}
	for (size_t i = 0; i + 1 < in->nwords; i++) {
		if (!in->words[i].is_heredoc) {
			count_word(c, in->words[i].text);
		}
	}
}

static bool is_word_byte(char c) {
	return c == '_' || c == '-' || c == '.' || (c >= '0' && c <= '9') ||
			((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Whether a text has this path in it, not as a part of a longer name. */
static bool mentions(struct str text, struct str path) {
	for (size_t i = 0; i + path.len <= text.len; i++) {
		if (memcmp(text.ptr + i, path.ptr, path.len) == 0 &&
				(i == 0 || !is_word_byte(text.ptr[i - 1])) &&
				(i + path.len == text.len ||
						!is_word_byte(text.ptr[i + path.len]))) {
			return true;
		}
	}
	return false;
}

static void weigh(struct candidate *c, const struct dockerfile *df) {
	/* a single name (WORKDIR /app) says nothing: images have directories of their own */
	bool is_telling = str_find(c->self, '/') < c->self.len;

	for (size_t i = 0; i < df->ninstructions; i++) {
		const struct instruction *in = &df->instructions[i];
		count_instruction(c, in);
		if (is_telling && in->keyword != INSTRUCTION_LABEL && mentions(in->text, c->self)) {
			c->mentioned = c->self.len;
		}
	}
}

/* Which of two says more for itself; equal: the deeper one, which is looked at first. */
static bool is_better(const struct candidate *c, const struct candidate *best) {
	if (c->nmissing != best->nmissing) {
		return c->nmissing < best->nmissing;
	}
	return c->mentioned > best->mentioned;
}

/* A directory that holds what images need and no project: what it has above is the project. */
static bool is_docker_place(struct str dir) {
	static const char *const names[] = { ".ci", ".docker", "build", "ci", "container",
		"containers", "deploy", "deployment", "devops", "docker", "dockerfiles", "images",
		"infra", "ops", "packaging" };
	struct str base = path_base(dir);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_eq_nocase(base, str_from(names[i]))) {
			return true;
		}
	}
	return false;
}

static struct str below(struct str dir, struct str base) {
	if (str_eq(dir, base)) {
		return STR(".");
	}
	return str_eq(base, STR(".")) ? dir : str_skip(dir, base.len + 1);
}

static struct str guess(
		struct finder *f, const struct source_file *file, const struct dockerfile *df) {
	struct candidate best = { 0 };
	struct str dir = file->dir;

	for (bool is_first = true;; is_first = false) {
		struct candidate c = { .f = f, .dir = dir, .self = below(file->dir, dir) };
		c.row = str_eq(dir, STR(".")) ? 0 : tree_find(f->tree, dir);
		weigh(&c, df);
		bool names_nothing = best.nfound + best.nmissing == 0;
		if (is_first || is_better(&c, &best) ||
				(names_nothing && is_docker_place(best.dir))) {
			best = c;
		}
		if (str_eq(dir, STR("."))) {
			return best.dir;
		}
		dir = path_dir(dir);
	}
}

void names_add(struct finder *f, const struct source_file *file) {
	struct tng_error err = { 0 };
	const struct dockerfile *df;

	if (dockerfile_parse(f->a, file->text, &df, &err) != TNG_OK) {
		finding_add(f, file->path, err.line, err.text);
		return;
	}
	struct raw_build raw = { .origin = BUILD_ORIGIN_NAME,
		.line = 1,
		.base = STR("."),
		.context = guess(f, file, df),
		.context_is_guess = true,
		.dockerfile = file->path,
		.file_is_in_base = true };
	found_add(f, file, &raw);
}

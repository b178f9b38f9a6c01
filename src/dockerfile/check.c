/*
 * Which flags and how many words each keyword takes (instructions/parse.go), as tables.
 *
 * A trigger (the instruction after ONBUILD) is not checked here but where it is triggered, as
 * BuildKit does: a bad one in a base nobody builds on harms nobody.
 */
#include "dockerfile/internal.h"

enum flag_type {
	FLAG_BOOL,
	FLAG_STRING,
	FLAG_STRINGS, /* may be repeated */
};

struct flag_rule {
	const char *name;
	enum flag_type type;
};

static const struct flag_rule no_flags[] = { { NULL, FLAG_BOOL } };
static const struct flag_rule add_flags[] = {
	{ "checksum", FLAG_STRING },
	{ "chmod", FLAG_STRING },
	{ "chown", FLAG_STRING },
	{ "exclude", FLAG_STRINGS },
	{ "keep-git-dir", FLAG_BOOL },
	{ "link", FLAG_BOOL },
	{ "unpack", FLAG_BOOL },
	{ NULL, FLAG_BOOL },
};
static const struct flag_rule copy_flags[] = {
	{ "chmod", FLAG_STRING },
	{ "chown", FLAG_STRING },
	{ "exclude", FLAG_STRINGS },
	{ "from", FLAG_STRING },
	{ "link", FLAG_BOOL },
	{ "parents", FLAG_BOOL },
	{ NULL, FLAG_BOOL },
};
static const struct flag_rule from_flags[] = {
	{ "platform", FLAG_STRING },
	{ NULL, FLAG_BOOL },
};
static const struct flag_rule health_flags[] = {
	{ "interval", FLAG_STRING },
	{ "retries", FLAG_STRING },
	{ "start-interval", FLAG_STRING },
	{ "start-period", FLAG_STRING },
	{ "timeout", FLAG_STRING },
	{ NULL, FLAG_BOOL },
};
static const struct flag_rule run_flags[] = {
	{ "device", FLAG_STRINGS },
	{ "mount", FLAG_STRINGS },
	{ "network", FLAG_STRING },
	{ "security", FLAG_STRING },
	{ NULL, FLAG_BOOL },
};

#define ANY_NUMBER SIZE_MAX

static const struct rule {
	const struct flag_rule *flags; /* NULL: flags are not looked at */
	size_t min_words, max_words;
} rules[] = {
	[INSTRUCTION_ADD] = { add_flags, 2, ANY_NUMBER },
	[INSTRUCTION_ARG] = { NULL, 1, ANY_NUMBER },
	[INSTRUCTION_CMD] = { no_flags, 0, ANY_NUMBER },
	[INSTRUCTION_COPY] = { copy_flags, 2, ANY_NUMBER },
	[INSTRUCTION_ENTRYPOINT] = { no_flags, 0, ANY_NUMBER },
	[INSTRUCTION_ENV] = { no_flags, 1, ANY_NUMBER },
	[INSTRUCTION_EXPOSE] = { no_flags, 1, ANY_NUMBER },
	[INSTRUCTION_FROM] = { from_flags, 0, ANY_NUMBER },
	[INSTRUCTION_HEALTHCHECK] = { health_flags, 1, ANY_NUMBER },
	[INSTRUCTION_LABEL] = { no_flags, 1, ANY_NUMBER },
	[INSTRUCTION_MAINTAINER] = { no_flags, 1, 1 },
	[INSTRUCTION_ONBUILD] = { no_flags, 0, ANY_NUMBER },
	[INSTRUCTION_RUN] = { run_flags, 0, ANY_NUMBER },
	[INSTRUCTION_SHELL] = { no_flags, 1, ANY_NUMBER },
	[INSTRUCTION_STOPSIGNAL] = { NULL, 1, 1 },
	[INSTRUCTION_USER] = { no_flags, 1, 1 },
	[INSTRUCTION_VOLUME] = { no_flags, 1, ANY_NUMBER },
	[INSTRUCTION_WORKDIR] = { no_flags, 1, 1 },
	[INSTRUCTION_UNKNOWN] = { NULL, 0, ANY_NUMBER },
};

/** "%.*s" of at most 60 bytes. */
#define SHORT_FMT(s) (int)((s).len > 60 ? 60 : (s).len), (s).ptr

/* ---- unknown instructions ---- */

static size_t min3(size_t a, size_t b, size_t c) {
	size_t m = a < b ? a : b;
	return m < c ? m : c;
}

/** Edits between two words, any case; words are short. */
static size_t edit_distance(struct str a, struct str b) {
	size_t row[24];

	for (size_t j = 0; j <= b.len; j++) {
		row[j] = j;
	}
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			bool same = str_eq_nocase(
					str_make(a.ptr + i - 1, 1), str_make(b.ptr + j - 1, 1));
			size_t next = min3(row[j] + 1, row[j - 1] + 1, diagonal + (same ? 0 : 1));
			diagonal = row[j];
			row[j] = next;
		}
	}
	return row[b.len];
}

static enum tng_code unknown_instruction(const struct instruction *in, struct tng_error *err) {
	struct str best = STR("");
	size_t best_edits = 3;

	if (in->name.len == 0) {
		return error_set_at(err, TNG_ESYNTAX, in->line, in->column,
				"no instruction follows this continuation: remove the escape "
				"character");
	}
	for (size_t i = 0; in->name.len <= 16 && i < INSTRUCTION_UNKNOWN; i++) {
		struct str name = instruction_keyword_name((enum instruction_keyword)i);
		size_t edits = edit_distance(in->name, name);
		if (edits < best_edits && edits < name.len / 2 + 1) {
			best = name;
			best_edits = edits;
		}
	}
	if (best.len > 0) {
		return error_set_at(err, TNG_ESYNTAX, in->line, in->column,
				"unknown instruction: %.*s (did you mean %.*s?)",
				SHORT_FMT(in->name), STR_FMT(best));
	}
	return error_set_at(err, TNG_ESYNTAX, in->line, in->column,
			"unknown instruction: %.*s; if it continues the line above, that one needs "
			"an escape character at its end",
			SHORT_FMT(in->name));
}

/* ---- flags ---- */

static const struct flag_rule *flag_rule_find(const struct flag_rule *rule, struct str name) {
	for (; rule->name != NULL; rule++) {
		if (str_eq(name, str_from(rule->name))) {
			return rule;
		}
	}
	return NULL;
}

static bool flag_repeats(const struct instruction *in, size_t index) {
	for (size_t i = 0; i < index; i++) {
		if (str_eq(in->flags[i].name, in->flags[index].name)) {
			return true;
		}
	}
	return false;
}

static enum tng_code bad_flag(const struct instruction_flag *flag, struct tng_error *err,
		const char *what, const char *advice) {
	return error_set_at(err, TNG_ESYNTAX, flag->line, flag->column, "%s: --%.*s%s", what,
			SHORT_FMT(flag->name), advice);
}

static enum tng_code check_flag(const struct instruction *in, size_t index, struct tng_error *err) {
	const struct instruction_flag *flag = &in->flags[index];
	const struct flag_rule *rule = flag_rule_find(rules[in->keyword].flags, flag->name);

	if (rule == NULL) {
		return bad_flag(flag, err, "unknown flag", "; remove it, or correct its name");
	}
	if (rule->type != FLAG_STRINGS && flag_repeats(in, index)) {
		return bad_flag(flag, err, "duplicate flag specified", "; keep one");
	}
	switch (rule->type) {
	case FLAG_BOOL:
		if (flag->has_value && flag->value.len == 0) {
			return bad_flag(flag, err, "missing a value on flag",
					"; write it without '=', or =true");
		}
		if (flag->has_value && !str_eq_nocase(flag->value, STR("true")) &&
				!str_eq_nocase(flag->value, STR("false"))) {
			return bad_flag(flag, err, "expecting boolean value for flag",
					"; use true or false");
		}
		return TNG_OK;
	case FLAG_STRING:
	case FLAG_STRINGS:
		if (!flag->has_value) {
			return bad_flag(flag, err, "missing a value on flag", "; write =VALUE");
		}
		return TNG_OK;
	}
	return TNG_OK;
}

static enum tng_code check_flags(const struct instruction *in, struct tng_error *err) {
	if (rules[in->keyword].flags == NULL) {
		return TNG_OK;
	}
	for (size_t i = 0; i < in->nflags; i++) {
		enum tng_code code = check_flag(in, i, err);
		if (code != TNG_OK) {
			return code;
		}
	}
	return TNG_OK;
}

/* ---- words ---- */

static enum tng_code at_instruction(
		const struct instruction *in, struct tng_error *err, const char *text) {
	return error_set_at(err, TNG_ESYNTAX, in->line, in->column, "%.*s %s",
			STR_FMT(instruction_keyword_name(in->keyword)), text);
}

static enum tng_code check_count(const struct instruction *in, struct tng_error *err) {
	const struct rule *rule = &rules[in->keyword];
	size_t n = in->keyword == INSTRUCTION_ENV || in->keyword == INSTRUCTION_LABEL ? in->npairs
										      : in->nwords;

	if (n >= rule->min_words && n <= rule->max_words) {
		return TNG_OK;
	}
	if (rule->max_words == 1) {
		return at_instruction(in, err, "requires exactly one argument");
	}
	if (rule->min_words == 2) {
		return at_instruction(in, err,
				"requires at least two arguments: one source, then the "
				"destination");
	}
	return at_instruction(in, err, "requires at least one argument");
}

static bool is_stage_name(struct str name) {
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		bool is_letter = c >= 'a' && c <= 'z';
		bool is_other = (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
		if (!is_letter && (i == 0 || !is_other)) {
			return false;
		}
	}
	return name.len > 0;
}

enum tng_code from_read(struct arena *a, const struct instruction *in, struct str *name,
		struct tng_error *err) {
	*name = STR("");
	if (in->nwords == 1) {
		return TNG_OK;
	}
	if (in->nwords != 3 || !str_eq_nocase(in->words[1].text, STR("as"))) {
		return error_set_at(err, TNG_ESYNTAX, in->line, in->column,
				"FROM requires either one or three arguments: FROM image, or FROM "
				"image AS name");
	}
	struct str written = in->words[2].text;
	char *lower = arena_alloc(a, written.len);
	if (lower == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < written.len; i++) {
		char c = written.ptr[i];
		lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
	}
	*name = str_make(lower, written.len);
	if (!is_stage_name(*name)) {
		return error_set_at(err, TNG_ESYNTAX, in->words[2].line, in->words[2].column,
				"invalid name for build stage: \"%.*s\"; it starts with a letter "
				"and has only letters, digits, '-', '_' and '.'",
				SHORT_FMT(written));
	}
	return TNG_OK;
}

static enum tng_code check_arg(struct arena *a, struct instruction *in, struct tng_error *err) {
	struct instruction_pair *pairs = arena_new(a, struct instruction_pair, in->nwords);

	if (pairs == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < in->nwords; i++) {
		const struct instruction_word *word = &in->words[i];
		pairs[i].line = word->line;
		pairs[i].column = word->column;
		pairs[i].has_value = str_cut(word->text, '=', &pairs[i].key, &pairs[i].value);
		if (pairs[i].key.len == 0) {
			return at_instruction(in, err, "names can not be blank: write NAME=value");
		}
	}
	in->pairs = pairs;
	in->npairs = in->nwords;
	return TNG_OK;
}

static enum tng_code check_pairs(const struct instruction *in, struct tng_error *err) {
	for (size_t i = 0; i < in->npairs; i++) {
		if (in->pairs[i].key.len == 0) {
			return at_instruction(in, err, "names can not be blank: write NAME=value");
		}
	}
	return TNG_OK;
}

/** Mark the words that are here-documents; the destination may not be one. */
static enum tng_code check_copy(struct arena *a, struct instruction *in, struct tng_error *err) {
	struct instruction_word *words = arena_new(a, struct instruction_word, in->nwords);

	if (words == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < in->nwords; i++) {
		struct heredoc doc;
		words[i] = in->words[i];
		/* a word that fails to parse is a path, whatever is wrong with it */
		enum tng_code code =
				heredoc_parse(a, words[i].text, &doc, &words[i].is_heredoc, NULL);
		if (code == TNG_ENOMEM) {
			return error_nomem(err);
		}
	}
	in->words = words;
	if (words[in->nwords - 1].is_heredoc) {
		return at_instruction(in, err,
				"cannot accept a heredoc as a destination: put a path last");
	}
	return TNG_OK;
}

static enum tng_code check_run(struct arena *a, struct instruction *in, struct tng_error *err) {
	static const char *const networks[] = { "default", "none", "host", NULL };
	static const char *const securities[] = { "sandbox", "insecure", NULL };
	struct instruction_mount *mounts = arena_new(a, struct instruction_mount, in->nflags);
	size_t n = 0;

	if (mounts == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; i < in->nflags; i++) {
		const struct instruction_flag *flag = &in->flags[i];
		const char *const *allowed = NULL;
		if (str_eq(flag->name, STR("mount"))) {
			enum tng_code code = mount_read(a, flag, &mounts[n++], err);
			if (code != TNG_OK) {
				return code;
			}
		} else if (str_eq(flag->name, STR("network"))) {
			allowed = networks;
		} else if (str_eq(flag->name, STR("security"))) {
			allowed = securities;
		}
		while (allowed != NULL && *allowed != NULL &&
				!str_eq(flag->value, str_from(*allowed))) {
			allowed++;
		}
		if (allowed != NULL && *allowed == NULL) {
			return bad_flag(flag, err, "invalid value of flag",
					str_eq(flag->name, STR("network"))
							? "; use default, none or host"
							: "; use sandbox or insecure");
		}
	}
	in->mounts = mounts;
	in->nmounts = n;
	return TNG_OK;
}

static enum tng_code check_onbuild(const struct instruction *in, struct tng_error *err) {
	const struct instruction *trigger = in->trigger;

	if (trigger == NULL) {
		return at_instruction(in, err, "requires at least one argument");
	}
	if (trigger->keyword == INSTRUCTION_ONBUILD) {
		return at_instruction(in, err, "cannot trigger ONBUILD: chaining isn't allowed");
	}
	if (trigger->keyword == INSTRUCTION_FROM || trigger->keyword == INSTRUCTION_MAINTAINER) {
		return at_instruction(in, err,
				"cannot trigger this instruction: FROM and MAINTAINER aren't "
				"allowed");
	}
	return TNG_OK;
}

static enum tng_code check_healthcheck(const struct instruction *in, struct tng_error *err) {
	struct str type = in->words[0].text;

	if (str_eq_nocase(type, STR("none"))) {
		return in->nwords == 1 ? TNG_OK
				       : at_instruction(in, err, "NONE takes no arguments");
	}
	enum tng_code code = check_flags(in, err);
	if (code != TNG_OK) {
		return code;
	}
	if (!str_eq_nocase(type, STR("cmd"))) {
		return error_set_at(err, TNG_ESYNTAX, in->words[0].line, in->words[0].column,
				"unknown type \"%.*s\" in HEALTHCHECK: use CMD or NONE",
				SHORT_FMT(type));
	}
	return in->nwords > 1 ? TNG_OK : at_instruction(in, err, "CMD needs a command after it");
}

static enum tng_code check_volume(const struct instruction *in, struct tng_error *err) {
	for (size_t i = 0; i < in->nwords; i++) {
		if (trim_left(in->words[i].text).len == 0) {
			return at_instruction(in, err, "specified can not be an empty string");
		}
	}
	return TNG_OK;
}

static enum tng_code check_keyword(struct arena *a, struct instruction *in, struct tng_error *err) {
	switch (in->keyword) {
	case INSTRUCTION_ADD:
	case INSTRUCTION_COPY:
		return check_copy(a, in, err);
	case INSTRUCTION_ARG:
		return check_arg(a, in, err);
	case INSTRUCTION_ENV:
	case INSTRUCTION_LABEL:
		return check_pairs(in, err);
	case INSTRUCTION_FROM: {
		struct str name;
		return from_read(a, in, &name, err);
	}
	case INSTRUCTION_HEALTHCHECK:
		return check_healthcheck(in, err);
	case INSTRUCTION_ONBUILD:
		return check_onbuild(in, err);
	case INSTRUCTION_RUN:
		return check_run(a, in, err);
	case INSTRUCTION_SHELL:
		return in->is_json ? TNG_OK
				   : at_instruction(in, err,
						     "requires the arguments to be in JSON form: "
						     "[\"program\", \"-c\"]");
	case INSTRUCTION_VOLUME:
		return check_volume(in, err);
	case INSTRUCTION_UNKNOWN:
		return unknown_instruction(in, err);
	case INSTRUCTION_CMD:
	case INSTRUCTION_ENTRYPOINT:
	case INSTRUCTION_EXPOSE:
	case INSTRUCTION_MAINTAINER:
	case INSTRUCTION_STOPSIGNAL:
	case INSTRUCTION_USER:
	case INSTRUCTION_WORKDIR:
		break;
	}
	return TNG_OK;
}

enum tng_code instruction_check(struct arena *a, struct instruction *in, struct tng_error *err) {
	enum tng_code code = check_count(in, err);

	if (code == TNG_OK && in->keyword != INSTRUCTION_HEALTHCHECK) {
		code = check_flags(in, err);
	}
	return code == TNG_OK ? check_keyword(a, in, err) : code;
}

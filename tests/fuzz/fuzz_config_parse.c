/*
 * Bytes as .tonnage.yaml: what is refused is refused with its place, what is read is within the language,
 * and reading it again gives the same.
 */
#include "config/config.h"
#include "fuzz/fuzz.h"

#include <string.h>

#define COMMAND_SCAN 1U
#define COMMAND_LS 2U

static const struct config_flag flags[] = {
	{ "top", CONFIG_NUMBER, CONFIG_NO_PATH, NULL, COMMAND_SCAN, false },
	{ "engine", CONFIG_CHOICE, CONFIG_NO_PATH, "buildkit|classic|podman",
			COMMAND_SCAN | COMMAND_LS, false },
	{ "file", CONFIG_LIST, CONFIG_PATH, NULL, COMMAND_SCAN | COMMAND_LS, false },
	{ "build-context", CONFIG_LIST, CONFIG_NAMED_PATH, NULL, COMMAND_SCAN, false },
	{ "target", CONFIG_TEXT, CONFIG_NO_PATH, NULL, COMMAND_SCAN, false },
	{ "quiet", CONFIG_SWITCH, CONFIG_NO_PATH, NULL, COMMAND_SCAN | COMMAND_LS, false },
	{ "help", CONFIG_SWITCH, CONFIG_NO_PATH, NULL, COMMAND_SCAN | COMMAND_LS, true },
};
#define NFLAGS (sizeof(flags) / sizeof(flags[0]))

static const struct config_command commands[] = { { "scan", COMMAND_SCAN }, { "ls", COMMAND_LS } };

static const struct config_language language = { flags, NFLAGS, commands, 2, NULL, 0 };

static void check_number(const char *text) {
	FUZZ_CHECK(text[0] != '\0' && strspn(text, "0123456789") == strlen(text));
	FUZZ_CHECK(strtoull(text, NULL, 10) <= CONFIG_NUMBER_MAX);
}

static void check_setting(const struct config_setting *s) {
	FUZZ_CHECK(s->flag < NFLAGS);
	const struct config_flag *flag = &flags[s->flag];

	FUZZ_CHECK(!flag->is_fixed);
	FUZZ_CHECK(s->commands != 0 && (s->commands & ~flag->commands) == 0);
	FUZZ_CHECK(s->line > 0 && s->column > 0);
	FUZZ_CHECK(flag->type == CONFIG_LIST || s->nvalues == 1);
	for (size_t i = 0; i < s->nvalues; i++) {
		FUZZ_CHECK(s->values[i] != NULL && s->values[i][0] != '\0');
	}
	if (flag->type == CONFIG_NUMBER) {
		check_number(s->values[0]);
	}
	if (flag->path == CONFIG_PATH) {
		const char *path = s->values[0];
		FUZZ_CHECK(s->nvalues == 0 || path[0] == '/' || strcmp(path, "-") == 0 ||
				strncmp(path, "dir/", 4) == 0);
	}
}

static void check_policy(const struct config_policy *p) {
	for (size_t i = 0; i < p->nkeep; i++) {
		FUZZ_CHECK(p->keep[i].len > 0);
	}
	for (size_t i = 0; i < p->nseverities; i++) {
		FUZZ_CHECK(p->severities[i].rule.len > 0 && p->severities[i].line > 0);
	}
}

static void check_config(const struct config *c) {
	for (size_t i = 0; i < c->nsettings; i++) {
		check_setting(&c->settings[i]);
	}
	for (size_t i = 0; i < c->nclass_rules; i++) {
		FUZZ_CHECK(c->class_rules[i].rule.len > 0 && c->class_rules[i].line > 0);
	}
	check_policy(&c->policy);
	for (size_t i = 0; i < c->ndockerfiles; i++) {
		FUZZ_CHECK(c->dockerfiles[i].dockerfile.len > 0);
		check_policy(&c->dockerfiles[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct str text = str_make((const char *)data, size);
	struct arena *a = arena_create();
	struct tng_error err = { 0 }, again = { 0 };
	struct config config, twin;

	if (a == NULL) {
		abort();
	}
	enum tng_code code = config_parse(a, text, STR("dir/f"), &language, &config, &err);
	FUZZ_CHECK(config_parse(a, text, STR("dir/f"), &language, &twin, &again) == code);
	if (code == TNG_OK) {
		check_config(&config);
		FUZZ_CHECK(config.nsettings == twin.nsettings);
	} else {
		FUZZ_CHECK(code != TNG_ENOMEM && err.text[0] != '\0' && err.line > 0);
		FUZZ_CHECK(strcmp(err.text, again.text) == 0 && err.line == again.line);
	}
	arena_destroy(a);
	return 0;
}

/* .tonnage.yaml: which one, and its reading. */
#include "cli/cli.h"

#include <stdlib.h>

/* Where the search begins: the context, as far as it is known before the file is read. */
static const char *start_of(const struct command *command, const struct options *options) {
	bool takes_directory = strcmp(command->usage, "[DIR]") == 0;

	if (options->context != NULL) {
		return options->context;
	}
	return takes_directory && options->nargs > 0 ? options->args[0] : ".";
}

static enum tng_code read_file(const struct command *command, const struct options *options,
		const struct config_language *language, struct config *out, struct tng_error *err) {
	struct str found = STR("");
	enum tng_code code = TNG_OK;

	if (options->config_file != NULL) {
		bool none = strcmp(options->config_file, "none") == 0;
		found = none ? STR("") : str_from(options->config_file);
	} else {
		code = config_find(options->arena, start_of(command, options), getenv("HOME"),
				&found, err);
	}
	if (code != TNG_OK || found.len == 0) {
		return code;
	}
	return config_read(options->arena, found.ptr, language, out, err);
}

const struct config *cli_read_config(const struct command *command, const struct options *options,
		const struct config_language *language) {
	struct config *config = arena_new(options->arena, struct config, 1);
	struct tng_error err = { 0 };
	enum tng_code code = config != NULL ? read_file(command, options, language, config, &err)
					    : error_nomem(&err);

	if (code != TNG_OK) {
		(void)cli_fail_error(&err);
		return NULL;
	}
	return config;
}

/* cli/check_write.h - what `tonnage check` writes beside its report. */
#ifndef CLI_CHECK_WRITE_H
#define CLI_CHECK_WRITE_H

#include "cli/cli.h"

/** --fix and --diff: nothing is reported. Returns a status. */
int cli_check_fix(const struct analysis *an, const struct options *options,
		const struct check_options *how);

/** --init: a first .tonnage.yaml in the context; one that is there stays. Returns a status. */
int cli_check_init(const struct analysis *an, const struct options *options);

#endif

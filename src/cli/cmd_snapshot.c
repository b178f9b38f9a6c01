/* snapshot: what a build's instructions select, digested. */
#include "cli/cli.h"

static enum tng_code make_text(const struct manifest *manifest, const struct options *options,
		struct buf *text, struct tng_error *err) {
	char digits[DIGEST_TEXT_BYTES];
	struct digest digest;

	if (!options->digest) {
		return manifest_write(manifest, text, err);
	}
	enum tng_code code = manifest_digest(manifest, &digest, err);
	if (code == TNG_OK) {
		buf_printf(text, "%s\n", digest_format(&digest, digits));
	}
	return code;
}

static int put_snapshot(const struct manifest *manifest, const struct options *options,
		struct tng_error *err) {
	struct buf text = { 0 };
	struct sink sink;
	int status = EXIT_OK;

	if (make_text(manifest, options, &text, err) != TNG_OK) {
		status = cli_fail_error(err);
	}
	if (status == EXIT_OK && cli_open_output(options, &sink)) {
		sink_put(&sink, buf_str(&text));
		status = cli_close_output(options, &sink, buf_failed(&text) ? EXIT_BAD : EXIT_OK);
	} else {
		status = EXIT_BAD;
	}
	buf_fini(&text);
	return status;
}

int cmd_snapshot(const struct options *options) {
	struct tng_error err = { 0 };
	struct manifest manifest;
	struct analysis *an = cli_analyse(options);
	int status = EXIT_BAD;

	if (an == NULL) {
		return EXIT_BAD;
	}
	cli_complain(an, options);
	if (analysis_snapshot(an->arena, an, options->jobs, false, &manifest, &err) != TNG_OK) {
		(void)cli_fail_error(&err);
	} else {
		status = put_snapshot(&manifest, options, &err);
	}
	if (status == EXIT_OK && (an->is_partial || manifest_has_unread(&manifest))) {
		status = EXIT_PARTIAL;
	}
	analysis_destroy(an);
	return status;
}

/*
 * A regexp, a newline, a subject: what the translator lets through PCRE2 takes, unless it is too large,
 * and no subject keeps it busy or makes it fail.
 */
#include "fuzz/fuzz.h"
#include "ignore/internal.h"
#include "ignore/regexp_translate.h"

#include <string.h>

static void check_translation(struct str text) {
	struct buf out = { 0 };
	const char *bad = regexp_translate(text, &out);

	FUZZ_CHECK(!buf_failed(&out));
	for (size_t i = 0; bad == NULL && i < out.len; i++) {
		FUZZ_CHECK(out.ptr[i] > ' ' && out.ptr[i] <= '~');
	}
	buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct str text, subject;
	struct regexp *re = NULL;
	const char *bad = NULL;
	struct tng_error err = { 0 };
	bool first = false, second = true;

	(void)str_cut(str_make((const char *)data, size), '\n', &text, &subject);
	check_translation(text);
	enum tng_code code = regexp_compile(text, &re, &bad, &err);
	FUZZ_CHECK((code == TNG_OK && bad == NULL) == (re != NULL));
	if (code != TNG_OK) {
		FUZZ_CHECK(code == TNG_ELIMIT && strstr(err.text, "too large") != NULL);
		return 0;
	}
	struct regexp_scratch *scratch = regexp_scratch_create();
	FUZZ_CHECK(scratch != NULL);
	if (re != NULL && subject.len <= 4096) {
		code = regexp_match(re, scratch, subject, &first, NULL);
		FUZZ_CHECK(code == TNG_OK || code == TNG_ELIMIT);
		FUZZ_CHECK(regexp_match(re, scratch, subject, &second, NULL) == code);
		FUZZ_CHECK(code != TNG_OK || first == second);
	}
	regexp_scratch_destroy(scratch);
	regexp_destroy(re);
	return 0;
}

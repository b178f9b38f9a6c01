/* Bytes as what builds printed: times that can be used, in the order of their lines; or a place and a reason. */
#include "builds/builds.h"
#include "fuzz/fuzz.h"

#include <math.h>

static void check_times(const struct build_time *times, size_t n) {
	uint32_t last = 1;

	FUZZ_CHECK(n > 0);
	for (size_t i = 0; i < n; i++) {
		FUZZ_CHECK(times[i].line >= last && times[i].column >= 1);
		FUZZ_CHECK(isfinite(times[i].seconds) && times[i].seconds >= 0);
		FUZZ_CHECK(times[i].error_seconds > 0);
		last = times[i].line;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct arena *a = arena_create();
	const struct build_time *times = NULL;
	struct tng_error err = { 0 };
	size_t n = 0;

	FUZZ_CHECK(a != NULL);
	if (progress_read(a, str_make((const char *)data, size), &times, &n, &err) == TNG_OK) {
		check_times(times, n);
	} else {
		FUZZ_CHECK(err.code == TNG_EINVAL && err.line >= 1 && err.column >= 1);
		FUZZ_CHECK(err.text[0] != '\0' && n == 0);
	}
	arena_destroy(a);
	return 0;
}

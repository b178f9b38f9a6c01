/* Bytes as a snapshot: what is read is written and read again as it was, and compares equal. */
#include "digest/digest.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct arena *a = arena_create();
	struct manifest first, second;
	struct manifest_diff diff;
	struct digest digests[2];
	struct buf text = { 0 };

	FUZZ_CHECK(a != NULL);
	if (manifest_read(a, str_make((const char *)data, size), &first, NULL) == TNG_OK) {
		FUZZ_CHECK(manifest_write(&first, &text, NULL) == TNG_OK);
		FUZZ_CHECK(manifest_read(a, buf_str(&text), &second, NULL) == TNG_OK);
		FUZZ_CHECK(manifest_digest(&first, &digests[0], NULL) == TNG_OK);
		FUZZ_CHECK(manifest_digest(&second, &digests[1], NULL) == TNG_OK);
		FUZZ_CHECK(digest_cmp(&digests[0], &digests[1]) == 0);
		FUZZ_CHECK(manifest_compare(a, &first, &second, false, &diff, NULL) == TNG_OK);
		FUZZ_CHECK(diff.n == 0 && diff.nbusted == 0);
	}
	buf_fini(&text);
	arena_destroy(a);
	return 0;
}

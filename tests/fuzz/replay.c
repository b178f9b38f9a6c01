/*
 * A fuzz target without libFuzzer: runs every file of a folder, and the empty input, through it.
 * TAP; a property that does not hold ends the program, and the missing points count as failed.
 */
#include "fuzz/fuzz.h"
#include "util/arena.h"
#include "util/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

#define INPUT_MAX_BYTES ((size_t)16 << 20)

static int is_visible(const struct dirent *d) {
	return d->d_name[0] != '.';
}

static int run_file(int dir_fd, const char *name) {
	struct arena *a = arena_create();
	struct tng_error err = { 0 };
	struct str text;

	if (a == NULL || file_read(a, dir_fd, name, INPUT_MAX_BYTES, &text, &err) != TNG_OK) {
		printf("# %s: %s\n", name, err.text);
		arena_destroy(a);
		return -1;
	}
	/* a copy of just its size, so that a sanitizer sees a read past the end */
	uint8_t *data = malloc(text.len > 0 ? text.len : 1);
	if (data != NULL) {
		memcpy(data, text.ptr, text.len);
		(void)LLVMFuzzerTestOneInput(data, text.len);
	}
	free(data);
	arena_destroy(a);
	return data != NULL ? 0 : -1;
}

int main(int argc, char **argv) {
	struct dirent **files = NULL;
	int nfiles = argc == 2 ? scandir(argv[1], &files, is_visible, alphasort) : -1;
	int dir_fd = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int nfailed = 0;

	if (nfiles < 0 || dir_fd < 0) {
		(void)fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	printf("1..%d\n", nfiles + 1);
	(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	printf("ok 1 - no bytes\n");
	for (int i = 0; i < nfiles; i++) {
		(void)fflush(stdout); /* what was printed must survive an abort */
		int failed = run_file(dir_fd, files[i]->d_name);
		printf("%s %d - %s\n", failed ? "not ok" : "ok", i + 2, files[i]->d_name);
		nfailed += failed != 0;
		free(files[i]);
	}
	free(files);
	return nfailed > 0;
}

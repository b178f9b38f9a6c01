/*
 * Hashing many files. The rows are cut into as many runs as there are threads, of equal work; each thread
 * has its own buffer, descriptors and run, and nothing is shared but what nobody changes.
 */
#include "digest/digest.h"
#include "digest/wide.h"
#include "util/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* All of it from the header, as in wide.c: the two must have the same idea of a state. */
#define XXH_INLINE_ALL
#include <xxhash.h>

/* read() into a buffer that stays in the second-level cache: faster than mmap, see performance notes */
#define READ_BYTES ((size_t)128 << 10)

/* What opening and closing a file costs, in bytes of hashing: for cutting the work. */
#define FILE_COST_BYTES ((uint64_t)64 << 10)

/* A thread for less than this costs more than it saves. */
#define JOB_MIN_BYTES ((uint64_t)4 << 20)

#define JOBS_MAX 64U

struct run {
	const struct digest_source *source;
	const uint32_t *rows;
	size_t from, to;
	uint64_t head_bytes;
	struct content *out;
	pthread_t thread;
	bool has_thread, failed; /* failed: out of memory */
};

/* What a thread works with. */
struct worker {
	struct tree_opener *opener;
	XXH3_state_t *state;
	char *buf;
};

int digest_cmp(const struct digest *a, const struct digest *b) {
	if (a->high != b->high) {
		return a->high < b->high ? -1 : 1;
	}
	return (a->low > b->low) - (a->low < b->low);
}

const char *digest_format(const struct digest *digest, char out[DIGEST_TEXT_BYTES]) {
	(void)snprintf(out, DIGEST_TEXT_BYTES, "%016" PRIx64 "%016" PRIx64, digest->high,
			digest->low);
	return out;
}

static struct digest digest_of(const XXH3_state_t *state) {
	XXH128_hash_t hash = XXH3_128bits_digest(state);

	return (struct digest){ .high = hash.high64, .low = hash.low64 };
}

/* Of nothing but zeros, where they are alike: such files differ in their sizes only. */
static const struct digest zeros_digest = { .high = 0, .low = 0 };

static bool is_zeros(const char *buf, size_t n) {
	return buf[0] == '\0' && memcmp(buf, buf + 1, n - 1) == 0;
}

static void update(XXH3_state_t *state, const void *bytes, size_t n) {
	if (wide_is_there()) {
		wide_update(state, bytes, n);
	} else {
		(void)XXH3_128bits_update(state, bytes, n);
	}
}

/* Read and hash; 0, or an errno. */
static int hash_fd(const struct run *run, struct worker *w, int fd, struct content *out) {
	uint64_t left = run->head_bytes > 0 ? run->head_bytes : UINT64_MAX;
	bool only_zeros = run->source->zeros_alike && run->head_bytes == 0;

	(void)XXH3_128bits_reset(w->state);
	while (left > 0) {
		ssize_t n = read(fd, w->buf, left < READ_BYTES ? (size_t)left : READ_BYTES);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return errno;
		}
		if (n == 0) {
			break;
		}
		only_zeros = only_zeros && is_zeros(w->buf, (size_t)n);
		update(w->state, w->buf, (size_t)n);
		out->bytes += (uint64_t)n;
		left -= (uint64_t)n;
	}
	out->read_bytes = out->bytes;
	only_zeros = only_zeros && out->bytes > 0;
	out->digest = only_zeros ? zeros_digest : digest_of(w->state);
	return 0;
}

/* The same of parts of a file of this size; of all of it where the parts would meet. */
static int sample_fd(const struct run *run, struct worker *w, int fd, uint64_t size,
		struct content *out) {
	bool only_zeros = run->source->zeros_alike;
	struct stat now;

	if (size <= DIGEST_SAMPLES * DIGEST_SAMPLE_BYTES) {
		return hash_fd(run, w, fd, out);
	}
	(void)XXH3_128bits_reset(w->state);
	for (uint64_t i = 0; i < DIGEST_SAMPLES; i++) {
		uint64_t at = (size - DIGEST_SAMPLE_BYTES) / (DIGEST_SAMPLES - 1) * i;
		if (i + 1 == DIGEST_SAMPLES) {
			at = size - DIGEST_SAMPLE_BYTES;
		}
		ssize_t n = pread(fd, w->buf, DIGEST_SAMPLE_BYTES, (off_t)at);
		if (n < 0) {
			return errno;
		}
		only_zeros = only_zeros && n > 0 && is_zeros(w->buf, (size_t)n);
		update(w->state, w->buf, (size_t)n);
		out->read_bytes += (uint64_t)n;
	}
	bool is_whole = out->read_bytes == DIGEST_SAMPLES * DIGEST_SAMPLE_BYTES &&
			fstat(fd, &now) == 0;
	out->bytes = is_whole ? (uint64_t)now.st_size : 0;
	out->digest = only_zeros ? zeros_digest : digest_of(w->state);
	return 0;
}

/* The size of a file that is one hole; 0: it is not, or nobody can tell. The descriptor is at its start. */
static uint64_t hole_bytes(int fd) {
	off_t end = 0;

#ifdef SEEK_DATA
	if (lseek(fd, 0, SEEK_DATA) < 0 && errno == ENXIO) {
		end = lseek(fd, 0, SEEK_END);
	}
	(void)lseek(fd, 0, SEEK_SET);
#else
	(void)fd;
#endif
	return end > 0 ? (uint64_t)end : 0;
}

static void hash_row(const struct run *run, struct worker *w, uint32_t row, struct content *out) {
	int fd = tree_opener_file(w->opener, row);
	bool may_be_hole = run->source->zeros_alike && run->head_bytes == 0 &&
			entry_size(tree_entry(run->source->tree, row)) > READ_BYTES;

	*out = (struct content){ .os_errno = fd < 0 ? errno : 0 };
	if (fd < 0) {
		return;
	}
	uint64_t hole = may_be_hole ? hole_bytes(fd) : 0;
	if (hole > 0) {
		*out = (struct content){ .bytes = hole, .digest = zeros_digest };
	} else {
		uint64_t size = entry_size(tree_entry(run->source->tree, row));
		int os_errno = run->source->samples && run->head_bytes == 0
				? sample_fd(run, w, fd, size, out)
				: hash_fd(run, w, fd, out);
		if (os_errno != 0) {
			*out = (struct content){ .os_errno = os_errno };
		}
	}
	(void)close(fd);
}

static uint64_t read_half(const unsigned char *bytes) {
	uint64_t half = 0;

	for (size_t i = 0; i < sizeof(half); i++) {
		half = half << 8 | bytes[i];
	}
	return half;
}

/* A file of a revision. */
static void hash_object(const struct digest_source *source, uint32_t row, struct content *out) {
	struct vcs_contents contents;

	*out = (struct content){ .bytes = entry_size(tree_entry(source->tree, row)) };
	if (source->by_object) {
		const unsigned char *name = vcs_revision_object(source->revision, row);
		out->digest = (struct digest){ read_half(name), read_half(name + 8) };
		return;
	}
	out->os_errno = vcs_revision_read(source->revision, row, &contents);
	if (out->os_errno != 0) {
		out->bytes = 0;
		return;
	}
	XXH128_hash_t hash = XXH3_128bits(contents.text.ptr, contents.text.len);
	out->digest = (struct digest){ .high = hash.high64, .low = hash.low64 };
	out->bytes = out->read_bytes = contents.text.len;
	vcs_contents_release(&contents);
}

static void *hash_run(void *user) {
	struct run *run = user;
	struct worker w = {
		.opener = tree_opener_create(run->source->tree, run->source->root_fd),
		.state = XXH3_createState(),
		.buf = malloc(READ_BYTES),
	};

	run->failed = w.opener == NULL || w.state == NULL || w.buf == NULL;
	for (size_t i = run->from; i < run->to && !run->failed; i++) {
		if (run->source->revision != NULL) {
			hash_object(run->source, run->rows[i], &run->out[i]);
			continue;
		}
		hash_row(run, &w, run->rows[i], &run->out[i]);
	}
	free(w.buf);
	(void)XXH3_freeState(w.state);
	tree_opener_destroy(w.opener);
	return NULL;
}

static uint64_t cost(const struct run *run, size_t i) {
	uint64_t bytes = entry_size(tree_entry(run->source->tree, run->rows[i]));

	if (run->head_bytes > 0 && bytes > run->head_bytes) {
		bytes = run->head_bytes;
	} else if (run->source->samples && bytes > DIGEST_SAMPLES * DIGEST_SAMPLE_BYTES) {
		bytes = DIGEST_SAMPLES * DIGEST_SAMPLE_BYTES;
	}
	return bytes + FILE_COST_BYTES;
}

static uint64_t total_cost(const struct run *whole) {
	uint64_t total = 0;

	for (size_t i = whole->from; i < whole->to; i++) {
		total += cost(whole, i);
	}
	return total;
}

/* Cut [from, to) of `whole` into runs of about equal cost; the last ones may be empty. */
static void cut(const struct run *whole, uint64_t total, struct run *runs, unsigned njobs) {
	uint64_t sum = 0;
	size_t at = whole->from;

	for (unsigned k = 0; k < njobs; k++) {
		runs[k] = *whole;
		runs[k].from = at;
		while (at < whole->to && (k + 1 == njobs || sum < total / njobs * (k + 1))) {
			sum += cost(whole, at++);
		}
		runs[k].to = at;
	}
}

enum tng_code digest_contents(const struct digest_source *source, const uint32_t *rows, size_t n,
		uint64_t head_bytes, struct content *out, struct tng_error *err) {
	struct run runs[JOBS_MAX];
	struct run whole = {
		.source = source, .rows = rows, .to = n, .head_bytes = head_bytes, .out = out
	};
	unsigned njobs = source->revision != NULL ? 1
			: source->njobs > 0       ? source->njobs
						  : thread_ncpus();
	bool failed = false;

	uint64_t total = total_cost(&whole), worth = 1 + total / JOB_MIN_BYTES;
	njobs = njobs < JOBS_MAX ? njobs : JOBS_MAX;
	njobs = njobs < worth ? njobs : (unsigned)worth;
	cut(&whole, total, runs, njobs);
	for (unsigned k = 1; k < njobs; k++) {
		runs[k].has_thread = runs[k].from < runs[k].to &&
				pthread_create(&runs[k].thread, NULL, hash_run, &runs[k]) == 0;
	}
	for (unsigned k = 0; k < njobs; k++) {
		if (!runs[k].has_thread && runs[k].from < runs[k].to) {
			(void)hash_run(&runs[k]);
		}
	}
	for (unsigned k = 0; k < njobs; k++) {
		if (runs[k].has_thread) {
			(void)pthread_join(runs[k].thread, NULL);
		}
		failed = failed || runs[k].failed;
	}
	return failed ? error_nomem(err) : TNG_OK;
}

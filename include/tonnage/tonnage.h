/*
 * tonnage/tonnage.h - the public library: what a Docker build would send, and why.
 *
 *   directory, options --tng_analysis_run--> tng_analysis --tng_analysis_json--> text
 *   ignore-file text --tng_matcher_create--> tng_matcher --tng_matcher_decide--> tng_verdict
 *
 * Handles are opaque. Nothing here writes to a stream, exits, or keeps state between calls.
 */
#ifndef TONNAGE_TONNAGE_H
#define TONNAGE_TONNAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TNG_API __attribute__((visibility("default")))
#define TNG_NODISCARD __attribute__((warn_unused_result))
#else
#define TNG_API
#define TNG_NODISCARD
#endif

/** Why an operation could not finish. */
enum tng_code {
	TNG_OK = 0,
	TNG_ENOMEM,  /* out of memory */
	TNG_EIO,     /* the system refused: see os_errno */
	TNG_ESYNTAX, /* a text does not follow its grammar: see line and column */
	TNG_ELIMIT,  /* larger than a documented limit, or the pattern engine gave up */
	TNG_EINVAL,  /* an argument makes no sense */
};

/** What went wrong: caller-owned, zero-initialised; NULL is allowed wherever one is taken. */
struct tng_error {
	enum tng_code code;
	int os_errno;          /* TNG_EIO only */
	uint32_t line, column; /* 1-based; 0: not about a position */
	char where[128];       /* the path as the user wrote it, cut at the front */
	char text[192];        /* one line, no final period: "pattern has an unclosed [" */
};

/** Whose rules decide what is sent. */
enum tng_engine {
	TNG_ENGINE_BUILDKIT, /* docker build since 23.0, buildx, buildctl */
	TNG_ENGINE_CLASSIC,  /* docker build with DOCKER_BUILDKIT=0 */
	TNG_ENGINE_PODMAN,   /* podman build, buildah */
};

/** What to analyse. Zero-initialise, then set what differs from the defaults. */
struct tng_options {
	const char *root;       /* context directory; NULL: "." */
	const char *dockerfile; /* as after -f, relative to the working directory; NULL: the default */
	const char *target;     /* stage to build; NULL: the last one */
	const char *ignore_file; /* replaces the context's own choice; NULL: choose as the engine does */
	enum tng_engine engine;
	unsigned njobs; /* threads of the walk; 0: choose */
	bool no_git; /* do not ask git: its states are null, and classes go by names and contents */
};

struct tng_analysis; /* a finished analysis; read-only, may be shared between threads */
struct tng_matcher;  /* an ignore file, compiled; one thread at a time */

/** One decision about one path. */
struct tng_verdict {
	bool excluded;
	uint32_t line; /* of the pattern that decided, 1-based in the ignore file; 0: none matched */
};

/** The version of the library, "1.2.3"; static. */
TNG_API const char *tng_version(void);

/**
 * Walk a context, choose its ignore file, decide every entry, and say what each is: its class, and its
 * state in git. No configuration is read and no environment but git's own.
 *
 * out      set on TNG_OK only; the caller ends it with tng_analysis_destroy()
 * Errors   TNG_EIO: the root cannot be opened. A directory below it that cannot be read, a missing
 *          Dockerfile, a repository that cannot be read or a bad pattern are part of the analysis, not
 *          errors.
 * Threads  one at a time in the process, but for no_git
 */
TNG_API TNG_NODISCARD enum tng_code tng_analysis_run(const struct tng_options *options,
		struct tng_analysis **out, struct tng_error *err);

/** NULL is allowed. */
TNG_API void tng_analysis_destroy(struct tng_analysis *analysis);

/**
 * The analysis as one JSON document, schema "tonnage/1" (docs/tonnage.schema.json).
 *
 * out      NUL-terminated, ended by free(); set on TNG_OK only
 */
TNG_API TNG_NODISCARD enum tng_code tng_analysis_json(
		const struct tng_analysis *analysis, char **out, struct tng_error *err);

/**
 * Compile the text of an ignore file. The text need not outlive the call.
 *
 * Errors   TNG_ESYNTAX with line and column where docker refuses the file
 */
TNG_API TNG_NODISCARD enum tng_code tng_matcher_create(const char *text, size_t text_bytes,
		struct tng_matcher **out, struct tng_error *err);

/** NULL is allowed. */
TNG_API void tng_matcher_destroy(struct tng_matcher *matcher);

/**
 * Decide one path as the builders' walk does (parents first).
 *
 * path     relative to the context root, '/' between components, no "." or ".."; any bytes. The root
 *          itself is the empty path, and never excluded
 * Errors   TNG_ESYNTAX: a pattern that docker compiles only when it is first needed is bad
 */
TNG_API TNG_NODISCARD enum tng_code tng_matcher_decide(struct tng_matcher *matcher,
		const char *path, size_t path_bytes, struct tng_verdict *out,
		struct tng_error *err);

#ifdef __cplusplus
}
#endif

#endif

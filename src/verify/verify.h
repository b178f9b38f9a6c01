/*
 * verify/verify.h - what the text of an ignore file does to the builds that live with it.
 *
 *   tree, builds, text of now --verifier_create--> verifier --verify_text(new text)--> verification
 *   tree, text, engine --verify_ledger--> ledger: what each line is worth
 *   tree, builds, plan of the text of now --verify_lacks--> what their sources lack
 *
 * Nothing is believed of where a text comes from: it is parsed anew, every row is decided anew with the
 * engine's own evaluation, and what is left is compared with what each instruction reads. This room has
 * never heard of proposals.
 *
 * A source needs what BuildKit would ask for to serve it, links followed (follow_links()), under every
 * engine: classic and podman send more, and read the same. A row is lost when the text of now lets it
 * through to a source and the new one does not. A directory counts, too: it may be needed though empty. It
 * is there when it is sent, or something below it.
 */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include "dockerfile/dockerfile.h"
#include "transfer/transfer.h"

/** More losses than this are counted and not kept; the same of files that arrive empty. */
#define VERIFY_LOSSES_MAX ((size_t)1024)
#define VERIFY_EMPTY_MAX ((size_t)256)

/** Of a loss: nothing is known of what the build reads, so that it may need everything. */
#define VERIFY_NO_SOURCE UINT32_MAX

#define VERIFY_ENGINES_MAX 3

/** One build of the context. */
struct verify_build {
	struct str name;       /* for the caller; may be empty */
	struct str dockerfile; /* relative to the root; empty when outside or from stdin */
	struct str target;     /* for the caller; may be empty */
	/* what it reads; NULL: unknown, which is taken for all of it. So is a source that hangs on an argument
	 * that the Dockerfile does not tell. */
	const struct build_sources *sources;
};

struct verify_input {
	const struct tree *tree;
	const enum tng_engine *engines; /* none: all of them */
	size_t nengines;
	const struct verify_build *builds; /* none: nothing is needed */
	size_t nbuilds;
	struct str before; /* the text of now ... */
	bool has_before;   /* ... false: there is none, all is sent */
	const uint8_t *may_go; /* per row: 1: may be lost; NULL: no row may. Read at each verify_text() */
};

/** Rows that one source loses to one line, under one engine. */
struct verify_loss {
	enum tng_engine engine;
	uint32_t build;   /* of the input */
	uint32_t source;  /* of the build's sources, or VERIFY_NO_SOURCE */
	uint32_t pattern; /* of the text as the engine reads it; the last one that excludes them */
	uint32_t line;    /* its line, 1-based */
	uint32_t row;     /* the first one */
	uint64_t nrows;
	uint64_t bytes; /* of the regular files among them, each name */
	bool is_empty;  /* they are not gone: they arrive without content (transfer_find_empty()) */
	/* nothing of the source is left: a build stops at a plain path, and copies nothing for a wildcard */
	bool is_whole_source;
};

/** What the text does under one engine; of the first build, where the Dockerfile matters (classic). */
struct verify_engine {
	enum tng_engine engine;
	/* .code is not TNG_OK: the engine refuses the text, a build stops there; the rest is zero */
	struct tng_error bad;
	struct weight eligible_before, eligible_after;
	/* what the sources of all builds together ask for */
	struct weight requested_before, requested_after;
	uint64_t nnewly_out, nnewly_in;         /* rows, asked for or not */
	uint64_t nlooked_before, nlooked_after; /* rows that the builder's walk gets to see */
	/* files with content that are sent without it, now and after, and the first ones of after */
	uint64_t nempty_before, nempty_after;
	const uint32_t *empty;
	size_t nempty;
	/* lines of exceptions that make the builder enter every excluded directory */
	const uint32_t *defeating;
	size_t ndefeating;
};

struct verification {
	bool is_safe; /* no engine refuses the text, and there is no loss */
	struct verify_engine engines[VERIFY_ENGINES_MAX]; /* in the order of the input */
	size_t nengines;
	/* by engine, build, source, line */
	const struct verify_loss *losses;
	size_t nlosses, nlosses_all;
	const uint8_t *lost; /* per row: 1 << engine, where some source loses it; NULL: no losses */
	/* what sources that name a place lack under the text of now: not new, and not a loss. The lines are
	 * those of that text. Lives as long as the verifier. */
	const struct verify_loss *already;
	size_t nalready, nalready_all;
	bool before_is_bad; /* some engine refuses the text of now: there it counts as none */
};

struct verifier;

/**
 * Look at what does not change: what the sources ask for, and what is sent now.
 *
 * input    tree, the list of builds with all in it and may_go must outlive the verifier
 * out      set on TNG_OK only; ended with verifier_destroy()
 * Errors   TNG_ELIMIT: more links than follow_links() takes; TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code verifier_create(
		const struct verify_input *input, struct verifier **out, struct tng_error *err);

/** NULL is allowed. */
void verifier_destroy(struct verifier *verifier);

/**
 * Judge a text: one plan of the whole tree for each engine.
 *
 * a        owns what *out points at
 * text     empty is a file without lines
 * Errors   TNG_ENOMEM. A text that an engine refuses is data: engines[].bad.
 * Threads  one at a time for each verifier
 */
ATTR_NODISCARD
enum tng_code verify_text(struct verifier *verifier, struct arena *a, struct str text,
		struct verification *out, struct tng_error *err);

/* ---- one text alone */

struct verify_lacks_input {
	const struct tree *tree;
	enum tng_engine engine;
	const struct verify_build *builds;
	size_t nbuilds;
	const struct ignore_set
			*set; /* of transfer_patterns(), for all of the builds; NULL: no file */
	const struct transfer_plan *plan; /* of this set, everything asked for */
};

/**
 * What sources that name a place lack: struct verification's `already`, from a plan that is there.
 *
 * a        owns the list
 * Errors   TNG_ELIMIT: more links than follow_links() takes; TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code verify_lacks(struct arena *a, const struct verify_lacks_input *input,
		const struct verify_loss **out, size_t *n, struct tng_error *err);

/* ---- the ledger: what each line is worth */

/** What may be said of a line; all but LEDGER_LIVE can go, all of them together, and nothing changes. */
enum ledger_status {
	LEDGER_LIVE,
	LEDGER_DEAD,      /* it matches nothing that is there */
	LEDGER_DUPLICATE, /* the same as another line: `other` */
	LEDGER_COVERED,   /* all that it matches, another line of its kind matches: `other` */
	LEDGER_UNDONE,    /* an exclusion: all that it matches is brought back later: `other` */
	LEDGER_UNREACHED, /* an exception: the builder does not enter the directory excluded by `other` */
	LEDGER_REDUNDANT, /* it matches something, and without it nothing changes */
};

/** Entries that are sent, or are not; bytes of regular files, names of one file once. */
struct ledger_sum {
	uint64_t nentries, nfiles, bytes;
};

/** One pattern of the text, with those that the engine adds (line 0, always live). */
struct ledger_line {
	uint32_t pattern; /* of the set */
	uint32_t line;
	enum ledger_status status;
	uint32_t other; /* a line, see the status; 0: none */
	uint64_t nmatches; /* entries on disk that it matches, or that are below one, whoever decides */
	struct ledger_sum decides; /* struct pattern_weight of the plan */
	/* if this line alone went: what would be sent that is not, and the other way round */
	struct ledger_sum comes_back, goes_out;
	/* entries that the builder's walk sees because of the line; below 0: that it is spared */
	int64_t walk;
	struct tng_error
			refused; /* .code is not TNG_OK: without this line the engine refuses the text */
};

struct ledger_input {
	const struct tree *tree;
	enum tng_engine engine;
	struct str dockerfile; /* as in struct transfer_request */
	struct str text;
	const struct ignore_set *set;     /* of transfer_patterns() for this text */
	const struct transfer_plan *plan; /* of this set, everything asked for */
};

struct ledger {
	const struct ledger_line *lines; /* one a pattern, in file order */
	size_t nlines;
	uint64_t nlooked; /* entries that the builder's walk sees */
};

/**
 * Weigh each line by doing without it. Only the entries that it matches, and what is below them, are
 * decided again; the answer is that of a whole plan.
 *
 * a        owns the lines
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code verify_ledger(struct arena *a, const struct ledger_input *input, struct ledger *out,
		struct tng_error *err);

#endif

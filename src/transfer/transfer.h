/*
 * transfer/transfer.h - what an engine sends of a tree, entry by entry.
 *
 *   tree, ignore_set, engine --transfer_plan--> plan: verdict and fate of every row
 *
 * The builders prune: below an excluded directory they look only where an exception could bring
 * something back, and each has its own idea of where that is (ignore-semantics 4.4, 4.5, 4.7). So the
 * fate of a row is not its verdict alone.
 */
#ifndef TRANSFER_TRANSFER_H
#define TRANSFER_TRANSFER_H

#include "ignore/ignore.h"
#include "util/arena.h"
#include "util/error.h"
#include "walk/walk.h"

#include <stdbool.h>
#include <stdint.h>

enum fate {
	FATE_SENT,   /* kept, and sent */
	FATE_PARENT, /* a directory that is not kept, sent because something below is (BuildKit) */
	FATE_EXCLUDED, /* excluded by a pattern, seen by the builder's walk */
	FATE_PRUNED,   /* below an excluded directory that the builder does not enter */
	FATE_SKIPPED,  /* kept, and yet not sent: a socket, but for BuildKit */
	FATE_UNASKED,  /* not excluded, but no source of the build asks for it (BuildKit) */
};

/** Entries of a lens, the root not counted. */
struct weight {
	uint64_t nentries, nfiles, ndirs, nsymlinks, nothers;
	uint64_t bytes;     /* apparent, of regular files; names of one file count once */
	uint64_t allocated; /* on disk, of the same files */
};

/**
 * What one pattern does. Of an exclusion: the rows it decided and that are not sent. Of an exception:
 * the rows it decided and that are sent. Bytes are what really stays ashore (comes back): a file that
 * is sent under another of its names weighs nothing here, so that the bytes of all exclusions are
 * disk.bytes - eligible.bytes.
 */
struct pattern_weight {
	uint64_t nentries, nfiles;
	uint64_t bytes;
};

/** Per directory, everything below it, the directory itself not counted. */
struct dir_weight {
	uint64_t disk_bytes, eligible_bytes;
	uint64_t disk_files, eligible_files;
};

/** A name of a file with several is the first one on disk, and the first one that is sent: it counts. */
#define TRANSFER_FIRST_ON_DISK 1U
#define TRANSFER_FIRST_SENT 2U

struct transfer_plan {
	const uint32_t *decider;       /* per row: pattern that decided, or IGNORE_NO_PATTERN */
	const uint8_t *fate;           /* per row: enum fate; the root's is FATE_SENT */
	const struct dir_weight *dirs; /* per directory number */
	struct weight disk;            /* all there is */
	struct weight eligible;        /* FATE_SENT and FATE_PARENT */
	const struct pattern_weight
			*patterns; /* per pattern of the set; NULL after request->whole */
	const uint8_t *links;      /* per tree_hard_links(): TRANSFER_FIRST_* of that name */
	uint64_t nunreached; /* rows that an exception would keep, below what the builder prunes */
	uint64_t nwalked;    /* rows that the builder's walk looks at, the root not counted */
	uint32_t nincludes;  /* request->nincludes: tried on each of them, as the patterns are */
	const uint32_t *blocked; /* directories that the builder enters and cannot read: a build ends there */
	size_t nblocked;
};

/**
 * What a row weighs in a lens: the size of a regular file where its name is the first of the file in
 * that lens; 0 for anything else.
 */
uint64_t transfer_bytes(const struct transfer_plan *plan, const struct tree *tree, uint32_t row,
		bool eligible);

struct transfer_request {
	enum tng_engine engine;
	struct str dockerfile; /* relative to the root; empty when outside, absent or from stdin */
	/* BuildKit: ask for these only, as follow_links() gives them; 0: for everything */
	const struct str *includes;
	size_t nincludes;
	bool is_quick; /* nunreached is left at 0: to find it, rows are decided that no builder looks at */
	/* with includes: the plan of this tree, set and engine that asks for everything. Its verdicts are taken,
	 * and as with is_quick nunreached is left at 0; patterns are not weighed. NULL: all is decided */
	const struct transfer_plan *whole;
};

static inline bool fate_is_sent(uint8_t fate) {
	return fate == FATE_SENT || fate == FATE_PARENT;
}

/**
 * The patterns an engine goes by: those of the ignore file, and what it adds on its own. Classic adds
 * "!.dockerignore" and "!<Dockerfile>" when they are excluded (ignore-semantics 5.1).
 *
 * Errors   those of ignore_parse()
 */
ATTR_NODISCARD
enum tng_code transfer_patterns(struct str ignore_text, const struct transfer_request *request,
		struct ignore_set **out, struct tng_error *err);

/**
 * Decide every row.
 *
 * a        owns the columns
 * set      NULL: no patterns
 * Errors   those of ignore_decide(): the build would fail there; TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code transfer_plan(struct arena *a, const struct tree *tree, const struct ignore_set *set,
		const struct transfer_request *request, struct transfer_plan *out,
		struct tng_error *err);

/**
 * What paths ask for, whatever an ignore file says: the rows that BuildKit would send for their own sake.
 *
 * a         for work memory
 * includes  as follow_links() gives them
 * rows      per row, 1: it is asked for
 * Errors    those of ignore_decide(): a path that is no pattern; TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code transfer_asked(struct arena *a, const struct tree *tree, const struct str *includes,
		size_t n, uint8_t *rows, struct tng_error *err);

/* ---- a plan again and again, each time without some of its patterns */

struct transfer_replanner;

/**
 * Both must outlive it.
 *
 * set      NULL: no patterns
 * out      set on TNG_OK only; ended with transfer_replanner_destroy()
 * Errors   TNG_ENOMEM
 * Threads  one at a time
 */
ATTR_NODISCARD
enum tng_code transfer_replanner_create(const struct tree *tree, const struct ignore_set *set,
		enum tng_engine engine, struct transfer_replanner **out, struct tng_error *err);

/** NULL is allowed. */
void transfer_replanner_destroy(struct transfer_replanner *replanner);

/** Leave a pattern of the set out from now on, as if its line were a comment; or put it back. */
void transfer_leave_out(struct transfer_replanner *replanner, uint32_t pattern, bool is_out);

/**
 * The fates for the patterns that are in, where only some subtrees can have changed: the work is in proportion
 * to those.
 *
 * tops     rows, ascending, none below another: every row outside of their subtrees is decided as it was,
 *          and each is one that the walk sees
 * fate     per row: as it was, gets what it is
 * Errors   those of transfer_plan(); *fate is then of no use
 */
ATTR_NODISCARD
enum tng_code transfer_replan(struct transfer_replanner *replanner, const uint32_t *tops,
		size_t ntops, uint8_t *fate, struct tng_error *err);

/**
 * Excluded directories that the walk would enter for the sake of one more exception, and does not for those
 * that are in.
 *
 * fate     per row, of the plan with the exception
 * rows, n  ascending; in the arena
 * is_all   all excluded directories may be such: *n is 0
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code transfer_entered_for(struct arena *a, const struct transfer_replanner *replanner,
		const uint8_t *fate, const struct ignore_pattern *exception, uint32_t **rows,
		size_t *n, bool *is_all, struct tng_error *err);

/** As many links as this on the way to all sources together; a real tree has tens. */
#define FOLLOW_STEPS_MAX ((size_t)1 << 20)

/**
 * Which paths BuildKit's client really looks for: links on the way to the sources are followed first, on
 * the unfiltered tree (fsutil followlinks.go; ignore-semantics 6.5).
 *
 * paths    relative; "." or an empty list means no filter
 * out, n   include patterns for the matcher, sorted bytewise, none below the one before it; *n == 0: no
 *          filter, everything is asked for. In the arena.
 * Errors   TNG_ELIMIT past FOLLOW_STEPS_MAX, TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code follow_links(struct arena *a, const struct tree *tree, const struct str *paths,
		size_t npaths, struct str **out, size_t *n, struct tng_error *err);

/**
 * The row of a path that leads nowhere else: no wildcard, no link on the way, no text that a pattern takes
 * for more than itself. What it asks for is that row and all below.
 *
 * Returns  TREE_NO_ROW: it takes follow_links() to know, or there is nothing
 */
uint32_t follow_plain(const struct tree *tree, struct str path);

/**
 * Whether an exception makes an engine's walk enter every excluded directory, in search of what it might
 * bring back (ignore-semantics 4.4).
 */
bool transfer_enters_all(enum tng_engine engine, const struct ignore_pattern *exception);

/* ---- the wire: how many bytes that is ---- */

/** A file that BuildKit announces with its size and sends without content. */
struct transfer_empty {
	uint32_t row;
	bool is_unreadable; /* else: the whole path's evaluation excludes it, the walk's does not */
};

/**
 * Those files of a BuildKit plan, in row order. Only files with content; of several names the first.
 *
 * root_fd  what the tree was walked from; -1: do not look for unreadable ones
 * set      NULL: no patterns
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code transfer_find_empty(struct arena *a, int root_fd, const struct tree *tree,
		const struct transfer_plan *plan, const struct ignore_set *set,
		struct transfer_empty **out, size_t *n, struct tng_error *err);

struct wire_options {
	enum tng_engine engine;
	const struct tree_xattr *xattrs; /* of the rows that are sent; in row order */
	size_t nxattrs;
	const struct transfer_empty *empty; /* BuildKit; in row order */
	size_t nempty;
	const uint8_t *changed; /* per row: 1: not as it was at the last build; NULL: nothing changed */
	bool injects_dockerfile; /* classic: it is not in the context, and is put into the stream */
	uint64_t dockerfile_bytes;
};

/** What one transfer costs, as docker counts and prints it. */
struct transfer_wire {
	bool happens;         /* false: nothing is asked for, or podman, which copies */
	uint64_t first;       /* of a first build */
	uint64_t first_other; /* classic with a Dockerfile from elsewhere: may be this as well */
	uint64_t unchanged;   /* of a build after that, with no change but that of the options */
	uint64_t npackets;    /* BuildKit: STAT packets; classic: entries of the stream */
	uint64_t stat_bytes;  /* BuildKit: of these; the same in every build */
	uint64_t nrequests;   /* files whose content is sent */
	uint64_t nrequests_unchanged;
};

/**
 * The bytes of what a plan sends: BuildKit's packets, or classic's tar stream.
 *
 * Errors   TNG_ENOMEM
 */
ATTR_NODISCARD
enum tng_code transfer_wire(struct arena *a, const struct tree *tree,
		const struct transfer_plan *plan, const struct wire_options *options,
		struct transfer_wire *out, struct tng_error *err);

/**
 * One of the small transfers that BuildKit makes before: some names of a directory, no patterns, links
 * inside it followed. Always sent in full.
 *
 * names    what is asked for, sorted; missing ones are not sent
 */
ATTR_NODISCARD
enum tng_code transfer_wire_names(struct arena *a, int dir_fd, const struct str *names,
		size_t nnames, struct transfer_wire *out, struct tng_error *err);

/** The same of one file that the client makes for the purpose, mode 0600 (a Dockerfile from stdin). */
ATTR_NODISCARD
enum tng_code transfer_wire_made_up(struct arena *a, struct str name, uint64_t size,
		struct transfer_wire *out, struct tng_error *err);

/* ---- time: how long that takes */

/** What takes time in one transfer; all that the model knows of a build. */
struct time_counts {
	uint64_t walked;             /* entries that the builder's walk looks at */
	uint64_t walked_for_nothing; /* of those: excluded, and seen for the sake of an exception only */
	uint64_t pattern_tests;      /* patterns that are tried on all of these together */
	uint64_t announced;          /* entries that are sent: BuildKit's STAT packets */
	uint64_t announced_bytes; /* of these packets; part of `bytes` */
	uint64_t created; /* of the announced: the builder has to make them, or to replace them */
	uint64_t files;   /* whose content is sent */
	uint64_t bytes;   /* on the wire, as docker counts them; podman: copied */
	uint64_t round_trips; /* during which nothing else goes on; 0: no network has a part in it */
};

/**
 * Count what a plan costs.
 *
 * wire   of the same plan (transfer_wire()); of one that does not happen only the walk counts
 * again  false: a first build; true: one after it, with the change that is in the wire
 */
struct time_counts time_count(enum tng_engine engine, const struct tree *tree,
		const struct transfer_plan *plan, const struct ignore_set *set,
		const struct transfer_wire *wire, bool again);

/** Seconds, or seconds for one of something: between these two. */
struct time_range {
	double lo, hi;
};

enum time_place {
	TIME_LOCAL,   /* client and builder on one Linux system */
	TIME_DESKTOP, /* the builder in a virtual machine on the same computer */
	TIME_REMOTE,  /* the builder behind a network */
};

/** What each of the counts takes of both computers, and what the line between them takes. */
struct time_profile {
	struct time_range walked, pattern_test, announced, created, file, byte;
	struct time_range line_byte; /* of what goes over the line; 0: the line is no limit */
	struct time_range round_trip;
	struct time_range start; /* of a transfer of nothing */
	uint32_t frame_bytes;    /* on the line, around each packet */
	bool asks;               /* the builder asks for each file when it has been announced */
};

/**
 * The parts of a time, and their sum. What is hidden behind the slower of computers and line is 0.
 */
struct time_prediction {
	struct time_range total;
	struct time_range walking; /* `for_nothing` is part of it */
	struct time_range for_nothing;
	struct time_range stat_packets, per_file, bytes, round_trips, start;
};

/**
 * The constants of a place.
 *
 * bytes_per_second   of TIME_REMOTE's network; 0: TIME_BANDWIDTH_DEFAULT. Elsewhere: 0, or an upper limit
 * round_trip         of the network, in seconds; below 0: TIME_ROUND_TRIP_DEFAULT, or the place's own
 */
struct time_profile time_profile(enum tng_engine engine, enum time_place place,
		double bytes_per_second, double round_trip);

#define TIME_BANDWIDTH_DEFAULT 6.25e6 /* 50Mbit */
#define TIME_ROUND_TRIP_DEFAULT 0.040

void time_predict(const struct time_counts *counts, const struct time_profile *profile,
		struct time_prediction *out);

/** One figure for a range: as many times its lower end as its upper end is of it. */
double time_middle(struct time_range range);

/** A build that was timed. */
struct time_observation {
	struct time_counts counts;
	double seconds, error_seconds; /* more or less: of what the clock was printed with */
};

/** By which factor predictions are usually off, up or down; 1: not at all. */
struct time_fit {
	double before, after;
};

/**
 * Fit a profile to builds. One is enough: what it does not tell stays as it was; several make the ranges
 * narrower.
 *
 * profile   the place's; comes out fitted
 */
void time_calibrate(const struct time_observation *seen, size_t nseen, struct time_profile *profile,
		struct time_fit *out);

#endif

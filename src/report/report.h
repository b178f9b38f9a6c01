/*
 * report/report.h - a finished analysis in, bytes out.
 *
 * Reports read and never decide. A sink remembers the first write error, so that a full disk reaches
 * the exit status; every function here writes to one and returns only TNG_ENOMEM as an error.
 *
 * Text for people goes through sink_put_safe(): control characters, bytes that are not UTF-8 and
 * characters that reorder text are escaped. Lists for programs (ls, match) are raw unless they go to a
 * terminal.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "analysis/analysis.h"
#include "util/buf.h"

/** Buffered output to a descriptor, or into memory. */
struct sink {
	int fd; /* -1: all stays in buf */
	bool is_terminal;
	unsigned columns; /* of the terminal; 0: it is none, or not known */
	bool color;       /* only ever set when the user wants it or a terminal shows it */
	struct buf buf;
	int os_errno; /* of the first write that failed; nothing is written after it */
};

void sink_init(struct sink *sink, int fd, bool color);

/** The result stays in sink->buf: buf_detach() or buf_fini() ends it, not sink_fini(). */
void sink_init_memory(struct sink *sink);

/** Flushes; the descriptor stays open. Returns the first write error, or 0; ENOMEM counts. */
int sink_fini(struct sink *sink);

/** Write what is buffered now. */
void sink_flush(struct sink *sink);

void sink_put(struct sink *sink, struct str s);
void sink_printf(struct sink *sink, const char *format, ...) ATTR_PRINTF(2, 3);

/** Escaped for people; a path may hold anything. */
void sink_put_safe(struct sink *sink, struct str s);

/** The same into the arena; .ptr is NULL when out of memory, or where the text's is. */
ATTR_NODISCARD struct str report_safe(struct arena *a, struct str text);

/** A path in a list: raw, or escaped on a terminal. */
void sink_put_path(struct sink *sink, struct str s);

/** `text` as UTF-8: each invalid byte becomes U+FFFD. In the arena; .ptr is NULL when out of memory. */
ATTR_NODISCARD struct str report_utf8(struct arena *a, struct str text);

/** Text in Markdown: what could mean something there is a character reference; cut at 1000 bytes. False: out of
 * memory. */
bool report_put_markdown(struct arena *a, struct str text, struct sink *sink);

enum report_format {
	REPORT_TEXT,
	REPORT_JSON,
	REPORT_JSONL,
};

/** What a scan's table shows. */
enum report_by {
	REPORT_BY_DIR,
	REPORT_BY_FILE,
	REPORT_BY_EXT,
	REPORT_BY_PATTERN,
	REPORT_BY_INSTRUCTION,
	REPORT_BY_CLASS,
	REPORT_BY_GIT,
};

#define REPORT_TOP_DEFAULT 15

struct scan_options {
	enum report_format format;
	enum lens lens;
	enum report_by by;
	size_t top;
	bool wire;    /* what goes over the wire, too */
	bool quiet;   /* the totals and errors only */
	bool verbose; /* notes, too */
};

ATTR_NODISCARD
enum tng_code report_scan(const struct analysis *an, const struct scan_options *options,
		struct sink *sink, struct tng_error *err);

struct ls_options {
	enum report_format format;
	enum lens lens;
	bool excluded;           /* what is not in the lens */
	uint32_t line;           /* 0, or: what the instruction of this line asks for */
	bool files_only;         /* no directories */
	bool long_lines;         /* mode, size and time before the path */
	bool totals;             /* one line of sums instead of a list */
	bool nul;                /* entries end with NUL, not newline */
	const uint16_t *classes; /* of these only; an has classes */
	size_t nclasses;         /* 0: of any */
};

/** The entries in the builder's sending order. */
ATTR_NODISCARD
enum tng_code report_ls(const struct analysis *an, const struct ls_options *options,
		struct sink *sink, struct tng_error *err);

struct match_options {
	enum report_format format; /* text or jsonl */
	bool nul;
};

/** One verdict of `tonnage match`. */
void report_verdict(const struct ignore_set *set, const struct verdict *verdict, struct str path,
		const struct match_options *options, struct sink *sink);

/** What `tonnage explain` prints: paths, one pattern, or why the transfer is slow. */
struct explain_view {
	const struct analysis *an;
	const struct build *build;
	struct arena *arena;
	const struct explanation *paths;
	size_t npaths;
	const struct pattern_explanation *pattern;
	bool is_story; /* it is `slow` that was asked for */
	const struct slow_story *slow;
	/* the same of further builds, in order; one whose ignore file is bad has nothing of this */
	const struct explain_view *others;
	size_t nothers;
};

/** Text or JSON. */
ATTR_NODISCARD
enum tng_code report_explain(const struct explain_view *view, enum report_format format,
		struct sink *sink, struct tng_error *err);

/** What `tonnage explain --history` prints. */
struct history_view {
	const struct analysis *an;
	const struct history *history;
	struct arena *arena;
	enum report_format format; /* text or json */
};

ATTR_NODISCARD
enum tng_code report_history(
		const struct history_view *view, struct sink *sink, struct tng_error *err);

/** What `tonnage propose` prints. */
struct propose_view {
	const struct analysis *an;
	const struct analysis_proposal *proposal;
	const struct propose_options *options;
	struct arena *arena;
	enum report_format format; /* text or json */
	bool diff;                 /* text: the difference from today's file instead of the file */
	bool verbose;              /* all that is kept, and what was dropped */
	bool is_shown; /* on standard output, and that is all: the summary says what comes next */
};

/** The file, its diff, or the plan as JSON. */
ATTR_NODISCARD
enum tng_code report_proposal(
		const struct propose_view *view, struct sink *sink, struct tng_error *err);

/** What it saves, what is kept and what is to be decided, for standard error. */
void report_proposal_summary(const struct propose_view *view, struct sink *sink);

/** How `tonnage check` prints: the names, in this order, are those of check_format_name(). */
enum check_format {
	CHECK_FORMAT_TEXT,
	CHECK_FORMAT_JSON,
	CHECK_FORMAT_SARIF,    /* SARIF 2.1.0 */
	CHECK_FORMAT_GITHUB,   /* workflow commands, which become annotations */
	CHECK_FORMAT_MARKDOWN, /* as the summary of a step */
	CHECK_FORMAT_GITLAB,   /* Code Quality */
	CHECK_FORMAT_JUNIT,
	CHECK_FORMAT_TAP, /* TAP 14 */
};
#define CHECK_NFORMATS 8

const char *check_format_name(enum check_format format);

/** What `tonnage check` prints. */
struct check_view {
	const struct analysis *an;
	const struct check_result *result;
	const struct check_options *how; /* what the result was made with */
	struct arena *arena;
	bool quiet;        /* what fails, and the sum */
	bool verbose;      /* what is silenced or known, too */
	bool has_revision; /* compared with a revision: findings may be new */
	bool has_earlier;  /* there is something that findings could be known from */
};

/** Paths of JSON and text are relative to the context; those of the others to the repository, if git knows. */
ATTR_NODISCARD
enum tng_code report_check(const struct check_view *view, enum check_format format,
		struct sink *sink, struct tng_error *err);

enum diff_side_kind {
	DIFF_SIDE_DIRECTORY,
	DIFF_SIDE_SNAPSHOT,
	DIFF_SIDE_REVISION, /* of git */
};

/** One of the two things that are compared. */
struct diff_side {
	struct str name; /* as the user wrote it */
	enum diff_side_kind kind;
};

enum diff_format {
	DIFF_TEXT,
	DIFF_JSON,
	DIFF_MARKDOWN, /* as a comment, or the summary of a step */
};

/** What `tonnage diff` prints. */
struct diff_view {
	const struct manifest_diff *diff;
	const struct prevention *prevention;
	struct diff_side sides[2]; /* before, after */
	const struct manifest *after;
	struct arena *arena;
	enum diff_format format;
	size_t top; /* text, Markdown: changes that are listed */
};

ATTR_NODISCARD
enum tng_code report_diff(const struct diff_view *view, struct sink *sink, struct tng_error *err);

/** What --fix would do to an ignore file, as diff -u has it. */
void report_fix_diff(const struct analysis_fixed *file, struct sink *sink);

/** A commented .tonnage.yaml with budgets from today's figures. */
void report_first_config(const struct analysis *an, struct sink *sink);

/** What `tonnage rules` shows: all rules, those of some classes, one rule, one class, or one check. */
struct rules_view {
	const struct class_column *column;
	const uint16_t *classes; /* of these only */
	size_t nclasses;         /* 0: of all */
	const struct class_rule
			*rule; /* this one alone, with all that is known of it; NULL: a list */
	const struct class_name *of_class; /* NULL, or: the class, and its rules */
	const struct check_rule *check;    /* NULL, or: this rule of `tonnage check` alone */
	struct arena *arena;
};

/** Text or JSON. */
ATTR_NODISCARD
enum tng_code report_rules(const struct rules_view *view, enum report_format format,
		struct sink *sink, struct tng_error *err);

/** Findings for standard error, one a line: "file:line:column: warning: text". */
void report_findings(const struct analysis *an, enum severity least, struct sink *sink);

/** The same without those that a rule of `tonnage check` tells. */
void report_findings_beside_check(
		const struct analysis *an, enum severity least, struct sink *sink);

#endif

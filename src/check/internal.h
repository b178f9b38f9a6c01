/* check/internal.h - what the families of rules share. */
#ifndef CHECK_INTERNAL_H
#define CHECK_INTERNAL_H

#include "check/check.h"
#include "util/buf.h"
#include "util/globs.h"
#include "util/path.h"
#include "util/vec.h"

/** A name that a rule of the classes leaves out, without what says how deep. */
struct left_out {
	struct str core;
	bool is_glob; /* else it is the very name */
	bool is_dir;  /* the rule is about directories */
};

/** Where else the name of a pattern is, see elsewhere.c. */
struct elsewhere {
	uint32_t other_case; /* matches nothing: the row that it would match but for the case of letters, or
				TREE_NO_ROW */
	/* places below the root that git would find by that name, and are sent */
	uint32_t first; /* row */
	uint32_t end;   /* of the last one */
	uint64_t nplaces, nfiles, bytes;
	bool is_guess;     /* all of that name; else what is of no use in an image */
	uint64_t nanyhow;  /* files that "**" + "/" in front would take, these and what is of use */
	uint32_t last_end; /* of the last place with these */
};

/** A file of git's ignore rules. */
struct gitignore {
	struct str dir; /* that it is in, "." for the root */
	struct str text;
};

struct checker {
	struct arena *arena;
	const struct check_input *in;
	const struct check_build *build; /* the one at hand; NULL: the context as a whole */
	bool is_guess;                   /* of a fact, without a build at hand */
	struct {
		VEC_FIELDS(struct check_finding)
	} list;
	struct check_finding spare; /* what nobody wants to know of goes here */
	const uint8_t *is_at_home;  /* per rule of the classes: its ecosystem is in the tree */
	struct left_out *left_out;  /* of these; NULL: nobody has asked yet, see tomorrow.c */
	uint32_t nleft_out;
	struct globs left_out_names;
	/* what is sent of the build at hand, lies below a folder, and is of no use in an image: the topmost rows */
	const uint32_t *unwanted;
	size_t nunwanted;
	struct elsewhere *elsewhere;  /* per pattern of the build at hand */
	struct gitignore *gitignores; /* NULL: nobody has asked yet, see gitignores.c */
	size_t ngitignores;
	bool failed; /* out of memory: seen at the end */
};

/** Whether findings of a rule would be kept: work for others need not be done. */
bool check_wants(const struct checker *c, enum check_rule_id rule);

/**
 * Add a finding; its message is the text. The caller fills in what else is known.
 *
 * severity  CHECK_OFF: that of the rule. The policy wins over both.
 * Returns   never NULL; good until the next call
 */
struct check_finding *check_add(struct checker *c, enum check_rule_id rule,
		enum check_severity severity, const char *format, ...) ATTR_PRINTF(4, 5);

/** A text in the arena; empty when out of memory. */
struct str check_text(struct checker *c, const char *format, ...) ATTR_PRINTF(2, 3);

/** A row's path in the arena. */
struct str check_path(struct checker *c, uint32_t row);

/** Of a failed call: remember, and go on. */
void check_code(struct checker *c, enum tng_code code);

/** Whether the build at hand is the first one with its ignore file. */
bool check_is_first(const struct checker *c);

/** Its number. */
size_t check_number(const struct checker *c);

/** The stage that the build is for, where that is not the last one; empty: it is. */
struct str check_target(const struct check_build *build);

/** What the engine really sends of a build; NULL: that is not known. */
const struct transfer_plan *check_sent_plan(const struct check_build *build);

/** What a policy, or NULL, says of a rule, in *out; false: nothing. */
bool check_policy_severity(const struct config_policy *policy, enum check_rule_id rule,
		enum check_severity *out);

/** "is"; of a build whose context is a guess "would be". */
const char *check_is(const struct checker *c);

/** "COPY", "ADD" or "the bind mount". */
const char *check_verb(const struct source *source);

/** Line `number` of a text, 1-based, without its end. */
struct str check_line(struct str text, uint32_t number);

/** The same with a carriage return at its end. */
struct str check_raw_line(struct str text, uint32_t number);

/** Fill is_at_home; and, for c->build, unwanted. */
void check_look_around(struct checker *c);
void check_find_unwanted(struct checker *c);

/** Of all builds: how far each secret gets. */
void check_secrets(struct checker *c);

/** The rules of each family, for c->build. Those of files, hygiene and patterns: if it is the first one with its
 * ignore file. */
void check_budgets(struct checker *c);
void check_new_build(struct checker *c);
void check_regression(struct checker *c);
void check_files(struct checker *c);
void check_hygiene(struct checker *c);
void check_patterns(struct checker *c);
void check_needs(struct checker *c);

/** What budgets name must be there; errors: TNG_EINVAL with the place in the configuration. */
ATTR_NODISCARD
enum tng_code check_want_budgets(const struct check_input *in, struct tng_error *err);

#define CHECK_NPLACES 3

/** Heavy places, the heaviest first. */
struct check_places {
	uint32_t rows[CHECK_NPLACES];
	uint64_t weights[CHECK_NPLACES]; /* check_find_places() alone fills them */
	size_t n;
};

/** The heaviest of what is directly in the root. weights: as check_find_places() has them. */
void check_find_tops(struct checker *c, uint64_t *weights, struct check_places *out);

/** The heaviest of what is directly in a directory that is not empty, by the sums that were made. */
uint32_t check_heaviest_child(const struct tree *tree, const uint64_t *sums, uint32_t dir);

/** weights: per row, what it weighs itself; added up in place. */
void check_find_places(struct checker *c, uint64_t *weights, struct check_places *out);

/** A finding about a source of the build at hand. */
struct check_finding *check_at_source(struct checker *c, enum check_rule_id rule,
		enum check_severity severity, const struct source *s, struct str message);

/** Whether a .gitignore takes a path, or a directory that it is in; the path need not be there. */
bool check_is_git_ignored(struct checker *c, struct str path);

/** Whether a rule of a .gitignore ends in this name, wherever. */
bool check_is_git_name(struct checker *c, struct str name);

/** Tell of a source that nothing in the context matches. */
void check_missing(struct checker *c, const struct source *s);

/** Whether COPY or ADD of the build at hand takes a row of this path; --exclude is looked at. */
bool check_source_takes(
		struct checker *c, const struct source *source, uint32_t row, struct str path);

/** Whether a source of a build with the ignore file at hand names this very row, or something below it: it is
 * meant to be sent. */
bool check_is_named(const struct checker *c, uint32_t row);

/** As many components of a path as a pattern has. */
struct str check_same_depth(struct str path, struct str pattern);

/** --exclude of COPY: patterns of an ignore file; of the path as it is, and from the source. */
bool check_is_left_out(struct checker *c, const struct source *s, struct str path);

/** How far a row gets. */
struct check_route {
	const struct source *taken; /* the instruction that takes it; NULL: none does */
	const struct stage_copy
			*carried; /* what brings it from a stage into the image; NULL: nothing */
	bool is_in_image;
};

/** The furthest way of a row of the build at hand; what cannot be known leaves it in its stage. */
void check_find_route(struct checker *c, uint32_t row, struct str path, struct check_route *out);

/* ---- of the patterns */

/** An exception that makes the builder look at fewer entries than this is not worth a word. */
#define CHECK_WALK_MIN 100

/** ... and than this, milliseconds, only a note. */
#define CHECK_WALK_WARNED 10000

/** Whether a line lies in the managed block, its marks included. */
bool check_in_block(struct str text, uint32_t line);

/** A finding about a pattern of the build's ignore file. */
struct check_finding *check_at_pattern(struct checker *c, enum check_rule_id rule,
		enum check_severity severity, const struct ignore_pattern *p, struct str message);

/** The fix: the line becomes this text. */
void check_fix_line(struct checker *c, struct check_finding *f, struct str line);

/** Fill c->elsewhere, which check_mistake() and check_habits() tell of. */
void check_look_elsewhere(struct checker *c);

/** Tell why a pattern matches nothing; false: that is not known. */
bool check_mistake(
		struct checker *c, const struct ledger_line *line, const struct ignore_pattern *p);

/** What to do about a line that the builder refuses. */
void check_explain_error(struct checker *c, struct check_finding *f);

/** Tell what a pattern does not do that it seems to. */
void check_habits(
		struct checker *c, const struct ledger_line *line, const struct ignore_pattern *p);

/** The fix of an exception that may match anywhere: the places that it brings back. */
void check_narrow_exception(
		struct checker *c, const struct ledger_line *line, struct check_finding *f);

/** Whether a line that matches nothing is right all the same, see tomorrow.c. */
bool check_is_hygiene(struct checker *c, const struct ignore_pattern *p);

/** Comments of the ignore files that silence findings. */
void check_suppress(struct checker *c);

#endif

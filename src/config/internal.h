/*
 * config/internal.h - a YAML text as nodes, and the reading of nodes.
 */
#ifndef CONFIG_INTERNAL_H
#define CONFIG_INTERNAL_H

#include "config/config.h"

enum node_kind {
	NODE_SCALAR,
	NODE_LIST,
	NODE_MAP,
};

/** Of the arena; the children of a list or mapping are in file order. */
struct node {
	enum node_kind kind;
	bool is_plain;                 /* a scalar without quotes */
	struct str key;                /* in a mapping */
	struct str text;               /* of a scalar; a NUL behind it */
	uint32_t line, column;         /* of the value */
	uint32_t key_line, key_column; /* of the key */
	struct node *first, *next;
	size_t nchildren;
};

/** A text as its root node; NULL: there is nothing in it. Keys are unique and not empty. */
ATTR_NODISCARD
enum tng_code yaml_read(struct arena *a, struct str text, struct node **out, struct tng_error *err);

/** What the reading of one file shares. */
struct reader {
	struct arena *arena;
	const struct config_language *language;
	struct str directory; /* of the file: "." when it is the working directory */
	struct tng_error *err;
};

/** TNG_EINVAL at a node's value: "KEY: ..." where it has one. */
enum tng_code bad_value(const struct reader *r, const struct node *n, const char *format, ...)
		ATTR_PRINTF(3, 4);

/** TNG_EINVAL at a node's key: no such key, with the nearest of `known` (NULL-terminated) if one is near. */
enum tng_code bad_key(const struct reader *r, const struct node *n, const char *const *known);

/** An error unless the node is of this kind; `what` says what belongs there: "a list of patterns". */
enum tng_code want_kind(const struct reader *r, const struct node *n, enum node_kind kind,
		const char *what);

/** A scalar that is not null and not empty. */
enum tng_code read_text(const struct reader *r, const struct node *n, struct str *out);

/** true or false, without quotes. */
enum tng_code read_bool(const struct reader *r, const struct node *n, bool *out);

/** A whole number from 0 to `max`. */
enum tng_code read_number(
		const struct reader *r, const struct node *n, uint64_t max, uint64_t *out);

/** The place of a scalar in "a|b|c". */
enum tng_code read_choice(
		const struct reader *r, const struct node *n, const char *choices, size_t *out);

/** A list of texts; one alone needs no list. */
enum tng_code read_texts(
		const struct reader *r, const struct node *n, const struct str **out, size_t *nout);

/** The keys of a policy: true if `n` is one, and then *code says how reading it went. */
bool read_policy_key(const struct reader *r, const struct node *n, struct config_policy *out,
		enum tng_code *code);

/** The names of those keys. */
extern const char *const policy_keys[];
#define NPOLICY_KEYS 4

/** The list of `classes:`. */
enum tng_code read_class_rules(const struct reader *r, const struct node *n, struct config *out);

/** One flag's value into *out, whose `flag` and `commands` are set. */
enum tng_code read_setting(
		const struct reader *r, const struct node *n, struct config_setting *out);

#endif

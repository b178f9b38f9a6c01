/*
 * builds/internal.h - how the room is put together.
 *
 *   builds.c     the door: which files are looked at, which builds share a context
 *   found.c      a build as somebody wrote it becomes a struct found_build
 *   names.c      Dockerfiles by name, and the guess which context they mean
 *   yaml.c       YAML to nodes that know their line (libyaml)
 *   compose.c    services.*.build
 *   inline.c     Dockerfiles inside compose and bake files
 *   bake.c       targets of a bake file; hcl.c reads its language, JSON is jansson's
 *   workflow.c   GitHub workflows, GitLab CI
 *   script.c     docker build in shell texts, Makefiles
 */
#ifndef BUILDS_INTERNAL_H
#define BUILDS_INTERNAL_H

#include "builds/builds.h"
#include "util/buf.h"
#include "util/vec.h"

/** Aliases and blocks may nest this deep; more is left out. */
#define BUILDS_DEPTH_MAX 32U

struct finder {
	struct arena *a;
	const struct tree *tree;
	int root_fd;
	bool only_workflows; /* no other file is read */
	struct str env;      /* the .env file whose values the file at hand gets; empty: none */
	struct {
		VEC_FIELDS(struct found_build)
	} list;
	struct {
		VEC_FIELDS(struct builds_finding)
	} findings;
	bool failed; /* out of memory: seen at the end */
};

/** One file that describes builds. */
struct source_file {
	uint32_t row;
	struct str path; /* relative to the root */
	struct str dir;  /* "." for the root */
	struct str text;
};

/** A Dockerfile inside another file. */
struct inline_text {
	struct str text; /* as the builder gets it; empty: none */
	bool is_unknown; /* it hangs on a variable, and is as it is written */
	struct dockerfile_place place;
};

/** A build as it is written, before paths are looked up. Empty: not said. */
struct raw_build {
	enum build_origin origin;
	uint32_t line;
	struct str name;
	struct str base;                      /* what the context is relative to, from the root */
	struct str context;                   /* empty: the base */
	bool is_repository, context_is_guess; /* struct found_build */
	struct str dockerfile;                /* empty: "Dockerfile" */
	bool file_is_in_base; /* the Dockerfile is relative to the base, as for `docker build -f` */
	struct inline_text dockerfile_inline;
	struct str target;
	const struct build_arg *args;
	size_t nargs;
	const struct found_context *contexts; /* values as written */
	size_t ncontexts;
};

/* ---- found.c ---- */

/**
 * Add a build. A part of the Dockerfile's path that is a variable stands for any name: each Dockerfile
 * of the tree that fits is a build.
 */
void found_add(struct finder *f, const struct source_file *file, const struct raw_build *raw);

void finding_add(struct finder *f, struct str file, uint32_t line, const char *text);

/** Behind '$': the bytes of the variable; *fallback: the text of ${NAME:-text}, or .ptr NULL. */
size_t variable_len(struct str s, struct str *fallback);

/** What a variable stands for, by f->env or its fallback; .ptr NULL: anything. A value that hangs on another
 * variable is not known. */
struct str variable_value(const struct finder *f, struct str variable, struct str fallback);

/** A variable of f->env becomes its value, ${NAME:-text} text; other variables "*". Never with a '*' of its own
 * meaning. */
struct str text_without_variables(struct finder *f, struct str text, bool *has_variable);

/** path_join() and path_clean(); "." and ".." may come out. */
struct str finder_join(struct finder *f, struct str dir, struct str path);

/* ---- names.c ---- */

/** A Dockerfile that no other build mentions. */
void names_add(struct finder *f, const struct source_file *file);

/* ---- yaml.c ---- */

enum yaml_kind {
	YAML_TEXT,
	YAML_LIST,
	YAML_MAP,
};

struct yaml_node {
	enum yaml_kind kind;
	uint32_t line;                 /* of its first byte; of "|" and ">" texts: of the text's */
	bool is_literal;               /* a "|" text: its lines are the file's */
	struct str text;               /* YAML_TEXT */
	const struct yaml_node **keys; /* YAML_MAP: as many as items */
	const struct yaml_node **items;
	size_t n, cap;
};

/** All documents of a text, in a list; NULL: no YAML (a finding), or out of memory. */
const struct yaml_node *yaml_load(struct finder *f, const struct source_file *file);

/** The value of a key, merge keys ("<<") looked into; NULL: none, or no map. NULL is allowed. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

/** Its text; empty when it is none. NULL is allowed. */
struct str yaml_text(const struct yaml_node *node);

/** "K=V" lists and maps as arguments. */
void yaml_args(struct finder *f, const struct yaml_node *node, const struct build_arg **args,
		size_t *nargs);

/* ---- inline.c ---- */

/** What a service has under dockerfile_inline; NULL is allowed. */
void inline_of_compose(struct finder *f, const struct source_file *file,
		const struct yaml_node *node, struct inline_text *out);

/** The text of a here-document of HCL; is_flush: "<<-", which loses what all its lines are indented by. */
void inline_of_heredoc(struct finder *f, struct str text, bool is_flush, uint32_t line,
		struct inline_text *out);

/** What stands between quotes in HCL, and a text whose escapes are read already. */
void inline_of_quoted(struct finder *f, struct str text, uint32_t line, struct inline_text *out);
void inline_of_string(struct finder *f, struct str text, uint32_t line, struct inline_text *out);

/** A text that is computed. */
void inline_is_computed(struct str written, uint32_t line, struct inline_text *out);

/* ---- readers: one a kind of file ---- */

void compose_read(struct finder *f, const struct source_file *file);
void bake_read_hcl(struct finder *f, const struct source_file *file);
void bake_read_json(struct finder *f, const struct source_file *file);
void workflow_read(struct finder *f, const struct source_file *file);
void gitlab_read(struct finder *f, const struct source_file *file);
void makefile_read(struct finder *f, const struct source_file *file);
void script_read(struct finder *f, const struct source_file *file);

/**
 * Whether script_text() may find something in a text, or in shell texts that are parts of it: a quick look, which
 * knows no shell. False: there is nothing.
 */
bool script_may_build(struct str text);

/** docker build and its kin in a shell text. `line` is that of the text's first line. */
void script_text(struct finder *f, const struct source_file *file, struct str base, struct str text,
		uint32_t line, enum build_origin origin);

#endif

/*
 * Asking. The search leaves marks at rows; what is left are the guards that a class or git decides.
 *
 *   not reached ─▶ free        named, or marked keep ─▶ keep
 *   of a class that programs are made of ─▶ keep
 *   marked ask, data, tracked output, tests that a RUN runs ─▶ ask
 *   else ─▶ free
 */
#include "propose/references_internal.h"

#include <stdlib.h>

/* ---- names ---- */

const char *need_kind_name(enum need_kind kind) {
	static const char *const names[] = { "free", "ask", "keep" };

	return names[kind];
}

const char *need_guard_name(enum need_guard guard) {
	static const char *const names[] = {
		[NEED_GUARD_NONE] = "none",
		[NEED_GUARD_NEVER_COPIED] = "never-copied",
		[NEED_GUARD_UNREFERENCED] = "unreferenced",
		[NEED_GUARD_IN_THE_WAY] = "in-the-way",
		[NEED_GUARD_COPIED] = "copied",
		[NEED_GUARD_SOURCE] = "source",
		[NEED_GUARD_REFERENCED] = "referenced",
		[NEED_GUARD_MANIFEST] = "manifest",
		[NEED_GUARD_WORKSPACE_MEMBER] = "workspace-member",
		[NEED_GUARD_EMBEDDED] = "embedded",
		[NEED_GUARD_VCS_VERSION] = "vcs-version",
		[NEED_GUARD_VCS_DIRTY] = "vcs-dirty",
		[NEED_GUARD_TRACKED] = "tracked",
		[NEED_GUARD_NO_INSTALL_STEP] = "no-install-step",
		[NEED_GUARD_PLACEHOLDER] = "only-placeholder",
		[NEED_GUARD_CLASS] = "class",
		[NEED_GUARD_CUT] = "cut",
	};

	return names[guard];
}

/* ---- asking ---- */

static void from_mark(
		const struct references *refs, uint32_t number, bool is_below, struct need *out) {
	const struct mark *mark = &refs->marks[number];

	if (out->guard == NEED_GUARD_NONE || mark->kind > (uint8_t)out->kind) {
		*out = (struct need){ (enum need_kind)mark->kind, (enum need_guard)mark->guard,
			mark->file, mark->line, mark->why, is_below };
	}
}

static void ask_marks(const struct references *refs, uint32_t row, struct need *out) {
	if (refs->at[row] != NO_MARK) {
		from_mark(refs, refs->at[row], false, out);
	}
	for (uint32_t up = row; up != TREE_NO_ROW && out->kind != NEED_KEEP;
			up = tree_parent(refs->tree, up)) {
		if (refs->tree_at[up] != NO_MARK) {
			from_mark(refs, refs->tree_at[up], false, out);
		}
	}
	if (refs->below[row] != NO_MARK && out->kind != NEED_KEEP) {
		from_mark(refs, refs->below[row], true, out);
	}
}

static void raise(struct need *out, enum need_kind kind, enum need_guard guard, const char *why) {
	if (out->guard == NEED_GUARD_NONE || kind > out->kind) {
		*out = (struct need){ .kind = kind, .guard = guard, .why = str_from(why) };
	}
}

#define CLASS_BIT(name) (UINT64_C(1) << CLASS_##name)

/* classes whose tracked files somebody committed on purpose */
#define TRACKED_CLASSES                                                                            \
	(CLASS_BIT(BUILD_OUTPUT) | CLASS_BIT(DEPS) | CLASS_BIT(OBJECT) | CLASS_BIT(ARCHIVE) |      \
			CLASS_BIT(MODEL) | CLASS_BIT(DATA) | CLASS_BIT(COVERAGE) |                 \
			CLASS_BIT(LOG) | CLASS_BIT(STATE) | CLASS_BIT(PKG_CACHE) |                 \
			CLASS_BIT(GENERATED))
/* what a host may have made for an image that only packages */
#define INSTALLED_CLASSES (CLASS_BIT(DEPS) | CLASS_BIT(BUILD_OUTPUT) | CLASS_BIT(VIRTUALENV))
/* what a program may read when it runs, without a name that a search could find */
#define RUNTIME_CLASSES                                                                            \
	(CLASS_BIT(DATA) | CLASS_BIT(MODEL) | CLASS_BIT(MEDIA) | CLASS_BIT(ARCHIVE) |              \
			CLASS_BIT(OBJECT))
#define TEST_CLASSES (CLASS_BIT(TESTS) | CLASS_BIT(FIXTURES))

static bool is_tracked(const struct references *refs, uint32_t row) {
	return refs->vcs != NULL &&
			(refs->vcs->state[row] == VCS_TRACKED ||
					refs->vcs->state[row] == VCS_MODIFIED);
}

/* The guards that hang on what the row is. */
static void ask_class(const struct references *refs, uint32_t row, struct need *out) {
	const struct class_mark *mark = refs->classes != NULL ? &refs->classes->marks[row] : NULL;
	uint64_t bit = mark != NULL && mark->klass < CLASS_USER ? UINT64_C(1) << mark->klass : 0;

	if (mark == NULL) {
		raise(out, NEED_ASK, NEED_GUARD_CLASS, "nothing is known about it");
		return;
	}
	if (mark->guard == CLASS_GUARD_PLACEHOLDER) {
		raise(out, NEED_KEEP, NEED_GUARD_PLACEHOLDER, "an empty directory that is wanted");
	}
	if (refs->classes->classes[mark->klass].group == CLASS_GROUP_KEEP) {
		raise(out, NEED_KEEP, NEED_GUARD_SOURCE, "a part of the program");
	}
	if ((bit & TRACKED_CLASSES) != 0 && is_tracked(refs, row)) {
		raise(out, NEED_ASK, NEED_GUARD_TRACKED, "somebody committed it on purpose");
	}
	if ((bit & INSTALLED_CLASSES) != 0 && refs->has_builds && refs->tools == 0) {
		raise(out, NEED_ASK, NEED_GUARD_NO_INSTALL_STEP, "no RUN could make it again");
	}
	if ((bit & RUNTIME_CLASSES) != 0) {
		raise(out, NEED_ASK, NEED_GUARD_CLASS, "the program may read it when it runs");
	}
	if ((bit & TEST_CLASSES) != 0 && refs->tests_need.kind > out->kind) {
		*out = refs->tests_need;
	}
	if ((bit & CLASS_BIT(LINT)) != 0 && refs->lint_need.kind > out->kind) {
		*out = refs->lint_need;
	}
}

static void ask_vcs(const struct references *refs, uint32_t row, struct need *out) {
	uint16_t klass = refs->classes != NULL ? refs->classes->marks[row].klass : CLASS_SOURCE;

	if (refs->vcs_need.kind == NEED_FREE) {
		return;
	}
	if (klass == CLASS_VCS && refs->vcs_need.kind > out->kind) {
		*out = refs->vcs_need;
	} else if (refs->vcs_is_exact && is_tracked(refs, row) && out->kind == NEED_FREE) {
		*out = refs->vcs_need;
		out->kind = NEED_ASK;
		out->guard = NEED_GUARD_VCS_DIRTY;
		out->why = STR("tracked, and a version that git tells would say that it is "
			       "missing");
	}
}

void references_ask(const struct references *refs, uint32_t row, struct need *out) {
	*out = (struct need){ 0 };
	if (refs->reach[row] == 0) {
		raise(out, NEED_FREE, NEED_GUARD_NEVER_COPIED,
				"no COPY, ADD or bind mount reaches it");
		return;
	}
	ask_marks(refs, row, out);
	if ((refs->reach[row] & REACH_ALL) != 0 && out->guard != NEED_GUARD_IN_THE_WAY) {
		ask_class(refs, row, out);
		ask_vcs(refs, row, out);
	}
	if (out->guard == NEED_GUARD_NONE && refs->stats.is_cut) {
		*out = (struct need){ .kind = NEED_ASK,
			.guard = NEED_GUARD_CUT,
			.file = refs->cut_file,
			.why = STR("too large to be searched for what needs it") };
	}
	raise(out, NEED_FREE, NEED_GUARD_UNREFERENCED, "nothing refers to it");
}

void references_vcs_needed(const struct references *refs, struct need *out) {
	*out = refs->vcs_need;
}

bool references_version_is_exact(const struct references *refs) {
	return refs->vcs_is_exact;
}

bool references_in_the_way(const struct references *refs, uint32_t row) {
	return refs->at[row] != NO_MARK &&
			refs->marks[refs->at[row]].guard == NEED_GUARD_IN_THE_WAY &&
			refs->below[row] == NO_MARK;
}

const struct absent_source *references_absent(const struct references *refs, size_t *n) {
	*n = refs->nabsent;
	return refs->absent;
}

const struct install *references_installs(const struct references *refs, size_t *n) {
	*n = refs->ninstalls;
	return refs->installs;
}

struct references_stats references_stats(const struct references *refs) {
	return refs->stats;
}

/* ---- opening ---- */

static bool make_columns(struct search *s) {
	uint32_t nrows = tree_nrows(s->tree);

	s->refs = arena_new(s->a, struct references, 1);
	s->reach = arena_new(s->a, uint8_t, nrows);
	s->at = arena_new(s->a, uint32_t, nrows);
	s->tree_at = arena_new(s->a, uint32_t, nrows);
	s->below = arena_new(s->a, uint32_t, nrows);
	s->seen = calloc(nrows, 1);
	if (s->refs == NULL || s->reach == NULL || s->at == NULL || s->tree_at == NULL ||
			s->below == NULL || s->seen == NULL) {
		return false;
	}
	memset(s->at, 0xFF, nrows * sizeof(*s->at));
	memset(s->tree_at, 0xFF, nrows * sizeof(*s->tree_at));
	memset(s->below, 0xFF, nrows * sizeof(*s->below));
	return true;
}

static void *keep_copy(struct search *s, const void *ptr, size_t n, size_t size_bytes) {
	void *copy = arena_alloc_array(s->a, n, size_bytes);

	s->failed |= copy == NULL;
	if (copy != NULL && n > 0) {
		memcpy(copy, ptr, n * size_bytes);
	}
	return copy;
}

static void finish(struct search *s) {
	struct references *refs = s->refs;

	refs->tree = s->tree;
	refs->fate = s->in->fate;
	refs->vcs = s->in->vcs;
	refs->classes = s->in->classes;
	refs->reach = s->reach;
	refs->at = s->at;
	refs->tree_at = s->tree_at;
	refs->below = s->below;
	refs->marks = keep_copy(s, s->marks.ptr, s->marks.len, sizeof(*s->marks.ptr));
	refs->absent = keep_copy(s, s->absent.ptr, s->absent.len, sizeof(*s->absent.ptr));
	refs->nabsent = s->absent.len;
	refs->installs = keep_copy(s, s->installs.ptr, s->installs.len, sizeof(*s->installs.ptr));
	refs->ninstalls = s->installs.len;
	refs->tools = s->tools;
	refs->tests_need = s->tests_need;
	refs->lint_need = s->lint_need;
	refs->vcs_need = s->vcs_need;
	refs->vcs_is_exact = s->vcs_is_exact;
	refs->cut_file = s->cut_file;
	refs->stats = s->stats;
	refs->stats.nmarks = s->marks.len;
}

enum tng_code references_open(struct arena *a, const struct references_input *input,
		const struct references **out, struct tng_error *err) {
	struct search s = { .a = a, .scratch = arena_create(), .in = input, .tree = input->tree };
	enum tng_code code = TNG_OK;

	if (s.scratch == NULL || !make_columns(&s)) {
		code = TNG_ENOMEM;
		goto out;
	}
	code = references_reach(&s, err);
	for (size_t i = 0; code == TNG_OK && i < input->nbuilds; i++) {
		references_steps(&s, &input->builds[i]);
	}
	if (code == TNG_OK) {
		/* an unknown build may call anything */
		if (input->nbuilds == 0 || s.refs->is_opaque) {
			s.tools = s.vcs_tools = UINT32_MAX;
		}
		references_manifests(&s);
		finish(&s);
		*out = s.refs;
	}
out:
	free(s.marks.ptr);
	free(s.absent.ptr);
	free(s.installs.ptr);
	free(s.made.ptr);
	free(s.seen);
	arena_destroy(s.scratch);
	if (code == TNG_ENOMEM || s.failed) {
		return error_nomem(err);
	}
	return code;
}

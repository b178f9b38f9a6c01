/*
 * May a row go? By what builds name first, then by its class, its git state and the level:
 *
 *   named, pinned ──────────────────────────────▶ keep
 *   local, and a RUN makes it itself ───────────▶ out
 *   no build asks for it ───────────────────────▶ out, from balanced on
 *   certain class (dependencies, caches, ...) ──▶ out
 *   tests, docs, CI, ... ───────────────────────▶ out, from balanced on
 *   data, archives, media ──────────────────────▶ out where they are local, else ask
 *   git ignores it, of no class ────────────────▶ out, from balanced on
 *
 * What references say comes later (units.c): there are far fewer units than rows.
 */
#include "propose/internal.h"

enum policy_kind {
	POLICY_KEEP,    /* what a program is made of */
	POLICY_CERTAIN, /* made again by tools, or nobody's business in an image */
	POLICY_ASIDE,   /* around a program: tests, docs, CI */
	POLICY_STRAY,   /* data and the like: only what is local */
	POLICY_MINOR,   /* small files that tools may read: at thorough only */
};

struct policy {
	enum policy_kind kind;
	enum propose_group group;
};

static const struct policy policies[CLASS_USER] = {
	[CLASS_SOURCE] = { POLICY_KEEP, GROUP_UNASKED },
	[CLASS_ASSET] = { POLICY_KEEP, GROUP_UNASKED },
	[CLASS_CONFIG] = { POLICY_KEEP, GROUP_UNASKED },
	[CLASS_MANIFEST] = { POLICY_KEEP, GROUP_UNASKED },
	[CLASS_BUILDSCRIPT] = { POLICY_KEEP, GROUP_UNASKED },
	[CLASS_MIGRATION] = { POLICY_KEEP, GROUP_UNASKED },
	[CLASS_VENDORED] = { POLICY_KEEP, GROUP_UNASKED },
	[CLASS_GENERATED] = { POLICY_KEEP, GROUP_UNASKED },
	[CLASS_LICENSE] = { POLICY_KEEP, GROUP_UNASKED },
	[CLASS_TESTS] = { POLICY_ASIDE, GROUP_TESTS },
	[CLASS_FIXTURES] = { POLICY_ASIDE, GROUP_TESTS },
	[CLASS_BENCH] = { POLICY_ASIDE, GROUP_TESTS },
	[CLASS_EXAMPLES] = { POLICY_ASIDE, GROUP_DOCS },
	[CLASS_NOTEBOOK] = { POLICY_ASIDE, GROUP_DOCS },
	[CLASS_DOCS] = { POLICY_ASIDE, GROUP_DOCS },
	[CLASS_DATA] = { POLICY_STRAY, GROUP_LOCAL_DATA },
	[CLASS_MODEL] = { POLICY_STRAY, GROUP_LOCAL_DATA },
	[CLASS_MEDIA] = { POLICY_STRAY, GROUP_LOCAL_DATA },
	[CLASS_CONTAINER] = { POLICY_ASIDE, GROUP_DELIVERY },
	[CLASS_DEPLOY] = { POLICY_ASIDE, GROUP_DELIVERY },
	[CLASS_IAC] = { POLICY_ASIDE, GROUP_DELIVERY },
	[CLASS_VCS] = { POLICY_CERTAIN, GROUP_HISTORY },
	[CLASS_VCS_META] = { POLICY_MINOR, GROUP_TOOLS },
	[CLASS_CI] = { POLICY_ASIDE, GROUP_DELIVERY },
	[CLASS_EDITOR] = { POLICY_ASIDE, GROUP_TOOLS },
	[CLASS_ASSISTANT] = { POLICY_ASIDE, GROUP_TOOLS },
	[CLASS_LINT] = { POLICY_MINOR, GROUP_TOOLS },
	[CLASS_OS_JUNK] = { POLICY_CERTAIN, GROUP_TOOLS },
	[CLASS_TEMP] = { POLICY_CERTAIN, GROUP_CACHES },
	[CLASS_DEPS] = { POLICY_CERTAIN, GROUP_DEPENDENCIES },
	[CLASS_VIRTUALENV] = { POLICY_CERTAIN, GROUP_DEPENDENCIES },
	[CLASS_BUILD_OUTPUT] = { POLICY_CERTAIN, GROUP_BUILD },
	[CLASS_OBJECT] = { POLICY_STRAY, GROUP_BUILD },
	[CLASS_CACHE] = { POLICY_CERTAIN, GROUP_CACHES },
	[CLASS_PKG_CACHE] = { POLICY_CERTAIN, GROUP_DEPENDENCIES },
	[CLASS_COVERAGE] = { POLICY_CERTAIN, GROUP_REPORTS },
	[CLASS_LOG] = { POLICY_CERTAIN, GROUP_REPORTS },
	[CLASS_STATE] = { POLICY_CERTAIN, GROUP_LOCAL_DATA },
	[CLASS_SECRET] = { POLICY_CERTAIN, GROUP_SECRETS },
	[CLASS_IAC_STATE] = { POLICY_CERTAIN, GROUP_SECRETS },
	[CLASS_ML_RUNS] = { POLICY_CERTAIN, GROUP_LOCAL_DATA },
	[CLASS_ARCHIVE] = { POLICY_STRAY, GROUP_LOCAL_DATA },
};

/* Of a class that the user added: its group says the kind. */
static struct policy policy_of(const struct class_column *classes, uint16_t klass) {
	if (klass < CLASS_USER) {
		return policies[klass];
	}
	switch (classes->classes[klass].group) {
	case CLASS_GROUP_KEEP:
		break;
	case CLASS_GROUP_ASK:
		return (struct policy){ POLICY_ASIDE, GROUP_TOOLS };
	case CLASS_GROUP_EXCLUDE:
		return (struct policy){ POLICY_CERTAIN, GROUP_TOOLS };
	}
	return (struct policy){ POLICY_KEEP, GROUP_UNASKED };
}

enum propose_group class_group_of(const struct class_column *classes, uint16_t klass) {
	return policy_of(classes, klass).group;
}

bool class_is_aside(const struct class_column *classes, uint16_t klass) {
	return policy_of(classes, klass).kind == POLICY_ASIDE;
}

/* Below this a stray file in the root is not worth a thought. */
#define STRAY_MIN_BYTES UINT64_C(65536)

/* Hosts of git repositories warn of larger files, and refuse them at twice that. */
#define TRACKED_MAX_BYTES UINT64_C(50000000)

struct decider {
	const struct facts *f;
	const struct class_column *classes;
	enum propose_level level;
	bool needs_history; /* a version comes from .git, and a missing file makes it "dirty" */
};

/* The row that a row's class comes from: a directory above it, or itself. */
static uint32_t zone_of(const struct decider *d, uint32_t row) {
	const struct entry *entry = tree_entry(d->f->tree, row);
	uint32_t dir = entry_is_dir(entry) ? (uint32_t)entry->size : entry->parent;
	uint32_t root = d->classes->roots[dir];

	return root != TREE_NO_ROW && d->classes->marks[root].rule == d->classes->marks[row].rule
			? root
			: row;
}

static uint32_t named_above(const struct decider *d, uint32_t row) {
	const struct entry *entry = tree_entry(d->f->tree, row);

	return d->f->named_above[entry_is_dir(entry) ? (uint32_t)entry->size : entry->parent];
}

/* Something inside a zone is named, and the row lies below that: the class of the zone says nothing
 * about it any more. So it is with tests inside a named folder of tests. */
static bool is_named_in_zone(const struct decider *d, uint32_t row, enum policy_kind kind) {
	uint32_t named = named_above(d, row), zone = zone_of(d, row);

	if (named == TREE_NO_ROW) {
		return false;
	}
	if (named >= zone && named < tree_end(d->f->tree, zone)) {
		return true;
	}
	return kind != POLICY_CERTAIN &&
			policy_of(d->classes, d->classes->marks[named].klass).kind != POLICY_KEEP;
}

/* The head of the file holds one. */
static bool has_secret(const struct decider *d, uint32_t row) {
	size_t low = 0, high = d->classes->nsecrets;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (d->classes->secrets[middle].row < row) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < d->classes->nsecrets && d->classes->secrets[low].row == row;
}

static bool mark_is(const struct decider *d, uint32_t row, enum path_class klass) {
	return d->classes->marks[row].klass == klass;
}

static bool has_slash(struct str pattern) {
	return str_find(pattern, '/') < pattern.len;
}

/* In a folder for logs. */
static bool is_below_logs(const struct decider *d, uint32_t row) {
	for (uint32_t dir = tree_entry(d->f->tree, row)->parent; dir != 0;
			dir = tree_dir(d->f->tree, dir)->parent) {
		struct str name = tree_name(
				d->f->tree, tree_entry(d->f->tree, tree_dir(d->f->tree, dir)->row));
		if (str_eq(name, STR("log")) || str_eq(name, STR("logs"))) {
			return true;
		}
	}
	return false;
}

/* The zone of a row; what has a rule of its own in a folder of data goes with the folder. */
static uint32_t local_zone_of(const struct decider *d, uint32_t row) {
	uint32_t zone = zone_of(d, row);
	uint32_t root = d->classes->roots[tree_entry(d->f->tree, row)->parent];

	if (zone != row || root == TREE_NO_ROW) {
		return zone;
	}
	return mark_is(d, root, CLASS_DATA) || mark_is(d, root, CLASS_ML_RUNS) ? root : zone;
}

/* Local: git ignores it, or does not have it. Where git is not known, what lies in the root and is of no
 * trifling size is taken for local: people put there what they are working with, and what a program ships
 * lies in a folder of its own. */
static bool is_local(const struct decider *d, uint32_t row) {
	uint8_t flags = d->f->rows[row];
	uint32_t zone = local_zone_of(d, row);
	const struct entry *entry = tree_entry(d->f->tree, zone);

	if ((flags & ROW_IGNORED) != 0) {
		return true;
	}
	if (d->f->git_is_known) {
		return (flags & ROW_TRACKED) == 0;
	}
	if (mark_is(d, row, CLASS_MODEL) &&
			tree_entry(d->f->tree, row)->size >= TRACKED_MAX_BYTES) {
		return true;
	}
	if (entry_is_dir(entry)) {
		/* a name of one word may be a part of the program: data, models */
		uint16_t rule = d->classes->marks[zone].rule;
		return policy_of(d->classes, d->classes->marks[zone].klass).kind == POLICY_CERTAIN
				? entry->parent == 0
				: rule != CLASS_NO_RULE &&
						has_slash(d->classes->rules[rule].pattern);
	}
	return entry->parent == 0 && entry->size >= STRAY_MIN_BYTES;
}

/* In a folder of sources, and of a name that a program may have on purpose: with git unknown and its
 * rules silent, a name alone proves too little. */
static bool is_unproven(const struct decider *d, uint32_t row, const struct class_mark *mark) {
	const struct entry *entry = tree_entry(d->f->tree, row);
	uint8_t tier = mark->rule != CLASS_NO_RULE ? d->classes->rules[mark->rule].tier : 3;

	if (d->f->git_is_known || (d->f->rows[row] & ROW_IGNORED) != 0 || entry->parent == 0 ||
			entry_is_dir(entry) || zone_of(d, row) != row) {
		return false;
	}
	switch (mark->klass) {
	case CLASS_LOG:
		return !is_below_logs(d, row);
	case CLASS_STATE:
	case CLASS_COVERAGE:
		return true;
	case CLASS_TEMP:
		return tier > 1;
	case CLASS_SECRET:
		/* a key or a file of credentials is one wherever it lies; settings may be public */
		return !has_secret(d, row) &&
				(tier > 1 || str_starts(tree_name(d->f->tree, entry), STR(".env")));
	}
	return false;
}

/* In a folder of tests or the like that may go: there, it makes no difference what it is. */
static bool goes_with_folder(const struct decider *d, uint32_t row) {
	uint32_t root = d->classes->roots[tree_entry(d->f->tree, row)->parent];

	return root != TREE_NO_ROW && !d->needs_history &&
			d->classes->marks[root].advice != ADVICE_KEEP &&
			policy_of(d->classes, d->classes->marks[root].klass).kind == POLICY_ASIDE;
}

/* Tests and the like in a file of their own, inside a folder of sources: too small and too many, and a program
 * may have them on purpose (templates in Markdown, a command that is named test_email). */
static bool is_inner_file(const struct decider *d, uint32_t row) {
	const struct entry *entry = tree_entry(d->f->tree, row);

	return !entry_is_dir(entry) && entry->parent != 0 && zone_of(d, row) == row;
}

/* Of a zone that begins in the root. */
static bool is_in_root(const struct decider *d, uint32_t row) {
	return tree_entry(d->f->tree, zone_of(d, row))->parent == 0;
}

static enum decision decide_class(const struct decider *d, uint32_t row,
		const struct class_mark *mark, enum policy_kind kind, enum out_reason *reason) {
	bool is_ignored = (d->f->rows[row] & ROW_IGNORED) != 0;
	bool balanced = d->level >= PROPOSE_BALANCED, thorough = d->level == PROPOSE_THOROUGH;
	uint8_t tier = mark->rule != CLASS_NO_RULE ? d->classes->rules[mark->rule].tier : 3;

	*reason = is_ignored ? OUT_IGNORED : OUT_CLASS;
	switch (kind) {
	case POLICY_KEEP:
		return is_ignored && balanced && mark->klass != CLASS_MANIFEST &&
						mark->klass != CLASS_LICENSE
				? DECIDE_OUT
				: DECIDE_KEEP;
	case POLICY_CERTAIN:
		if (mark->advice == ADVICE_KEEP) {
			return DECIDE_KEEP;
		}
		if (is_unproven(d, row, mark)) {
			return balanced && goes_with_folder(d, row) ? DECIDE_OUT : DECIDE_ASK;
		}
		if (mark->advice == ADVICE_EXCLUDE) {
			*reason = OUT_CLASS;
			return DECIDE_OUT;
		}
		return balanced && is_local(d, row) ? DECIDE_OUT : DECIDE_ASK;
	case POLICY_ASIDE:
		if (!balanced || mark->advice == ADVICE_KEEP) {
			return DECIDE_KEEP;
		}
		if (d->needs_history && !is_ignored) {
			return DECIDE_KEEP;
		}
		if (is_inner_file(d, row) && !is_ignored) {
			return DECIDE_KEEP;
		}
		return tier < 3 || is_ignored || (thorough && is_in_root(d, row)) ? DECIDE_OUT
										  : DECIDE_ASK;
	case POLICY_STRAY:
		if (mark->advice == ADVICE_KEEP) {
			return DECIDE_KEEP;
		}
		return balanced && is_local(d, row) ? DECIDE_OUT : DECIDE_ASK;
	case POLICY_MINOR:
		return thorough && mark->advice != ADVICE_KEEP && is_in_root(d, row) ? DECIDE_OUT
										     : DECIDE_KEEP;
	}
	return DECIDE_KEEP;
}

/* A RUN makes a directory of that name and stops where it is there already. A clone does not have it, or the
 * build would never have worked. */
static bool is_in_the_way(const struct decider *d, uint32_t row) {
	uint8_t flags = d->f->rows[row];
	bool is_local = (flags & ROW_IGNORED) != 0 ||
			(d->f->git_is_known && (flags & ROW_TRACKED) == 0);

	return is_local && d->f->input->references != NULL &&
			references_in_the_way(d->f->input->references, row);
}

static enum decision decide(const struct decider *d, uint32_t row, enum out_reason *reason) {
	uint8_t flags = d->f->rows[row];
	const struct class_mark *mark = &d->classes->marks[row];
	enum policy_kind kind = policy_of(d->classes, mark->klass).kind;

	*reason = OUT_NONE;
	if ((flags & (ROW_NAMED | ROW_PINNED)) != 0) {
		return DECIDE_KEEP;
	}
	if (is_in_the_way(d, row)) {
		*reason = OUT_IN_THE_WAY;
		return DECIDE_OUT;
	}
	/* what is not asked for and lies below a named place was let in by a hand-written exception */
	bool is_asked = (flags & ROW_REACHED) != 0 || named_above(d, row) != TREE_NO_ROW;
	if (is_asked && is_named_in_zone(d, row, kind)) {
		return DECIDE_KEEP;
	}
	if (!is_asked && d->f->input->mode == PROPOSE_ALLOW_LIST) {
		*reason = OUT_UNASKED;
		return DECIDE_OUT;
	}
	if (is_asked || (kind == POLICY_CERTAIN && mark->advice == ADVICE_EXCLUDE)) {
		return decide_class(d, row, mark, kind, reason);
	}
	*reason = OUT_UNASKED;
	return d->level >= PROPOSE_BALANCED && d->f->asks_something ? DECIDE_OUT : DECIDE_KEEP;
}

/* What lies below a directory that must go goes with it. */
static void spread_in_the_way(const struct decider *d, struct decisions *out) {
	for (uint32_t row = 1; row < tree_nrows(d->f->tree); row++) {
		uint32_t parent = tree_parent(d->f->tree, row);
		if (parent != 0 && out->reason[parent] == OUT_IN_THE_WAY &&
				(d->f->rows[row] & (ROW_NAMED | ROW_PINNED)) == 0) {
			out->decision[row] = DECIDE_OUT;
			out->reason[row] = OUT_IN_THE_WAY;
		}
	}
}

enum tng_code decide_rows(struct arena *a, const struct facts *facts, struct decisions *out,
		struct tng_error *err) {
	uint32_t n = tree_nrows(facts->tree);
	struct decider d = {
		.f = facts,
		.classes = facts->input->classes,
		.level = facts->input->level,
	};

	*out = (struct decisions){
		.decision = arena_new(a, uint8_t, n),
		.reason = arena_new(a, uint8_t, n),
	};
	if (out->decision == NULL || out->reason == NULL) {
		return error_nomem(err);
	}
	if (facts->input->references != NULL) {
		struct need need;
		references_vcs_needed(facts->input->references, &need);
		d.needs_history = need.kind == NEED_KEEP &&
				references_version_is_exact(facts->input->references);
	}
	for (uint32_t row = 1; row < n; row++) {
		enum out_reason reason;
		out->decision[row] = (uint8_t)decide(&d, row, &reason);
		out->reason[row] = (uint8_t)reason;
	}
	out->decision[0] = DECIDE_KEEP;
	spread_in_the_way(&d, out);
	return TNG_OK;
}

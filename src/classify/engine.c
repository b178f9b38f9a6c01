/*
 * One pass over the rows, a directory before what is in it.
 *
 *   name -> candidates (lookup.c) -> the one of highest rank whose evidence holds (evidence.c)
 *        -> against what the directories above hand down -> mark -> guards (guard.c)
 *
 * A directory hands three claims down: a tree (node_modules) takes all below it; a strong zone (tests) is
 * the outermost of its kind, for what is below tests is tests; a weak zone (deploy) is the one of highest
 * rank. A file's own rule wins against a zone of lower rank.
 */
#include "classify/engine.h"

/* Rules of this rank and above work inside a tree too. */
#define RANK_INSIDE_TREE 93U

/* Directories of the strong classes hand their class down as a strong zone from this rank on. */
#define RANK_STRONG 60U

/* Plain files are looked into as well, where a key could be: as far as this. */
#define PLAIN_HEAD_BYTES 16384U
#define PLAIN_SIZE_MAX 262144U
#define PLAIN_PER_DIR_MAX 64U

#define BIT(class) (1ULL << (class))

static const uint64_t strong_classes = BIT(CLASS_TESTS) | BIT(CLASS_FIXTURES) | BIT(CLASS_DOCS) |
		BIT(CLASS_EXAMPLES) | BIT(CLASS_BENCH) | BIT(CLASS_CI) | BIT(CLASS_EDITOR) |
		BIT(CLASS_ASSISTANT) | BIT(CLASS_VENDORED) | BIT(CLASS_NOTEBOOK) | BIT(CLASS_LINT);

/* Trees that came from somewhere else: a name in them says nothing about a secret of ours. */
static const uint64_t foreign_classes = BIT(CLASS_DEPS) | BIT(CLASS_VIRTUALENV) |
		BIT(CLASS_PKG_CACHE) | BIT(CLASS_CACHE) | BIT(CLASS_VCS) | BIT(CLASS_VENDORED) |
		BIT(CLASS_OS_JUNK);

/* Where a plain file may hold a key that somebody left there. */
static const uint64_t plain_classes = BIT(CLASS_SOURCE) | BIT(CLASS_CONFIG) | BIT(CLASS_DATA) |
		BIT(CLASS_BUILDSCRIPT) | BIT(CLASS_CONTAINER) | BIT(CLASS_DEPLOY) | BIT(CLASS_IAC) |
		BIT(CLASS_CI) | BIT(CLASS_EDITOR) | BIT(CLASS_ASSISTANT) | BIT(CLASS_TEMP) |
		BIT(CLASS_STATE);

static bool is_in(uint16_t klass, uint64_t mask) {
	return klass < 64 && (BIT(klass) & mask) != 0;
}

static const struct rule_row *row_of(const struct engine *e, struct claim claim) {
	return &e->set->rules[claim.rule].row;
}

static bool is_set(struct claim claim) {
	return claim.rule != CLASS_NO_RULE;
}

/* Whether `b` wins against `a`: rank, then the deeper row, then a name before a wildcard, then the surer
 * rule, then the earlier one. */
static bool beats(const struct engine *e, struct claim b, struct claim a) {
	if (!is_set(a) || !is_set(b)) {
		return is_set(b);
	}
	const struct rule_row *ra = row_of(e, a), *rb = row_of(e, b);
	if (ra->rank != rb->rank) {
		return rb->rank > ra->rank;
	}
	if (a.row != b.row) {
		return b.row > a.row; /* both are on the way to one row: the later is the deeper */
	}
	bool a_exact = ra->kind == CLASS_RULE_FILE, b_exact = rb->kind == CLASS_RULE_FILE;
	if (a_exact != b_exact) {
		return b_exact;
	}
	return rb->sure != ra->sure ? rb->sure > ra->sure : b.rule < a.rule;
}

/* The components of a pattern in front of the last. */
static bool parents_match(const struct engine *e, const struct subject *s, uint16_t rule) {
	const struct rule_row *row = &e->set->rules[rule].row;
	struct str rest = e->set->words[rule].pattern;
	uint32_t number = s->entry->parent;

	if (row->is_root != 0) {
		return number == 0;
	}
	rest = str_take(rest, str_find_last(rest, '/'));
	for (uint8_t i = 0; i < row->nparents; i++) {
		if (number == 0) {
			return false;
		}
		size_t slash = str_find_last(rest, '/');
		struct str part = slash < rest.len ? str_skip(rest, slash + 1) : rest;
		const struct tree_dir *dir = tree_dir(e->tree, number);
		if (!str_eq(part, tree_name(e->tree, tree_entry(e->tree, dir->row)))) {
			return false;
		}
		rest = str_take(rest, slash < rest.len ? slash : 0);
		number = dir->parent;
	}
	return true;
}

struct best {
	struct claim claim;
	bool secret_in_tests; /* a secret's rule would hold anywhere else */
	unsigned probe;
	uint32_t line;
};

static void consider(struct engine *e, struct subject *s, uint16_t rule, struct best *best) {
	struct claim claim = { s->row, rule };
	const struct rule_row *row = row_of(e, claim);

	if (e->set->rules[rule].is_silenced || !beats(e, claim, best->claim) ||
			!parents_match(e, s, rule)) {
		return;
	}
	s->probe = class_nprobes;
	enum verdict_of_evidence verdict = evidence_of(e, s, row);
	if (verdict == EVIDENCE_HOLDS) {
		best->claim = claim;
	}
	if (verdict != EVIDENCE_FAILS && row->klass == CLASS_SECRET) {
		best->secret_in_tests = best->secret_in_tests || verdict == EVIDENCE_IN_TESTS;
		best->probe = s->probe;
		best->line = s->line;
	}
}

/* Own rules of a row, those without a name included. */
static struct best find_own(struct engine *e, struct subject *s, const struct name_facts *facts) {
	struct best best = { .claim = CLAIM_NONE, .probe = class_nprobes };

	for (unsigned i = 0; i < facts->n; i++) {
		consider(e, s, facts->rules[i], &best);
	}
	if (s->is_dir && e->dirs[s->entry->size].markers != 0) {
		for (unsigned i = 0; i < class_ndir_stars; i++) {
			consider(e, s, class_dir_stars[i], &best);
		}
	}
	if (entry_is_file(s->entry) && (s->entry->mode & 0111U) != 0 && !is_set(best.claim)) {
		for (unsigned i = 0; i < class_nfile_stars; i++) {
			consider(e, s, class_file_stars[i], &best);
		}
	}
	return best;
}

static void add_secret(struct engine *e, const struct subject *s, unsigned probe, uint32_t line) {
	struct str kind = probe < class_nprobes ? class_text(class_probes[probe].kind) : STR("");
	struct class_secret *secret = kind.len > 0 ? VEC_PUSH(&e->secrets) : NULL;

	if (secret != NULL) {
		*secret = (struct class_secret){ s->row, line, kind };
	}
	e->nomem = e->nomem || (kind.len > 0 && secret == NULL);
}

static void set_mark(struct engine *e, struct subject *s, struct claim claim) {
	struct class_mark *mark = &e->marks[s->row];

	*mark = (struct class_mark){ .klass = CLASS_SOURCE, .rule = CLASS_NO_RULE };
	if (is_set(claim)) {
		const struct rule_row *row = row_of(e, claim);
		*mark = (struct class_mark){
			.klass = row->klass,
			.rule = claim.rule,
			.confidence = row->sure,
			.advice = row->advice,
			.severity = row->severity,
		};
	}
	if (s->is_dir) {
		e->roots[s->entry->size] = claim.row;
	}
}

/* What a directory hands down: its parent's claims, and its own where that wins. */
static struct claim hand_down(struct engine *e, struct subject *s, struct claim own) {
	const struct dir_state *up = &e->dirs[s->entry->parent];
	struct dir_state *down = &e->dirs[s->entry->size];

	down->tree = up->tree;
	down->strong = up->strong;
	down->weak = up->weak;
	if (is_set(own)) {
		const struct rule_row *row = row_of(e, own);
		bool fixtures_in_tests = row->klass == CLASS_FIXTURES && is_set(up->strong) &&
				row_of(e, up->strong)->klass == CLASS_TESTS;
		if (row->is_tree != 0) {
			down->tree = own;
		} else if (!is_in(row->klass, strong_classes) || row->rank < RANK_STRONG) {
			down->weak = beats(e, own, up->weak) ? own : up->weak;
		} else if (!is_set(up->strong) || fixtures_in_tests) {
			down->strong = own;
		}
	}
	if (is_set(down->tree)) {
		return down->tree;
	}
	return beats(e, down->weak, down->strong) ? down->weak : down->strong;
}

static void enter_directory(struct engine *e, struct subject *s, const struct name_facts *facts,
		struct claim own) {
	struct claim claim = hand_down(e, s, own);
	const struct dir_state *up = &e->dirs[s->entry->parent];
	struct dir_state *down = &e->dirs[s->entry->size];

	set_mark(e, s, claim);
	down->under = up->under | facts->under;
	down->inside = up->inside;
	if (is_set(claim) && row_of(e, claim)->klass < 64) {
		down->inside |= BIT(row_of(e, claim)->klass);
	}
}

bool is_ending_of(struct str ending, const char *const *endings, size_t n) {
	for (size_t i = 0; i < n && ending.len > 1; i++) {
		if (endings[i][1] == ending.ptr[1] && str_eq(ending, str_from(endings[i]))) {
			return true;
		}
	}
	return false;
}

static bool has_plain_name(struct str name) {
	static const char *const endings[] = { ".json", ".yaml", ".yml", ".toml", ".ini", ".cfg",
		".conf", ".config", ".properties", ".env", ".txt", ".pem", ".key", ".crt", ".xml",
		".tfvars", ".cnf", ".credentials", ".sh" };
	size_t dot = str_find_last(name, '.');

	return dot == name.len ||
			is_ending_of(str_skip(name, dot), endings,
					sizeof(endings) / sizeof(endings[0]));
}

/* A key in a file that no rule calls a secret. */
static void look_inside(struct engine *e, struct subject *s, struct class_mark *mark) {
	struct dir_state *up = &e->dirs[s->entry->parent];
	struct str head;
	uint32_t line = 0;

	if (!is_in(mark->klass, plain_classes) || !entry_is_file(s->entry) || s->entry->size == 0 ||
			s->entry->size > PLAIN_SIZE_MAX || up->nweak >= PLAIN_PER_DIR_MAX ||
			!has_plain_name(s->name)) {
		return;
	}
	up->nweak++;
	if (prober_head(e->prober, s->row, PLAIN_HEAD_BYTES, &head) == PROBE_UNSEEN) {
		return;
	}
	unsigned probe = prober_match_any(e->prober, head, &line);
	if (probe == class_nprobes) {
		return;
	}
	enum probe_reach reach = (enum probe_reach)class_probes[probe].reach;
	uint16_t rule = class_content_rules[reach == PROBE_KEY ? 0 : 1];
	if (e->set->rules[rule].is_silenced) {
		return;
	}
	set_mark(e, s, (struct claim){ s->row, rule });
	add_secret(e, s, probe, line);
}

/* ".env", ".env.local", "db.env", ".envrc": variables, which may be anything. */
static bool is_env_name(struct str name) {
	return str_eq(name, STR(".env")) || str_eq(name, STR(".envrc")) ||
			str_starts(name, STR(".env.")) || str_ends(name, STR(".env"));
}

static unsigned find_probe(struct str name) {
	unsigned i = 0;

	while (i < class_nprobes && !str_eq(class_text(class_probes[i].name), name)) {
		i++;
	}
	return i;
}

/* What a text holds; class_nprobes: nothing that is known. */
static unsigned probe_text(struct engine *e, struct str name, struct str text, uint32_t *line) {
	unsigned probe = prober_match_any(e->prober, text, line);
	unsigned password = find_probe(STR("env-secret"));

	if (probe == class_nprobes && is_env_name(name) && password < class_nprobes &&
			prober_match(e->prober, password, text, line)) {
		return password;
	}
	return probe;
}

/* A file that a rule calls a secret: what it holds says how bad. */
static void weigh_secret(struct engine *e, struct subject *s, const struct best *best,
		struct class_mark *mark) {
	unsigned probe = best->probe;
	uint32_t line = best->line;
	struct str head;

	enum probe_view view = prober_head(e->prober, s->row, PROBER_HEAD_BYTES, &head);
	if (probe == class_nprobes && view == PROBE_TEXT) {
		probe = probe_text(e, s->name, head, &line);
	}
	s->is_unseen = view == PROBE_UNSEEN && s->entry->size > 0;
	if (probe < class_nprobes && class_probes[probe].reach != PROBE_RULE) {
		mark->severity = CLASS_SEVERITY_CRITICAL;
	}
	add_secret(e, s, probe, line);
}

static void classify_file(struct engine *e, struct subject *s, const struct name_facts *facts) {
	const struct dir_state *up = &e->dirs[s->entry->parent];
	struct best best = find_own(e, s, facts);
	struct claim zone = beats(e, up->weak, up->strong) ? up->weak : up->strong;
	struct class_mark *mark = &e->marks[s->row];

	set_mark(e, s, beats(e, best.claim, zone) ? best.claim : zone);
	if (best.secret_in_tests && mark->klass != CLASS_SECRET) {
		mark->severity = CLASS_SEVERITY_LOW;
		add_secret(e, s, best.probe, best.line);
	} else if (mark->klass == CLASS_SECRET && entry_is_file(s->entry)) {
		weigh_secret(e, s, &best, mark);
	} else {
		look_inside(e, s, mark);
	}
}

/* Inside a tree: only the few rules that work there, and secrets. */
static void classify_inside(struct engine *e, struct subject *s, struct claim tree) {
	struct best best = { .claim = CLAIM_NONE, .probe = class_nprobes };
	bool is_foreign = is_in(row_of(e, tree)->klass, foreign_classes);
	struct name_facts facts;

	ruleset_find(e->set, s->name, s->is_dir, &facts);
	for (unsigned i = 0; i < facts.n; i++) {
		const struct rule_row *row = &e->set->rules[facts.rules[i]].row;
		bool is_secret = row->klass == CLASS_SECRET && !s->is_dir && row->tier < 3;
		bool is_junk = row->klass == CLASS_OS_JUNK && !is_foreign;
		if (row->rank >= RANK_INSIDE_TREE || is_secret || is_junk) {
			consider(e, s, facts.rules[i], &best);
		}
	}
	bool is_secret = is_set(best.claim) && row_of(e, best.claim)->klass == CLASS_SECRET;
	bool is_proven = best.probe < class_nprobes && class_probes[best.probe].reach == PROBE_KEY;
	if (is_secret && is_foreign && !is_proven) {
		best.claim = CLAIM_NONE;
	}
	if (s->is_dir) {
		enter_directory(e, s, &facts, best.claim);
		return;
	}
	set_mark(e, s, is_set(best.claim) ? best.claim : tree);
	if (is_set(best.claim) && is_secret) {
		weigh_secret(e, s, &best, &e->marks[s->row]);
		if (is_foreign) {
			e->marks[s->row].severity = CLASS_SEVERITY_LOW;
		}
	}
}

static void classify_row(struct engine *e, uint32_t row) {
	struct subject s = {
		.row = row, .entry = tree_entry(e->tree, row), .probe = class_nprobes
	};
	struct name_facts facts;

	s.name = tree_name(e->tree, s.entry);
	s.is_dir = entry_is_dir(s.entry);
	struct claim tree = e->dirs[s.entry->parent].tree;
	if (is_set(tree)) {
		classify_inside(e, &s, tree);
	} else {
		ruleset_find(e->set, s.name, s.is_dir, &facts);
		if (s.is_dir) {
			enter_directory(e, &s, &facts, find_own(e, &s, &facts).claim);
		} else {
			classify_file(e, &s, &facts);
		}
	}
	guard_mark(e, &s, &e->marks[row]);
}

/* The markers of each directory. Few names are one: the first byte and the length tell most others. */
static void find_markers(struct engine *e) {
	uint32_t nrows = tree_nrows(e->tree);
	uint64_t lengths[256] = { 0 }; /* of the markers that begin with a byte, a bit each */
	struct name_facts facts;

	for (size_t i = 0; i < class_nexact; i++) {
		if (class_exact[i].marker != 0) {
			lengths[(unsigned char)class_pool[class_exact[i].text]] |=
					BIT(class_exact[i].len & 63U);
		}
	}
	for (uint32_t row = 1; row < nrows; row++) {
		const struct entry *entry = tree_entry(e->tree, row);
		struct str name = tree_name(e->tree, entry);
		if ((lengths[(unsigned char)name.ptr[0]] & BIT(name.len & 63U)) != 0) {
			ruleset_find(e->set, name, false, &facts);
			e->dirs[entry->parent].markers |= facts.marker;
		}
	}
}

static void prepare(struct engine *e) {
	for (uint32_t d = 1; d < tree_ndirs(e->tree); d++) {
		e->dirs[d].depth = e->dirs[tree_dir(e->tree, d)->parent].depth + 1;
	}
	find_markers(e);
}

void engine_run(struct engine *e) {
	uint32_t nrows = tree_nrows(e->tree);

	prepare(e);
	e->dirs[0].tree = e->dirs[0].strong = e->dirs[0].weak = CLAIM_NONE;
	e->marks[0] = (struct class_mark){ .klass = CLASS_SOURCE, .rule = CLASS_NO_RULE };
	e->roots[0] = TREE_NO_ROW;
	for (uint32_t row = 1; row < nrows; row++) {
		classify_row(e, row);
	}
}

/*
 * diff_match.c - the product and its plain judge against the reference's own Go library.
 *
 *   diff-match --oracle PROGRAM [--seed N] [--pairs N | --minutes N] [--stats] [--list I] [--buildah]
 *   diff-match --oracle PROGRAM --reader [--seed N] [--files N]
 *
 * --buildah asks containers/storage instead of moby/patternmatcher.
 * A pair is one list and one path, decided in all evaluations; a list that Go refuses counts as one.
 * Each list comes from (seed, index) alone: `--seed N --list I` asks one of them again.
 * Ends with 0 (no difference), 1 (differences), 2 (usage, or the harness failed).
 */
#include "oracle/generate.h"
#include "oracle/party.h"
#include "oracle/stats.h"
#include "util/buf.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BATCH 1000
#define MAX_SHOWN 5

const struct party parties[] = {
	{ "plain", plain_party_match, plain_party_read },
	{ "fast", fast_party_match, fast_party_read },
	{ NULL, NULL, NULL },
};

struct run {
	const char *program;
	uint64_t seed, first, npairs, nfiles;
	time_t until; /* 0: no limit in time */
	bool one, reader, stats_wanted;
	enum ignore_dialect dialect;
	uint64_t ndifferences;
	struct stats stats;
};

/* ---- showing ---- */

static void show_list(const char *what, const struct str *list, size_t n) {
	struct buf b = { 0 };

	for (size_t i = 0; i < n; i++) {
		buf_clear(&b);
		put_escaped(&b, list[i]);
		printf("#   %s \"%.*s\"\n", what, STR_FMT(buf_str(&b)));
	}
	buf_fini(&b);
}

static void show_answer(const char *name, const struct question *q, const struct answer *answer) {
	if (answer->refused != NULL) {
		printf("#   %-6s refuses the list: %s\n", name, answer->refused);
		return;
	}
	for (size_t i = 0; i < q->npaths * NEVALUATIONS; i++) {
		size_t e = i % NEVALUATIONS;
		const struct cell *c = &answer->cells[e][i / NEVALUATIONS];

		if (e == 0) {
			printf("#   %-6s path %zu:", name, i / NEVALUATIONS);
		}
		printf(" %s=%c%s%s", evaluation_name((enum evaluation)e), c->verdict,
				c->text[0] != '\0' ? " " : "", c->text);
		if (c->decider != CELL_NO_DECIDER) {
			printf(" by %" PRIu32, c->decider);
		}
		fputs(e + 1 == NEVALUATIONS ? "\n" : "", stdout);
	}
}

static void show_request(const struct question *q) {
	struct buf b = { 0 };

	for (size_t e = 0; e < NEVALUATIONS; e++) {
		buf_clear(&b);
		go_oracle_put_request(&b, q, (enum evaluation)e);
		printf("#   %.*s", STR_FMT(buf_str(&b)));
	}
	buf_fini(&b);
}

static void show_question(const struct run *run, struct arena *a, const struct question *q) {
	struct answer go, other;

	show_list("pattern", q->patterns, q->npatterns);
	show_list("path   ", q->paths, q->npaths);
	if (go_oracle_match(run->program, a, q, 1, &go)) {
		show_answer("go", q, &go);
	}
	for (const struct party *p = parties; p->name != NULL; p++) {
		if (p->match(a, q, &other)) {
			show_answer(p->name, q, &other);
		}
	}
	show_request(q);
}

static void show_difference(const struct run *run, struct arena *a, uint64_t index,
		const struct question *q, const struct difference *where) {
	struct question small;

	printf("# difference: %s, %s: %s; --seed %" PRIu64 " --list %" PRIu64 " (%s)\n",
			where->party->name, evaluation_name(where->evaluation), where->what,
			run->seed, index, flavour_name(q->flavour));
	if (!shrink(run->program, a, q, where->path, &small)) {
		printf("# not seen again\n");
		small = *q;
	}
	show_question(run, a, &small);
	fflush(stdout);
}

/* ---- matching ---- */

static bool take_judgement(struct run *run, struct arena *a, uint64_t index,
		const struct question *q, const struct answer *go) {
	struct difference where = { 0 };

	switch (judge(a, q, go, &where)) {
	case JUDGEMENT_SAME:
		break;
	case JUDGEMENT_DIFFERS:
		run->ndifferences++;
		if (run->ndifferences <= MAX_SHOWN) {
			show_difference(run, a, index, q, &where);
		}
		break;
	case JUDGEMENT_FAILED:
		fprintf(stderr, "diff-match: out of memory\n");
		return false;
	}
	return true;
}

static bool match_batch(struct run *run, struct arena *a, uint64_t first, size_t n) {
	struct question *questions = arena_new(a, struct question, n);
	struct answer *go = arena_new(a, struct answer, n);
	bool ok = questions != NULL && go != NULL;

	for (size_t i = 0; ok && i < n; i++) {
		struct rng r = rng_of(run->seed, first + i);

		ok = generate_question(a, &r, run->dialect, &questions[i]);
	}
	ok = ok && go_oracle_match(run->program, a, questions, n, go);
	for (size_t i = 0; ok && i < n; i++) {
		stats_count(&run->stats, &questions[i], &go[i]);
		ok = take_judgement(run, a, first + i, &questions[i], &go[i]);
	}
	return ok;
}

/* ---- reading ---- */

static void show_file(const struct run *run, uint64_t index, const char *name, struct str text,
		const struct file_answer *go, const struct file_answer *other) {
	const struct file_answer *both[] = { go, other };

	printf("# difference: %s, --reader --seed %" PRIu64 " --list %" PRIu64 "\n", name,
			run->seed, index);
	show_list("file   ", (struct str[]){ str_take(text, 2000) }, 1);
	for (size_t i = 0; i < 2; i++) {
		printf("#   %s: error %s, new_error %s\n", i == 0 ? "go" : name,
				both[i]->error != NULL ? both[i]->error : "-",
				both[i]->new_error != NULL ? both[i]->new_error : "-");
		show_list("pattern", both[i]->patterns, both[i]->npatterns);
	}
	fflush(stdout);
}

static bool read_batch(struct run *run, struct arena *a, uint64_t first, size_t n) {
	struct str *texts = arena_new(a, struct str, n);
	struct file_answer *go = arena_new(a, struct file_answer, n);
	struct file_answer other;
	bool ok = texts != NULL && go != NULL;

	for (size_t i = 0; ok && i < n; i++) {
		struct rng r = rng_of(run->seed, first + i);

		texts[i] = generate_ignore_file(a, &r);
		ok = texts[i].ptr != NULL;
	}
	ok = ok && go_oracle_read(run->program, a, texts, n, go);
	for (size_t i = 0; ok && i < n; i++) {
		stats_count_file(&run->stats, &go[i]);
		for (const struct party *p = parties; ok && p->name != NULL; p++) {
			ok = p->read(a, texts[i], &other);
			if (ok && file_answer_differs(&go[i], &other)) {
				run->ndifferences++;
				if (run->ndifferences <= MAX_SHOWN) {
					show_file(run, first + i, p->name, texts[i], &go[i],
							&other);
				}
			}
		}
	}
	return ok;
}

/* ---- the run ---- */

static bool is_done(const struct run *run) {
	uint64_t done = run->reader ? run->stats.nfiles : run->stats.npairs;
	uint64_t wanted = run->reader ? run->nfiles : run->npairs;

	if (run->one) {
		return run->stats.nfiles + run->stats.nlists > 0;
	}
	return run->until != 0 ? time(NULL) >= run->until : done >= wanted;
}

static int run_all(struct run *run) {
	struct arena *a = arena_create();
	bool ok = a != NULL;
	uint64_t next = run->first;

	while (ok && !is_done(run)) {
		struct arena_mark mark = arena_mark(a);
		size_t n = run->one ? 1 : BATCH;

		ok = run->reader ? read_batch(run, a, next, n) : match_batch(run, a, next, n);
		arena_rewind(a, mark);
		next += n;
	}
	arena_destroy(a);
	if (run->stats_wanted) {
		stats_show(&run->stats);
	}
	if (run->reader) {
		printf("%" PRIu64 " files, %" PRIu64 " differences (seed %" PRIu64 ")\n",
				run->stats.nfiles, run->ndifferences, run->seed);
	} else {
		stats_show_shares(&run->stats);
		printf("%" PRIu64 " cases, %" PRIu64 " differences (seed %" PRIu64 ")\n",
				run->stats.npairs, run->ndifferences, run->seed);
	}
	return !ok ? 2 : run->ndifferences > 0 ? 1 : 0;
}

static int usage(void) {
	fprintf(stderr,
			"usage: diff-match --oracle PROGRAM [--reader] [--seed N] [--pairs N] "
			"[--files N]\n"
			"                  [--minutes N] [--list I] [--stats] [--buildah]\n");
	return 2;
}

int main(int argc, char **argv) {
	static const struct option options[] = { { "buildah", no_argument, NULL, 'b' },
		{ "files", required_argument, NULL, 'f' }, { "list", required_argument, NULL, 'l' },
		{ "minutes", required_argument, NULL, 'm' },
		{ "oracle", required_argument, NULL, 'o' },
		{ "pairs", required_argument, NULL, 'p' }, { "reader", no_argument, NULL, 'r' },
		{ "seed", required_argument, NULL, 's' }, { "stats", no_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 } };
	struct run run = { .seed = 1, .npairs = 200000, .nfiles = 20000 };
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		uint64_t n = optarg != NULL && c != 'o' ? strtoull(optarg, NULL, 10) : 0;

		switch (c) {
		case 'b':
			run.dialect = IGNORE_BUILDAH;
			break;
		case 'f':
			run.nfiles = n;
			break;
		case 'l':
			run.first = n;
			run.one = true;
			break;
		case 'm':
			run.until = time(NULL) + (time_t)n * 60;
			break;
		case 'o':
			run.program = optarg;
			break;
		case 'p':
			run.npairs = n;
			break;
		case 'r':
			run.reader = true;
			break;
		case 's':
			run.seed = n;
			break;
		case 't':
			run.stats_wanted = true;
			break;
		default:
			return usage();
		}
	}
	return run.program == NULL || optind != argc ? usage() : run_all(&run);
}

#include "support/expect.h"
#include "unit/transfer/planned.h"

#include "oracle/rng.h"

#include <stdio.h>

static struct dir_weight dir_weight(const struct planned *p, const char *path) {
	uint32_t row = planned_row(p, path);

	return p->plan.dirs[(uint32_t)tree_entry(p->tree, row)->size];
}

Test(weigh, entries_are_counted_by_kind_and_the_root_is_none) {
	struct planned p = plan_text("a/ a/f=10 a/l->f s~ p| z=0", "z", TNG_ENGINE_BUILDKIT, "");
	const struct weight *disk = &p.plan.disk, *eligible = &p.plan.eligible;

	cr_expect(eq(u64, disk->nentries, 6));
	cr_expect(eq(u64, disk->ndirs, 1));
	cr_expect(eq(u64, disk->nfiles, 2));
	cr_expect(eq(u64, disk->nsymlinks, 1));
	cr_expect(eq(u64, disk->nothers, 2));
	cr_expect(eq(u64, disk->bytes, 10)); /* a link's own bytes are not a file's */
	cr_expect(eq(u64, disk->allocated, 512));
	cr_expect(eq(u64, eligible->nentries, 5));
	cr_expect(eq(u64, eligible->nfiles, 1));
	planned_fini(&p);
}

Test(weigh, names_of_one_file_count_once_in_each_lens) {
	struct planned p = plan_text("a@5=100 b@5=100 c@5=100 d=1", "a", TNG_ENGINE_BUILDKIT, "");

	cr_expect(eq(u64, p.plan.disk.bytes, 101));
	cr_expect(eq(u64, p.plan.disk.nfiles, 4));
	cr_expect(eq(u64, p.plan.eligible.bytes, 101));
	/* on disk the first name counts, of what is sent the first that is sent */
	cr_expect(eq(u64, transfer_bytes(&p.plan, p.tree, planned_row(&p, "a"), false), 100));
	cr_expect(eq(u64, transfer_bytes(&p.plan, p.tree, planned_row(&p, "b"), false), 0));
	cr_expect(eq(u64, transfer_bytes(&p.plan, p.tree, planned_row(&p, "a"), true), 0));
	cr_expect(eq(u64, transfer_bytes(&p.plan, p.tree, planned_row(&p, "b"), true), 100));
	cr_expect(eq(u64, transfer_bytes(&p.plan, p.tree, planned_row(&p, "c"), true), 0));
	cr_expect(eq(u64, transfer_bytes(&p.plan, p.tree, planned_row(&p, "d"), true), 1));
	/* it is sent under another name: "a" keeps nothing ashore */
	cr_expect(eq(u64, p.plan.patterns[0].nfiles, 1));
	cr_expect(eq(u64, p.plan.patterns[0].bytes, 0));
	planned_fini(&p);
}

Test(weigh, a_file_kept_out_under_all_its_names_weighs_with_the_first) {
	struct planned p = plan_text("a@5=100 b@5=100 c", "b\na", TNG_ENGINE_BUILDKIT, "");

	cr_expect(eq(u64, p.plan.patterns[0].bytes, 0));
	cr_expect(eq(u64, p.plan.patterns[1].bytes, 100));
	cr_expect(eq(u64, p.plan.eligible.bytes, 1));
	planned_fini(&p);
}

Test(weigh, a_link_with_several_names_is_no_file_and_disturbs_none) {
	/* a symbolic link, a FIFO and a file, two names each */
	struct planned p = plan_text("a@3->x b@3->x c@4| d@4| e@5=100 f@5=100 g@6=7 h@6=7", "e",
			TNG_ENGINE_BUILDKIT, "");

	cr_expect(eq(u64, p.plan.disk.bytes, 107));
	cr_expect(eq(u64, transfer_bytes(&p.plan, p.tree, planned_row(&p, "e"), false), 100));
	cr_expect(eq(u64, transfer_bytes(&p.plan, p.tree, planned_row(&p, "f"), false), 0));
	cr_expect(eq(u64, transfer_bytes(&p.plan, p.tree, planned_row(&p, "f"), true), 100));
	cr_expect(eq(u64, transfer_bytes(&p.plan, p.tree, planned_row(&p, "g"), true), 7));
	cr_expect(eq(u64, transfer_bytes(&p.plan, p.tree, planned_row(&p, "h"), true), 0));
	planned_fini(&p);
}

Test(weigh, exceptions_get_what_they_bring_back) {
	struct planned p = plan_text("d/k=30 d/x=4 e=1", "d\n!d/k", TNG_ENGINE_BUILDKIT, "");

	cr_expect(eq(u64, p.plan.patterns[0].bytes, 4));
	cr_expect(eq(u64, p.plan.patterns[1].nentries, 1));
	cr_expect(eq(u64, p.plan.patterns[1].bytes, 30));
	planned_fini(&p);
}

Test(weigh, an_exception_that_is_not_reached_brings_nothing_back) {
	struct planned p = plan_text("d/k.md=30", "d\n!*/k.md", TNG_ENGINE_CLASSIC, "");

	cr_expect(eq(u64, p.plan.patterns[0].bytes, 30));
	cr_expect(eq(u64, p.plan.patterns[1].nentries, 0));
	cr_expect(eq(u64, p.plan.patterns[1].bytes, 0));
	cr_expect(eq(u64, p.plan.nunreached, 1));
	planned_fini(&p);
}

Test(weigh, directories_hold_the_sums_of_all_below_them) {
	struct planned p =
			plan_text("a/b/c=10 a/b/d=20 a/e=5 f=1", "**/d", TNG_ENGINE_BUILDKIT, "");

	cr_expect(eq(u64, dir_weight(&p, "a/b").disk_bytes, 30));
	cr_expect(eq(u64, dir_weight(&p, "a/b").eligible_bytes, 10));
	cr_expect(eq(u64, dir_weight(&p, "a").disk_bytes, 35));
	cr_expect(eq(u64, dir_weight(&p, "a").eligible_bytes, 15));
	cr_expect(eq(u64, dir_weight(&p, "a").disk_files, 3));
	cr_expect(eq(u64, dir_weight(&p, "a").eligible_files, 2));
	cr_expect(eq(u64, dir_weight(&p, "").disk_bytes, 36));
	planned_fini(&p);
}

/* ---- laws, on random trees and lists */

static const char *const words[] = { "a", "b", "ab", "c.go", "d.go" };
static const char *const lines[] = { "a", "*", "**", "**/b", "a/*", "!a", "!*/b", "!**/*.go",
	"*.go", "b/a", "!b/a", "a/**", "!a/b", "ab**", "!ab/a/*", "**/a/b" };

static struct planned random_plan(struct rng *rng, enum tng_engine engine) {
	char items[2048] = "", ignore[256] = "";
	size_t n = 0, k = 0;

	/* directories are made of what lies below them, so that no path is both */
	for (size_t i = 0, nitems = 1 + rng_below(rng, 24); i < nitems; i++) {
		for (size_t depth = rng_below(rng, 4); depth > 0; depth--) {
			n += (size_t)snprintf(items + n, sizeof(items) - n, "%s/",
					words[rng_below(rng, 3)]);
		}
		const char *kind = rng_percent(rng, 30) ? "@3=50"
				: rng_percent(rng, 20)  ? "@4=7"
							: "";
		n += (size_t)snprintf(items + n, sizeof(items) - n, "%s%zu.go%s ",
				words[rng_below(rng, 5)], i, kind);
	}
	for (size_t i = 0, nlines = rng_below(rng, 6); i < nlines; i++) {
		k += (size_t)snprintf(ignore + k, sizeof(ignore) - k, "%s\n",
				lines[rng_below(rng, sizeof(lines) / sizeof(lines[0]))]);
	}
	return plan_text(items, ignore, engine, "a");
}

static void check_laws(const struct planned *p) {
	uint64_t out = 0, disk = 0, eligible = 0;

	for (uint32_t i = 0; i < ignore_npatterns(p->set); i++) {
		out += ignore_pattern(p->set, i)->is_exception ? 0 : p->plan.patterns[i].bytes;
	}
	for (uint32_t row = 1; row < tree_nrows(p->tree); row++) {
		disk += transfer_bytes(&p->plan, p->tree, row, false);
		eligible += transfer_bytes(&p->plan, p->tree, row, true);
	}
	cr_expect(eq(u64, out, p->plan.disk.bytes - p->plan.eligible.bytes));
	cr_expect(eq(u64, disk, p->plan.disk.bytes));
	cr_expect(eq(u64, eligible, p->plan.eligible.bytes));
	cr_expect(eq(u64, p->plan.dirs[0].disk_bytes, disk));
	cr_expect(eq(u64, p->plan.dirs[0].eligible_bytes, eligible));
	cr_expect(eq(u64, p->plan.dirs[0].eligible_files, p->plan.eligible.nfiles));
}

Test(weigh, sums_by_pattern_by_row_and_by_directory_agree) {
	uint64_t nbytes_out = 0, nunreached = 0;

	for (uint64_t i = 0; i < 2000; i++) {
		struct rng rng = rng_of(7, i);
		struct planned p = random_plan(
				&rng, i % 2 == 0 ? TNG_ENGINE_BUILDKIT : TNG_ENGINE_CLASSIC);
		cr_assert(eq(int, p.code, TNG_OK));
		check_laws(&p);
		nbytes_out += p.plan.disk.bytes - p.plan.eligible.bytes;
		nunreached += p.plan.nunreached;
		planned_fini(&p);
	}
	/* the laws met something */
	cr_expect(gt(u64, nbytes_out, 10000));
	cr_expect(gt(u64, nunreached, 100));
}

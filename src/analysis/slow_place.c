/* Places, and what is to be said of them. */
#include "analysis/slow.h"

/* So many files of less than this on average are "many small files". */
#define MANY_FILES 500
#define SMALL_BYTES 16384

/* One file with this share of a place's bytes is what is to be named. */
#define HUGE_BYTES UINT64_C(10000000)
#define HUGE_PERCENT 80

double slow_weight(const struct slow *s, const struct slow_place *place) {
	const struct time_profile *p = &s->profile;
	double byte = time_middle(p->byte), line = time_middle(p->line_byte);

	return (double)place->nentries * (time_middle(p->announced) + time_middle(p->walked)) +
			(double)place->nfiles * (time_middle(p->created) + time_middle(p->file)) +
			(double)place->bytes * (line > byte ? line : byte);
}

bool slow_has_content(const struct slow *s, uint32_t row) {
	return s->how.assume == SLOW_COLD || s->build->context.engine != TNG_ENGINE_BUILDKIT ||
			(s->wire.changed != NULL && s->wire.changed[row] != 0);
}

void slow_place_add(const struct slow *s, struct slow_place *place, uint32_t row) {
	const struct entry *entry = tree_entry(s->an->tree, row);
	struct slow_place one = {
		.nentries = 1,
		.nfiles = entry_is_file(entry),
		.bytes = transfer_bytes(s->plan, s->an->tree, row, true),
		.biggest = row,
	};

	one.biggest_bytes = one.bytes;
	struct slow_place in_time = one;
	if (!slow_has_content(s, row)) {
		in_time.nfiles = in_time.bytes = 0;
	}
	one.seconds = slow_weight(s, &in_time);
	slow_place_sum(place, &one);
}

void slow_place_sum(struct slow_place *sum, const struct slow_place *place) {
	if (place->biggest_bytes > sum->biggest_bytes) {
		sum->biggest = place->biggest;
		sum->biggest_bytes = place->biggest_bytes;
	}
	sum->nentries += place->nentries;
	sum->nfiles += place->nfiles;
	sum->bytes += place->bytes;
	sum->seconds += place->seconds;
}

/* "web/node_modules", "web/node_modules and 2 more places". */
static struct str name_places(struct slow *s, const struct slow_gone *gone) {
	struct str path = slow_path(s, gone->heaviest.row);
	size_t more = gone->nplaces - 1;

	return more == 0 ? path
			 : slow_text(s, "%.*s and %zu more place%s", STR_FMT(str_take(path, 300)),
					   more, more == 1 ? "" : "s");
}

static bool is_huge(const struct slow_gone *gone) {
	return gone->all.biggest_bytes >= HUGE_BYTES &&
			gone->all.biggest_bytes / HUGE_PERCENT >= gone->all.bytes / 100;
}

/* "41,233 small files in web/node_modules (58MB)", "3 files, as logs/a.log (2.27MB)", "core.4242 (7.5MB)" */
static void tell_files(struct slow *s, const struct slow_gone *gone, struct slow_cause *c) {
	const struct slow_place *all = &gone->all;
	bool is_many = all->nfiles >= MANY_FILES && all->bytes / all->nfiles < SMALL_BYTES;
	bool is_dir = entry_is_dir(tree_entry(s->an->tree, gone->heaviest.row));
	struct str count = slow_count(s, all->nfiles), size = slow_size(s, all->bytes);

	c->id = is_many ? "many-small-files" : "heavy-subtree";
	if (!is_dir && all->nfiles == 1) {
		c->what = slow_text(s, "%.*s (%.*s)",
				STR_FMT(str_take(slow_path(s, gone->heaviest.row), 300)),
				STR_FMT(size));
		return;
	}
	struct str places = is_dir ? name_places(s, gone)
				   : str_take(slow_path(s, gone->heaviest.row), 300);
	c->what = slow_text(s, "%.*s %sfile%s%s%.*s (%.*s)", STR_FMT(count),
			is_many ? "small " : "", all->nfiles == 1 ? "" : "s",
			is_dir ? " in " : ", as ", STR_FMT(places), STR_FMT(size));
}

/* A repository's own database is one thing, whatever is in it. */
static bool is_database(const struct slow *s, uint32_t row) {
	return s->an->has_classes && s->an->classes.marks[row].klass == CLASS_VCS &&
			entry_is_dir(tree_entry(s->an->tree, row));
}

void slow_tell_place(struct slow *s, const struct slow_gone *gone, struct slow_cause *c) {
	if (gone->all.nentries == 0) {
		c->id = "walked-for-nothing";
		c->what = slow_text(s, "%.*s entries in %.*s are looked at, and none is asked for",
				STR_FMT(slow_count(s, gone->nwalked)),
				STR_FMT(name_places(s, gone)));
	} else if (is_huge(gone) && !is_database(s, gone->heaviest.row)) {
		struct str path = slow_path(s, gone->all.biggest);
		c->id = "huge-file";
		c->row = gone->all.biggest;
		c->what = slow_text(s, "one file of %.*s: %.*s",
				STR_FMT(slow_size(s, gone->all.biggest_bytes)),
				STR_FMT(str_take(path, 300)));
	} else {
		tell_files(s, gone, c);
	}
}

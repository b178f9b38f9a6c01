/* Why the transfer is slow, for people: the whole, its parts, then the causes in order of seconds. */
#include "report/explain.h"
#include "report/table.h"

static const char *const places[] = { "local", "desktop", "remote" };
static const char *const assumptions[] = { "cold", "warm", "mtime", "chmod", "checkout" };

const char *explain_place_name(enum time_place place) {
	return places[place];
}

const char *explain_assume_name(enum slow_assume assume) {
	return assumptions[assume];
}

static void put_range(struct sink *sink, struct time_range r) {
	char text[SIZE_TEXT_BYTES];

	sink_printf(sink, "%s", seconds_format(r.lo, r.hi, text));
}

/* ---- the whole */

/* A line that was given beside a place that has none of its own. */
static void put_given_line(const struct slow_story *s, struct sink *sink) {
	if (s->how.bytes_per_second > 0) {
		sink_printf(sink, ", %.4gMbit/s", s->how.bytes_per_second * 8 / 1e6);
	}
	if (s->how.round_trip >= 0) {
		sink_printf(sink, ", %.4gms away", s->how.round_trip * 1e3);
	}
}

static void put_place(const struct slow_story *s, struct sink *sink) {
	switch (s->how.place) {
	case TIME_LOCAL:
		sink_put(sink, STR("to a builder on this computer"));
		put_given_line(s, sink);
		return;
	case TIME_DESKTOP:
		sink_put(sink, STR("to a builder in a virtual machine"));
		put_given_line(s, sink);
		return;
	case TIME_REMOTE:
		break;
	}
	double rate = s->how.bytes_per_second > 0 ? s->how.bytes_per_second
						  : TIME_BANDWIDTH_DEFAULT;
	double trip = s->how.round_trip >= 0 ? s->how.round_trip : TIME_ROUND_TRIP_DEFAULT;
	sink_printf(sink, "over a line of %.4gMbit/s and %.4gms", rate * 8 / 1e6, trip * 1e3);
}

static const char *told_build(enum slow_assume assume) {
	static const char *const texts[] = {
		"A first build",
		"A build after another, with nothing changed,",
		"A build after another, with a new time on all files,",
		"A build after another, with a new mode on all files,",
		"A build after another, with a fresh checkout,",
	};

	return texts[assume];
}

/* "A first build sends 58.2MB in 41,310 files to a builder on this computer: 2.1-6.3s." */
static void put_whole(const struct explain_view *v, struct sink *sink) {
	const struct slow_story *s = v->slow;
	const struct slow_time *t = slow_told(s);
	bool copies = v->build->context.engine == TNG_ENGINE_PODMAN;
	char size[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];

	sink_printf(sink, "%s %s %s", told_build(s->how.assume), copies ? "copies" : "sends",
			size_format_short(t->counts.bytes, size));
	sink_printf(sink, " in %s file%s", size_format_count(t->counts.files, count),
			plural(t->counts.files));
	if (!copies) {
		sink_put(sink, STR(" "));
		put_place(s, sink);
	}
	sink_put(sink, STR(": "));
	put_range(sink, t->time.total);
	sink_put(sink, STR(".\n"));
	if (s->how.assume == SLOW_COLD && !copies) {
		sink_put(sink, STR("The next one, with nothing changed: "));
		put_range(sink, s->warm.time.total);
		sink_put(sink, STR(".\n"));
	}
}

/* "by 35 %", "by a factor of 70" */
static void put_miss(double factor, struct sink *sink) {
	if (factor < 2) {
		sink_printf(sink, "by %.0f %%", 100 * (factor - 1));
	} else {
		sink_printf(sink, "by a factor of %.3g", factor);
	}
}

/* "Fitted to 2 timed builds: off by 35 % before, by 4 % now." */
static void put_fit(const struct slow_story *s, struct sink *sink) {
	if (s->ntimed == 0) {
		return;
	}
	sink_printf(sink, "Fitted to %zu timed build%s", s->nused, plural(s->nused));
	if (s->nused > 0) {
		sink_put(sink, STR(": off "));
		put_miss(s->fit.before, sink);
		sink_put(sink, STR(" before, "));
		put_miss(s->fit.after, sink);
		sink_put(sink, STR(" now"));
	}
	sink_put(sink, STR(".\n"));
}

static void put_part(struct sink *sink, const char *name, struct time_range r, uint64_t n,
		const char *one, const char *many) {
	char range[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];

	if (n == 0) {
		return;
	}
	sink_printf(sink, "  %-12s  %12s", name, seconds_format(r.lo, r.hi, range));
	sink_printf(sink, "  %s %s\n", size_format_count(n, count), n == 1 ? one : many);
}

static void put_parts(const struct explain_view *v, struct sink *sink) {
	const struct slow_time *t = slow_told(v->slow);
	char size[SIZE_TEXT_BYTES], range[SIZE_TEXT_BYTES];

	sink_put(sink, STR("\n"));
	put_part(sink, "walking", t->time.walking, t->counts.walked, "entry looked at",
			"entries looked at");
	put_part(sink, "stat packets", t->time.stat_packets, t->counts.announced, "entry announced",
			"entries announced");
	put_part(sink, "per file", t->time.per_file, t->counts.files, "file", "files");
	sink_printf(sink, "  %-12s  %12s  %s\n", "bytes",
			seconds_format(t->time.bytes.lo, t->time.bytes.hi, range),
			size_format_short(t->counts.bytes, size));
	put_part(sink, "round trips", t->time.round_trips, t->counts.round_trips, "round trip",
			"round trips");
}

/* ---- the causes */

static void put_cause(const struct explain_view *v, const struct slow_cause *c, struct sink *sink) {
	sink_put(sink, STR("\n"));
	put_range(sink, c->seconds);
	sink_put(sink, STR(" of "));
	put_range(sink, slow_told(v->slow)->time.total);
	sink_put(sink, STR(": "));
	sink_put_safe(sink, c->what);
	sink_put(sink, STR("\n"));
	if (c->change.len > 0) {
		sink_put(sink, STR("    "));
		sink_put_safe(sink, c->change);
		sink_put(sink, STR(": "));
		put_range(sink, c->left);
		sink_put(sink, STR(" left\n"));
	}
	if (c->why.len > 0) {
		sink_put(sink, STR("    "));
		sink_put_safe(sink, c->why);
		sink_put(sink, STR("\n"));
	}
}

static bool has_ignore_change(const struct slow_story *s) {
	for (size_t i = 0; i < s->ncauses; i++) {
		if (s->causes[i].is_ignore_file) {
			return true;
		}
	}
	return false;
}

/* Each pattern takes time, too: where there is little to take out, nothing is won. */
static bool is_worth_it(const struct slow_story *s) {
	return s->has_proposed &&
			time_middle(s->proposed.time.total) <
			0.95 * time_middle(slow_told(s)->time.total);
}

static void put_proposal(const struct slow_story *s, struct sink *sink) {
	if (!has_ignore_change(s) || !is_worth_it(s)) {
		return;
	}
	sink_put(sink, STR("\nWith all lines of tonnage propose together: "));
	put_range(sink, s->proposed.time.total);
	sink_put(sink, STR(" left. tonnage propose --diff shows them, --write adds them.\n"));
}

static void put_story(const struct explain_view *v, struct sink *sink) {
	const struct slow_story *s = v->slow;

	if (s == NULL) {
		sink_put(sink, STR("The ignore file has an error: a build stops there.\n"));
		return;
	}
	if (s->happens) {
		put_whole(v, sink);
		put_fit(s, sink);
		put_parts(v, sink);
	}
	if (s->verdict.len > 0) {
		sink_put(sink, s->happens ? STR("\n") : STR(""));
		sink_put(sink, s->verdict);
		sink_put(sink, STR("\n"));
	}
	for (size_t i = 0; i < s->ncauses; i++) {
		put_cause(v, &s->causes[i], sink);
	}
	put_proposal(s, sink);
}

void explain_put_slow(const struct explain_view *v, struct sink *sink) {
	for (size_t i = 0; i <= v->nothers; i++) {
		if (v->nothers > 0) {
			sink_put(sink, i > 0 ? STR("\nFor ") : STR("For "));
			explain_put_dockerfile(explain_view_of(v, i), sink);
			sink_put(sink, STR(":\n"));
		}
		put_story(explain_view_of(v, i), sink);
	}
}

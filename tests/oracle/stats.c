#include "oracle/stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Texts that lead to one place of the specification each (3.4 to 3.7). */
static const char *const features[NFEATURES] = { "**", "**/", "[", "[[:", "|", "{", "^", "\\",
	"\\p", "\\Q", "\\x", "\\b", "\xff", "\xef\xbb\xbf", "\n", "//" };

static const char *const route_names[4] = { "exact", "prefix", "suffix", "regexp" };

/* The route by its definition (3.4), roughly: good enough to count. */
static unsigned route_of(struct str p) {
	bool suffix = str_starts(p, STR("**")), prefix = false;
	struct str rest = suffix ? str_skip(p, 2) : p;

	if (rest.len >= 2 && str_ends(rest, STR("**"))) {
		prefix = true;
		rest.len -= 2;
	}
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.ptr[i] != '\0' && strchr("*?[]\\", rest.ptr[i]) != NULL) {
			return 3;
		}
	}
	return prefix && suffix ? 3 : prefix ? 1 : suffix ? 2 : 0;
}

static void count_pattern(struct stats *s, struct str p) {
	s->npatterns++;
	p = str_starts(p, STR("!")) ? str_skip(p, 1) : p;
	s->nroutes[route_of(p)]++;
	for (size_t f = 0; f < NFEATURES; f++) {
		s->nfeatures[f] += memmem(p.ptr, p.len, features[f], strlen(features[f])) != NULL;
	}
}

void stats_count(struct stats *s, const struct question *q, const struct answer *go) {
	uint64_t nexcluded = 0, nerrors = 0;

	for (size_t i = 0; i < q->npatterns; i++) {
		count_pattern(s, q->patterns[i]);
	}
	s->nlists++;
	s->flavours[q->flavour].nlists++;
	if (go->refused != NULL) {
		s->nrefused++;
		s->npairs++;
		s->flavours[q->flavour].nrefused++;
		return;
	}
	for (size_t i = 0; i < q->npaths; i++) {
		char walk = go->cells[EVALUATION_WALK][i].verdict;

		nexcluded += walk == '1';
		nerrors += walk == 'E';
		s->npanics += walk == 'P';
		s->nevaluations_differ += walk != go->cells[EVALUATION_WHOLE][i].verdict;
	}
	s->npairs += q->npaths;
	s->nexcluded += nexcluded;
	s->nerrors += nerrors;
	s->flavours[q->flavour].npairs += q->npaths;
	s->flavours[q->flavour].nexcluded += nexcluded;
	s->flavours[q->flavour].nerrors += nerrors;
}

void stats_count_file(struct stats *s, const struct file_answer *go) {
	s->nfiles++;
	s->nread_errors += go->error != NULL;
	s->nnew_errors += go->new_error != NULL;
	s->nread_patterns += go->npatterns;
}

static double percent(uint64_t part, uint64_t whole) {
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0.0;
}

void stats_show_shares(const struct stats *s) {
	printf("# %" PRIu64 " lists, %.1f%% of them refused; of %" PRIu64
	       " pairs %.1f%% excluded, %.1f%% errors, "
	       "%.2f%% differ between walk and whole path, %" PRIu64 " panics\n",
			s->nlists, percent(s->nrefused, s->nlists), s->npairs,
			percent(s->nexcluded, s->npairs), percent(s->nerrors, s->npairs),
			percent(s->nevaluations_differ, s->npairs), s->npanics);
}

void stats_show(const struct stats *s) {
	if (s->nfiles > 0) {
		printf("# %" PRIu64 " files: %" PRIu64 " patterns, %" PRIu64
		       " read errors, %" PRIu64 " refused lists\n",
				s->nfiles, s->nread_patterns, s->nread_errors, s->nnew_errors);
		return;
	}
	for (unsigned f = 0; f < NFLAVOURS; f++) {
		printf("# %-10s %8" PRIu64 " lists, %5.1f%% refused; %8" PRIu64
		       " pairs, %5.1f%% excluded, %5.1f%% errors\n",
				flavour_name(f), s->flavours[f].nlists,
				percent(s->flavours[f].nrefused, s->flavours[f].nlists),
				s->flavours[f].npairs,
				percent(s->flavours[f].nexcluded, s->flavours[f].npairs),
				percent(s->flavours[f].nerrors, s->flavours[f].npairs));
	}
	for (unsigned r = 0; r < 4; r++) {
		printf("# route %-7s %8" PRIu64 " patterns, %5.1f%%\n", route_names[r],
				s->nroutes[r], percent(s->nroutes[r], s->npatterns));
	}
	for (size_t f = 0; f < NFEATURES; f++) {
		printf("# with \"");
		for (const char *c = features[f]; *c != '\0'; c++) {
			printf(*c < ' ' ? "\\x%02x" : "%c", (unsigned char)*c);
		}
		printf("\" %8" PRIu64 " patterns\n", s->nfeatures[f]);
	}
}

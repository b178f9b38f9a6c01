/* oracle/stats.h - what the generator reached, as the Go library's answers and the texts tell. */
#ifndef ORACLE_STATS_H
#define ORACLE_STATS_H

#include "oracle/generate.h"
#include "oracle/go_oracle.h"

#include <stdint.h>

#define NFEATURES 16

struct stats {
	uint64_t nlists, npairs, nrefused, nerrors, nexcluded, npanics;
	uint64_t nevaluations_differ; /* pairs on which the walk and the whole path disagree */
	uint64_t npatterns, nroutes[4];
	uint64_t nfeatures[NFEATURES];
	struct {
		uint64_t nlists, nrefused, npairs, nexcluded, nerrors;
	} flavours[NFLAVOURS];

	uint64_t nfiles, nread_errors, nnew_errors, nread_patterns;
};

void stats_count(struct stats *s, const struct question *q, const struct answer *go);
void stats_count_file(struct stats *s, const struct file_answer *go);

/** The histograms. */
void stats_show(const struct stats *s);

/** One line: how many pairs are excluded, refused, errors. */
void stats_show_shares(const struct stats *s);

#endif

/* Files that no build needs: what the proposal would exclude, and what it found that nothing needs. */
#include "analysis/internal.h"

#include <stdlib.h>

struct needless {
	const struct analysis *an;
	struct analysis_proposal proposal;
	struct ignore_set *patterns;
};

enum tng_code needless_open(struct arena *a, const struct analysis *an, struct needless **out,
		struct tng_error *err) {
	const struct build *build = &an->builds[0];
	struct transfer_request request = build_transfer_request(build);
	struct propose_options options = {
		.mode = PROPOSE_DENY_LIST,
		.level = PROPOSE_BALANCED,
		.annotate = PROPOSE_ANNOTATE_NONE,
	};
	struct needless *n = arena_new(a, struct needless, 1);

	if (n == NULL) {
		return error_nomem(err);
	}
	n->an = an;
	enum tng_code code = analysis_propose(a, an, &options, &n->proposal, err);
	if (code == TNG_OK) {
		code = transfer_patterns(n->proposal.proposal.text, &request, &n->patterns, err);
	}
	*out = n;
	return code;
}

const struct analysis_proposal *needless_proposal(const struct needless *n) {
	return &n->proposal;
}

enum tng_code needless_rows(struct arena *a, const struct needless *n, const struct tree *tree,
		uint8_t *rows, struct tng_error *err) {
	struct transfer_request request = build_transfer_request(&n->an->builds[0]);
	struct transfer_plan plan;
	struct buf path = { 0 };

	request.is_quick = true;
	enum tng_code code = transfer_plan(a, tree, n->patterns, &request, &plan, err);
	for (uint32_t row = 1; row < tree_nrows(tree) && code == TNG_OK; row++) {
		rows[row] = !fate_is_sent(plan.fate[row]);
		if (rows[row] != 0) {
			continue;
		}
		buf_clear(&path);
		tree_path(tree, row, &path);
		uint32_t here = tree_find(n->an->tree, buf_str(&path));
		rows[row] = here != TREE_NO_ROW && n->proposal.proposal.may_go[here] == 1;
	}
	code = code == TNG_OK && buf_failed(&path) ? error_nomem(err) : code;
	buf_fini(&path);
	return code;
}

void needless_close(struct needless *n) {
	if (n != NULL) {
		ignore_destroy(n->patterns);
	}
}

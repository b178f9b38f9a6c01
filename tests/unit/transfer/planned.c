#include "unit/transfer/planned.h"

#include "support/expect.h"
#include "support/small_tree.h"
#include "util/buf.h"

void plan_set(struct planned *p, enum tng_engine engine) {
	struct transfer_request request = { .engine = engine };

	p->code = transfer_plan(p->arena, p->tree, p->set, &request, &p->plan, &p->err);
}

struct planned plan_text(const char *items, const char *ignore_text, enum tng_engine engine,
		const char *dockerfile) {
	struct planned p = { .arena = arena_create(), .tree = small_tree(items) };
	struct transfer_request request = {
		.engine = engine,
		.dockerfile = str_from(dockerfile),
	};

	cr_assert(ne(ptr, p.tree, NULL), "no tree: %s", items);
	p.code = transfer_patterns(str_from(ignore_text), &request, &p.set, &p.err);
	if (p.code == TNG_OK) {
		plan_set(&p, engine);
	}
	return p;
}

void planned_fini(struct planned *p) {
	ignore_destroy(p->set);
	tree_destroy(p->tree);
	arena_destroy(p->arena);
}

struct str planned_paths(const struct planned *p, unsigned fates) {
	struct buf b = { 0 };

	for (uint32_t row = 1; row < tree_nrows(p->tree); row++) {
		if ((fates >> p->plan.fate[row] & 1U) != 0) {
			buf_append(&b, b.len > 0 ? STR(" ") : STR(""));
			tree_path(p->tree, row, &b);
		}
	}
	cr_assert(not(buf_failed(&b)));
	struct str kept = arena_copy(p->arena, buf_str(&b));
	buf_fini(&b);
	return kept;
}

uint32_t planned_row(const struct planned *p, const char *path) {
	uint32_t row = tree_find(p->tree, str_from(path));

	cr_assert(ne(u32, row, TREE_NO_ROW), "%s", path);
	return row;
}

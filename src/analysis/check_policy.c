/*
 * The sections of .tonnage.yaml for single Dockerfiles: which build one is of, and those of none. They are
 * relative to the file, which may lie in the context, above it or anywhere.
 */
#include "analysis/internal.h"
#include "util/nearest.h"
#include "util/path.h"

#include <fcntl.h>
#include <sys/stat.h>

/* By its path, for a revision may have one that is gone, or by a link. */
const struct config_policy *check_find_policy(struct arena *a, const struct analysis *an,
		const struct config *config, const struct context *ctx) {
	if (config->ndockerfiles == 0 || !ctx->has_dockerfile) {
		return NULL;
	}
	struct str own = outside_dockerfile(a, an, ctx);
	struct str top = outside_directory(a, path_dir(config->path));
	for (size_t i = 0; i < config->ndockerfiles; i++) {
		struct str named = outside_join(a, top, config->dockerfiles[i].dockerfile);
		if (own.ptr != NULL && named.ptr != NULL &&
				(str_eq(own, named) ||
						outside_is_same_file(a, AT_FDCWD, own, AT_FDCWD,
								named))) {
			return &config->dockerfiles[i];
		}
	}
	return NULL;
}

/* ---- a section of none */

/* The Dockerfile of the context that the name is closest to, relative to the file; empty: none is near. */
static struct str nearest_dockerfile(
		struct arena *a, const struct analysis *an, struct str top, struct str name) {
	struct nearest near = nearest_to(name);
	struct str root = outside_directory(a, an->builds[0].context.root);
	struct buf path = { 0 };

	for (uint32_t row = 1; root.ptr != NULL && row < tree_nrows(an->tree); row++) {
		const struct entry *e = tree_entry(an->tree, row);
		if (!entry_is_file(e) || !dockerfile_is_name(tree_name(an->tree, e))) {
			continue;
		}
		buf_clear(&path);
		tree_path(an->tree, row, &path);
		struct str whole = path_join(a, root, buf_str(&path));
		struct str there = whole.ptr != NULL ? outside_from(a, top, whole) : whole;
		if (there.ptr != NULL) {
			nearest_offer(&near, there);
		}
	}
	buf_fini(&path);
	return near.word;
}

static bool is_there(struct arena *a, struct str path) {
	struct str name = arena_copy(a, path);
	struct stat st;

	return name.ptr == NULL || stat(name.ptr, &st) == 0;
}

/* Where the file is, for a finding: from the root on. */
static struct str place_of(
		struct arena *a, const struct analysis *an, struct str top, struct str path) {
	struct str root = outside_directory(a, an->builds[0].context.root);
	struct str whole = path_join(a, top, path_base(path));

	return root.ptr != NULL && whole.ptr != NULL ? outside_from(a, root, whole) : path;
}

enum tng_code check_policies_fill(struct arena *a, const struct analysis *an,
		const struct config *config, struct check_policy **out, size_t *n,
		struct tng_error *err) {
	struct check_policy *list = arena_new(a, struct check_policy, config->ndockerfiles);
	struct str top = config->ndockerfiles > 0 ? outside_directory(a, path_dir(config->path))
						  : STR("");

	*n = 0;
	if (list == NULL) {
		return error_nomem(err);
	}
	for (size_t i = 0; top.ptr != NULL && i < config->ndockerfiles; i++) {
		const struct config_policy *p = &config->dockerfiles[i];
		struct str named = outside_join(a, top, p->dockerfile);
		if (named.ptr != NULL && !is_there(a, named)) {
			list[(*n)++] = (struct check_policy){
				.policy = p,
				.file = place_of(a, an, top, config->path),
				.near = nearest_dockerfile(a, an, top, p->dockerfile),
			};
		}
	}
	*out = list;
	return TNG_OK;
}

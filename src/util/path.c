#include "util/path.h"

size_t path_clean_into(char *out, struct str path) {
	bool rooted = path.len > 0 && path.ptr[0] == '/';
	size_t n = 0;     /* bytes written; never ahead of the bytes read */
	size_t floor = 0; /* ".." may not back up past this */
	size_t r = 0;

	if (path.len == 0) {
		out[0] = '.';
		return 1;
	}
	if (rooted) {
		out[0] = '/';
		n = floor = r = 1;
	}
	while (r < path.len) {
		size_t end = r;
		while (end < path.len && path.ptr[end] != '/') {
			end++;
		}
		size_t len = end - r;
		if (len == 0 || (len == 1 && path.ptr[r] == '.')) {
			/* nothing to keep */
		} else if (len == 2 && path.ptr[r] == '.' && path.ptr[r + 1] == '.') {
			if (n > floor) {
				do {
					n--;
				} while (n > floor && out[n] != '/');
			} else if (!rooted) {
				if (n > 0) {
					out[n++] = '/';
				}
				out[n++] = '.';
				out[n++] = '.';
				floor = n;
			}
		} else {
			if (n > (rooted ? 1U : 0U)) {
				out[n++] = '/';
			}
			memmove(out + n, path.ptr + r, len);
			n += len;
		}
		r = end + 1;
	}
	if (n == 0) {
		out[n++] = '.';
	}
	return n;
}

struct str path_clean(struct arena *a, struct str path) {
	char *out = arena_alloc(a, path.len + 2);

	if (out == NULL) {
		return (struct str){ NULL, 0 };
	}
	return (struct str){ out, path_clean_into(out, path) };
}

struct str path_base(struct str path) {
	size_t slash = str_find_last(path, '/');
	return slash < path.len ? str_skip(path, slash + 1) : path;
}

struct str path_dir(struct str path) {
	size_t slash = str_find_last(path, '/');

	if (slash == path.len) {
		return STR(".");
	}
	return slash == 0 ? STR("/") : str_take(path, slash);
}

struct str path_join(struct arena *a, struct str dir, struct str name) {
	if (dir.len == 0 || str_eq(dir, STR("."))) {
		return arena_copy(a, name);
	}
	if (name.len == 0) {
		return arena_copy(a, dir);
	}
	bool slash = dir.ptr[dir.len - 1] != '/';
	char *out = arena_alloc(a, dir.len + name.len + 2);
	if (out == NULL) {
		return (struct str){ NULL, 0 };
	}
	memcpy(out, dir.ptr, dir.len);
	if (slash) {
		out[dir.len] = '/';
	}
	memcpy(out + dir.len + slash, name.ptr, name.len);
	return (struct str){ out, dir.len + slash + name.len };
}

int path_cmp(struct str a, struct str b) {
	size_t common = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < common; i++) {
		unsigned char x = (unsigned char)a.ptr[i], y = (unsigned char)b.ptr[i];
		if (x != y) {
			if (x == '/' || y == '/') {
				return x == '/' ? -1 : 1;
			}
			return x < y ? -1 : 1;
		}
	}
	return (a.len > b.len) - (a.len < b.len);
}

bool path_is_below(struct str path, struct str dir) {
	if (dir.len == 0 || str_eq(dir, STR("."))) {
		return true;
	}
	return str_starts(path, dir) &&
			(path.len == dir.len || str_ends(dir, STR("/")) ||
					path.ptr[dir.len] == '/');
}

static bool is_rooted(struct str path) {
	return str_starts(path, STR("/"));
}

struct str path_from(struct arena *a, struct str dir, struct str path) {
	struct str from = path_clean(a, dir), to = path_clean(a, path);
	struct str name, rest, name_to, rest_to;

	if (from.ptr == NULL || to.ptr == NULL || is_rooted(from) != is_rooted(to)) {
		return from.ptr == NULL ? from : to;
	}
	from = str_eq(from, STR(".")) ? STR("") : from;
	struct str left = str_eq(to, STR(".")) ? STR("") : to;
	while (from.len > 0) {
		(void)str_cut(from, '/', &name, &rest);
		(void)str_cut(left, '/', &name_to, &rest_to);
		if (!str_eq(name, name_to)) {
			break;
		}
		from = rest;
		left = rest_to;
	}
	struct str ups = STR("");
	while (from.len > 0) {
		(void)str_cut(from, '/', &name, &from);
		if (str_eq(name, STR(".."))) {
			return to;
		}
		ups = path_join(a, ups, STR(".."));
		if (ups.ptr == NULL) {
			return ups;
		}
	}
	struct str way = path_join(a, ups, left);
	return way.ptr != NULL && way.len == 0 ? STR(".") : way;
}

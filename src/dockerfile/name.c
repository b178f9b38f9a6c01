#include "dockerfile/dockerfile.h"

bool dockerfile_is_name(struct str name) {
	static const char *const stems[] = { "Dockerfile", "Containerfile" };

	if (str_ends(name, STR(".dockerignore")) || str_ends(name, STR(".containerignore")) ||
			str_ends(name, STR(".md")) || str_ends(name, STR(".swp")) ||
			str_ends(name, STR("~"))) {
		return false;
	}
	for (size_t i = 0; i < sizeof(stems) / sizeof(stems[0]); i++) {
		struct str stem = str_from(stems[i]);
		struct str rest = str_skip(name, stem.len);
		if (str_starts(name, stem) &&
				(rest.len == 0 || rest.ptr[0] == '.' || rest.ptr[0] == '-' ||
						rest.ptr[0] == '_')) {
			return true;
		}
		if (name.len > stem.len && str_ends(name, stem) &&
				name.ptr[name.len - stem.len - 1] == '.') {
			return true;
		}
	}
	return str_ends(name, STR(".dockerfile"));
}

/*
 * Traps: what a builder does that nobody expects of it. One function a trap, and each says what to do.
 *
 *   socket-becomes-file    BuildKit sends a socket as an empty file; the others leave it out
 *   control-character      BuildKit sends patterns and paths as gRPC metadata, which takes no tab
 *   list-too-large         ... and no more than about a megabyte of them
 *   needs-buildkit         the classic builder stops at flags that came with BuildKit
 *   bind-mount-unfiltered  Podman and Buildah show a bind mount what is excluded, too
 *
 * Findings of other files are traps as well: files that arrive empty, unreadable places, ignore files that
 * are not read.
 */
#include "analysis/internal.h"

#include "util/utf8.h"

/* ignore-semantics 2.5: the header list may not be larger; what else is in it is 600 to 700 bytes. */
#define HEADERS_MAX_BYTES 1048896U
#define HEADERS_OTHER_MIN_BYTES 600U
#define HEADERS_OTHER_MAX_BYTES 700U
#define HEADER_PATTERN_BYTES 48U
#define HEADER_PATH_BYTES 43U

/* The context is transferred, as far as is known. */
static bool is_transferred(const struct build *build) {
	return build->sources == NULL || build->sources->contexts[DOCKERFILE_MAIN_CONTEXT].is_used;
}

/* ---- sockets ---- */

static void trap_sockets(
		const struct analysis *an, const struct build *build, struct finding_list *f) {
	bool arrives = build->context.engine == TNG_ENGINE_BUILDKIT;
	const struct transfer_plan *plan = build_plan(build, build_default_lens(build));
	uint32_t nrows = tree_nrows(an->tree), first = 0;
	uint64_t n = 0;
	struct buf path = { 0 };

	if (plan->disk.nothers == 0) {
		return;
	}
	for (uint32_t row = 1; row < nrows; row++) {
		bool meant = arrives ? fate_is_sent(plan->fate[row])
				     : plan->fate[row] == FATE_SKIPPED;
		if (meant && entry_type(tree_entry(an->tree, row)) == ENTRY_SOCKET && n++ == 0) {
			first = row;
		}
	}
	if (n == 0) {
		return;
	}
	tree_path(an->tree, first, &path);
	findings_add(f, arrives ? "socket-becomes-file" : "socket-left-out",
			arrives ? SEVERITY_WARNING : SEVERITY_NOTE, STR(""), 0, 0,
			"%llu socket%s %s: %.*s%s; %s", (unsigned long long)n, n == 1 ? "" : "s",
			arrives                  ? n == 1 ? "becomes an empty file in the image"
							  : "become empty files in the image"
					: n == 1 ? "is left out"
						 : "are left out",
			STR_FMT(str_take(buf_str(&path), 150)), n == 1 ? "" : ", ...",
			arrives ? "BuildKit has no word for a socket: exclude it"
				: "this builder sends none, and only its log says so");
	f->failed |= buf_failed(&path);
	buf_fini(&path);
}

/* ---- what gRPC metadata can hold ---- */

/* One of the two lists: either all of its values are escaped, or none is. */
struct header {
	bool is_escaped; /* something in it is beyond ASCII */
	size_t bytes;
};

static bool is_ascii(struct str s) {
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= 0x80) {
			return false;
		}
	}
	return true;
}

/* Where a value has the first byte that a header cannot hold; its length: nowhere. */
static size_t find_control(struct str s) {
	size_t i = 0;

	while (i < s.len && (unsigned char)s.ptr[i] >= 0x20 && s.ptr[i] != 0x7F) {
		i++;
	}
	return i;
}

/* Bytes of a value as Go's url.QueryEscape makes it; bytes that are not UTF-8 are U+FFFD by then. */
static size_t escaped_bytes(struct str s) {
	size_t n = 0;

	while (s.len > 0) {
		uint32_t rune;
		char bytes[4];
		unsigned taken = utf8_decode(s, &rune);
		bool plain = rune < 0x80 &&
				(rune == ' ' || (rune >= '0' && rune <= '9') ||
						((rune | 0x20) >= 'a' && (rune | 0x20) <= 'z') ||
						(rune != 0 && strchr("-_.~", (int)rune) != NULL));
		n += plain ? 1 : 3 * (size_t)utf8_put(rune, bytes);
		s = str_skip(s, taken);
	}
	return n;
}

static void measure(struct header *h, struct str value, size_t each) {
	h->bytes += each + (h->is_escaped ? escaped_bytes(value) : value.len);
}

static struct header measure_patterns(const struct build *build) {
	struct header h = { false, 0 };
	uint32_t n = build->patterns != NULL ? ignore_npatterns(build->patterns) : 0;

	for (uint32_t i = 0; i < n; i++) {
		h.is_escaped |= !is_ascii(ignore_pattern(build->patterns, i)->listed);
	}
	for (uint32_t i = 0; i < n; i++) {
		measure(&h, ignore_pattern(build->patterns, i)->listed, HEADER_PATTERN_BYTES);
	}
	return h;
}

static struct header measure_paths(const struct build *build) {
	struct header h = { false, 0 };

	if (build->sources == NULL) {
		return h;
	}
	const struct context_use *use = &build->sources->contexts[DOCKERFILE_MAIN_CONTEXT];
	for (size_t i = 0; i < use->nfollow_paths; i++) {
		h.is_escaped |= !is_ascii(use->follow_paths[i]);
	}
	for (size_t i = 0; i < use->nfollow_paths; i++) {
		measure(&h, use->follow_paths[i], HEADER_PATH_BYTES);
	}
	return h;
}

static void add_control(struct finding_list *f, struct str file, uint32_t line, uint32_t column,
		unsigned char byte, const char *what, const char *todo) {
	findings_add(f, "control-character", SEVERITY_ERROR, file, line, column,
			"the %s has %s (0x%02X), which BuildKit cannot send to its client: a build "
			"fails with \"contains value with non-printable ASCII characters\"; %s",
			what, byte == '\t' ? "a tab" : "a control character", byte, todo);
}

static void trap_control_in_patterns(const struct build *build, struct finding_list *f) {
	uint32_t n = build->patterns != NULL ? ignore_npatterns(build->patterns) : 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct ignore_pattern *p = ignore_pattern(build->patterns, i);
		size_t at = find_control(p->listed);
		if (at == p->listed.len) {
			continue;
		}
		size_t before = p->column > 0 ? p->column - 1 : 0;
		uint32_t column = (uint32_t)(before + find_control(str_skip(p->raw, before)) + 1);
		add_control(f, build->context.ignore_path, p->line, column,
				(unsigned char)p->listed.ptr[at], "pattern",
				"write \"?\" in its place, or a pattern a line");
		return;
	}
}

static void trap_control_in_paths(const struct build *build, struct finding_list *f) {
	for (size_t i = 0; i < build->sources->nsources; i++) {
		const struct source *s = &build->sources->sources[i];
		size_t at = find_control(s->path);
		if (s->context != DOCKERFILE_MAIN_CONTEXT || s->kind == SOURCE_REMOTE ||
				at == s->path.len) {
			continue;
		}
		add_control(f, build->context.dockerfile, s->word_line, s->column,
				(unsigned char)s->path.ptr[at], "source",
				"name the directory it is in");
		return;
	}
}

static void trap_headers(const struct build *build, struct finding_list *f) {
	struct header patterns = measure_patterns(build), paths = measure_paths(build);
	size_t bytes = patterns.bytes + paths.bytes;
	bool certain = bytes + HEADERS_OTHER_MIN_BYTES > HEADERS_MAX_BYTES;

	if (!patterns.is_escaped) {
		trap_control_in_patterns(build, f);
	}
	if (!paths.is_escaped && paths.bytes > 0) {
		trap_control_in_paths(build, f);
	}
	if (bytes + HEADERS_OTHER_MAX_BYTES <= HEADERS_MAX_BYTES) {
		return;
	}
	bool of_patterns = patterns.bytes >= paths.bytes;
	findings_add(f, "list-too-large", certain ? SEVERITY_ERROR : SEVERITY_WARNING,
			of_patterns ? build->context.ignore_path : build->context.dockerfile, 0, 0,
			"the list of %s %s too large: BuildKit sends it as a header of %zu bytes, "
			"of at most %u, so a build %s; %s",
			of_patterns ? "patterns" : "sources", certain ? "is" : "may be", bytes,
			HEADERS_MAX_BYTES - HEADERS_OTHER_MIN_BYTES, certain ? "fails" : "may fail",
			of_patterns ? "exclude directories instead of files"
				    : "copy directories instead of files");
}

/* ---- classic ---- */

/* moby builder/dockerfile/dispatchers.go: "the --mount option requires BuildKit" */
static const struct instruction_flag *buildkit_flag(const struct instruction *in) {
	static const struct {
		enum instruction_keyword keyword;
		struct str flag;
	} newer[] = {
		{ INSTRUCTION_ADD, { "chmod", 5 } },
		{ INSTRUCTION_ADD, { "link", 4 } },
		{ INSTRUCTION_COPY, { "chmod", 5 } },
		{ INSTRUCTION_COPY, { "link", 4 } },
		{ INSTRUCTION_RUN, { "mount", 5 } },
	};
	const struct instruction_flag *found = NULL;

	for (size_t i = 0; found == NULL && i < sizeof(newer) / sizeof(newer[0]); i++) {
		if (newer[i].keyword == in->keyword) {
			found = instruction_flag_find(in, newer[i].flag);
		}
	}
	return found;
}

static void trap_newer_flags(const struct build *build, struct finding_list *f) {
	for (size_t i = 0; i < build->dockerfile->ninstructions; i++) {
		const struct instruction *in = &build->dockerfile->instructions[i];
		const struct instruction_flag *flag = buildkit_flag(in);
		if (flag != NULL && in->stage != DOCKERFILE_NO_STAGE &&
				build->sources->stages[in->stage].is_reached) {
			findings_add(f, "needs-buildkit", SEVERITY_ERROR, build->context.dockerfile,
					flag->line, flag->column,
					"the classic builder has no --%.*s: a build stops here; "
					"use "
					"BuildKit, or do without",
					STR_FMT(flag->name));
			return;
		}
	}
}

/* ---- podman ---- */

static void trap_bind_mounts(const struct build *build, struct finding_list *f) {
	bool filters = build->patterns != NULL && ignore_npatterns(build->patterns) > 0;

	for (size_t i = 0; filters && i < build->sources->nsources; i++) {
		const struct source *s = &build->sources->sources[i];
		if (s->kind == SOURCE_BIND && s->context == DOCKERFILE_MAIN_CONTEXT) {
			findings_add(f, "bind-mount-unfiltered", SEVERITY_NOTE,
					build->context.dockerfile, s->word_line, s->column,
					"this bind mount shows what is excluded, too: Podman and "
					"Buildah apply the ignore file to COPY and ADD only");
			return;
		}
	}
}

void traps_collect(const struct analysis *an, const struct build *build, struct finding_list *f) {
	if (!build->has_plan) {
		return;
	}
	trap_sockets(an, build, f);
	switch (build->context.engine) {
	case TNG_ENGINE_BUILDKIT:
		if (is_transferred(build)) {
			trap_headers(build, f);
		}
		break;
	case TNG_ENGINE_PODMAN:
		if (build->sources != NULL) {
			trap_bind_mounts(build, f);
		}
		break;
	case TNG_ENGINE_CLASSIC:
		if (build->sources != NULL) {
			trap_newer_flags(build, f);
		}
		break;
	}
}

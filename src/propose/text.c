/* The block: marks, headings, lines. Nothing in it changes with the figures unless that is asked for. */
#include "propose/internal.h"
#include "util/size.h"

static const struct group_words {
	const char *name, *title;
} words[PROPOSE_NGROUPS] = {
	[GROUP_EVERYTHING] = { "everything",
			"an allow-list: all but what is named below stays out" },
	[GROUP_LISTED] = { "listed", "what the builds ask for" },
	[GROUP_SECRETS] = { "secrets", "secrets" },
	[GROUP_HISTORY] = { "history", "history of the repository" },
	[GROUP_DEPENDENCIES] = { "dependencies", "dependencies: the build installs its own" },
	[GROUP_BUILD] = { "build-output", "build output: the build makes its own" },
	[GROUP_CACHES] = { "caches", "caches and temporary files" },
	[GROUP_REPORTS] = { "reports", "logs and test reports" },
	[GROUP_LOCAL_DATA] = { "local-data", "local data" },
	[GROUP_TOOLS] = { "tools", "editors, assistants, operating systems" },
	[GROUP_TESTS] = { "tests", "tests: no build runs them" },
	[GROUP_DOCS] = { "docs", "documentation and examples: no build reads them" },
	[GROUP_DELIVERY] = { "delivery", "CI and deployment: no build reads them" },
	[GROUP_IGNORED] = { "git-ignored", "ignored by git" },
	[GROUP_UNASKED] = { "unasked", "no instruction of a Dockerfile asks for these" },
};

const char *propose_group_title(enum propose_group group) {
	return words[group].title;
}

const char *propose_group_name(enum propose_group group) {
	return words[group].name;
}

const char *propose_mode_name(enum propose_mode mode) {
	return mode == PROPOSE_ALLOW_LIST ? "allow-list" : "deny-list";
}

const char *propose_level_name(enum propose_level level) {
	switch (level) {
	case PROPOSE_SAFE:
		return "safe";
	case PROPOSE_BALANCED:
		return "balanced";
	case PROPOSE_THOROUGH:
		break;
	}
	return "thorough";
}

static void put_heading(const struct proposed_line *line, struct buf *out) {
	const char *tracked = line->group == GROUP_EVERYTHING ? ", tracked by git or not"
							      : " (tracked by git)";

	buf_printf(out, "# %s%s\n", propose_group_title(line->group),
			line->ntracked > 0 ? tracked : "");
}

static void put_bytes(const struct proposed_line *line, struct buf *out) {
	char size[SIZE_TEXT_BYTES], count[SIZE_TEXT_BYTES + 4];

	if (line->is_hygiene) {
		buf_append(out, STR("#   nothing today\n"));
		return;
	}
	buf_printf(out, "#   %s in %s file%s\n", size_format_short(line->bytes, size),
			size_format_count(line->nfiles, count), line->nfiles == 1 ? "" : "s");
}

void text_put(const struct propose_input *input, const struct proposed_line *lines, size_t n,
		struct buf *out) {
	if (n == 0) {
		return;
	}
	buf_append(out, BLOCK_BEGIN);
	buf_append(out,
			STR(": written by `tonnage propose`; lines of your own go outside of this "
			    "block\n"));
	for (size_t i = 0, head = 0; i < n; i++) {
		bool is_new = i == 0 || lines[i].group != lines[head].group ||
				(lines[i].ntracked > 0) != (lines[head].ntracked > 0);
		is_new = is_new && !lines[i].is_behind;
		head = lines[i].is_behind ? head : i;
		if (is_new && input->annotate != PROPOSE_ANNOTATE_NONE) {
			put_heading(&lines[i], out);
		}
		if (input->annotate == PROPOSE_ANNOTATE_BYTES && !lines[i].is_behind) {
			put_bytes(&lines[i], out);
		}
		buf_append(out, lines[i].pattern);
		buf_putc(out, '\n');
	}
	buf_append(out, BLOCK_END);
	buf_putc(out, '\n');
}

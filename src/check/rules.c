/*
 * The rules: one row each, what `tonnage rules ID` shows. The ids are what users script against and what
 * SARIF, baselines and suppressions name: they do not change.
 */
#include "check/check.h"
#include "util/nearest.h"

#include <string.h>

static const struct check_rule rules[CHECK_NRULES] = {
	[RULE_BUDGET_BYTES] = { "budget-bytes", CHECK_ERROR, false,
			"the context is larger than its budget",
			"A budget is a promise about a figure: the bytes under a lens, from "
			"`budgets:` in "
			".tonnage.yaml or --max-bytes. The finding names the three heaviest "
			"places.",
			"tonnage check --max-bytes 20MB",
			"exclude what the finding names, or raise the budget on purpose" },
	[RULE_BUDGET_FILES] = { "budget-files", CHECK_ERROR, false,
			"the context has more files than its budget",
			"Each file costs time in every build, however small it is: it is looked "
			"at, announced "
			"and compared. The budget is `files` under `budgets:`, or --max-files.",
			"tonnage check --max-files 5000",
			"exclude what the finding names, or raise the budget on purpose" },
	[RULE_BUDGET_FILE_SIZE] = { "budget-file-size", CHECK_ERROR, false,
			"a file is larger than any file may be",
			"One large file that nobody meant to send is the commonest accident: a "
			"dump, a "
			"recording, an archive. The budget is `file-size` under `budgets:`, or "
			"--max-file-size.",
			"tonnage check --max-file-size 5MB",
			"exclude the file, or raise the budget on purpose" },
	[RULE_BUDGET_CLASS] = { "budget-class", CHECK_ERROR, false,
			"a class of files is larger than its budget",
			"Budgets of classes say what may come along and how much of it: `tests: 0` "
			"means no "
			"test is sent. `tonnage rules` lists the classes.",
			"budgets:\n  classes:\n    tests: 0",
			"exclude what the finding names, or raise the budget on purpose" },
	[RULE_BUDGET_PATH] = { "budget-path", CHECK_ERROR, false,
			"what a path pattern matches is larger than its budget",
			"The key is a pattern as of an ignore file, the value what the files that "
			"it matches "
			"may weigh together.",
			"budgets:\n  paths:\n    \"**/*.ipynb\": 1MB",
			"exclude what the finding names, or raise the budget on purpose" },
	[RULE_BUDGET_GIT_RATIO] = { "budget-git-ratio", CHECK_ERROR, false,
			"the context is too large beside what git tracks",
			"What git tracks is what the project is; a context much larger than that "
			"carries "
			"something else. `git-ratio: 2` allows twice the bytes.",
			"budgets:\n  git-ratio: 2",
			"exclude what git does not track: `tonnage scan` says where it is" },
	[RULE_REGRESSION] = { "regression", CHECK_WARNING, false,
			"the context has grown since the revision compared with",
			"--against compares the tree, its ignore file and its Dockerfiles with "
			"those of a git revision. Each cause is told once: a folder or file that "
			"is new, that the ignore file now lets in, or that has grown by 1MB or "
			"more, with its class and its largest files; what is left is one finding. "
			"It is a note where as much is gone elsewhere. Of a Dockerfile of -f that "
			"the revision does not have, all that is sent is new, and one finding "
			"says so.",
			"tonnage check --against origin/main",
			"exclude what is new and not needed" },
	[RULE_SECRET_SENT] = { "secret-sent", CHECK_WARNING, false,
			"a credential is in the context",
			"What is sent is in the builder's cache and on its disk, even if no "
			"instruction "
			"copies it. Secrets are known by name and by content; their value is never "
			"shown.",
			".env with a password in it, and no line that excludes it",
			"exclude it, and give it to the step that needs it with RUN "
			"--mount=type=secret" },
	[RULE_SECRET_IN_STAGE] = { "secret-in-stage", CHECK_WARNING, false,
			"a credential is copied into a stage",
			"An instruction copies it into a stage that the image is made from. It is "
			"not in the "
			"image itself, but in the build cache, which may be pushed or shared.",
			"COPY . . in a builder stage, with id_rsa in the context",
			"exclude it, and give it to the step that needs it with RUN "
			"--mount=type=secret" },
	[RULE_SECRET_IN_IMAGE] = { "secret-in-image", CHECK_ERROR, false,
			"a credential is copied into the image",
			"An instruction of the target stage copies it, or one of a builder stage "
			"does "
			"and COPY --from takes it on from there, so everybody who can pull the "
			"image has it. Deleting it in a later step does not take it out of the "
			"layer. What is committed is a warning, or a note where only its name says "
			"that it is a credential.",
			"COPY . . in the last stage, with .env in the context",
			"exclude it, or let COPY --from take only what the image needs; replace "
			"the credential if the image was ever pushed, and pass secrets when the "
			"container runs" },
	[RULE_PATTERN_ERROR] = { "pattern-error", CHECK_ERROR, false,
			"a line that makes every build fail",
			"The builder refuses the whole file: an unclosed bracket, a lone '!', a "
			"line of 64 KiB "
			"or more.",
			"[abc",
			"correct the line; a character that is meant literally takes a backslash "
			"in "
			"front" },
	[RULE_PATTERN_DEAD] = { "pattern-dead", CHECK_NOTE, true, "a pattern that matches nothing",
			"Nothing in the tree matches it. It may be left over, or misspelt. Lines "
			"that an "
			"ecosystem in the tree will need tomorrow (**"
			"/__pycache__) are not reported.",
			"fronted/dist", "correct or delete the line" },
	[RULE_PATTERN_COVERED] = { "pattern-covered", CHECK_NOTE, true,
			"a pattern that other lines make superfluous",
			"All that it matches is decided by other lines as well: without it, the "
			"same is sent.",
			"**"
			"/node_modules\nweb/node_modules",
			"delete the line" },
	[RULE_PATTERN_DUPLICATE] = { "pattern-duplicate", CHECK_NOTE, true,
			"the same pattern twice",
			"Two lines say the same once the builder has cleaned them.", "dist\n/dist/",
			"delete one of them" },
	[RULE_PATTERN_ORDER] = { "pattern-order", CHECK_WARNING, true,
			"a line that a later one undoes",
			"The last line that matches decides. An exception in front of the pattern "
			"it excepts "
			"from has no effect.",
			"!keep.log\n*.log", "move the exception behind the pattern" },
	[RULE_PATTERN_CASE] = { "pattern-case", CHECK_WARNING, true,
			"a pattern that would match but for upper and lower case",
			"Patterns tell upper from lower case, on every system. Nothing matches "
			"this one as it "
			"is written; with other capitals something would.",
			"readme.md, and the file is README.md", "write the name as it is on disk" },
	[RULE_PATTERN_SYNTAX] = { "pattern-syntax", CHECK_WARNING, true,
			"a pattern that means something else than it seems to",
			"Habits of other tools: a backslash between folders is an escape, [!a] is "
			"not a "
			"negation ([^a] is), \"./\" in front is superfluous. Some characters of "
			"regular "
			"expressions are not escaped by the builder and act as such.",
			"build\\output", "write it as the finding says" },
	[RULE_PATTERN_NOT_SENDABLE] = { "pattern-not-sendable", CHECK_ERROR, false,
			"a pattern that BuildKit's client cannot send",
			"The patterns travel in the headers of a request, which take printable "
			"ASCII and no "
			"control characters. The build stops with an error of the transport.",
			"a tab inside a line", "replace the character with '?'" },
	[RULE_EXCEPTION_NOOP] = { "exception-noop", CHECK_WARNING, true,
			"an exception that brings nothing back",
			"Nothing that it matches is excluded by a line above it, or the builder "
			"does not look "
			"into the excluded directory for it.",
			"!src/keep.txt, and nothing excludes src", "delete the line" },
	[RULE_EXCEPTION_DEFEATS_PRUNING] = { "exception-defeats-pruning", CHECK_WARNING, true,
			"an exception that makes the builder enter what is excluded",
			"An exception that starts with a wildcard may match anywhere, so the "
			"builder walks "
			"through every excluded directory to look for it: node_modules, .git, all "
			"of it. Where these have fewer than 10,000 entries it is a note.",
			"**"
			"/node_modules\n!**"
			"/keep.txt",
			"name the directory in which the exception is meant" },
	[RULE_GITIGNORE_IDIOM] = { "gitignore-idiom", CHECK_WARNING, true,
			"a line that git would match at any depth, and Docker only in the root",
			"In a .gitignore a name without a slash matches everywhere. In a "
			".dockerignore it "
			"matches in the root of the context only; **"
			"/ in front makes it the same.",
			"node_modules, with web/node_modules in the tree",
			"put **"
			"/ in front" },
	[RULE_INLINE_COMMENT] = { "inline-comment", CHECK_WARNING, true,
			"a comment that is part of a pattern",
			"Only a line whose first character is # is a comment. Behind a pattern, or "
			"indented, "
			"it is a part of the pattern, which then matches nothing.",
			"dist  # build output", "put the comment on a line of its own" },
	[RULE_EVALUATION_DIFFERS] = { "evaluation-differs", CHECK_ERROR, false,
			"files that arrive empty in the image",
			"BuildKit decides twice, in two ways: while it walks, and when it opens a "
			"file. Where "
			"they differ the file is created and left empty, without a word.",
			"dir\n!dir/keep\ndir/keep*",
			"write the lines so that the exception is the last that "
			"matches" },
	[RULE_SOURCE_IGNORED] = { "source-ignored", CHECK_ERROR, false,
			"an instruction needs what the ignore file takes away",
			"Everything that COPY, ADD or a bind mount names is excluded. The build "
			"stops there, "
			"for this target. Of what is not there, and would be excluded as soon as "
			"it is, it is a warning; also where no file says that the directory is the "
			"Dockerfile's "
			"context.",
			"COPY dist /app, and \"dist\" in .dockerignore",
			"add an exception behind the line, or "
			"take the line away" },
	[RULE_SOURCE_PARTLY_IGNORED] = { "source-partly-ignored", CHECK_NOTE, false,
			"an instruction gets a part of what it names",
			"Some of what the instruction names is excluded. That may be on purpose; "
			"the image "
			"lacks it without a word.",
			"COPY config /etc/app, and \"config/*.yml\" in .dockerignore",
			"add an exception if the files are needed" },
	[RULE_SOURCE_MISSING] = { "source-missing", CHECK_WARNING, false,
			"an instruction names what is not there",
			"Nothing in the context matches the source. It may be made before the "
			"build; else the "
			"build stops there. Of what .gitignore names, which is made and not "
			"committed, it is a note; also where no file says that the directory is "
			"the Dockerfile's "
			"context.",
			"COPY confg /etc/app", "correct the name, or build what is missing first" },
	[RULE_SOURCE_UNKNOWN] = { "source-unknown", CHECK_NOTE, false,
			"what an instruction needs depends on an argument",
			"The path holds a variable that the Dockerfile does not tell, so what it "
			"needs cannot "
			"be checked.",
			"ARG DIR\nCOPY ${DIR} /app",
			"give the value with --build-arg, or a default in the "
			"Dockerfile" },
	[RULE_TRACKED_EXCLUDED] = { "tracked-excluded", CHECK_NOTE, false,
			"tracked files are excluded while .git is sent",
			"git in the build sees them as deleted: versions taken from `git describe "
			"--dirty` and "
			"the like say \"dirty\".",
			"\"docs\" in .dockerignore, and .git is sent",
			"exclude .git and pass the version as a build argument, or keep the "
			"files" },
	[RULE_DOCKERFILE_ERROR] = { "dockerfile-error", CHECK_ERROR, false,
			"a Dockerfile that a build would refuse",
			"It does not parse, or names a stage that is not there. What it needs "
			"cannot be "
			"checked.",
			"COPY --from=nowhere a b", "correct the line" },
	[RULE_IGNORE_FILE_INACTIVE] = { "ignore-file-inactive", CHECK_WARNING, false,
			"a file that looks like the ignore file and is not",
			"The builder reads <Dockerfile>.dockerignore beside the Dockerfile, or "
			".dockerignore "
			"in the root of the context, and nothing else: no other folder, no other "
			"spelling.",
			"docker/.dockerignore, and the context is the folder above",
			"move the lines to the file that is read, and delete the other" },
	[RULE_IGNORE_FILE_MISSING] = { "ignore-file-missing", CHECK_WARNING, false,
			"there is no ignore file",
			"Everything in the folder is a part of the context: the repository "
			"database, "
			"dependencies, credentials.",
			"a folder with a Dockerfile and no .dockerignore",
			"tonnage propose --write" },
	[RULE_IGNORE_FILE_NOT_APPLIED] = { "ignore-file-not-applied", CHECK_WARNING, false,
			"a build whose context is a git repository does not apply the ignore file",
			"With a URL as context the builder clones it, and the clone holds what git "
			"tracks; "
			"BuildKit does not read .dockerignore there.",
			"docker/build-push-action without `context: .`",
			"build from a checkout (context: .), or do not rely on the ignore file" },
	[RULE_IGNORE_FILE_DIFFERS] = { "ignore-file-differs", CHECK_NOTE, false,
			"engines would choose different ignore files",
			"BuildKit, the classic builder and Podman look for the file in different "
			"places, so "
			"the same folder gives different contexts.",
			"app.Dockerfile.dockerignore, which the classic builder does not know",
			"keep one .dockerignore in the root, or say which builder is meant" },
	[RULE_GIT_DIR_SENT] = { "git-dir-sent", CHECK_WARNING, false,
			"the repository database is sent and no build needs it",
			".git changes with every commit and every fetch, so COPY . . is never "
			"cached, and it "
			"holds everything that was ever committed.",
			"no line for .git", "add .git to the ignore file" },
	[RULE_DEPENDENCIES_SENT] = { "dependencies-sent", CHECK_WARNING, false,
			"installed dependencies are sent",
			"They belong to the machine that installed them: another system, another "
			"processor. "
			"The image installs its own.",
			"no line for node_modules", "add the line that the finding names" },
	[RULE_UNTRACKED_SENT] = { "untracked-sent", CHECK_NOTE, false,
			"files that git does not know are sent",
			"They are on this machine only, so the image differs from one built "
			"elsewhere.",
			"notes.txt, never committed", "commit them, ignore them or exclude them" },
	[RULE_GITIGNORED_SENT] = { "gitignored-sent", CHECK_WARNING, false,
			"files that git ignores are sent",
			"The project already says that they do not belong to it.",
			"tmp/ in .gitignore, no line in .dockerignore",
			"add the line that the finding names" },
	[RULE_IGNORE_DRIFT] = { "ignore-drift", CHECK_NOTE, false,
			".gitignore has lines that .dockerignore lacks",
			"Lines of .gitignore that match something which is sent: the two files "
			"have grown "
			"apart.",
			"*.sqlite in .gitignore only", "add the lines that the finding names" },
	[RULE_DUPLICATE_CONTENT] = { "duplicate-content", CHECK_NOTE, false,
			"several large files with the same content are sent",
			"Byte for byte the same file, more than once. Of a small tree some 4MB are "
			"read, of a large one more; what goes beyond that is compared in samples, "
			"and the finding says that the files look the same.",
			"data.bin and copy-of-data.bin", "send one of them" },
	[RULE_WORKTREE_SENT] = { "worktree-sent", CHECK_WARNING, false,
			"another working tree of a repository is sent",
			"A linked worktree or a coding assistant's copy of the project, inside the "
			"project: "
			"everything is sent twice.",
			".claude/worktrees/fix-login",
			"exclude the folder that the finding names" },
	[RULE_SOCKET_SENT] = { "socket-sent", CHECK_WARNING, false,
			"a socket is sent, and arrives as an empty file",
			"BuildKit has no word for a socket. What listens on it is not in the "
			"image.",
			"run/app.sock in a folder that is copied", "exclude it" },
	[RULE_SUPPRESSION_UNUSED] = { "suppression-unused", CHECK_NOTE, true,
			"a suppression that suppresses nothing",
			"The comment names a rule that finds nothing there.",
			"# tonnage: ignore=pattern-dead, above a line that is alive",
			"delete the comment" },
	[RULE_SUPPRESSION_EXPIRED] = { "suppression-expired", CHECK_WARNING, false,
			"a suppression whose date has passed",
			"`until=` was a promise; the finding counts again.",
			"# tonnage: ignore=pattern-dead until=2020-01-31",
			"settle the matter, or set a new date" },
	[RULE_SUPPRESSION_BAD] = { "suppression-bad", CHECK_WARNING, false,
			"a suppression that cannot be read",
			"The comment starts with \"tonnage:\" and does not say ignore=RULE, or "
			"names no rule.",
			"# tonnage: ignore=pattern-ded",
			"write # tonnage: ignore=RULE reason=\"...\" "
			"until=YYYY-MM-DD" },
	[RULE_POLICY_UNUSED] = { "policy-unused", CHECK_WARNING, false,
			"what .tonnage.yaml sets for a Dockerfile that is not there",
			"Its budgets and severities hold for no build. The name is relative to "
			".tonnage.yaml. The file may be on another branch; else the name is "
			"wrong.",
			"dockerfiles:\n  web/Dockerfle: { budgets: { bytes: 5MB } }",
			"correct the name, or take the section out" },
};

const struct check_rule *check_rule(enum check_rule_id id) {
	return &rules[id];
}

enum check_rule_id check_rule_find(struct str id) {
	for (int i = 0; i < CHECK_NRULES; i++) {
		if (str_eq(id, str_from(rules[i].id))) {
			return (enum check_rule_id)i;
		}
	}
	return CHECK_NRULES;
}

struct str check_rule_nearest(struct str id) {
	struct nearest near = nearest_to(id);

	for (int i = 0; i < CHECK_NRULES; i++) {
		nearest_offer(&near, str_from(rules[i].id));
	}
	return near.word;
}

const char *check_severity_name(enum check_severity severity) {
	static const char *const names[] = { "off", "note", "warning", "error" };

	return names[severity];
}

#include "support/expect.h"
#include "util/buf.h"
#include "util/shell.h"

static void dump(void *user, const struct shell_command *command) {
	struct buf *b = user;

	buf_append(b, b->len > 0 ? STR("; ") : STR(""));
	for (size_t i = 0; i < command->nwords; i++) {
		buf_printf(b, "%s[%.*s]", i > 0 ? " " : "", STR_FMT(command->words[i]));
	}
	for (size_t i = 0; i < command->nreads; i++) {
		buf_printf(b, " <[%.*s]", STR_FMT(command->reads[i]));
	}
}

static void expect(const char *text, const char *want) {
	struct arena *a = arena_create();
	struct buf b = { 0 };

	cr_assert(shell_each(a, str_from(text), dump, &b));
	EXPECT_STR(buf_str(&b), want);
	buf_fini(&b);
	arena_destroy(a);
}

Test(util_shell, separators_end_a_command) {
	expect("a b && c;d|e\nf & g", "[a] [b]; [c]; [d]; [e]; [f]; [g]");
}

Test(util_shell, quotes_and_backslashes_go) {
	expect("a 'b c' \"d e\" f\\ g \"\" h'i'j", "[a] [b c] [d e] [f g] [] [hij]");
	expect("a \\\n b", "[a] [b]");
}

Test(util_shell, keywords_are_no_commands) {
	expect("if ! a; then b; fi; while c; do d; done", "[a]; [b]; [c]; [d]");
}

Test(util_shell, redirections_are_no_words) {
	expect("a >out 2>&1 b < in 2>/dev/null", "[a] [b] <[in]");
}

Test(util_shell, substitutions_are_commands_of_their_own) {
	expect("a=$(b \"$(c d)\") e `f g`", "[c] [d]; [b] [$]; [f] [g]; [a=$] [e] [$]");
}

Test(util_shell, comments_and_heredocs_are_left_out) {
	expect("a # b c\nd#e", "[a]; [d#e]");
	expect("cat <<EOF >x\nnot a command\nEOF\nb", "[cat]; [b]");
}

Test(util_shell, a_text_that_ends_in_the_middle_is_read) {
	expect("a 'b", "[a] [b]");
	expect("a $(b", "[b]; [a] [$]");
	expect("a \\", "[a] [\\]");
	expect("cat <<X\nabc", "[cat]");
	expect("a >", "[a]");
}

static void first_line(void *user, const struct shell_command *command) {
	uint32_t *lines = user;

	lines[command->words[0].ptr[0] - 'a'] = command->line;
}

Test(util_shell, commands_have_their_line) {
	struct arena *a = arena_create();
	uint32_t lines[4] = { 0 };

	cr_assert(shell_each(a, STR("a\n\nb $(\n\nc)\ncat <<E\nx\nE\nd"), first_line, lines));
	cr_expect(eq(u32, lines[0], 0));
	cr_expect(eq(u32, lines[1], 2));
	cr_expect(eq(u32, lines[2], 5));
	cr_expect(eq(u32, lines[3], 8));
	arena_destroy(a);
}

static void expect_command(const char *text, const char *want) {
	struct str words[16] = { { 0 } }, rest = str_from(text);
	size_t n = 0;

	for (bool more = rest.len > 0; more; n++) {
		more = str_cut(rest, ' ', &words[n], &rest);
	}
	size_t skipped = shell_skip_wrappers(words, n);
	EXPECT_STR(skipped < n ? words[skipped] : STR("none"), want);
}

Test(util_shell, what_stands_before_a_command_is_not_it) {
	expect_command("rm -rf x", "rm");
	expect_command("A=1 B=2 rm x", "rm");
	expect_command("sudo -n rm x", "rm");
	expect_command("sudo -u root rm x", "rm");
	expect_command("/usr/bin/env -i -u HOME A=1 rm x", "rm");
	expect_command("exec nice -n 10 time rm x", "rm");
	expect_command("nice -n10 rm x", "rm");
	expect_command("./a=b x", "./a=b");
	expect_command("=x", "=x");
	expect_command("-c x", "-c");
	expect_command("sudo -u", "none");
	expect_command("A=1", "none");
	expect_command("", "none");
}

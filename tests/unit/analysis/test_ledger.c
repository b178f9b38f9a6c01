#include "support/expect.h"
#include "unit/analysis/analysed.h"
#include "util/buf.h"

/* "line pattern comes back/goes out; ..." */
static struct str told(const struct analysis *an, const struct analysis_ledger *ledger) {
	struct buf b = { 0 };

	for (size_t i = 0; i < ledger->ledger.nlines; i++) {
		const struct ledger_line *line = &ledger->ledger.lines[i];
		buf_printf(&b, "%s%u %s%.*s +%llu -%llu", i > 0 ? "; " : "", line->line,
				ledger->names[i].is_exception ? "!" : "",
				STR_FMT(ledger->names[i].text),
				(unsigned long long)line->comes_back.bytes,
				(unsigned long long)line->goes_out.bytes);
	}
	struct str kept = arena_copy(an->arena, buf_str(&b));
	buf_fini(&b);
	return kept;
}

static struct str of_file(const struct analysis *an) {
	struct analysis_ledger ledger;

	cr_assert(eq(int, analysis_ledger(an->arena, an, &an->builds[0], &ledger, NULL), TNG_OK));
	return told(an, &ledger);
}

static struct str of_text(const struct analysis *an, const char *text) {
	struct analysis_ledger ledger;

	cr_assert(eq(int,
			analysis_ledger_of(an->arena, an, &an->builds[0], str_from(text), &ledger,
					NULL),
			TNG_OK));
	return told(an, &ledger);
}

#define ITEMS "a.log=5 d/b.log=7 d/c=11 e=13"

Test(ledger_of_a_build, names_each_line_of_its_file) {
	struct analysis *an = analyse_small(ITEMS, "# c\n*.log\n\n/d/\n!d/c", TNG_ENGINE_BUILDKIT);

	EXPECT_STR(of_file(an), "2 *.log +5 -0; 4 d +7 -0; 5 !d/c +0 -11");
	analysis_destroy(an);
}

Test(ledger_of_a_build, another_text_is_weighed_in_the_place_of_the_file) {
	struct analysis *an = analyse_small(ITEMS, "*.log\nd", TNG_ENGINE_BUILDKIT);

	EXPECT_STR(of_text(an, "e\n"), "1 e +13 -0");
	EXPECT_STR(of_text(an, ""), "");
	analysis_destroy(an);
}

Test(ledger_of_a_build, a_bad_file_and_no_file_have_no_lines) {
	struct analysis *bad = analyse_small(ITEMS, "[", TNG_ENGINE_BUILDKIT);
	struct analysis *none = analyse_small(ITEMS, NULL, TNG_ENGINE_BUILDKIT);

	EXPECT_STR(of_file(bad), "");
	EXPECT_STR(of_file(none), "");
	analysis_destroy(bad);
	analysis_destroy(none);
}

Test(ledger_of_a_build, a_bad_text_is_an_error_with_its_line) {
	struct analysis *an = analyse_small(ITEMS, NULL, TNG_ENGINE_BUILDKIT);
	struct analysis_ledger ledger;
	struct tng_error err = { 0 };

	cr_expect(eq(int,
			analysis_ledger_of(
					an->arena, an, &an->builds[0], STR("e\n["), &ledger, &err),
			TNG_ESYNTAX));
	cr_expect(eq(u32, err.line, 2));
	analysis_destroy(an);
}

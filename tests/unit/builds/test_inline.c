/* Dockerfiles inside compose and bake files: "3+8 TEXT" is line 3, an indent of 8 bytes. */
#include "unit/builds/found.h"

#include "util/buf.h"

static struct str inline_in(const struct found *f) {
	struct buf b = { 0 };

	for (size_t i = 0; i < f->builds.n; i++) {
		const struct found_build *build = &f->builds.list[i];
		const struct dockerfile_place *at = &build->inline_place;
		buf_printf(&b, "%u+%u%s%s%s %.*s\n", at->line, at->indent,
				at->is_one_line ? " one line" : "",
				at->has_no_columns && !at->is_one_line ? " no columns" : "",
				build->inline_is_known ? "" : " unknown",
				STR_FMT(build->inline_text));
	}
	struct str copy = arena_copy(f->arena, buf_str(&b));
	buf_fini(&b);
	return copy;
}

#define EXPECT_INLINE(text, want)                                                                  \
	do {                                                                                       \
		struct found f_ = found_in(text);                                                  \
		EXPECT_STR(inline_in(&f_), want);                                                  \
		found_fini(&f_);                                                                   \
	} while (0)

#define COMPOSE "== compose.yml\nservices:\n  a:\n    build:\n      dockerfile_inline: "
#define BAKE "== docker-bake.hcl\n"

Test(builds_inline, a_literal_text_has_the_lines_of_the_file) {
	EXPECT_INLINE(COMPOSE "|\n        FROM a\n          COPY b /\n",
			"5+8 FROM a\n  COPY b /\n\n");
	EXPECT_INLINE(COMPOSE "|-\n\n        FROM a\n", "5+8 \nFROM a\n");
	EXPECT_INLINE(COMPOSE "|2\n          FROM a\n", "5+8   FROM a\n\n");
}

Test(builds_inline, an_alias_stands_where_its_anchor_does) {
	EXPECT_INLINE("== compose.yml\nx-df: &df |\n  FROM a\nservices:\n  a:\n    build:\n"
		      "      dockerfile_inline: *df\n",
			"2+2 FROM a\n\n");
}

Test(builds_inline, another_text_of_yaml_stands_where_it_begins) {
	EXPECT_INLINE(COMPOSE "\"FROM a\\nCOPY b /\"\n", "4+0 one line FROM a\nCOPY b /\n");
	EXPECT_INLINE(COMPOSE ">\n        FROM a\n\n        COPY b /\n",
			"5+0 one line FROM a\nCOPY b /\n\n");
}

Test(builds_inline, compose_puts_variables_in) {
	EXPECT_INLINE(COMPOSE "|\n       COPY $${A}$$B ${C:-c} /\n",
			"5+7 no columns COPY ${A}$B c /\n\n");
	EXPECT_INLINE(COMPOSE "|\n       COPY ${A} $$B /\n",
			"5+7 no columns unknown COPY ${A} $$B /\n\n");
	EXPECT_INLINE(COMPOSE "|\n       COPY $A /\n", "5+7 no columns unknown COPY $A /\n\n");
	EXPECT_INLINE(COMPOSE "|\n       COPY ${A:-$B} /\n",
			"5+7 no columns unknown COPY ${A:-$B} /\n\n");
}

Test(builds_inline, compose_takes_variables_from_the_env_file_beside_it) {
	EXPECT_INLINE("== .env\nA=lib\nB=$HOME\n" COMPOSE "|\n       COPY ${A:-x} $A /\n",
			"5+7 no columns COPY lib lib /\n\n");
	EXPECT_INLINE("== .env\nB=$HOME\n" COMPOSE "|\n       COPY ${B:-x} /\n",
			"5+7 no columns unknown COPY ${B:-x} /\n\n");
}

Test(builds_inline, a_heredoc_of_bake_has_the_lines_of_the_file) {
	EXPECT_INLINE(BAKE
			"target \"a\" {\n  dockerfile-inline = <<EOT\n  FROM a\nCOPY b /\nEOT\n}\n",
			"3+0   FROM a\nCOPY b /\n\n");
	EXPECT_INLINE(BAKE "target \"a\" {\n  dockerfile-inline = <<-EOT\n    FROM a\n\n"
			   "      COPY b /\n  EOT\n}\n",
			"3+4 FROM a\n\n  COPY b /\n\n");
}

Test(builds_inline, bake_puts_variables_in) {
	EXPECT_INLINE(BAKE "variable \"V\" { default = \"v\" }\ntarget \"a\" {\n"
			   "  dockerfile-inline = <<EOT\nCOPY $A ${V} $${V} %%{x} /\nEOT\n}\n",
			"4+0 no columns COPY $A v ${V} %{x} /\n\n");
	EXPECT_INLINE(BAKE "target \"a\" {\n  dockerfile-inline = <<EOT\nCOPY ${f(1)} /\nEOT\n}\n",
			"3+0 unknown COPY ${f(1)} /\n\n");
	EXPECT_INLINE(BAKE "variable \"V\" {\n  default = <<D\nFROM a\nCOPY b /\nD\n}\n"
			   "target \"a\" {\n  dockerfile-inline = V\n}\n",
			"8+0 one line FROM a\nCOPY b /\n\n");
	EXPECT_INLINE(BAKE "variable \"V\" {\n  default = <<D\nRUN a\nRUN b\nD\n}\n"
			   "target \"a\" {\n  dockerfile-inline = <<EOT\nFROM a\n${V}EOT\n}\n",
			"9+0 one line FROM a\nRUN a\nRUN b\nEOT\n}\n\n");
}

Test(builds_inline, a_string_of_bake_has_its_escapes_read) {
	EXPECT_INLINE(BAKE "target \"a\" {\n  dockerfile-inline = \"FROM a\\n\\tRUN "
			   "\\\"\\u00e9\\\"\"\n}\n",
			"2+0 one line FROM a\n\tRUN \"\xC3\xA9\"\n");
	EXPECT_INLINE("== docker-bake.json\n{ \"target\": {\n  \"a\": { \"context\": \".\",\n"
		      "    \"dockerfile-inline\": \"FROM a\\nRUN b\" } } }\n",
			"3+0 one line FROM a\nRUN b\n");
}

Test(builds_inline, what_is_computed_is_no_other_dockerfile) {
	EXPECT_INLINE(BAKE "target \"a\" {\n  dockerfile-inline = f(\"x\")\n  target = \"t\"\n}\n",
			"2+0 one line unknown computed\n");
}

Test(builds_inline, an_heir_has_its_parents_with_the_place) {
	EXPECT_INLINE(BAKE "target \"_p\" {\n  dockerfile-inline = <<EOT\nFROM a\nEOT\n}\n"
			   "target \"a\" {\n  inherits = [\"_p\"]\n}\n",
			"3+0 FROM a\n\n");
}

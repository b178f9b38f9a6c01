/* How far a file gets: the line it is taken on, and the line that brings it into the image. */
#include "unit/check/checked.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define ITEMS "Dockerfile app/ app/key app/lib/ app/lib/a notes"

struct way {
	const char *dockerfile;
	uint32_t line; /* of the finding; 0: it is only sent */
	bool is_in_image;
};

static void follow(const struct way *way) {
	struct checked c = { 0 };
	struct check_result result;
	const struct dockerfile *df;
	const struct build_sources *sources;

	checked_open(&c, ITEMS, "");
	cr_assert(dockerfile_parse(c.arena, str_from(way->dockerfile), &df, NULL) == TNG_OK);
	cr_assert(dockerfile_resolve(c.arena, df, NULL, &sources, NULL) == TNG_OK);
	struct check_secret secret = { .row = tree_find(c.tree, STR("app/key")),
		.severity = CLASS_SEVERITY_CRITICAL };
	c.context.dockerfile = STR("Dockerfile");
	c.build.dockerfile = df;
	c.build.sources = sources;
	c.input.secrets = &secret;
	c.input.nsecrets = 1;
	cr_assert(check_run(c.arena, &c.input, &result, NULL) == TNG_OK);
	const struct check_finding *in_image = checked_find(&result, RULE_SECRET_IN_IMAGE),
				   *in_stage = checked_find(&result, RULE_SECRET_IN_STAGE),
				   *sent = checked_find(&result, RULE_SECRET_SENT);
	const struct check_finding *f = in_image != NULL ? in_image : in_stage;
	cr_expect((sent != NULL) == (way->line == 0), "%s", way->dockerfile);
	cr_expect((in_image != NULL) == way->is_in_image, "%s", way->dockerfile);
	cr_expect((f != NULL ? f->line : 0) == way->line, "%s: line %u", way->dockerfile,
			f != NULL ? f->line : 0);
	checked_close(&c);
}

static void follow_all(const struct way *ways, size_t n) {
	for (size_t i = 0; i < n; i++) {
		follow(&ways[i]);
	}
}

#define FOLLOW_ALL(ways) follow_all(ways, sizeof(ways) / sizeof((ways)[0]))

Test(check_route, what_the_image_itself_copies_is_in_it_whatever_comes_later) {
	static const struct way ways[] = {
		{ "FROM alpine\nCOPY . /app\nRUN rm /app/app/key\n", 2, true },
		{ "FROM alpine AS base\nCOPY app /app\nRUN rm -r /app\nFROM base\n", 2, true },
		{ "FROM alpine AS a\nCOPY . /a\nFROM alpine\nCOPY --from=a /b /b\nADD app /x\n", 5,
				true },
		{ "FROM alpine\nRUN --mount=target=/in cp /in/app/key /key\n", 0, false },
		{ "FROM alpine\nCOPY notes /\n", 0, false },
	};

	FOLLOW_ALL(ways);
}

Test(check_route, copy_from_carries_what_lies_below_its_source) {
	static const struct way ways[] = {
		{ "FROM x AS a\nWORKDIR /w\nCOPY . .\nFROM y\nCOPY --from=a /w /w\n", 5, true },
		{ "FROM x AS a\nWORKDIR /w\nCOPY . .\nFROM y\nCOPY --from=0 w/app/key /\n", 5,
				true },
		{ "FROM x AS a\nWORKDIR /w\nCOPY . .\nFROM y\nCOPY --from=A / /\n", 5, true },
		{ "FROM x AS a\nWORKDIR /w\nCOPY . .\nFROM y\nCOPY --from=a /w/app/k* /\n", 5,
				true },
		{ "FROM x AS a\nWORKDIR /w\nCOPY . .\nFROM y\nCOPY --from=a /w/*/lib /\n", 3,
				false },
		{ "FROM x AS a\nWORKDIR /w\nCOPY . .\nFROM y\nCOPY --from=a /w/app/lib /\n", 3,
				false },
		{ "FROM x AS a\nWORKDIR /w\nCOPY . .\nFROM y\nCOPY --from=a /wider /\n", 3, false },
		{ "FROM x AS a\nWORKDIR /w\nCOPY . .\nFROM y\nCOPY --from=a --exclude=app /w /\n",
				3, false },
		/* a folder's name is not copied; a file's is */
		{ "FROM x AS a\nCOPY app /w\nFROM y\nCOPY --from=a /w/key /\n", 4, true },
		{ "FROM x AS a\nCOPY app /w\nFROM y\nCOPY --from=a /w/app /\n", 2, false },
		{ "FROM x AS a\nCOPY --parents app /w\nFROM y\nCOPY --from=a /w/app /\n", 4, true },
		{ "FROM x AS a\nCOPY app/key /w\nFROM y\nCOPY --from=a /w/key /\n", 2, false },
		{ "FROM x AS a\nCOPY app/key /w/\nFROM y\nCOPY --from=a /w/key /\n", 4, true },
		{ "FROM x AS a\nCOPY app/key notes /w\nFROM y\nCOPY --from=a /w/key /\n", 4, true },
		{ "FROM x AS a\nWORKDIR /w/d\nCOPY app/key /w\nFROM y\nCOPY --from=a /w/key /\n", 5,
				true },
		{ "FROM x AS a\nCOPY app/* /w/\nFROM y\nCOPY --from=a /w/key /\n", 4, true },
	};

	FOLLOW_ALL(ways);
}

Test(check_route, stages_in_between_are_followed) {
	static const struct way ways[] = {
		{ "FROM x AS a\nCOPY app /w\nFROM a AS b\nFROM y\nCOPY --from=b /w /\n", 5, true },
		{ "FROM x AS a\nWORKDIR /w\nFROM a AS b\nCOPY app sub\nFROM y\nCOPY --from=b "
		  "/w/sub/key /\n",
				6, true },
		{ "FROM x AS a\nCOPY app /w\nFROM y AS b\nCOPY --from=a /w/key /v/\nFROM z\nCOPY "
		  "--from=b /v /\n",
				6, true },
		{ "FROM x AS a\nCOPY app /w\nFROM y AS b\nCOPY --from=a /w/lib /v/\nFROM z\nCOPY "
		  "--from=b /v /\n",
				2, false },
		{ "FROM x AS a\nCOPY app /w\nFROM y AS b\nCOPY --from=a /w /v\nFROM b\n", 4, true },
		/* a mount puts nothing into a layer */
		{ "FROM x AS a\nCOPY app /w\nFROM y\nRUN --mount=from=a,target=/in cp /in/w/key "
		  "/\n",
				2, false },
	};

	FOLLOW_ALL(ways);
}

Test(check_route, what_is_not_known_stays_in_its_stage) {
	static const struct way ways[] = {
		/* the image may set WORKDIR; the whole of the stage has it wherever it is */
		{ "FROM x AS a\nCOPY app .\nFROM y\nCOPY --from=a /key /\n", 2, false },
		{ "FROM x AS a\nCOPY app .\nFROM y\nCOPY --from=a / /all\n", 4, true },
		{ "FROM scratch AS a\nCOPY app .\nFROM y\nCOPY --from=a /key /\n", 4, true },
		{ "ARG D\nFROM x AS a\nARG D\nCOPY app /$D\nFROM y\nCOPY --from=a /w /\n", 4,
				false },
		{ "FROM x AS a\nARG D=w\nCOPY app /$D\nFROM y\nCOPY --from=a /w /\n", 5, true },
		{ "FROM x AS a\nCOPY app /w\nFROM y\nARG D\nCOPY --from=a /$D /\n", 2, false },
		/* steps that may have moved or deleted it, and steps that have not */
		{ "FROM x AS a\nCOPY app /w\nRUN rm -f /w/key\nFROM y\nCOPY --from=a /w /\n", 2,
				false },
		{ "FROM x AS a\nCOPY app /w\nRUN cd /w && rm *\nFROM y\nCOPY --from=a /w /\n", 2,
				false },
		{ "FROM x AS a\nCOPY app /w\nRUN mv ./w /v\nFROM y\nCOPY --from=a /w /\n", 2,
				false },
		{ "FROM x AS a\nCOPY app /w\nRUN rm -r $X\nFROM y\nCOPY --from=a /w /\n", 2,
				false },
		{ "FROM x AS a\nCOPY app /w\nRUN [\"rm\", \"/w/key\"]\nFROM y\nCOPY --from=a /w "
		  "/\n",
				2, false },
		{ "FROM x AS a\nCOPY app /w\nRUN <<E\nrm /w/key\nE\nFROM y\nCOPY --from=a /w /\n",
				2, false },
		{ "FROM x AS a\nCOPY app /w\nRUN find / -name key -delete\nFROM y\nCOPY --from=a "
		  "/w /\n",
				2, false },
		{ "FROM x AS a\nCOPY app /w\nFROM a AS b\nRUN rm /w/key\nFROM y\nCOPY --from=b /w "
		  "/\n",
				2, false },
		{ "FROM x AS a\nCOPY app /w\nFROM a AS b\nRUN rm /w/key\nFROM y\nCOPY --from=a /w "
		  "/\nCOPY --from=b /v /v\n",
				6, true },
		{ "FROM x AS a\nCOPY app /w\nRUN rm -rf /tmp/* /w/keys lib && make\nFROM y\nCOPY "
		  "--from=a /w /\n",
				5, true },
		{ "FROM x AS a\nCOPY app /w\nRUN A=1 sudo -n rm /w/key\nFROM y\nCOPY --from=a /w "
		  "/\n",
				2, false },
		{ "FROM x AS a\nRUN rm -rf /w\nCOPY app /w\nFROM y\nCOPY --from=a /w /\n", 5,
				true },
		{ "FROM x AS a\nCOPY app /w\nRUN find /w -type f\nFROM y\nCOPY --from=a /w /\n", 5,
				true },
	};

	FOLLOW_ALL(ways);
}

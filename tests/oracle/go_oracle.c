#include "oracle/go_oracle.h"

#include "util/buf.h"
#include "util/file.h"

#include <jansson.h>

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const api_names[NEVALUATIONS] = { "chain", "orparent", "deprecated" };

const char *evaluation_name(enum evaluation e) {
	static const char *const words[NEVALUATIONS] = { "walk", "whole", "legacy" };

	return words[e];
}

bool answer_init(struct arena *a, const struct question *q, struct answer *out) {
	*out = (struct answer){ 0 };
	for (size_t e = 0; e < NEVALUATIONS; e++) {
		out->cells[e] = arena_new(a, struct cell, q->npaths);
		if (out->cells[e] == NULL) {
			return false;
		}
		for (size_t i = 0; i < q->npaths; i++) {
			out->cells[e][i] = (struct cell){ '?', "not answered", CELL_NO_DECIDER };
		}
	}
	return true;
}

/* ---- requests ---- */

static void put_base64(struct buf *b, struct str s) {
	static const char digits[] =
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	buf_putc(b, '"');
	for (size_t i = 0; i < s.len; i += 3) {
		uint32_t v = 0;
		size_t n = s.len - i < 3 ? s.len - i : 3;

		for (size_t j = 0; j < 3; j++) {
			v = v << 8 | (j < n ? (unsigned char)s.ptr[i + j] : 0U);
		}
		for (size_t j = 0; j < 4; j++) {
			buf_putc(b, j <= n ? digits[v >> (18 - 6 * j) & 63] : '=');
		}
	}
	buf_putc(b, '"');
}

static void put_list(struct buf *b, const char *name, const struct str *list, size_t n) {
	buf_printf(b, "\"%s\":[", name);
	for (size_t i = 0; i < n; i++) {
		buf_append(b, i > 0 ? STR(",") : STR(""));
		put_base64(b, list[i]);
	}
	buf_putc(b, ']');
}

/* The library panics when a matcher meets its bad regexp again: such lists get a fresh one a path. */
static bool may_hold_bad_regexp(const struct question *q) {
	for (size_t i = 0; i < q->npatterns; i++) {
		for (size_t j = 0; j < q->patterns[i].len; j++) {
			if (memchr("\\[]{", q->patterns[i].ptr[j], 4) != NULL) {
				return true;
			}
		}
	}
	return false;
}

void go_oracle_put_request(struct buf *b, const struct question *q, enum evaluation e) {
	bool buildah = q->dialect == IGNORE_BUILDAH;

	buf_printf(b, "{\"api\":\"%s\",", buildah ? "storage" : api_names[e]);
	if (!buildah && may_hold_bad_regexp(q)) {
		buf_append(b, STR("\"fresh\":true,"));
	}
	put_list(b, "patterns_b64", q->patterns, q->npatterns);
	buf_putc(b, ',');
	put_list(b, "paths_b64", q->paths, q->npaths);
	buf_append(b, STR("}\n"));
}

/* ---- the child ---- */

struct child {
	pid_t pid;
	FILE *out;
	FILE *errors;
};

static bool child_spawn(
		struct child *c, const char *program, const char *mode, int in, int out, int err) {
	posix_spawn_file_actions_t actions;
	char *argv[] = { strdup(program), strdup(mode), NULL };
	int status;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	status = argv[0] != NULL && argv[1] != NULL
			? posix_spawn(&c->pid, program, &actions, NULL, argv, environ)
			: ENOMEM;
	posix_spawn_file_actions_destroy(&actions);
	free(argv[0]);
	free(argv[1]);
	if (status != 0) {
		fprintf(stderr, "diff-match: %s: %s\n", program, strerror(status));
	}
	return status == 0;
}

static bool child_start(struct child *c, const char *program, const char *mode, struct str input) {
	FILE *in = tmpfile();
	int ends[2] = { -1, -1 };
	bool ok;

	*c = (struct child){ .errors = tmpfile() };
	ok = in != NULL && c->errors != NULL && pipe(ends) == 0 &&
			file_write_all(fileno(in), input) == 0 &&
			lseek(fileno(in), 0, SEEK_SET) == 0 &&
			child_spawn(c, program, mode, fileno(in), ends[1], fileno(c->errors));
	if (in != NULL) {
		fclose(in);
	}
	if (ends[1] >= 0) {
		close(ends[1]);
	}
	if (ok) {
		c->out = fdopen(ends[0], "r");
		return c->out != NULL;
	}
	if (ends[0] >= 0) {
		close(ends[0]);
	}
	if (c->errors != NULL) {
		fclose(c->errors);
	}
	return false;
}

/* Wait for it; what it said goes to stderr when it did not end well. */
static bool child_end(struct child *c) {
	char text[4096];
	int status = 0;
	size_t n;

	fclose(c->out);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR) {
	}
	if (status != 0) {
		fprintf(stderr, "diff-match: the oracle ended with status 0x%x:\n",
				(unsigned)status);
		rewind(c->errors);
		while ((n = fread(text, 1, sizeof(text), c->errors)) > 0) {
			fwrite(text, 1, n, stderr);
		}
	}
	fclose(c->errors);
	return status == 0;
}

static json_t *child_line(struct child *c, char **line, size_t *cap) {
	ssize_t n = getline(line, cap, c->out);
	json_error_t error;
	json_t *value;

	if (n <= 0) {
		fprintf(stderr, "diff-match: the oracle gave too few answers\n");
		return NULL;
	}
	value = json_loadb(*line, (size_t)n, JSON_ALLOW_NUL, &error);
	if (value == NULL) {
		fprintf(stderr, "diff-match: oracle: %s: %.*s\n", error.text, (int)n, *line);
	}
	return value;
}

/* ---- answers ---- */

/* The text of a member in the arena; NULL when there is none. */
static const char *text_of(struct arena *a, json_t *object, const char *name) {
	json_t *value = json_object_get(object, name);

	return json_is_string(value) ? arena_copy(a,
						       str_make(json_string_value(value),
								       json_string_length(value)))
						       .ptr
				     : NULL;
}

static bool take_match(struct arena *a, json_t *json, const struct question *q, struct cell *cells,
		const char **refused) {
	const char *matched = json_string_value(json_object_get(json, "matched"));
	const char *error = text_of(a, json, "error");
	json_t *errors = json_object_get(json, "path_errors");

	*refused = error;
	if (error != NULL) {
		return true;
	}
	if (matched == NULL || strlen(matched) != q->npaths) {
		fprintf(stderr, "diff-match: oracle: not an answer\n");
		return false;
	}
	for (size_t i = 0; i < q->npaths; i++) {
		char key[24];
		const char *text;

		snprintf(key, sizeof(key), "%zu", i);
		text = text_of(a, errors, key);
		cells[i] = (struct cell){ matched[i], text != NULL ? text : "", CELL_NO_DECIDER };
	}
	return true;
}

bool go_oracle_match(const char *program, struct arena *a, const struct question *questions,
		size_t n, struct answer *answers) {
	struct buf requests = { 0 };
	struct child child;
	char *line = NULL;
	size_t cap = 0;
	bool ok;

	for (size_t i = 0; i < n * NEVALUATIONS; i++) {
		go_oracle_put_request(&requests, &questions[i / NEVALUATIONS],
				(enum evaluation)(i % NEVALUATIONS));
	}
	ok = !buf_failed(&requests) && child_start(&child, program, "match", buf_str(&requests));
	buf_fini(&requests);
	if (!ok) {
		return false;
	}
	for (size_t i = 0; ok && i < n * NEVALUATIONS; i++) {
		struct answer *to = &answers[i / NEVALUATIONS];
		const struct question *q = &questions[i / NEVALUATIONS];
		json_t *json = child_line(&child, &line, &cap);

		ok = json != NULL && (i % NEVALUATIONS > 0 || answer_init(a, q, to)) &&
				take_match(a, json, q, to->cells[i % NEVALUATIONS], &to->refused);
		json_decref(json);
	}
	free(line);
	return child_end(&child) && ok;
}

static int base64_value(char c) {
	return c >= 'A' && c <= 'Z'            ? c - 'A'
			: c >= 'a' && c <= 'z' ? c - 'a' + 26
			: c >= '0' && c <= '9' ? c - '0' + 52
			: c == '+'             ? 62
			: c == '/'             ? 63
					       : -1;
}

static struct str from_base64(struct arena *a, const char *text) {
	struct buf b = { 0 };
	struct str out;
	uint32_t bits = 0;
	unsigned nbits = 0;

	for (; base64_value(*text) >= 0; text++) {
		bits = bits << 6 | (uint32_t)base64_value(*text);
		nbits += 6;
		if (nbits >= 8) {
			nbits -= 8;
			buf_putc(&b, (char)(unsigned char)(bits >> nbits & 255));
		}
	}
	out = arena_copy(a, buf_str(&b));
	buf_fini(&b);
	return out;
}

static bool take_file(struct arena *a, json_t *json, struct file_answer *out) {
	json_t *encoded = json_object_get(json, "patterns_b64");
	json_t *list = encoded != NULL ? encoded : json_object_get(json, "patterns");

	*out = (struct file_answer){ .error = text_of(a, json, "error"),
		.new_error = text_of(a, json, "new_error") };
	out->npatterns = json_array_size(list);
	out->patterns = arena_new(a, struct str, out->npatterns);
	for (size_t i = 0; out->patterns != NULL && i < out->npatterns; i++) {
		json_t *item = json_array_get(list, i);
		struct str text = str_make(json_string_value(item), json_string_length(item));

		out->patterns[i] = encoded != NULL ? from_base64(a, text.ptr) : arena_copy(a, text);
		if (out->patterns[i].ptr == NULL) {
			return false;
		}
	}
	return out->patterns != NULL;
}

bool go_oracle_read(const char *program, struct arena *a, const struct str *texts, size_t n,
		struct file_answer *answers) {
	struct buf requests = { 0 };
	struct child child;
	char *line = NULL;
	size_t cap = 0;
	bool ok;

	for (size_t i = 0; i < n; i++) {
		buf_append(&requests, STR("{\"text_b64\":"));
		put_base64(&requests, texts[i]);
		buf_append(&requests, STR("}\n"));
	}
	ok = !buf_failed(&requests) &&
			child_start(&child, program, "ignorefile", buf_str(&requests));
	buf_fini(&requests);
	if (!ok) {
		return false;
	}
	for (size_t i = 0; ok && i < n; i++) {
		json_t *json = child_line(&child, &line, &cap);

		ok = json != NULL && take_file(a, json, &answers[i]);
		json_decref(json);
	}
	free(line);
	return child_end(&child) && ok;
}

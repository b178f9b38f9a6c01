#include "classify/prober.h"

#include "classify/literals.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <errno.h>
#include <fcntl.h>
#include <pcre2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Enough for every probe on ordinary text; a text that needs more is no match. */
#define MATCH_LIMIT 200000U
#define BINARY_LOOK_BYTES 8192U

struct prober {
	const struct tree *tree;
	int root_fd;
	struct tree_opener *opener;
	char *head;
	uint32_t row; /* of the head */
	size_t asked, len;
	enum probe_view view;
	uint64_t nfiles, bytes;
	pcre2_code **codes; /* by probe, compiled when first wanted */
	pcre2_match_data *match;
	pcre2_match_context *limits;
	bool failed;
};

struct prober *prober_create(const struct tree *tree, int root_fd) {
	struct prober *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		return NULL;
	}
	p->tree = tree;
	p->root_fd = root_fd;
	p->row = TREE_NO_ROW;
	p->codes = calloc(class_nprobes, sizeof(pcre2_code *));
	p->match = pcre2_match_data_create(4, NULL);
	p->limits = pcre2_match_context_create(NULL);
	p->head = root_fd >= 0 ? malloc(PROBER_HEAD_BYTES) : NULL;
	p->opener = root_fd >= 0 ? tree_opener_create(tree, root_fd) : NULL;
	if (p->codes == NULL || p->match == NULL || p->limits == NULL ||
			(root_fd >= 0 && (p->head == NULL || p->opener == NULL))) {
		prober_destroy(p);
		return NULL;
	}
	(void)pcre2_set_match_limit(p->limits, MATCH_LIMIT);
	return p;
}

void prober_destroy(struct prober *p) {
	if (p == NULL) {
		return;
	}
	for (unsigned i = 0; p->codes != NULL && i < class_nprobes; i++) {
		pcre2_code_free(p->codes[i]);
	}
	pcre2_match_data_free(p->match);
	pcre2_match_context_free(p->limits);
	tree_opener_destroy(p->opener);
	free(p->codes);
	free(p->head);
	free(p);
}

/* The bytes read, -1 when it cannot be. */
static ssize_t read_head(struct prober *p, uint32_t row, size_t max_bytes) {
	int fd = tree_opener_file(p->opener, row);
	ssize_t n = -1;

	if (fd < 0) {
		return -1;
	}
	do {
		n = pread(fd, p->head, max_bytes, 0);
	} while (n < 0 && errno == EINTR);
	(void)close(fd);
	return n;
}

/* A file of nothing but NUL is a hole that nobody filled: it says nothing about what belongs there. */
static enum probe_view view_of(const char *head, size_t len) {
	size_t look = len < BINARY_LOOK_BYTES ? len : BINARY_LOOK_BYTES;

	if (look == 0 || memchr(head, '\0', look) == NULL) {
		return PROBE_TEXT;
	}
	return head[0] == '\0' && memcmp(head, head + 1, look - 1) == 0 ? PROBE_UNSEEN
									: PROBE_BINARY;
}

enum probe_view prober_head(struct prober *p, uint32_t row, size_t max_bytes, struct str *head) {
	const struct entry *entry = tree_entry(p->tree, row);
	size_t want = max_bytes < PROBER_HEAD_BYTES ? max_bytes : PROBER_HEAD_BYTES;

	*head = STR("");
	if (p->root_fd < 0 || !entry_is_file(entry) || entry->os_errno != 0) {
		return PROBE_UNSEEN;
	}
	if (p->row != row || p->asked < want) {
		bool again = p->row == row;
		p->row = row;
		p->asked = want;
		p->len = 0;
		p->view = PROBE_UNSEEN;
		if ((!again && p->nfiles >= PROBER_FILES_MAX) ||
				p->bytes + want > PROBER_TOTAL_BYTES) {
			return PROBE_UNSEEN;
		}
		ssize_t n = read_head(p, row, want);
		p->nfiles += !again;
		if (n >= 0) {
			p->len = (size_t)n;
			p->bytes += (uint64_t)n;
			p->view = view_of(p->head, p->len);
		}
	}
	*head = str_make(p->head, p->len < want ? p->len : want);
	return p->view;
}

static pcre2_code *compile(struct prober *p, const char *regex, size_t len) {
	int code = 0;
	PCRE2_SIZE at = 0;
	pcre2_code *made = pcre2_compile((PCRE2_SPTR)regex, len, 0, &code, &at, NULL);

	p->failed = p->failed || made == NULL;
	if (made != NULL) {
		(void)pcre2_jit_compile(made, PCRE2_JIT_COMPLETE); /* without it: slower */
	}
	return made;
}

static bool find(const struct prober *p, const pcre2_code *code, struct str text, size_t from,
		size_t *start, size_t *end) {
	int n = pcre2_match(code, (PCRE2_SPTR)text.ptr, text.len, from, 0, p->match, p->limits);
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(p->match);

	if (n < 0) {
		return false;
	}
	*start = at[0];
	*end = at[1];
	return true;
}

static uint32_t line_of(struct str text, size_t at) {
	uint32_t line = 1;

	for (size_t i = 0; i < at && i < text.len; i++) {
		line += text.ptr[i] == '\n';
	}
	return line;
}

static bool is_word_in(struct str text, const char *word) {
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= text.len; i++) {
		if (str_eq_nocase(str_make(text.ptr + i, len), str_make(word, len))) {
			return true;
		}
	}
	return false;
}

/* Values that documents show: none of them opens anything. */
static bool is_placeholder(struct str value) {
	static const char *const words[] = { "example", "xxxx", "your", "changeme", "placeholder",
		"000000", "123456789", "abcdefgh", "dummy", "redacted", "****" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (is_word_in(value, words[i])) {
			return true;
		}
	}
	return false;
}

bool prober_match(struct prober *p, unsigned probe, struct str text, uint32_t *line) {
	const struct probe_row *row = &class_probes[probe];
	size_t start = 0, end = 0;

	if (p->codes[probe] == NULL && !p->failed) {
		struct str regex = class_text(row->regex);
		p->codes[probe] = compile(p, regex.ptr, regex.len);
	}
	if (p->codes[probe] == NULL) {
		return false;
	}
	for (size_t from = 0; find(p, p->codes[probe], text, from, &start, &end); from = end) {
		if (end == start) {
			return false;
		}
		if (row->reach != PROBE_TOKEN ||
				!is_placeholder(str_make(text.ptr + start, end - start))) {
			*line = line_of(text, start);
			return true;
		}
	}
	return false;
}

unsigned prober_match_any(struct prober *p, struct str text, uint32_t *line) {
	uint64_t likely = literals_in(text);

	for (unsigned i = 0; i < class_nprobes; i++) {
		if ((likely >> i & 1) != 0 && prober_match(p, i, text, line)) {
			return i;
		}
	}
	return class_nprobes;
}

uint64_t prober_nfiles(const struct prober *p) {
	return p->nfiles;
}

uint64_t prober_bytes(const struct prober *p) {
	return p->bytes;
}

bool prober_failed(const struct prober *p) {
	return p->failed;
}

/*
 * YAML as nodes, from libyaml's events. An alias is the node of its anchor itself, so what it costs is
 * what is written; whoever walks nodes bounds the depth.
 */
#include "builds/internal.h"

#include <stdlib.h>
#include <yaml.h>

/** Nodes of one file. */
#define YAML_NODES_MAX ((size_t)1 << 18)

struct anchor {
	struct str name;
	struct yaml_node *node;
};

struct loader {
	struct finder *f;
	yaml_parser_t parser;
	struct yaml_node *stack[BUILDS_DEPTH_MAX * 2];
	struct yaml_node *pending_key[BUILDS_DEPTH_MAX * 2]; /* of a map: its value comes next */
	size_t depth;
	size_t nnodes;
	struct {
		VEC_FIELDS(struct anchor)
	} anchors;
	bool is_bad; /* too deep, too large, or no YAML */
};

static bool grow(struct loader *l, struct yaml_node *node) {
	if (node->n < node->cap) {
		return true;
	}
	size_t cap = node->cap > 0 ? node->cap * 2 : 4;
	const struct yaml_node **keys = arena_new(l->f->a, const struct yaml_node *, cap);
	const struct yaml_node **items = arena_new(l->f->a, const struct yaml_node *, cap);
	if (keys == NULL || items == NULL) {
		l->f->failed = true;
		return false;
	}
	if (node->n > 0) {
		memcpy(keys, node->keys, node->n * sizeof(struct yaml_node *));
		memcpy(items, node->items, node->n * sizeof(struct yaml_node *));
	}
	node->keys = keys;
	node->items = items;
	node->cap = cap;
	return true;
}

/* Puts a node where it belongs: a list's item, a map's key or the value of the key before. */
static void place(struct loader *l, struct yaml_node *node) {
	struct yaml_node *in = l->stack[l->depth - 1];
	struct yaml_node **key = &l->pending_key[l->depth - 1];

	if (in->kind == YAML_MAP && *key == NULL) {
		*key = node;
		return;
	}
	if (grow(l, in)) {
		in->keys[in->n] = *key;
		in->items[in->n++] = node;
	}
	*key = NULL;
}

static struct yaml_node *new_node(struct loader *l, enum yaml_kind kind, const yaml_event_t *event,
		const yaml_char_t *anchor) {
	struct yaml_node *node = arena_new(l->f->a, struct yaml_node, 1);

	l->is_bad |= ++l->nnodes > YAML_NODES_MAX;
	if (node == NULL) {
		l->f->failed = true;
		return NULL;
	}
	node->kind = kind;
	node->line = (uint32_t)event->start_mark.line + 1;
	if (anchor != NULL) {
		struct anchor *a = VEC_PUSH(&l->anchors);
		struct str name = arena_copy(l->f->a, str_from((const char *)anchor));
		l->f->failed |= a == NULL || name.ptr == NULL;
		if (a != NULL) {
			*a = (struct anchor){ name, node };
		}
	}
	return node;
}

static struct yaml_node *find_anchor(const struct loader *l, const yaml_char_t *name) {
	for (size_t i = l->anchors.len; i > 0; i--) {
		if (str_eq(l->anchors.ptr[i - 1].name, str_from((const char *)name))) {
			return l->anchors.ptr[i - 1].node;
		}
	}
	return NULL;
}

static void open_node(struct loader *l, struct yaml_node *node) {
	if (node == NULL || l->depth == (size_t)BUILDS_DEPTH_MAX * 2) {
		l->is_bad = true;
		return;
	}
	place(l, node);
	l->pending_key[l->depth] = NULL;
	l->stack[l->depth++] = node;
}

static void take_scalar(struct loader *l, const yaml_event_t *event) {
	struct yaml_node *node = new_node(l, YAML_TEXT, event, event->data.scalar.anchor);

	if (node == NULL) {
		return;
	}
	node->text = arena_copy(l->f->a,
			str_make((const char *)event->data.scalar.value,
					event->data.scalar.length));
	l->f->failed |= node->text.ptr == NULL;
	node->is_literal = event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE;
	/* "run: |": the text begins on the line after */
	node->line += event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
			event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
	place(l, node);
}

/* false: the stream has ended. */
static bool take_event(struct loader *l, const yaml_event_t *event) {
	struct yaml_node *node;

	switch (event->type) {
	case YAML_SCALAR_EVENT:
		take_scalar(l, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		open_node(l, new_node(l, YAML_LIST, event, event->data.sequence_start.anchor));
		break;
	case YAML_MAPPING_START_EVENT:
		open_node(l, new_node(l, YAML_MAP, event, event->data.mapping_start.anchor));
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		l->depth -= l->depth > 1;
		break;
	case YAML_ALIAS_EVENT:
		node = find_anchor(l, event->data.alias.anchor);
		if (node != NULL) {
			place(l, node);
		}
		l->is_bad |= node == NULL;
		break;
	case YAML_STREAM_END_EVENT:
		return false;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return !l->is_bad && !l->f->failed;
}

const struct yaml_node *yaml_load(struct finder *f, const struct source_file *file) {
	struct loader l = { .f = f };
	struct yaml_node *root = arena_new(f->a, struct yaml_node, 1);
	uint32_t line = 0;

	if (root == NULL || !yaml_parser_initialize(&l.parser)) {
		f->failed = true;
		return NULL;
	}
	root->kind = YAML_LIST;
	l.stack[l.depth++] = root;
	yaml_parser_set_input_string(
			&l.parser, (const unsigned char *)file->text.ptr, file->text.len);
	for (bool more = true; more;) {
		yaml_event_t event;
		if (!yaml_parser_parse(&l.parser, &event)) {
			l.is_bad = true;
			line = (uint32_t)l.parser.problem_mark.line + 1;
			break;
		}
		more = take_event(&l, &event);
		yaml_event_delete(&event);
	}
	if (l.is_bad) {
		finding_add(f, file->path, line, "cannot be read as YAML: its builds are unknown");
	}
	yaml_parser_delete(&l.parser);
	free(l.anchors.ptr);
	return l.is_bad || f->failed ? NULL : root;
}

static const struct yaml_node *get(const struct yaml_node *map, const char *key, unsigned depth) {
	if (map == NULL || map->kind != YAML_MAP || depth > 8) {
		return NULL;
	}
	for (size_t i = 0; i < map->n; i++) {
		if (map->keys[i] != NULL && str_eq(map->keys[i]->text, str_from(key))) {
			return map->items[i];
		}
	}
	for (size_t i = 0; i < map->n; i++) {
		if (map->keys[i] == NULL || !str_eq(map->keys[i]->text, STR("<<"))) {
			continue;
		}
		const struct yaml_node *merged = map->items[i];
		const struct yaml_node *found = get(merged, key, depth + 1);
		for (size_t j = 0; found == NULL && merged->kind == YAML_LIST && j < merged->n;
				j++) {
			found = get(merged->items[j], key, depth + 1);
		}
		if (found != NULL) {
			return found;
		}
	}
	return NULL;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key) {
	return get(map, key, 0);
}

struct str yaml_text(const struct yaml_node *node) {
	return node != NULL && node->kind == YAML_TEXT ? node->text : STR("");
}

void yaml_args(struct finder *f, const struct yaml_node *node, const struct build_arg **args,
		size_t *nargs) {
	struct build_arg *list = node != NULL ? arena_new(f->a, struct build_arg, node->n) : NULL;
	size_t n = 0;

	*args = NULL;
	*nargs = 0;
	if (list == NULL) {
		f->failed |= node != NULL;
		return;
	}
	for (size_t i = 0; i < node->n && node->kind != YAML_TEXT; i++) {
		struct str name = node->keys[i] != NULL ? node->keys[i]->text : STR("");
		struct str value = yaml_text(node->items[i]);
		bool has_value = node->kind == YAML_MAP || str_cut(value, '=', &name, &value);
		/* what comes from the environment is not known; of a variable, found.c sees to it */
		if (name.len > 0 && has_value) {
			list[n++] = (struct build_arg){ name, value };
		}
	}
	*args = list;
	*nargs = n;
}

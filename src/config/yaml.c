/*
 * YAML to nodes, by libyaml's events. An alias would let a short file stand for a huge one, and a tag would
 * need a meaning: neither is read.
 */
#include "config/internal.h"

#include "util/slots.h"

#include <stdio.h>
#include <yaml.h>

struct builder {
	struct arena *arena;
	struct tng_error *err; /* never NULL */
	yaml_parser_t parser;
	struct str text;
	size_t nnodes;
};

static uint32_t at_line(yaml_mark_t mark) {
	return mark.line < UINT32_MAX ? (uint32_t)mark.line + 1 : UINT32_MAX;
}

static uint32_t at_column(yaml_mark_t mark) {
	return mark.column < UINT32_MAX ? (uint32_t)mark.column + 1 : UINT32_MAX;
}

/* A byte that is no text: libyaml gives its offset only. */
static enum tng_code bad_bytes(struct builder *b) {
	size_t offset = b->parser.problem_offset < b->text.len ? b->parser.problem_offset
							       : b->text.len;
	uint32_t line = 1, column = 1;

	for (size_t i = 0; i < offset; i++) {
		bool ends = b->text.ptr[i] == '\n';
		line += ends;
		column = ends ? 1 : column + 1;
	}
	return error_set_at(b->err, TNG_ESYNTAX, line, column,
			"not UTF-8 text (%s); save the file as UTF-8",
			b->parser.problem != NULL ? b->parser.problem : "a bad byte");
}

static enum tng_code bad_yaml(struct builder *b) {
	const yaml_parser_t *p = &b->parser;

	if (p->error == YAML_MEMORY_ERROR) {
		return error_nomem(b->err);
	}
	if (p->error == YAML_READER_ERROR) {
		return bad_bytes(b);
	}
	return error_set_at(b->err, TNG_ESYNTAX, at_line(p->problem_mark),
			at_column(p->problem_mark), "no YAML: %s%s%s",
			p->problem != NULL ? p->problem : "it cannot be read",
			p->context != NULL ? ", " : "", p->context != NULL ? p->context : "");
}

static enum tng_code next_event(struct builder *b, yaml_event_t *event) {
	return yaml_parser_parse(&b->parser, event) == 1 ? TNG_OK : bad_yaml(b);
}

static struct node *new_node(struct builder *b, const yaml_event_t *event, enum node_kind kind) {
	struct node *n = arena_new(b->arena, struct node, 1);

	if (n == NULL) {
		(void)error_nomem(b->err);
		return NULL;
	}
	n->kind = kind;
	n->line = at_line(event->start_mark);
	n->column = at_column(event->start_mark);
	return n;
}

static struct node *new_scalar(struct builder *b, const yaml_event_t *event) {
	struct node *n = new_node(b, event, NODE_SCALAR);
	struct str text =
			str_make((const char *)event->data.scalar.value, event->data.scalar.length);

	if (n == NULL) {
		return NULL;
	}
	n->text = arena_copy(b->arena, text);
	n->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (n->text.ptr == NULL) {
		(void)error_nomem(b->err);
		return NULL;
	}
	if (memchr(text.ptr, '\0', text.len) != NULL) {
		(void)error_set_at(b->err, TNG_EINVAL, n->line, n->column,
				"a value cannot hold a NUL character");
		return NULL;
	}
	return n;
}

/* What no node can be made of. */
static enum tng_code refuse(struct builder *b, const yaml_event_t *event, size_t depth) {
	uint32_t line = at_line(event->start_mark), column = at_column(event->start_mark);
	const yaml_char_t *tag = event->type == YAML_SCALAR_EVENT  ? event->data.scalar.tag
			: event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.tag
			: event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.tag
								   : NULL;

	if (event->type == YAML_ALIAS_EVENT) {
		return error_set_at(b->err, TNG_EINVAL, line, column,
				"aliases (*%.60s) are not read; write the value out",
				(const char *)event->data.alias.anchor);
	}
	if (tag != NULL) {
		return error_set_at(b->err, TNG_EINVAL, line, column,
				"tags (%.60s) are not read; leave it out", (const char *)tag);
	}
	if (++b->nnodes > CONFIG_MAX_NODES) {
		return error_set_at(b->err, TNG_ELIMIT, line, column,
				"more than %d values; this is no configuration", CONFIG_MAX_NODES);
	}
	if (depth > CONFIG_MAX_DEPTH) {
		return error_set_at(b->err, TNG_ELIMIT, line, column, "nested more than %d deep",
				CONFIG_MAX_DEPTH);
	}
	return TNG_OK;
}

static enum tng_code read_value(
		struct builder *b, yaml_event_t *event, size_t depth, struct node **out);

/* The children of a mapping by key: a file may hold thousands, so that each is looked up, not compared. */
struct keys {
	struct builder *builder;
	struct node **nodes;
	size_t n, cap;
	struct slots slots;
};

static uint64_t hash_key(const void *table, uint32_t row) {
	return str_hash(((const struct keys *)table)->nodes[row]->key);
}

static bool keep_key(struct keys *k, struct node *child) {
	if (k->n == k->cap) {
		size_t cap = k->cap == 0 ? 8 : 2 * k->cap;
		struct node **grown = arena_new(k->builder->arena, struct node *, cap);
		if (grown == NULL) {
			return false;
		}
		if (k->n > 0) {
			memcpy(grown, k->nodes, k->n * sizeof(struct node *));
		}
		k->nodes = grown;
		k->cap = cap;
	}
	if (!slots_grow(&k->slots, (uint32_t)k->n, hash_key, k)) {
		return false;
	}
	k->nodes[k->n++] = child;
	return true;
}

static enum tng_code add_key(struct keys *k, struct node *child) {
	struct tng_error *err = k->builder->err;

	if (!keep_key(k, child)) {
		return error_nomem(err);
	}
	uint32_t slot = (uint32_t)str_hash(child->key) & k->slots.mask;
	for (; k->slots.ptr[slot] != SLOTS_FREE; slot = (slot + 1) & k->slots.mask) {
		const struct node *other = k->nodes[k->slots.ptr[slot]];
		if (str_eq(other->key, child->key)) {
			return error_set_at(err, TNG_EINVAL, child->key_line, child->key_column,
					"\"%.*s\" is given twice, first on line %u",
					STR_FMT(str_take(child->key, 60)), other->key_line);
		}
	}
	k->slots.ptr[slot] = (uint32_t)(k->n - 1);
	return TNG_OK;
}

static enum tng_code read_list(struct builder *b, size_t depth, struct node *list) {
	struct node **end = &list->first;
	yaml_event_t event;

	for (;;) {
		enum tng_code code = next_event(b, &event);
		if (code != TNG_OK) {
			return code;
		}
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return TNG_OK;
		}
		code = read_value(b, &event, depth + 1, end);
		if (code != TNG_OK || *end == NULL) {
			return code;
		}
		end = &(*end)->next;
		list->nchildren++;
	}
}

/* A key and its value. *is_end: there was none, the mapping is over. */
static enum tng_code read_pair(struct builder *b, size_t depth, struct node **out, bool *is_end) {
	struct node *key = NULL;
	yaml_event_t event;
	enum tng_code code = next_event(b, &event);

	*is_end = code == TNG_OK && event.type == YAML_MAPPING_END_EVENT;
	if (*is_end) {
		yaml_event_delete(&event);
	}
	if (code != TNG_OK || *is_end) {
		return code;
	}
	uint32_t line = at_line(event.start_mark), column = at_column(event.start_mark);
	if (event.type != YAML_SCALAR_EVENT && event.type != YAML_ALIAS_EVENT) {
		yaml_event_delete(&event);
		return error_set_at(b->err, TNG_EINVAL, line, column, "a key must be a plain word");
	}
	code = read_value(b, &event, depth + 1, &key);
	if (code == TNG_OK && key->text.len == 0) {
		return error_set_at(b->err, TNG_EINVAL, line, column, "a key is missing here");
	}
	if (code == TNG_OK) {
		code = next_event(b, &event);
	}
	if (code == TNG_OK) {
		code = read_value(b, &event, depth + 1, out);
	}
	if (code == TNG_OK) {
		(*out)->key = key->text;
		(*out)->key_line = line;
		(*out)->key_column = column;
	}
	return code;
}

static enum tng_code read_map(struct builder *b, size_t depth, struct node *map) {
	struct keys keys = { .builder = b };
	struct node **end = &map->first;
	enum tng_code code = TNG_OK;

	for (bool is_end = false; code == TNG_OK;) {
		code = read_pair(b, depth, end, &is_end);
		if (is_end) {
			break;
		}
		if (code == TNG_OK) {
			code = add_key(&keys, *end);
			end = &(*end)->next;
			map->nchildren++;
		}
	}
	slots_fini(&keys.slots);
	return code;
}

/* The value that an event begins; the event is deleted. */
static enum tng_code read_value(
		struct builder *b, yaml_event_t *event, size_t depth, struct node **out) {
	enum tng_code code = refuse(b, event, depth);
	enum node_kind kind = event->type == YAML_SEQUENCE_START_EVENT ? NODE_LIST
			: event->type == YAML_MAPPING_START_EVENT      ? NODE_MAP
								       : NODE_SCALAR;
	struct node *n = NULL;

	if (code == TNG_OK) {
		n = kind == NODE_SCALAR ? new_scalar(b, event) : new_node(b, event, kind);
		code = n != NULL ? TNG_OK : b->err->code;
	}
	yaml_event_delete(event);
	*out = n;
	if (code != TNG_OK || n == NULL || kind == NODE_SCALAR) {
		return code;
	}
	return kind == NODE_LIST ? read_list(b, depth, n) : read_map(b, depth, n);
}

/* The events around the value: the stream, one document, its end. */
static enum tng_code read_document(struct builder *b, struct node **out) {
	yaml_event_t event;
	enum tng_code code = TNG_OK;

	for (bool is_over = false; code == TNG_OK && !is_over;) {
		code = next_event(b, &event);
		if (code != TNG_OK) {
			break;
		}
		if (event.type == YAML_DOCUMENT_START_EVENT && *out != NULL) {
			code = error_set_at(b->err, TNG_EINVAL, at_line(event.start_mark), 1,
					"a second document begins here; only one is read");
		}
		is_over = event.type == YAML_STREAM_END_EVENT;
		if (event.type == YAML_SCALAR_EVENT || event.type == YAML_ALIAS_EVENT ||
				event.type == YAML_SEQUENCE_START_EVENT ||
				event.type == YAML_MAPPING_START_EVENT) {
			code = read_value(b, &event, 0, out);
		} else {
			yaml_event_delete(&event);
		}
	}
	return code;
}

enum tng_code yaml_read(
		struct arena *a, struct str text, struct node **out, struct tng_error *err) {
	struct tng_error kept = { 0 };
	struct builder b = { .arena = a, .err = &kept, .text = text };

	*out = NULL;
	if (yaml_parser_initialize(&b.parser) != 1) {
		return error_nomem(err);
	}
	yaml_parser_set_input_string(&b.parser, (const unsigned char *)text.ptr, text.len);
	enum tng_code code = read_document(&b, out);
	yaml_parser_delete(&b.parser);
	return code == TNG_OK ? TNG_OK : error_pass(err, &kept);
}

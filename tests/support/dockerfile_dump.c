#include "support/dockerfile_dump.h"

#include <stdio.h>

static void put_quoted(struct buf *out, struct str s) {
	buf_putc(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c == '"' || c == '\\') {
			buf_putc(out, '\\');
			buf_putc(out, (char)c);
		} else if (c == '\n') {
			buf_append(out, STR("\\n"));
		} else if (c == '\t') {
			buf_append(out, STR("\\t"));
		} else if (c < 0x20 || c > 0x7e) {
			buf_printf(out, "\\x%02x", c);
		} else {
			buf_putc(out, (char)c);
		}
	}
	buf_putc(out, '"');
}

static void put_named(struct buf *out, const char *name, struct str s) {
	buf_printf(out, " %s=", name);
	put_quoted(out, s);
}

static void dump_directives(struct buf *out, const struct dockerfile *df) {
	static const char *const names[] = { "syntax", "escape", "check" };

	for (size_t i = 0; i < df->ndirectives; i++) {
		const struct directive *d = &df->directives[i];
		buf_printf(out, "directive %u:%u %s ", d->line, d->column, names[d->kind]);
		put_quoted(out, d->value);
		buf_putc(out, '\n');
	}
}

static void dump_parts(struct buf *out, const struct instruction *in) {
	for (size_t i = 0; i < in->nflags; i++) {
		const struct instruction_flag *f = &in->flags[i];
		buf_printf(out, "  flag %u:%u --%.*s", f->line, f->column, STR_FMT(f->name));
		if (f->has_value) {
			buf_putc(out, ' ');
			put_quoted(out, f->value);
		}
		buf_putc(out, '\n');
	}
	for (size_t i = 0; i < in->nmounts; i++) {
		buf_printf(out, "  mount");
		for (size_t j = 0; j < in->mounts[i].nfields; j++) {
			const struct mount_field *f = &in->mounts[i].fields[j];
			buf_printf(out, " %.*s", STR_FMT(f->key));
			if (f->has_value) {
				buf_putc(out, '=');
				put_quoted(out, f->value);
			}
		}
		buf_putc(out, '\n');
	}
	for (size_t i = 0; i < in->nwords && in->npairs == 0; i++) {
		const struct instruction_word *w = &in->words[i];
		buf_printf(out, "  word %u:%u ", w->line, w->column);
		put_quoted(out, w->text);
		buf_append(out, w->is_heredoc ? STR(" heredoc\n") : STR("\n"));
	}
	for (size_t i = 0; i < in->npairs; i++) {
		const struct instruction_pair *p = &in->pairs[i];
		buf_printf(out, "  pair %u:%u ", p->line, p->column);
		put_quoted(out, p->key);
		if (p->has_value) {
			buf_append(out, p->is_legacy ? STR(" ") : STR("="));
			put_quoted(out, p->value);
		}
		buf_putc(out, '\n');
	}
	for (size_t i = 0; i < in->nheredocs; i++) {
		const struct heredoc *h = &in->heredocs[i];
		buf_printf(out, "  heredoc %u-%u fd=%u%s%s ", h->line, h->end_line, h->fd,
				h->is_quoted ? " quoted" : "", h->strips_tabs ? " tabs" : "");
		put_quoted(out, h->name);
		buf_putc(out, ' ');
		put_quoted(out, h->content);
		buf_putc(out, '\n');
	}
}

static void dump_instruction(struct buf *out, const struct instruction *in, const char *label) {
	struct str keyword = instruction_keyword_name(in->keyword);

	buf_printf(out, "%s %u:%u-%u:%u %.*s", label, in->line, in->column, in->end_line,
			in->end_column, STR_FMT(keyword.len > 0 ? keyword : STR("?")));
	put_named(out, "name", in->name);
	buf_append(out, in->is_json ? STR(" json\n") : STR("\n"));
	dump_parts(out, in);
	if (in->trigger != NULL) {
		dump_instruction(out, in->trigger, "trigger");
	}
}

static void dump_diagnostics(struct buf *out, const struct diagnostic *list, size_t n) {
	static const char *const severities[] = { "note", "warning" };

	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "%s %u:%u %.*s\n", severities[list[i].severity], list[i].line,
				list[i].column, STR_FMT(list[i].text));
	}
}

void dump_dockerfile(struct buf *out, const struct dockerfile *df) {
	buf_printf(out, "escape %c\n", df->escape);
	dump_directives(out, df);
	for (size_t i = 0; i < df->ninstructions; i++) {
		const struct instruction *in = &df->instructions[i];
		if (in->keyword == INSTRUCTION_FROM) {
			const struct stage *stage = &df->stages[in->stage];
			buf_printf(out, "stage %u", in->stage);
			put_named(out, "name", stage->name);
			put_named(out, "base", stage->base);
			put_named(out, "platform", stage->platform);
			buf_printf(out, " instructions=%u\n", stage->ninstructions);
		}
		dump_instruction(out, in, "instruction");
	}
	dump_diagnostics(out, df->diagnostics, df->ndiagnostics);
}

void dump_follow(struct buf *out, const struct context_use *use) {
	if (!use->is_used || use->is_whole) {
		buf_append(out, use->is_used ? STR("whole") : STR("unused"));
		return;
	}
	buf_putc(out, '[');
	for (size_t i = 0; i < use->nfollow_paths; i++) {
		buf_append(out, i > 0 ? STR(", ") : STR(""));
		put_quoted(out, use->follow_paths[i]);
	}
	buf_putc(out, ']');
}

static void dump_source(struct buf *out, const struct source *s) {
	static const char *const kinds[] = { "COPY", "ADD", "bind", "tmpfs", "remote" };

	buf_printf(out, "source %u at %u:%u stage=%u context=%u %s", s->line, s->word_line,
			s->column, s->stage, s->context, kinds[s->kind]);
	put_named(out, "written", s->written);
	put_named(out, "path", s->path);
	buf_printf(out, "%s%s%s", s->is_wildcard ? " wildcard" : "",
			s->has_parents ? " parents" : "", s->is_onbuild ? " onbuild" : "");
	for (size_t i = 0; i < s->nexcludes; i++) {
		put_named(out, "exclude", s->excludes[i]);
	}
	if (s->is_unknowable) {
		buf_printf(out, " unknowable=%.*s:%u", STR_FMT(s->unknown_name), s->unknown_line);
	}
	buf_putc(out, '\n');
}

void dump_sources(struct buf *out, const struct build_sources *sources) {
	buf_printf(out, "target %u\n", sources->target);
	for (size_t i = 0; i < sources->nstages; i++) {
		const struct stage_use *use = &sources->stages[i];
		buf_printf(out, "use %zu%s%s%s", i, use->is_reached ? " reached" : "",
				use->is_replaced ? " replaced" : "",
				use->base_is_unknowable ? " unknowable" : "");
		put_named(out, "base", use->base);
		if (use->base_stage != DOCKERFILE_NO_STAGE) {
			buf_printf(out, " stage=%u", use->base_stage);
		}
		if (use->context != DOCKERFILE_NO_CONTEXT) {
			buf_printf(out, " context=%u", use->context);
		}
		buf_putc(out, '\n');
	}
	for (size_t i = 0; i < sources->nsources; i++) {
		dump_source(out, &sources->sources[i]);
	}
	for (size_t i = 0; i < sources->ncontexts; i++) {
		buf_printf(out, "context %zu line=%u", i, sources->contexts[i].line);
		put_named(out, "name", sources->contexts[i].name);
		buf_putc(out, ' ');
		dump_follow(out, &sources->contexts[i]);
		buf_putc(out, '\n');
	}
	dump_diagnostics(out, sources->diagnostics, sources->ndiagnostics);
}

void dump_error(struct buf *out, enum tng_code code, const struct tng_error *err) {
	static const char *const codes[] = { "ok", "nomem", "io", "syntax", "limit", "invalid" };

	buf_printf(out, "error %s %u:%u %s\n", codes[code], err->line, err->column, err->text);
}

void dump_text(struct buf *out, struct str text, const struct build_request *request) {
	struct arena *a = arena_create();
	const struct dockerfile *df;
	const struct build_sources *sources;
	struct tng_error err = { 0 };

	enum tng_code code = a != NULL ? dockerfile_parse(a, text, &df, &err) : TNG_ENOMEM;
	if (code == TNG_OK) {
		dump_dockerfile(out, df);
		code = dockerfile_resolve(a, df, request, &sources, &err);
		if (code == TNG_OK) {
			dump_sources(out, sources);
		}
	}
	if (code != TNG_OK) {
		dump_error(out, code, &err);
	}
	arena_destroy(a);
}

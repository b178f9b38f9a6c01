#include "report/table.h"

void put_position(struct sink *sink, const struct finding *f) {
	if (f->line > 0) {
		sink_printf(sink, ":%u", f->line);
	}
	if (f->column > 0) {
		sink_printf(sink, ":%u", f->column);
	}
}

static void put_finding(const struct finding *d, struct sink *sink) {
	static const char *const names[] = { "note", "warning", "error" };

	sink_put(sink, STR("tonnage: "));
	if (d->file.len > 0) {
		sink_put_safe(sink, d->file);
		put_position(sink, d);
		sink_put(sink, STR(": "));
	}
	sink_printf(sink, "%s: ", names[d->severity]);
	sink_put_safe(sink, d->text);
	sink_put(sink, STR("\n"));
}

void report_findings(const struct analysis *an, enum severity least, struct sink *sink) {
	for (size_t i = 0; i < an->nfindings; i++) {
		if (an->findings[i].severity >= least) {
			put_finding(&an->findings[i], sink);
		}
	}
}

void report_findings_beside_check(
		const struct analysis *an, enum severity least, struct sink *sink) {
	for (size_t i = 0; i < an->nfindings; i++) {
		if (an->findings[i].severity >= least && !analysis_is_checked(&an->findings[i])) {
			put_finding(&an->findings[i], sink);
		}
	}
}

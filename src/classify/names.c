#include "classify/classify.h"

const char *class_advice_name(enum class_advice advice) {
	static const char *const names[] = { "keep", "ask", "exclude" };

	return names[advice];
}

const char *class_group_name(enum class_group group) {
	static const char *const names[] = { "keep", "ask", "exclude" };

	return names[group];
}

const char *class_rule_kind_name(enum class_rule_kind kind) {
	static const char *const names[] = { "directory", "file", "glob", "content" };

	return names[kind];
}

const char *class_severity_name(enum class_severity severity) {
	static const char *const names[] = { "", "low", "medium", "high", "critical" };

	return names[severity];
}

const char *class_guard_text(enum class_guard guard) {
	static const char *const texts[] = {
		[CLASS_GUARD_NONE] = "",
		[CLASS_GUARD_TRACKED] = "git tracks it: somebody committed it on purpose",
		[CLASS_GUARD_PLACEHOLDER] =
				"it holds only a placeholder: the directory itself is wanted",
		[CLASS_GUARD_TIER] = "the rule is a guess: it never excludes by itself",
		[CLASS_GUARD_UNSEEN] = "its content decides, and could not be read",
		[CLASS_GUARD_NESTED] = "it lies so deep that it may be part of a template",
	};

	return texts[guard];
}

/* The public header in C++: it compiles, and its names are the library's. */
#include "tonnage/tonnage.h"

#include <cstdio>
#include <cstring>

int main() {
	tng_matcher *matcher = nullptr;
	tng_error err = {};
	tng_verdict verdict = {};
	const char *text = "*.log\n";
	const char *path = "a.log";
	bool ok = tng_matcher_create(text, std::strlen(text), &matcher, &err) == TNG_OK &&
			tng_matcher_decide(matcher, path, std::strlen(path), &verdict, &err) ==
					TNG_OK &&
			verdict.excluded && verdict.line == 1;

	tng_matcher_destroy(matcher);
	std::printf("1..1\n%s 1 - the header serves C++\n", ok ? "ok" : "not ok");
	return ok ? 0 : 1;
}

#include "tonnage/tonnage.h"

const char *tng_version(void) {
	return TNG_VERSION;
}

#include "tonnage/tonnage.h"

#include <stdio.h>

int main(void) {
	printf("tonnage %s\n", tng_version());
	return 0;
}

#include "util/slots.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static uint64_t worst_hash(const void *table, uint32_t row) {
	(void)table;
	(void)row;
	return 63; /* all rows want the last slot of the first table */
}

Test(util_slots, every_row_is_found_again_after_growing) {
	struct slots s = { 0 };

	for (uint32_t n = 0; n < 500; n++) {
		cr_assert(slots_grow(&s, n, worst_hash, NULL));
		uint32_t slot = 63 & s.mask, nmet = 0;
		for (; s.ptr[slot] != SLOTS_FREE; slot = (slot + 1) & s.mask) {
			nmet++;
		}
		cr_assert(eq(u32, nmet, n), "row %u", n);
		s.ptr[slot] = n;
	}
	cr_expect(gt(u32, s.mask, 2 * 499));
	slots_clear(&s);
	cr_expect(eq(u32, s.ptr[63], SLOTS_FREE));
	slots_fini(&s);
	cr_expect(eq(ptr, s.ptr, NULL));
}

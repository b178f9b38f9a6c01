#include "walk/listing.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
	struct memory memory;
	struct supply supply;
	struct listing listing;
};

static void start(struct fixture *f) {
	memory_init(&f->memory);
	supply_init(&f->supply, &f->memory, false);
	cr_assert(listing_init(&f->listing, &f->supply) == TNG_OK);
}

static void stop(struct fixture *f) {
	listing_fini(&f->listing);
	memory_fini(&f->memory);
}

static void add(struct fixture *f, const char *name) {
	listing_add(&f->listing, -1, name, strlen(name), LISTED_OTHER);
}

static const char *name_at(const struct fixture *f, size_t i) {
	return f->listing.text + f->listing.items[i].offset;
}

/* strcmp is the judge: byte order, unsigned. */
static void assert_sorted(const struct fixture *f) {
	for (size_t i = 1; i < f->listing.nitems; i++) {
		cr_assert(strcmp(name_at(f, i - 1), name_at(f, i)) < 0, "%zu: %s, %s", i,
				name_at(f, i - 1), name_at(f, i));
	}
}

Test(walk_sort, a_few_names_are_in_byte_order) {
	struct fixture f;
	static const char *names[] = { "b", "abcdefgh", "abcdefghi", "abcdefg", "\xc3\xa4", "B",
		"a.b", "a", "abcdefghij", "abcdefgh\x01", "a-b", "..." };
	static const char *sorted[] = { "...", "B", "a", "a-b", "a.b", "abcdefg", "abcdefgh",
		"abcdefgh\x01", "abcdefghi", "abcdefghij", "b", "\xc3\xa4" };
	start(&f);
	for (size_t i = 0; i < 12; i++) {
		add(&f, names[i]);
	}
	listing_sort(&f.listing);

	cr_assert(eq(sz, f.listing.nitems, 12));
	for (size_t i = 0; i < 12; i++) {
		cr_assert(eq(str, (char *)name_at(&f, i), (char *)sorted[i]));
	}
	stop(&f);
}

Test(walk_sort, dots_are_passed_over_and_names_given_twice_appear_once) {
	struct fixture f;
	start(&f);
	for (int i = 0; i < 100; i++) {
		char name[32];
		snprintf(name, sizeof(name), "some-longer-name-%d", i % 50);
		add(&f, name);
		add(&f, ".");
		add(&f, "..");
	}
	listing_sort(&f.listing);

	cr_assert(eq(sz, f.listing.nitems, 50));
	assert_sorted(&f);
	stop(&f);
}

/* Alphabets from two letters, which makes long shared beginnings, to all bytes. */
Test(walk_sort, many_random_names_are_in_byte_order) {
	unsigned state = 12345;
	for (unsigned letters = 2; letters < 256; letters += 23) {
		for (size_t n = 1; n < 6000; n = n * 5 + 1) {
			struct fixture f;
			start(&f);
			for (size_t i = 0; i < n; i++) {
				char name[256] = "common-beginning-";
				state = state * 1664525 + 1013904223;
				size_t len = 17 + 1 + (state >> 16) % 30;
				for (size_t k = (state >> 8) % 2 * 17; k < len; k++) {
					state = state * 1664525 + 1013904223;
					unsigned byte = 1 + (state >> 16) % letters;
					name[k] = byte == '/' ? 'x' : (char)byte;
				}
				name[len] = '\0';
				add(&f, name);
			}
			listing_sort(&f.listing);
			assert_sorted(&f);
			stop(&f);
		}
	}
}

Test(walk_sort, names_that_differ_only_at_their_end_are_in_byte_order) {
	struct fixture f;
	start(&f);
	for (int i = 0; i < 3000; i++) {
		char name[256];
		memset(name, 'n', sizeof(name));
		snprintf(name + 200 + i % 40, 16, "%d", i * 7 % 3000);
		add(&f, name);
	}
	listing_sort(&f.listing);

	cr_assert(eq(sz, f.listing.nitems, 3000));
	assert_sorted(&f);
	stop(&f);
}

Test(walk_sort, a_name_longer_than_a_row_can_hold_says_so) {
	struct fixture f;
	char name[301];
	memset(name, 'n', 300);
	name[300] = '\0';
	start(&f);
	add(&f, name);
	name[255] = '\0';
	cr_assert(eq(sz, f.listing.nitems, 1));
	cr_assert(eq(int, f.listing.items[0].name_len, 255));
	cr_assert(ne(int, f.listing.items[0].os_errno, 0));
	stop(&f);
}

Test(walk_sort, buffers_of_a_huge_directory_are_given_back) {
	struct fixture f;
	start(&f);
	for (int i = 0; i < 100000; i++) {
		char name[32];
		snprintf(name, sizeof(name), "%d", i);
		add(&f, name);
	}
	listing_sort(&f.listing);
	cr_assert(eq(sz, f.listing.nitems, 100000));
	assert_sorted(&f);
	listing_clear(&f.listing);
	cr_assert(eq(ptr, f.listing.text, f.listing.first_text));
	add(&f, "again");
	cr_assert(eq(sz, f.listing.nitems, 1));
	stop(&f);
}

#include "ignore/regexp_class.h"

#include <stdlib.h>
#include <string.h>

#define NRANGES 4

/* A class of ASCII characters that has a name. */
struct named_class {
	char name[8];
	struct code_range ranges[NRANGES]; /* the first with first > last ends them, {1, 0} */
};

#define NO_RANGE                                                                                   \
	{ 1, 0 }

static const struct named_class posix_classes[] = {
	{ "alnum", { { '0', '9' }, { 'A', 'Z' }, { 'a', 'z' }, NO_RANGE } },
	{ "alpha", { { 'A', 'Z' }, { 'a', 'z' }, NO_RANGE } },
	{ "ascii", { { 0, 0x7F }, NO_RANGE } },
	{ "blank", { { '\t', '\t' }, { ' ', ' ' }, NO_RANGE } },
	{ "cntrl", { { 0, 0x1F }, { 0x7F, 0x7F }, NO_RANGE } },
	{ "digit", { { '0', '9' }, NO_RANGE } },
	{ "graph", { { '!', '~' }, NO_RANGE } },
	{ "lower", { { 'a', 'z' }, NO_RANGE } },
	{ "print", { { ' ', '~' }, NO_RANGE } },
	{ "punct", { { '!', '/' }, { ':', '@' }, { '[', '`' }, { '{', '~' } } },
	{ "space", { { '\t', '\r' }, { ' ', ' ' }, NO_RANGE } },
	{ "upper", { { 'A', 'Z' }, NO_RANGE } },
	{ "word", { { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' } } },
	{ "xdigit", { { '0', '9' }, { 'A', 'F' }, { 'a', 'f' }, NO_RANGE } },
};

/* \s has no \v, [[:space:]] has */
static const struct named_class perl_classes[] = {
	{ "d", { { '0', '9' }, NO_RANGE } },
	{ "s", { { '\t', '\n' }, { '\f', '\r' }, { ' ', ' ' }, NO_RANGE } },
	{ "w", { { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' } } },
};

/* Go's unicode.Categories but "C", which has no Cn there and so is put together; sorted. */
static const char *const categories[] = {
	"Cc",
	"Cf",
	"Co",
	"Cs",
	"L",
	"Ll",
	"Lm",
	"Lo",
	"Lt",
	"Lu",
	"M",
	"Mc",
	"Me",
	"Mn",
	"N",
	"Nd",
	"Nl",
	"No",
	"P",
	"Pc",
	"Pd",
	"Pe",
	"Pf",
	"Pi",
	"Po",
	"Ps",
	"S",
	"Sc",
	"Sk",
	"Sm",
	"So",
	"Z",
	"Zl",
	"Zp",
	"Zs",
};

/* Go's unicode.Scripts (Unicode 13); sorted. PCRE2 has the same names. */
static const char *const scripts[] = {
	"Adlam",
	"Ahom",
	"Anatolian_Hieroglyphs",
	"Arabic",
	"Armenian",
	"Avestan",
	"Balinese",
	"Bamum",
	"Bassa_Vah",
	"Batak",
	"Bengali",
	"Bhaiksuki",
	"Bopomofo",
	"Brahmi",
	"Braille",
	"Buginese",
	"Buhid",
	"Canadian_Aboriginal",
	"Carian",
	"Caucasian_Albanian",
	"Chakma",
	"Cham",
	"Cherokee",
	"Chorasmian",
	"Common",
	"Coptic",
	"Cuneiform",
	"Cypriot",
	"Cyrillic",
	"Deseret",
	"Devanagari",
	"Dives_Akuru",
	"Dogra",
	"Duployan",
	"Egyptian_Hieroglyphs",
	"Elbasan",
	"Elymaic",
	"Ethiopic",
	"Georgian",
	"Glagolitic",
	"Gothic",
	"Grantha",
	"Greek",
	"Gujarati",
	"Gunjala_Gondi",
	"Gurmukhi",
	"Han",
	"Hangul",
	"Hanifi_Rohingya",
	"Hanunoo",
	"Hatran",
	"Hebrew",
	"Hiragana",
	"Imperial_Aramaic",
	"Inherited",
	"Inscriptional_Pahlavi",
	"Inscriptional_Parthian",
	"Javanese",
	"Kaithi",
	"Kannada",
	"Katakana",
	"Kayah_Li",
	"Kharoshthi",
	"Khitan_Small_Script",
	"Khmer",
	"Khojki",
	"Khudawadi",
	"Lao",
	"Latin",
	"Lepcha",
	"Limbu",
	"Linear_A",
	"Linear_B",
	"Lisu",
	"Lycian",
	"Lydian",
	"Mahajani",
	"Makasar",
	"Malayalam",
	"Mandaic",
	"Manichaean",
	"Marchen",
	"Masaram_Gondi",
	"Medefaidrin",
	"Meetei_Mayek",
	"Mende_Kikakui",
	"Meroitic_Cursive",
	"Meroitic_Hieroglyphs",
	"Miao",
	"Modi",
	"Mongolian",
	"Mro",
	"Multani",
	"Myanmar",
	"Nabataean",
	"Nandinagari",
	"New_Tai_Lue",
	"Newa",
	"Nko",
	"Nushu",
	"Nyiakeng_Puachue_Hmong",
	"Ogham",
	"Ol_Chiki",
	"Old_Hungarian",
	"Old_Italic",
	"Old_North_Arabian",
	"Old_Permic",
	"Old_Persian",
	"Old_Sogdian",
	"Old_South_Arabian",
	"Old_Turkic",
	"Oriya",
	"Osage",
	"Osmanya",
	"Pahawh_Hmong",
	"Palmyrene",
	"Pau_Cin_Hau",
	"Phags_Pa",
	"Phoenician",
	"Psalter_Pahlavi",
	"Rejang",
	"Runic",
	"Samaritan",
	"Saurashtra",
	"Sharada",
	"Shavian",
	"Siddham",
	"SignWriting",
	"Sinhala",
	"Sogdian",
	"Sora_Sompeng",
	"Soyombo",
	"Sundanese",
	"Syloti_Nagri",
	"Syriac",
	"Tagalog",
	"Tagbanwa",
	"Tai_Le",
	"Tai_Tham",
	"Tai_Viet",
	"Takri",
	"Tamil",
	"Tangut",
	"Telugu",
	"Thaana",
	"Thai",
	"Tibetan",
	"Tifinagh",
	"Tirhuta",
	"Ugaritic",
	"Vai",
	"Wancho",
	"Warang_Citi",
	"Yezidi",
	"Yi",
	"Zanabazar_Square",
};

void char_class_fini(struct char_class *c) {
	free(c->ranges.ptr);
	free(c->properties.ptr);
	*c = (struct char_class){ 0 };
}

void char_class_clear(struct char_class *c) {
	c->ranges.len = 0;
	c->properties.len = 0;
	c->is_negated = false;
}

void char_class_add_range(struct char_class *c, uint32_t first, uint32_t last) {
	first = first >= 0xD800 && first <= 0xDFFF ? 0xE000 : first;
	last = last >= 0xD800 && last <= 0xDFFF ? 0xD7FF : last;
	if (first > last) {
		return;
	}
	struct code_range *range = VEC_PUSH(&c->ranges);
	if (range == NULL) {
		c->failed = true;
		return;
	}
	*range = (struct code_range){ first, last };
}

static void add_property(
		struct char_class *c, const char *prefix, const char *name, bool is_negated) {
	struct class_property *property = VEC_PUSH(&c->properties);

	if (property == NULL) {
		c->failed = true;
		return;
	}
	*property = (struct class_property){ prefix, name, is_negated };
}

/* The ranges, which are in order, or all that is between them. */
static void add_named(struct char_class *c, const struct named_class *named, bool is_negated) {
	uint32_t after = 0;

	for (size_t i = 0; i < NRANGES && named->ranges[i].first <= named->ranges[i].last; i++) {
		struct code_range range = named->ranges[i];
		if (!is_negated) {
			char_class_add_range(c, range.first, range.last);
		} else if (range.first > after) {
			char_class_add_range(c, after, range.first - 1);
		}
		after = range.last + 1;
	}
	if (is_negated) {
		char_class_add_range(c, after, REGEXP_RUNE_MAX);
	}
}

static bool add_by_name(struct char_class *c, const struct named_class *table, size_t n,
		struct str name, bool is_negated) {
	for (size_t i = 0; i < n; i++) {
		if (str_eq(str_from(table[i].name), name)) {
			add_named(c, &table[i], is_negated);
			return true;
		}
	}
	return false;
}

bool char_class_add_perl(struct char_class *c, char letter) {
	char lower = (char)(letter | 0x20);

	return add_by_name(c, perl_classes, sizeof(perl_classes) / sizeof(perl_classes[0]),
			str_make(&lower, 1), lower != letter);
}

bool char_class_add_posix(struct char_class *c, struct str name) {
	bool is_negated = name.len > 0 && name.ptr[0] == '^';

	return add_by_name(c, posix_classes, sizeof(posix_classes) / sizeof(posix_classes[0]),
			str_skip(name, is_negated), is_negated);
}

static int compare_name(const void *key, const void *element) {
	const struct str *name = key;
	const char *const *entry = element;

	return str_cmp(*name, str_from(*entry));
}

/* The table's own copy of the name, or NULL. */
static const char *find_name(const char *const *table, size_t n, struct str name) {
	const char *const *found = bsearch(&name, table, n, sizeof(*table), compare_name);

	return found != NULL ? *found : NULL;
}

/* Go's C is Cc, Cf, Co and Cs: unlike PCRE2's it leaves out what is unassigned. */
static void add_category_c(struct char_class *c, bool is_negated) {
	static const char *const inside[] = { "Cc", "Cf", "Co", NULL };
	static const char *const outside[] = { "L", "M", "N", "P", "S", "Z", "Cn", NULL };

	for (const char *const *name = is_negated ? outside : inside; *name != NULL; name++) {
		add_property(c, "", *name, false);
	}
}

bool char_class_add_property(struct char_class *c, struct str name, bool is_negated) {
	if (str_eq(name, STR("Any"))) {
		if (!is_negated) {
			char_class_add_range(c, 0, REGEXP_RUNE_MAX);
		}
		return true;
	}
	if (str_eq(name, STR("C"))) {
		add_category_c(c, is_negated);
		return true;
	}
	const char *prefix = "";
	const char *found = find_name(categories, sizeof(categories) / sizeof(categories[0]), name);
	if (found == NULL) {
		/* without "sc:" PCRE2 takes a script's name to mean its extensions too */
		prefix = "sc:";
		found = find_name(scripts, sizeof(scripts) / sizeof(scripts[0]), name);
	}
	if (found == NULL) {
		return false;
	}
	add_property(c, prefix, found, is_negated);
	return true;
}

void regexp_emit_literal(uint32_t rune, struct buf *out) {
	bool is_plain = (rune >= '0' && rune <= '9') || (rune >= 'A' && rune <= 'Z') ||
			(rune >= 'a' && rune <= 'z') || rune == '/' || rune == '_';

	if (is_plain) {
		buf_putc(out, (char)rune);
	} else {
		buf_printf(out, "\\x{%x}", (unsigned)rune);
	}
}

void char_class_emit(const struct char_class *c, struct buf *out) {
	if (c->ranges.len == 0 && c->properties.len == 0) {
		/* nothing, or everything */
		buf_append(out,
				c->is_negated ? STR("[\\x{0}-\\x{10ffff}]")
					      : STR("[^\\x{0}-\\x{10ffff}]"));
		return;
	}
	buf_append(out, c->is_negated ? STR("[^") : STR("["));
	for (size_t i = 0; i < c->ranges.len; i++) {
		regexp_emit_literal(c->ranges.ptr[i].first, out);
		if (c->ranges.ptr[i].last > c->ranges.ptr[i].first) {
			buf_putc(out, '-');
			regexp_emit_literal(c->ranges.ptr[i].last, out);
		}
	}
	for (size_t i = 0; i < c->properties.len; i++) {
		const struct class_property *property = &c->properties.ptr[i];
		buf_printf(out, "\\%c{%s%s}", property->is_negated ? 'P' : 'p', property->prefix,
				property->name);
	}
	buf_putc(out, ']');
}

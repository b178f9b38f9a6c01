#!/usr/bin/env python3
"""Turn rules.tsv, classes.tsv and probes.tsv into a C file of constant tables.

    generate.py RULES CLASSES PROBES OUTPUT

What the tables mean is in table.h. A mistake in a rule stops the build with its line.
"""
import sys

sys.dont_write_bytecode = True  # the source directory stays as it is
import literals  # noqa: E402

# kind: enum class_rule_kind, and what it is a rule for
KINDS = {'tree': (0, 'dir'), 'dir': (0, 'dir'), 'file': (1, 'file'), 'glob': (2, 'file'), 'bundle': (2, 'both'),
         'content': (3, 'file')}
ADVICE = ('keep', 'ask', 'exclude')
GROUPS = ('keep', 'ask', 'exclude')
SEVERITY = ('-', 'low', 'medium', 'high', 'critical')
REACH = ('rule', 'key', 'token')
TERMS = ('beside', 'has', 'below', 'above', 'root', 'tag', 'source', 'source-nojs', 'in', 'under', 'text', 'maybe',
         'head', 'size', 'named', 'bare', 'runs', 'ignored', 'untracked', 'worktree', 'submodule')
NAMES = ('beside', 'has', 'below', 'above', 'root', 'named')
WILD = '*?['
SLOTS = 4096
# The bytes that names are told apart by, one bit each; all others share the bit behind them.
LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_ ~#$'
TWO_DOTS = 63
MASK32 = 0xFFFFFFFF


def fail(where, text):
    sys.exit(f'{where}: {text}')


def hash_name(name):
    """As lookup.c has it: FNV-1a over the bytes, ASCII letters lower-cased."""
    h = 2166136261
    for b in name.encode():
        h = (h ^ (b + 32 if 65 <= b <= 90 else b)) * 16777619 & MASK32
    return h ^ (h >> 15)


class Pool:
    """All texts in one array of bytes, each once and with a NUL behind it."""

    def __init__(self):
        self.at, self.bytes = {'': 0}, bytearray(b'\0')

    def add(self, text):
        if text not in self.at:
            self.at[text] = len(self.bytes)
            self.bytes += text.encode() + b'\0'
        return self.at[text]


def read_table(path, ncolumns):
    with open(path, encoding='utf8') as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip('\n')
            if line and not line.startswith('# ') and line != '#':
                cells = line.split('\t')
                if len(cells) > ncolumns:
                    fail(f'{path}:{number}', f'{len(cells)} columns, at most {ncolumns} wanted')
                yield f'{path}:{number}', cells + [''] * (ncolumns - len(cells))


def shape(pattern):
    """A component: what is literal in front, what is literal at the end, and what is between."""
    wild = [i for i, c in enumerate(pattern) if c in WILD]
    if not wild:
        return 'EXACT', len(pattern), 0
    if '\\' in pattern:
        raise ValueError('a backslash in a pattern')
    last = max(i for i, c in enumerate(pattern) if c in WILD + ']')
    kind = 'WILD' if any(pattern[i] != '*' for i in wild) else 'AFFIX' if len(wild) == 1 else 'STARS'
    return kind, wild[0], len(pattern) - last - 1


def letter(byte):
    return LETTERS.index(chr(byte)) if chr(byte) in LETTERS else len(LETTERS)


def letters(pattern, kind, prefix, suffix):
    """A bit for each byte that every match of a glob has, and one for two dots."""
    literal = pattern[:prefix] + pattern[len(pattern) - suffix:] if kind == 'WILD' else pattern.replace('*', '')
    mask = 0
    for byte in literal.encode():
        mask |= 1 << letter(byte)
    return mask | (literal.count('.') > 1) << TWO_DOTS


# Evidence as people read it; {} is what follows the colon.
WORDS = {
    'beside': '{} beside it', 'has': '{} in it', 'below': '{} below it', 'above': '{} beside or above it',
    'root': '{} in the root', 'in': 'a place below {}', 'under': 'a place below {}', 'named': '{} in its name',
    'text': 'content of kind {}', 'maybe': 'content of kind {} or unseen', 'head': '{} as its first bytes',
    'size': '{} bytes or more', 'tag': 'a CACHEDIR.TAG in it', 'source': 'source code in it',
    'source-nojs': 'source code in it, JavaScript not counted', 'bare': 'no dot in its name',
    'worktree': 'a .git in it that makes it a linked worktree', 'submodule': 'a .git in it that makes it a submodule',
    'runs': 'an executable bit', 'ignored': 'an ignore rule of git', 'untracked': 'nothing that git tracks',
}


def one_of(names):
    return names[0] if len(names) == 1 else ', '.join(names[:-1]) + ' or ' + names[-1]


class Tables:
    def __init__(self):
        self.pool = Pool()
        self.rules, self.terms, self.names, self.numbers = [], [], [], {}
        self.lasts = {}       # last component -> numbers of rules
        self.under, self.markers = [], []
        self.star = {'dir': [], 'file': []}
        self.content = []
        self.classes, self.probes, self.ids = [], [], set()

    # -- evidence ----------------------------------------------------------
    def add_names(self, where, text):
        first = len(self.names)
        for name in text.split(','):
            if not name:
                fail(where, 'an empty name in the evidence')
            kind, prefix, suffix = shape(name.rsplit('/', 1)[-1])
            if '/' in name and any(c in WILD for c in name):
                fail(where, f'{name}: a path with a wildcard in the evidence')
            self.names.append((self.pool.add(name), len(name.encode()), 'PATH' if '/' in name else kind, prefix, suffix))
        return first, len(self.names) - first

    def add_term(self, where, text, negate, last):
        if text.startswith('!'):
            negate, text = not negate, text[1:]
        word, _, arg = text.partition(':')
        if word not in TERMS:
            fail(where, f'no evidence is called {word!r}')
        first = n = value = 0
        if word in NAMES:
            first, n = self.add_names(where, arg)
        elif word == 'in':
            for name in arg.split(','):
                if name not in self.classes_by_id:
                    fail(where, f'no class is called {name!r}')
                value |= 1 << self.classes_by_id[name]
        elif word == 'under':
            for name in arg.split(','):
                if name not in self.under:
                    self.under.append(name)
                value |= 1 << self.under.index(name)
        elif word in ('text', 'maybe'):
            if arg not in self.probes_by_name:
                fail(where, f'no probe is called {arg!r}')
            value = self.probes_by_name[arg]
        elif word == 'head':
            value = int.from_bytes(bytes.fromhex(arg), 'big')
            n = len(arg) // 2
            if not 1 <= n <= 8:
                fail(where, 'head: wants 1 to 8 bytes')
        elif word == 'size':
            value = int(arg)
        self.terms.append((TERMS.index(word), negate, last, first, n, value))

    def add_evidence(self, where, needs, unless):
        first = len(self.terms)
        if needs != '-':
            for clause in needs.split(' & '):
                parts = clause.split(' | ')
                for i, part in enumerate(parts):
                    self.add_term(where, part, False, i == len(parts) - 1)
        if unless != '-':
            for part in unless.split(' | '):
                self.add_term(where, part, True, True)
        return first, len(self.terms) - first

    def say_term(self, text):
        word, _, arg = text.lstrip('!').partition(':')
        names = [self.probe_words.get(arg, arg)] if word in ('text', 'maybe') else arg.split(',')
        return ('not ' if text.startswith('!') else '') + WORDS[word].format(one_of(names))

    def say_evidence(self, needs, unless):
        clauses = [', or '.join(map(self.say_term, c.split(' | '))) for c in needs.split(' & ') if c != '-']
        words = '; and '.join(clauses)
        if unless != '-':
            words += ('; ' if words else '') + 'not with ' + ', or '.join(map(self.say_term, unless.split(' | ')))
        return words

    # -- literals ----------------------------------------------------------
    def build_literals(self):
        self.literals, self.pairs, self.pair_slots = [], [], [0] * literals.PAIR_SLOTS
        for number, probe in enumerate(self.probes):
            if REACH[probe[1]] == 'rule':
                continue
            texts, is_fold = literals.of_regex(self.text(probe[3]))
            if not texts:
                fail('probes.tsv', f'{probe[4]}: no literal is in every match')
            for text in texts:
                for slot, at in literals.pairs(text, is_fold):
                    self.pairs.append((self.pair_slots[slot], len(self.literals), at))
                    self.pair_slots[slot] = len(self.pairs)
                self.literals.append((self.pool.add(text), len(text), number, int(is_fold)))
        if len(self.probes) > 64 or len(self.literals) > 255:
            fail('probes.tsv', 'too many probes for a mask, or literals for a byte')

    # -- rows --------------------------------------------------------------
    def read_classes(self, path):
        for where, (name, group, advice, meaning, risk) in read_table(path, 5):
            if group not in GROUPS or advice not in ADVICE:
                fail(where, 'group and advice are keep, ask or exclude')
            self.classes.append((self.pool.add(name), GROUPS.index(group), ADVICE.index(advice),
                                 self.pool.add(meaning), self.pool.add(risk), name, risk))
        self.classes_by_id = {c[5]: i for i, c in enumerate(self.classes)}

    def read_probes(self, path):
        for where, (name, reach, kind, regex) in read_table(path, 4):
            if reach not in REACH:
                fail(where, f'reach is one of {REACH}')
            self.probes.append((self.pool.add(name), REACH.index(reach), self.pool.add('' if kind == '-' else kind),
                                self.pool.add(regex), name))
        self.probes_by_name = {p[4]: i for i, p in enumerate(self.probes)}
        self.probe_words = {p[4]: self.text(p[2]) or p[4].replace('-', ' ') for p in self.probes}

    def read_rules(self, path):
        for where, cells in read_table(path, 13):
            self.add_rule(where, cells)

    def add_rule(self, where, cells):
        rule_id, eco, kind, pattern, rank, sure, tier, advice, needs, unless, severity, suggests, risk = cells
        name = rule_id.split('.')[0]
        if name not in self.classes_by_id or rule_id in self.ids:
            fail(where, f'{rule_id}: the id is taken, or begins with no class')
        if kind not in KINDS or advice not in ADVICE or severity not in SEVERITY or tier not in '123':
            fail(where, 'kind, advice, severity or tier is none')
        self.ids.add(rule_id)
        klass = self.classes_by_id[name]
        root, fold = pattern.startswith('/'), pattern.startswith('(i)')
        pattern = pattern[1:] if root else pattern[3:] if fold else pattern
        parts = pattern.split('/')
        if any(any(c in WILD for c in p) for p in parts[:-1]) or '' in parts:
            fail(where, f'{pattern}: only the last component may have a wildcard')
        number = len(self.rules)
        first, n = self.add_evidence(where, needs, unless)
        suggests = {'-': '', '**': f'**/{pattern}'}.get(suggests, suggests)
        self.rules.append(dict(
            id=self.pool.add(rule_id), ecosystem=self.pool.add(eco), pattern=self.pool.add(pattern),
            suggests=self.pool.add(suggests), risk=self.pool.add(risk or self.classes[klass][6]),
            evidence=self.pool.add(self.say_evidence(needs, unless)), first_term=first, nterms=n, klass=klass, kind=KINDS[kind][0],
            is_tree=int(kind == 'tree'), for_dirs=int(KINDS[kind][1] != 'file'), for_files=int(KINDS[kind][1] != 'dir'),
            rank=int(rank), sure=int(sure), tier=int(tier), advice=ADVICE.index(advice),
            severity=SEVERITY.index(severity), is_root=int(root), is_fold=int(fold), nparents=len(parts) - 1))
        if kind == 'content':
            self.content.append(number)
        elif pattern == '*':
            self.star[KINDS[kind][1]].append(number)
        else:
            self.lasts.setdefault(parts[-1], []).append(number)

    # -- lookups -----------------------------------------------------------
    def mark_star_evidence(self):
        """A directory rule without a name is only looked at where one of the names it asks for is."""
        for number in self.star['dir']:
            rule = self.rules[number]
            for t in self.terms[rule['first_term']:rule['first_term'] + rule['nterms']]:
                names = [self.text(n[0]) for n in self.names[t[3]:t[3] + t[4]]]
                if TERMS[t[0]] == 'tag':
                    names = ['CACHEDIR.TAG']
                elif TERMS[t[0]] in ('worktree', 'submodule'):
                    names = ['.git']
                self.markers += [n for n in names if n not in self.markers and not t[1]]

    def text(self, at):
        return self.pool.bytes[at:self.pool.bytes.index(0, at)].decode()

    def build(self):
        self.mark_star_evidence()
        self.build_literals()
        if len(self.under) > 32 or len(self.classes) > 63:
            fail('generate.py', 'too many names of under: or classes')
        for name in self.under + self.markers:
            self.lasts.setdefault(name, [])
        self.exact, self.globs, self.lists = [], [], []
        for name in sorted(self.lasts):
            kind, prefix, suffix = shape(name)
            first = len(self.lists)
            self.lists += self.lasts[name]
            row = (self.pool.add(name), len(name.encode()), first, len(self.lasts[name]))
            if kind == 'EXACT':
                self.exact.append((name, row))
            else:
                self.globs.append((name, row, kind, prefix, suffix))
        self.build_buckets()

    def build_buckets(self):
        self.slots = [(0xFFFF, 0)] * SLOTS
        for i, (name, _) in enumerate(self.exact):
            at = hash_name(name) & (SLOTS - 1)
            while self.slots[at][0] != 0xFFFF:
                at = (at + 1) & (SLOTS - 1)
            self.slots[at] = i, hash_name(name) >> 16
        by_ext, self.by_first, self.by_last, self.anywhere = {}, [[] for _ in range(256)], [[] for _ in range(256)], []
        for i, (name, _, _, prefix, suffix) in enumerate(self.globs):
            tail = name[len(name) - suffix:]
            if '.' in tail:
                by_ext.setdefault(tail[tail.rindex('.'):], []).append(i)
            elif suffix:
                self.by_last[ord(tail[-1])].append(i)
            elif prefix:
                self.by_first[ord(name[0])].append(i)
            else:
                self.anywhere.append(i)
        self.bucket_list, self.exts = [], []
        for ext in sorted(by_ext):
            self.exts.append((self.pool.add(ext), len(ext), len(self.bucket_list), len(by_ext[ext])))
            self.bucket_list += by_ext[ext]
        self.ext_slots = [0xFFFF] * 1024
        for i, ext in enumerate(sorted(by_ext)):
            at = hash_name(ext) & 1023
            while self.ext_slots[at] != 0xFFFF:
                at = (at + 1) & 1023
            self.ext_slots[at] = i
        if len(self.exts) > 700 or len(self.exact) > SLOTS * 3 // 4:
            fail('generate.py', 'the hash tables are too full: enlarge them here and in table.h')

    # -- output ------------------------------------------------------------
    def write(self, out):
        w = out.write
        w('/* Made by generate.py from rules.tsv, classes.tsv and probes.tsv: edit those. */\n#include "classify/table.h"\n\n')
        w('const char class_pool[] = {')
        for i, b in enumerate(self.pool.bytes):
            w(('\n\t' if i % 24 == 0 else ' ') + f'{b if b < 128 else b - 256},')
        w('\n};\n')
        fields = list(self.rules[0])
        rows(w, 'struct rule_row', 'class_rule_rows', [', '.join(f'.{k} = {r[k]}' for k in fields) for r in self.rules])
        rows(w, 'struct rule_term', 'class_terms',
             [f'.type = {t}, .negate = {int(neg)}, .last = {int(last)}, .first = {first}, .n = {n}, .value = {hex(value)}ULL'
              for t, neg, last, first, n, value in self.terms])
        rows(w, 'struct rule_name', 'class_names',
             [f'{at}, {length}, NAME_{kind}, {prefix}, {suffix}' for at, length, kind, prefix, suffix in self.names])
        rows(w, 'struct class_row', 'class_rows', [', '.join(map(str, c[:5])) for c in self.classes])
        rows(w, 'struct probe_row', 'class_probes', [', '.join(map(str, p[:4])) for p in self.probes])
        rows(w, 'struct literal_row', 'class_literals', [', '.join(map(str, row)) for row in self.literals])
        rows(w, 'struct pair_row', 'class_pairs', [', '.join(map(str, row)) for row in self.pairs])
        rows(w, 'struct exact_row', 'class_exact',
             [', '.join(map(str, row)) + f', {self.bit(self.under, name)}, {self.bit(self.markers, name)}'
              for name, row in self.exact])
        rows(w, 'struct glob_row', 'class_globs',
             [', '.join(map(str, row)) + f', NAME_{kind}, {prefix}, {suffix}' for _, row, kind, prefix, suffix in self.globs])
        rows(w, 'struct bucket_row', 'class_buckets',
             [f'{hex(letters(name, kind, prefix, suffix))}ULL, {i}'
              for i in self.flat_buckets() for name, _, kind, prefix, suffix in [self.globs[i]]])
        rows(w, 'struct exact_slot', 'class_exact_slots', [f'{row}, {tag}' for row, tag in self.slots])
        numbers(w, 'class_letters', [letter(byte) for byte in range(256)], 'uint8_t')
        rows(w, 'struct ext_row', 'class_exts', [', '.join(map(str, e)) for e in self.exts])
        for name, values in (('class_lists', self.lists), ('class_pair_slots', self.pair_slots),
                             ('class_ext_slots', self.ext_slots),
                             ('class_first_at', self.first_at), ('class_last_at', self.last_at),
                             ('class_dir_stars', self.star['dir']), ('class_file_stars', self.star['file']),
                             ('class_content_rules', self.content)):
            numbers(w, name, values)
        w(f'const uint16_t class_anywhere_at = {self.anywhere_at}, class_anywhere_n = {len(self.anywhere)};\n')
        for name, values in (('rules', self.rules), ('exact', self.exact), ('classes', self.classes), ('probes', self.probes),
                             ('dir_stars', self.star['dir']), ('file_stars', self.star['file']),
                             ('content_rules', self.content)):
            w(f'const uint16_t class_n{name} = {len(values)};\n')

    @staticmethod
    def bit(names, name):
        return hex(1 << names.index(name)) if name in names else 0

    def flat_buckets(self):
        flat = list(self.bucket_list)
        self.first_at, self.last_at = [], []
        for lists, at in ((self.by_first, self.first_at), (self.by_last, self.last_at)):
            for part in lists:
                at.append(len(flat))
                flat += part
            at.append(len(flat))
        self.anywhere_at = len(flat)
        return flat + self.anywhere


def rows(w, kind, name, texts):
    w(f'const {kind} {name}[] = {{\n')
    for text in texts or ['0']:
        w(f'\t{{ {text} }},\n')
    w('};\n')


def numbers(w, name, values, kind='uint16_t'):
    w(f'const {kind} {name}[] = {{')
    for i, v in enumerate(values or [0]):
        w(('\n\t' if i % 16 == 0 else ' ') + f'{v},')
    w('\n};\n')


def main():
    rules, classes, probes, output = sys.argv[1:]
    t = Tables()
    t.read_classes(classes)
    t.read_probes(probes)
    t.read_rules(rules)
    t.build()
    with open(output, 'w', encoding='utf8') as f:
        t.write(f)


if __name__ == '__main__':
    main()

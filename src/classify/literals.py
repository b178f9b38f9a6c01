"""What every match of a regular expression must hold: literals, found by reading its syntax tree.

A text without any of them needs no regular expression to be told that it does not match.
"""
try:
    from re import _parser as parser  # Python 3.11 and later
except ImportError:
    import sre_parse as parser
import re

VARIANTS_MAX = 8  # texts that one run of literals may stand for
SHORTEST = 3
PAIR_SLOTS = 4096


def exact(item):
    """All texts that an item stands for; None: too many to list."""
    kind, value = item
    name = str(kind)
    if name == 'LITERAL':
        return [chr(value)]
    if name == 'IN':
        chars = [chr(v) for k, v in value if str(k) == 'LITERAL']
        return chars if len(chars) == len(value) <= VARIANTS_MAX else None
    if name == 'SUBPATTERN':
        return product(value[3])
    if name == 'BRANCH':
        parts = [product(branch) for branch in value[1]]
        return None if None in parts else [text for part in parts for text in part]
    if name in ('MAX_REPEAT', 'MIN_REPEAT') and value[1] == 1:
        texts = product(value[2])
        return texts and (texts if value[0] == 1 else [''] + texts)
    return [''] if name == 'AT' else None  # a place, not a text


def product(items):
    texts = ['']
    for item in items:
        more = exact(item)
        if more is None or len(texts) * len(more) > VARIANTS_MAX:
            return None
        texts = [a + b for a in texts for b in more]
    return texts


def front(items):
    """What is exact at the front of a sequence."""
    for n in range(len(items), 0, -1):
        texts = product(items[:n])
        if texts is not None:
            return texts
    return ['']


def candidates(items):
    """Sets of texts, of each of which every match holds one."""
    run = ['']
    for item in items:
        more = exact(item)
        if more is not None and len(run) * len(more) <= VARIANTS_MAX:
            run = [a + b for a in run for b in more]
            continue
        yield run
        kind, value = str(item[0]), item[1]
        if kind == 'SUBPATTERN':
            yield best(value[3])
        elif kind == 'BRANCH':
            yield [text for branch in value[1] for text in best(branch)]
            yield [a + b for a in run for branch in value[1] for b in front(branch)]
        elif kind in ('MAX_REPEAT', 'MIN_REPEAT') and value[0] > 0:
            yield best(value[2])
        run = more or ['']
    yield run


def best(items):
    """The set whose shortest text is longest; [''] when nothing is certain."""
    return max(candidates(items), key=lambda texts: (min(map(len, texts)), -len(texts)))


def of_regex(regex):
    """(texts, in any case); no texts: nothing that is certain is long enough."""
    tree = parser.parse(regex.replace(r'\K', ''))  # where a match begins is nothing that it must hold
    texts = sorted(set(best(tree)), key=len)
    texts = [t for i, t in enumerate(texts) if not any(s in t for s in texts[:i])]
    is_fold = bool(tree.state.flags & re.IGNORECASE)
    if is_fold:
        texts = sorted({t.lower() for t in texts})
    return (texts if len(texts[0]) >= SHORTEST else []), is_fold


# How often letters are in text, roughly: the last the rarest. Lower case; upper case is rarer.
COMMON = 'etaoinsrhldcumfpgwybvkxjqz'


def commonness(char):
    if char in COMMON:
        return len(COMMON) - COMMON.index(char)
    return 10 if char in ' -=".' else 2


def window(text):
    """Where its three rarest bytes in a row are: looking at every other pair of a text finds two of them."""
    def cost(at):
        a, b, c = map(commonness, text[at:at + 3])
        return a * b + b * c
    return min(range(len(text) - 2), key=cost)


def pair_hash(a, b):
    """As literals.c has it."""
    return ((a | b << 8) * 40503 & 0xFFFF) >> 4


def pairs(text, is_fold):
    """(slot, where in the text) of every pair by which it may be seen."""
    at = window(text)
    for i in (at, at + 1):
        both = [{c.lower(), c.upper()} if is_fold else {c} for c in text[i:i + 2]]
        for slot in {pair_hash(ord(a), ord(b)) for a in both[0] for b in both[1]}:
            yield slot, i

"""Contexts of many shapes, for time_builds.py. Sizes are in seconds of a link: `unit` is its bytes a second."""
import os
import random


class Tree:
    """A context being made: files of bytes that do not compress, from a seed."""

    def __init__(self, root, seed):
        self.root, self.rng = root, random.Random(seed)

    def at(self, path):
        return os.path.join(self.root, path)

    def file(self, path, size):
        full = self.at(path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as f:
            f.write(self.rng.randbytes(int(size)))

    def files(self, folder, count, size, per_folder=200):
        """`count` files of about `size`, no two of a size that matters."""
        for i in range(int(count)):
            self.file("%s/d%d/f%d.dat" % (folder, i // per_folder, i), self.rng.uniform(0.7, 1.3) * size)

    def text(self, path, text):
        with open(self.at(path), "w", encoding="utf8") as f:
            f.write(text)

    def build(self, ignore="", sources="."):
        self.text("Dockerfile", "FROM scratch\nCOPY %s /x/\n" % sources)
        self.text(".dockerignore", ignore)

    def all_files(self, below="."):
        for base, _, names in os.walk(self.at(below)):
            for name in sorted(names):
                yield os.path.join(base, name)


# ---- shapes: what is there at a first build

def few_large(t, unit):
    for i in range(3):
        t.file("big%d.bin" % i, 0.5 * unit)
    t.build()


def one_huge(t, unit):
    t.file("data/model.bin", 2.2 * unit)
    t.build()


def many_small(t, unit):
    t.files("src", unit * 0.9 / 1500, 1200)
    t.build()


def very_small(t, unit):
    t.files("src", unit * 0.5 / 250, 60)
    t.build()


def medium(t, unit):
    t.files("assets", 60, unit * 1.3 / 60)
    t.build()


def deep(t, unit):
    for i in range(40):
        t.files("/".join("level%d-%d" % (i, k) for k in range(12)), 8, unit * 0.8 / 320)
    t.build()


def wide(t, unit):
    for i in range(int(min(unit / 8000, 800))):
        t.file("pkg%d/index.js" % i, unit * 0.7 / min(unit / 8000, 800))
    t.build()


def empty_folders(t, unit):
    for i in range(int(unit * 0.4 / 75)):
        os.makedirs(t.at("tree/part%d/folder%d" % (i // 100, i)))
    t.file("a", 100)
    t.build()


def tiny(t, unit):
    t.files("src", 5, unit * 0.05 / 5)
    t.build()


def pruned(t, unit):
    """Excluded, and the walk does not look inside."""
    t.files("node_modules", 3000, 20, 50)
    t.files("src", 40, unit * 0.9 / 40)
    t.build("node_modules\n")


def excluded_one_by_one(t, unit):
    t.files("cache", 4000, 20, 500)
    t.files("src", 30, unit * 0.6 / 30)
    t.build("**/*.dat\n!src/**/*.dat\n")


def walked_for_nothing(t, unit):
    """Excluded, but an exception defeats pruning."""
    t.files("node_modules", 6000, 20, 50)
    t.files("src", 30, unit * 0.6 / 30)
    t.build("node_modules\n!**/keep.txt\n")


def mixed(t, unit):
    t.file("big.bin", 0.6 * unit)
    t.files("src", unit * 0.4 / 1500, 1200)
    t.files("assets", 30, unit * 0.4 / 30)
    t.build()


def large_then_small(t, unit):
    """The walk's order: the large file comes first, and the small ones wait behind it."""
    t.file("aaa.bin", 1.0 * unit)
    t.files("zzz", unit * 0.4 / 1500, 1200)
    t.build()


def subset(t, unit):
    """The build asks for a part only."""
    t.files("src", 50, unit * 0.8 / 50)
    t.files("rest", 500, unit * 2 / 500)
    t.build(sources="src")


def links(t, unit):
    t.files("src", 20, unit * 0.5 / 20)
    for i in range(int(min(unit * 0.3 / 110, 3000))):
        os.makedirs(t.at("links/l%d" % (i // 100)), exist_ok=True)
        os.symlink("../../src/d0/f%d.dat" % (i % 20), t.at("links/l%d/link%d" % (i // 100, i)))
    t.build()


# ---- edits, after a first build that is not timed; each says which files it changed

def unchanged(_t, _unit):
    return []


def touched(t, _unit):
    """Other times, the same contents: sent again."""
    for path in t.all_files():
        os.utime(path, (1, t.rng.randrange(10**9)))
    return list(t.all_files())


def other_modes(t, _unit):
    for path in t.all_files():
        os.chmod(path, 0o600)
    return list(t.all_files())


def one_changed(t, unit):
    t.file("assets/d0/f0.dat", 0.8 * unit)
    return [t.at("assets/d0/f0.dat")]


def some_changed(t, _unit):
    paths = list(t.all_files("src"))[::4]
    for path in paths:
        with open(path, "r+b") as f:
            f.write(t.rng.randbytes(16))
    return paths


def one_added(t, unit):
    t.file("added.bin", 0.4 * unit)
    return [t.at("added.bin")]


def with_many(t, unit):
    t.files("src", min(unit * 0.5 / 120, 4000), 30)
    t.build()


def with_some(t, unit):
    t.files("src", 200, unit * 1.0 / 200)
    t.files("assets", 20, unit * 0.5 / 20)
    t.build()


# name: (what is there, the edit that is timed or None: a first build)
SHAPES = {
    "few large": (few_large, None),
    "one huge": (one_huge, None),
    "many small": (many_small, None),
    "very small": (very_small, None),
    "medium": (medium, None),
    "deep": (deep, None),
    "wide": (wide, None),
    "empty folders": (empty_folders, None),
    "tiny": (tiny, None),
    "pruned": (pruned, None),
    "excluded one by one": (excluded_one_by_one, None),
    "walked for nothing": (walked_for_nothing, None),
    "mixed": (mixed, None),
    "large then small": (large_then_small, None),
    "subset": (subset, None),
    "links": (links, None),
    "unchanged": (with_many, unchanged),
    "unchanged, few": (few_large, unchanged),
    "touched": (with_some, touched),
    "other modes": (with_some, other_modes),
    "other modes, small": (many_small, other_modes),
    "one changed": (with_some, one_changed),
    "some changed": (with_some, some_changed),
    "one added": (with_many, one_added),
}

#!/usr/bin/env python3
"""Random builds: `tonnage ls --engine podman` against what buildah's COPY copies.

  diff_buildah.py [--seed N] [--cases N] [--case I] [--keep DIR] [-v]

Each case is a real build (FROM scratch, isolation chroot, vfs, everything in a temporary folder) of COPY . or
of some sources, each to a folder of its own. The entries that arrive there, and the bytes of their files, must
be those of `ls`, of `ls --for` that line where the source is a part, and nothing else but folders that
buildah makes for what is in them: folders of the context have a mode that it gives to none. Where the build
fails, tonnage must refuse, or list nothing for one of the sources. A case comes from (seed, index) alone;
--keep DIR leaves the context of --case in DIR. Needs root. $TONNAGE names the program.
"""
import argparse
import json
import os
import random
import re
import shutil
import stat
import subprocess
import sys
import tarfile

sys.dont_write_bytecode = True
import contexts  # noqa: E402  (after the line above: no cache in the source tree)
import diff_walk  # noqa: E402
import twenty  # noqa: E402

FOLDER_MODE = 0o711  # buildah makes missing parents with 0755
LINES = ["a+", "(a|b)", "a|b", "!(a)*", "(a)/b", "!a/(b)", "**a", "**.log", "!a", "a/b", "^a", "! a", " /a",
         "/../a", "a{2}", "!ab/x", "!abc/x", "f(1)", "a/**", "**", "\ufeffa", "!x/..", "(keep)+", "!keep/",
         "[^a]", "a$", "!b\r", "*/\r", "**/[ab]", "!d/*/b", "!**/keep"]
BAD_LINES = ["(", "a)", "+", "a++", "x*\\", "(a", "b/\\y"]
# how the build is asked for: -f (from the folder above the context), and where the file is
FILES = [(None, "Dockerfile"), (None, "Containerfile"), ("sub/C", "sub/C"), ("C", "C"), ("ctx/C", "C"),
         ("/C", "C")]


def random_ignore_file(r, paths):
    lines = diff_walk.random_ignore_file(r, paths).split("\n")
    for i, line in enumerate(lines):
        if r.random() < 0.3:
            lines[i] = r.choice(LINES)
    if r.random() < 0.06:
        lines.insert(r.randrange(len(lines)), r.choice(BAD_LINES))
    return "\n".join(lines)


def random_case(r):
    """entries, ignore files by name, -f, the Dockerfile's place in the context."""
    option, place = r.choices(FILES, (50, 20, 10, 8, 6, 6))[0]
    entries = [e for e in diff_walk.random_tree(r) if e[0].split("/")[0] != "sub"]
    paths = [e[0] for e in entries]
    ignore = {}
    names = r.choices(([".dockerignore"], [".containerignore"], [".dockerignore", ".containerignore"],
                       [place + ".dockerignore", ".dockerignore"], [place + ".containerignore"],
                       [place + ".dockerignore", place + ".containerignore"], []),
                      (50, 12, 8, 12, 8, 6, 4))[0]
    for name in names:
        ignore[name] = random_ignore_file(r, paths + [place, name])
    return {"entries": entries, "ignore": ignore, "option": option, "place": place,
            "sources": random_sources(r, entries)}


def random_sources(r, entries):
    """What the build copies, "." among others.

    No links, which buildah follows, no sockets, which it leaves, and no wildcard that hits a name with letters
    of its own: buildah takes what a wildcard hits for a wildcard again.
    """
    kinds = {e[0]: e[1] for e in entries}
    plain = [p for p, kind in kinds.items() if re.fullmatch(r"[\w./-]+", p, re.ASCII) and kind in ("file", "dir")]
    if not plain or r.random() < 0.3:
        return ["."]
    out = []
    for _ in range(r.choice((1, 1, 2, 3))):
        above, _, name = r.choice(plain).rpartition("/")
        pattern = r.choice(("*", name[:1] + "*", "?", "*" + name[-1:])) if r.random() < 0.3 else name
        hit = [p for p in kinds if twenty.go_match(os.fsencode(pattern), os.fsencode(os.path.basename(p))) and
               os.path.dirname(p) == above]
        if pattern == name or (hit and all(p in plain for p in hit)):
            out.append((above + "/" if above else "") + pattern)
    return out or ["."]


def plant(root, case):
    text = "FROM scratch\n" + "".join(
        "COPY %s /o%d/\n" % (json.dumps(source), i) if source == "." or is_pattern(source) else
        "COPY %s /o%d/%s\n" % (source, i, os.path.basename(source)) for i, source in enumerate(case["sources"]))
    entries = case["entries"] + [(case["place"], "file", text)]
    entries += [(name, "file", text) for name, text in case["ignore"].items()]
    contexts.plant(root, entries)
    for base, folders, _ in os.walk(os.fsencode(root)):
        for name in folders:
            path = os.path.join(base, name)
            if stat.S_ISDIR(os.lstat(path).st_mode):
                os.chmod(path, FOLDER_MODE)


class Buildah:
    """buildah with its storage in a folder of ours."""

    def __init__(self, work):
        self.dir = work.fresh("buildah")
        self.tar = os.path.join(self.dir, "out.tar")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("BUILDAH_", "CONTAINERS_", "STORAGE_"))}
        self.env.update(HOME=self.dir, TMPDIR=work.fresh("buildah/tmp"))

    def build(self, cwd, root, nsources, file=None):
        """([Arrived of each source], None), or (None, the error)."""
        if os.path.exists(self.tar):
            os.unlink(self.tar)
        argv = ["buildah", "--root", self.dir + "/root", "--runroot", self.dir + "/run", "--storage-driver", "vfs",
                "bud", "--isolation", "chroot", "--layers=false", "--no-cache", "--pull=false",
                "--output", "type=tar,dest=" + self.tar]
        argv += (["-f", file] if file else []) + [root]
        p = subprocess.run(argv, cwd=cwd, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, check=False)
        if p.returncode:
            return None, p.stderr.decode("utf-8", "replace").strip()[-300:]
        out = [Arrived() for _ in range(nsources)]
        with tarfile.open(self.tar, encoding="utf-8", errors="surrogateescape") as tar:
            for member in tar:
                top, _, name = re.sub(r"^(\./)+", "", member.name.rstrip("/")).partition("/")
                if name:
                    out[int(top[1:])].add(name, member)
        return out, None


class Arrived:
    """Of one COPY: names below its folder, and which of them buildah has only made for what is in them."""

    def __init__(self):
        self.entries, self.parents, self.nbytes = set(), set(), 0

    def add(self, name, member):
        is_made = member.isdir() and member.mode & 0o7777 != FOLDER_MODE
        (self.parents if is_made else self.entries).add(name)
        self.nbytes += member.size if member.isreg() else 0

    def merged(self):
        self.entries, self.parents = self.entries | self.parents, set()


class Listed(Arrived):
    """What should arrive of a source, from the lines of `ls`: it goes to a folder, or takes a name there."""

    def __init__(self, source, lines):
        super().__init__()
        depth = 0 if source == "." else source.count("/") + (1 if is_pattern(source) else 0)
        for line in lines:
            parts = line.rstrip("/").split("/")
            is_matched_folder = is_pattern(source) and len(parts) == depth and line.endswith("/")
            rest = parts[depth - 1:] if is_pattern(source) and len(parts) == depth else parts[depth:]
            if not is_matched_folder and not (line.rstrip("/") == source and line.endswith("/")):
                self.entries.add("/".join(rest))
        self.parents = parents_of(self.entries)


def is_pattern(source):
    return re.search(r"[*?\[]", source) is not None


def option_of(case, above):
    """-f as it is written: "/C" stands for the file's full path."""
    if case["option"] == "/C":
        return os.path.join(above, "ctx", "C")
    return case["option"]


def parents_of(entries):
    out = set()
    for entry in entries:
        while "/" in entry:
            entry = entry.rpartition("/")[0]
            out.add(entry)
    return out - entries


def list_entries(a, above, file, *more):
    args = ["--engine", "podman", *(["-f", file] if file else []), *more]
    got = contexts.Listing(a.tonnage, "ctx", *args, cwd=above)
    p = subprocess.run([a.tonnage, "ls", "--totals", *args, "ctx"], cwd=above, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    m = re.search(rb"bytes=(\d+)", p.stdout)
    got.nbytes = int(m.group(1)) if m else None
    return got


def compare(a, buildah, above, case):
    """What differs, or None; the context is above/ctx."""
    file, sources = option_of(case, above), case["sources"]
    arrived, error = buildah.build(above, "ctx", len(sources), file)
    got = [list_entries(a, above, file, *([] if source == "." else ["--for", str(i + 2)]))
           for i, source in enumerate(sources)]
    for listing in got:
        if listing.broken:
            return "exit status %d: %s" % (listing.exit, listing.stderr)
    refused = next((listing.stderr for listing in got if listing.refused), None)
    if error and not refused and "no items matching glob" in error and not all(
            Listed(source, listing.entries).entries for source, listing in zip(sources, got)):
        a.stats["nothing to copy"] += 1
        return None
    if (error is None) != (refused is None):
        return "buildah %s, tonnage %s" % ("fails (%s)" % error if error else "does not fail",
                                           "refuses: " + refused if refused else "does not refuse")
    if error:
        a.stats["refused"] += 1
        return None
    a.stats["copies of a part"] += sources != ["."] and sum(bool(x.entries) for x in got)
    a.stats["entries"] += sum(len(x.entries) for x in arrived)
    a.stats["bytes"] += sum(x.nbytes for x in arrived)
    for source, there, listing in zip(sources, arrived, got):
        how = differs(source, there, listing)
        if how:
            return "COPY %s: %s" % (source, how)
    return None


def differs(source, there, listing):
    want = Listed(source, listing.entries)
    if is_pattern(source):
        there.merged()
        want.merged()
    elif source != ".":
        # the folder itself has its name from the Dockerfile
        base = os.path.basename(source)
        if not any(e == source for e in listing.entries):
            there.entries.discard(base)
        there.parents.discard(base)
        want.parents.discard(base)
    how = contexts.first_difference(sorted(there.entries), sorted(want.entries))
    if how is None and there.parents - {""} != want.parents:
        how = "folders made: %r, expected %r" % (sorted(there.parents), sorted(want.parents))
    if how is None and not is_pattern(source) and there.nbytes != listing.nbytes:
        how = "%d bytes, tonnage says %r" % (there.nbytes, listing.nbytes)
    return how


def place_case(work, case):
    above = work.fresh("above")
    plant(os.path.join(above, "ctx"), case)
    return above


def smaller(case):
    yield from diff_walk.smaller(case)
    if len(case["sources"]) > 1:
        for source in case["sources"]:
            yield dict(case, sources=[source])
    for name in case["ignore"]:
        yield dict(case, ignore={k: v for k, v in case["ignore"].items() if k != name})


def shrink(a, work, buildah, case):
    budget, again = 60, True
    while again:
        again = False
        for candidate in smaller(case):
            budget -= 1
            if budget < 0:
                return case
            how = compare(a, buildah, place_case(work, candidate), candidate)
            if how and "copier: stat:" not in how:  # a source that is not there any more
                case, again = candidate, True
                break
    return case


def show(a, work, buildah, index, case):
    case = shrink(a, work, buildah, case)
    print("# --seed %d --case %d" % (a.seed, index))
    for path, kind, what in case["entries"]:
        print("#   %-8s %r%s" % (kind, path, " -> %r" % what if kind in ("symlink", "hardlink") else ""))
    print("#   Dockerfile %r, -f %r, copies %r" % (case["place"], case["option"], case["sources"]))
    for name, text in case["ignore"].items():
        print("#   %r: %r" % (name, text))
    print("#   " + compare(a, buildah, place_case(work, case), case))
    sys.stdout.flush()


def make(a, index):
    return random_case(random.Random("buildah %d %d" % (a.seed, index)))


def check_can_run(work, buildah):
    if os.geteuid() != 0:
        contexts.skip("buildah: needs root")
    if shutil.which("buildah") is None:
        contexts.skip("buildah: not installed")
    trial = {"entries": [("a/b", "file", "x")], "ignore": {}, "option": None, "place": "Dockerfile",
             "sources": ["."]}
    arrived, error = buildah.build(place_case(work, trial), "ctx", 1)
    if error or arrived[0].entries != {"Dockerfile", "a", "a/b"}:
        contexts.skip("buildah: cannot build here: %s" % (error or sorted(arrived[0].entries)))


def run(a, work):
    buildah = Buildah(work)
    check_can_run(work, buildah)
    indexes = [a.case] if a.case is not None else range(a.cases)
    ndifferences = 0
    a.stats = {"refused": 0, "nothing to copy": 0, "copies of a part": 0, "entries": 0, "bytes": 0}
    for index in indexes:
        case = make(a, index)
        how = compare(a, buildah, place_case(work, case), case)
        if a.verbose:
            print("# %d: %s" % (index, how or "ok"))
        if how:
            ndifferences += 1
            if ndifferences <= 5:
                show(a, work, buildah, index, case)
    print("# seed %d: %s" % (a.seed, ", ".join("%d %s" % (v, k) for k, v in a.stats.items())))
    contexts.finish(len(indexes), ndifferences)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--cases", type=int, default=300)
    p.add_argument("--case", type=int, help="only this one")
    p.add_argument("--keep", metavar="DIR", help="leave the context of --case in DIR/ctx, and compare nothing")
    p.add_argument("-v", "--verbose", action="store_true", help="a line a case")
    a = p.parse_args()
    if a.keep:
        plant(os.path.join(a.keep, "ctx"), make(a, a.case or 0))
        return
    a.tonnage = contexts.program()
    with contexts.Workspace() as work:
        run(a, work)


if __name__ == "__main__":
    main()

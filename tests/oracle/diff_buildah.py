#!/usr/bin/env python3
"""Random small contexts: `tonnage ls --engine podman` against what buildah's COPY . copies.

  diff_buildah.py [--seed N] [--cases N] [--case I] [--keep DIR] [-v]

Each case is a real build (FROM scratch, isolation chroot, vfs, everything in a temporary folder). The
entries of the result must be those of the list, and nothing else but folders that buildah makes for what
is in them: folders of the context have a mode that it gives to none. Where the build fails, tonnage must
refuse. A case comes from (seed, index) alone; --keep DIR leaves the context of --case in DIR. Needs root.
$TONNAGE names the program.
"""
import argparse
import os
import random
import shutil
import stat
import subprocess
import sys
import tarfile

sys.dont_write_bytecode = True
import contexts  # noqa: E402  (after the line above: no cache in the source tree)
import diff_walk  # noqa: E402

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
    return {"entries": entries, "ignore": ignore, "option": option, "place": place}


def plant(root, case):
    entries = case["entries"] + [(case["place"], "file", "FROM scratch\nCOPY . /\n")]
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

    def build(self, cwd, root, file=None):
        """(entries, parents, error): entries and parents are sets; an error takes their place."""
        if os.path.exists(self.tar):
            os.unlink(self.tar)
        argv = ["buildah", "--root", self.dir + "/root", "--runroot", self.dir + "/run", "--storage-driver", "vfs",
                "bud", "--isolation", "chroot", "--layers=false", "--no-cache", "--pull=false",
                "--output", "type=tar,dest=" + self.tar]
        argv += (["-f", file] if file else []) + [root]
        p = subprocess.run(argv, cwd=cwd, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, check=False)
        if p.returncode:
            return None, None, p.stderr.decode("utf-8", "replace").strip()[-300:]
        entries, parents = set(), set()
        with tarfile.open(self.tar, encoding="utf-8", errors="surrogateescape") as tar:
            for member in tar:
                name = member.name.rstrip("/")
                made = member.isdir() and member.mode & 0o7777 != FOLDER_MODE
                if name not in ("", "."):
                    (parents if made else entries).add(name)
        return entries, parents, None


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


def compare(a, buildah, above, case):
    """What differs, or None; the context is above/ctx."""
    file = option_of(case, above)
    entries, parents, error = buildah.build(above, "ctx", file)
    got = contexts.Listing(a.tonnage, "ctx", "--engine", "podman", *(["-f", file] if file else []), cwd=above)
    if got.broken:
        return "exit status %d: %s" % (got.exit, got.stderr)
    if got.refused != (error is not None):
        return "buildah %s, tonnage %s" % (
            "fails (%s)" % error if error else "does not fail",
            "refuses: " + got.stderr if got.refused else "does not refuse")
    if error:
        return None
    listed = {e.rstrip("/") for e in got.entries}
    how = contexts.first_difference(sorted(entries), sorted(listed))
    if how is None and parents != parents_of(listed):
        how = "folders made: %r, expected %r" % (sorted(parents), sorted(parents_of(listed)))
    return how


def place_case(work, case):
    above = work.fresh("above")
    plant(os.path.join(above, "ctx"), case)
    return above


def smaller(case):
    yield from diff_walk.smaller(case)
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
            if compare(a, buildah, place_case(work, candidate), candidate):
                case, again = candidate, True
                break
    return case


def show(a, work, buildah, index, case):
    case = shrink(a, work, buildah, case)
    print("# --seed %d --case %d" % (a.seed, index))
    for path, kind, what in case["entries"]:
        print("#   %-8s %r%s" % (kind, path, " -> %r" % what if kind in ("symlink", "hardlink") else ""))
    print("#   Dockerfile %r, -f %r" % (case["place"], case["option"]))
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
    trial = {"entries": [("a/b", "file", "x")], "ignore": {}, "option": None, "place": "Dockerfile"}
    entries, _, error = buildah.build(place_case(work, trial), "ctx")
    if error or entries != {"Dockerfile", "a", "a/b"}:
        contexts.skip("buildah: cannot build here: %s" % (error or sorted(entries)))


def run(a, work):
    buildah = Buildah(work)
    check_can_run(work, buildah)
    indexes = [a.case] if a.case is not None else range(a.cases)
    ndifferences = 0
    for index in indexes:
        case = make(a, index)
        how = compare(a, buildah, place_case(work, case), case)
        if a.verbose:
            print("# %d: %s" % (index, how or "ok"))
        if how:
            ndifferences += 1
            if ndifferences <= 5:
                show(a, work, buildah, index, case)
    contexts.finish(len(indexes), ndifferences, " (seed %d)" % a.seed)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--cases", type=int, default=25)
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

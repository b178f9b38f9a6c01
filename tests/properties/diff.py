#!/usr/bin/env python3
"""`tonnage diff` says of git revisions what it says of their checkouts.

Random repositories of two commits, as tests/formats/against.py makes them. Both commits are laid out as folders,
and what diff says of these is what it must say of the two revisions, of a revision and a folder, of a revision
and a snapshot.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path[:0] = [str(Path(__file__).parents[1] / name) for name in ("support", "formats")]
from against import change, lfs
from repository import git, lay_out, put
from tap import Tap


def run(at, *args, status=0):
    """Standard output; of another status than was asked for, the error."""
    done = subprocess.run([os.environ["TONNAGE"], *args, "--config", "none"], cwd=at, capture_output=True, check=False)
    if done.returncode != status:
        raise RuntimeError(f"{' '.join(map(str, args))}: status {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode() if status == 0 else done.stderr.decode()


def diff(at, *args):
    found = json.loads(run(at, "diff", "--format", "json", *map(str, args)))
    for bust in found["busted"]:
        del bust["left"]  # what a proposal would take hangs on what git knows of the folder
    return {"changes": found["changes"], "busted": found["busted"]}


def lay_out_with_lfs(top, revision, at, ctx, size):
    """A file of Git LFS is what it stands for."""
    lay_out(top, revision, at)
    if size and (at / ctx / "weights.lfs").exists():
        os.truncate(at / ctx / "weights.lfs", size)


def make(r, temporary, ctx):
    """A repository, and the folders of its two commits."""
    top, revisions, sides = Path(temporary) / "top", [], []
    top.mkdir()
    git(top, "init", "-q", "-b", "main")
    uses_lfs = r.random() < 0.4
    for name in ("one", "two"):
        change(r, top, ctx)
        size = lfs(r, top, ctx) if uses_lfs else 0
        if r.random() < 0.3:
            for path in (p for p in top.rglob("*.py") if not p.is_symlink()):
                path.chmod(path.stat().st_mode ^ 0o111)
        git(top, "-c", "core.filemode=true", "-c", "filter.lfs.clean=cat", "add", "-A")
        git(top, "commit", "-qm", "c", "--allow-empty")
        revisions.append(git(top, "rev-parse", "HEAD"))
        sides.append(Path(temporary) / name)
        lay_out_with_lfs(top, revisions[-1], sides[-1], ctx, size)
    if r.random() < 0.5:
        git(top, "gc", "-q")
    return top, revisions, sides


def run_case(number):
    r = random.Random(number)
    ctx = r.choice(["", "", "app", "apps/web"])
    flags = ["-f", os.path.relpath("other/Dockerfile", ctx or ".")] if r.random() < 0.25 else []
    with tempfile.TemporaryDirectory() as temporary:
        top, (old, new), (one, two) = make(r, temporary, ctx)
        want = diff(temporary, one / ctx, two / ctx, *flags)
        snapshot = Path(temporary) / "two.json"
        run(temporary, "snapshot", str(two / ctx), "-o", str(snapshot), *[str(two / ctx / f) if f[0] != "-" else f for f in flags])
        flags += ["-C", str(top / ctx)]
        # who does not keep the bits of the group and of others, and those of directories, busts nothing
        for path in two.rglob("*"):
            if not path.is_symlink() and r.random() < 0.3:
                path.chmod(path.stat().st_mode ^ 0o020)
        got = {"a revision and a folder": diff(top, old, two / ctx, *flags),
               "a folder and a revision": diff(top, one / ctx, new, *flags),
               "a revision and a snapshot": diff(top, old, snapshot, *flags)}
        if ctx == "":  # .git is another one after a commit
            for side in (one, two):
                put(side / ".git/HEAD", f"{side}\n".encode())
                side.joinpath(".git").chmod(0o755)
        for path in two.rglob("*"):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & ~0o020)
        both = diff(temporary, one / ctx, two / ctx, *flags[:-2])
        return [f"{name}: {json.dumps(found)}\nwant: {json.dumps(w)}"
                for name, found, w in [*((n, g, want) for n, g in got.items()),
                                       ("two revisions", diff(top, old, new, *flags), both),
                                       ("a range", diff(top, f"{old}..{new}", *flags), both)] if found != w]


def check_names(tap):
    """What an argument may be, and what is said when it is nothing, or two things."""
    with tempfile.TemporaryDirectory() as temporary:
        top = Path(temporary) / "top"
        put(top / "Dockerfile", b"FROM scratch\nCOPY src /\n")
        put(top / "src/a", b"1")
        git(top.parent, "init", "-q", "-b", "main", "top")
        git(top, "add", "-A")
        git(top, "commit", "-qm", "c")
        git(top, "branch", "other")
        put(top / "src/b", b"2")
        git(top, "add", "-A")
        git(top, "commit", "-qm", "d")
        added = [{"path": "src/b", "kind": "added"}]
        tap.ok(diff(top, "HEAD")["changes"] == [] and diff(top, "other")["changes"] == added,
               "one argument is compared with the context as it is")
        tap.ok(diff(temporary, "other", "top")["changes"] == added, "a revision is one of the folder that it is compared with")
        git(top, "checkout", "-q", "other")
        put(top / "src/c", b"3")
        git(top, "add", "-A")
        git(top, "commit", "-qm", "e")
        kinds = [diff(top, text)["changes"] for text in ("main...other", "main..other", "main..")]
        new = {"path": "src/c", "kind": "added"}
        gone = {"path": "src/b", "kind": "removed"}
        tap.ok(kinds == [[new], [gone, new], [gone, new]], "A...B begins where B left A", kinds)
        (top / "main").mkdir()
        text = run(top, "diff", "main", ".", status=2)
        tap.ok("is a directory and a git revision; write ./main" in text, "a name of two things is an error", text)
        tap.ok({"path": "src/b", "kind": "removed"} in diff(top, "main^0", "./main", "-C", ".")["changes"], "... and each of them can be named")
        for args, part in ((["nothing", "."], "neither a file nor a git revision"), (["main..nothing"], "no such revision"),
                           (["../nothing"], "neither a file nor a git revision"),
                           (["main^0", ".", "-f", "gone/Dockerfile"], "does not have every Dockerfile of -f")):
            text = run(top, "diff", *args, status=2)
            tap.ok(part in text, f"diff {' '.join(args)}: {part}", text)


def check_merge(tap):
    """Snapshots of two branches that git merges are the snapshot of what git makes of the files."""
    def snapshot(*edits):
        with tempfile.TemporaryDirectory() as at:
            put(Path(at) / "Dockerfile", b"FROM scratch\nCOPY src /\n")
            for i in range(20):
                put(Path(at) / f"src/{i:02}", b"1")
            for name, text in edits:
                put(Path(at) / "src" / name, text)
            return run(at, "snapshot").encode()

    ours, theirs = ("03", b"two"), ("15", b"three")
    with tempfile.TemporaryDirectory() as at:
        for name, text in (("ours", snapshot(ours)), ("base", snapshot()), ("theirs", snapshot(theirs, ("10a", b"")))):
            put(Path(at) / name, text)
        merged = subprocess.run(["git", "merge-file", "-p", "ours", "base", "theirs"], cwd=at, capture_output=True, check=False)
    tap.ok(merged.returncode == 0 and merged.stdout == snapshot(ours, theirs, ("10a", b"")),
           "git merges two snapshots into that of both edits", merged.stdout.decode())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--from", dest="first", type=int, default=0)
    options = parser.parse_args()
    tap = Tap()
    if shutil.which("git") is None:
        tap.skip("diff of revisions", "no git")
        return tap.done()
    os.umask(0o022)
    check_names(tap)
    check_merge(tap)
    for number in range(options.first, options.first + options.cases):
        faults = run_case(number)
        if faults or number == options.first + options.cases - 1:
            tap.ok(not faults, f"case {number}: diff of revisions is as that of checkouts", "\n".join(faults))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())

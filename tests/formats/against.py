#!/usr/bin/env python3
"""`tonnage check --against REV` says what checking out both revisions and comparing would say.

Random repositories of two commits: folders, links, executables, ignore files, Dockerfiles, secrets, large
files, a submodule, pointers of Git LFS, odd names. For each: the rows of the first commit are those of a
checkout; the findings that are new, and what has grown, are what two runs in two checkouts give.
"""
import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from repository import git, put
from tap import Tap

KEY = b"-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA04up8hoqzS1+APIB0RhjXyObwHQnOzhAk5Bd7mhkSbPkyhP1\n-----END RSA PRIVATE KEY-----\n"
DIRS = ["", "src", "src/deep/er", "tests", "docs", "a b", "\u00e9t\u00e9", "node_modules/x", "data"]
NAMES = ["main.c", "a.py", "README.md", "x.log", "big.bin", "id_rsa", "notes.txt", "file", "weird\nname", "q\"uote", "%0A::"]
STDIN = b"FROM scratch\nCOPY src /s\nCOPY gone /g\n"  # of -f -
POLICY = b"dockerfiles:\n  other/Dockerfile:\n    budgets:\n      files: 0\n"
LINES = ["*.log", "docs", "**/node_modules", "tests", "!docs/README.md", "src/deep", "gone/away", "/data", "a b", "*.bin"]


def change(r, top, ctx):
    """One commit's worth of changes."""
    for _ in range(r.randint(3, 14)):
        path = top / ctx / r.choice(DIRS) / r.choice(NAMES)
        what = r.random()
        if path.is_symlink() or (path.exists() and what < 0.2):
            path.unlink()
        elif path.is_dir():
            continue
        elif what < 0.3:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.symlink_to(r.choice(["main.c", "../src", "nowhere", "/etc/hostname"]))
        elif path.name == "id_rsa":
            put(path, KEY)
        else:
            size = r.choice([0, 10, 300, 5000, 5000, 900_000, 1_500_000, 3_000_000])
            put(path, r.randbytes(min(size, 64)) * (max(size, 64) // 64) if size else b"", r.choice([0o644, 0o644, 0o755]))
    if r.random() < 0.8:
        put(top / ctx / ".dockerignore", "\n".join(r.sample(LINES, r.randint(0, 6))).encode() + b"\n")
    elif (top / ctx / ".dockerignore").exists():
        (top / ctx / ".dockerignore").unlink()
    copies = r.sample(["COPY . /", "COPY src /s", "COPY docs/README.md /", "COPY gone /g", "COPY tests /t"], r.randint(1, 3))
    put(top / ctx / "Dockerfile", ("FROM scratch AS one\n" + "\n".join(copies) + "\n").encode())
    if r.random() < 0.3:
        put(top / ctx / "Dockerfile.dockerignore", b"docs\n")
    if ctx and r.random() < 0.6:
        above(r, top, ctx)
    put(top / "other/Dockerfile", f"FROM scratch\n{r.choice(copies)}\n".encode())
    put(top / "other/Dockerfile.dockerignore", r.choice(LINES).encode() + b"\n")


def above(r, top, ctx):
    """Builds of the context that a file above it tells of; they ask for what nobody has."""
    place = r.choice([top, (top / ctx).parent])
    up = os.path.relpath(top / ctx, place)
    gone = [f"gone-{r.randint(0, 2)}" for _ in range(2)]
    put(place / "compose.yaml", (f"services:\n  a:\n    build:\n      context: {up}\n      dockerfile_inline: |\n"
                                 f"        FROM scratch\n        COPY {gone[0]} /\n"
                                 f"  b:\n    build:\n      context: ./{up}\n"
                                 f"      dockerfile: {os.path.relpath(top / 'docker/b.Dockerfile', top / ctx)}\n").encode())
    put(top / "docker/b.Dockerfile", f"FROM scratch\nCOPY {gone[1]} /\n".encode())


def lfs(r, top, ctx):
    """A pointer and the size that it stands for; the file's checkout is made by hand."""
    size = r.randint(1, 4_000_000)
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashlib.sha256(b'x').hexdigest()}\nsize {size}\n"
    put(top / ".gitattributes", b"*.lfs filter=lfs diff=lfs merge=lfs -text\n")
    put(top / ctx / "weights.lfs", text.encode())
    return size


def checkout(top, revision, at, sizes, ctx):
    git(top, "worktree", "add", "-q", "--detach", str(at), revision)
    path = at / ctx / "weights.lfs"
    if revision in sizes and path.exists():
        os.truncate(path, sizes[revision])


def listing(at):
    """As revision-list prints it."""
    rows = []
    for here, dirs, names in os.walk(os.fsencode(at)):
        dirs[:] = [d for d in dirs if d != b".git"]
        for name in dirs + names:
            path = os.path.join(here, name)
            st, rel = os.lstat(path), os.path.relpath(path, os.fsencode(at))
            if rel == b".git":
                continue
            if os.path.islink(path):
                rows.append(b"l 777 %d %s -> %s" % (st.st_size, rel, os.readlink(path)))
            elif os.path.isdir(path):
                rows.append(b"d %o 0 %s" % (st.st_mode & 0o7777, rel))
            else:
                rows.append(b"f %o %d %s" % (st.st_mode & 0o7777, st.st_size, rel))
    return sorted(rows)


def tonnage(at, *args):
    run = subprocess.run([os.environ["TONNAGE"], *args], cwd=at, capture_output=True, check=False, input=STDIN)
    if run.returncode not in (0, 1):
        raise RuntimeError(run.stderr.decode())
    return run.stdout


def findings(at, ctx, *args):
    found = json.loads(tonnage(at, "check", "--format", "json", *args, ctx or "."))["findings"]
    return {f["fingerprint"]: f for f in found}


def sent(at, ctx, args):
    """path -> (bytes, class) of the files that are sent, but those of git."""
    out = tonnage(at, "ls", "--files", "--lens", "requested", "--format", "jsonl", *args, ctx or ".")
    rows = [json.loads(line) for line in out.splitlines()]
    return {r["path"]: (r["size"], r["class"]) for r in rows
            if r["type"] == "file" and r["path"].split("/")[0] != ".git"}


def growth_faults(before, after, found):
    """What `regression` says, against the two lists: each place once, with all that has grown in it."""
    grown = {p: size - before.get(p, (0,))[0] for p, (size, _) in after.items() if size > before.get(p, (0,))[0]}
    told = [f for f in found.values() if f["rule"] == "regression"]
    places = [f for f in told if f["path"] is not None]
    faults, left = [], dict(grown)

    def inside(top, paths):
        return [p for p in paths if p == top or p.startswith(top + "/")]

    for f in places:
        mine = inside(f["path"], left)
        if f["bytes"] != sum(left[p] for p in mine) or f["files"] != len(mine):
            faults.append(f"{f['path']}: {f['bytes']} in {f['files']} are told, {[left[p] for p in mine]} have grown")
        for p in mine:
            del left[p]
        folder = f["path"]
        while "/" in folder:
            folder = folder.rsplit("/", 1)[0]
            if not inside(folder, before) and len(inside(folder, grown)) > len(mine):
                faults.append(f"{f['path']} is told, and {folder} is new with more in it")
    rest = [f["bytes"] for f in told if f["path"] is None]
    if rest != ([sum(left.values())] if sum(left.values()) >= 1_000_000 else []):
        faults.append(f"of the rest {rest} is told, {sum(left.values())} have grown")
    if any(f["bytes"] < 1_000_000 for f in told) or len(places) > 3:
        faults.append("little growth is told, or many places")
    return faults


def run_case(number, lister):
    r = random.Random(number)
    ctx = r.choice(["", "", "app", "apps/web"])
    flags = r.choice([[], [], [], ["-f", "other/Dockerfile"], ["-f", "-"]])
    lacks = "other/Dockerfile" in flags and r.random() < 0.4  # in the first commit
    with tempfile.TemporaryDirectory() as temporary:
        top, sizes = Path(temporary) / "top", {}
        top.mkdir()
        git(top, "init", "-q", "-b", "main")
        if r.random() < 0.3:
            inner = Path(temporary) / "inner"
            put(inner / "f", b"1")
            git(inner, "init", "-q")
            git(inner, "add", "-A")
            git(inner, "commit", "-qm", "x")
            git(top, "submodule", "--quiet", "add", str(inner), os.path.join(ctx, "sub"))
        revisions = []
        uses_lfs = r.random() < 0.4
        for _ in range(2):
            change(r, top, ctx)
            if lacks and not revisions:
                (top / "other/Dockerfile").unlink()
            put(top / ".tonnage.yaml", POLICY)
            size = lfs(r, top, ctx) if uses_lfs else 0
            git(top, "-c", "core.filemode=true", "-c", "filter.lfs.clean=cat", "add", "-A")
            git(top, "commit", "-qm", "c", "--allow-empty")
            revisions.append(git(top, "rev-parse", "HEAD"))
            sizes[revisions[-1]] = size
        if r.random() < 0.5:
            git(top, "gc", "-q")
        sides = [Path(temporary) / name for name in ("one", "two")]
        for side, revision in zip(sides, revisions):
            checkout(top, revision, side, sizes if uses_lfs else {}, ctx)
        if lacks:
            return compare_with_none(sides[1], ctx, flags, revisions[0])
        if r.random() < 0.4:  # what the index has of the revision's trees is only a part
            change(r, sides[1], ctx)
            git(sides[1], "add", *r.choice([["-A"], ["-N", "."]]), ":!*.lfs")
        return compare(sides, ctx, flags, revisions[0], lister)


def compare_with_none(side, ctx, flags, revision):
    """The revision has no such Dockerfile: one finding more than today's, and all of them are new."""
    now, against = findings(side, ctx, *flags), findings(side, ctx, "--against", revision, *flags)
    told = [f for f in against.values() if f["rule"] == "regression"]
    files = sent(side, ctx, flags)
    faults = [] if all(f["new"] for f in against.values()) else ["something is not new"]
    if set(against) - {f["fingerprint"] for f in told} != set(now):
        faults.append("other findings than today's")
    if [(f["bytes"], f["files"]) for f in told] != [(sum(s for s, _ in files.values()), sum(s > 0 for s, _ in files.values()))]:
        faults.append(f"told: {[(f['bytes'], f['files'], f['message']) for f in told]}, sent: {files}")
    return faults


def compare(sides, ctx, flags, revision, lister):
    one, two = sides
    faults = []
    rows = subprocess.run([lister, two / ctx if (two / ctx).exists() else two, revision], capture_output=True,
                          check=True).stdout.split(b"\0")[:-1]
    rows = sorted(row for row in rows if row.split(b" ", 3)[3].split(b"/")[0] != b".git")
    want = listing(one / ctx)
    if (two / ctx).exists() and rows != want:
        faults.append(f"rows: only in the revision {sorted(set(rows) - set(want))[:3]}, "
                      f"only in the checkout {sorted(set(want) - set(rows))[:3]}")
    before, after = findings(one, ctx, *flags), findings(two, ctx, *flags)
    against = findings(two, ctx, "--against", revision, *flags)
    new = {k for k, f in against.items() if f["new"] and f["rule"] != "regression"}
    if new != set(after) - set(before):
        wrong = new ^ (set(after) - set(before))
        faults.append("new: " + "; ".join(f"{against.get(k, after.get(k, {})).get('rule')} {k in new}" for k in wrong))
    faults += growth_faults(sent(one, ctx, flags), sent(two, ctx, flags), against)
    only = findings(two, ctx, "--against", revision, "--only-new", *flags)
    if {k for k, f in only.items() if f["known"]} != {k for k, f in against.items() if not f["new"]}:
        faults.append("--only-new does not know what is not new")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("lister")
    options = parser.parse_args()
    tap = Tap()
    if shutil.which("git") is None:
        tap.skip("--against", "no git")
        return tap.done()
    for number in range(options.first, options.first + options.cases):
        faults = run_case(number, options.lister)
        if faults or number == options.first + options.cases - 1:
            tap.ok(not faults, f"case {number}: --against is as two checkouts are", "\n".join(faults))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())

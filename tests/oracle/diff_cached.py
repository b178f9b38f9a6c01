#!/usr/bin/env python3
"""`tonnage diff` against the CACHED of a real BuildKit: after each edit, which instruction of each stage runs
again first.

  diff_cached.py [--builder buildkit28] [--seed N] [--edits N] [--revisions] [-v]

One context is edited again and again, and built after each edit with a warm cache. No edit leads back to a state
that was built before: the cache would know it. Before the build `snapshot` and `diff` say which instruction of a
stage is the first to run again; the build's own events say which ones ran. With --revisions each state is
committed, diff is asked about the two commits, and what is built is a checkout. Needs root. $TONNAGE names the
program.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.append(str(Path(__file__).parents[1] / "support"))  # behind: its tap.py is another one
import builders  # noqa: E402
import contexts  # noqa: E402
from repository import git  # noqa: E402

DOCKERFILE = """\
FROM scratch AS deps
COPY go.mod go.sum /
FROM scratch AS build
COPY src /src
COPY conf/*.yaml /conf/
COPY link /link
FROM deps AS child
COPY tools/ /
COPY wild*/sub /wild/
COPY wi* /wi/
FROM scratch AS all
COPY . /
FROM scratch
COPY docs/a.md /
COPY --from=build / /build
COPY --from=child / /child
COPY --from=all / /all
"""
FILES = ["go.mod", "go.sum", "src/a.c", "src/b.c", "src/deep/c.c", "src/deep/d.c", "conf/x.yaml", "conf/y.yaml",
         "conf/z.json", "target/t1", "target/t2", "tools/t.sh", "docs/a.md", "docs/b.md", "rest/r", "ignored/i",
         "wild1/sub/w", "wild2/sub/w", "wild2/other", "src/out.log", "src/other.log"]
MODES = [0o600, 0o640, 0o755, 0o700, 0o744, 0o664, 0o666, 0o604, 0o750, 0o711]


class Context:
    """The context, and edits of it, each of which makes something that was not there before."""

    def __init__(self, above, rng, in_git):
        self.above, self.root, self.rng, self.count = above, os.path.join(above, "ctx"), rng, 0
        self.in_git = in_git
        self.files, self.modes, self.links = [], {}, 0
        for path in FILES:
            self.write(path)
        self.put("Dockerfile", DOCKERFILE)
        self.put(".dockerignore", "**/*.log\nignored\n.git\n")
        os.symlink("target", os.path.join(self.root, "link"))

    def at(self, path):
        return os.path.join(self.root, path)

    def put(self, path, text):
        os.makedirs(os.path.dirname(self.at(path)), exist_ok=True)
        with open(self.at(path), "w", encoding="utf8") as f:
            f.write(text)

    def write(self, path):
        self.count += 1
        self.put(path, f"{self.count}\n")
        if path not in self.files:
            self.files.append(path)

    def any_file(self):
        return self.rng.choice(self.files)

    def content(self):
        path = self.any_file()
        self.write(path)
        return path

    def add(self):
        path = f"{os.path.dirname(self.any_file())}/new{self.count}".lstrip("/")
        self.write(path)
        return path

    def remove(self):
        made = [p for p in self.files if "/new" in p or "/moved" in p]
        if not made:
            return self.add()
        path = self.rng.choice(made)
        os.unlink(self.at(path))
        self.files.remove(path)
        # else the state without it may have been built before
        self.write(f"{os.path.dirname(path)}/new{self.count}")
        return path

    def rename(self):
        path = self.rng.choice([p for p in self.files if p.count("/") and p not in ("docs/a.md",)])
        self.count += 1
        to = f"{os.path.dirname(path)}/moved{self.count}{os.path.splitext(path)[1]}"
        os.rename(self.at(path), self.at(to))
        self.files[self.files.index(path)] = to
        return f"{path} to {to}"

    def mode(self):
        path = self.rng.choice(self.files + ["src", "src/deep", "target", "tools", "docs", "rest", "conf", "wild1", "wild1/sub", "wild2"])
        # git keeps one bit of it, and a mode that comes back is a state that was built before
        left = self.modes.setdefault(path, [0o755] if self.in_git else list(MODES))
        if not left:
            return self.content()
        mode = left.pop()
        os.chmod(self.at(path), mode | (0o111 if os.path.isdir(self.at(path)) else 0))
        return f"{path} {mode:o}"

    def time(self):
        path = self.any_file()
        os.utime(self.at(path), (1, self.rng.randrange(10**9)))
        return path

    def link(self):
        """The link leads elsewhere: to a folder that nobody else asks for but COPY . ."""
        self.links += 1
        to = f"elsewhere{self.links}"
        self.write(f"{to}/e")
        os.unlink(self.at("link"))
        os.symlink(to, self.at("link"))
        return to

    def directory(self):
        path = f"{self.rng.choice(['src', 'rest', 'docs', 'tools', 'ignored'])}/empty{self.count}"
        self.count += 1
        os.mkdir(self.at(path))
        return path

    def edit(self, number):
        kinds = [self.content, self.mode, self.time, self.rename, self.link, self.add, self.remove, self.directory,
                 self.content, self.mode]
        kind = kinds[number % len(kinds)]
        return f"{kind.__name__} {kind()}"


def commit(context):
    """The state as a commit, and its checkout in out/."""
    if not os.path.isdir(context.at(".git")):
        git(context.root, "init", "-q")
    git(context.root, "add", "-A")
    git(context.root, "commit", "-q", "--allow-empty", "-m", "state")
    out = os.path.join(context.above, "out")
    shutil.rmtree(out, ignore_errors=True)
    git(context.root, "worktree", "prune")
    git(context.root, "worktree", "add", "-q", "--detach", out)


def tonnage(*args):
    done = subprocess.run([contexts.program(), *args, "--config", "none"], capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"tonnage {' '.join(args)}: {done.stderr.decode()}")
    return done.stdout


def ran(builder, context):
    """Per text of a COPY: whether it ran, by the events of a build."""
    argv = [builder.entry[2], "buildx", "build", "--progress=rawjson", "--output=type=cacheonly", "out" if context.in_git else "ctx"]
    p = builder.oracle.run(builder.entry[1], argv, context.above, builder.env)
    builder.tap.take()
    text = p.stderr.decode("utf8", "replace")
    if p.returncode:
        sys.exit(f"the build fails:\n{text[-2000:]}")
    out = {}
    for line in text.splitlines():
        for v in (json.loads(line).get("vertexes") or []) if line.startswith("{") else []:
            name = v["name"].split("] ", 1)[-1]
            if name.startswith("COPY") and v.get("completed"):
                out[name] = not v.get("cached", False)
    return out


def stages():
    """The instructions of each stage, in order, and the stage that it is built on."""
    out, names = [], []
    for number, line in enumerate(DOCKERFILE.splitlines(), 1):
        words = line.split()
        if words[0] == "FROM":
            names.append(words[3] if len(words) > 2 else str(len(names)))
            out.append((names[-1], words[1] if words[1] != "scratch" else None, []))
        else:
            out[-1][2].append((number, line))
    return out


def difference(busted, seen):
    """What does not agree, or None. COPY --from runs again only when what it copies is not the same."""
    first = {b["stage"]: b["line"] for b in busted}
    for name, base, lines in stages():
        expected = first.get(name) if base not in first else 0
        for line, text in lines:
            if "--from=" in text:
                break
            runs = expected is not None and line >= expected
            if seen.get(text) is not runs:
                return f"stage {name}: {text}: {'runs' if seen.get(text) else 'is cached'}, foretold {busted}"
    return None


def run(a, work):
    builder, ndifferences, nruns = builders.Dockerd(work, a.builder), 0, 0
    context = Context(work.fresh("cached"), random.Random(a.seed), a.revisions)
    before = os.path.join(context.above, "before.json")
    try:
        if a.revisions:
            commit(context)
        ran(builder, context)
        for number in range(a.edits):
            sides = [before, context.root]
            if not a.revisions:
                tonnage("snapshot", context.root, "-o", before)
            what = context.edit(number)
            if a.revisions:
                commit(context)
                sides = ["-C", context.root, "HEAD~1", "HEAD"]
            busted = json.loads(tonnage("diff", "--format", "json", *sides))["busted"]
            seen = ran(builder, context)
            how = difference(busted, seen)
            nruns += any(seen.values())
            if a.verbose or how:
                print(f"# --seed {a.seed}, edit {number}: {what}: {how or 'ok'}", flush=True)
            ndifferences += how is not None
    finally:
        builder.stop()
    print(f"# {a.builder}, seed {a.seed}: after {nruns} of {a.edits} edits something ran again")
    contexts.finish(a.edits, ndifferences)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--builder", default="buildkit28", choices=("buildkit28",))
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--edits", type=int, default=50)
    p.add_argument("--revisions", action="store_true", help="compare commits, and build their checkouts")
    p.add_argument("-v", "--verbose", action="store_true", help="a line an edit")
    a = p.parse_args()
    with contexts.Workspace() as work:
        run(a, work)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""`tonnage explain --history` says of each commit what `tonnage diff` says of the checkouts of it and its parent.

Random histories: files that change, come, go and get other modes, links that lead elsewhere, files that become
directories. What a commit busts is compared stage by stage, the first instruction of each.
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
sys.path[:0] = [str(Path(__file__).parents[1] / "support")]
from repository import git, lay_out
from tap import Tap

try:
    import jsonschema
    SCHEMA = json.loads((Path(__file__).parents[2] / "docs/tonnage.schema.json").read_text())
except ImportError:
    SCHEMA = None

NAMES = ["a", "b", "c.md", "d.log", "src", "lib", "x.txt"]
SOURCES = [". .", "src ./", "src/ lib* ./", "*.md ./", "a b* /d/", "--exclude=*.log src ./", "link ./", "lib/src ./",
           "link/src /e/", "s*/b ./"]
PATTERNS = ["*.log", "**/*.md", "lib", "!lib/src", "src/*", "!src/b", "**/b", "!**/a", "lib/*/c.md", "!*.md"]


def tonnage(at, *args):
    done = subprocess.run([os.environ["TONNAGE"], *map(str, args), "--config", "none"], cwd=at, capture_output=True,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, args))}: {done.returncode}: {done.stderr.decode()}")
    return json.loads(done.stdout)


def a_path(r, top):
    at = top
    for _ in range(r.randint(1, 3)):
        at = at / r.choice(NAMES)
    return at


def remove(path):
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)


def edit(r, top):
    path, kind = a_path(r, top), r.random()
    for up in reversed([p for p in path.parents if top in p.parents]):
        if up.is_symlink() or up.is_file():
            up.unlink()
    if kind < 0.15:
        remove(path)
    elif kind < 0.25:
        link = top / r.choice(["link", "src", "lib/src"])
        if not any(p.is_symlink() or p.is_file() for p in link.parents if top in p.parents):
            remove(link)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(r.choice(["src", "lib", "../lib", "a", "nowhere"]))
    else:
        if path.is_dir() and not path.is_symlink() and kind < 0.9:
            path = path / "y"
        remove(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(r.randint(0, 3)))
        path.chmod(0o755 if kind > 0.85 else 0o644)


def dockerfile(r):
    lines = []
    for stage in range(r.randint(1, 3)):
        lines.append(f"FROM scratch AS s{stage}")
        for _ in range(r.randint(1, 3)):
            lines.append(f"COPY {r.choice(SOURCES)}")
        if stage:
            lines.append(f"COPY --from=s{stage - 1} / /")
    return "\n".join(lines) + "\n"


def firsts(stage_of, lines):
    first = {}
    for line in sorted(lines):
        first.setdefault(stage_of[line], line)
    return sorted(first.values())


def check(seed):
    r = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="tonnage-history-") as temporary:
        top = Path(temporary) / "top"
        top.mkdir()
        git(top, "init", "-q")
        (top / "Dockerfile").write_text(dockerfile(r))
        (top / ".dockerignore").write_text("\n".join([".git"] + r.sample(PATTERNS, r.randint(0, 4))) + "\n")
        for _ in range(r.randint(4, 9)):
            for _ in range(r.randint(1, 4)):
                edit(r, top)
            git(top, "add", "-A")
            git(top, "commit", "-qm", "c", "--allow-empty")
        document = tonnage(top, "explain", "--history", "100", "--format", "json")
        if SCHEMA is not None:
            jsonschema.validate(document, SCHEMA)
        found = document["history"]
        stage_of = {s["line"]: s["stage"] for s in found["instructions"]}
        if not found["commits"]:
            return "no commits"
        for commit in found["commits"]:
            sides = []
            for i, revision in enumerate([commit["id"] + "^", commit["id"]]):
                sides.append(Path(temporary) / f"{commit['id']}{i}")
                lay_out(top, revision, sides[-1])
            want = sorted(b["line"] for b in tonnage(temporary, "diff", *sides, "--format", "json")["busted"])
            got = firsts(stage_of, (found["instructions"][i]["line"] for i in commit["busted"]))
            if want != got:
                return (f"{commit['id']}: diff has {want}, history {got}\n{(top / 'Dockerfile').read_text()}\n"
                        f"{(top / '.dockerignore').read_text()}\n{git(top, 'show', '--raw', commit['id'])}")
    return None


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--cases", type=int, default=30)
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    tap = Tap()
    if shutil.which("git") is None:
        tap.skip("history", "no git")
        return tap.done()
    os.umask(0o022)
    for seed in range(options.seed, options.seed + options.cases):
        try:
            fault = check(seed)
        except RuntimeError as e:
            fault = str(e)
        tap.ok(fault is None, f"history {seed} is as diff has it", fault or "")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())

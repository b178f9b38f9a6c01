#!/usr/bin/env python3
"""What tonnage takes the leftovers of daily work for, in trees that somebody lived in.

    lived.py CLASSIFY_LISTING [--repos N] [--all]

Repositories of listings-dev.tsv.xz become trees of sparse files, their manifests with a few words in them;
dirty.py adds installed packages, build output, caches, keys, ... and says what it added. Every root that it
made is looked up, without git. Misses are printed; --all takes every repository.
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from labels import read_listings
from tap import Tap

FILES_MAX = 2500
RECALL_FLOOR = 0.95
FLOORED = ("deps", "cache", "build-output", "vcs", "virtualenv", "secret")
# what dirty.py calls it: the classes that are right, the first one is what is counted
RIGHT = {
    "dependency": "deps virtualenv", "build": "build-output object", "cache": "cache pkg-cache", "coverage": "coverage",
    "log": "log", "vcs": "vcs", "secret": "secret iac-state", "ide": "editor temp cache", "os": "os-junk",
    "data": "data state ml-runs model", "db": "state archive data", "infra": "iac-state",
    "stray": "temp archive media log coverage",
}
CONTENT = {
    "package.json": '{"next": "1", "scripts": {"a": "playwright test", "b": "storybook dev"}}\n',
    "pyproject.toml": '[project]\nname = "app"\ndependencies = ["torch", "pandas", "django"]\n',
    "requirements.txt": "torch\npandas\ndjango\n",
}


def make_tree(root, listing):
    for line in listing:
        mode, size, path = line.rstrip("\n").split("\t")
        at = os.path.join(root, path)
        os.makedirs(os.path.dirname(at), exist_ok=True)
        if mode.startswith("12"):
            os.symlink("x", at)
        elif mode.startswith("16"):
            os.makedirs(at, exist_ok=True)
        else:
            with open(at, "w", encoding="utf8") as f:
                f.write(CONTENT.get(os.path.basename(path), ""))
                f.truncate(max(int(size) if size.isdigit() else 0, f.tell()))


def classify(program, root):
    run = subprocess.run([program, "--walk", root], capture_output=True)
    if run.returncode != 0:
        sys.exit(run.stderr.decode())
    out = {}
    for line in run.stdout.decode("utf8", "surrogateescape").splitlines():
        path, *rest = line.rsplit("\t", 5)
        out[path.rstrip("/")] = rest
    return out


def look(args, shared, repo, listing, seed, counts, misses):
    with tempfile.TemporaryDirectory() as top:
        root, truth = os.path.join(top, "tree"), os.path.join(top, "truth")
        os.mkdir(root)
        make_tree(root, listing)
        subprocess.run([sys.executable, shared / "bench/dirty.py", root, "--seed", str(seed), "--scale", "0.01",
                        "--git-bytes", "10000", "--truth", truth], check=True)
        found = classify(args.program, root)
        with open(truth, encoding="utf8") as f:
            entries = json.load(f)["entries"]
    for e in entries:
        if e["category"] not in RIGHT or e["needed"]:
            continue
        right = RIGHT[e["category"]].split()
        klass, rule = found[e["path"]][:2]
        name = "virtualenv" if e["why"] == "virtual environment" else right[0]
        counts[name, klass in right] += 1
        if klass not in right:
            misses.append(f"{repo} {e['path']} ({e['why']}): {klass}/{rule}")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("program")
    ap.add_argument("--repos", type=int, default=40)
    ap.add_argument("--all", action="store_true")
    args = ap.parse_args()
    shared = Path(os.environ.get("TONNAGE_SHARED", ""))
    if not (shared / "bench/dirty.py").exists():
        sys.exit(77)
    listings = {r: l for r, l in read_listings(shared).items() if args.all or len(l) <= FILES_MAX}
    names = sorted(listings)
    step = 1 if args.all else max(1, len(names) // args.repos)
    counts, misses = collections.Counter(), []
    for seed, repo in enumerate(names[::step]):
        look(args, shared, repo, listings[repo], seed, counts, misses)
    tap = Tap()
    for name in sorted({n for n, _ in counts}):
        good, bad = counts[name, True], counts[name, False]
        print(f"# {name:14}{good:6} of {good + bad:6} found ({good / (good + bad):.3f})")
        if name in FLOORED:
            tap.ok(good >= RECALL_FLOOR * (good + bad), f"{name}: at least {RECALL_FLOOR} of the roots",
                   "\n".join(misses)[:4000])
    for m in misses[:200]:
        print(f"# missed: {m}")
    sys.exit(tap.done())


if __name__ == "__main__":
    main()

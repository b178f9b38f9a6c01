#!/usr/bin/env python3
"""Laws of `tonnage explain` without a path, on random repositories.

    explain.py [--seed N] [--cases N] [--case I] [--keep DIR]

Of each: a line that it says to add is added, and then the transfer takes what it said would be left; causes come
longest first; the parts of a time add up to it; and what is counted is what `ls` counts.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import made  # noqa: E402
from tap import Tap  # noqa: E402

PARTS = "walking", "stat_packets", "per_file", "bytes", "round_trips", "start"
PLACES = (["--profile", "local"], ["--profile", "desktop"], ["--bandwidth", "20Mbit", "--rtt", "30ms"])
BUILDS = "cold", "cold", "warm", "mtime", "chmod", "checkout"


def run(root, *args):
    done = subprocess.run([os.environ["TONNAGE"], *args, "--no-git", "--config", "none", "-f", "Dockerfile"], cwd=root,
                          capture_output=True, check=False, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout.decode("utf8", "surrogateescape"), done.stderr.decode("utf8", "replace")


class Case:
    def __init__(self, seed, number, root):
        self.r = random.Random(f"{seed}/{number}")
        self.made, self.root, self.faults, self.nlines = made.Made(self.r), root, [], 0
        self.made.plant(root)
        self.flags = ["--format", "json", "--engine", self.r.choice(["buildkit", "buildkit", "classic", "podman"]),
                      *self.r.choice(PLACES), "--assume", self.r.choice(BUILDS)]

    def law(self, holds, text):
        if not holds:
            self.faults.append(text)

    def explain(self):
        status, out, err = run(self.root, "explain", *self.flags)
        if status not in (0, 3):
            return err
        return json.loads(out)

    def told(self, story):
        return story["time"]["cold" if story["assume"] == "cold" else "warm"]

    def same(self, a, b):
        return all(abs(x - y) <= 2e-6 + 1e-6 * x for x, y in zip(a, b))

    def look(self, story):
        for name, t in story["time"].items():
            for end in (0, 1):
                parts = sum(t[p][end] for p in PARTS)
                self.law(abs(parts - t["seconds"][end]) < 1e-5, f"{name}: the parts are {parts}, not {t['seconds']}")
            self.law(t["seconds"][0] <= t["seconds"][1], f"{name}: {t['seconds']}")
        middles = [c["share"] for c in story["causes"]]
        self.law(middles == sorted(middles, reverse=True), f"causes are not longest first: {middles}")
        self.law(len(middles) <= 7, f"{len(middles)} causes")
        for c in story["causes"]:
            self.law(c["seconds"][0] <= c["seconds"][1] and (c["left"] is None) == (c["change"] is None), f"{c}")

    def count(self, story):
        """The entries of a first build are those of `ls`."""
        engine = self.flags[3]
        lens = "eligible" if engine == "classic" else "requested"
        status, out, _ = run(self.root, "ls", "--totals", "--lens", lens, "--engine", engine)
        if status == 0 and story["transfers"]:
            n = int(re.search(r"\bentries=(\d+)", out)[1])
            self.law(n == story["time"]["cold"]["counts"]["announced"], f"{n} entries are sent: {story['counts']}")

    def add(self, story):
        path = os.path.join(self.root, ".dockerignore")
        before = None
        if os.path.exists(path):
            with open(path, "rb") as f:
                before = f.read()
        for c in story["causes"]:
            line = re.match(r"add `([^`]*)`( to a new .dockerignore)?$", c["change"] or "")
            if not line or not c["in_ignore_file"]:
                continue
            with open(path, "wb") as f:
                old = before or b""
                f.write(old + (b"" if not old or old.endswith(b"\n") else b"\n"))
                f.write(line[1].encode("utf8", "surrogateescape") + b"\n")
            if before is None:
                continue  # the file itself is an entry that was not there
            self.nlines += 1
            then = self.explain()
            if isinstance(then, str):
                self.law(False, f"with {c['change']}: {then[:300]}")
                continue
            # the file has grown, so that a few bytes more are sent
            close = then["transfers"] and all(
                abs(x - y) <= 1e-4 + 1e-3 * x for x, y in zip(self.told(then)["seconds"], c["left"]))
            self.law(close, f"{c['change']}: {c['left']} was said, {self.told(then)['seconds']} it is")
        if before is None and os.path.exists(path):
            os.unlink(path)
        elif before is not None:
            with open(path, "wb") as f:
                f.write(before)

    def run(self):
        story = self.explain()
        if isinstance(story, str):
            self.law(re.search("error|stops|refuse", story), f"explain: {story[:300]}")
            return
        if "counts" not in story:
            return
        self.look(story)
        self.count(story)
        self.add(story)


def one(seed, number, keep):
    with tempfile.TemporaryDirectory() as temporary:
        root = keep or os.path.join(temporary, "ctx")
        os.makedirs(root, exist_ok=True)
        case = Case(seed, number, root)
        case.run()
        return case


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", default="7")
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--case", type=int)
    parser.add_argument("--keep")
    o = parser.parse_args()
    tap, nlines = Tap(), 0
    print(f"# seed {o.seed}")
    for number in [o.case] if o.case is not None else range(o.cases):
        case = one(o.seed, number, o.keep)
        nlines += case.nlines
        if case.faults or o.case is not None:
            tap.ok(not case.faults, f"case {number}: {' '.join(case.flags[2:])}", "\n".join(case.faults))
    tap.ok(o.case is not None or nlines >= o.cases / 4, f"{nlines} lines were tried", "too few to prove anything")
    return tap.done()


sys.exit(main())

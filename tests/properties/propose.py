#!/usr/bin/env python3
"""Laws of `tonnage propose` on random repositories.

    propose.py [--seed N] [--cases N] [--case I] [--keep DIR]

Of each: nothing that a Dockerfile asks for goes unless its class frees it, and never what a source names;
hand-written lines stay byte for byte, and nothing that they keep out comes back; a second --write changes
nothing and --check agrees; what `ls` says of the new file is what judge.py makes of it; and the figures of
--format json are those of `ls`. The seed is printed; --case runs one again, --keep leaves it in DIR.
"""
import argparse
import difflib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import judge  # noqa: E402
import made  # noqa: E402
from tap import Tap  # noqa: E402

TONNAGE = os.environ["TONNAGE"]


def run(root, *args):
    git = [] if os.path.isdir(os.path.join(root, ".git")) else ["--no-git"]
    return subprocess.run([TONNAGE, *args, *git, "--config", "none", "."], cwd=root, capture_output=True,
                          encoding="utf8", errors="surrogateescape", stdin=subprocess.DEVNULL, check=False)


def read(root, name=".dockerignore"):
    try:
        with open(os.path.join(root, name), encoding="utf8", newline="") as f:
            return f.read()
    except FileNotFoundError:
        return None


def listed(root, *args):
    done = run(root, "ls", "--files", "-0", *args)
    if done.returncode != 0:
        raise AssertionError(f"ls {args}: {done.stderr}")
    return set(done.stdout.split("\0")) - {""}


class Case:
    def __init__(self, seed, number, root, kept_classes):
        self.made, self.root, self.kept_classes = made.Made(random.Random(f"{seed}/{number}")), root, kept_classes
        self.made.plant(root)
        self.track(root)
        self.faults = []
        self.nlost = 0

    def track(self, root):
        """Some are repositories of a real git, with a part of what is there in the index."""
        m = self.made
        if shutil.which("git") is None or ".git" in m.folders or m.r.random() > 0.3:
            return
        tracked = sorted(p for p in m.files if "/.git/" not in p and m.r.random() < 0.6)
        run_git = ["git", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*"]
        for args in (["init", "-q"], ["add", "-f", "--", *tracked, "Dockerfile"]):
            subprocess.run(run_git + args, cwd=root, env=dict(os.environ, HOME=root, GIT_LITERAL_PATHSPECS="1"),
                           check=True, capture_output=True)

    def law(self, holds, text):
        if not holds:
            self.faults.append(text)

    def run(self):
        m, root = self.made, self.root
        before = m.ignore or ""
        disk = {}
        for line in run(root, "ls", "--lens", "disk", "--format", "jsonl", "-f", "Dockerfile").stdout.splitlines():
            entry = json.loads(line)
            disk[entry["path"]] = entry
        files = {p for p, e in disk.items() if e["type"] == "file"}
        self.plan = run(root, "propose", "--format", "json", "-q", *m.flags)
        done = run(root, "propose", "--write", *m.flags)
        self.law(done.returncode == 0, f"propose ends with {done.returncode}: {done.stderr}")
        if done.returncode != 0:
            return
        after = read(root)
        self.summary = done.stderr
        self.hand_written_lines(before, after or "")
        self.fixed_point(after)
        self.losses(files, disk, judge.hand_written(before), after or "")
        self.figures()

    def hand_written_lines(self, before, after):
        hand, rest = judge.hand_written(before), judge.hand_written(after)
        fill = rest.replace(hand, "", 1) if hand in rest else "?"
        self.law(fill in ("", "\n", "\n\n", "\r\n", "\r\n\r\n"),
                 f"hand-written lines are not the same:\n{hand!r}\n{rest!r}")

    def fixed_point(self, after):
        done = run(self.root, "propose", "--write", *self.made.flags)
        differs = difflib.unified_diff((after or "").splitlines(), (read(self.root) or "").splitlines(), lineterm="", n=1)
        self.law(done.returncode == 0 and read(self.root) == after,
                 "a second --write changes the file:\n" + "\n".join(differs))
        done = run(self.root, "propose", "--check", *self.made.flags)
        self.law(done.returncode == 0, f"--check ends with {done.returncode}: {done.stderr}")

    def losses(self, files, disk, hand, after):
        m = self.made
        was, now = judge.eligible(hand, files), judge.eligible(after, files)
        args = [x for name in m.dockerfiles[:1] for x in ("-f", name)]
        self.law(now - {".dockerignore"} == listed(self.root, "--lens", "eligible", *args) - {".dockerignore"},
                 "ls and the judge do not agree on what is eligible: "
                 f"{now ^ listed(self.root, '--lens', 'eligible', *args)}")
        self.law(now <= was, f"what hand-written lines keep out comes back: {now - was}")
        asked = judge.requested(m.sources, was)
        self.other_engines(disk, hand)
        for path in sorted(asked - now):
            self.nlost += 1
            self.law(self.is_free(path, disk[path]),
                     f"{path} is lost, a {disk[path]['class']} ({disk[path]['advice']})")
            self.law(not any(judge.names(s, path) for s in m.sources), f"{path} is lost, and a source names it")
        for path in m.keep:
            self.law(path not in was or path in now, f"{path} is lost, and --keep names it")

    def other_engines(self, disk, hand):
        """Classic and podman go other ways below excluded folders; what they lose must be free, too."""
        with tempfile.NamedTemporaryFile("w", encoding="utf8", newline="") as f:
            f.write(hand)
            f.flush()
            for engine in ("classic", "podman"):
                args = ["--lens", "eligible", "--engine", engine, "-f", "Dockerfile"]
                lost = listed(self.root, "--ignorefile", f.name, *args) - listed(self.root, *args)
                for path in judge.requested(self.made.sources, lost - {".dockerignore"}):
                    self.law(self.is_free(path, disk[path]), f"{engine}: {path} is lost")

    def is_free(self, path, entry):
        """By its class, or since git ignores it; at the level safe only what is to be excluded."""
        if "safe" in self.made.flags:
            return entry["advice"] == "exclude"
        return entry["class"] not in self.kept_classes or entry["git"] == "ignored" or judge.ignored_by_git(
            self.made.texts.get(".gitignore", ""), path)

    def figures(self):
        plan = json.loads(self.plan.stdout)
        self.law(plan["text"] == (read(self.root) or ""), "JSON has another text than --write")
        for engine in plan["engines"]:
            args = ["--engine", engine["engine"], "--totals", "-f", "Dockerfile"]
            totals = dict(x.split("=") for x in run(self.root, "ls", "--lens", "eligible", *args).stdout.split())
            # the ignore file that was written is an entry, too, and has another size
            own = 1 if self.made.ignore is None else 0
            self.law(int(totals["files"]) - engine["eligible_after"]["files"] in (0, own),
                     f"{engine['engine']}: {totals}, planned {engine['eligible_after']}")


def kept_classes():
    done = subprocess.run([TONNAGE, "rules", "--format", "json"], capture_output=True, check=True)
    return {c["class"] for c in json.loads(done.stdout)["classes"] if c["group"] == "keep"}


def one(seed, number, keep, classes):
    with tempfile.TemporaryDirectory(prefix="tonnage-laws-") as scratch:
        root = os.path.join(keep or scratch, f"{seed}-{number}")
        os.makedirs(root)
        case = Case(seed, number, root, classes)
        case.run()
        return case


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--cases", type=int, default=150)
    p.add_argument("--case", type=int)
    p.add_argument("--keep")
    p.add_argument("--seconds", type=float, default=45, help="stop after this, whatever --cases says")
    a = p.parse_args()
    tap, classes, begin, nlost, ran = Tap(), kept_classes(), time.monotonic(), 0, 0
    for number in range(a.cases) if a.case is None else [a.case]:
        case = one(a.seed, number, a.keep, classes)
        nlost, ran = nlost + case.nlost, ran + 1
        if case.faults:
            tap.ok(False, f"propose.py --seed {a.seed} --case {number}", " ".join(case.made.flags) + "\n" +
                   "\n".join(case.faults))
        if time.monotonic() - begin > a.seconds:
            break
    tap.ok(nlost > 0 or a.case is not None, f"seed {a.seed}: {ran} repositories, {nlost} files that may go went")
    sys.exit(tap.done())


if __name__ == "__main__":
    main()

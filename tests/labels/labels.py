#!/usr/bin/env python3
"""What tonnage takes labelled paths for, against what a person took them for.

    labels.py CLASSIFY_LISTING [--errors] [--half 0|1]

Every repository of labels-dev.tsv becomes a tree from listings-dev.tsv.xz, once with git's word that all of
it is tracked and once without any. A path is accepted when its class is its label, one of the labels beside
it, or any class of the keep group where its label is one. --errors lists the others; --half looks at every
other repository only, to see that a rule made for one half holds on the other.
"""
import argparse
import collections
import csv
import lzma
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from tap import Tap

ACCEPTED_FLOOR = 0.987
WRONG_EXCLUDE_PER_MILLE = 2
RECALL_FLOOR = 0.95
KEEP = set("source asset config manifest buildscript migration vendored generated license".split())


def read_labels(shared):
    with open(shared / "corpus/labels-dev.tsv", encoding="utf8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    by_repo = collections.defaultdict(list)
    for row in rows:
        row["also"] = set(row["also"].split(",")) - {"-"}
        by_repo[row["repo"]].append(row)
    return by_repo


def read_listings(shared):
    by_repo = collections.defaultdict(list)
    with lzma.open(shared / "corpus/listings-dev.tsv.xz", "rt", encoding="utf8", newline="\n") as f:
        next(f)
        for line in f:
            repo, mode, size, path = line.rstrip("\n").split("\t", 3)
            by_repo[repo].append(f"{mode}\t{4194304 if size == '-' else size}\t{path}\n")
    return by_repo


def classify(program, listing, tracked):
    run = subprocess.run([program] + ["--tracked"] * tracked, input="".join(listing).encode(), capture_output=True)
    if run.returncode != 0:
        sys.exit(run.stderr.decode())
    out = {}
    for line in run.stdout.decode("utf8", "surrogateescape").splitlines():
        path, klass, rule, advice, sure, severity = line.rsplit("\t", 5)
        out[path.rstrip("/")] = (klass, rule, advice, int(sure), severity)
    return out


def is_accepted(row, klass):
    return klass == row["category"] or klass in row["also"] or (klass in KEEP and row["category"] in KEEP)


class Score:
    def __init__(self):
        self.n = self.accepted = self.keep = 0
        self.wrong_exclude, self.errors = [], []
        self.confusion = collections.Counter()

    def add(self, row, found):
        klass, rule, advice = found[:3]
        self.n += 1
        self.confusion[row["category"], klass] += 1
        if is_accepted(row, klass):
            self.accepted += 1
        else:
            self.errors.append((row, found))
        if row["category"] in KEEP:
            self.keep += 1
            if advice == "exclude":
                self.wrong_exclude.append((row, found))

    def lines(self):
        """Precision and recall per class, and where a class's paths went."""
        classes = sorted({c for pair in self.confusion for c in pair})
        yield f"{'class':14}{'labels':>8}{'found':>8}{'precision':>11}{'recall':>8}   taken for"
        for c in classes:
            labels = sum(n for (want, _), n in self.confusion.items() if want == c)
            found = sum(n for (_, got), n in self.confusion.items() if got == c)
            both = self.confusion[c, c]
            others = [(n, got) for (want, got), n in self.confusion.items() if want == c and got != c]
            yield (f"{c:14}{labels:8}{found:8}{both / found if found else 1:11.3f}{both / labels if labels else 1:8.3f}   "
                   + " ".join(f"{got}:{n}" for n, got in sorted(others, reverse=True)))


def shown(row, found):
    return f"{row['repo']} {row['path']}: {'/'.join(found[:3])}, wanted {row['category']} {','.join(sorted(row['also']))}"


def run_all(args, labels, listings, tracked):
    score = Score()
    for i, repo in enumerate(sorted(labels)):
        if args.half is not None and i % 2 != args.half:
            continue
        found = classify(args.program, listings[repo], tracked)
        for row in labels[repo]:
            score.add(row, found.get(row["path"], ("missing", "-", "-")))
    return score


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("program")
    ap.add_argument("--errors", action="store_true")
    ap.add_argument("--half", type=int, choices=(0, 1))
    args = ap.parse_args()
    shared = Path(os.environ.get("TONNAGE_SHARED", ""))
    if not (shared / "corpus/labels-dev.tsv").exists():
        sys.exit(77)
    tap = Tap()
    labels, listings = read_labels(shared), read_listings(shared)
    for tracked in (True, False):
        score = run_all(args, labels, listings, tracked)
        name = "all tracked" if tracked else "without git"
        print("\n".join("# " + line for line in score.lines()))
        print(f"# {name}: {score.accepted} of {score.n} accepted ({score.accepted / score.n:.4f}), "
              f"{len(score.wrong_exclude)} of {score.keep} needed paths advised exclude")
        tap.ok(score.accepted >= ACCEPTED_FLOOR * score.n, f"{name}: accepted at least {ACCEPTED_FLOOR}",
               "\n".join(shown(*e) for e in score.errors[:60]))
        tap.ok(len(score.wrong_exclude) * 1000 <= WRONG_EXCLUDE_PER_MILLE * score.keep,
               f"{name}: at most {WRONG_EXCLUDE_PER_MILLE} in 1,000 of needed paths advised exclude",
               "\n".join(shown(*e) for e in score.wrong_exclude))
        if args.errors:
            for e in score.errors:
                print("# not accepted:", shown(*e))
            for e in score.wrong_exclude:
                print("# wrong exclude:", shown(*e))
    sys.exit(tap.done())


if __name__ == "__main__":
    main()

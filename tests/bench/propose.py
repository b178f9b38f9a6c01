#!/usr/bin/env python3
"""Score `tonnage propose` on real trees against an expert's verdicts.

    propose.py --trees DIR [--level L] [--seed N] [--scale F] [--only TEXT] [--file FILE] [--save DIR]

DIR holds OWNER+NAME for each repository of corpus/repos-dev.tsv, checked out at its commit, without
.git. Each tree is copied, made lived-in by bench/dirty.py (with a .git of the real size), and its
contexts are judged by bench/score.py: a proposal, or one FILE for all of them, or with --today the file
that the repository has. Nothing in DIR is changed.

One line a context: kept rows and needed artifacts that are lost, secrets left in, shares of the
lived-in bytes and of the expert's `exclude` bytes that are out, lines of the file and of the expert's.
The exit status is 1 when a floor is missed.
"""
import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def rows(path):
    with open(path, encoding="utf8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def run(command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout


def oracle(shared):
    """bench/oracle, built once."""
    out = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "tonnage-bench" / "ctxoracle"
    source = shared / "bench" / "oracle" / "ctxoracle.go"
    if not out.exists() or out.stat().st_mtime < source.stat().st_mtime:
        out.parent.mkdir(parents=True, exist_ok=True)
        env = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode")
        run(["go", "build", "-o", str(out), str(source)], env=env)
    return out


def patterns(path):
    """Lines that are patterns."""
    if not path or not Path(path).exists():
        return 0
    text = Path(path).read_text(encoding="utf8", errors="replace")
    return sum(1 for line in text.splitlines() if line.strip() and not line.startswith("#"))


def own_ignore_file(context, dockerfile):
    beside = Path(str(dockerfile) + ".dockerignore")
    return beside if beside.exists() else context / ".dockerignore"


def proposal(args, tree, context, dockerfile, out):
    """The file to judge, and how long it took."""
    if args.today:
        return own_ignore_file(context, dockerfile), 0.0
    if args.file:
        return Path(args.file), 0.0
    begin = time.monotonic()
    done = subprocess.run([args.tonnage, "propose", "--config", "none", "--level", args.level, "-f",
                           str(dockerfile), "-o", str(out), str(context)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{context}: status {done.returncode}: {done.stderr}")
    if args.save:
        name = "__".join(context.relative_to(tree.parent).parts)
        shutil.copy(out, Path(args.save) / f"{name}.dockerignore")
        (Path(args.save) / f"{name}.summary").write_text(done.stderr)
    return out, time.monotonic() - begin


def score_file(shared, tree, repo, row, truth, ignore):
    """The score of one ignore file for one context."""
    score = json.loads(run([sys.executable, str(shared / "bench/score.py"), "--oracle", str(oracle(shared)),
                            "--checkout", str(tree), "--repo", repo, "--expert",
                            str(shared / "corpus/expert-dev.tsv"), "--context", row["context"], "--dockerfile",
                            row["dockerfile"], "--ignore", str(ignore) if ignore.exists() else "none",
                            "--truth", str(truth)]))
    score["lines"] = patterns(ignore)
    name = repo.replace("/", "__") + ("" if row["context"] == "." else "__" + row["context"].replace("/", "__"))
    score["expert_lines"] = patterns(shared / "corpus/expert-ignore" / (name + ".dockerignore"))
    return score


def judge(args, shared, tree, repo, row, truth, scratch):
    context, dockerfile = tree / row["context"], tree / row["dockerfile"].split(" (")[0]
    ignore, seconds = proposal(args, tree, context, dockerfile, Path(scratch) / "ignore")
    score = score_file(shared, tree, repo, row, truth, ignore)
    score["seconds"] = seconds
    return score


def share(out, whole):
    return f"{100 * out / whole:6.1f}" if whole else "     -"


def show(name, s):
    print(f"{name[:38]:38} {len(s['keep_lost']):4} {len(s['needed_lost']):4} {len(s['secrets_in']):4} "
          f"{share(s['lived_bytes_out'], s['lived_bytes'])} "
          f"{share(s['exclude_out_bytes'], s['exclude_bytes'])} {s['lines']:5} {s['expert_lines']:6} "
          f"{s['in_bytes'] / 1e6:9.1f} {s['seconds']:6.1f}", flush=True)


def show_faults(s, verbose):
    for row, files in s["keep_lost"].items():
        print(f"    lost: {row}: {', '.join(files)}")
    for path in s["needed_lost"]:
        print(f"    needed: {path}")
    for path in s["secrets_in"]:
        print(f"    secret: {path}")
    if verbose:
        for category, c in s["by_category"].items():
            if c["bytes_out"] < c["bytes"]:
                print(f"    left in: {category}: {c['bytes'] - c['bytes_out']} bytes, "
                      f"{c['roots'] - c['out']} of {c['roots']} places")


def total(scores):
    out = {"keep_lost": {}, "needed_lost": [], "secrets_in": []}
    for i, s in enumerate(scores):
        out["keep_lost"].update({f"{i}:{k}": v for k, v in s["keep_lost"].items()})
        out["needed_lost"] += s["needed_lost"]
        out["secrets_in"] += s["secrets_in"]
    for key in ("lived_bytes", "lived_bytes_out", "exclude_bytes", "exclude_out_bytes", "lines", "expert_lines",
                "in_bytes", "seconds"):
        out[key] = sum(s[key] for s in scores)
    return out


def missed(t):
    """The floors of the balanced level."""
    if t["keep_lost"] or t["needed_lost"]:
        yield "something that is needed is lost"
    if t["secrets_in"]:
        yield "secrets stay in"
    if t["lived_bytes_out"] < 0.99 * t["lived_bytes"]:
        yield "less than 99 % of the lived-in bytes are out"
    if t["exclude_out_bytes"] < 0.90 * t["exclude_bytes"]:
        yield "less than 90 % of the expert's bytes are out"
    if t["lines"] > t["expert_lines"]:
        yield "the files are longer than the expert's"


def main():
    top = Path(__file__).resolve().parents[2]
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--trees", required=True, type=Path)
    p.add_argument("--shared", type=Path, default=os.environ.get("TONNAGE_SHARED", top.parent / "shared"))
    p.add_argument("--tonnage", default=os.environ.get("TONNAGE", str(top / "build" / "src" / "tonnage")))
    p.add_argument("--level", default="balanced", choices=("safe", "balanced", "thorough"))
    p.add_argument("--seed", default="1")
    p.add_argument("--scale", default="0.1")
    p.add_argument("--only", default="", help="contexts with this in their name")
    p.add_argument("--file", help="judge this file instead of proposals")
    p.add_argument("--today", action="store_true", help="judge what the repositories have")
    p.add_argument("--save", help="keep proposals and summaries there")
    p.add_argument("--verbose", action="store_true", help="also what is left in, by category")
    args = p.parse_args()
    shared = Path(args.shared).resolve()
    if args.save:
        Path(args.save).mkdir(parents=True, exist_ok=True)
    by_repo = {}
    for row in rows(shared / "corpus/measured-dev.tsv"):
        if args.only in row["repo"] + "/" + row["context"]:
            by_repo.setdefault(row["repo"], []).append(row)
    scores = []
    print(f"{'context':38} keep need secr lived% excl% lines expert  stays MB      s")
    for repo, contexts in by_repo.items():
        with tempfile.TemporaryDirectory(prefix="tonnage-propose-") as scratch:
            tree, truth = Path(scratch) / repo.replace("/", "+"), Path(scratch) / "truth.json"
            run(["cp", "-a", "--reflink=auto", str(args.trees / repo.replace("/", "+")), str(tree)])
            run([sys.executable, str(shared / "bench/dirty.py"), str(tree), "--seed", args.seed, "--scale",
                 args.scale, "--git-bytes", contexts[0]["git_bytes"], "--truth", str(truth)])
            for row in contexts:
                score = judge(args, shared, tree, repo, row, truth, scratch)
                show(repo + ("" if row["context"] == "." else "/" + row["context"]), score)
                show_faults(score, args.verbose)
                scores.append(score)
    sums = total(scores)
    show("all", sums)
    faults = list(missed(sums))
    for fault in faults:
        print("missed:", fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""`tonnage propose` beside the other ways to an ignore file, on the same trees: ./dev bench propose

    compare.py --trees DIR [--only TEXT] [--way TEXT] [--seed N] [--scale F] [--each]

DIR as for propose.py: each tree is copied and made lived-in once, and every way is judged on it by
bench/score.py. Nothing in DIR is changed. The ways of others are in others.py.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
import others  # noqa: E402
import propose  # noqa: E402


def proposed(args, *flags):
    def make(_tree, context, dockerfile, out):
        begin = time.monotonic()
        done = subprocess.run([args.tonnage, "propose", "-q", "--config", "none", *flags, "-f", str(dockerfile),
                               "-o", str(out), str(context)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{context}: status {done.returncode}: {done.stderr}")
        return out, time.monotonic() - begin
    return make


def written(text_of):
    def make(tree, context, _dockerfile, out):
        out.write_text(text_of(tree, context), encoding="utf8")
        return out, 0.0
    return make


def ways(args, shared):
    baseline = shared / "bench/baseline.dockerignore"
    return {
        "no ignore file": written(others.nothing),
        "a template, pasted": lambda _t, _c, _d, _o: (baseline, 0.0),
        "a template for the language": written(others.template),
        ".gitignore, copied": written(others.copied),
        ".gitignore, translated": written(others.translated),
        "what the repositories have": lambda _t, c, d, _o: (propose.own_ignore_file(c, d), 0.0),
        "propose --level safe": proposed(args, "--level", "safe"),
        "propose": proposed(args),
        "propose --level thorough": proposed(args, "--level", "thorough"),
        "propose, without their files": proposed(args, "--ignorefile", os.devnull),
        "propose --mode allow-list": proposed(args, "--mode", "allow-list"),
    }


def judge_all(args, shared, scores, repo, contexts, scratch):
    tree, truth = Path(scratch) / repo.replace("/", "+"), Path(scratch) / "truth.json"
    propose.run(["cp", "-a", "--reflink=auto", str(args.trees / tree.name), str(tree)])
    propose.run([sys.executable, str(shared / "bench/dirty.py"), str(tree), "--seed", args.seed, "--scale",
                 args.scale, "--git-bytes", contexts[0]["git_bytes"], "--truth", str(truth)])
    for row in contexts:
        context, dockerfile = tree / row["context"], tree / row["dockerfile"].split(" (")[0]
        for name, way in ways(args, shared).items():
            if args.way not in name:
                continue
            ignore, seconds = way(tree, context, dockerfile, Path(scratch) / "ignore")
            score = propose.score_file(shared, tree, repo, row, truth, ignore)
            score["seconds"] = seconds
            scores.setdefault(name, []).append(score)
            if args.each:
                propose.show(f"{repo}/{row['context']} {name}"[-38:], score)


def put_table(scores):
    ncontexts = len(next(iter(scores.values())))
    print(f"{ncontexts} contexts\n")
    print("| way | kept rows lost | needed lost | secrets left | lived-in out | expert's out | lines |")
    print("|---|---|---|---|---|---|---|")
    for name, list_of in scores.items():
        t = propose.total(list_of)
        print(f"| {name} | {len(t['keep_lost'])} | {len(t['needed_lost'])} | {len(t['secrets_in'])} | "
              f"{propose.share(t['lived_bytes_out'], t['lived_bytes']).strip()} % | "
              f"{propose.share(t['exclude_out_bytes'], t['exclude_bytes']).strip()} % | "
              f"{t['lines'] / ncontexts:.0f} |")


def main():
    top = Path(__file__).resolve().parents[2]
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--trees", type=Path, default=os.environ.get("TONNAGE_TREES"), help="default: $TONNAGE_TREES")
    p.add_argument("--shared", type=Path, default=os.environ.get("TONNAGE_SHARED", top.parent / "shared"))
    p.add_argument("--tonnage", default=os.environ.get("TONNAGE", str(top / "build" / "src" / "tonnage")))
    p.add_argument("--seed", default="1")
    p.add_argument("--scale", default="0.1")
    p.add_argument("--only", default="", help="contexts with this in their name")
    p.add_argument("--way", default="", help="ways with this in their name")
    p.add_argument("--each", action="store_true", help="a line for each context and way, too")
    args = p.parse_args()
    shared, scores, by_repo = Path(args.shared).resolve(), {}, {}
    if args.trees is None or not (shared / "bench/score.py").exists():
        print("skipped: --trees names the checked-out repositories, --shared the judge (README.md here)")
        sys.exit(77)
    args.trees = Path(args.trees)
    for row in propose.rows(shared / "corpus/measured-dev.tsv"):
        if args.only in row["repo"] + "/" + row["context"]:
            by_repo.setdefault(row["repo"], []).append(row)
    for repo, contexts in by_repo.items():
        with tempfile.TemporaryDirectory(prefix="tonnage-compare-") as scratch:
            judge_all(args, shared, scores, repo, contexts, scratch)
    put_table(scores)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Random small contexts: `tonnage ls` against the walkers that docker and BuildKit use.

  diff_walk.py --oracle WALK-ORACLE [--seed N] [--cases N] [--case I] [--keep DIR]

Compares entries and order, for both engines; where the walkers fail, tonnage must refuse. A case
comes from (seed, index) alone; --case I runs one, --keep DIR leaves its context in DIR. What differs
is made small before it is shown. $TONNAGE names the program.
"""
import argparse
import json
import os
import random
import subprocess
import sys

sys.dont_write_bytecode = True
import contexts  # noqa: E402  (after the line above: no cache in the source tree)

ENGINES = ("buildkit", "classic")
NAMES = ["a", "b", "c", "a", "b", "ab", "a-", "a.", "a b", "A", ".x", "d", "é", "keep", "x.log",
         "a\nb", "*", "[a]", "!a", "#a", "a|b", "~", "0", "node_modules", "\udcff", "a+", "世"]
ODD_LINES = ["*", "**", "*/*", "**/*", "!*", "!**", ".", "/", "!.", "# note", "", "  ", "**/a/**",
             "a|b*", "!*/b", "!**/keep", "**/*.log", "Dockerfile", ".dockerignore", "Dockerfile*",
             ".*", "**/Dockerfile", "!sub", "sub", "[a-c]", "!?", "a/../b", "..", "../a", "/a/",
             "*\r", "{2}*", "^a*", "\\#a", "[^a]*", "a*/**/b", "!a/*/b", "*/a", "!*/*", "***"]
BAD_LINES = ["[", "!", "[z-a]", "\\q", "a\\", "!/", "*[z-a]", "![z-a]", "a/[z-a]", "b/\\y"]


def random_tree(r):
    """Entries as contexts.plant() takes them: names of few letters, so that patterns hit."""
    dirs, entries, files, seen = [""], [], [], set()
    for _ in range(r.choice((3, 8, 14, 25, 25, 40))):
        parent = r.choice(dirs)
        path = parent + r.choice(NAMES)
        if path in seen or path.count("/") > 5:
            continue
        seen.add(path)
        kind = r.choices(("dir", "file", "symlink", "hardlink", "fifo", "socket"),
                         (40, 46, 6, 5, 1, 2))[0]
        if kind == "hardlink" and not files:
            kind = "file"
        what = ""
        if kind == "dir":
            dirs.append(path + "/")
        elif kind == "file":
            what = "x" * r.choice((0, 1, 5, 600))
            files.append(path)
        elif kind == "symlink":
            what = r.choice(("missing", ".", "/etc/hostname", "..", r.choice(NAMES)))
        elif kind == "hardlink":
            what = r.choice(files)
        entries.append((path, kind, what))
    return entries


def random_pattern(r, paths):
    """A path of the tree with some of its parts made general; or a line of the tables."""
    dice = r.random()
    if dice < 0.015:
        return r.choice(BAD_LINES)
    if dice < 0.25 or not paths:
        return r.choice(ODD_LINES)
    parts = r.choice(paths).split("/")
    parts = parts[:r.randint(1, len(parts))] if r.random() < 0.4 else parts
    for i, part in enumerate(parts):
        parts[i] = r.choices((part, "*", "**", part[:1] + "*", "?", "*" + part[-1:], "[a-c]", "x"),
                             (60, 12, 7, 5, 4, 4, 2, 1))[0]
    line = r.choices(("", "**/", "*/", "/"), (75, 17, 4, 4))[0] + "/".join(parts)
    line += r.choices(("", "/**", "/*", "/", "**"), (70, 12, 10, 4, 4))[0]
    # BuildKit carries patterns in headers: control characters and bytes that are no text never get
    # as far as the walk
    line = "".join(c if c.isprintable() and not 0xD800 <= ord(c) < 0xE000 else "?" for c in line)
    return ("!" if r.random() < 0.33 else "") + line


def random_ignore_file(r, paths):
    lines = [random_pattern(r, paths) for _ in range(r.choice((0, 1, 2, 3, 3, 4, 6, 9)))]
    if lines and r.random() < 0.15:
        lines.append(r.choice(lines))
    if r.random() < 0.05:
        lines.insert(0, "\ufeff# first")
    return "\n".join(lines) + ("\n" if r.random() < 0.9 else "")


def random_case(r):
    """entries; ignore files by name (None: a directory of that name); the Dockerfile and -f."""
    entries = random_tree(r)
    paths = [e[0] for e in entries]
    dockerfile, option = r.choices(
        (("Dockerfile", False), ("dockerfile", False), ("sub/x.Dockerfile", True), ("sub/Dockerfile", True),
         ("Dockerfile", True)), (70, 6, 10, 8, 6))[0]
    ignore = {}
    if r.random() < 0.93:
        ignore[".dockerignore"] = random_ignore_file(r, paths + [dockerfile, ".dockerignore"])
    elif r.random() < 0.4:
        ignore[".dockerignore"] = None
    if r.random() < 0.1:
        ignore[dockerfile + ".dockerignore"] = random_ignore_file(r, paths)
    return {"entries": entries, "ignore": ignore, "dockerfile": dockerfile, "option": option}


def plant(root, case):
    entries = case["entries"] + [(case["dockerfile"], "file", "FROM scratch\nCOPY . /\n")]
    for name, text in case["ignore"].items():
        entries.append((name, "file" if text is not None else "dir", text))
    contexts.plant(root, entries)


def chosen_ignore_file(case, engine):
    """The text the engine reads (ignore-semantics 1.1); None: it fails instead."""
    own = case["dockerfile"] + ".dockerignore"
    if engine == "buildkit":
        return case["ignore"].get(own if own in case["ignore"] else ".dockerignore") or ""
    return case["ignore"].get(".dockerignore", "")


def ask_oracle(oracle, cases):
    """For each (root, case): {engine: (sent or None, error)}."""
    requests, places = [], []
    answers = [{} for _ in cases]
    for i, (root, case) in enumerate(cases):
        for engine in ENGINES:
            text = chosen_ignore_file(case, engine)
            if text is None:
                answers[i][engine] = (None, "the ignore file cannot be read")
                continue
            requests.append(json.dumps({"root": root, "ignorefile": text, "engines": [engine],
                                        "dockerfile": case["dockerfile"]}))
            places.append((i, engine))
    p = subprocess.run([oracle], input="\n".join(requests).encode() + b"\n", stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, check=False)
    lines = p.stdout.splitlines()
    if p.returncode or len(lines) != len(places):
        sys.exit("the oracle failed: " + p.stderr.decode("utf-8", "replace")[-2000:])
    for (i, engine), line in zip(places, lines):
        a = json.loads(line)
        part = a.get(engine) or {}
        error = a.get("error") or part.get("error")
        answers[i][engine] = (None if error else part["sent"], error)
    return answers


def as_json_has_it(name):
    """Go writes a byte that is no UTF-8 as U+FFFD."""
    return "".join("\ufffd" if 0xDC80 <= ord(c) <= 0xDCFF else c for c in name)


def compare(tonnage, root, case, answer):
    """[(engine, what differs)]"""
    out = []
    option = ["-f", os.path.join(root, case["dockerfile"])] if case["option"] else []
    for engine in ENGINES:
        want, error = answer[engine]
        got = contexts.Listing(tonnage, root, "--engine", engine, *option)
        if got.broken:
            out.append((engine, "exit status %d: %s" % (got.exit, got.stderr)))
        elif got.refused != (want is None):
            out.append((engine, "the builder %s, tonnage %s" % (
                "fails (%s)" % error if want is None else "does not fail",
                "refuses: " + got.stderr if got.refused else "does not refuse")))
        elif want is not None:
            how = contexts.first_difference(want, [as_json_has_it(e) for e in got.entries])
            if how:
                out.append((engine, how))
    return out


def judge(work, a, case):
    """Plant one case alone, and compare."""
    root = work.fresh("one")
    plant(root, case)
    return compare(a.tonnage, root, case, ask_oracle(a.oracle, [(root, case)])[0])


def smaller(case):
    """Each way to leave out one entry (and what is below it), or one line of an ignore file."""
    for path, _, _ in case["entries"]:
        rest = [e for e in case["entries"] if e[0] != path and not e[0].startswith(path + "/")]
        left = {e[0] for e in rest}
        yield dict(case, entries=[e for e in rest if e[1] != "hardlink" or e[2] in left])
    for name, text in case["ignore"].items():
        lines = (text or "").split("\n")
        for i in range(len(lines)):
            if len(lines) > 1:
                left = "\n".join(lines[:i] + lines[i + 1:])
                yield dict(case, ignore=dict(case["ignore"], **{name: left}))


def shrink(work, a, case):
    budget = 400
    again = True
    while again:
        again = False
        for candidate in smaller(case):
            budget -= 1
            if budget < 0:
                return case
            if judge(work, a, candidate):
                case, again = candidate, True
                break
    return case


def show(work, a, index, case):
    case = shrink(work, a, case)
    print("# --seed %d --case %d" % (a.seed, index))
    for path, kind, what in case["entries"]:
        print("#   %-8s %r%s" % (kind, path, " -> %r" % what if kind in ("symlink", "hardlink") else ""))
    print("#   Dockerfile %r%s" % (case["dockerfile"], " (-f)" if case["option"] else ""))
    for name, text in case["ignore"].items():
        print("#   %r: %r" % (name, text if text is not None else "(a directory)"))
    for engine, how in judge(work, a, case):
        print("#   %s: %s" % (engine, how))
    sys.stdout.flush()


def make(a, index):
    return random_case(random.Random("%d %d" % (a.seed, index)))


def run(work, a):
    stats = {"differences": 0, "refusals": 0, "sent": 0}
    indexes = [a.case] if a.case is not None else range(a.cases)
    for start in range(0, len(indexes), 100):
        batch = []
        for index in indexes[start:start + 100]:
            root = work.fresh("case%d" % (index % 100))
            case = make(a, index)
            plant(root, case)
            batch.append((index, root, case))
        answers = ask_oracle(a.oracle, [b[1:] for b in batch])
        for (index, root, case), answer in zip(batch, answers):
            stats["refusals"] += sum(x[0] is None for x in answer.values())
            stats["sent"] += sum(len(x[0] or ()) for x in answer.values())
            if compare(a.tonnage, root, case, answer):
                stats["differences"] += 1
                if stats["differences"] <= 5:
                    show(work, a, index, case)
    print("# seed %d: %d listings refused by the builders, %d entries sent" % (
        a.seed, stats["refusals"], stats["sent"]))
    contexts.finish(len(indexes), stats["differences"])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--oracle", required=True, help="walk-oracle; build_oracles.sh walk prints its path")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--cases", type=int, default=1000)
    p.add_argument("--case", type=int, help="only this one")
    p.add_argument("--keep", metavar="DIR", help="leave the context of --case in DIR, and compare nothing")
    a = p.parse_args()
    if a.keep:
        os.makedirs(a.keep)
        plant(a.keep, make(a, a.case or 0))
        return
    a.tonnage = contexts.program()
    with contexts.Workspace() as work:
        run(work, a)


if __name__ == "__main__":
    main()

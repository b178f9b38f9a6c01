#!/usr/bin/env python3
"""How long a transfer takes: what the model of time says against a real BuildKit behind slow links.

  time_builds.py --fit TIME_FIT [--seed N] [--table FILE] [-v]

Contexts of many shapes (shapes.py) are built by a real client and dockerd with a slow link between them
(link.py). The time is dockerd's own, of "transferring context". The builds of each link are dealt into two
halves; each is predicted by the model as it was fitted to the other. Over all: the rank correlation of
predicted and measured time is at least 0.95, and the median error at most 20 %.

Needs root. $TONNAGE names the program; TIME_FIT is time_fit.c's.
"""
import argparse
import datetime
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import builders  # noqa: E402
import contexts  # noqa: E402
import link  # noqa: E402
import shapes  # noqa: E402

# (bits a second, seconds one way): slow enough that a busy computer is not all that is measured
LINKS = [(4e6, 0.040), (8e6, 0.020), (16e6, 0.005)]
RANK_LEAST, ERROR_MOST = 0.95, 0.20
COUNTS = ["walked", "walked_for_nothing", "pattern_tests", "announced", "announced_bytes", "created", "files",
          "bytes", "round_trips"]
PACKET_BYTES, CHUNK_BYTES = 11, 32768  # of a content: what is around each of its packets


class Timed:
    """A build: its link, its shape, what tonnage counts, and what dockerd says that it took."""

    def __init__(self, at, name, is_first, counts):
        self.at, self.name, self.is_first, self.counts = at, name, is_first, counts
        self.nbytes = self.seconds = self.half = self.plain = self.fitted = None

    def line(self):
        return " ".join(str(self.counts[c]) for c in COUNTS)

    def error(self):
        return self.fitted[0] / self.seconds - 1


def parse_time(text):
    whole, _, fraction = text.rstrip("Z").partition(".")
    return datetime.datetime.fromisoformat(whole + "+00:00").timestamp() + float("0." + (fraction or "0"))


def read_transfer(text):
    """(bytes, seconds) of the transfer of the context, from --progress=rawjson."""
    names, found = {}, None
    for line in text.splitlines():
        event = json.loads(line) if line.startswith("{") else {}
        for v in event.get("vertexes") or []:
            names[v["digest"]] = v["name"]
        for s in event.get("statuses") or []:
            if (s["id"] == "transferring context:" and s.get("completed") and
                    names.get(s["vertex"], "").startswith("[internal] load build context")):
                found = s["current"], parse_time(s["completed"]) - parse_time(s["started"])
    return found


def build(builder, above, name):
    argv = [builder.entry[2], "buildx", "build", "--no-cache", "--progress=rawjson", "--output=type=cacheonly", name]
    p = builder.oracle.run(builder.entry[1], argv, above, builder.env)
    text = p.stderr.decode("utf-8", "replace")
    found = None if p.returncode else read_transfer(text)
    if found is None:
        sys.exit("%s: the build fails, or says no time:\n%s" % (name, text[-2000:]))
    return found


def count(tree, edit, changed):
    """What tonnage counts of it; the files that were changed are told to it by hand, unless all were."""
    assume = {None: "cold", shapes.touched: "mtime", shapes.other_modes: "chmod"}.get(edit, "warm")
    p = subprocess.run([contexts.program(), "explain", "-C", tree.root, "--config", "none", "--profile", "remote",
                        "--assume", assume, "--format", "json"], stdout=subprocess.PIPE, check=True)
    counts = json.loads(p.stdout)["counts"]
    for path in changed if assume == "warm" else []:
        size = os.path.getsize(path)
        counts["bytes"] += size + PACKET_BYTES * (2 + size // CHUNK_BYTES)
        counts["files"] += 1
        counts["created"] += 1
    return counts


def time_one(builder, above, number, at, name, seed):
    bits, delay = at
    make, edit = shapes.SHAPES[name]
    folder = "c%d" % number
    os.makedirs(os.path.join(above, folder))
    tree = shapes.Tree(os.path.join(above, folder), seed * 1000 + number)
    make(tree, bits / 8)
    builder.tap.set()
    changed = []
    if edit:
        build(builder, above, folder)
        changed = edit(tree, bits / 8)
    timed = Timed(at, name, edit is None, count(tree, edit, changed))
    builder.tap.set(bits, delay)
    timed.nbytes, timed.seconds = build(builder, above, folder)
    return timed


def time_all(a, work):
    builder, out = builders.Dockerd(work, "buildkit28", link.Link), []
    try:
        above = work.fresh("timed")
        for i, at in enumerate(LINKS):
            for k, name in enumerate(shapes.SHAPES):
                if (i + k) % len(LINKS) == 0 and not a.all:
                    continue  # each shape meets all links but one
                out.append(time_one(builder, above, len(out), at, name, a.seed))
                if a.verbose:
                    print("# %s" % row(out[-1]), flush=True)
    finally:
        builder.stop()
    return out


def predict(a, half, other, at):
    """Those of one half, by the model fitted to the other."""
    text = "".join("fit %.6f %s\n" % (t.seconds, t.line()) for t in other)
    text += "".join("predict %s\n" % t.line() for t in half)
    p = subprocess.run([a.fit, str(at[0] / 8), str(2 * at[1])], input=text.encode(), stdout=subprocess.PIPE,
                       check=True)
    for t, answer in zip(half, p.stdout.decode().splitlines(), strict=True):
        figures = list(map(float, answer.split()))
        t.plain, t.fitted = figures[:3], figures[3:]


def predict_all(a, timed):
    rng = random.Random(a.seed)
    for at in LINKS:
        mine = [t for t in timed if t.at == at]
        rng.shuffle(mine)
        halves = mine[::2], mine[1::2]
        for number, half in enumerate(halves):
            for t in half:
                t.half = "AB"[number]
            predict(a, half, halves[1 - number], at)


def ranks(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    out = [0] * len(values)
    for rank, i in enumerate(order):
        out[i] = rank
    return out


def rank_correlation(x, y):
    return statistics.correlation(ranks(x), ranks(y))


def row(t):
    out = "| %g Mbit, %g ms | %s | %s | %d | %d | %d | %.2f | %.2fs |" % (
        t.at[0] / 1e6, 2000 * t.at[1], t.name, "first" if t.is_first else "again", t.counts["walked"],
        t.counts["announced"], t.counts["files"], t.nbytes / 1e6, t.seconds)
    return out if t.fitted is None else out + " %.2fs | %.2f-%.2fs | %+.0f %% | %s |" % (
        t.fitted[0], t.fitted[1], t.fitted[2], 100 * t.error(), t.half)


HEAD = """\
| link, round trip | context | build | walked | announced | files | MB | measured | predicted | range | error | half |
|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|
"""


def summary(timed):
    """(rank correlation, median error) as fitted; and lines that say so."""
    seconds = [t.seconds for t in timed]
    lines, out = [], None
    for which, middle, ends in (("as the profile says", [t.plain[0] for t in timed], [t.plain for t in timed]),
                                ("fitted to the other half", [t.fitted[0] for t in timed], [t.fitted for t in timed])):
        errors = sorted(abs(m / s - 1) for m, s in zip(middle, seconds))
        out = rank_correlation(seconds, middle), statistics.median(errors)
        lines.append("%s: rank correlation %.3f, median error %.1f %%, nine of ten within %.0f %%, %d of %d in the range"
                     % (which, out[0], 100 * out[1], 100 * errors[len(errors) * 9 // 10],
                        sum(e[1] <= s <= e[2] for e, s in zip(ends, seconds)), len(timed)))
    return out, lines


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--fit", required=True, metavar="TIME_FIT")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--all", action="store_true", help="every shape over every link")
    p.add_argument("--table", metavar="FILE", help="write the builds, in Markdown")
    p.add_argument("-v", "--verbose", action="store_true", help="a line a build")
    a = p.parse_args()
    if os.access("/dev/shm", os.W_OK):  # what is measured is no disk
        tempfile.tempdir = "/dev/shm"
    with contexts.Workspace() as work:
        timed = time_all(a, work)
    predict_all(a, timed)
    (rank, error), lines = summary(timed)
    table = HEAD + "".join(row(t) + "\n" for t in timed)
    if a.table:
        with open(a.table, "w", encoding="utf8") as f:
            f.write(table)
    print(table + "\n".join("# %d builds, seed %d, %s" % (len(timed), a.seed, line) for line in lines))
    if rank < RANK_LEAST or error > ERROR_MOST:
        sys.exit("wanted: rank correlation %g, median error %.0f %%" % (RANK_LEAST, 100 * ERROR_MOST))


if __name__ == "__main__":
    main()

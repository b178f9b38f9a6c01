#!/usr/bin/env python3
"""A proposal against a real BuildKit: what it takes with the hand-written lines, and with the proposed file.

  diff_propose.py [--builder buildkit28|buildkit20] [--seed N] [--cases N] [--case I] [-v]

The repositories are those of tests/properties/made.py. Of each two real builds: the entries that go between
them, and their bytes, must be what `propose --format json` says under requested_before and requested_after.
Where everything is asked for a third build goes without one line of the file, and what comes back must be
what the ledger says of that line. Needs root. $TONNAGE names the program.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import types

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "properties"))
import builders  # noqa: E402
import contexts  # noqa: E402
import judge  # noqa: E402
import made  # noqa: E402

LIGHT = 60000  # bytes: contents really go over the wire


def make(seed, index):
    m = made.Made(random.Random(f"{seed}/{index}"))
    m.files = {p: min(size, LIGHT) for p, size in m.files.items()}
    # a step that runs wants more than scratch
    m.texts["Dockerfile"] = "".join(x for x in m.texts["Dockerfile"].splitlines(True) if not x.startswith("RUN"))
    m.texts.pop("web.Dockerfile", None)
    m.ignore = m.ignore or "# nothing yet\n"
    at = m.flags.index("-f")
    m.flags = m.flags[:at] + ["-f", "Dockerfile"]
    return m


class Case:
    def __init__(self, builder, work, m, number):
        self.builder, self.m, self.name = builder, m, f"p{number}"
        self.above = work.fresh(self.name)
        self.root = os.path.join(self.above, self.name)
        os.makedirs(self.root)
        m.plant(self.root)

    def tonnage(self, *args):
        return subprocess.run([contexts.program(), *args, "--no-git", "--config", "none", "."], cwd=self.root,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)

    def write(self, text):
        with open(os.path.join(self.root, ".dockerignore"), "w", encoding="utf8", newline="") as f:
            f.write(text)

    def received(self, text):
        """What dockerd receives with this ignore file; None: the build stops, or asks for nothing."""
        self.write(text)
        planted = types.SimpleNamespace(root=self.name, above=self.above, options=["-f", f"{self.name}/Dockerfile"])
        report = self.builder.build(planted)
        return None if report.context is None else {e.rstrip("/") for e in report.context.entries}

    def weigh(self, entries):
        """Entries but for the ignore file itself, which is of another size each time, and bytes of the files."""
        rest = entries - {".dockerignore"}
        paths = [os.path.join(self.root, e) for e in rest]
        return len(rest), sum(os.path.getsize(p) for p in paths if os.path.isfile(p))

    def planned(self, weight, has_ignore_file):
        size = len(self.m.ignore.encode())
        return weight["entries"] - has_ignore_file, weight["bytes"] - (size if has_ignore_file else 0)

    def compare(self, stats):
        """What differs, or None."""
        done = self.tonnage("propose", "-q", "--format", "json", *self.m.flags)
        if done.returncode:
            return f"propose ends with {done.returncode}: {done.stderr.decode()}"
        plan = json.loads(done.stdout)
        engine = next(e for e in plan["engines"] if e["engine"] == "buildkit")
        before, after = self.received(judge.hand_written(self.m.ignore)), self.received(plan["text"])
        if before is None and after is None:
            stats["nothing"] += 1
            return None
        for what, got, want in (("before", before, engine["requested_before"]),
                                ("after", after, engine["requested_after"])):
            got = got or set()
            if self.weigh(got) != self.planned(want, ".dockerignore" in got):
                return f"{what}: dockerd takes {self.weigh(got)}, planned {want}: {sorted(got)}"
        stats["entries less"] += len(before or ()) - len(after or ())
        asks_for_all = "COPY . " in self.m.texts["Dockerfile"]
        return self.compare_line(plan, after or set(), stats) if asks_for_all else None

    def compare_line(self, plan, after, stats):
        live = [x for x in plan["ledger"]["lines"] if x["status"] == "live" and x["refused_without"] is None]
        if not live:
            return None
        line = random.Random(len(plan["text"])).choice(live)
        lines = plan["text"].split("\n")
        lines[line["line"] - 1] = "#"
        got = self.received("\n".join(lines)) or set()
        back, gone = self.weigh(got - after), self.weigh(after - got)
        want = [(line[k]["entries"], line[k]["bytes"]) for k in ("comes_back", "goes_out")]
        stats["lines"] += 1
        if ".dockerignore" in got ^ after:
            return None
        return None if [back, gone] == want else f"without {line}: dockerd takes {back} more and {gone} less"


def run(a, work):
    builder, ndifferences = builders.Dockerd(work, a.builder), 0
    stats = {"nothing": 0, "entries less": 0, "lines": 0}
    indexes = [a.case] if a.case is not None else range(a.cases)
    try:
        for index in indexes:
            m = make(a.seed, index)
            how = Case(builder, work, m, index).compare(stats)
            if a.verbose or how:
                print(f"# --seed {a.seed} --case {index} {' '.join(m.flags)}: {how or 'ok'}", flush=True)
            ndifferences += how is not None
    finally:
        builder.stop()
    print(f"# {a.builder}, seed {a.seed}: " + ", ".join(f"{v} {k}" for k, v in stats.items()))
    contexts.finish(len(indexes), ndifferences)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--builder", default="buildkit28", choices=("buildkit28", "buildkit20"))
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--cases", type=int, default=40)
    p.add_argument("--case", type=int, help="only this one")
    p.add_argument("-v", "--verbose", action="store_true", help="a line a case")
    a = p.parse_args()
    with contexts.Workspace() as work:
        run(a, work)


if __name__ == "__main__":
    main()

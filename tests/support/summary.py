#!/usr/bin/env python3
"""Count what test programs reported, and show what failed in full.

    summary.py meson-logs/testlog.json | FILE.tap ...

A program that prints TAP counts with each of its points, any other as one. Failures, then the
skipped points with their reasons, then "N passed, N failed, N skipped". Exit status 1 on failures.
"""
import json
import re
import sys

POINT = re.compile(r"^(not )?ok\b *\d* *-? *([^#]*)(# *SKIP\S* *(.*))?", re.I)
PLAN = re.compile(r"^1\.\.(\d+)(?: *# *SKIP\S* *(.*))?", re.I)


class Program:
    """What one test program said: its points, and whether it ended as it should."""

    def __init__(self, name, result, stdout, stderr):
        self.name, self.stdout, self.stderr = name, stdout, stderr
        self.passed, self.failed, self.skips = 0, 0, []
        plan = self.read_points()
        npoints = self.passed + self.failed + len(self.skips)
        if plan is None:
            self.passed, self.failed, self.skips = 0, 0, []
        elif npoints < plan:
            self.failed += plan - npoints  # it died on the way
        if result in ("OK", "EXPECTEDFAIL"):
            self.passed += plan is None
        elif result == "SKIP":
            if npoints == 0 or plan is None:
                self.skips = [(name, first_line(stdout + stderr))]
        elif self.failed == 0:
            self.failed = 1

    def read_points(self):
        """The planned number of points; None: this is no TAP."""
        plan = None
        for line in self.stdout.splitlines():
            point, planned = POINT.match(line), PLAN.match(line)
            if planned:
                plan = int(planned[1])
                if plan == 0 and planned[2]:
                    self.skips.append((self.name, planned[2]))
            elif point and point[1]:
                self.failed += 1
            elif point and point[3]:
                self.skips.append((f"{self.name}: {point[2].strip()}", point[4] or ""))
            elif point:
                self.passed += 1
        return plan

    def show(self):
        print(f"\n==== {self.name}: {self.failed} failed")
        shown = True
        for line in self.stdout.splitlines():
            # a passed point is no news, nor what was said about it; keep all the rest
            if re.match(r"^(not )?ok\b", line):
                shown = line.startswith("not ")
            if shown:
                print(line)
        if self.stderr.strip():
            print(self.stderr.rstrip())


def first_line(text):
    return (text.strip().splitlines() or [""])[0]


def read_programs(path):
    if path.endswith(".tap"):
        with open(path, encoding="utf-8", errors="backslashreplace") as f:
            yield Program(path.rsplit("/", 1)[-1][:-4], "OK", f.read(), "")
        return
    with open(path, encoding="utf-8", errors="backslashreplace") as f:
        for line in f:
            test = json.loads(line)
            name = test["name"].split(":")[-1].replace(" / ", "/")
            stderr = re.sub(r"\n?\(test program exited with .*\)", "", test.get("stderr") or "")
            yield Program(name, test["result"], test.get("stdout") or "", stderr)


def main():
    programs = [p for path in sys.argv[1:] for p in read_programs(path)]
    failed = sum(p.failed for p in programs)
    skips = [skip for p in programs for skip in p.skips]
    for program in programs:
        if program.failed > 0:
            program.show()
    if skips:
        print()
    for name, why in skips:
        print(f"skipped: {name}: {why}")
    print(f"{sum(p.passed for p in programs)} passed, {failed} failed, {len(skips)} skipped")
    return 1 if failed > 0 or not programs else 0


if __name__ == "__main__":
    sys.exit(main())

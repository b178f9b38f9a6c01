#!/usr/bin/env python3
"""The rules of tonnage check: check.py [RULE...]; TAP on stdout.

testdata/check/RULE/ has two folders of the format of the golden cases: `breaks`, where the rule finds
something, and `passes`, which is as near as can be and where it finds nothing. `args` holds flags beyond
`check --no-git` (a case with `git` in it goes without --no-git). What is printed as text, JSON and SARIF is
expected byte for byte; where expected.fixed is, the ignore file is that after --fix, and the rule finds
nothing then. Each rule that `tonnage rules` lists must have its folder.
Takes TONNAGE, TONNAGE_SOURCE and UPDATE_GOLDEN from the environment, as run.py does.
"""
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from run import diff, environment, read, remove, words_of
from tap import Tap
from tree import make_context, overlay

FORMATS = "text", "json", "sarif"
PROGRAM = os.environ["TONNAGE"]
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"
# another program's work: they need a repository with revisions
ELSEWHERE = {"regression"}


def run_check(case, at, *flags):
    flags += () if (case / "git").exists() else ("--no-git",)
    return subprocess.run([PROGRAM, "check", *words_of(case, "args"), *flags, "ctx"], cwd=at, check=False,
                          capture_output=True, env=environment(case, at, 2), timeout=120)


def rules_found(case, at):
    return {f["rule"] for f in json.loads(run_check(case, at, "--format", "json").stdout)["findings"]}


def check_outputs(case, at):
    for form in FORMATS:
        expected = case / f"expected.{form}"
        if form == "sarif" and not expected.exists():
            continue
        got = run_check(case, at, "--format", form).stdout
        if UPDATE:
            expected.write_bytes(got)
        elif got != read(expected):
            yield diff(expected.name, read(expected), got)


def check_fix(rule, case, at):
    fixed = case / "expected.fixed"
    if not fixed.exists():
        return
    before = read(Path(at) / "ctx/.dockerignore")
    if not run_check(case, at, "--fix", "--diff").stdout or read(Path(at) / "ctx/.dockerignore") != before:
        yield "--diff shows nothing, or --fix writes beside it"
    run_check(case, at, "--fix")
    got = read(Path(at) / "ctx/.dockerignore")
    if UPDATE:
        fixed.write_bytes(got)
    elif got != read(fixed):
        yield diff(fixed.name, read(fixed), got)
    if rule in rules_found(case, at):
        yield f"{rule} still finds something after --fix"


def check_case(rule, case):
    at = tempfile.mkdtemp(prefix="tonnage-check-")
    try:
        os.chmod(at, 0o755)
        overlay(case / "beside", at)
        make_context(case, f"{at}/ctx")
        faults = list(check_outputs(case, at))
        if (rule in rules_found(case, at)) != (case.name == "breaks"):
            faults.append(f"{rule} finds {'nothing' if case.name == 'breaks' else 'something'}")
        return "\n".join([*faults, *check_fix(rule, case, at)])
    finally:
        remove(at)


def check_init():
    """The budgets of --init hold for the smallest context, with its own file in it."""
    with tempfile.TemporaryDirectory() as at:
        (Path(at) / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
        runs = [subprocess.run([PROGRAM, "check", "--no-git", *flags], cwd=at, check=False, capture_output=True)
                for flags in (["--init", "--diff"], ["--init"], [])]
        return [r.returncode for r in runs] == [2, 0, 0] and b"wrote .tonnage.yaml" in runs[1].stderr


def main():
    root = Path(os.environ.get("TONNAGE_SOURCE", Path(__file__).parents[2])) / "testdata/check"
    tap = Tap()
    os.umask(0o022)
    listed = json.loads(subprocess.run([PROGRAM, "rules", "--format", "json"], check=True,
                                       capture_output=True).stdout)["checks"]
    rules = sys.argv[1:] or sorted(p.name for p in root.iterdir() if p.is_dir())
    cases = [(rule, root / rule / which) for rule in rules for which in ("breaks", "passes")]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for (rule, case), faults in zip(cases, pool.map(lambda c: check_case(*c), cases)):
            tap.ok(not faults, f"{rule} {case.name}", faults)
    if not sys.argv[1:]:
        tap.ok(check_init(), "what --init writes is kept to by what is there")
        lacking = {r["id"] for r in listed} - set(rules) - ELSEWHERE
        tap.ok(not lacking, "every rule has its folder", ", ".join(sorted(lacking)))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())

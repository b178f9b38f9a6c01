#!/usr/bin/env python3
"""The golden cases: run.py [--jobs N] [CASE...]; TAP on stdout.

Each folder of testdata/cases is one run of the program; testdata/cases/README.md has the format.
Takes TONNAGE (the program), TONNAGE_SOURCE (the repository) and UPDATE_GOLDEN (rewrite what is
expected) from the environment.
"""
import argparse
import concurrent.futures
import difflib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from tap import Tap
from tree import BadTree, make_context, overlay

NOBODY = 65534
TIMEOUT_S = 120


def read(path, default=b""):
    return path.read_bytes() if path.exists() else default


def words_of(case, name):
    return shlex.split(read(case / name).decode(), comments=True)


def environment(case, at, jobs):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith("TONNAGE") and k not in ("NO_COLOR", "CLICOLOR_FORCE")}
    env.update(LC_ALL="C.UTF-8", TZ="UTC", HOME=at, TONNAGE_JOBS=str(jobs))
    env.update(word.split("=", 1) for word in words_of(case, "env"))
    return env


def run_program(case, at, jobs):
    """Runs in `at`, which holds the context as ctx/; returns status, stdout, stderr."""
    program, options = os.environ["TONNAGE"], {}
    if (case / "unprivileged").exists() and os.geteuid() == 0:
        # root may read everything: become nobody, who needs a program within reach
        # by a process of its own: a descriptor open for writing here could be inherited by what another
        # thread starts at that moment, and the copy would be "busy"
        subprocess.run(["cp", program, f"{at}/.tonnage"], check=True)
        program = f"{at}/.tonnage"
        for directory, names, files in os.walk(at):
            for path in [directory] + [os.path.join(directory, n) for n in names + files]:
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        options = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    args = [word.replace("{ctx}", "ctx") for word in words_of(case, "args")]
    cwd = os.path.join(at, read(case / "cwd").decode().strip())
    run = subprocess.run([program, *args], cwd=cwd, input=read(case / "stdin"), check=False,
                         capture_output=True, env=environment(case, at, jobs), timeout=TIMEOUT_S,
                         **options)
    return run.returncode, run.stdout, run.stderr


def diff(name, want, got):
    lines = [text.decode("utf-8", "backslashreplace").split("\n") for text in (want, got)]
    return "\n".join(difflib.unified_diff(*lines, f"{name} (expected)", f"{name} (found)",
                                          lineterm=""))


def results(case, at, status, out, err):
    """(file of the case, expected bytes, found bytes) of everything a case may pin down."""
    yield "expected.out", read(case / "expected.out"), out
    yield "expected.err", read(case / "expected.err"), err
    yield "status", read(case / "status", b"0\n"), b"%d\n" % status
    written = case / "expected.files"
    for path in sorted(p for p in written.rglob("*") if p.is_file()):
        name = path.relative_to(written)
        yield f"expected.files/{name}", path.read_bytes(), read(Path(at) / name)


def update(case, found):
    """Rewrites what is expected; a file that would say what its absence says goes."""
    for name, _, got in found:
        if name != "expected.out" and got == {"status": b"0\n", "expected.err": b""}.get(name):
            (case / name).unlink(missing_ok=True)
        else:
            (case / name).write_bytes(got)


def remove(at):
    for directory, names, _ in os.walk(at):
        for name in names:
            path = os.path.join(directory, name)
            if not os.path.islink(path):
                os.chmod(path, 0o700)  # topdown: before the walk goes there
    shutil.rmtree(at)


def check_case(case, jobs):
    """(diagnostics, JSON texts by the name of their schema); no diagnostics: it is as expected."""
    at = tempfile.mkdtemp(prefix="tonnage-case-")
    try:
        os.chmod(at, 0o755)
        overlay(case / "beside", at)
        make_context(case, f"{at}/ctx")
        status, out, err = run_program(case, at, jobs)
        found = list(results(case, at, status, out, err))
    except (BadTree, subprocess.TimeoutExpired) as e:
        return str(e), []
    finally:
        remove(at)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        update(case, found)
        found = []
    faults = [diff(name, want, got) for name, want, got in found if want != got]
    return "\n".join(faults), json_texts(" ".join(words_of(case, "args")), out)


def json_texts(args, out):
    """(name in the schema's $defs, or None for the whole schema; text) of what a run printed."""
    if re.search(r"--format[ =]json(?=\s|$)", args):
        return [(None, out)] if out else []
    if not re.search(r"--format[ =]jsonl\b", args):
        return []
    name = "totals_line" if "--totals" in args else f"{args.split()[0]}_line"
    return [(name, line) for line in out.splitlines()]


def check_schema(tap, root, documents):
    """Every JSON output follows the schema."""
    name, schema_file = "JSON outputs follow docs/tonnage.schema.json", root / "docs/tonnage.schema.json"
    try:
        import jsonschema
    except ImportError:
        tap.skip(name, "no python3-jsonschema")
        return
    if not schema_file.exists():
        tap.skip(name, "no docs/tonnage.schema.json yet")
        return
    schema = json.loads(schema_file.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    faults = []
    for case, part, text in documents:
        validator = jsonschema.Draft202012Validator(
            schema if part is None else {"$defs": schema["$defs"], "$ref": f"#/$defs/{part}"})
        try:
            faults += [f"{case}: {'/'.join(map(str, e.path))}: {e.message}"
                       for e in validator.iter_errors(json.loads(text))]
        except ValueError as e:
            faults.append(f"{case}: {e}")
    tap.ok(not faults, f"{len(documents)} {name}", "\n".join(faults))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2, help="threads of the program (TONNAGE_JOBS)")
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    root = Path(os.environ.get("TONNAGE_SOURCE", Path(__file__).parents[2]))
    folder = root / "testdata/cases"
    cases = [folder / Path(c).name for c in options.cases]
    cases = cases or sorted(p.parent for p in folder.glob("*/args"))
    os.umask(0o022)
    tap, documents = Tap(), []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = pool.map(lambda case: check_case(case, options.jobs), cases)
        for case, (faults, texts) in zip(cases, runs):
            tap.ok(not faults, case.name, faults)
            documents += [(case.name, *text) for text in texts]
    check_schema(tap, root, documents)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Shell scripts pass shellcheck, the manual page passes mandoc, Python compiles, and the README's
runnable commands run.

A block of the README that starts with ```sh and is preceded by the line <!-- runnable --> is run
whole, by sh -e, in an empty directory with a small context in it and the program in PATH. A block
```text preceded by <!-- case: NAME --> shows that golden case: "$ tonnage ARGUMENTS", then its output.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from tap import Tap


def run_tool(tap, tool, args, name):
    if shutil.which(tool) is None:
        tap.skip(name, f"no {tool}")
        return
    run = subprocess.run([tool, *args], capture_output=True, text=True, check=False)
    tap.ok(run.returncode == 0, name, run.stdout + run.stderr)


def commit(at):
    """The project is in git, where there is one."""
    for args in (["init", "-q"], ["add", "-A", "--", "."], ["commit", "-qm", "first"]):
        subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e@x", *args], cwd=at, check=True)


def make_context(at):
    """What a README example finds: a small Node project."""
    (at / "node_modules/left-pad").mkdir(parents=True)
    (at / "src").mkdir()
    (at / "node_modules/left-pad/index.js").write_text("module.exports = 1;\n" * 100)
    (at / "src/app.js").write_text("console.log(1);\n")
    (at / "Dockerfile").write_text("FROM scratch\nCOPY src /src\n")
    (at / ".dockerignore").write_text("node_modules\n")


def run_readme(tap, root):
    readme = root / "README.md"
    if not readme.exists():
        tap.skip("the README's commands run", "no README.md yet")
        return
    blocks = re.findall(r"<!-- runnable -->\n+```sh\n(.*?)```", readme.read_text(), re.S)
    for number, block in enumerate(blocks, 1):
        with tempfile.TemporaryDirectory() as at:
            make_context(Path(at))
            if shutil.which("git") is not None:
                commit(at)
            else:
                block = re.sub(r"^tonnage .*HEAD.*$", "", block, flags=re.M)
            program = Path(os.environ["TONNAGE"]).parent
            env = {**os.environ, "PATH": f"{program}:{os.environ['PATH']}", "HOME": at}
            run = subprocess.run(["sh", "-e", "-c", block.replace("./dev run", "tonnage")], cwd=at,
                                 env=env, capture_output=True, text=True, check=False)
            first = block.strip().splitlines()[0]
            tap.ok(run.returncode == 0, f"README block {number} runs: {first}",
                   f"{block}\nexit status {run.returncode}\n{run.stdout}{run.stderr}")
    if not blocks:
        tap.skip("the README's commands run", "no block is marked <!-- runnable -->")


def check_screens(tap, root):
    readme = root / "README.md"
    if not readme.exists():
        return
    shown = re.findall(r"<!-- case: (\S+) -->\n+```text\n(.*?)```", readme.read_text(), re.S)
    for name, screen in shown:
        case = root / "testdata/cases" / name
        args = (case / "args").read_text().strip()
        want = f"$ tonnage {args}\n{(case / 'expected.out').read_text()}"
        tap.ok(screen == want, f"the README shows the case {name}", f"expected:\n{want}")
    tap.ok(shown, "the README shows a golden case")


def check_manual(tap, manual, program):
    """Each flag of --help, with each of its choices, has its entry in the manual page."""
    entries = {}
    for line in re.findall(r"^\.It Fl .*$", manual.read_text(), re.M):
        entries.update((flag, line) for flag in re.findall(r"Fl -([a-z-]+)", line))
    for command in "scan", "ls", "match", "explain", "check":
        text = subprocess.run([program, command, "--help"], capture_output=True, text=True, check=True).stdout
        flags = re.findall(r"^ {2}(?:-\w,| {3}) --([a-z-]+)(?: ([a-z|]+\|[a-z|]+))?", text, re.M)
        bad = [flag for flag, choices in flags if flag not in entries
               or not set(filter(None, choices.split("|"))) <= set(entries[flag].split())]
        tap.ok(flags and not bad, f"the manual page has the flags of {command}", f"missing or other choices: {bad}")


def commands_of(program):
    text = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^  (\w+) ", text, re.M)


def check_config_schema(tap, root, program):
    """The schema of .tonnage.yaml has every flag, and the examples of the documents follow it."""
    schema = json.loads((root / "docs/tonnage.config.schema.json").read_text())
    top, policy, taken = schema["properties"], schema["$defs"]["policy"]["properties"], set()
    for command in commands_of(program):
        text = subprocess.run([program, command, "--help"], capture_output=True, text=True, check=True).stdout
        flags = set(re.findall(r"^ {2}(?:-\w,| {3}) --([a-z-]+)", text, re.M)) - {"help", "version", "config"}
        flags -= {"keep", "fail-on"}  # keys of their own in the file
        taken |= flags
        if command not in policy:
            has = set(top[command]["properties"]) if command in top else set()
            tap.ok(has == flags, f"the schema of .tonnage.yaml has the flags of {command}",
                   f"in one only: {sorted(has ^ flags)}")
    tap.ok(taken <= set(top), "the schema of .tonnage.yaml has all flags at its top", sorted(taken - set(top)))
    manual = re.findall(r"^\.Bd -literal\n(.*?)^\.Ed", (root / "docs/tonnage.yaml.5").read_text(), re.S | re.M)
    shown = manual + re.findall(r"```yaml\n(.*?)```", (root / "README.md").read_text(), re.S)
    for number, text in enumerate(shown, 1):
        with tempfile.TemporaryDirectory() as at:
            make_context(Path(at))
            (Path(at) / ".tonnage.yaml").write_text(text)
            run = subprocess.run([program, "ls"], cwd=at, capture_output=True, text=True, check=False)
            tap.ok(run.returncode == 0, f"example {number} of .tonnage.yaml is read", run.stderr)
    check_config_examples(tap, root, schema, shown)


def check_config_examples(tap, root, schema, shown):
    """What the program reads follows the schema, what it refuses does not."""
    name = "the schema of .tonnage.yaml says what the program says"
    try:
        import jsonschema
        import yaml
    except ImportError:
        tap.skip(name, "no python3-jsonschema or no python3-yaml")
        return
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    faults = [f"{text}: {e.message}" for text in shown for e in validator.iter_errors(yaml.safe_load(text))]
    for case in sorted((root / "testdata/cases").glob("*/*/.tonnage.yaml")):
        text = case.read_text()
        if "# not for the schema" not in text:
            status = case.parents[1] / "status"
            wrong = status.exists() and status.read_text().strip() == "2"
            found = [e.message for e in validator.iter_errors(yaml.safe_load(text))]
            faults += [f"{case}: {found or 'is taken'}"] if wrong != bool(found) else []
    tap.ok(not faults, name, "\n".join(faults))


def main():
    root = Path(sys.argv[1])
    tap = Tap()
    scripts = [root / "dev", root / ".ci/run", *sorted((root / "tests").rglob("*.sh"))]
    for script in scripts:
        if script.exists():
            run_tool(tap, "shellcheck", [script], f"{script.relative_to(root)} passes shellcheck")
    for script in sorted((root / "tests").rglob("*.py")):
        try:
            compile(script.read_text(), script, "exec")
            tap.ok(True, f"{script.relative_to(root)} compiles")
        except SyntaxError as e:
            tap.ok(False, f"{script.relative_to(root)} compiles", e)
    manual = root / "docs/tonnage.1"
    if manual.exists():
        run_tool(tap, "mandoc", ["-Tlint", "-W", "warning", manual], "the manual page passes mandoc")
        check_manual(tap, manual, os.environ["TONNAGE"])
    run_tool(tap, "mandoc", ["-Tlint", "-W", "warning", root / "docs/tonnage.yaml.5"], "so does tonnage.yaml(5)")
    check_config_schema(tap, root, os.environ["TONNAGE"])
    run_readme(tap, root)
    check_screens(tap, root)
    return tap.done()


sys.exit(main())

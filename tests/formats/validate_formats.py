#!/usr/bin/env python3
"""What `tonnage check` prints for CI systems follows their schemas; TAP on stdout.

A context whose every name is hostile, and one with many findings, in every format. SARIF is validated
against the published schema (which an npm package brings), GitLab's and JUnit's documents against what
their documentation asks for, written down here. The packages are those of package-lock.json, installed
into .cache/ on the first run; without npm, node or xmllint the points that need them are skipped.
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "support"))
from tap import Tap

# names that mean something to one format or another; all lie in the context and are excluded
NAMES = [b"x%0A::error::", b"x]]>&amp;<b>", b"x,:;=|`", b"x\x1b31m\x07", b"x\xff\xfe\xc3(", b"x a{0}z](1)",
         "x\u202e\ufffe\uffff\U0001f600".encode()]
FORMATS = {"sarif": "out.sarif", "gitlab": "out.json", "junit": "out.xml", "tap": "out.tap",
           "markdown": "out.md", "github": "out.txt", "json": "all.json"}



def hostile(at):
    (at / "Dockerfile").write_bytes(
        b"FROM scratch\n" + b"".join(b'COPY ["' + n.replace(b"\x1b", b"\\u001b").replace(b"\x07", b"\\u0007") +
                                    b'", "/"]\n' for n in NAMES))
    for n in NAMES:
        with open(os.path.join(os.fsencode(at), n), "wb") as f:
            f.write(b"12345")
    (at / ".dockerignore").write_bytes(b"x*\n" + b"".join(b"y" + n + b"\n" for n in NAMES))


def many(at):
    (at / "Dockerfile").write_text("FROM scratch\n" + "".join(f"COPY x{i} /\n" for i in range(25)))
    (at / ".dockerignore").write_text("x*\n" + "".join(f"gone/{i}\n" for i in range(25)))
    for i in range(25):
        (at / f"x{i}").write_text("")


def clean(at):
    (at / "Dockerfile").write_text("FROM scratch\nCOPY a /\n")
    (at / "a").write_text("a")


def run(at):
    """All formats at once: the exit status."""
    args = [f"--format={name}={at}/{file}" for name, file in FORMATS.items()]
    return subprocess.run([os.environ["TONNAGE"], "check", "--no-git", *args, "ctx"], cwd=at, check=False,
                          env={**os.environ, "GITHUB_STEP_SUMMARY": f"{at}/step.md"}).returncode


def modules(root):
    """The folder of the npm packages, or why there is none."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None, "no node and npm"
    lock = (HERE / "package-lock.json").read_bytes()
    place = root / ".cache" / ("formats-" + hashlib.sha256(lock).hexdigest()[:12])
    if not (place / "done").exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, place)
        got = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place,
                             capture_output=True, check=False, timeout=300)
        if got.returncode != 0:
            return None, "npm ci failed: " + got.stderr.decode(errors="replace").strip()[-200:].replace("\n", " ")
        (place / "done").touch()
    return place / "node_modules", ""


def validate(tap, packages, why, schema, name, paths):
    if packages is None:
        tap.skip(name, why)
        return
    got = subprocess.run(["node", HERE / "validate.js", schema, *paths], capture_output=True, check=False,
                         env={**os.environ, "NODE_PATH": str(packages)})
    tap.ok(got.returncode == 0, name, got.stdout.decode() + got.stderr.decode())


def check_sarif(tap, at, findings):
    run_ = json.loads((at / "out.sarif").read_bytes())["runs"][0]
    results = run_["results"]
    tap.ok(len(results) == len(findings), f"{at.name}: SARIF has every finding")
    rules = [r["id"] for r in run_["tool"]["driver"]["rules"]]
    tap.ok(all(rules[r["ruleIndex"]] == r["ruleId"] for r in results), f"{at.name}: SARIF: each result finds its rule")
    uris = [l["physicalLocation"]["artifactLocation"]["uri"] for r in results for l in r["locations"]]
    tap.ok(all(re.fullmatch(r"ctx/([A-Za-z0-9._~/-]|%[0-9A-F]{2})*", u) for u in uris),
           f"{at.name}: SARIF: URIs are relative and encoded", "\n".join(uris))
    texts = [r["message"]["text"] for r in results]
    tap.ok(not any(re.search(r"[{}]", re.sub(r"\{\{|\}\}", "", t)) or re.search(r"(?<!\\)\]\(", t) for t in texts),
           f"{at.name}: SARIF: no text holds a placeholder or a link", "\n".join(texts))
    tap.ok(not any(re.search(r"[\x00-\x1f\x7f]", t) for t in texts), f"{at.name}: SARIF: no text holds a control character")
    prints = [r["partialFingerprints"]["tonnage/v1"] for r in results]
    tap.ok(len(set(prints)) == len(prints), f"{at.name}: SARIF: no fingerprint comes twice")


def check_github(tap, at, findings):
    lines = (at / "out.txt").read_text(encoding="utf-8").split("\n")
    tap.ok(lines[-1] == "" and all(re.match(r"::(error|warning|notice) [^\n]*::", l) for l in lines[:-1]),
           f"{at.name}: GitHub: each line is one command")
    kinds = {k: sum(l.startswith(f"::{k} ") for l in lines) for k in ("error", "warning", "notice")}
    tap.ok(max(kinds.values()) <= 10, f"{at.name}: GitHub: no more than ten of a kind", kinds)
    left = len(findings) - len([l for l in lines if " file=" in l])
    tap.ok((left == 0) == (" more: " not in lines[-2]) if lines[:-1] else left == 0,
           f"{at.name}: GitHub: what is left out is counted")
    if left > 0:
        tap.ok(f"::{left} more: " in lines[-2], f"{at.name}: GitHub: it is counted right", lines[-2])
    tap.ok((at / "step.md").read_bytes() == (at / "out.md").read_bytes(), f"{at.name}: the summary of the step is there")


def check_tap(tap, at, junit):
    lines = (at / "out.tap").read_text(encoding="utf-8").split("\n")
    points = [l for l in lines if re.match(r"(not )?ok ", l)]
    tap.ok(lines[:2] == ["TAP version 14", f"1..{len(points)}"], f"{at.name}: TAP: the plan is kept")
    tap.ok(all(re.match(rf"(not )?ok {i + 1} - [a-z-]+( # SKIP [ -~]+)?$", p) for i, p in enumerate(points)),
           f"{at.name}: TAP: points")
    skipped = {p.split()[3] for p in points if " # SKIP " in p}
    want = {"regression"} | {f"budget-{w}" for w in ("bytes", "files", "file-size", "class", "path", "git-ratio")}
    tap.ok(skipped == want, f"{at.name}: TAP: what is not set is skipped", skipped ^ want)
    cases = ET.fromstring(junit).findall(".//testcase")
    tap.ok({c.get("name") for c in cases if c.find("skipped") is not None} == want, f"{at.name}: JUnit: the same")
    tap.ok(ET.fromstring(junit).find("testsuite").get("skipped") == str(len(want)), f"{at.name}: JUnit: it is counted")
    tap.ok(lines.count("  ---") == lines.count("  ..."), f"{at.name}: TAP: every block ends")
    tap.ok(sum(p.startswith("not") for p in points) == junit.count(b"<failure "), f"{at.name}: TAP and JUnit fail alike")


def main():
    root = Path(os.environ["TONNAGE_SOURCE"])
    tap, places = Tap(), []
    packages, why = modules(root)
    with tempfile.TemporaryDirectory() as top:
        for make in (hostile, many, clean):
            at = Path(top) / make.__name__
            (at / "ctx").mkdir(parents=True)
            make(at / "ctx")
            status = run(at)
            findings = json.loads((at / "all.json").read_bytes())["findings"]
            tap.ok(status == (0 if make is clean else 1), f"{at.name}: the status", status)
            told = [f["message"] + (f["fix"] or "") for f in findings]
            tap.ok(not any(re.search(r"[\x00-\x1f\x7f\u202a-\u202e]", t) for t in told),
                   f"{at.name}: JSON: no sentence holds a control character", "\n".join(map(repr, told)))
            check_sarif(tap, at, findings)
            check_github(tap, at, findings)
            check_tap(tap, at, (at / "out.xml").read_bytes())
            prints = [i["fingerprint"] for i in json.loads((at / "out.json").read_bytes())]
            tap.ok(len(set(prints)) == len(findings), f"{at.name}: GitLab: each finding has its fingerprint")
            places.append(at)
        validate(tap, packages, why, "sarif", "SARIF follows the published schema", [p / "out.sarif" for p in places])
        validate(tap, packages, why, HERE / "gitlab.schema.json", "GitLab's reports are as GitLab wants them",
                 [p / "out.json" for p in places])
        if shutil.which("xmllint") is None:
            tap.skip("JUnit follows its schema", "no xmllint")
        else:
            got = subprocess.run(["xmllint", "--noout", "--schema", HERE / "junit.xsd", *(p / "out.xml" for p in places)],
                                 capture_output=True, check=False)
            tap.ok(got.returncode == 0, "JUnit follows its schema", got.stderr.decode())
    return tap.done()


sys.exit(main())

#!/usr/bin/env python3
"""The library shows what src/lib/exports.txt lists, which is what the public header declares."""
import difflib
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from tap import Tap


def diff(want, got):
    return "\n".join(difflib.unified_diff(want, got, "exports.txt", "found", lineterm=""))


def main():
    root, library = Path(sys.argv[1]), sys.argv[2]
    tap = Tap()
    listed = (root / "src/lib/exports.txt").read_text().split()
    tap.ok(listed == sorted(set(listed)), "exports.txt is sorted", diff(listed, sorted(set(listed))))
    header = (root / "include/tonnage/tonnage.h").read_text()
    declared = sorted(re.findall(r"^TNG_API[^;(]*?\b(tng_\w+)\(", header, re.M))
    tap.ok(declared == listed, "exports.txt lists the TNG_API functions", diff(listed, declared))
    if shutil.which("nm") is None:
        tap.skip("the library exports what is listed", "no nm")
        return tap.done()
    symbols = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True,
                             text=True, check=True).stdout
    exported = sorted(line.split()[-1].split("@")[0] for line in symbols.splitlines())
    tap.ok(exported == listed, "the library exports what is listed", diff(listed, exported))
    return tap.done()


sys.exit(main())

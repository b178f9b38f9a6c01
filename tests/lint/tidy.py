#!/usr/bin/env python3
"""clang-tidy over src/, a few files at a time: tidy.py SOURCE BUILD (a build set up with clang)."""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from tap import Tap


def main():
    root, build = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    tap = Tap()
    tool = shutil.which("clang-tidy-14") or shutil.which("clang-tidy")
    if tool is None:
        tap.skip("src is tidy", "no clang-tidy")
        return tap.done()
    commands = json.loads((build / "compile_commands.json").read_text())
    files = sorted({(Path(c["directory"]) / c["file"]).resolve() for c in commands})
    files = [f for f in files if root / "src" in f.parents]

    def tidy(path):
        return subprocess.run([tool, "--quiet", "-p", build, path], capture_output=True, text=True,
                              check=False)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, run in zip(files, pool.map(tidy, files)):
            tap.ok(run.returncode == 0, f"{path.relative_to(root)} is tidy", run.stdout + run.stderr)
    return tap.done()


sys.exit(main())

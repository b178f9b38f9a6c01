#!/usr/bin/env python3
"""C sources are as clang-format 14 writes them; text files have no odd white space."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from tap import Tap

TEXT = (".c", ".h", ".py", ".sh", ".build", ".md", ".txt", ".json", ".yml", ".yaml", ".1")


def white_space_faults(path):
    text = path.read_bytes()
    if text and not text.endswith(b"\n"):
        yield f"{path}: no newline at the end"
    for number, line in enumerate(text.split(b"\n"), 1):
        if re.search(rb"[ \t\r]$", line):
            yield f"{path}:{number}: blanks at the end of the line"


def main():
    root = Path(sys.argv[1])
    tap = Tap()
    tops = [root / d for d in ("src", "include", "tests")]
    sources = sorted(f for d in tops for f in d.rglob("*.[ch]"))
    others = sorted(f for d in [*tops, root / "docs"] for f in d.rglob("*") if f.suffix in TEXT)
    bad = [fault for f in [*others, root / "meson.build", root / "dev"]
           if f.exists() for fault in white_space_faults(f)]
    tap.ok(not bad, "lines end in no blanks, files in a newline", "\n".join(bad))
    tool = shutil.which("clang-format-14") or shutil.which("clang-format")
    version = subprocess.run([tool, "--version"], capture_output=True, text=True,
                             check=True).stdout if tool else "none"
    if not re.search(r"\b14\.", version):
        tap.skip("sources are formatted", f"needs clang-format 14; found: {version.strip()}")
        return tap.done()
    run = subprocess.run([tool, "--dry-run", "-Werror", *sources], capture_output=True, text=True,
                         check=False)
    tap.ok(run.returncode == 0, f"{len(sources)} sources are formatted (clang-format -i)", run.stderr)
    return tap.done()


sys.exit(main())

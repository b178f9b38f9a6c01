#!/usr/bin/env python3
"""Every header compiles alone, with gcc and with clang, and has a guard named after its path."""
import concurrent.futures
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from tap import Tap

FLAGS = ["-std=c17", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
         "-Wno-unused-function", "-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64"]


def compile_alone(root, compiler, name):
    command = [compiler, *FLAGS, f"-I{root}/include", f"-I{root}/src", "-x", "c", "-"]
    # twice: the guard works
    text = f'#include "{name}"\n#include "{name}"\nextern int unused;\n'
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def main():
    root = Path(sys.argv[1])
    tap = Tap()
    names = {str(h.relative_to(root / top)): h for top in ("include", "src")
             for h in sorted((root / top).rglob("*.h"))}
    compilers = [c for c in ("gcc", "clang") if shutil.which(c)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {(n, c): pool.submit(compile_alone, root, c, n) for n in names for c in compilers}
    for name, path in names.items():
        for compiler in compilers:
            run = jobs[name, compiler].result()
            tap.ok(run.returncode == 0, f"{name} compiles alone with {compiler}", run.stderr)
        guard = name.replace("/", "_").replace(".", "_").replace("-", "_").upper()
        tap.ok(f"#ifndef {guard}\n#define {guard}\n" in path.read_text(),
               f"{name} has the guard {guard}")
    for compiler in {"gcc", "clang"} - set(compilers):
        tap.skip(f"headers compile alone with {compiler}", f"no {compiler}")
    return tap.done()


sys.exit(main())

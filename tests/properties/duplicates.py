#!/usr/bin/env python3
"""Files that hold the same are those to which sha256sum gives the same sum.

Random trees of few sizes, so that many files have the size of another: copies, files that differ in one byte at
the start, in the middle or at the end, hard links, holes beside real zeros, clones where the file system makes
them. Names of one file are one file, and so are clones. A file whose size nobody else has is never opened. And
what the rule duplicate-content of `tonnage check` names are the heaviest of these groups; of what is too much to read
it says that it looks the same.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from tap import Tap

SIZES = [1, 2, 4095, 4096, 4097, 16383, 16384, 16385, 70_000, 131_072, 300_001]
SHOWN, SHOWN_MIN = 3, 1_000_000  # as the rule's


def variant(r, data):
    """The same, or all but one byte of it."""
    if r.random() < 0.6:
        return data
    at = r.choice([0, len(data) // 2, len(data) - 1, min(len(data) - 1, 4096), min(len(data) - 1, 4095)])
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def fill(r, top, sizes):
    """Files by the number that they share with their clones."""
    contents = {size: [r.randbytes(size), bytes(size)] for size in sizes}
    made, clones = [], {}
    for i in range(r.randint(10, 60)):
        path = top / r.choice(["a", "a/b", "c", "c/d/e"]) / f"f{i}"
        path.parent.mkdir(parents=True, exist_ok=True)
        size, how = r.choice(sizes), r.random()
        if made and how < 0.12:
            os.link(r.choice(made), path)
        elif how < 0.25:
            with open(path, "wb") as f:
                f.truncate(size)
        elif made and how < 0.35:
            source = r.choice(made)
            done = subprocess.run(["cp", "--reflink=always", source, path], capture_output=True, check=False)
            if done.returncode != 0:
                shutil.copyfile(source, path)
            elif path.stat().st_size >= 4096:  # a small file may lie in its inode, where nothing is shared
                clones[path.stat().st_ino] = clones.get(source.stat().st_ino, source.stat().st_ino)
        else:
            path.write_bytes(variant(r, r.choice(contents[size])))
        made.append(path)
    (top / "alone").write_bytes(b"x" * 777)
    return made, clones


def one(path, clones):
    number = os.stat(path).st_ino
    return clones.get(number, number)


def by_sum(paths, clones, least=1):
    """The sets of files, by their numbers, that sha256sum gives the same sum; two files or more in each."""
    out = subprocess.run(["sha256sum", "-z", "--", *map(str, paths)], check=True, capture_output=True).stdout
    groups = defaultdict(set)
    for line in out.decode().split("\0")[:-1]:
        name = line[66:]
        if os.path.getsize(name) >= least:
            groups[line[:64]].add(one(name, clones))
    return {frozenset(g) for g in groups.values() if len(g) > 1}


def listed(lister, top, clones):
    out = subprocess.run([lister, top], check=True, capture_output=True).stdout.decode()
    body, _, nread = out.rpartition("\0")
    groups = [part.split("\0") for part in body.split("\0\0") if part.strip("\0")]
    return [[one(top / name, clones) for name in g if name] for g in groups], int(nread)


def run_case(number, lister):
    r = random.Random(number)
    faults = []
    with tempfile.TemporaryDirectory() as temporary:
        top = Path(temporary)
        made, clones = fill(r, top, r.sample(SIZES, r.randint(1, 4)))
        want = by_sum(made, clones)
        groups, nread = listed(lister, top, clones)
        got = {frozenset(g) for g in groups}
        if got != want:
            faults.append(f"not found {sorted(map(sorted, want - got))}, wrongly found {sorted(map(sorted, got - want))}")
        if any(len(g) != len(set(g)) for g in groups):
            faults.append("a file is in its group twice")
        sizes = defaultdict(set)
        for path in made:
            sizes[path.stat().st_size].add(path.stat().st_ino)
        # a file of more than 16 KiB is opened for its head, and once more for the whole
        most = sum(len(files) * (1 if size <= 16384 else 2) for size, files in sizes.items() if len(files) > 1)
        if nread > most:
            faults.append(f"files are opened {nread} times, and {most} would do")
    return faults


def check_alone(tap, lister):
    """Who has a size for himself is not opened."""
    with tempfile.TemporaryDirectory() as temporary:
        for size in SIZES:
            Path(temporary, f"f{size}").write_bytes(bytes(size))
            os.link(Path(temporary, f"f{size}"), Path(temporary, f"g{size}"))
        found = listed(lister, Path(temporary), {})
        tap.ok(found == ([], 0), "a file whose size is unique is not opened", found)


def check_rule(tap, number):
    """The rule shows the groups that waste most, by the copies that are too many."""
    r = random.Random(number)
    with tempfile.TemporaryDirectory() as temporary:
        top = Path(temporary)
        (top / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
        paths, want = [], []
        for i, size in enumerate((3_000_000, 2_000_000, 1_500_000, SHOWN_MIN, SHOWN_MIN - 1)):
            data, n = r.randbytes(size), r.randint(2, 4)
            for k in range(n):
                paths.append(top / f"g{i}-{k}")
                paths[-1].write_bytes(data)
            other = top / f"g{i}-other"
            other.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
            paths.append(other)
            os.link(paths[-2], top / f"g{i}-link")
        for group in by_sum(paths, {}, SHOWN_MIN):
            names = sorted(p for p in paths if p.stat().st_ino in group)
            want.append(((len(group) - 1) * names[0].stat().st_size, len(group), names[0].name))
        out = subprocess.run([os.environ["TONNAGE"], "check", "--rule", "duplicate-content", "--format", "json", "--config",
                              "none", str(top)], check=True, capture_output=True).stdout
        got = [(f["bytes"], f["files"], f["path"]) for f in json.loads(out)["findings"]]
        heaviest = sorted(want, reverse=True)[:SHOWN]
        tap.ok([g[:2] for g in sorted(got, reverse=True)] == [w[:2] for w in heaviest] and
               {g[2] for g in got} == {w[2] for w in heaviest}, f"case {number}: check shows the heaviest groups",
               f"{got}\nwant {heaviest}")


def check_large(tap):
    """What is too much to read is told as what it is: the same in samples."""
    r = random.Random(1)
    with tempfile.TemporaryDirectory() as temporary:
        top = Path(temporary)
        (top / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
        for name, size in (("large", 6_000_000), ("small", 1_500_000)):
            data = r.randbytes(size)
            for k in range(2):
                (top / f"{name}{k}").write_bytes(data)
        out = subprocess.run([os.environ["TONNAGE"], "check", "--rule", "duplicate-content", "--format", "json", "--config",
                              "none", str(top)], check=True, capture_output=True).stdout
        got = sorted(f["message"] for f in json.loads(out)["findings"])
        tap.ok(got == ["2 files hold the same 1.5MB: small0, small1",
                       "2 files of 6MB look the same, as far as they were read: large0, large1"],
               "what was compared in samples is told so", got)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("lister")
    options = parser.parse_args()
    tap = Tap()
    if shutil.which("sha256sum") is None:
        tap.skip("files that hold the same", "no sha256sum")
        return tap.done()
    for number in range(options.first, options.first + options.cases):
        faults = run_case(number, options.lister)
        if faults or number == options.first + options.cases - 1:
            tap.ok(not faults, f"case {number}: groups are those of sha256sum", "\n".join(faults))
    check_alone(tap, options.lister)
    for number in range(3):
        check_rule(tap, number)
    check_large(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())

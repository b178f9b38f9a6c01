#!/usr/bin/env python3
"""Bytes on the wire: `tonnage ls --totals` against the writers that docker and BuildKit use.

  diff_wire.py --oracle WALK-ORACLE [--seed N] [--cases N] [--case I] [--keep DIR]
  diff_wire.py --buildkit            a real dockerd: what it prints for a first and an unchanged build

Random contexts of what sizes hang on: lengths of names and links, kinds, modes, times, extended
attributes, hard links, sizes around a block and a chunk; wire_first of both engines must be the bytes
that walk-oracle counts. With a docker client and $TONNAGE_SHARED, classic's figure is also compared
with the stream that the client posts. Each case has a random Dockerfile, too: the set of the requested
lens and its bytes must be what the writers take when asked for the paths that the scan names. A case comes from (seed, index) alone. $TONNAGE names the program.
"""
import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import contexts  # noqa: E402  (after the line above: no cache in the source tree)
import diff_docker  # noqa: E402
import diff_walk  # noqa: E402

ENGINES = ("buildkit", "classic")
SIZES = (0, 1, 127, 128, 511, 512, 513, 1024, 16383, 16384, 32767, 32768, 32769, 65536, 65537, 100000)
TIMES = (0, 1, -1, 10**9, -10**9, -1500000000, 1700000000123456789, 1700000000000000000,
         (2**31) * 10**9, 8589934591 * 10**9, 127, 128)
MODES = (0o644, 0o600, 0o755, 0o777, 0o4755, 0o2755, 0o1644, 0o400)
LINES = ("*.log", "a*", "!a*", "*", "!**/b*", "d0", "!d0/f1", "d?", "**/l*", "!d1/d2", "d1", "x*", "**/n*")


def random_name(r):
    dice = r.random()
    if dice < 0.2:
        return r.choice("nmx") * r.choice((1, 50, 98, 99, 100, 101, 127, 128, 154, 155, 156, 200, 255))
    if dice < 0.28:
        return r.choice(("é", "世界", "a b", "\udcff", "é" * 60, "日" * 40))
    return r.choice("abcdflx") + str(r.randint(0, 9))


def random_entries(r):
    """(path, kind, what, mode, mtime_ns, {xattr: value}); what is a size, a target or a path."""
    dirs, files, seen, out = [""], [], set(), []
    for _ in range(r.choice((0, 1, 3, 8, 20, 40, 160))):
        path = r.choice(dirs[-6:] + [""]) + random_name(r)
        if path in seen or len(os.fsencode(path)) > 900 or path.count("/") > 8:
            continue
        seen.add(path)
        kind = r.choices(("file", "dir", "symlink", "hardlink", "fifo", "socket"), (50, 22, 10, 10, 4, 4))[0]
        if kind == "hardlink" and not files:
            kind = "file"
        what, xattrs = None, {}
        if kind == "dir":
            dirs.append(path + "/")
        elif kind == "symlink":
            what = r.choice(("a", "../x", "é", "t" * 99, "t" * 100, "t" * 101, "t" * 127, "t" * 128, "t" * 480, "/abs"))
        elif kind == "hardlink":
            what = r.choice(files)
        elif kind == "file":
            what = r.choice(SIZES)
        if kind in ("file", "dir") and r.random() < 0.15:
            xattrs = {"user." + r.choice(("a", "note", "é", "k" * 120)): b"v" * r.choice((0, 1, 100, 127, 128))
                      for _ in range(r.choice((1, 2)))}
        if kind in ("file", "fifo", "symlink", "socket"):
            files.append(path)
        out.append((path, kind, what, r.choice(MODES) if kind != "dir" else r.choice((0o755, 0o700, 0o1777, 0o2755)),
                    r.choice(TIMES), xattrs))
    return out


def random_sources(r, entries):
    """A Dockerfile of some stages that ask for this and that."""
    paths = [e[0] for e in entries if re.fullmatch(r"[\w/]+", e[0], re.ASCII)] + ["d0", "gone", "f1", "a*", "*", "d?/f*", "l*/a"]
    lines = []
    for stage in range(r.choice((1, 1, 2))):
        lines.append("FROM scratch AS s%d" % stage)
        for _ in range(r.choice((0, 1, 1, 2, 3))):
            source = r.choice(paths)
            if r.random() < 0.25:
                source = source.split("/")[0] + "/" + r.choice(("*", "a", "x?", ".."))
            lines.append(r.choice(("COPY %s /x/", "COPY ./%s /x/", "ADD /%s /x/",
                                   "RUN --mount=type=bind,source=%s,target=/m true")) % source)
        if r.random() < 0.05:
            lines.append("COPY . /")
    if r.random() < 0.5:
        lines += ["FROM scratch", "COPY --from=s0 / /y/"]
    return "\n".join(lines) + "\n"


def random_case(r):
    lines = [r.choice(LINES) for _ in range(r.choice((0, 0, 1, 2, 3)))]
    entries = random_entries(r)
    if lines and entries and r.random() < 0.5:
        # the first of a file's names, so that another one is the first that is sent
        lines.append(entries[r.randrange(len(entries))][0].split("/")[0])
    lines = [line for line in lines if line.isprintable() and not any(0xD800 <= ord(c) < 0xE000 for c in line)]
    return {"entries": entries, "ignore": "".join(line + "\n" for line in lines),
            "dockerfile": random_sources(r, entries)}


def plant(root, case):
    """True when every extended attribute found its place."""
    top = os.fsencode(root)
    entries = []
    for path, kind, what, *_ in case["entries"]:
        entries.append((path, kind, b"x" * what if kind == "file" else what))
    entries += [("Dockerfile", "file", case["dockerfile"]), (".dockerignore", "file", case["ignore"])]
    contexts.plant(root, entries)
    complete = True
    for path, kind, _, mode, mtime, xattrs in reversed(case["entries"]):
        full = os.path.join(top, os.fsencode(path))
        for name, value in xattrs.items():
            try:
                os.setxattr(full, name, value, follow_symlinks=False)
            except OSError:
                complete = False
        if kind not in ("symlink", "hardlink"):
            os.chmod(full, mode)
        os.utime(full, ns=(mtime, mtime), follow_symlinks=False)
    return complete


def ask_oracle(oracle, cases):
    """For each (root, case): {engine: bytes, or None where it fails}."""
    requests = [json.dumps({"root": root, "ignorefile": case["ignore"], "engines": list(ENGINES),
                            "dockerfile": "Dockerfile"}) for root, case in cases]
    p = subprocess.run([oracle], input="\n".join(requests).encode() + b"\n", stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, check=False)
    lines = p.stdout.splitlines()
    if p.returncode or len(lines) != len(requests):
        sys.exit("the oracle failed: " + p.stderr.decode("utf-8", "replace")[-2000:])
    out = []
    for line in lines:
        a = json.loads(line)
        out.append({e: None if a.get("error") or (a.get(e) or {}).get("error") else a[e]["bytes"] for e in ENGINES})
    return out


def totals(tonnage, root, engine, *options):
    """{"wire_first": N, ...}; None when it refuses."""
    p = subprocess.run([tonnage, "ls", "--totals", "--engine", engine, *options, root], stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if p.returncode == 2:
        return None
    if p.returncode or b"wire_first=" not in p.stdout:
        sys.exit("tonnage: exit status %d: %s" % (p.returncode, p.stderr.decode("utf-8", "replace")))
    return {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", p.stdout.decode())}


def compare(tonnage, root, want):
    out = []
    for engine in ENGINES:
        got = totals(tonnage, root, engine)
        got = got and got["wire_first"]
        if got != want[engine]:
            out.append("%s: %r bytes, tonnage says %r" % (engine, want[engine], got))
    return out


def follow_paths(tonnage, root):
    """What the scan says is asked for; [] for everything, None for nothing."""
    p = subprocess.run([tonnage, "scan", "--format", "json", root], stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    sources = [s for s in json.loads(p.stdout)["sources"] if s["context"] is None and s["kind"] != "remote"]
    paths = {s["path"].lstrip("/") or "." for s in sources}
    return None if not paths else [] if "." in paths else sorted(paths)


def compare_requested(a, batch):
    """For each (root, case): what differs between the requested lens and the writers' answer."""
    asked = [follow_paths(a.tonnage, root) for root, _ in batch]
    requests = [json.dumps({"root": root, "ignorefile": case["ignore"], "engines": ["buildkit"], "follow": paths})
                for (root, case), paths in zip(batch, asked) if paths is not None]
    p = subprocess.run([a.oracle], input="\n".join(requests).encode() + b"\n", stdout=subprocess.PIPE, check=False)
    answers = iter([json.loads(line) for line in p.stdout.splitlines()])
    out = []
    for (root, _), paths in zip(batch, asked):
        answer = next(answers).get("buildkit", {}) if paths is not None else {"sent": [], "bytes": 0}
        got = contexts.Listing(a.tonnage, root, "--lens", "requested")
        a.nasked += bool(paths and got.entries)
        entries = [diff_walk.as_json_has_it(e) for e in got.entries]
        figures = totals(a.tonnage, root, "buildkit", "--lens", "requested")
        if got.refused or "sent" not in answer or answer.get("error"):
            out.append([] if got.refused == ("sent" not in answer) else ["requested: %r, %s" % (answer, got.stderr)])
            continue
        how = contexts.first_difference(answer["sent"], entries)
        if not how and figures["wire_first"] != answer["bytes"]:
            how = "%r bytes, tonnage says %r" % (answer["bytes"], figures["wire_first"])
        out.append(["requested %r: %s" % (paths, how)] if how else [])
    return out


def judge(work, a, case):
    root = work.fresh("one")
    plant(root, case)
    return compare(a.tonnage, root, ask_oracle(a.oracle, [(root, case)])[0]) + compare_requested(a, [(root, case)])[0]


def smaller(case):
    for path, *_ in case["entries"]:
        rest = [e for e in case["entries"] if e[0] != path and not e[0].startswith(path + "/")]
        left = {e[0] for e in rest}
        yield dict(case, entries=[e for e in rest if e[1] != "hardlink" or e[2] in left])
    lines = case["ignore"].splitlines(True)
    for i in range(len(lines)):
        yield dict(case, ignore="".join(lines[:i] + lines[i + 1:]))
    lines = case["dockerfile"].splitlines(True)
    for i in (i for i, line in enumerate(lines) if not line.startswith("FROM")):
        yield dict(case, dockerfile="".join(lines[:i] + lines[i + 1:]))


def show(work, a, index, case):
    budget, again = 300, True
    while again and budget > 0:
        again = False
        for candidate in smaller(case):
            budget -= 1
            if budget < 0:
                break
            if judge(work, a, candidate):
                case, again = candidate, True
                break
    print("# --seed %d --case %d" % (a.seed, index))
    for entry in case["entries"]:
        print("#   %r" % (entry,))
    print("#   .dockerignore %r\n#   Dockerfile %r" % (case["ignore"], case["dockerfile"]))
    for how in judge(work, a, case):
        print("#   " + how)
    sys.stdout.flush()


def make(a, index):
    return random_case(random.Random("wire %d %d" % (a.seed, index)))


def run_random(work, a):
    ndifferences, nfailed, with_xattrs, nbytes = 0, 0, 0, 0
    indexes = [a.case] if a.case is not None else range(a.cases)
    for start in range(0, len(indexes), 50):
        batch = []
        for index in indexes[start:start + 50]:
            root, case = work.fresh("case%d" % (index % 50)), make(a, index)
            with_xattrs += plant(root, case) and any(e[5] for e in case["entries"])
            batch.append((index, root, case))
        pairs = [b[1:] for b in batch]
        for (index, root, case), want, how in zip(batch, ask_oracle(a.oracle, pairs), compare_requested(a, pairs)):
            nfailed += want["buildkit"] is None
            nbytes += want["buildkit"] or 0
            if how or compare(a.tonnage, root, want):
                ndifferences += 1
                if ndifferences <= 5:
                    show(work, a, index, case)
    print("# seed %d: %d bytes of BuildKit, %d contexts with extended attributes, %d refused, %d ask for a part" % (
        a.seed, nbytes, with_xattrs, nfailed, a.nasked))
    return len(indexes), ndifferences


class Client(diff_docker.Client):
    def stream(self, root, file):
        """Length of what is posted; None when the client refuses."""
        before = len(self.server.builds)
        option = ["-f", os.path.join(root, file)] if file else []
        p = subprocess.run([self.docker, "build", *option, root], env=self.env, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        builds = self.server.builds[before:]
        return None if p.returncode or not builds else builds[-1]["stream_bytes"]


def run_client(work, a):
    client = Client(work, diff_docker.ready("docker"))
    ncases, ndifferences = 0, 0
    for name, root, case in diff_docker.all_cases(work, []):
        if case.docker_refuses:
            continue
        want = client.stream(root, case.file)
        option = ["-f", os.path.join(root, case.file)] if case.file else []
        got = totals(a.tonnage, root, "classic", *option)
        allowed = [None] if got is None else [got["wire_first"]]
        if got and case.file and case.file.startswith(".."):
            allowed.append(other_length(a.tonnage, root, option))
        ncases += 1
        if want not in allowed:
            ndifferences += 1
            print("# %s: the client posts %r bytes, tonnage says %r" % (name, want, allowed), flush=True)
    return ncases, ndifferences


def other_length(tonnage, root, option):
    """Of the two that a Dockerfile from elsewhere makes possible, the one that ls does not print."""
    p = subprocess.run([tonnage, "scan", "--wire", "--format", "json", "--engine", "classic", *option, root],
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    return json.loads(p.stdout)["wire"]["first_other"]


def printed(n):
    """As BuildKit prints it; a number that it prints in full is not rounded."""
    units = ["B", "kB", "MB", "GB"]
    value = float(n)
    while value >= 1000:
        value /= 1000
        units.pop(0)
    return "%d%s" % (n, units[0]) if units[0] == "B" else "%.2f%s" % (value, units[0])


BUILDKIT_CASES = ["plain", "emptied", "hard-links", "sockets-and-pipes", "links", "long-names", "empty-folders",
                  "sub-dockerfile-own-ignore", "own-ignore", "exception-star-go", "all-excluded"]


def run_buildkit(work, a):
    """What dockerd prints: a first build of each case, and the same again."""
    diff_docker.check_mounts()
    oracle = diff_docker.load_oracle(work)
    engine = diff_docker.buildkit_engine(oracle)
    options = argparse.Namespace(file=None, outside=False, warm=False)
    ncases, ndifferences = 0, 0
    try:
        oracle.up(engine)
        for name, root, case in diff_docker.all_cases(work, BUILDKIT_CASES):
            options.file = case.file
            option = ["-f", os.path.join(root, case.file)] if case.file else []
            p = subprocess.run([a.tonnage, "scan", "--wire", "--format", "json", *option, root],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
            wire = json.loads(p.stdout)["wire"]
            for warm, key in ((False, "first"), (True, "unchanged")):
                options.warm = warm
                report = oracle.DO["buildkit"](engine, root, options)
                want = [report.get("transferring"), report.get("transferring_dockerignore")]
                got = [printed(wire[key]), wire["ignore_file"] and printed(wire["ignore_file"])]
                ncases += 1
                if want != got:
                    ndifferences += 1
                    print("# %s, %s: dockerd prints %r, tonnage says %r" % (name, key, want, got), flush=True)
    finally:
        oracle.down(engine)
    contexts.finish(ncases, ndifferences, " (%s)" % engine)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--oracle", help="walk-oracle; build_oracles.sh walk prints its path")
    p.add_argument("--buildkit", action="store_true")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--cases", type=int, default=400)
    p.add_argument("--case", type=int, help="only this one")
    p.add_argument("--keep", metavar="DIR", help="leave the context of --case in DIR, and compare nothing")
    a = p.parse_args()
    a.nasked = 0
    if a.keep:
        os.makedirs(a.keep)
        plant(a.keep, make(a, a.case or 0))
        return
    a.tonnage = contexts.program()
    with contexts.Workspace() as work:
        if a.buildkit:
            run_buildkit(work, a)
        ncases, ndifferences = run_random(work, a)
        if a.case is None:
            more = run_client(work, a)
            ncases, ndifferences = ncases + more[0], ndifferences + more[1]
    contexts.finish(ncases, ndifferences)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""tonnage against other programs that do the same work: ./dev bench walk|match|ledger|check|classify|git|digest (README.md
here).

Everything is a ratio of two runs that follow each other, tonnage over the other; the table gives
the median over the pairs, for wall time and for CPU time (user + system), beside its target.
"""
import argparse
import json
import os
import re
import shutil
import socketserver
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

TONNAGE = os.environ.get("TONNAGE", "tonnage")
SHARED = Path(os.environ.get("TONNAGE_SHARED") or "shared")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tonnage-bench"
TREES = Path(os.environ.get("TMPDIR") or "/tmp") / "tonnage-bench"

# tree, against: at most this wall ratio, at most this CPU ratio (None: no target)
TARGETS = {
    ("monorepo", "floor stat"): (0.65, 1.20),
    ("monorepo", "find, forced stat"): (0.48, 0.90),
    ("monorepo", "du -sb"): (0.52, 0.95),
    ("monorepo", "fd --size"): (0.50, 0.50),
    ("monorepo", "gdu"): (0.33, 0.33),
    ("monorepo", "rg --files (no stat)"): (1.00, 1.10),
    ("monorepo", "bfs, forced stat"): (0.55, 0.90),
    ("wide", "floor stat"): (0.68, 1.25),
    ("small", "find, forced stat"): (0.70, 0.75),
    ("monorepo, cold", "floor stat"): (0.62, None),
    ("monorepo, 500 patterns", "no patterns"): (None, 1.06),
    ("monorepo, empty files", "docker build (classic)"): (0.07, 0.10),
    ("1 GB in 250 files", "xxh128sum"): (1.43, None),
    ("0.5 GB in 8000 files", "xxh128sum"): (1.43, None),
}
PEAK_TARGETS_MIB = {"monorepo": 34, "wide": 90}


def peers(tree):
    """(name, command): programs that stat every entry, but for `rg`, which lists only."""
    fd = shutil.which("fdfind") or "fd"
    gdu = shutil.which("gdu") or "gdu-go"
    return [
        ("floor stat", [CACHE / "floor", "stat", tree]),
        ("find, forced stat", ["find", tree, "-links", "+1000000"]),
        ("find -printf", ["find", tree, "-printf", "%y %s %T@ %m %i %n %p\\n"]),
        ("du -sb", ["du", "-sb", tree]),
        ("fd --size", [fd, "-uu", "--size", "+9000000gi", ".", tree]),
        ("gdu", [gdu, "-npc", tree]),
        ("rg --files (no stat)", ["rg", "--files", "-uuu", tree]),
        ("bfs, forced stat", ["bfs", tree, "-links", "+1000000"]),
    ]


def die(text):
    sys.exit(f"bench: {text}")


# ---- timing ----

class Run:
    """One run of a command: wall and CPU seconds, peak memory."""

    def __init__(self, command, stdin=None, env=None):
        command = [os.fspath(word) for word in command]
        program = shutil.which(command[0]) or die(f"no {command[0]}")
        files = [(os.POSIX_SPAWN_OPEN, 0, stdin or "/dev/null", os.O_RDONLY, 0),
                 (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
                 (os.POSIX_SPAWN_OPEN, 2, CACHE / "stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)]
        begun = time.perf_counter()
        pid = os.posix_spawn(program, command, env or os.environ, file_actions=files)
        _, status, usage = os.wait4(pid, 0)
        self.wall = time.perf_counter() - begun
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak_mib = usage.ru_maxrss / 1024
        self.status = os.waitstatus_to_exitcode(status)


def run_well(command, **options):
    run = Run(command, **options)
    # 3: something could not be read; every program sees the same tree
    if run.status not in (0, 3):
        die(f"{' '.join(map(str, command))}: status {run.status}\n{(CACHE / 'stderr').read_text()}")
    return run


def drop_caches():
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3\n")


def compare(ours, other, nruns, before=None, **options):
    """Pairs of runs, which of the two comes first in turn; before: called before each run."""
    pairs = []
    for i in range(nruns + 1):
        both = [ours, other] if i % 2 else [other, ours]
        runs = {}
        for one in both:
            if callable(before):
                before(one is ours)
            runs[one is ours] = run_well(one, **options)
        pairs.append((runs[True], runs[False]))
    return pairs[1:]  # the first warms the caches


class Table:
    def __init__(self):
        self.nfailed = 0
        self.has_header = False

    def mark(self, value, target):
        if target is None:
            return "-"
        self.nfailed += value > target
        return f"<={target:g} {'ok' if value <= target else 'FAIL'}"

    def header(self):
        if not self.has_header:
            print(f"{'tree':24} {'against':24} {'wall':>7} {'target':>12}  {'cpu':>7} {'target':>12}"
                  f"  {'ours ms':>9} {'other ms':>9}")
        self.has_header = True

    def add(self, tree, against, pairs):
        self.header()
        wall = statistics.median(a.wall / b.wall for a, b in pairs)
        cpu = statistics.median(a.cpu / max(b.cpu, 1e-4) for a, b in pairs)
        targets = TARGETS.get((tree, against), (None, None))
        ours, other = (1e3 * statistics.median(p[i].wall for p in pairs) for i in (0, 1))
        print(f"{tree:24} {against:24} {wall:7.3f} {self.mark(wall, targets[0]):>12}  {cpu:7.3f} "
              f"{self.mark(cpu, targets[1]):>12}  {ours:9.1f} {other:9.1f}", flush=True)

    def add_value(self, what, value, unit, target):
        shown = f"{value:7.2f}" if unit.startswith("x ") else f"{value:7.1f}"
        print(f"{what:49} {shown} {self.mark(value, target):>12}  {unit}", flush=True)


# ---- material ----

def build(name, *flags):
    """A C program of the shared bench material, in the cache."""
    source = SHARED / "bench" / name / f"{name}.c"
    if not source.exists():
        die(f"no {source}: set TONNAGE_SHARED to the folder with the shared bench material")
    CACHE.mkdir(parents=True, exist_ok=True)
    program = CACHE / name
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        subprocess.run([os.environ.get("CC", "cc"), "-O2", *flags, "-o", program, source], check=True)
    return program


def make_tree(name, *options):
    """A tree of mktree, made once; the program writes a line when it is complete."""
    tree, done = TREES / name, TREES / f"{name}.json"
    if not done.exists():
        shutil.rmtree(tree, ignore_errors=True)
        TREES.mkdir(parents=True, exist_ok=True)
        print(f"making {tree}", file=sys.stderr)
        made = subprocess.run([build("mktree", "-pthread"), *options, tree], check=True,
                              stdout=subprocess.PIPE)
        done.write_bytes(made.stdout)
    return tree


def patterns(nlines):
    """The text of mktree's ignore file of so many patterns; 0: no file."""
    if nlines == 0:
        return None
    tree = make_tree(f"patterns-{nlines}", "--preset", "small", "--files", "200", "--ignore-lines",
                     str(nlines))
    return (tree / ".dockerignore").read_bytes()


def set_ignore_file(tree, text):
    path = tree / ".dockerignore"
    path.unlink(missing_ok=True)
    if text is not None:
        path.write_bytes(text)


# ---- walk ----

def scan(tree):
    return [TONNAGE, "scan", tree, "-o", CACHE / "report"]


def bench_peers(table, name, tree, nruns, only):
    peak, report = [], CACHE / "report"
    report.unlink(missing_ok=True)
    run_well(scan(tree))
    if not report.exists() or report.stat().st_size == 0:
        die(f"{TONNAGE} scan wrote no report: there is nothing to compare")
    for peer, command in peers(tree):
        if shutil.which(os.fspath(command[0])) is None:
            print(f"{name:24} {peer:24} is not installed")
        elif re.search(only, peer):
            pairs = compare(scan(tree), command, nruns)
            peak += [ours.peak_mib for ours, _ in pairs]
            table.add(name, peer, pairs)
    if peak:
        table.add_value(f"{name}: peak memory", max(peak), "MiB", PEAK_TARGETS_MIB.get(name))


def bench_patterns(table, tree, nruns):
    texts = {True: patterns(500), False: None}
    pairs = compare(scan(tree), list(scan(tree)), nruns,
                    before=lambda ours: set_ignore_file(tree, texts[ours]))
    table.add("monorepo, 500 patterns", "no patterns", pairs)
    set_ignore_file(tree, patterns(60))


class Discard(socketserver.StreamRequestHandler):
    """As much of a daemon as a classic build needs; the context is read and thrown away."""

    def handle(self):
        while (line := self.rfile.readline().decode("latin-1").strip()):
            method, path, _ = line.split(" ", 2)
            headers = {}
            while (line := self.rfile.readline().decode("latin-1").strip()):
                key, _, value = line.partition(":")
                headers[key.lower()] = value.strip()
            self.discard_body(headers)
            body = b"OK" if "_ping" in path else b'{"stream":"done"}\n' if "build" in path else b"{}"
            self.wfile.write(b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nOSType: linux\r\n"
                             b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                             % (len(body), b"" if method == "HEAD" else body))

    def discard_body(self, headers):
        if headers.get("transfer-encoding") != "chunked":
            self.rfile.read(int(headers.get("content-length", 0)))
            return
        while (size := int(self.rfile.readline().split(b";")[0], 16)) > 0:
            self.rfile.read(size + 2)
        self.rfile.readline()


class Daemon(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def bench_docker(table, nruns):
    name, against = "monorepo, empty files", "docker build (classic)"
    if shutil.which("docker") is None:
        print(f"{name:24} {against:24} is not installed")
        return
    tree = make_tree("monorepo-empty", "--preset", "monorepo", "--max-size", "0", "--ignore-lines", "60")
    (tree / "Dockerfile").write_text("FROM scratch\n")
    with tempfile.TemporaryDirectory() as at, Daemon(f"{at}/sock", Discard) as daemon:
        threading.Thread(target=daemon.serve_forever, daemon=True).start()
        env = {**os.environ, "DOCKER_HOST": f"unix://{at}/sock", "DOCKER_BUILDKIT": "0",
               "DOCKER_CONFIG": at, "DOCKER_CLI_HINTS": "false"}
        table.add(name, against, compare(scan(tree), ["docker", "build", tree], nruns, env=env))
        daemon.shutdown()


def walk(options):
    build("floor", "-static")
    table = Table()
    names = ["small", "monorepo"] + (["wide"] if options.wide else [])
    for name in [n for n in names if options.tree in (None, n)]:
        tree = make_tree(name, "--preset", name)
        bench_peers(table, name, tree, options.runs, options.only)
        if name == "monorepo" and not options.only:
            bench_patterns(table, tree, options.runs)
            bench_docker(table, options.runs)
        if name == "monorepo" and options.cold:
            if os.geteuid() != 0:
                die("--cold empties the kernel's caches: it needs root")
            pairs = compare(scan(tree), peers(tree)[0][1], options.runs, before=lambda _: drop_caches())
            table.add("monorepo, cold", "floor stat", pairs)
    return table


# ---- match ----

def listing(npaths):
    """A file with so many paths: the monorepo's, over and over."""
    path = CACHE / f"paths-{npaths}"
    if not path.exists():
        root = os.fsencode(make_tree("monorepo", "--preset", "monorepo"))
        names = [os.path.relpath(os.path.join(at, name), root) for at, dirs, files in os.walk(root)
                 for name in sorted(dirs + files) if b"\n" not in name]
        path.write_bytes(b"".join(names[i % len(names)] + b"\n" for i in range(npaths)))
    return path


def moby_ns(ignore_file, npaths):
    """Nanoseconds of CPU a path of moby/patternmatcher; None: it cannot be built here."""
    oracle = CACHE / "match-oracle"
    if not oracle.exists():
        source = SHARED / "oracle" / "match-oracle"
        if shutil.which("go") is None or shutil.which("make") is None or not source.exists():
            return None
        made = subprocess.run(["make", "-s", "-C", source, f"OUT={oracle}"], check=False)
        if made.returncode != 0:
            return None
    read = subprocess.run([oracle, "ignorefile", ignore_file], check=True, stdout=subprocess.PIPE)
    names = json.loads(read.stdout)["patterns"]
    every = listing(1_000_000).read_text(errors="surrogateescape").split("\n")[:-1]
    some = every[::len(every) // npaths][:npaths]
    cpu = []
    for paths in ([], some):
        request = CACHE / "request"
        request.write_text(json.dumps({"api": "chain", "patterns": names, "paths": paths}) + "\n")
        cpu.append(statistics.median(run_well([oracle, "match"], stdin=request).cpu for _ in range(3)))
    return (cpu[1] - cpu[0]) / len(some) * 1e9


def match(options):
    table, npaths, nsome = Table(), 1_000_000, 20_000
    paths, files = listing(npaths), {}
    for nlines in (0, 60, 500):
        files[nlines] = CACHE / f"ignore-{nlines}"
        files[nlines].write_bytes(patterns(nlines) or b"")
    commands = {n: [TONNAGE, "match", "--ignorefile", f] for n, f in files.items()}
    said = subprocess.run(commands[60], input=b"a\nb\nc\n", stdout=subprocess.PIPE, check=False).stdout
    if said.count(b"\n") < 3:
        die(f"{TONNAGE} match says nothing about three paths: there is nothing to measure")
    cpu = {n: [] for n in commands}
    for _ in range(options.runs + 1):
        for nlines, command in commands.items():
            cpu[nlines].append(run_well(command, stdin=paths).cpu / npaths * 1e9)
    cpu = {n: values[1:] for n, values in cpu.items()}  # the first warms the caches
    print(f"\n`tonnage match`, {npaths} paths from a file, verdicts to /dev/null; moby/patternmatcher, "
          f"parents first,\non every {npaths // nsome}th of them and scaled; CPU time a path:")
    added = {}
    for nlines in (60, 500):
        added[nlines] = statistics.median(a - b for a, b in zip(cpu[nlines], cpu[0]))
        whole = statistics.median(cpu[nlines])
        moby = moby_ns(files[nlines], nsome)
        table.add_value(f"{nlines} patterns: the whole program", whole, "ns", None)
        table.add_value(f"{nlines} patterns: more than with none", added[nlines], "ns", 60)
        if moby is None:
            print(f"{nlines} patterns: moby/patternmatcher cannot be built here (go, make, its package)")
        else:
            table.add_value(f"{nlines} patterns: moby/patternmatcher", moby, "ns", None)
            table.add_value(f"{nlines} patterns: the whole program is faster by", moby / whole, "x", None)
    table.add_value("500 patterns over 60", added[500] / max(added[60], 1), "x", 1.5)
    return table


# ---- ledger ----

def awkward(tree, nlines):
    """Lines that match much, overlap, and are taken back: each must be weighed by deciding again."""
    names = sorted({name for _, dirs, files in os.walk(tree) for name in files if "." in name})[:nlines * 50:50]
    folders = sorted(os.path.relpath(os.path.join(at, d), tree) for at, dirs, _ in os.walk(tree) for d in dirs)
    lines = [f"**/*{os.path.splitext(n)[1]}" for n in names] + folders[::max(1, len(folders) // nlines)]
    lines += [f"!{line}" for line in folders[7::max(1, len(folders) * 4 // nlines)]]
    return "".join(f"{line}\n" for line in lines[:nlines] if not set(line) & set("[]\\?\n")).encode()


def ledger(options):
    """CPU time of a scan with the ledger over that of one without."""
    table, report = Table(), CACHE / "report"
    for name in ["monorepo"] + (["wide"] if options.wide else []):
        tree = make_tree(name, "--preset", name, "--ignore-lines", "60")
        for what, text, target in (("500 lines", patterns(500), 3), ("500 awkward lines", awkward(tree, 500), 8)):
            ignore = CACHE / "ledger.dockerignore"
            ignore.write_bytes(text)
            command = [TONNAGE, "scan", tree, "--no-git", "--ignorefile", ignore, "-o", report]
            pairs = compare(command + ["--by", "pattern"], command, options.runs)
            ratio = statistics.median(a.cpu / max(b.cpu, 1e-4) for a, b in pairs)
            table.add_value(f"{name}, {what}: with the ledger", ratio, "x the CPU time", target)
    return table


# ---- classify ----

def median_over_walk(said, column):
    """Per cent: the CPU time in a column over that of the walk, which is in column 0."""
    return 100 * statistics.median(float(s[column]) / float(s[0]) for s in said)


def ask(program, tree, nruns):
    """The words of `program --time tree`, run so often; the first run warms the caches and is left out."""
    return [subprocess.run([program, "--time", tree], check=True, capture_output=True, text=True).stdout.split()
            for _ in range(nruns + 1)][1:]


def classify(options):
    """CPU time of the classes over CPU time of the walk, in one process."""
    program = Path(TONNAGE).parent.parent / "tests" / "labels" / "classify-listing"
    if not program.exists():
        die(f"no {program}: build the tests")
    table = Table()
    trees = [(tree.name, tree, None) for tree in options.trees] or [
        (name, make_tree(name, "--preset", name), 20) for name in ("monorepo", "wide")]
    for name, tree, target in trees:
        said = ask(program, tree, options.runs)
        for what, column in (("by name", 1), ("with content probes", 2)):
            table.add_value(f"{name}: classes {what}", median_over_walk(said, column), "% of the walk's CPU time",
                            target)
        print(f"{name}: {said[0][3]} files probed, {said[0][4]} bytes")
    return table


# ---- git ----

def git_tree(name, ignored):
    """mktree's monorepo as a repository: what .gitignore does not name is in the index."""
    tree, ready = make_tree(name, "--preset", "monorepo", "--max-size", "1000"), TREES / f"{name}.ready"
    if not ready.exists():
        shutil.rmtree(tree / ".git", ignore_errors=True)
        (tree / ".gitignore").write_text(ignored)
        for command in (["init", "-q", "."], ["config", "gc.auto", "0"], ["add", "-A"]):
            subprocess.run(["git", "-C", tree, *command], check=True)
        ready.touch()
    return tree


def git(options):
    """CPU time of the git column over CPU time of the walk, in one process."""
    program = Path(TONNAGE).parent.parent / "tests" / "oracle" / "git-states"
    if not program.exists():
        die(f"no {program}: build the tests")
    table = Table()
    for name, ignored in (("monorepo-git", "node_modules/\n__pycache__/\n*.log\n.env*\n/build/\n!keep.log\n"),
                          ("monorepo-git-all", "")):
        said = ask(program, git_tree(name, ignored), options.runs)
        table.add_value(f"{name}: git column", median_over_walk(said, 1), "% of the walk's CPU time", 30)
        column = statistics.median(float(s[1]) for s in said)
        print(f"{name}: {said[0][2]} files in the index; the column takes {1e3 * column:.1f} ms")
    return table


# ---- check

# CPU time over that of `scan` on the same tree
CHECK_TARGET, AGAINST_TARGET = 1.3, 1.5


def tree_of_commits():
    """The repository with all files in its index, as two commits, every hundredth file changed between them."""
    tree, ready = git_tree("monorepo-git-all", ""), TREES / "monorepo-git-all.commits"
    if not ready.exists():
        def git(*command):
            subprocess.run(["git", "-C", tree, "-c", "user.name=bench", "-c", "user.email=bench@localhost", *command],
                           check=True, stdout=subprocess.PIPE)
        git("commit", "-qm", "before", "--allow-empty")
        names = subprocess.run(["git", "-C", tree, "ls-files", "-z"], check=True, stdout=subprocess.PIPE).stdout
        for name in [n for n in names.split(b"\0") if n][::100]:
            path = os.path.join(os.fsencode(tree), name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "ab") as file:
                    file.write(b"another line\n")
        git("commit", "-qam", "after")
        git("repack", "-adq")
        ready.touch()
    return tree


def add_check(table, name, tree, nruns, target, *flags):
    """One line: CPU time of `check` over that of `scan`; findings are no failure."""
    check = [TONNAGE, "check", tree, "--fail-on", "never", "-o", CACHE / "report", *flags]
    pairs = compare(check, scan(tree), nruns)
    table.add_value(name, statistics.median(a.cpu / max(b.cpu, 1e-4) for a, b in pairs),
                    "x the CPU time of scan", target)


def check(options):
    """`tonnage check` over `tonnage scan` on the same tree."""
    table = Table()
    if options.trees:
        for tree in options.trees:
            add_check(table, tree.name, tree, options.runs, CHECK_TARGET)
        return table
    for name, lines in (("small", 0), ("small", 60), ("monorepo", 60), ("monorepo", 500)):
        tree = make_tree(name, "--preset", name)
        was = (tree / ".dockerignore").read_bytes()
        set_ignore_file(tree, patterns(lines))
        add_check(table, f"{name}, {lines} patterns: check", tree, options.runs, CHECK_TARGET)
        set_ignore_file(tree, was)
    tree = tree_of_commits()
    add_check(table, "repository of 200,000 files: check", tree, options.runs, CHECK_TARGET)
    add_check(table, "repository of 200,000 files: --against HEAD~1", tree, options.runs, AGAINST_TARGET,
              "--against", "HEAD~1")
    return table


# ---- digest

def payload(name, sizes):
    """A context of random bytes, without a Dockerfile: a snapshot reads all of it."""
    tree, ready = TREES / name, TREES / f"{name}.ready"
    if not ready.exists():
        shutil.rmtree(tree, ignore_errors=True)
        for i, size in enumerate(sizes):
            path = tree / f"d{i % 97}" / f"f{i}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(os.urandom(size))
        ready.touch()
    return tree


def digest(options):
    """A snapshot beside xxhsum on the same files, one thread each: at least 70 % of its throughput."""
    table = Table()
    for name, sizes in (("1 GB in 250 files", [4 << 20] * 250), ("0.5 GB in 8000 files", [64 << 10] * 8000)):
        tree = payload(f"payload-{len(sizes)}", sizes)
        files = CACHE / "files"
        files.write_bytes(b"\0".join(os.fsencode(p) for p in sorted(tree.rglob("f*")) if p.is_file()) + b"\0")
        pairs = compare([TONNAGE, "snapshot", "--digest", "--jobs", "1", tree, "-o", CACHE / "report"],
                        ["xargs", "-0", "-n", "100000", "xxh128sum"], options.runs, stdin=files)
        table.add(name, "xxh128sum", pairs)
    return table


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split("\n\n", 1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("walk", "match", "ledger", "check", "classify", "git", "digest"):
        command = commands.add_parser(name)
        command.add_argument("--runs", type=int, default=7, help="pairs of runs (default 7)")
    walk_parser = commands.choices["walk"]
    for name in ("walk", "ledger"):
        commands.choices[name].add_argument("--wide", action="store_true", help="the tree of a million files too")
    for name in ("check", "classify"):
        commands.choices[name].add_argument("trees", nargs="*", type=Path, metavar="TREE",
                                            help="these directories instead of the generated trees")
    walk_parser.add_argument("--cold", action="store_true", help="with cold caches too (root)")
    walk_parser.add_argument("--tree", choices=["small", "monorepo", "wide"], help="only this tree")
    walk_parser.add_argument("--only", default="", help="only peers that match this expression")
    options = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    table = {"walk": walk, "match": match, "ledger": ledger, "check": check, "classify": classify, "git": git,
             "digest": digest}[options.command](options)
    print(f"{table.nfailed} targets missed")
    return 1 if table.nfailed > 0 else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Seeded faults that `tonnage check` must find and name: mutate.py [PROJECT...]; TAP on stdout.

testdata/mutate/ has small projects in the format of the golden cases, each of them clean: no error, no warning.
Each operator below puts one fault into a copy of a project, at a place that the seed chooses, and says what
must be among the findings that the clean project has not: one of some rules, at this file, line and path.
Any other new error fails the test, too. That an operator can fail is tested: with --skip-rule of its rules,
it has to. The `passes` folders of testdata/check/ take those operators that need nothing of a project.
TONNAGE: the program; TONNAGE_SOURCE: the repository; TONNAGE_SEED: another choice of places.
"""
import concurrent.futures
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from repository import git
from tap import Tap
from tree import make_context

PROGRAM = os.environ["TONNAGE"]
SEED = os.environ.get("TONNAGE_SEED", "1")
SEEDS = 2  # places that each operator is tried at
BIG = 40 * 10**6
KEY = "-----BEGIN OPENSSH PRI" + "VATE KEY-----\n" + "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n" * 4 + "-----END OPENSSH PRI" + "VATE KEY-----\n"


def environment(home):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("TONNAGE", "GIT_"))}
    return env | {"HOME": home, "GIT_CONFIG_NOSYSTEM": "1", "TONNAGE_JOBS": "2", "TZ": "UTC"}


@dataclass
class Project:
    """A copy of a project on disk, and what operators ask of it."""
    name: str
    at: Path
    args: list
    flags: tuple = ()
    has_git: bool = True

    def run(self, *words):
        return subprocess.run([PROGRAM, *words, *self.args, "."], cwd=self.at, capture_output=True, check=False,
                              env=environment(str(self.at.parent)), timeout=60)

    def findings(self, *more):
        run = self.run("check", "--format", "json", *self.flags, *more)
        if run.returncode not in (0, 1):
            raise AssertionError(f"status {run.returncode}: {run.stderr.decode()}")
        return json.loads(run.stdout)["findings"]

    @property
    def dockerfile(self):
        return self.args[self.args.index("-f") + 1] if "-f" in self.args else "Dockerfile"

    @property
    def ignore(self):
        own = self.dockerfile + ".dockerignore"
        return own if (self.at / own).exists() else ".dockerignore"

    def lines(self, name):
        return (self.at / name).read_text().split("\n")[:-1] if (self.at / name).exists() else []

    def write(self, name, text):
        path = self.at / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def write_lines(self, name, lines):
        self.write(name, "".join(f"{line}\n" for line in lines))

    def hole(self, name, size):
        self.write(name, "")
        os.truncate(self.at / name, size)

    def sent(self):
        """Files that a build asks for, as `tonnage ls` has them."""
        return [f for f in self.run("ls", "--lens", "requested").stdout.decode().split("\n") if f and (self.at / f).is_file()]

    def sent_dirs(self):
        """Directories where whatever is put is sent; those of tools (.mvn) have rules of their own."""
        dirs = {os.path.dirname(f) for f in self.sent() if not f.startswith(".")} | {""}
        return sorted(d for d in dirs if self.takes(f"{d}/zzz-probe" if d else "zzz-probe"))

    def takes(self, name):
        made = [p for p in [Path(name), *Path(name).parents] if not (self.at / p).exists()]
        self.write(name, "x")
        taken = name in self.sent()
        (self.at / name).unlink()
        for p in made[1:]:
            (self.at / p).rmdir()
        return taken

    def copied(self):
        """(line, word) of what COPY and ADD take from the context: plain words that are there."""
        found = []
        for number, line in enumerate(self.lines(self.dockerfile), 1):
            words = line.split()
            if words and words[0] in ("COPY", "ADD") and not any(w.startswith("--") for w in words) and "[" not in line:
                found += [(number, w) for w in words[1:-1] if w.rstrip("/") != "." and (self.at / w).exists()]
        return found

    def patterns(self, wanted=lambda line: True):
        """(index, text) of the lines of the ignore file that are patterns."""
        return [(i, line) for i, line in enumerate(self.lines(self.ignore))
                if line.strip() and not line.startswith("#") and wanted(line)]


@dataclass
class Fault:
    """What must be found: one of these rules, at this place. None: anywhere."""
    rules: tuple
    file: str = None
    line: int = None
    path: str = None
    also: tuple = ()  # other errors that go with it
    says: str = ""    # a part of the message or the fix
    flags: tuple = ()

    def names(self, f):
        return (f["rule"] in self.rules and self.file in (None, f["file"]) and self.line in (None, f["line"])
                and (self.path is None or f["path"] == self.path) and self.says in f["message"] + (f["fix"] or ""))


def choose(rng, what):
    """None where there is nothing to choose from: the operator is not for this project."""
    what = list(what)
    return rng.choice(what) if what else None


NEEDS = ("source-ignored", "source-partly-ignored")
SECRET = ("secret-sent", "secret-in-stage", "secret-in-image")
BUDGETS = ("budget-bytes", "budget-class", "budget-file-size", "budget-files", "budget-path")
MORE = SECRET + BUDGETS  # where more is sent than was

# ---- lines of the ignore file


def append(p, line):
    lines = p.lines(p.ignore)
    p.write_lines(p.ignore, [*lines, line])
    return len(lines) + 1


def replace(p, index, line):
    lines = p.lines(p.ignore)
    lines[index] = line
    p.write_lines(p.ignore, lines)
    return index + 1


def needed_exceptions(p):
    """Exceptions that a source is, or lies below."""
    words = [w.rstrip("/") for _, w in p.copied()]
    return [(i, line, w) for i, line in p.patterns(lambda l: l.startswith("!")) for w in words
            if line[1:] == w or (w + "/").startswith(line[1:] + "/")]


def drop_exception(p, rng):
    got = choose(rng, needed_exceptions(p))
    if got is None:
        return None
    lines = p.lines(p.ignore)
    del lines[got[0]]
    p.write_lines(p.ignore, lines)
    return Fault(NEEDS, p.dockerfile, path=got[2])


def reorder(p, rng):
    got = choose(rng, needed_exceptions(p))
    if got is None:
        return None
    lines = p.lines(p.ignore)
    line = lines.pop(got[0])
    p.write_lines(p.ignore, [line, *lines])
    return Fault(("pattern-order",), p.ignore, 1, also=NEEDS)


def exclude_needed(p, rng):
    got = choose(rng, p.copied())
    if got is None:
        return None
    name = got[1].rstrip("/")
    append(p, rng.choice([name, f"/{name}", f"{name}*"]))
    return Fault(NEEDS, p.dockerfile, got[0], name, also=NEEDS)


def add_duplicate(p, rng):
    got = choose(rng, p.patterns(lambda l: not l.startswith("!") and l != "*"))
    return got and Fault(("pattern-duplicate",), p.ignore, insert_behind(p, got[0], got[1]))


def insert_behind(p, index, line):
    lines = p.lines(p.ignore)
    p.write_lines(p.ignore, lines[:index + 1] + [line] + lines[index + 1:])
    return index + 2


def live(p):
    """Patterns without a wildcard that match something in the root."""
    return p.patterns(lambda l: not set(l) & set("!*?[") and (p.at / l.strip("/")).exists())


def add_covered(p, rng):
    got = choose(rng, [(i, l) for i, l in live(p) if (p.at / l).is_dir() and l.strip("/") != ".git"])
    if got is None:
        return None
    inner = sorted((p.at / got[1]).iterdir())[0].relative_to(p.at)
    return Fault(("pattern-covered",), p.ignore, insert_behind(p, got[0], str(inner)))


def trailing_comment(p, rng):
    got = choose(rng, live(p))
    return got and Fault(("inline-comment",), p.ignore, replace(p, got[0], got[1] + "  # not for the image"), also=NEEDS + MORE)


def indented_comment(p, rng):
    return Fault(("inline-comment",), p.ignore, append(p, "  # an indented remark"))


def slash_comment(p, rng):
    return Fault(("inline-comment",), p.ignore, append(p, "// a remark"))


def change_case(p, rng):
    got = choose(rng, live(p))
    return got and Fault(("pattern-case",), p.ignore, replace(p, got[0], got[1].swapcase()), path=got[1].strip("/"), also=MORE)


def bad_pattern(p, rng):
    return Fault(("pattern-error",), p.ignore, append(p, rng.choice(["lib[", "[a-", "x[^]", "a[z-a]*"])))


def lone_exclamation(p, rng):
    return Fault(("pattern-error",), p.ignore, append(p, "!"))


def dead_line(p, rng):
    return Fault(("pattern-dead",), p.ignore, append(p, rng.choice(["nowhere-to-be-seen", "**/*.qqq", "old/stuff"])))


def noop_exception(p, rng):
    got = choose(rng, [f for f in p.sent() if "/" not in f and not any(l[1:] == f for _, l in p.patterns())
                       and f not in (p.dockerfile, p.ignore)])
    if got is None or any(l == "*" for _, l in p.patterns()):
        return None
    return Fault(("exception-noop",), p.ignore, append(p, "!" + got))


def backslash(p, rng):
    got = choose(rng, [d for d in p.sent_dirs() if d])
    return got and Fault(("pattern-syntax", "pattern-error"), p.ignore, append(p, got.replace("/", "\\") + "\\notes.md"), says="/notes.md")


def dot_slash(p, rng):
    got = choose(rng, live(p))
    return got and Fault(("pattern-syntax",), p.ignore, replace(p, got[0], "./" + got[1]))


def negated_set(p, rng):
    return Fault(("pattern-syntax",), p.ignore, append(p, "zz[!a-c]"))


def regexp_leak(p, rng):
    return Fault(("pattern-syntax",), p.ignore, append(p, rng.choice(["zz(1)*", "zz+*", "zz{1}?"])))


def control_character(p, rng):
    if not p.sent():
        return None  # no transfer, no pattern that is sent
    return Fault(("pattern-not-sendable",), p.ignore, append(p, "a\x01b"))


def gitignore_idiom(p, rng):
    got = choose(rng, [(i, l) for i, l in p.patterns(lambda l: l.startswith("**/"))
                       if any(f.parent != p.at and not str(f.relative_to(p.at)).startswith(".") for f in p.at.rglob(l[3:]))])
    if got is None:
        return None
    return Fault(("gitignore-idiom",), p.ignore, replace(p, got[0], got[1][3:]), also=MORE)


# ---- what is in the context


def add_to_tests(p, rng):
    if not p.takes("tests/big.bin"):
        return None
    # alone in its folder, it goes by the folder's name
    named = "tests/big.bin" if (p.at / "tests").exists() else "tests"
    p.hole("tests/big.bin", BIG)
    return Fault(("budget-class",), path=named, says=f"heaviest: {named} ", also=BUDGETS)


def add_weight(p, rng):
    where = choose(rng, p.sent_dirs())
    if where is None or not any("bytes:" in l for l in p.lines(".tonnage.yaml")):
        return None
    name = os.path.join(where, "dump.bin")
    p.hole(name, BIG)
    return Fault(("budget-bytes",), path=name, says=f"lines that would help: {name}", also=BUDGETS)


def grow(p, rng):
    where = choose(rng, p.sent_dirs())
    if where is None or not p.has_git:
        return None
    name = os.path.join(where, "dump.bin")
    p.hole(name, BIG)
    return Fault(("regression",), says=name, flags=("--against", "HEAD"), also=BUDGETS)


def many_files(p, rng):
    where = choose(rng, p.sent_dirs())
    if where is None or not any("files:" in l for l in p.lines(".tonnage.yaml")):
        return None
    for i in range(120):
        p.write(os.path.join(where, f"part{i}.txt"), "x")
    return Fault(("budget-files",))


def large_file(p, rng):
    where = choose(rng, p.sent_dirs())
    if where is None or not any("file-size:" in l for l in p.lines(".tonnage.yaml")):
        return None
    name = os.path.join(where, "model.bin")
    p.hole(name, BIG)
    return Fault(("budget-file-size",), path=name, also=BUDGETS)


def add_key(p, rng):
    where = choose(rng, p.sent_dirs())
    if where is None:
        return None
    name = os.path.join(where, rng.choice(["id_rsa", "id_ed25519", "server.key"]))
    if not p.takes(name):
        return None
    p.write(name, KEY)
    return Fault(SECRET, path=name, also=SECRET)


def add_env(p, rng):
    where = choose(rng, p.sent_dirs())
    if where is None:
        return None
    name = os.path.join(where, rng.choice([".env", ".env.production"]))
    p.write(name, "DB_PASSWORD=Kw93hGfw02kLmQzz81\n")
    return Fault(SECRET, path=name, also=SECRET)


def delete_source(p, rng):
    got = choose(rng, p.copied())
    if got is None:
        return None
    whole = p.at / got[1]
    if whole.is_dir():
        shutil.rmtree(whole)
    else:
        whole.unlink()
    return Fault(("source-missing",), p.dockerfile, got[0], got[1].rstrip("/"))


def rename_source(p, rng):
    got = choose(rng, p.copied())
    if got is None:
        return None
    name = got[1].rstrip("/")
    (p.at / name).rename(p.at / (name + "-new"))
    return Fault(("source-missing",), p.dockerfile, got[0], name)


def misspell_source(p, rng):
    got = choose(rng, p.copied())
    if got is None:
        return None
    lines = p.lines(p.dockerfile)
    lines[got[0] - 1] = lines[got[0] - 1].replace(" " + got[1], " x" + got[1], 1)
    p.write_lines(p.dockerfile, lines)
    return Fault(("source-missing",), p.dockerfile, got[0], "x" + got[1].rstrip("/"))


def unknown_source(p, rng):
    lines = p.lines(p.dockerfile)
    if any(l.split()[:2] == ["COPY", "."] for l in lines):
        return None  # all is asked for: an argument changes nothing
    p.write_lines(p.dockerfile, [*lines, "ARG PART", "COPY $PART /part"])
    return Fault(("source-unknown",), p.dockerfile, len(lines) + 2)


def broken_dockerfile(p, rng):
    lines = p.lines(p.dockerfile)
    p.write_lines(p.dockerfile, [*lines, "COPY one"])
    return Fault(("dockerfile-error",), p.dockerfile, len(lines) + 1)


def send_git(p, rng):
    got = choose(rng, p.patterns(lambda l: l.strip("/") == ".git"))
    if got is None:
        return None
    p.hole(".git/objects/pack/pack-1.pack", 3 * 10**6)
    replace(p, got[0], "# no line for it")
    return Fault(("git-dir-sent",), path=".git", also=BUDGETS)


def send_dependencies(p, rng):
    where = choose(rng, [d for d in p.sent_dirs() if p.takes(os.path.join(d, "node_modules/a.js"))])
    if where is None:
        return None
    p.write(os.path.join(where, "package.json"), "{}")
    p.hole(os.path.join(where, "node_modules/react/index.js"), 10000)
    p.write(os.path.join(where, "node_modules/react/package.json"), "{}")
    return Fault(("dependencies-sent",), path=os.path.join(where, "node_modules"))


def send_venv(p, rng):
    where = choose(rng, p.sent_dirs())
    if where is None:
        return None
    name = os.path.join(where, rng.choice(["venv", "env311"]))
    p.write(f"{name}/pyvenv.cfg", "home = /usr/bin\n")
    p.hole(f"{name}/lib/python3.11/site-packages/six.py", 30000)
    return Fault(("dependencies-sent",), path=name)


def uncover_dependencies(p, rng):
    got = choose(rng, p.patterns(lambda l: l.strip("*/") in ("node_modules", ".venv") and "!" not in l))
    if got is None or not any(f.is_dir() for f in p.at.rglob(got[1].strip("*/"))):
        return None
    replace(p, got[0], "# no line for it")
    return Fault(("dependencies-sent",), also=BUDGETS)


def duplicate_content(p, rng):
    where = choose(rng, p.sent_dirs())
    if where is None:
        return None
    names = [os.path.join(where, n) for n in ("font-a.bin", "font-b.bin")]
    for name in names:
        p.hole(name, 2 * 10**6)
    return Fault(("duplicate-content",), path=names[0], says=names[1],
                 also=BUDGETS)


def untracked(p, rng):
    where = choose(rng, p.sent_dirs())
    if where is None or not p.has_git:
        return None
    name = os.path.join(where, f"notes-{rng.randrange(99)}.txt")
    p.write(name, "remember\n")
    return Fault(("untracked-sent",), path=name)


def gitignored(p, rng):
    where = choose(rng, p.sent_dirs())
    if where is None or not p.has_git:
        return None
    p.write(".gitignore", "".join(f"{l}\n" for l in [*p.lines(".gitignore"), "*.local"]))
    name = os.path.join(where, "settings.local")
    p.write(name, "x = 1\n")
    return Fault(("gitignored-sent",), path=name)


def drifted(p, rng):
    fault = gitignored(p, rng)
    return fault and Fault(("ignore-drift",), ".gitignore", len(p.lines(".gitignore")))


def worktree(p, rng):
    where = choose(rng, p.sent_dirs())
    if where is None or not p.has_git:
        return None
    name = os.path.join(where, "wt-login")
    git(p.at, "worktree", "add", "-q", name)
    return Fault(("worktree-sent",), path=name, also=MORE)


# ---- the wrong file


def misplaced_ignore_file(p, rng):
    where = rng.choice(["docker", "build"])  # with a Dockerfile beside it, and without
    text = (p.at / p.ignore).read_text()
    p.write(f"{where}/.dockerignore", text)
    (p.at / p.ignore).unlink()
    if where == "docker":
        p.write("docker/Dockerfile", (p.at / p.dockerfile).read_text())
        p.args = ["-f", "docker/Dockerfile"]
    return Fault(("ignore-file-inactive",), f"{where}/.dockerignore",
                 also=MORE)


def lower_case_ignore_file(p, rng):
    if p.ignore != ".dockerignore":
        return None
    name = rng.choice([".DockerIgnore", "dockerignore", ".Dockerignore"])
    (p.at / p.ignore).rename(p.at / name)
    return Fault(("ignore-file-inactive",), name, also=MORE)


def shadowed_ignore_file(p, rng):
    if p.ignore != ".dockerignore":
        return None
    p.write(p.dockerfile + ".dockerignore", (p.at / ".dockerignore").read_text())
    return Fault(("ignore-file-inactive",), ".dockerignore")


def no_ignore_file(p, rng):
    if not p.takes("node_modules/left/a.js") and "**/node_modules" not in p.lines(p.ignore):
        return None
    (p.at / p.ignore).unlink()
    p.hole("node_modules/left/index.js", 1500000)
    p.write("node_modules/left/package.json", "{}")
    return Fault(("ignore-file-missing",), also=MORE)


# ---- comments that silence


def unused_suppression(p, rng):
    lines = p.lines(p.ignore)
    p.write_lines(p.ignore, [*lines, "# tonnage: ignore=pattern-order", "zz-*.tmp"])
    return Fault(("suppression-unused",), p.ignore, len(lines) + 1)


def expired_suppression(p, rng):
    lines = p.lines(p.ignore)
    p.write_lines(p.ignore, [*lines, '# tonnage: ignore=pattern-dead reason="soon" until=2020-01-31', "nowhere-to-be-seen"])
    return Fault(("suppression-expired",), p.ignore, len(lines) + 1)


def bad_suppression(p, rng):
    return Fault(("suppression-bad",), p.ignore, append(p, "# tonnage: ignore=no-such-rule"))


OPERATORS = [drop_exception, reorder, exclude_needed, add_duplicate, add_covered, trailing_comment, indented_comment, slash_comment,
             change_case, bad_pattern, lone_exclamation, dead_line, noop_exception, backslash, dot_slash, negated_set, regexp_leak,
             control_character, gitignore_idiom, add_to_tests, add_weight, grow, many_files, large_file, add_key, add_env, delete_source,
             rename_source, misspell_source, unknown_source, broken_dockerfile, send_git, send_dependencies, send_venv,
             uncover_dependencies, duplicate_content, untracked, gitignored, drifted, worktree, misplaced_ignore_file,
             lower_case_ignore_file, shadowed_ignore_file, no_ignore_file, unused_suppression, expired_suppression, bad_suppression]
# those that need nothing of a project but an ignore file
ANYWHERE = [indented_comment, slash_comment, bad_pattern, lone_exclamation, dead_line, negated_set, regexp_leak, control_character,
            add_duplicate, bad_suppression, expired_suppression, delete_source, rename_source, add_key]


def make_project(case, at):
    at.parent.mkdir(parents=True, exist_ok=True)
    make_context(case, str(at))
    words = (case / "args").read_text().split() if (case / "args").exists() else []
    return Project(case.name, at, words)


def judge(fault, found, before):
    """What is wrong; empty: the fault is named, and nothing else is an error."""
    new = [f for f in found if f["fingerprint"] not in before]
    lines = [f"{f['severity']} {f['rule']} {f['file']}:{f['line']} {f['path']}: {f['message']}" for f in new]
    if not any(fault.names(f) for f in new):
        return "\n".join([f"not found: {fault}", *lines])
    strange = [f for f in new if f["severity"] == "error" and f["rule"] not in fault.rules + fault.also]
    return "\n".join(["an error that has nothing to do with it:", *lines]) if strange else ""


def sockets(directory, names):
    return [n for n in names if (Path(directory) / n).is_socket()]


def mutate(original, operator, seed, before, home):
    """(was it for this project, what is wrong, what is wrong with the test)"""
    at = Path(tempfile.mkdtemp(dir=home)) / "ctx"
    try:
        shutil.copytree(original.at, at, symlinks=True, ignore=sockets)
        p = Project(original.name, at, list(original.args), original.flags, original.has_git)
        fault = operator(p, random.Random(f"{SEED} {seed} {p.name} {operator.__name__}"))
        if fault is None:
            return False, "", ""
        wrong = judge(fault, p.findings(*fault.flags), before)
        skips = [w for rule in fault.rules for w in ("--skip-rule", rule)]
        blind = "" if judge(fault, p.findings(*fault.flags, *skips), before) else "passes without its rules"
        return True, wrong, blind
    except AssertionError as e:
        return True, str(e), ""
    finally:
        shutil.rmtree(at.parent)


def test_project(tap, pool, p, operators, seeds, home):
    clean = p.findings()
    if p.has_git:
        loud = [f for f in clean if f["severity"] != "note"]
        tap.ok(not loud, f"{p.name}: clean", loud)
    before = {f["fingerprint"] for f in clean}
    jobs = [(o, s) for o in operators for s in range(seeds)]
    counts = {}
    for (operator, seed), (ran, wrong, blind) in zip(jobs, pool.map(lambda j: mutate(p, *j, before, home), jobs)):
        if ran:
            counts[operator.__name__] = counts.get(operator.__name__, 0) + 1
            tap.ok(not wrong and not blind, f"{p.name}: {operator.__name__} {seed}", wrong or blind)
    return counts


def main():
    source = Path(os.environ.get("TONNAGE_SOURCE", Path(__file__).parents[2])) / "testdata"
    tap, total = Tap(), dict.fromkeys((o.__name__ for o in OPERATORS), 0)
    os.umask(0o022)
    with tempfile.TemporaryDirectory(prefix="tonnage-mutate-") as home, concurrent.futures.ThreadPoolExecutor(2) as pool:
        for case in sorted((source / "mutate").iterdir()):
            if sys.argv[1:] and case.name not in sys.argv[1:]:
                continue
            p = make_project(case, Path(home, "clean", case.name, "ctx"))
            for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "one"]):
                git(p.at, *words)
            for name, n in test_project(tap, pool, p, OPERATORS, SEEDS, home).items():
                total[name] += n
        for case in sorted((source / "check").glob("*/passes")) if not sys.argv[1:] else []:
            p = make_project(case, Path(home, "clean", case.parent.name, "ctx"))
            p.name, p.has_git, p.flags = f"check/{case.parent.name}", False, ("--no-git",)
            if p.lines(p.ignore) and p.lines(p.dockerfile):
                test_project(tap, pool, p, ANYWHERE, 1, home)
    if not sys.argv[1:]:
        idle = [name for name, n in total.items() if n == 0]
        tap.ok(not idle, "each operator was for some project", idle)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())

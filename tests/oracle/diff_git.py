#!/usr/bin/env python3
"""The git column of random repositories against git itself, row by row.

Each repository comes from (seed, case) alone: nested .gitignore files with negations, info/exclude, the
user's own excludes, edits of every kind, index versions, conflicts, submodules, nested repositories,
worktrees, and a context that begins below the top. `git ls-files`, `git status` and `git check-ignore`
say what each row is.

  diff_git.py [--seed N] [--cases N] [--case N] [--keep DIR]
"""
import argparse
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from tap import Tap

DUMP = os.environ.get("GIT_STATES", "git-states")
NAMES = ["a", "b", "ab", "a-b", "a.c", "a.o", "foo", "foo.c", "foo-bar", "foobar", "build", "doc", "Doc",
         "x y", "node_modules", "é", "[z]", "a+", "#x", "!y", "trail ", "log.txt", "z\\w"]
WORDS = ["a", "b", "ab", "*.o", "*.c", "foo", "foo*", "f?o", "[a-c]", "[!a]b", "build", "doc", "*", "**",
         "a.*", "*b*", "foo**", "[[:alpha:]]", "[[:upper:]]oc", "\\#x", "\\!y", "x y", "node_modules", "a-b",
         "[z]", "\\[z\\]", "é", "log.txt", "[", "[a-", "b\\", "*-*", "?", "??", "trail\\ ", "z\\\\w", "[]a]",
         "[a-]", "[--0]", "[^a]", "[\\a]", "[z-a]", "a+"]


class Git:
    """git in one directory; a failure ends the test."""

    def __init__(self, at, home):
        self.at = at
        self.env = {**os.environ, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C",
                    "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z"}
        for name in list(self.env):
            if name.startswith("GIT_") and not name.endswith("_DATE") and name != "GIT_CONFIG_NOSYSTEM":
                del self.env[name]
        self.env.pop("XDG_CONFIG_HOME", None)

    def __call__(self, *args, stdin=b"", ok=(0,)):
        done = subprocess.run(["git", *args], cwd=self.at, env=self.env, input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode not in ok:
            sys.exit(f"git {args} in {self.at}: {done.stderr.decode(errors='replace')}")
        return done.stdout


# ---- a repository -------------------------------------------------------------------------------

class Maker:
    def __init__(self, rng, home):
        self.rng, self.home = rng, home

    def tree(self, at, depth=0):
        for name in self.rng.sample(NAMES, self.rng.randint(1, 7 if depth < 2 else 4)):
            path = at / name
            kind = self.rng.random()
            if kind < 0.4 and depth < 4:
                path.mkdir()
                self.tree(path, depth + 1)
            elif kind < 0.5:
                path.symlink_to(self.rng.choice(["a", "../b", "nowhere"]))
            else:
                path.write_bytes(b"x" * self.rng.choice([0, 1, 5, 100, 5000]))
                path.chmod(self.rng.choice([0o644, 0o755]))

    def pattern(self):
        rng = self.rng
        words = [rng.choice(WORDS) for _ in range(rng.choice([1, 1, 1, 2, 2, 3]))]
        text = rng.choice(["/", "/", "/", "/**/"]).join(words)
        return (rng.choice(["", "", "", "!", "!"]) + rng.choice(["", "", "/", "**/"]) + text
                + rng.choice(["", "", "", "/", "/**", "/*", " ", "\r"]))

    def patterns(self, path):
        lines = [self.rng.choice(["# no", "", self.pattern()]) if self.rng.random() < 0.2 else self.pattern()
                 for _ in range(self.rng.randint(1, 6))]
        path.parent.mkdir(parents=True, exist_ok=True)
        start = "\ufeff" if self.rng.random() < 0.1 else ""
        path.write_text(start + "\n".join(lines) + self.rng.choice(["", "\n"]), newline="")

    def dirs(self, at):
        return [Path(d) for d, names, _ in os.walk(at) if ".git" not in Path(d).parts[len(at.parts):]]

    def files(self, at):
        return [Path(d) / f for d in self.dirs(at) for f in sorted(os.listdir(d))
                if f != ".git" and not (d / f).is_dir() or (d / f).is_symlink()]

    def repository(self, at, depth=0):
        """Make a repository with a tree, some of it in the index, and then change the tree."""
        rng = self.rng
        at.mkdir(parents=True, exist_ok=True)
        self.tree(at)
        for d in self.dirs(at):
            if rng.random() < 0.3:
                self.patterns(d / ".gitignore")
        git = Git(at, self.home)
        git("init", "-q", "--template=", ".")
        if rng.random() < 0.5:
            self.patterns(at / ".git" / "info" / "exclude")
        git("config", "index.version", rng.choice(["2", "3", "4"]))
        if rng.random() < 0.1:
            git("config", "core.fileMode", "false")
        if rng.random() < 0.05:
            git("config", "core.ignoreCase", "true")
        if depth < 2:
            self.inner(at, git, depth)
        files = self.files(at)
        picked = [f for f in files if rng.random() < 0.6]
        for f in picked:
            git("add", "-f", "--", str(f.relative_to(at)), ok=(0, 1, 128))
        if rng.random() < 0.7:
            git("commit", "-q", "--allow-empty", "-m", "one")
        self.edit(at, git, picked)
        if depth == 0 and rng.random() < 0.2:
            git("commit", "-q", "--allow-empty", "-m", "two", ok=(0, 128))
            git("worktree", "add", "-q", "--detach", rng.choice(["wt", "foo/wt", ".agents/wt", "build/wt"]),
                ok=(0, 128, 255))

    def inner(self, at, git, depth):
        for i in range(self.rng.choice([0, 0, 0, 1, 2])):
            where = self.rng.choice(self.dirs(at)) / f"sub{i}"
            if ".git" in where.parts[len(at.parts):] or any((p / ".git").exists() for p in
                                                           list(where.parents)[:-len(at.parts)]):
                continue
            self.repository(where, depth + 1)
            if self.rng.random() < 0.5:
                Git(where, self.home)("commit", "-q", "--allow-empty", "-m", "sub", ok=(0, 128))
                git("add", "-f", str(where.relative_to(at)), ok=(0, 1, 128))
                if self.rng.random() < 0.3:  # a submodule that is not checked out
                    shutil.rmtree(where)
                    where.mkdir()

    def edit(self, at, git, picked):
        rng = self.rng
        for f in picked:
            act, name = rng.random(), str(f.relative_to(at))
            if act < 0.1 and not f.is_symlink():
                f.write_bytes(b"y" * rng.choice([0, 1, 6, 5000]))
            elif act < 0.15 and not f.is_symlink():
                f.chmod(f.stat().st_mode ^ 0o111)
            elif act < 0.2:
                f.unlink()
            elif act < 0.23:
                f.unlink()
                f.symlink_to("elsewhere")
            elif act < 0.25:
                f.unlink()
                f.mkdir()
                (f / "a").write_bytes(b"")
            elif act < 0.27:
                git("update-index", "--assume-unchanged", name, ok=(0, 128))
            elif act < 0.29:
                git("update-index", "--skip-worktree", name, ok=(0, 128))
            elif act < 0.31:
                git("rm", "-q", "--cached", "-f", "--", name, ok=(0, 128))
                if f.exists():
                    git("add", "-f", "-N", "--", name, ok=(0, 1, 128))
            elif act < 0.33:
                entry = git("ls-files", "-s", "-z", "--", name).split(b"\0")[0]
                if entry:
                    head, path = entry.split(b"\t", 1)
                    mode, oid, _ = head.split(b" ")
                    git("update-index", "-z", "--index-info", stdin=b"0 %s\t%s\0" % (b"0" * 40, path) + b"".join(
                        b"%s %s %d\t%s\0" % (mode, oid, stage, path) for stage in rng.sample([1, 2, 3], 2)))


# ---- what git says ------------------------------------------------------------------------------

class Judge:
    """The states of every row below a repository's top, as git has them."""

    def __init__(self, top, home):
        self.top, self.git = top, Git(top, home)
        self.home = home
        self.index = {}
        for record in self.git("ls-files", "-s", "-z").split(b"\0")[:-1]:
            head, path = record.split(b"\t", 1)
            self.index[os.fsdecode(path)] = head.decode().split(" ")
        self.above = {str(p) for path in self.index for p in Path(path).parents}
        self.worktree, self.said = {}, {}
        status = self.git("status", "--porcelain=v2", "-z", "--ignored=matching", "-uall", "--no-renames")
        for record in status.split(b"\0"):
            text = os.fsdecode(record)
            if text.startswith("1 "):
                self.worktree[text.split(" ", 8)[8]] = text[3]
            elif text[:2] in ("? ", "! "):
                self.said[text[2:].rstrip("/")] = text[0]
        self.states, self.rows = {}, []
        self.has_modes = self.git("config", "--get", "core.fileMode", ok=(0, 1)).strip() != b"false"
        self.folds_case = self.git("config", "--get", "core.ignoreCase", ok=(0, 1)).strip() == b"true"
        flags = self.git("ls-files", "-v", "-z").split(b"\0")[:-1]
        # told not to look: assume-unchanged, skip-worktree
        self.assumed = {os.fsdecode(f[2:]) for f in flags if f[:1].islower() or f[:1] == b"S"}

    def indexed_state(self, path):
        """In the index: modified by type, bit and size alone."""
        mode, oid, stage = self.index[path]
        now = os.lstat(self.top / path)
        if stage != "0":
            return "modified"
        if mode == "160000":
            return "tracked" if stat.S_ISDIR(now.st_mode) else "modified"
        if path in self.assumed or self.worktree.get(path) == "A":
            return "tracked"
        kind = {"100": stat.S_ISREG, "120": stat.S_ISLNK}[mode[:3]]
        size = int(self.git("cat-file", "-s", oid))
        is_other = (not kind(now.st_mode) or size != now.st_size
                    or (self.has_modes and mode[:3] == "100"
                        and (int(mode, 8) ^ now.st_mode) & 0o100 != 0))
        said = self.worktree.get(path, ".")
        assert said in "MTD" if is_other else said in ".M", (path, said, is_other)
        return "modified" if is_other else "tracked"

    def walk(self, at=""):
        for name in sorted(os.listdir(self.top / at)):
            path = f"{at}/{name}" if at else name
            full = self.top / path
            is_dir = full.is_dir() and not full.is_symlink()
            if name == ".git":
                self.below(path, "outside")
            elif path in self.index:
                self.states[path] = self.indexed_state(path)
                if self.index[path][0] == "160000" and is_dir:
                    self.submodule(path)
                elif is_dir:
                    self.walk(path)
            elif path in self.above:
                self.states[path] = "tracked"
                self.walk(path)
            else:
                self.rows.append(path)
                if is_dir and not (full / ".git").exists():
                    self.walk(path)

    def below(self, path, state):
        self.states[path] = state
        for d, dirs, files in os.walk(self.top / path):
            for name in dirs + files:
                self.states[os.path.relpath(os.path.join(d, name), self.top)] = state

    def submodule(self, path):
        if (self.top / path / ".git").exists():
            self.adopt(path)
        else:
            self.below(path, "untracked")
            self.restore_outside(path)
        self.states[path] = "tracked"

    def adopt(self, path):
        """A repository inside: its own git says."""
        inner = Judge(self.top / path, self.home)
        self.states[path] = "tracked" if inner.index else "untracked"
        for name, state in inner.judge().items():
            self.states[f"{path}/{name}"] = state

    def judge(self):
        self.walk()
        asked = b"".join(os.fsencode(p) + b"\0" for p in self.rows)
        said = self.git("check-ignore", "-z", "--stdin", stdin=asked, ok=(0, 1))
        ignored = {os.fsdecode(p) for p in said.split(b"\0")[:-1]}
        for path in self.rows:
            full = self.top / path
            is_dir = full.is_dir() and not full.is_symlink()
            if path in ignored and is_dir and (full / ".git").exists():
                self.below(path, "ignored")
                self.restore_outside(path)
            elif is_dir and (full / ".git").exists():
                self.adopt(path)
            else:
                self.states[path] = "ignored" if path in ignored else "untracked"
                if not is_dir:
                    self.check_status(path, self.states[path])
        return self.states

    def restore_outside(self, path):
        for d, dirs, files in os.walk(self.top / path):
            for name in dirs + files:
                if name == ".git":
                    self.below(os.path.relpath(os.path.join(d, name), self.top), "outside")

    def check_status(self, path, state):
        """status and check-ignore are of one mind about a file."""
        above = [path] + [str(p) for p in Path(path).parents]
        # status does not look below what the index has as a file, and folds its case too
        if self.folds_case or any(p in self.index for p in above):
            return
        said = next((self.said[p] for p in above if p in self.said), None)
        assert said == {"ignored": "!", "untracked": "?"}[state], (path, state, said)


# ---- ours ---------------------------------------------------------------------------------------

def ours(roots, home):
    """Per root: (states by path, other records)."""
    git = Git(home, home)
    done = subprocess.run([DUMP, *map(str, roots)], env=git.env, stdout=subprocess.PIPE, check=True)
    answers = []
    for record in done.stdout.split(b"\0")[:-1]:
        text = os.fsdecode(record)
        if text[0] == "D":
            answers.append(({}, []))
        elif text[0] == "S":
            _, state, path = text.split(" ", 2)
            answers[-1][0][path] = state
        else:
            answers[-1][1].append(text)
    return answers


def make_case(seed, case, at, home):
    rng = random.Random(f"{seed}/{case}")
    maker = Maker(rng, home)
    maker.repository(at)
    roots = [at]
    links = [at / os.fsdecode(e.split(b"\t", 1)[1]) for e in
             Git(at, home)("ls-files", "-s", "-z").split(b"\0")[:-1] if e.startswith(b"160000")]
    inside = [d for d in maker.dirs(at) if d != at and not any(link in [d, *d.parents] for link in links)
              and not any((p / ".git").exists() for p in
              [d, *d.parents][:len(d.parts) - len(at.parts)])]
    if inside and rng.random() < 0.5:
        roots.append(rng.choice(inside))
    return roots


def differences(root, top, states, got):
    prefix = "" if root == top else str(root.relative_to(top)) + "/"
    want = {p[len(prefix):]: s for p, s in states.items() if p.startswith(prefix)}
    mine = {p: s for p, s in got.items() if p != ""}
    return [f"{p}: git says {want.get(p)}, the column {mine.get(p)}"
            for p in sorted(set(want) | set(mine)) if want.get(p) != mine.get(p)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--case", type=int, help="only this one")
    parser.add_argument("--keep", type=Path, help="make the repositories here, and leave them")
    options = parser.parse_args()
    if shutil.which("git") is None:
        print("1..0 # SKIP git is not installed")
        return 77
    tap = Tap()
    work = options.keep or Path(tempfile.mkdtemp(prefix="tonnage-git-"))
    try:
        home = work / "home"
        home.mkdir(parents=True, exist_ok=True)
        (home / ".gitconfig").write_text("[user]\n\tname = A\n\temail = a@b.c\n[core]\n\texcludesFile = ~/mine\n"
                                         "[init]\n\tdefaultBranch = main\n[advice]\n\taddEmbeddedRepo = false\n")
        (home / "mine").write_text("*.o\n!/a/a.o\nDoc/\n")
        cases = [options.case] if options.case is not None else range(options.cases)
        nrows, counts = 0, {}
        for case in cases:
            at = work / f"case-{case}"
            roots = make_case(options.seed, case, at, home)
            bad, states = [], Judge(at, home).judge()
            for root, (got, _) in zip(roots, ours(roots, home)):
                bad += differences(root, at, states, got)
                nrows += len(got)
                for state in got.values():
                    counts[state] = counts.get(state, 0) + 1
            tap.ok(not bad, f"case {case}: the column is git's", "\n".join(bad[:20]))
            if not options.keep:
                shutil.rmtree(at)
        print(f"# {nrows} rows: {counts}")
        tap.ok(options.case is not None or all(counts.get(s, 0) > 100 for s in (
            "tracked", "modified", "untracked", "ignored", "outside")), "every state was met", str(counts))
    finally:
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)
    return tap.done()


sys.exit(main())

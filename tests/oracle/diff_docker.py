#!/usr/bin/env python3
"""`tonnage ls` against what real docker programs take from small contexts.

  diff_docker.py --oracle DOCKER [CASE...]       the client, against a daemon stand-in (classic)
  diff_docker.py --buildkit [CASE...]            dockerd and its BuildKit, in a Debian root
  diff_docker.py --keep DIR CASE...              leave the contexts in DIR, and compare nothing

The cases are those of make-cases.sh and of the table below. Classic: the entries of the posted tar, in
their order. BuildKit: what the daemon received of a COPY . /, in any order. Where the builder refuses,
tonnage must refuse. $TONNAGE names the program, $TONNAGE_SHARED where the oracles' sources are.
"""
import argparse
import importlib.machinery
import importlib.util
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import contexts  # noqa: E402  (after the line above: no cache in the source tree)

BUILD = "FROM scratch\nCOPY . /\n"
INJECTED = re.compile(r"\.dockerfile\.[0-9a-f]{20}$")


def f(path, text=""):
    return (path, "file", text)


def d(path):
    return (path, "dir", None)


def tree(*paths):
    return [f(p, p + "\n") for p in paths]


def ignore(text):
    return f(".dockerignore", text)


class Case:
    """A context. `file` is -f, relative to the context; `outside` is made beside the context.

    `docker_refuses`: tonnage lists what docker would not get as far as sending, for the reason given.
    """

    def __init__(self, entries, file=None, dockerfile="Dockerfile", outside=(), docker_refuses=None):
        self.entries = list(entries)
        if dockerfile:
            self.entries.append(f(dockerfile, BUILD))
        self.file, self.outside, self.docker_refuses = file, outside, docker_refuses


NO_DOCKERFILE = "without a Dockerfile docker builds nothing; tonnage weighs the folder all the same"

CASES = {
    # ---- which Dockerfile, which ignore file
    "sub-dockerfile": Case(tree("a", "sub/b") + [ignore("sub/b\n")], "sub/Dockerfile", "sub/Dockerfile"),
    "sub-dockerfile-excluded": Case(tree("a", "sub/b") + [ignore("sub\n")], "sub/Dockerfile", "sub/Dockerfile"),
    "sub-dockerfile-excluded-below": Case(tree("a", "sub/b") + [ignore("**/sub\n")], "sub/Dockerfile",
                                          "sub/Dockerfile"),
    "sub-dockerfile-deep": Case(tree("a", "x/sub/b") + [ignore("*\n!a\n")], "x/sub/my.df", "x/sub/my.df"),
    "sub-dockerfile-own-ignore": Case(tree("a", "b", "sub/c") + [ignore("a\n"), f("sub/df.dockerignore", "b\n")],
                                      "sub/df", "sub/df"),
    "outside-dockerfile": Case(tree("a", "b/c"), "../Outside", None, [f("Outside", BUILD)]),
    "outside-dockerfile-ignore": Case(tree("a", "b/c") + [ignore("b\n")], "../Outside", None, [f("Outside", BUILD)]),
    "outside-dockerfile-ignored": Case(tree("a", "b/c") + [ignore("*\n!b\n")], "../Outside", None,
                                       [f("Outside", BUILD)]),
    "outside-own-ignore": Case(tree("a", "b/c") + [ignore("b\n")], "../Outside", None,
                               [f("Outside", BUILD), f("Outside.dockerignore", "a\n")]),
    "dockerfile-link": Case([f("a"), f("df/real", BUILD), ("Dockerfile", "symlink", "df/real"), ignore("df\n")],
                            None, None),
    "dockerfile-link-f": Case([f("a"), f("df/real", BUILD), ("link", "symlink", "df/real"),
                               ignore("df\nlink\n")], "link", None),
    "lower-case": Case(tree("a") + [ignore("dockerfile\n")], None, "dockerfile"),
    "lower-case-ignore": Case(tree("a", "b") + [ignore("a\n"), f("dockerfile.dockerignore", "b\n")], None, "dockerfile"),
    "both-cases": Case(tree("a", "dockerfile") + [ignore("*ockerfile\n")]),
    "no-dockerfile": Case(tree("a") + [ignore("x\n")], None, None, docker_refuses=NO_DOCKERFILE),
    "missing-dockerfile": Case(tree("a"), "none"),
    "no-ignore-file": Case(tree("a", "b/c")),
    "empty-ignore-file": Case(tree("a", "b/c") + [ignore("")]),
    "comments-only": Case(tree("a", "b/c") + [ignore("# a\n\n   \n#b\n")]),
    "own-ignore": Case(tree("a", "b") + [ignore("a\n"), f("Dockerfile.dockerignore", "b\n")]),
    "own-ignore-empty": Case(tree("a", "b") + [ignore("a\n"), f("Dockerfile.dockerignore", "")]),
    "own-ignore-only": Case(tree("a", "b") + [f("Dockerfile.dockerignore", "b\n")]),
    "ignore-directory": Case(tree("a", ".dockerignore/x")),
    "ignore-link": Case(tree("a", "b", "list") + [f("real", "b\n"), (".dockerignore", "symlink", "real")]),
    "ignore-link-dangling": Case(tree("a", "b") + [(".dockerignore", "symlink", "gone")]),
    "ignore-link-outside": Case(tree("a", "b") + [(".dockerignore", "symlink", "../list")], outside=[f("list", "b\n")]),
    "named-ignore": Case(tree("a", "b") + [f("my.df.dockerignore", "a\n"), ignore("b\n")], "my.df", "my.df"),
    # ---- lists that are refused, at once or on the way
    "bad-class": Case(tree("a") + [ignore("a\n[\n")]),
    "bad-exception": Case(tree("a") + [ignore("![a-\n")]),
    "lone-bang": Case(tree("a") + [ignore("!\n")]),
    "bang-slash": Case(tree("a") + [ignore("a\n!/\n")]),
    "bang-blank": Case(tree("a") + [ignore("!  \n")]),
    "trailing-backslash": Case(tree("a") + [ignore("a\\\n")]),
    "bad-regexp": Case(tree("a", "b/c") + [ignore("[z-a]\n")]),
    "bad-regexp-not-reached": Case(tree("a", "b/c") + [ignore("*\n[z-a]\n")]),
    "bad-regexp-exception": Case(tree("a", "b/c") + [ignore("b\n![z-a]\n")]),
    "bad-regexp-exception-not-reached": Case(tree("a", "b/c") + [ignore("x\n![z-a]\n")]),
    "bad-regexp-last-entry": Case(tree("a", "z") + [ignore("?\nDockerfile\n.dockerignore\n\\y\n")]),
    "bad-check-hidden": Case(tree("x]", "xa", "y") + [ignore("x*[]a]\n")]),
    "repeat-of-repeat": Case(tree("aa", "b") + [ignore("a{2}{3}*\n")]),
    "line-just-fits": Case(tree("a", "b") + [ignore("a" * 65535 + "\nb\n")]),
    "line-too-long": Case(tree("a", "b") + [ignore("b\n" + "a" * 65536 + "\n")]),
    "last-line-just-fits": Case(tree("a", "b") + [ignore("b\n" + "a" * 65535)]),
    "last-line-too-long": Case(tree("a", "b") + [ignore("b\n" + "a" * 65536)]),
    # ---- what is kept for the builder
    "dockerfile-excluded": Case(tree("a") + [ignore("Dockerfile\n")]),
    "ignore-file-excluded": Case(tree("a") + [ignore(".dockerignore\n")]),
    "all-excluded": Case(tree("a", "b/c") + [ignore("*\n")]),
    "all-excluded-twice": Case(tree("a", "b/c") + [ignore("**\n!a\n**\n")]),
    "dockerfile-excluded-late": Case(tree("a", "docker/b") + [ignore("**/docker\n")], "docker/Dockerfile",
                                     "docker/Dockerfile"),
    "dockerfile-wildcard-exception": Case(tree("docker/x/a") + [ignore("*\n!docker/*/Dockerfile\n")],
                                          "docker/x/Dockerfile", "docker/x/Dockerfile"),
    "no-file-but-excluded": Case(tree("a", "b") + [ignore("*\n!b\n")]),
    # ---- exceptions, and where the walkers look for them
    "exception-star-go": Case(tree("a/b.go", "c.go", "a/c") + [ignore("*\n!**/*.go\n")]),
    "exception-below": Case(tree("a/b/c", "a/d", "e") + [ignore("a\n!a/b\n")]),
    "exception-wildcard-below": Case(tree("src/a.c", "src/b.h", "src/d/e.c") + [ignore("*\n!src/*.c\n")]),
    "exception-wildcard-middle": Case(tree("docs/keep/k.md", "docs/k.md", "docs/x/y") + [ignore("docs\n!docs/*/k.md\n")]),
    "exception-contents": Case(tree("docs/keep/k.md", "docs/x") + [ignore("docs\n!docs/keep/**\n")]),
    "exception-of-parent": Case(tree("docs/x.md", "docs/y", "z.md") + [ignore("**/*.md\n!docs\n")]),
    "exception-twice": Case(tree("a/b", "a/c") + [ignore("a\n!a/b\na\n")]),
    "exception-question-mark": Case(tree("ab/c", "xb/c") + [ignore("*\n!?b/c\n")]),
    "exception-escaped": Case(tree("a/b", "a/*", "c") + [ignore("a\n!a/\\*\n")]),
    "exception-first": Case(tree("a", "b") + [ignore("!a\n*\n")]),
    "exception-star": Case(tree("a/b", "c") + [ignore("*\n!*/\n")]),
    "exception-bang-name": Case(tree("!a", "a") + [ignore("*\n!!a\n")]),
    "exception-blank": Case(tree("a", "b") + [ignore("*\n!  a\n")]),
    "exception-slash": Case(tree("a/x", "b") + [ignore("*\n!/a/\n")]),
    "exception-dot": Case(tree("a", "b") + [ignore("*\n!.\n")]),
    "exception-name-prefix": Case(tree("ab/c", "a/c") + [ignore("*\n!ab/c\n")]),
    # ---- names and kinds
    "odd-names": Case(tree("a b", "tab\tx", "new\nline", "q'uote", "*", "[a]", "back\\slash", "#a", "!b", "é/ü",
                           "\udcff", "世/界", "~", "-x", ".x/..y") + [ignore("\\#a\n\\!b\n\\*\n*\\\\*\n")]),
    "odd-names-excluded": Case(tree("new\nline/a", "new/line", "é", "e", "世") + [ignore("new?line\n?\n")]),
    "order": Case(tree("a/x", "a-b", "a.c", "a b", "a/b/c", "ab", "A", "a\x01", "b/", "b0")[:8]),
    "long-names": Case(tree("n" * 200, "/".join(["d" * 60] * 5), "é" * 100)),
    "empty-folders": Case([d("a/b/c"), d("e"), d("x/y")] + [ignore("x/y\n")]),
    "empty-context": Case([], None, None, docker_refuses=NO_DOCKERFILE),
    "only-excluded-children": Case(tree("a/b", "a/c", "d/e/f") + [ignore("a/*\nd/**\n")]),
    "links": Case(tree("a/f") + [("l", "symlink", "a"), ("m", "symlink", "gone"), ("abs", "symlink", "/etc/passwd"),
                                 ("up", "symlink", ".."), ignore("a\nl/f\n")]),
    "hard-links": Case(tree("b/x") + [("a", "hardlink", "b/x"), ("c", "hardlink", "b/x"), ignore("a\n")]),
    "sockets-and-pipes": Case(tree("a") + [("s", "socket", None), ("d/s2", "socket", None), ("p", "fifo", None),
                                           ("q", "fifo", None), ignore("q\n")]),
    "nested-ignore-file": Case(tree("sub/a", "a") + [f("sub/.dockerignore", "a\n")]),
    "bom-and-crlf": Case(tree("a", "b", "c") + [ignore("\ufeffa\r\nb\r\n\r\n#c\r\n")]),
    "bytes-in-pattern": Case(tree("\udcff", "a") + [ignore("\udcff\n")]),
    "newline-prefix": Case(tree("a/b\nc", "a\nb/foo", "a\nb/foox") + [ignore("a/**\n**/foo\n**/foo?\n")]),
}

# What the BuildKit part leaves out: its daemon takes no names or patterns that are no UTF-8, no control
# characters in patterns, and no Dockerfile outside.
NOT_BUILDKIT = {"odd-names", "bytes-in-pattern", "outside-dockerfile", "outside-dockerfile-ignore",
                "outside-dockerfile-ignored", "outside-own-ignore", "ignore-link-outside", "follow"}

# A BuildKit case takes seconds: these are all, unless TONNAGE_FULL is set or cases are named.
QUICK_BUILDKIT = ["sub-dockerfile-own-ignore", "own-ignore", "lower-case-ignore", "ignore-directory", "lone-bang",
                  "bad-regexp", "all-excluded", "exception-star-go", "exception-wildcard-middle", "sockets-and-pipes",
                  "hard-links", "basic", "reinclude", "regexleak", "excwild"]


def shared_cases(work):
    """make-cases.sh's folders by name."""
    top = work.fresh("shared")
    subprocess.run(["sh", os.path.join(shared_dir(), "make-cases.sh"), top], check=True)
    return {name: os.path.join(top, name) for name in sorted(os.listdir(top))}


def shared_dir():
    shared = os.environ.get("TONNAGE_SHARED")
    if not shared:
        contexts.skip("TONNAGE_SHARED does not say where the oracles' sources are")
    return os.path.join(shared, "oracle")


def load(name):
    """One of the oracles' Python programs as a module."""
    path = os.path.join(shared_dir(), name)
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_").replace(".py", ""), path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class Client:
    """The docker client, and a stand-in for its daemon that keeps what is posted."""

    NOISE = re.compile(r"DEPRECATED:|buildx|BuildKit is currently disabled|environment-variable")

    def __init__(self, work, docker):
        self.mock = load("mock-dockerd.py")
        self.docker = docker
        state = work.fresh("client")
        socket = os.path.join(state, "s")
        self.server = self.mock.start(socket, None, "1.43", False)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("DOCKER_", "BUILDKIT_"))}
        self.env.update(DOCKER_BUILDKIT="0", DOCKER_HOST="unix://" + socket, DOCKER_CLI_HINTS="false",
                        DOCKER_CONFIG=os.path.join(state, "config"))

    def sent(self, root, file):
        """(entries or None, what it said)"""
        before = len(self.server.builds)
        option = ["-f", os.path.join(root, file)] if file else []
        p = subprocess.run([self.docker, "build", *option, root], env=self.env, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        said = [line for line in p.stderr.decode("utf-8", "replace").splitlines()
                if line.strip() and not self.NOISE.search(line)]
        builds = self.server.builds[before:]
        if p.returncode or not builds or "entries" not in builds[-1]:
            return None, " ".join(said)
        return [e["path"] + ("/" if e["type"] == "dir" else "") for e in builds[-1]["entries"]], ""


def without_injected(entries, root):
    """The client adds a Dockerfile from elsewhere, and an ignore file where there was none."""
    if not any(INJECTED.match(e) for e in entries):
        return entries
    has_ignore = os.path.lexists(os.path.join(root, ".dockerignore"))
    return [e for e in entries if not INJECTED.match(e) and (has_ignore or e != ".dockerignore")]


def differs(want, why, got, docker_refuses):
    """What differs, or None."""
    if got.broken:
        return "tonnage: exit status %d: %s" % (got.exit, got.stderr)
    if docker_refuses:
        if want is not None:
            return "docker was thought to refuse: " + docker_refuses
        return "tonnage refuses: " + got.stderr if got.refused else None
    if want is None:
        return None if got.refused else "docker refuses (%s), tonnage does not" % why
    if got.refused:
        return "tonnage refuses (%s), docker does not" % got.stderr
    return contexts.first_difference(want, got.entries)


def plant(work, case):
    top = work.fresh("case")
    contexts.plant(top, case.outside)
    root = os.path.join(top, "context")
    os.makedirs(root)
    contexts.plant(root, case.entries)
    return root


def all_cases(work, names):
    """(name, root, case); the context is there until the next one is asked for."""
    shared = shared_cases(work)
    for name in names:
        if name not in CASES and name not in shared:
            sys.exit("no such case: " + name)
    for name, case in CASES.items():
        if not names or name in names:
            yield name, plant(work, case), case
    for name, root in shared.items():
        if not names or name in names:
            yield name, root, Case([])


def run_classic(work, a):
    client = Client(work, a.oracle)
    ncases, ndifferences = 0, 0
    for name, root, case in all_cases(work, a.case):
        want, why = client.sent(root, case.file)
        if want is not None:
            want = without_injected(want, root)
        option = ["-f", os.path.join(root, case.file)] if case.file else []
        got = contexts.Listing(a.tonnage, root, "--engine", "classic", *option)
        how = differs(want, why, got, case.docker_refuses)
        ncases += 1
        if how:
            ndifferences += 1
            print("# %s: %s" % (name, how), flush=True)
        elif a.verbose:
            print("# %s: %s" % (name, "refused: " + why if want is None else "%d entries" % len(want)), flush=True)
    contexts.finish(ncases, ndifferences, " (docker client, classic)")


def ready(what):
    """What build_oracles.sh makes ready; it says why not, and the test is skipped."""
    here = os.path.dirname(os.path.abspath(__file__))
    p = subprocess.run([os.path.join(here, "build_oracles.sh"), what], stdout=subprocess.PIPE, check=False)
    if p.returncode:
        sys.exit(p.returncode)
    return p.stdout.decode().strip()


def check_mounts():
    if os.geteuid() != 0:
        contexts.skip("dockerd needs root")
    if subprocess.run(["unshare", "-m", "mount", "--bind", "/", "/mnt"], stderr=subprocess.DEVNULL, check=False).returncode:
        contexts.skip("dockerd needs to mount, and nobody may here")


def buildkit_engine(oracle):
    """The newest engine that is there, or can be made."""
    for name in ("buildkit28", "buildkit26"):
        if oracle.available(name):
            return name
    ready("root")
    return "buildkit28"


def names_received(report):
    """The entries that the daemon got, folders with a slash; None when the build failed."""
    if report["exit"] or "sent" not in report:
        return None
    return sorted(e["path"].lstrip("/") + ("/" if e["type"] == "dir" else "") for e in report["sent"])


def load_oracle(work):
    """context-oracle.py, its state in the temporary folder, its Debian roots in the cache."""
    cache = os.environ.get("TONNAGE_ORACLE_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "tonnage-oracle")
    # The roots are kept, all else is in the temporary folder
    os.makedirs(os.path.join(cache, "roots"), exist_ok=True)
    state = work.fresh("state")
    os.symlink(os.path.join(cache, "roots"), os.path.join(state, "roots"))
    os.environ["CTX_ORACLE_STATE"] = state
    return load("context-oracle.py")


def run_buildkit(work, a):
    check_mounts()
    oracle = load_oracle(work)
    engine = a.engine or buildkit_engine(oracle)
    options = argparse.Namespace(file=None, outside=False, warm=False)
    ncases, ndifferences = 0, 0
    names = a.case or ([] if os.environ.get("TONNAGE_FULL") else QUICK_BUILDKIT)
    try:
        oracle.up(engine)
        for name, root, case in all_cases(work, names):
            if name in NOT_BUILDKIT:
                continue
            options.file = case.file
            report = oracle.DO["buildkit"](engine, root, options)
            want = names_received(report)
            option = ["-f", os.path.join(root, case.file)] if case.file else []
            got = contexts.Listing(a.tonnage, root, "--engine", "buildkit", "--lens", "eligible", *option)
            got.entries.sort()
            how = differs(want, " ".join(report.get("stderr", [])), got, case.docker_refuses)
            ncases += 1
            if how:
                ndifferences += 1
                print("# %s: %s" % (name, how), flush=True)
            elif a.verbose:
                print("# %s: %s" % (name, "refused" if want is None else "%d entries" % len(want)), flush=True)
    finally:
        oracle.down(engine)
    contexts.finish(ncases, ndifferences, " (%s)" % engine)


def keep(work, a):
    os.makedirs(a.keep, exist_ok=True)
    for name, root, _ in all_cases(work, a.case):
        top = root if name not in CASES else os.path.dirname(root)
        shutil.copytree(top, os.path.join(a.keep, name), symlinks=True,
                        ignore=lambda where, names: [n for n in names if not (
                            os.path.islink(os.path.join(where, n)) or os.path.isdir(os.path.join(where, n)) or
                            os.path.isfile(os.path.join(where, n)))])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--oracle", default=shutil.which("docker"), help="the docker client, 23 or newer")
    p.add_argument("--buildkit", action="store_true", help="the second part")
    p.add_argument("--engine", help="with --buildkit: an engine of context-oracle.py")
    p.add_argument("--keep", metavar="DIR")
    p.add_argument("-v", "--verbose", action="store_true", help="a line for each case")
    p.add_argument("case", nargs="*")
    a = p.parse_args()
    with contexts.Workspace() as work:
        if a.keep:
            keep(work, a)
            return
        a.tonnage = contexts.program()
        (run_buildkit if a.buildkit else run_classic)(work, a)


if __name__ == "__main__":
    main()

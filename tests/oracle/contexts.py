"""What diff_walk.py and diff_docker.py share: contexts on disk, the program, and cleaning up."""
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile

SKIPPED = 77


def skip(why):
    print("SKIP: " + why, file=sys.stderr)
    sys.exit(SKIPPED)


def program():
    """The tonnage to test."""
    path = os.environ.get("TONNAGE")
    if not path:
        skip("TONNAGE does not name the program to test")
    return path


class Workspace:
    """A temporary folder that goes away however the test ends, kill -9 excepted."""

    def __enter__(self):
        def leave(number, _frame):
            raise SystemExit(128 + number)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, leave)
        self.path = tempfile.mkdtemp(prefix="tonnage-oracle.")
        return self

    def __exit__(self, *_):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        shutil.rmtree(self.path, ignore_errors=True)

    def fresh(self, name):
        """An empty folder below it; what was there is removed."""
        path = os.path.join(self.path, name)
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        return path


def plant(root, entries):
    """Make the entries (path, kind, content or target) below root.

    A kind is one of file, dir, symlink, hardlink, fifo, socket. Parents are made as needed.
    """
    for path, kind, what in entries:
        full = os.path.join(os.fsencode(root), os.fsencode(path))
        os.makedirs(full if kind == "dir" else os.path.dirname(full), exist_ok=True)
        if kind == "file":
            with open(full, "wb") as f:
                f.write(what.encode("utf-8", "surrogateescape") if isinstance(what, str) else what)
        elif kind == "symlink":
            os.symlink(os.fsencode(what), full)
        elif kind == "hardlink":
            os.link(os.path.join(os.fsencode(root), os.fsencode(what)), full, follow_symlinks=False)
        elif kind == "fifo":
            os.mkfifo(full)
        elif kind == "socket":
            os.mknod(full, stat.S_IFSOCK | 0o644)


class Listing:
    """What `tonnage ls` says: entries (str, surrogates for odd bytes), or why there are none."""

    def __init__(self, tonnage, root, *args, cwd=None):
        p = subprocess.run([tonnage, "ls", "-0", *args, root], cwd=cwd, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.exit = p.returncode
        self.stderr = p.stderr.decode("utf-8", "replace").strip()
        self.entries = [os.fsdecode(e) for e in p.stdout.split(b"\0")[:-1]]
        self.refused = self.exit == 2 and bool(self.stderr)
        # anything else than all well or a refusal that says why is a failure in itself
        self.broken = not self.refused and self.exit != 0


def first_difference(want, got):
    """One line about where two lists part; None when they are equal."""
    if want == got:
        return None
    missing = [e for e in want if e not in set(got)]
    extra = [e for e in got if e not in set(want)]
    if missing or extra:
        return "missing %r, not to be there %r" % (missing[:6], extra[:6])
    at = next(i for i, pair in enumerate(zip(want + [None], got + [None])) if pair[0] != pair[1])
    return "same entries, another order from %d: %r, got %r" % (at, want[at:at + 3], got[at:at + 3])


def finish(ncases, ndifferences, more=""):
    print("%d cases, %d differences%s" % (ncases, ndifferences, more))
    sys.exit(1 if ndifferences else 0)

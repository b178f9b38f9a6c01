"""Makes a context from a case's folder; testdata/cases/README.md describes tree.txt."""
import hashlib
import os
import re
import shutil
import socket
import struct
import tempfile
from pathlib import Path

MTIME_NS = 1704067200 * 10**9  # 2024-01-01: what every entry has that names no other
ESCAPES = {"n": b"\n", "t": b"\t", "r": b"\r", "e": b"\x1b"}
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{3}|.)")
KINDS = {"f": 2, "d": 1, "l": 1, "h": 1, "p": 0, "s": 0}  # words between the letter and the path


class BadTree(Exception):
    pass


def unescape(text):
    r"""Bytes of a word: \n \t \r \e, \xHH, \OOO (octal), \uHHHH; another byte after \ stands."""
    def one(what):
        if what[0] == "x" and len(what) == 3:
            return bytes([int(what[1:], 16)])
        if what[0] == "u" and len(what) == 5:
            return chr(int(what[1:], 16)).encode()
        if len(what) == 3:
            return bytes([int(what, 8)])
        return ESCAPES.get(what, what.encode())

    parts = ESCAPE.split(text)  # plain text and escapes in turn
    return b"".join(one(p) if i % 2 else p.encode() for i, p in enumerate(parts))


def read_lines(text):
    """(number, kind, words before the path, path, mtime in ns or None) of each line."""
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        mtime_ns = None
        if re.fullmatch(r"@\d+(\.\d{1,9})?", words[-1]):
            seconds, _, fraction = words.pop()[1:].partition(".")
            mtime_ns = int(seconds) * 10**9 + int(fraction.ljust(9, "0"))
        kind, *args = words
        if KINDS.get(kind) != len(args) - 1:
            raise BadTree(f"tree.txt:{number}: cannot read {line!r}")
        yield number, kind, args[:-1], unescape(args[-1].rstrip("/")), mtime_ns


def make_file(path, mode, size):
    # a hole: the size is what counts, however large
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.ftruncate(fd, int(size))
    os.close(fd)
    os.chmod(path, int(mode, 8))


def make_socket(path):
    # bind() takes no more than 107 bytes, and others work in this process: a short way there
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as s:
        way = os.path.join(os.fsencode(short), b"d")
        os.symlink(os.path.abspath(os.path.dirname(path)), way)
        s.bind(os.path.join(way, os.path.basename(path)))


def make_entry(root, kind, args, path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if kind == "f":
        make_file(path, *args)
    elif kind == "d":
        os.makedirs(path, exist_ok=True)
    elif kind == "l":
        os.symlink(unescape(args[0]), path)
    elif kind == "h":
        os.link(os.path.join(root, unescape(args[0])), path)
    elif kind == "p":
        os.mkfifo(path, 0o644)
    else:
        make_socket(path)


def make_tree(root, listing):
    """Makes what `listing` names; returns the directories' modes and the times, to be set last."""
    modes, times = {}, {}
    for number, kind, args, name, mtime_ns in read_lines(listing):
        path = os.path.join(root, name)
        try:
            make_entry(root, kind, args, path)
        except (OSError, ValueError) as e:
            raise BadTree(f"tree.txt:{number}: {e}") from e
        if kind == "d":
            modes[path] = int(args[0], 8)
        if kind == "h" and mtime_ns is None:
            mtime_ns = times.get(os.path.join(root, unescape(args[0])))
        if mtime_ns is not None:
            times[path] = mtime_ns
    return modes, times


def copy_checked_in(source, root):
    """A copy with the modes that a checkout can keep: 755 for programs and directories, or 644."""
    shutil.copytree(source, root, symlinks=True, dirs_exist_ok=True)
    for directory, _, files in os.walk(root):
        os.chmod(directory, 0o755)
        for path in [os.path.join(directory, name) for name in files]:
            if not os.path.islink(path):
                os.chmod(path, 0o755 if os.stat(path).st_mode & 0o100 else 0o644)


def overlay(source, root):
    """Contents over the tree; a file that tree.txt made keeps its mode."""
    for path in sorted(source.rglob("*")):
        # git takes no file called .git into a commit
        name = [".git" if part == "dot-git" else part for part in path.relative_to(source).parts]
        target = Path(os.fsdecode(root)).joinpath(*name)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())


def index_entry(root, name):
    """One entry of a git index: what stat says now, and no object that is really there."""
    st = os.lstat(os.path.join(root, name))
    mode = 0o120000 if os.path.islink(os.path.join(root, name)) else 0o100000 | (0o755 if st.st_mode & 0o100 else 0o644)
    size = st.st_size & 0xFFFFFFFF
    fixed = struct.pack(">10I20sH", 0, 0, 0, 0, 0, 0, mode, 0, 0, size, b"\x01" * 20, min(len(name), 0xFFF))
    return (fixed + name).ljust((len(fixed) + len(name) + 8) // 8 * 8, b"\0")


def make_repository(root, tracked):
    """A git repository at `root` whose index has `tracked`; it needs no git, and its bytes are always the same."""
    names = sorted(unescape(line) for line in tracked.split("\n") if line and not line.startswith("#"))
    for name in b"objects", b"refs":
        os.makedirs(os.path.join(root, b".git", name))
    entries = b"".join(index_entry(root, name) for name in names)
    index = struct.pack(">4sII", b"DIRC", 2, len(names)) + entries
    files = {b"HEAD": b"ref: refs/heads/main\n", b"index": index + hashlib.sha1(index).digest(),
             b"config": b"[core]\n\trepositoryformatversion = 0\n\tbare = false\n"}
    for name, content in files.items():
        Path(os.fsdecode(os.path.join(root, b".git", name))).write_bytes(content)


def make_context(case, root):
    """The context of a case: context/, then tree.txt, then the contents in files/, then what git tracks."""
    root = os.fsencode(root)
    modes, times = {}, {}
    os.makedirs(root, exist_ok=True)
    if (case / "context").exists():
        copy_checked_in(case / "context", os.fsdecode(root))
    if (case / "tree.txt").exists():
        modes, times = make_tree(root, (case / "tree.txt").read_text(encoding="utf-8"))
    overlay(case / "files", root)
    if (case / "git").exists():
        make_repository(root, (case / "git").read_text(encoding="utf-8"))
    # times bottom-up, and last of all the modes that would shut us out
    for directory, names, files in os.walk(root, topdown=False):
        for path in [os.path.join(directory, n) for n in files + names] + [directory]:
            mtime_ns = times.get(path, MTIME_NS)
            os.utime(path, ns=(mtime_ns, mtime_ns), follow_symlinks=False)
    for path in sorted(modes, reverse=True):
        os.chmod(path, modes[path])

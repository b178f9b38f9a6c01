"""Docker 20.10, where it is not what tonnage predicts: its walkers as the oracle's README and runs of it tell.

tonnage goes by the rules of 23 and newer. 20.10 differs in these points, each a flag of reasons():

  verdicts   it matches with pkg/fileutils (match-oracle's fileutils20): one ancestor, other escapes
  wildcard   BuildKit too looks below an excluded folder only where an exception begins with its path
  parents    its BuildKit sends each excluded folder that it looks into, whatever is below
  partial    its BuildKit sends what is on the way to a source, whether the source is there or not
  not-a-dir  its BuildKit fails when a source leads through a file
  xattr      an empty extended attribute costs 2 bytes less
  lower-case a "dockerfile" that no -f names has no ignore file of its own
  unread     BuildKit does not look at a list of patterns before it has something to match

Without a reason its set and bytes are tonnage's; with one they are what the model here says. Its BuildKit also
fetches .dockerignore when another ignore file wins, and sends the content of an unchanged Dockerfile and
ignore file once only; Model.small() says what these cost.
"""
import base64
import json
import os
import re
import stat
import subprocess

GO_TYPES = {stat.S_IFDIR: 1 << 31, stat.S_IFLNK: 1 << 27, stat.S_IFIFO: 1 << 25}
CHUNK = 32768


class Fails(Exception):
    """20.10 would end here."""


# ---- packets (ignore-semantics 6.8) -------------------------------------------------------------

def varint(n):
    return max(1, (n.bit_length() + 6) // 7) if n >= 0 else 10


def number(n):
    return 1 + varint(n) if n else 0


def text(n):
    return 1 + varint(n) + n if n else 0


def stat_packet(path, st, link, xattrs):
    kind = stat.S_IFMT(st.st_mode)
    mode = (st.st_mode & 0o777) | GO_TYPES.get(kind, 0)
    mode |= sum(bit for flag, bit in ((0o4000, 1 << 23), (0o2000, 1 << 22), (0o1000, 1 << 20)) if st.st_mode & flag)
    size = 0 if kind == stat.S_IFDIR else st.st_size
    n = text(len(path)) + number(mode) + number(size) + number(st.st_mtime_ns) + text(len(link))
    for name, value in xattrs:
        pair = text(len(name)) + text(len(value))
        n += 1 + varint(pair) + pair
    return 1 + varint(n) + n


def content(index, size):
    head = 2 + number(index)
    chunks = [CHUNK] * (size // CHUNK) + ([size % CHUNK] if size % CHUNK else [])
    return sum(head + 1 + varint(n) + n for n in chunks) + head


def packets(root, paths):
    """(first, unchanged) bytes of a transfer of these paths (bytes), in their order."""
    stats = contents = 0
    names = {}
    for index, path in enumerate(paths):
        full = os.path.join(root, path)
        st, link = os.lstat(full), b""
        if not stat.S_ISDIR(st.st_mode):
            link = names.setdefault(st.st_ino, path)
        later = link not in (b"", path)
        if not later:
            link = b""
        if stat.S_ISLNK(st.st_mode):
            link = os.readlink(full)
        xattrs = [(n.encode("utf-8", "surrogateescape"), os.getxattr(full, n, follow_symlinks=False))
                  for n in os.listxattr(full, follow_symlinks=False)]
        stats += stat_packet(path, st, link, xattrs)
        if not later and (stat.S_ISREG(st.st_mode) or stat.S_ISSOCK(st.st_mode)):
            contents += content(index, st.st_size)
    return stats + contents + 2, stats + 2


# ---- the classic stream (7.2 to 7.4) ------------------------------------------------------------------

def up(n):
    return (n + 511) // 512 * 512


def record(key, value):
    n = len(key) + len(value) + 3
    total = n + len(str(n))
    return n + len(str(total))


def splits(name):
    head = name[:156 if len(name) > 156 else len(name) - name.endswith(b"/")]
    at = head.rfind(b"/")
    return 1 <= at <= 155 and 1 <= len(name) - at - 1 <= 100


def header(name, st, link):
    """Of one entry, with its extended records."""
    def is_odd(text):
        return any(byte > 127 for byte in text)
    records = 0
    if is_odd(link) or len(link) > 100:
        records += record("linkpath", link)
    seconds = st.st_mtime_ns // 10**9
    if not 0 <= seconds <= 8589934591:
        records += record("mtime", str(seconds))
    if is_odd(name) or (len(name) > 100 and (records or not splits(name))):
        records += record("path", name)
    return 512 + (512 + up(records) if records else 0)


def stream(root, paths):
    """The length of the tar of these paths; sockets have no place in it."""
    total, names = 1024, {}
    for path in paths:
        st = os.lstat(os.path.join(root, path))
        link = b""
        if stat.S_ISLNK(st.st_mode):
            link = os.readlink(os.path.join(root, path))
        elif st.st_nlink > 1 and not stat.S_ISDIR(st.st_mode):
            first = names.setdefault(st.st_ino, path)
            link = first if first != path else b""
        total += header(path, st, link)
        if stat.S_ISREG(st.st_mode) and not link:
            total += up(st.st_size)
    return total


# ---- sources and links on the way to them (6.5) -----------------------------------------------------

TOKEN = re.compile(r"\\(.)|\[(\^?)((?:\\.|[^\]\\])+)\]|(\*)|(\?)|(.)", re.S)


def go_match(pattern, name):
    """filepath.Match, of a component or more; in runes, a byte that is no text being one."""
    def one(m):
        escaped, negated, items, star, mark, plain = m.groups()
        if items:
            return "(?!/)[" + negated + re.sub(r"([\[&~|])", r"\\\1", items) + "]"
        return "[^/]*" if star else "[^/]" if mark else re.escape(escaped or plain)
    return re.fullmatch(TOKEN.sub(one, os.fsdecode(pattern)), os.fsdecode(name), re.S) is not None


def link_targets(root, path):
    """Where the links lead that the last component of a path names; [] for anything else."""
    above, _, base = path.rpartition(b"/")
    names = [base]
    try:
        if re.search(rb"(?<!\\)[*?\[]", base):
            names = [n for n in sorted(os.listdir(os.path.join(root, above))) if go_match(base, n)]
        out = []
        for name in names:
            full = os.path.join(root, above, name)
            if stat.S_ISLNK(os.lstat(full).st_mode):
                out.append(os.path.normpath(os.path.join(b"/", above, os.readlink(full))).lstrip(b"/") or b".")
        return out
    except FileNotFoundError:
        return []
    except NotADirectoryError as e:
        raise Fails("not-a-dir") from e


def follow(root, path, found):
    current, rest = b"", os.path.normpath(path)
    while rest:
        first, _, rest = rest.partition(b"/")
        current = first if current in (b"", b".") else current + b"/" + first
        targets = link_targets(root, current)
        if (targets or not rest) and current in found:
            return
        if targets or not rest:
            found.add(current)
        for target in targets:
            follow(root, os.path.normpath(target + b"/" + rest) if rest else target, found)
        if targets:
            return


def includes(root, sources):
    """What is looked for; None: everything."""
    found, out = set(), []
    for source in sources:
        follow(root, source, found)
    for path in sorted(found):
        if path == b".":
            return None
        if not (out and path.startswith(out[-1] + b"/")):
            out.append(path)
    return out or None


# ---- the walks -----------------------------------------------------------------------------------------

def tree_of(root):
    """Every path below, in the builders' order; folders with a slash."""
    out = []
    for name in sorted(os.listdir(root)):
        full = os.path.join(root, name)
        if stat.S_ISDIR(os.lstat(full).st_mode):
            out.append(name + b"/")
            out += [name + b"/" + p for p in tree_of(full)]
        else:
            out.append(name)
    return out


class Model:
    """One context and its patterns."""

    def __init__(self, oracle, root, ignore_text):
        self.oracle, self.root = oracle, os.fsencode(root)
        self.tree = tree_of(self.root)
        answer = self.ask("ignorefile", {"text_b64": as_b64(ignore_text)})
        self.patterns = [os.fsdecode(base64.b64decode(p)) for p in answer.get("patterns_b64") or []] or (
            answer.get("patterns") or [])
        self.error = answer.get("error")
        self.before = self.verdict = self.verdicts("fileutils20")

    def ask(self, mode, request):
        p = subprocess.run([self.oracle, mode], input=json.dumps(request).encode() + b"\n", check=True,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return json.loads(p.stdout)

    def verdicts(self, api):
        """{path: excluded, None: an error}; None: the list is refused."""
        if not self.patterns:
            return {p: False for p in self.tree}
        answer = self.ask("match", {"api": api, "fresh": True, "patterns_b64": [as_b64(p) for p in self.patterns],
                                    "paths_b64": [as_b64(p.rstrip(b"/")) for p in self.tree]})
        if answer.get("error"):
            return None
        return {p: {"0": False, "1": True}.get(c) for p, c in zip(self.tree, answer["matched"])}

    def exceptions(self):
        return [os.fsencode(os.path.normpath(p[1:])) + b"/" for p in self.patterns if p.startswith("!")]

    def is_entered(self, folder):
        return any(x.startswith(folder) for x in self.exceptions())

    def walk(self, wanted, sends_folders):
        """The paths that are sent; wanted is includes()."""
        if self.verdict is None:
            raise Fails("the list is refused")
        out, inside, closed = [], None, None
        for path in self.tree:
            is_folder = path.endswith(b"/")
            if closed and path.startswith(closed):
                continue
            if wanted is not None and not (inside and path.startswith(inside)):
                reached = {self.reaches(w, path.rstrip(b"/")) for w in wanted}
                if not reached & {"whole", "part"}:
                    closed = path if is_folder else closed
                    continue
                if is_folder and "whole" in reached:
                    inside = path
            excluded = self.verdict[path]
            if excluded is None:
                raise Fails("a pattern does not compile")
            if excluded and is_folder and not self.is_entered(path):
                closed = path
            elif not excluded or (is_folder and sends_folders):
                out.append(path)
        return out

    @staticmethod
    def reaches(wanted, path):
        depth = path.count(b"/") + 1
        parts = wanted.split(b"/")
        if not go_match(b"/".join(parts[:depth]), path):
            return None
        return "part" if len(parts) > depth else "whole"

    def buildkit(self, sources):
        """(paths, first, unchanged); Fails. sources: relative, [] for everything."""
        if self.error:
            raise Fails(self.error)
        paths = self.walk(includes(self.root, sources) if sources else None, True)
        return (paths,) + packets(self.root, [p.rstrip(b"/") for p in paths])

    def classic(self, dockerfile):
        """The paths; Fails. Both files for the builder are kept when the pattern of one ancestor hides them."""
        if self.error:
            raise Fails(self.error)
        self.check()
        kept = [p for p in (".dockerignore", dockerfile) if p and self.verdict.get(os.fsencode(p))]
        if kept:
            self.patterns += ["!" + p for p in kept]
            self.verdict = self.verdicts("fileutils20")
        return self.walk(None, False)

    def check(self):
        """The client looks at all entries that are not below an excluded folder first."""
        if self.verdict is None:
            raise Fails("the list is refused")
        closed = None
        for path in self.tree:
            if closed and path.startswith(closed):
                continue
            if self.verdict[path] is None:
                raise Fails("a pattern does not compile")
            if self.verdict[path] and path.endswith(b"/"):
                closed = path

    def reasons(self, sources):
        """Which of the points show in this build."""
        out = set()
        wanted, sent = None, []
        try:
            wanted = includes(self.root, sources)
            sent = self.walk(wanted, True)
        except Fails as e:
            out.add(str(e))
        if self.verdicts("chain") != self.verdict:
            out.add("verdicts")
        elif any(self.verdict[p] for p in sent):
            out.add("parents")  # those that tonnage sends, too, are not told apart from those that it does not
        if any(re.search(rb"[*\[\]?^\\]", x) for x in self.exceptions()) and any(
                excluded and p.endswith(b"/") for p, excluded in (self.verdict or {}).items()):
            out.add("wildcard")
        for p in sent if wanted is not None else ():
            below = [q for q in sent if q == p or (p.endswith(b"/") and q.startswith(p))]
            if not any(self.reaches(w, q[:n].rstrip(b"/")) == "whole" for w in wanted for q in below
                       for n in range(1, len(q) + 1) if q[n - 1:n] == b"/" or n == len(q)):
                out.add("partial")
        if any(not os.getxattr(full, n, follow_symlinks=False)
               for full in (os.path.join(self.root, p.rstrip(b"/")) for p in sent)
               for n in os.listxattr(full, follow_symlinks=False)):
            out.add("xattr")
        return out


def as_b64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape")).decode()


def small(folder, names):
    """(first, unchanged) of the transfer of a Dockerfile or an ignore file: those names that are there."""
    folder = os.fsencode(folder)
    return packets(folder, sorted(n for n in map(os.fsencode, names) if os.path.lexists(os.path.join(folder, n))))

"""Random builds: a tree, ignore files, a Dockerfile; for diff_builds.py.

A build is a dict: entries (path, kind, what, mode, mtime_ns, xattrs), ignore {name: text, None: a directory
of that name}, place (of the Dockerfile), option (-f is given), text (of the Dockerfile), args [flags].
It comes from (seed, index) alone.
"""
import os
import random
import re

import contexts
import diff_walk
import diff_wire

SIZES = (0, 1, 5, 60, 127, 128, 129, 511, 513, 600)
BIG_SIZES = (16384, 32767, 32768, 32769, 100000)
MODES = (0o644, 0o600, 0o755, 0o4755, 0o2711, 0o400)
FOLDER_MODES = (0o755, 0o700, 0o1777, 0o2755)


def is_plain(path):
    return re.fullmatch(r"[\w./-]+", path, re.ASCII) is not None


def decorate(r, entries):
    """Sizes, modes, times and extended attributes for what random_tree() made."""
    out = []
    for path, kind, what in entries:
        xattrs = {}
        if kind == "file":
            what = r.choice(SIZES if r.random() < 0.95 else BIG_SIZES)
        if kind in ("file", "dir") and r.random() < 0.06:
            xattrs = {"user." + r.choice(("a", "note", "k" * 120)): b"v" * r.choice((0, 1, 128))}
        mode = r.choice(FOLDER_MODES if kind == "dir" else MODES)
        out.append((path, kind, what, mode, r.choice(diff_wire.TIMES), xattrs))
    return out


def as_utf8(path):
    """A daemon of 23 and newer takes no other names."""
    return "".join("\xff" if 0xDC80 <= ord(c) <= 0xDCFF else c for c in path)


def utf8_tree(entries):
    out, seen = [], set()
    for path, kind, what in entries:
        path = as_utf8(path)
        if path not in seen:
            out.append((path, kind, as_utf8(what) if isinstance(what, str) else what))
        seen.add(path)
    return out


def text_of(text):
    """Patterns reach the client in a header: printable, UTF-8."""
    return "".join(c for c in text if c == "\n" or (c.isprintable() and not 0xD800 <= ord(c) < 0xE000))


def random_ignore(r, paths):
    return text_of(diff_walk.random_ignore_file(r, paths))


def random_source(r, paths):
    """A source as it is written."""
    path = r.choice(paths)
    if r.random() < 0.4:
        path = path.split("/")[0]
    dice = r.random()
    if dice < 0.25:
        parts = path.split("/")
        parts[r.randrange(len(parts))] = r.choice(("*", "?", "a*", "[a-c]", "*" + parts[-1][-1:], "*.log"))
        path = "/".join(parts)
    elif dice < 0.32:
        path = path.split("/")[0] + "/" + r.choice(("..", "../a", ".", "b/../c"))
    return r.choice(("", "", "", "./", "/")) + path


def random_instruction(r, paths, stage):
    """One instruction that asks for something; a few lines, sometimes."""
    source = random_source(r, paths)
    dice = r.random()
    if dice < 0.09:
        return ["COPY . /all/"]
    if dice < 0.12:
        return ["ARG V%d=%s" % (stage, source), r.choice(("COPY ${V%d} /x/", "COPY $V%d /x/")) % stage]
    if dice < 0.17:
        return ["ENV W=%s" % source, "COPY ${W:-gone} /x/"]
    if dice < 0.25:
        return ["COPY [\"%s\", \"%s\", \"/x/\"]" % (source, random_source(r, paths))]
    if dice < 0.33:
        return ["copy --chown=1:2 \\", "  # a comment inside", "  %s \\" % source, "  %s /x/" % random_source(r, paths)]
    if dice < 0.45:
        return ["RUN --mount=type=bind,source=%s,target=/m true" % source]
    return [r.choice(("COPY %s /x/", "ADD %s /x/")) % source]


def random_dockerfile(r, paths):
    """Some stages that ask for this and that. Nothing can be built before its context has come."""
    lines, nstages = [], r.choice((1, 1, 1, 2, 2, 3))
    for stage in range(nstages):
        base = "s%d" % r.randrange(stage) if stage and r.random() < 0.3 else "scratch"
        lines.append("FROM %s AS s%d" % (base, stage))
        if r.random() < 0.1:
            lines.append("ONBUILD COPY %s /o/" % random_source(r, paths))
        for _ in range(r.choice((0, 1, 1, 2, 3))):
            lines += random_instruction(r, paths, stage)
        if stage and r.random() < 0.4:
            lines.append("COPY --from=s%d / /y/" % r.randrange(stage))
    return "\n".join(lines) + "\n", nstages


def random_build(r, is_new):
    case = diff_walk.random_case(r)
    entries = decorate(r, utf8_tree(case["entries"]) if is_new else case["entries"])
    paths = [e[0] for e in entries if is_plain(e[0])] * 4 + ["a", "a/b", "gone"]
    build = {"entries": entries, "place": case["dockerfile"], "option": case["option"], "args": [],
             "ignore": {k: v and text_of(v) for k, v in case["ignore"].items()}}
    if r.random() < 0.15:
        build.update(place="../" + r.choice(("Elsewhere", "df/x.Dockerfile")), option=True)
        build["ignore"] = {k: v for k, v in build["ignore"].items() if k == ".dockerignore"}
        if r.random() < 0.4:
            build["ignore"][build["place"] + ".dockerignore"] = random_ignore(r, paths)
    build["text"], nstages = random_dockerfile(r, paths)
    if r.random() < 0.2:
        build["args"] += ["--target", "S%d" % r.randrange(nstages)]
    if "ARG V0" in build["text"] and r.random() < 0.5:
        build["args"] += ["--build-arg", "V0=" + random_source(r, paths)]
    return build


def make(seed, index):
    """For a daemon of 23 and newer, which takes no names that are not UTF-8."""
    return random_build(random.Random("build %d %d" % (seed, index)), True)


def make_odd(seed, index):
    return random_build(random.Random("build %d %d" % (seed, index)), False)


# ---- named contexts

NAMED = ("lib", "other")


def open_source(r, paths):
    """One that fails no build: what a wildcard does not hit is not copied, and this one hits no two things."""
    path = r.choice(paths)
    if r.random() < 0.1:
        return "."
    if r.random() < 0.4:
        path = path.split("/")[0]
    return "/".join("[%s]%s" % (part[0], part[1:]) for part in path.split("/"))


def random_named_dockerfile(r, paths, named_paths):
    """Each thing goes to a folder of its own, so that nothing fails for what is there."""
    lines, nstages = [], r.choice((1, 2, 2, 3))
    for stage in range(nstages):
        base = r.choice(NAMED) if stage + 1 < nstages and r.random() < 0.4 else "scratch"
        lines.append("FROM %s AS s%d" % (base, stage))
        for _ in range(r.choice((1, 2, 3))):
            name = r.choice(NAMED + (None,))
            kind = r.choice(("COPY", "COPY", "copy --chown=1:2"))
            if name:
                lines.append("%s --from=%s %s /x%d/" % (kind, name, open_source(r, named_paths[name]), len(lines)))
            else:
                lines.append("%s %s /x%d/" % (kind, open_source(r, paths), len(lines)))
        if stage:
            above = r.randrange(stage)
            is_named = any(line.startswith(("FROM lib AS s%d" % above, "FROM other AS s%d" % above)) for line in lines)
            source = open_source(r, named_paths["lib"]) if is_named else "/"
            lines.append("COPY --from=s%d %s /y%d/" % (above, source, len(lines)))
    return "\n".join(lines) + "\n"


def without_links(entries):
    """A COPY fails over one that leads nowhere."""
    left = {e[0] for e in entries if e[1] != "symlink"}
    return [e for e in entries if e[0] in left and (e[1] != "hardlink" or e[2] in left)]


def make_named(seed, index):
    """A build with two named contexts, for a daemon of 23 and newer."""
    r = random.Random("named %d %d" % (seed, index))
    build = random_build(r, True)
    build.update(place="Dockerfile", option=False, args=[], named={},
                 ignore={k: v for k, v in build["ignore"].items() if k == ".dockerignore"})
    paths = {}
    for name in NAMED:
        entries = without_links(decorate(r, utf8_tree(diff_walk.random_tree(r))))
        paths[name] = [e[0] for e in entries if is_plain(e[0])] * 4 + ["a", "b/c"]
        build["named"][name] = (entries, random_ignore(r, paths[name]) if r.random() < 0.7 else None)
    build["entries"] = without_links(build["entries"])
    own = [e[0] for e in build["entries"] if is_plain(e[0])] * 4 + ["a"]
    build["text"] = random_named_dockerfile(r, own, paths)
    return build


# ---- on disk -------------------------------------------------------------------------------------------

def plant_entries(root, entries, more):
    top = os.fsencode(root)
    contexts.plant(root, [(e[0], e[1], b"x" * e[2] if e[1] == "file" else e[2]) for e in entries] + more)
    for path, kind, _, mode, mtime, xattrs in reversed(entries):
        full = os.path.join(top, os.fsencode(path))
        for name, value in xattrs.items():
            os.setxattr(full, name, value, follow_symlinks=False)
        if kind not in ("symlink", "hardlink"):
            os.chmod(full, mode)
        os.utime(full, ns=(mtime, mtime), follow_symlinks=False)


class Planted:
    """A build on disk, its context in above/name/name: BuildKit's daemon keeps one copy for each name."""

    def __init__(self, above, name, build):
        self.above, self.name, self.build = above, name, build
        root = os.path.join(above, name, name)
        os.makedirs(root)
        more = [(build["place"], "file", build["text"])]
        more += [(k, "file" if v is not None else "dir", v) for k, v in build["ignore"].items()]
        plant_entries(root, build["entries"], more)
        self.root = "%s/%s" % (name, name)
        # relative to `above`, for the builder and for tonnage
        self.options = ["-f", os.path.normpath(os.path.join(self.root, build["place"]))] if build["option"] else []
        self.options += build["args"]
        for context, (entries, ignore) in build.get("named", {}).items():
            path = os.path.join(above, name, context)
            os.makedirs(path)
            plant_entries(path, entries, [(".dockerignore", "file", ignore)] if ignore is not None else [])
            self.options += ["--build-context", "%s=%s/%s" % (context, name, context)]


def smaller(build):
    """Each way to leave out an entry with what is below it, a line of an ignore file or of the Dockerfile."""
    for path, *_ in build["entries"]:
        rest = [e for e in build["entries"] if e[0] != path and not e[0].startswith(path + "/")]
        left = {e[0] for e in rest}
        yield dict(build, entries=[e for e in rest if e[1] != "hardlink" or e[2] in left])
    for name, (entries, ignore) in build.get("named", {}).items():
        yield dict(build, named=dict(build["named"], **{name: (entries, None)}))
        yield dict(build, named=dict(build["named"], **{name: (entries[:len(entries) // 2], ignore)}))
    for name, text in build["ignore"].items():
        lines = (text or "").split("\n")
        for i in range(len(lines) if len(lines) > 1 else 0):
            yield dict(build, ignore=dict(build["ignore"], **{name: "\n".join(lines[:i] + lines[i + 1:])}))
    lines = build["text"].splitlines(True)
    for i, line in enumerate(lines):
        if not line.upper().startswith(("FROM", "ARG", "  ")) and "\\" not in line:
            yield dict(build, text="".join(lines[:i] + lines[i + 1:]))


def describe(build):
    out = ["%-8s %r" % (e[1], (e[0],) + tuple(e[2:])) for e in build["entries"]]
    out.append("Dockerfile %r%s, flags %r" % (build["place"], " (-f)" if build["option"] else "", build["args"]))
    out += ["  | " + line for line in build["text"].splitlines()]
    out += ["%r: %r" % (k, v if v is not None else "(a directory)") for k, v in build["ignore"].items()]
    for name, (entries, ignore) in build.get("named", {}).items():
        out.append("context %s: .dockerignore %r, %r" % (name, ignore, entries))
    return out

"""What an ignore file lets through and what a Dockerfile asks for, said anew in a few lines.

Nothing of the program is used here. It goes by the rules that the spec gives for BuildKit: patterns in order,
the last one that matches the path or a directory above it decides, on the way down. Only what made.py makes is
understood: no links, no class of the regexp language, no error.
"""
import os
import re


def clean(line):
    """A line of the file as a pattern and whether it is an exception; None: no pattern."""
    if line.startswith("#") or not line.strip():
        return None
    line = line.strip()
    exception = line.startswith("!")
    line = line[exception:].strip()
    path = os.path.normpath(line) if line else line
    path = path.lstrip("/") if len(path) > 1 else path
    return (path, exception) if path and path != "." else None


def regexp(pattern):
    out, i = "", 0
    while i < len(pattern):
        c = pattern[i]
        if pattern.startswith("**", i):
            i += 2
            if pattern.startswith("/", i):
                i += 1
            out += ".*" if i >= len(pattern) else "(.*/)?"
            continue
        if c == "*":
            out += "[^/]*"
        elif c == "?":
            out += "[^/]"
        elif c == "\\":
            i += 1
            out += re.escape(pattern[i])
        elif c == "[":
            end = pattern.index("]", i)
            out += pattern[i:end + 1]
            i = end
        else:
            out += re.escape(c)
        i += 1
    return re.compile(out + r"\Z", re.S)


def patterns_of(text):
    lines = text.removeprefix("\ufeff").split("\n")
    cleaned = [clean(x) for x in lines]
    return [(regexp(p), exception) for p, exception in filter(None, cleaned)]


def is_excluded(patterns, path):
    """Each directory above first, as the walk does: what matched there counts below, too."""
    parts, counted, excluded = path.split("/"), [False] * len(patterns), False
    for n in range(1, len(parts) + 1):
        here = "/".join(parts[:n])
        above, excluded = counted, False
        counted = [False] * len(patterns)
        for i, (pattern, exception) in enumerate(patterns):
            # a pattern that cannot change the verdict is not asked, unless it counted above
            counted[i] = above[i] or (excluded == exception and bool(pattern.match(here)))
            if counted[i]:
                excluded = not exception
    return excluded


def eligible(text, files):
    patterns = patterns_of(text)
    return {f for f in files if not is_excluded(patterns, f)}


def source_matches(source, path):
    """Whether a source asks for a file: it, a directory above it, or one that its wildcard matches."""
    if source == ".":
        return True
    pattern = re.compile("/".join("".join("[^/]*" if c == "*" else re.escape(c) for c in part)
                                  for part in source.split("/")) + "(/.*)?\\Z", re.S)
    return bool(pattern.match(path))


def names(source, path):
    """... and whether it is this very file that is named, not a directory around it."""
    return source != "." and source.count("/") == path.count("/") and source_matches(source, path)


def requested(sources, files):
    return {f for f in files if any(source_matches(s, f) for s in sources)}


def hand_written(text):
    """The text without the managed block."""
    return re.sub(r"(?m)(?:^|(?<=\A\ufeff))# >>> tonnage[^\n]*\n(.*\n)*?# <<< tonnage[^\n]*\n?", "", text)


def ignored_by_git(text, path):
    for line in text.split("\n"):
        name, parts = line.strip("/"), path.split("/")
        if line.startswith("*"):
            if parts[-1].endswith(line[1:]) or any(p.endswith(line[1:]) for p in parts[:-1]):
                return True
        elif line and name in (parts[:1] if line.startswith("/") else parts[:-1] if line.endswith("/") else parts):
            return True
    return False

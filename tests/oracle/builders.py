"""Real builders, for diff_builds.py: what each takes of a planted build, as its own programs say."""
import json
import os
import re
import subprocess
import sys

import contexts
import diff_docker
import diff_wire
import tap

TRANSFER = re.compile(r"^#(\d+) transferring ([\w-]+): ([0-9.]+ ?[kMGT]?B)\b")
STEP = re.compile(r"^#(\d+) (\[.*)$")
ENDED = re.compile(r"^#(\d+) (DONE|ERROR|CANCELED)")


class Step:
    """One step that moves something, and the figure that it ends with: bytes (28) or as printed (20)."""

    def __init__(self, name):
        self.name, self.moved, self.is_done = name, None, False


class Report:
    """What a BuildKit build said and moved; a transfer is None when it did not come, or not to its end."""

    def __init__(self, code, errors, steps, transfers):
        self.exit, self.errors = code, errors
        self.steps, self.transfers = [s for s in steps if s.is_done and s.moved is not None], transfers
        self.dockerfile = self.take("dockerfile", "[internal] load build definition")
        # both are transfers of the context; what is to be ignored is asked for before the rest of it
        self.ignore_file = self.take("context", "[internal] load .dockerignore")
        self.context = self.take("context", "[internal] load build context")

    def take(self, name, step):
        """The first transfer of that name; only if such a step has moved something, and as much as was seen."""
        moved = [s.moved for s in self.steps if s.name.startswith(step)]
        if not moved:
            return None
        found = next((t for t in self.transfers if t.name == name and t.is_whole), None)
        if found is None or moved[-1] not in (found.nbytes, diff_wire.printed(found.nbytes)):
            sys.exit("%s: the daemon counts %r, seen are %r" % (step, moved, found and found.nbytes))
        self.transfers.remove(found)
        return found


def read_raw(text):
    """Steps of --progress=rawjson, whose bytes are exact."""
    steps, errors = {}, []
    for line in text.splitlines():
        if not line.startswith("{"):
            if line.strip():
                errors.append(line.strip())
            continue
        event = json.loads(line)
        for v in event.get("vertexes") or []:
            t = steps.setdefault(v["digest"], Step(v["name"]))
            t.is_done = bool(v.get("completed")) and not v.get("error")
        for s in event.get("statuses") or []:
            if s["id"].startswith("transferring "):
                steps[s["vertex"]].moved = s["current"]
    return list(steps.values()), errors


def read_plain(text):
    steps = {}
    for line in text.splitlines():
        m = STEP.match(line)
        if m:
            steps.setdefault(m.group(1), Step(m.group(2)))
        m = TRANSFER.match(line)
        if m and m.group(1) in steps:
            steps[m.group(1)].moved = m.group(3).replace(" ", "")
        m = ENDED.match(line)
        if m and m.group(1) in steps:
            steps[m.group(1)].is_done = m.group(2) == "DONE"
    return list(steps.values()), [x for x in text.splitlines() if re.search("error|failed", x, re.I)]


class Dockerd:
    """A real dockerd and the client of its release, until stop()."""

    def __init__(self, work, engine, listen=tap.Tap):
        """listen: what is between the client and the daemon, from (its path, the daemon's)."""
        diff_docker.check_mounts()
        self.oracle = diff_docker.load_oracle(work)
        if engine == "buildkit28":
            diff_docker.ready("root")
        if not self.oracle.available(engine):
            contexts.skip("%s: its dockerd is not here" % engine)
        self.engine, self.entry = engine, self.oracle.ENGINES[engine]
        self.is_new = self.entry[1] is not None
        self.dir = self.oracle.daemon_dir(engine)
        self.listen, self.tap = listen, None
        self.start()
        tap_socket = os.path.join(self.dir, "tap.sock")
        self.env = {"DOCKER_HOST": "unix://" + tap_socket, "DOCKER_BUILDKIT": "1",
                    "DOCKER_CONFIG": os.path.join(self.dir, "config")}

    def start(self):
        try:
            self.oracle.up(self.engine)
        except SystemExit as e:
            why = self.log().strip().splitlines()[-1:]
            self.oracle.down(self.engine)
            contexts.skip("%s: dockerd does not start here: %s %s" % (self.engine, e, " ".join(why)))
        try:
            self.tap = self.listen(os.path.join(self.dir, "tap.sock"), self.oracle.socket_of(self.engine))
        except BaseException:  # a skip or a fault of ours: no daemon is left behind
            self.oracle.down(self.engine)
            raise

    def log(self):
        try:
            with open(os.path.join(self.dir, "log"), encoding="utf-8", errors="replace") as f:
                return f.read()
        except OSError:
            return ""

    def has_died(self):
        """Over a pattern that does not compile, when it is used again (patternmatcher before 0.6.1)."""
        if self.oracle.pid_alive(self.engine):
            return False
        if not re.search(r"^panic: [^\0]*patternmatcher\.\(\*Pattern\)\.match", self.log(), re.M):
            sys.exit("%s: dockerd ended:\n%s" % (self.engine, self.log()[-3000:]))
        self.close_tap()
        self.start()
        return True

    def close_tap(self):
        taken, self.tap = self.tap, None
        if taken:
            taken.stop()

    def stop(self):
        self.close_tap()
        self.oracle.down(self.engine)

    def build(self, planted):
        argv = [self.entry[2]] + (["buildx"] if self.is_new else []) + ["build", "--no-cache"]
        argv += ["--progress=rawjson", "--output=type=cacheonly"] if self.is_new else [
            "--progress=plain", "--output=type=tar,dest=/dev/null"]
        p = self.oracle.run(self.entry[1], argv + planted.options + [planted.root], planted.above, self.env)
        transfers = self.tap.take()
        if p.returncode and self.has_died():
            return Report(p.returncode, ["dockerd panics over a pattern"], [], [])
        text = p.stderr.decode("utf-8", "replace")
        steps, errors = read_raw(text) if self.is_new else read_plain(text)
        return Report(p.returncode, errors, steps, transfers)


class Posted:
    """What the classic client posts; `entries` None: it refuses. `sending` is the figure that it prints."""

    def __init__(self, p, build, mock):
        self.said = p.stderr.decode("utf-8", "replace").strip()[-300:]
        self.entries, self.nbytes, self.sending = None, None, None
        if p.returncode == 0 and build and "entries" in build:
            self.entries = [e["path"] + ("/" if e["type"] == "dir" else "") for e in build["entries"]]
            self.nbytes = build["stream_bytes"]
            self.sending = mock.sending_line(p.stdout.decode("utf-8", "replace"))


class Client:
    """A docker client that builds without BuildKit, and a stand-in for its daemon, until stop()."""

    def __init__(self, work, engines, releases):
        """engines: of context-oracle.py; the first whose release (23 or so) is among those wanted."""
        self.oracle = diff_docker.load_oracle(work)
        if not self.choose(engines, releases) and "classic28" in engines:
            diff_docker.ready("root")
        if not self.choose(engines, releases):
            contexts.skip("no docker client of %d to %d here" % (releases[0], releases[-1]))
        self.dir = os.path.join(self.oracle.STATE, "classic")
        os.makedirs(self.dir)
        path = os.path.join(self.dir, "s")
        self.server = self.oracle.mock.start(path, None, "1.43" if self.release() > 20 else "1.41", False)
        self.env = {"DOCKER_HOST": "unix://" + path, "DOCKER_BUILDKIT": "0", "DOCKER_CLI_HINTS": "false",
                    "DOCKER_CONFIG": os.path.join(self.dir, "config")}

    def choose(self, engines, releases):
        for engine in engines:
            self.entry = self.oracle.ENGINES[engine]
            if self.oracle.available(engine) and self.release() in releases:
                return True
        return False

    def release(self):
        p = self.oracle.run(self.entry[1], [self.entry[2], "--version"])
        m = re.search(rb"version (\d+)\.", p.stdout)
        return int(m.group(1)) if m else 0

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def post(self, planted):
        self.server.builds.clear()
        argv = [self.entry[2], "build", *planted.options, planted.root]
        p = self.oracle.run(self.entry[1], argv, planted.above, self.env)
        return Posted(p, self.server.builds[-1] if self.server.builds else None, self.oracle.mock)

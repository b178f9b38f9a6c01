"""Real builders, for diff_builds.py: what each takes of a planted build, as its own programs say."""
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time

import contexts
import diff_docker

TRANSFER = re.compile(r"^#(\d+) transferring ([\w-]+): ([0-9.]+ ?[kMGT]?B)\b")
STEP = re.compile(r"^#(\d+) (\[.*)$")
ENDED = re.compile(r"^#(\d+) (DONE|ERROR|CANCELED)")


class Transfer:
    """One step that moves something: of the Dockerfile, of an ignore file, or of a context."""

    def __init__(self, step, name):
        self.step, self.name, self.moved, self.is_done = step, name, None, False


class Report:
    """What a BuildKit build said; `moved` are bytes (28) or the figures as printed (20)."""

    def __init__(self, code, errors, transfers, received):
        self.exit, self.errors, self.received = code, errors, received
        self.dockerfile = self.one(transfers, "[internal] load build definition")
        self.ignore_file = self.one(transfers, "[internal] load .dockerignore")
        self.context = self.one(transfers, "[internal] load build context")

    @staticmethod
    def one(transfers, step):
        found = [t for t in transfers if t.step.startswith(step) and t.is_done]
        return found[-1].moved if found else None


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
            t = steps.setdefault(v["digest"], Transfer(v["name"], None))
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
            steps.setdefault(m.group(1), Transfer(m.group(2), None))
        m = TRANSFER.match(line)
        if m and m.group(1) in steps:
            steps[m.group(1)].moved = m.group(3).replace(" ", "")
        m = ENDED.match(line)
        if m and m.group(1) in steps:
            steps[m.group(1)].is_done = m.group(2) == "DONE"
    return list(steps.values()), [x for x in text.splitlines() if re.search("error|failed", x, re.I)]


class UnixHTTP(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("docker")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Dockerd:
    """A real dockerd and the client of its release, until stop()."""

    def __init__(self, work, engine):
        self.oracle = diff_docker.load_oracle(work)
        if not self.oracle.available(engine):
            contexts.skip("%s: its dockerd is not here" % engine)
        self.engine, self.entry = engine, self.oracle.ENGINES[engine]
        self.is_new = self.entry[1] is not None
        self.dir = self.oracle.daemon_dir(engine)
        self.vfs = os.path.join(self.dir, "root/vfs/dir")
        self.start()
        self.env = {"DOCKER_HOST": "unix://" + self.oracle.socket_of(engine), "DOCKER_BUILDKIT": "1",
                    "DOCKER_CONFIG": os.path.join(self.dir, "config")}

    def start(self):
        self.known = set()
        try:
            self.oracle.up(self.engine)
        except SystemExit as e:
            why = self.log().strip().splitlines()[-1:]
            self.stop()
            contexts.skip("%s: dockerd does not start here: %s %s" % (self.engine, e, " ".join(why)))

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
        self.start()
        return True

    def stop(self):
        self.oracle.down(self.engine)

    def records(self):
        c = UnixHTTP(self.oracle.socket_of(self.engine))
        c.request("GET", "/v1.41/system/df")
        records = json.loads(c.getresponse().read()).get("BuildCache") or []
        c.close()
        return records

    def copies(self):
        """(when, id) of what came of contexts since this was last asked."""
        # times without the zeros at their end: 1.5Z is before 1.52Z
        return [(r["CreatedAt"].rstrip("Z"), r["ID"]) for r in self.records()
                if r["Description"] == "local source for context" and r["ID"] not in self.known]

    def received(self, ncopies):
        """What came of the context: the last of so many copies; after a failure they show up a little later."""
        for _ in range(100):
            copies = self.copies()
            if len(copies) >= ncopies:
                break
            time.sleep(0.05)
        self.known.update(c[1] for c in copies)
        if len(copies) < ncopies:
            sys.exit("%s: %d copies of contexts, expected %d" % (self.engine, len(copies), ncopies))
        return self.oracle.list_tree(os.path.join(self.vfs, max(copies)[1])) if copies else []

    def build(self, planted, is_first=True):
        argv = [self.entry[2]] + (["buildx"] if self.is_new else []) + ["build", "--no-cache"]
        argv += ["--progress=rawjson", "--output=type=cacheonly"] if self.is_new else [
            "--progress=plain", "--output=type=tar,dest=/dev/null"]
        p = self.oracle.run(self.entry[1], argv + planted.options + [planted.root], planted.above, self.env)
        if p.returncode and self.has_died():
            return Report(p.returncode, ["dockerd panics over a pattern"], [], None)
        text = p.stderr.decode("utf-8", "replace")
        transfers, errors = read_raw(text) if self.is_new else read_plain(text)
        report = Report(p.returncode, errors, transfers, None)
        if is_first:
            ncopies = sum(x is not None for x in (report.context, report.ignore_file))
            received = self.received(ncopies)
            # a RUN that had the copy mounted and failed may leave its folder under a name that nobody tells
            if report.context is not None and "RUN" not in planted.build["text"]:
                report.received = received
        return report


def match_oracle():
    """The path of match-oracle, built if need be."""
    here = os.path.dirname(os.path.abspath(__file__))
    p = subprocess.run([os.path.join(here, "build_oracles.sh"), "match"], stdout=subprocess.PIPE, check=False)
    if p.returncode:
        sys.exit(p.returncode)
    return p.stdout.decode().strip()

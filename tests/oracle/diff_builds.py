#!/usr/bin/env python3
"""Random builds: what tonnage predicts against what real builders take, entries and bytes.

  diff_builds.py --builder BUILDER [--seed N] [--cases N] [--case I] [--keep DIR] [-v]

Each case is a real build of a real client and dockerd. The requested lens must be what the daemon received,
entry by entry; the bytes of `scan --wire` and `ls --totals` those that it counts, of the context, the
Dockerfile and the ignore file; every fifth is built again, unchanged. 20.10 must be what twenty.py says, and
what tonnage says where nothing in the build tells the two apart. A case comes from (seed, index) alone; what
differs is made small before it is shown. Needs root. $TONNAGE names the program.
"""
import argparse
import json
import os
import stat
import subprocess
import sys

sys.dont_write_bytecode = True
import builders  # noqa: E402  (after the line above: no cache in the source tree)
import builds  # noqa: E402
import contexts  # noqa: E402
import diff_docker  # noqa: E402
import diff_wire  # noqa: E402
import twenty  # noqa: E402


class Prediction:
    """What tonnage says of a planted build."""

    def __init__(self, a, planted, engine, *more, lens="requested"):
        args = ["--engine", engine, *planted.options, *more]
        self.listing = contexts.Listing(a.tonnage, planted.root, "--lens", lens, *args, cwd=planted.above)
        self.refused, self.broken = self.listing.refused, self.listing.broken
        p = subprocess.run([a.tonnage, "scan", "--wire", "--format", "json", *args, planted.root],
                           cwd=planted.above, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, check=False)
        self.scan = json.loads(p.stdout) if p.stdout else {"wire": None}
        self.wire = self.scan["wire"]
        p = subprocess.run([a.tonnage, "ls", "--lens", lens, "--totals", *args, planted.root],
                           cwd=planted.above, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, check=False)
        self.totals = dict(x.split("=") for x in p.stdout.decode().split())


class BuildKit:
    ENGINE, MAKE = "buildkit28", staticmethod(builds.make)

    def __init__(self, a, work):
        self.a, self.builder = a, builders.Dockerd(work, self.ENGINE)
        self.stats = {"refused": 0, "no context": 0, "entries": 0, "bytes": 0, "again": 0}

    def stop(self):
        self.builder.stop()

    def compare(self, planted, again):
        """What differs, or None."""
        report, got = self.builder.build(planted), Prediction(self.a, planted, "buildkit")
        if got.broken:
            return "tonnage: exit status %d: %s" % (got.listing.exit, got.listing.stderr)
        if got.refused or (report.context is None and report.exit):
            self.stats["refused"] += 1
            if got.refused and report.context is None and (report.exit or self.asks_for_nothing(planted)):
                return None
            return "dockerd: %s; tonnage: %s" % (
                " ".join(report.errors[-1:]) if report.exit else "builds",
                got.listing.stderr or "does not refuse")
        how = self.differs(report, got, "first")
        if how is None and again:
            self.stats["again"] += 1
            how = self.differs(self.builder.build(planted), got, "unchanged")
            how = how and "unchanged: " + how
        return how

    def asks_for_nothing(self, planted):
        """Then nothing is matched, and dockerd does not come to know that a pattern does not compile."""
        p = subprocess.run([self.a.tonnage, "scan", "--wire", "--format", "json", "--ignorefile", os.devnull,
                            *planted.options, planted.root], cwd=planted.above, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        return not json.loads(p.stdout)["wire"]["transfer"]

    def differs(self, report, got, key):
        return self.figures(report, got, key) or self.entries(report.context, got)

    @staticmethod
    def figures(report, got, key):
        wire = got.wire
        for what, want, have in (("context", report.context, wire[key] if wire["transfer"] else None),
                                 ("Dockerfile", report.dockerfile, wire["dockerfile"]),
                                 ("ignore file", report.ignore_file, wire["ignore_file"])):
            want = want and want.nbytes
            if want != have:
                return "%s: dockerd counts %r, tonnage %r" % (what, want, have)
        if got.totals["wire_" + key] != str(wire[key]):
            return "scan says %r, ls --totals %r" % (wire[key], got.totals)
        return None

    def entries(self, transfer, got):
        if transfer is None:
            self.stats["no context"] += 1
            return None if not got.listing.entries else "no transfer, tonnage lists %r" % got.listing.entries[:6]
        self.stats["entries"] += len(transfer.entries)
        self.stats["bytes"] += transfer.nbytes
        how = contexts.first_difference(transfer.entries, got.listing.entries)
        if not how and int(got.totals["entries"]) != len(transfer.entries):
            how = "%d entries, ls --totals %r" % (len(transfer.entries), got.totals)
        return how


class Named(BuildKit):
    """Named contexts: each transfer of theirs, whatever order they come in."""

    MAKE = staticmethod(builds.make_named)

    def __init__(self, a, work):
        super().__init__(a, work)
        self.stats.update({"transfers": 0, "unchanged by chance": 0})

    def compare(self, planted, again):
        report, got = self.builder.build(planted), Prediction(self.a, planted, "buildkit")
        if got.broken:
            return "tonnage: exit status %d: %s" % (got.listing.exit, got.listing.stderr)
        if report.exit or got.refused:
            # the list of a named context is refused by a finding
            refused = got.refused or any(f["name"] == "named-context" for f in got.scan["findings"])
            self.stats["refused"] += 1
            if refused and (report.exit or self.asks_for_nothing(planted)):
                return None
            return "dockerd: %s; tonnage: %s" % (
                " ".join(report.errors[-1:]) if report.exit else "builds", got.listing.stderr or "does not refuse")
        how = self.differs(report, got, "first") or self.transfers(report, got, "first", "first")
        if how is None:
            self.stats["again"] += 1
            report = self.builder.build(planted)
            how = self.differs(report, got, "unchanged") or self.transfers(report, got, "unchanged", "unchanged_most")
            how = how and "unchanged: " + how
        return how

    def transfers(self, report, got, least, most):
        for name in builds.NAMED:
            came = [t for t in report.transfers if t.name == name]
            said = [w for w in got.wire["named_contexts"] if w["name"] == name]
            ignore_files = [w["ignore_file"] for w in said if w["ignore_file"] is not None]
            if [t.nbytes for t in came[:len(ignore_files)]] != ignore_files:
                return "%s: .dockerignore: %r, tonnage says %r" % (name, [t.nbytes for t in came], ignore_files)
            how = self.pair(name, came[len(ignore_files):], [w for w in said if w["transfer"]], least, most)
            if how:
                return how
        return None

    def pair(self, name, came, said, least, most):
        """Each with one that has as many packets, and the bytes or a range that they are in."""
        self.stats["transfers"] += len(came)
        self.stats["unchanged by chance"] += sum(w[least] != w[most] for w in said)
        return None if pairs_up(came, said, least, most) else "%s: dockerd gets %r, tonnage says %r" % (
            name, [(t.entries, t.nbytes) for t in came], said)


def pairs_up(came, said, least, most):
    if not came or not said:
        return not came and not said
    return any(len(came[0].entries) == w["packets"] and w[least] <= came[0].nbytes <= w[most] and
               pairs_up(came[1:], said[:i] + said[i + 1:], least, most) for i, w in enumerate(said))


def sources_of(scan):
    """What the build asks of its context, relative; [] for everything, None for nothing."""
    paths = {s["path"].lstrip("/") or "." for s in scan["sources"] if s["context"] is None and s["kind"] != "remote"}
    return None if not paths else [] if "." in paths else sorted(map(os.fsencode, paths))


class BuildKit20(BuildKit):
    """20.10: always what the model says; and what tonnage says, where nothing in the build tells them apart."""

    ENGINE, MAKE = "buildkit20", staticmethod(builds.make_odd)

    def __init__(self, a, work):
        super().__init__(a, work)
        self.matcher = diff_docker.ready("match")
        self.stats.update({"as tonnage": 0})

    def compare(self, planted, again):
        report, got = self.builder.build(planted), Prediction(self.a, planted, "buildkit")
        if got.broken:
            return "tonnage: exit status %d: %s" % (got.listing.exit, got.listing.stderr)
        model, sources = self.model(planted, got)
        how = self.against_model(planted, report, model, sources)
        if how is None and again:
            self.stats["again"] += 1
            how = self.against_model(planted, self.builder.build(planted), model, sources, 1)
        if how:
            return "20.10 and its model: " + how
        reasons = model.reasons(sources or [])
        if self.place(planted) != planted.build["place"]:
            reasons.add("lower-case")
        for reason in reasons:
            self.stats[reason] = self.stats.get(reason, 0) + 1
        if reasons or (got.refused and sources is None):
            return None
        self.stats["as tonnage"] += 1
        if got.refused or (report.exit and report.context is None):
            return None if got.refused else "20.10 refuses (%s), tonnage does not" % " ".join(report.errors[-1:])
        # its ignore file is fetched whatever comes with the Dockerfile
        if got.wire["ignore_file"] is None:
            report.ignore_file = None
        return self.differs(report, got, "first")

    def model(self, planted, got):
        ignore = planted.build["ignore"]
        own = ignore.get(self.place(planted) + ".dockerignore")
        text = own if own is not None else ignore.get(".dockerignore") or ""
        scan = got.scan if not got.refused else Prediction(
            self.a, planted, "buildkit", "--ignorefile", os.devnull).scan
        return twenty.Model(self.matcher, os.path.join(planted.above, planted.root), text), sources_of(scan)

    @staticmethod
    def place(planted):
        """A "dockerfile" that no -f names is one that the daemon finds: all else goes by its usual name."""
        build = planted.build
        return "Dockerfile" if build["place"] == "dockerfile" and not build["option"] else build["place"]

    def against_model(self, planted, report, model, sources, nth=0):
        """nth: 0 for a first build, 1 for an unchanged one."""
        where = os.path.normpath(os.path.join(planted.above, planted.root, self.place(planted)))
        base = os.path.basename(where)
        names = [base, base + ".dockerignore"] + (["dockerfile"] if base == "Dockerfile" else [])
        want = [twenty.small(os.path.dirname(where), names)[nth],
                twenty.small(os.path.join(planted.above, planted.root), [".dockerignore"])[nth]]
        paths = None
        try:
            if sources is not None:
                paths, *figures = model.buildkit(sources)
                want.append(figures[nth])
        except twenty.Fails as e:
            self.stats["refused"] += 1
            return None if report.exit and report.context is None else "builds, though %s" % e
        have = [report.dockerfile, report.ignore_file] + ([report.context] if sources is not None else [])
        have = [x and x.nbytes for x in have]
        if sources is None and report.context is not None:
            return "a context comes that nothing asks for"
        if want != have:
            return "counts %r, expected %r %s" % (have, want, " ".join(report.errors[-1:]))
        if paths is None:
            return None
        self.stats["entries"] += len(paths)
        self.stats["bytes"] += report.context.nbytes
        return contexts.first_difference(list(map(os.fsdecode, paths)), report.context.entries)


class Classic:
    """The client of 23 and newer: what it posts, and the figure that it prints."""

    ENGINES, RELEASES = ("classic", "classic28", "classic26"), range(23, 100)
    MAKE = staticmethod(builds.make_odd)

    def __init__(self, a, work):
        self.a, self.builder = a, builders.Client(work, self.ENGINES, self.RELEASES)
        self.stats = {"refused": 0, "injected": 0, "entries": 0, "bytes": 0}

    def stop(self):
        self.builder.stop()

    def compare(self, planted, _again):
        posted, got = self.builder.post(planted), Prediction(self.a, planted, "classic", lens="eligible")
        if got.broken:
            return "tonnage: exit status %d: %s" % (got.listing.exit, got.listing.stderr)
        return self.differs(planted, posted, got)

    def differs(self, planted, posted, got):
        if posted.entries is None or got.refused:
            self.stats["refused"] += 1
            return None if posted.entries is None and got.refused else "docker: %s; tonnage: %s" % (
                posted.said if posted.entries is None else "posts", got.listing.stderr or "does not refuse")
        if got.totals["wire_first"] != str(got.wire["first"]):
            return "scan says %r, ls --totals %r" % (got.wire["first"], got.totals)
        return self.figures(posted, got.wire) or self.entries(planted, posted, got.listing.entries)

    @staticmethod
    def figures(posted, wire):
        if posted.nbytes not in (wire["first"], wire["first_other"] or wire["first"]):
            return "docker posts %r bytes, tonnage says %r" % (posted.nbytes, wire)
        if posted.sending != human(posted.nbytes):
            return "docker prints %r, expected %r" % (posted.sending, human(posted.nbytes))
        return None

    def entries(self, planted, posted, listed):
        want = diff_docker.without_injected(posted.entries, os.path.join(planted.above, planted.root))
        self.stats["injected"] += want is not posted.entries
        self.stats["entries"] += len(want)
        self.stats["bytes"] += posted.nbytes
        return contexts.first_difference(want, listed)


def human(n):
    """HumanSize of the client: four significant digits (7.1)."""
    units, value = ["B", "kB", "MB", "GB"], float(n)
    while value >= 1000:
        value /= 1000
        units.pop(0)
    return "%.4g%s" % (value, units[0])


class Classic20(Classic):
    """20.10: always what the model says; and what tonnage says, where the two matchers agree."""

    ENGINES, RELEASES = ("classic", "classic20"), range(19, 22)

    def __init__(self, a, work):
        super().__init__(a, work)
        self.matcher = diff_docker.ready("match")
        self.stats.update({"as tonnage": 0})

    def differs(self, planted, posted, got):
        build, root = planted.build, os.path.join(planted.above, planted.root)
        text = build["ignore"].get(".dockerignore", "")
        model = twenty.Model(self.matcher, root, text or "")
        is_injected = build["place"].startswith("../")
        how = self.against_model(planted, posted, model, text is None, is_injected)
        if how:
            return "20.10 and its model: " + how
        if text is not None and model.before != model.verdicts("chain"):
            return None
        self.stats["as tonnage"] += 1
        return super().differs(planted, posted, got)

    def against_model(self, planted, posted, model, is_folder, is_injected):
        root = os.fsencode(os.path.join(planted.above, planted.root))
        try:
            if is_folder:
                raise twenty.Fails("the ignore file is a directory")
            paths = model.classic(None if is_injected else planted.build["place"])
        except twenty.Fails as e:
            self.stats["refused"] += 1
            return None if posted.entries is None else "posts, though %s" % e
        if posted.entries is None:
            return "refuses: " + posted.said
        paths = [p for p in paths if not stat.S_ISSOCK(os.lstat(os.path.join(root, p.rstrip(b"/"))).st_mode)]
        want = twenty.stream(root, paths)
        if not is_injected and posted.nbytes != want:
            return "posts %r bytes, expected %r" % (posted.nbytes, want)
        return self.entries(planted, posted, list(map(os.fsdecode, paths)))


TESTERS = {"classic": Classic, "classic20": Classic20, "buildkit28": BuildKit, "buildkit20": BuildKit20,
           "named28": Named}


def tester(a, work):
    return TESTERS[a.builder](a, work)


def judge(t, work, build, again, counter=[0]):  # noqa: B006  each build has a name of its own
    counter[0] += 1
    planted = builds.Planted(work.fresh("cases"), "c%d" % counter[0], build)
    return t.compare(planted, again)


def show(t, work, a, index, build, again):
    budget, changed = 40, True
    while changed and budget > 0:
        changed = False
        for candidate in builds.smaller(build):
            budget -= 1
            if budget < 0:
                break
            if judge(t, work, candidate, again):
                build, changed = candidate, True
                break
    print("# --seed %d --case %d" % (a.seed, index))
    for line in builds.describe(build):
        print("#   " + line)
    print("#   %s" % judge(t, work, build, again), flush=True)


def run(a, work):
    t, ndifferences = tester(a, work), 0
    indexes = [a.case] if a.case is not None else range(a.cases)
    try:
        for index in indexes:
            build, again = t.MAKE(a.seed, index), index % 5 == 0
            how = judge(t, work, build, again)
            if a.verbose:
                print("# %d: %s" % (index, how or "ok"), flush=True)
            if how:
                ndifferences += 1
                if ndifferences <= 5:
                    print("# %d: %s" % (index, how), flush=True)
                    show(t, work, a, index, build, again)
    finally:
        t.stop()
    print("# %s, seed %d: %s" % (a.builder, a.seed, ", ".join("%d %s" % (v, k) for k, v in t.stats.items())))
    contexts.finish(len(indexes), ndifferences)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--builder", required=True, choices=TESTERS)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--cases", type=int, default=300)
    p.add_argument("--case", type=int, help="only this one")
    p.add_argument("--keep", metavar="DIR", help="leave the build of --case in DIR, and compare nothing")
    p.add_argument("-v", "--verbose", action="store_true", help="a line a case")
    a = p.parse_args()
    if a.keep:
        os.makedirs(a.keep)
        print(*builds.Planted(a.keep, "case", TESTERS[a.builder].MAKE(a.seed, a.case or 0)).options)
        return
    a.tonnage = contexts.program()
    with contexts.Workspace() as work:
        run(a, work)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Who may include whom (src/README.md), one door a room, includes in three blocks."""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from tap import Tap

STAGES = "util config context dockerfile builds walk vcs ignore transfer classify digest verify check propose"
MAY_INCLUDE = {
    "util": "",
    "config": "util",
    "context": "util",
    "dockerfile": "util",
    "builds": "util context dockerfile walk",
    "walk": "util",
    "vcs": "util walk",
    "ignore": "util walk",
    "transfer": "util walk ignore context",
    "classify": "util walk vcs",
    "digest": "util walk transfer vcs",
    "verify": "util walk dockerfile ignore transfer",
    "check": "util walk config context dockerfile ignore transfer vcs classify digest verify",
    "propose": "util walk dockerfile ignore transfer vcs classify",
    "analysis": STAGES,
    "report": STAGES + " analysis",
    "lib": STAGES + " analysis report",
    "cli": "lib report analysis config util",
}
DOOR_OF_ALL = "tonnage/tonnage.h"


def faults(path, room):
    """Each fault of one file as "line: what is wrong"."""
    block, last_line = "own", -1
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = re.match(r'#include ([<"])([^">]+)[">]', line)
        if not found:
            continue
        quoted, name = found[1] == '"', found[2]
        own = quoted and path.suffix == ".c" and Path(name).stem == path.stem
        now = "own" if own else "project" if quoted else "system"
        order = ["own", "project", "system"]
        if order.index(now) < order.index(block):
            yield f"{number}: {name} comes after a {block} include (own door, project, system)"
        elif now != block and last_line == number - 1:
            yield f"{number}: a blank line is missing before the {now} includes"
        block, last_line = now, number
        if quoted and name != DOOR_OF_ALL:
            target = name.split("/")[0]
            if target not in MAY_INCLUDE or "/" not in name:
                yield f"{number}: {name} is not a path from src/"
            elif target != room and target not in MAY_INCLUDE[room].split():
                yield f"{number}: {room} may not include {target} ({name})"
            elif target not in (room, "util") and name != f"{target}/{target}.h":
                yield f"{number}: {name} is private to {target}; its door is {target}/{target}.h"


def main():
    src = Path(sys.argv[1]) / "src"
    tap = Tap()
    for room in sorted(d.name for d in src.iterdir() if d.is_dir()):
        if tap.ok(room in MAY_INCLUDE, f"{room} is a room with arrows", "add it to MAY_INCLUDE"):
            bad = [f"{f.relative_to(src.parent)}:{fault}" for f in sorted((src / room).rglob("*.[ch]"))
                   for fault in faults(f, room)]
            tap.ok(not bad, f"{room} keeps to its arrows, doors and include blocks", "\n".join(bad))
    return tap.done()


sys.exit(main())

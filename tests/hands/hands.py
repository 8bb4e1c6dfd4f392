#!/usr/bin/env python3
"""Tries to damage what the program writes, and counts what came of it.

    hands.py BINARY [pairs [N]] [calls [N]] [kills [N]] [resume [N]] [edits [N]]

Without words it does all of it. Every experiment prints a line with its counts and, below it, how
the first few of each kind of harm came about. Ends with 1 if anything was harmed, with 2 if it was
called wrongly. README.md has what each experiment does.
"""

import shutil
import sys
import tempfile
from pathlib import Path

# Nothing of the tool's own may lie beside its sources.
sys.dont_write_bytecode = True

import calls  # noqa: E402
import edits  # noqa: E402
import kills  # noqa: E402
import pairs  # noqa: E402
import resume  # noqa: E402
from place import Program  # noqa: E402

# Each with how many it does where no number is said; `None` is all there are.
EXPERIMENTS = {
    "pairs": (pairs.run, 1000),
    "calls": (calls.run, None),
    "kills": (kills.run, 100),
    "resume": (resume.run, 20),
    "edits": (edits.run, 800),
}


def main(words):
    if not words or words[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if words else 2
    binary, wanted = Path(words[0]).resolve(), chosen(words[1:])
    if wanted is None or not binary.is_file():
        print(__doc__.strip(), file=sys.stderr)
        return 2
    root = Path(tempfile.mkdtemp(prefix="blackstart-hands-"))
    harmed = False
    try:
        for name, count in wanted.items():
            folder = root / name
            folder.mkdir()
            tally = EXPERIMENTS[name][0](Program(binary), folder, count)
            tally.tell()
            harmed = harmed or tally.is_harmed()
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if harmed else 0


def chosen(words):
    """The experiments that the words name, each with its number; nothing if they name another."""
    wanted, last = {}, None
    for word in words:
        if word in EXPERIMENTS:
            wanted[word], last = EXPERIMENTS[word][1], word
        elif word.isdigit() and last is not None:
            wanted[last], last = int(word), None
        else:
            return None
    return wanted or {name: usual for name, (_, usual) in EXPERIMENTS.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

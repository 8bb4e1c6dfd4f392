"""What can be written and then damaged: each case says what was there before, the command, and what
may be there after it, whatever happened to it."""

import os
import shutil
from dataclasses import dataclass

from place import TINY, clear, contents, hidden, reports, run_words, state

OLD, NEW = 1, 2


@dataclass
class Case:
    """A command that writes `target`, where `before` lies of what was kept under `kept`."""

    name: str
    words: list
    target: str
    # What is there before, by its name in the folder of what is known; nothing where there is none.
    before: str
    # Whether it is a folder with a manifest.
    is_report: bool = True
    # Of this family of calls all fail with this error, so that another way is taken.
    detour: tuple = ()


def all_cases():
    run, report = run_words(NEW, "v"), ["report", "v", "--quiet"]
    baseline = ["check", "tiny.toml", "--seed", str(NEW), "--accept-baseline", "b.json", "--quiet"]
    part = [*run_words(NEW, "p"), "--slice", "1/2"]
    part_file = "p/part-1-of-2.ndjson"
    return [
        Case("replace", run, "v", "old"),
        Case("replace in two moves", run, "v", "old", detour=("renameat2", "EINVAL")),
        Case("replace within", run, "v", "old", detour=("renameat2", "EBUSY")),
        Case("absent", run, "v", "nothing"),
        Case("report", report, "v", "old"),
        Case("baseline over another", baseline, "b.json", "old", is_report=False),
        Case("baseline", baseline, "b.json", "nothing", is_report=False),
        Case("part over another", part, part_file, "old", is_report=False),
        Case("part", part, part_file, "nothing", is_report=False),
    ]


class Bench:
    """A folder in which a case is tried again and again, and what undisturbed commands write."""

    # What is nobody's business: beside the target, and in a folder beside it.
    FOREIGN = {"keep.txt": b"mine\n", "beside": None, "beside/keep.txt": b"mine too\n"}

    def __init__(self, program, folder, case):
        self.program, self.case = program, case
        self.alone, self.place = folder / "alone", folder / "place"
        if case.is_report:
            self.known = reports(program, self.alone, {"old": OLD, "new": NEW})
        else:
            self.known = {name: self.file_alone(name) for name in ("old", "new")}

    def file_alone(self, name):
        clear(self.alone / name)
        shutil.copy(TINY, self.alone / name)
        seed = {"old": OLD, "new": NEW}[name]
        words = [str(seed) if it == str(NEW) else it for it in self.case.words]
        self.program.must(words, self.alone / name)
        return (self.alone / name / self.case.target).read_bytes()

    def fresh(self):
        """Lays everything out as it is before the command."""
        clear(self.place)
        shutil.copy(TINY, self.place)
        (self.place / "beside").mkdir()
        for name, content in self.FOREIGN.items():
            if content is not None:
                (self.place / name).write_bytes(content)
        target = self.place / self.case.target
        if self.case.before == "nothing":
            return
        if self.case.is_report:
            shutil.copytree(self.alone / "old", target)
        else:
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(self.known["old"])

    def allowed(self):
        """What may be there after the command was disturbed."""
        return {self.case.before, "new"} if self.case.words[0] != "report" else {"old"}

    def right(self):
        """What has to be there after the command was not disturbed."""
        return "old" if self.case.words[0] == "report" else "new"

    def state(self, place=None):
        """Which of the known the target is, or what is wrong with it."""
        target = (place or self.place) / self.case.target
        if self.case.is_report:
            return state(target, self.known)
        if not os.path.lexists(target):
            return "nothing"
        if not target.is_file():
            return "no file but a folder"
        same = [name for name, it in self.known.items() if it == target.read_bytes()]
        return same[0] if same else f"{target.stat().st_size} bytes that are none of the known"

    def foreign_touched(self):
        """Which of the foreign things are not as they were."""
        now = contents(self.place)
        own = {"tiny.toml": TINY.read_bytes(), **self.FOREIGN}
        return sorted(name for name, it in own.items() if now.get(name, "gone") != it)

    def left(self):
        """What lies there besides the target and what was there before; hidden things first."""
        top = self.case.target.split("/")[0]
        others = [it for it in contents(self.place) if it.split("/")[0] != top]
        expected = {"tiny.toml", *self.FOREIGN}
        return hidden(self.place) + sorted(
            it for it in others if it not in expected and not it.startswith(".blackstart-")
        )

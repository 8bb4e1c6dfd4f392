"""A long run that is killed again and again, and goes on each time with what it has kept."""

import random
import re
import shlex
import shutil
import signal
import sys
import time
from pathlib import Path

from place import Tally, broken, contents, hidden

HARMS = (
    "other bytes",
    "wrong codes",
    "not told",
    "counted wrongly",
    "told command fails",
    "slices lost",
    "folders left",
    "edits not told",
    "other bytes after an edit",
    "panics",
)
SCENARIO = Path(__file__).parents[2] / "scenarios" / "atlassian-2022.toml"
THREADS = 2

# The undisturbed run takes about so many seconds, and this many exercises are timed to find how many
# exercises that is. There are 32 slices at the most, and a run keeps none that ends in its first 5
# seconds; so a slice has to take about 3 seconds, and 20 kills each find a new one.
SECONDS = 100
TIMED = 64
FEWEST = 32 * 8 * THREADS

# No kill comes before a run has lasted so long and has kept something more.
FIRST_KILL = 7
SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
CODES = {signal.SIGKILL: -9, signal.SIGINT: 130, signal.SIGTERM: 143}

# With so many slices edited at once, so many runs.
EDITED, ROUNDS = 5, 2


def run(program, folder, count):
    tally = Tally("resume", HARMS)
    words = [*timed_words(program, folder), "--out", "v"]
    begun = time.monotonic()
    finish(program, words, folder, tally)
    tally.count("seconds undisturbed", times=round(time.monotonic() - begun))
    (folder / "v").rename(folder / "alone")
    reference = contents(folder / "alone")
    if broken(reference):
        sys.exit(f"the undisturbed report is broken: {broken(reference)}")
    interrupt_early(program, words, folder, tally)
    stash = kill_and_go_on(program, words, folder, count, reference, tally)
    edit_slices(program, words, folder, stash, reference, tally)
    return tally


def timed_words(program, folder):
    """The command of a run that takes about as long as it should."""
    words = ["run", str(SCENARIO), "--seed", "7", "--jobs", str(THREADS), "--quiet"]
    begun = time.monotonic()
    timed = [*words, "--replications", str(TIMED), "--out", "timed"]
    ended = program.start(timed, folder)
    if ended.communicate()[0] or ended.returncode != 0:
        sys.exit(f"`{' '.join(timed)}` ended with {ended.returncode}")
    number = round(SECONDS * TIMED / (time.monotonic() - begun))
    return [*words, "--replications", str(max(number, FEWEST))]


class Running:
    """A run that was started, and what it says into a file."""

    def __init__(self, program, words, folder):
        self.folder, self.said_in = folder, folder / "said"
        with open(self.said_in, "wb") as stderr:
            self.process = program.start(words, folder, stderr)
        self.begun = time.monotonic()

    def is_over(self):
        return self.process.poll() is not None

    def lasts(self):
        return time.monotonic() - self.begun

    def end(self, name=None):
        """Sends a signal, if any, waits, and gives the exit code and what was said."""
        if name is not None:
            self.process.send_signal(name)
        self.process.wait()
        return self.process.returncode, self.said_in.read_text(errors="replace")


def finish(program, words, folder, tally):
    """Runs to the end undisturbed; what it said."""
    code, said = Running(program, words, folder).end()
    if code != 0:
        tally.count("wrong codes", f"{code} at the end: {said}")
    if "panicked at" in said:
        tally.count("panics", said)
    return said


def kept_in(folder):
    """The folder with what is kept, and the names of the slices in it."""
    found = sorted(folder.glob("v.unfinished-*"))
    if not found:
        return None, []
    return found[0], sorted(it.name for it in found[0].iterdir() if not it.name.startswith("."))


def interrupt_early(program, words, folder, tally):
    """Before anything is kept, that is what has to be said."""
    for name in SIGNALS[1:]:
        running = Running(program, words, folder)
        time.sleep(1)
        code, said = running.end(name)
        tally.count("interrupted early")
        if code != CODES[name]:
            tally.count("wrong codes", f"{code} for an early {name.name}: {said}")
        if "nothing is kept" not in said:
            tally.count("not told", f"early: {said}")


def kill_and_go_on(program, words, folder, count, reference, tally):
    """Kills so often, then lets it end; gives a folder with as many slices as could be had."""
    chance, command = random.Random(1), words
    stash = folder / "stash"
    for number in range(count):
        name = SIGNALS[number % len(SIGNALS)]
        before = kept_in(folder)[1]
        running = Running(program, command, folder)
        while not running.is_over() and not kept_more(running, before):
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.5))
        if running.is_over():
            tally.count("ended before a kill")
            return stash
        code, said = running.end(name)
        after = kept_in(folder)[1]
        tally.count(f"by {name.name}")
        tally.count("slices kept anew", times=len(set(after) - set(before)))
        if set(before) - set(after):
            tally.count("slices lost", f"kill {number}: {sorted(set(before) - set(after))}")
        if code != CODES[name]:
            tally.count("wrong codes", f"{code} for {name.name}: {said}")
        if "panicked at" in said:
            tally.count("panics", said)
        told, counted = going_on(said)
        command = [*words, "--resume"]
        if name != signal.SIGKILL and told is None:
            tally.count("not told", f"{name.name}: {said}")
        elif name != signal.SIGKILL:
            # As it was printed, but for where the program is.
            tally.count("told commands")
            command = told
            # One that is there already may not be counted yet.
            if counted not in (len(after), len(after) - 1):
                tally.count("counted wrongly", f"{len(after)} slices are there: {said}")
    begun = Running(program, command, folder)
    stash.mkdir()
    while not begun.is_over():
        collect(folder, stash)
        time.sleep(0.02)
    code, said = begun.end()
    if code != 0:
        tally.count("told command fails", f"{shlex.join(command)}: {code} {said}")
    judge_end(folder, reference, "other bytes", tally)
    return stash


def kept_more(running, before):
    return running.lasts() >= FIRST_KILL and set(kept_in(running.folder)[1]) - set(before)


TOLD = re.compile(r"^interrupted; (\d+) slices? (?:is|are) kept in .*; to go on: (.*)$", re.M)


def going_on(said):
    """The words of the command that goes on, as a run says, and how many slices it says are kept."""
    found = TOLD.search(said)
    command = shlex.split(found[2]) if found else []
    if command[:1] != ["blackstart"]:
        return None, 0
    return command[1:], int(found[1])


def collect(folder, stash):
    kept, names = kept_in(folder)
    for name in names:
        if not (stash / name).exists():
            try:
                shutil.copyfile(kept / name, stash / f".{name}")
                (stash / f".{name}").rename(stash / name)
            except FileNotFoundError:
                # The report is there, so the slices go.
                (stash / f".{name}").unlink(missing_ok=True)
                return
    if kept is not None:
        (folder / "name").write_text(kept.name)


def judge_end(folder, reference, harm, tally, story=""):
    after = contents(folder / "v") if (folder / "v").exists() else {}
    if after != reference:
        differing = [it for it in {**after, **reference} if after.get(it) != reference.get(it)]
        tally.count(harm, f"{story} {sorted(differing)[:4]}")
    if kept_in(folder)[0] is not None or hidden(folder):
        tally.count("folders left", f"{story} {kept_in(folder)} {hidden(folder)}")


def edit_slices(program, words, folder, stash, reference, tally):
    """One byte of some slices is changed: the run says which, and simulates those again."""
    names, chance = sorted(it.name for it in stash.iterdir()), random.Random(2)
    for _ in range(ROUNDS if len(names) >= EDITED else 0):
        shutil.rmtree(folder / "v", ignore_errors=True)
        kept = folder / (folder / "name").read_text()
        shutil.copytree(stash, kept)
        edited = [edit(kept / it, chance) for it in chance.sample(names, EDITED)]
        begun = time.monotonic()
        said = finish(program, [*words, "--resume"], folder, tally)
        tally.count("runs with edited slices")
        tally.count("seconds of these", times=round(time.monotonic() - begun))
        tally.count("slices that these had whole", times=len(names) - EDITED)
        tally.count("edited slices", times=EDITED)
        told = [it for it in said.splitlines() if "it is simulated again" in it]
        for name, story in edited:
            if not any(f"{name}` " in it for it in told):
                tally.count("edits not told", f"{story}: {said.strip()}")
        stories = ", ".join(story for _, story in edited)
        judge_end(folder, reference, "other bytes after an edit", tally, stories)


def edit(slice_, chance):
    """Changes a byte somewhere; the name of the slice, and where that was."""
    content = bytearray(slice_.read_bytes())
    place = chance.randrange(len(content))
    content[place] ^= chance.randrange(1, 256)
    slice_.write_bytes(content)
    return slice_.name, f"{slice_.name}, byte {place} of {len(content)}"

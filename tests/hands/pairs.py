"""Two of the program at the same place at the same time."""

import os
import random
import shutil
import time

from place import Tally, TINY, clear, contents, hidden, reports, run_words, state

HARMS = (
    "damaged",
    "mixed by report",
    "not there",
    "left behind",
    "foreign touched",
    "refused for no reason",
    "unclear ends",
    "panics",
)
SEEDS = {"old": 1, "a": 2, "b": 3}

# Beside every three pairs of runs there is one of each of these.
OTHERS = 4


def run(program, folder, count):
    tally = Tally("pairs", HARMS)
    known = reports(program, folder / "alone", SEEDS)
    place = folder / "place"
    shapes = [absent, existing, linked, absent_and_deep, existing, linked_to_nothing]
    for number in range(count):
        shape = shapes[number % len(shapes)]
        pair_of_runs(program, place, known, shape, folder / "alone", tally)
    usual, chance = duration(program, place), random.Random(1)
    for number in range(count // OTHERS):
        pair_of_baselines(program, folder, number % 2 == 0, tally)
        pair_of_parts(program, place, folder / "alone", tally)
        # Drawing takes a moment only, so it has to begin when the run begins to write.
        delay = chance.uniform(0, usual)
        run_beside_report(program, place, known, folder / "alone", delay, tally)
    return tally


def duration(program, place):
    fresh(place)
    begun = time.monotonic()
    program.must(run_words(SEEDS["a"], "v"), place)
    return time.monotonic() - begun


# Each lays out what is there before, and gives where the report will be and by which name.


def absent(place, alone):
    return place / "v", "v"


def absent_and_deep(place, alone):
    return place / "deep" / "er" / "v", "deep/er/v"


def existing(place, alone):
    shutil.copytree(alone / "old", place / "v")
    return place / "v", "v"


def linked(place, alone):
    shutil.copytree(alone / "old", place / "far" / "real")
    os.symlink("far/real", place / "v")
    return place / "far" / "real", "v"


def linked_to_nothing(place, alone):
    (place / "far").mkdir()
    os.symlink("far/real", place / "v")
    return place / "far" / "real", "v"


def fresh(place):
    clear(place)
    shutil.copy(TINY, place)
    (place / "keep.txt").write_text("mine\n")


def together(program, place, commands, tally, delay=0):
    """Starts commands at once, or one so long after the other; says which of them succeeded. Another
    end has to be a refusal."""
    started = [program.start(commands[0], place)]
    time.sleep(delay)
    started += [program.start(it, place) for it in commands[1:]]
    said = [it.communicate()[1].decode(errors="replace") for it in started]
    for process, text, words in zip(started, said, commands):
        if "panicked at" in text:
            tally.count("panics", f"{' '.join(words)}: {text}")
        elif process.returncode in (1, 3) and text.startswith("error: "):
            # Whoever comes second waits or writes over the first; nothing is in the way.
            tally.count("refused for no reason", f"{' '.join(words)}: {text.strip()}")
        elif process.returncode != 0:
            tally.count("unclear ends", f"{' '.join(words)}: {process.returncode} {text.strip()}")
    return [it.returncode == 0 for it in started]


def pair_of_runs(program, place, known, shape, alone, tally):
    fresh(place)
    target, out = shape(place, alone)
    before = state(target, known)
    commands = [run_words(SEEDS[it], out) for it in ("a", "b")]
    done = together(program, place, commands, tally)
    tally.count(f"runs {shape.__name__.replace('_', ' ')}")
    possible = {name for name, fine in zip(("a", "b"), done) if fine} or {before}
    judge(place, target, known, possible, shape.__name__, tally)


def judge(place, target, known, possible, name, tally):
    """Whether the folder is one of those that it can be, and nothing else is there."""
    after = state(target, known)
    if after == "nothing":
        tally.count("not there", name)
    elif after not in possible:
        harm = "mixed by report" if "report" in name else "damaged"
        tally.count(harm, f"{name}: {after}, possible is {sorted(possible)}")
    left = hidden(place)
    if left:
        tally.count("left behind", f"{name}: {left}")
    if (place / "keep.txt").read_text() != "mine\n":
        tally.count("foreign touched", name)
    if name.startswith("linked") and not (place / "v").is_symlink():
        tally.count("foreign touched", f"{name}: the link is gone")


def baseline_words(seed, out):
    return ["check", "tiny.toml", "--seed", str(seed), "--accept-baseline", out, "--quiet"]


def pair_of_baselines(program, folder, over_another, tally):
    place, alone = folder / "baselines", folder / "alone"
    fresh(place)
    for name, seed in SEEDS.items():
        if not (alone / f"{name}.json").exists():
            program.must(baseline_words(seed, f"{name}.json"), alone)
    if over_another:
        shutil.copy(alone / "old.json", place / "b.json")
    done = together(program, place, [baseline_words(SEEDS[it], "b.json") for it in "ab"], tally)
    tally.count("baselines")
    possible = [(alone / f"{it}.json").read_bytes() for it, fine in zip("ab", done) if fine]
    written = place / "b.json"
    if any(done) and not written.exists():
        tally.count("not there", "baselines")
    elif any(done) and written.read_bytes() not in possible:
        tally.count("damaged", f"baselines: {written.read_bytes()[:80]!r}")
    if set(contents(place)) - {"b.json", "tiny.toml", "keep.txt"}:
        tally.count("left behind", f"baselines: {sorted(contents(place))}")


def pair_of_parts(program, place, alone, tally):
    """The slices of a run, each by a machine of its own, into a folder that is not there yet."""
    commands = [[*run_words(SEEDS["a"], "p"), "--slice", it] for it in ("1/2", "2/2")]
    if not (alone / "p").exists():
        for it in commands:
            program.must(it, alone)
    fresh(place)
    done = together(program, place, commands, tally)
    tally.count("parts")
    if all(done) and contents(place / "p") != contents(alone / "p"):
        tally.count("damaged", f"parts: {sorted(contents(place))}")
    if hidden(place):
        tally.count("left behind", f"parts: {hidden(place)}")


def run_beside_report(program, place, known, alone, delay, tally):
    """Drawing again must not mix what it has read with what a run writes meanwhile."""
    fresh(place)
    target, _ = existing(place, alone)
    commands = [run_words(SEEDS["a"], "v"), ["report", "v", "--quiet"]]
    done = together(program, place, commands, tally, delay)
    tally.count("runs beside report")
    possible = {"a", "old"} if all(done) else {"a"} if done[0] else {"old"}
    judge(place, target, known, possible, "run beside report", tally)

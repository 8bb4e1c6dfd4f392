"""What the program reads back, with one byte of it changed, removed or added."""

import random
import shutil

from place import TINY, Tally, clear, contents, run_words

HARMS = ("accepted", "changed by a refusal", "other ends", "panics")


def run(program, folder, count):
    tally = Tally("edits", HARMS)
    kept = folder / "kept"
    lay_out(program, kept)
    kinds = [
        ("baseline", "b.json", ["check", "tiny.toml", "--baseline", "b.json", "--quiet"]),
        ("part", "p/part-1-of-2.ndjson", ["merge", "p", "--out", "m", "--quiet"]),
        ("summary.json", "v/summary.json", ["report", "v", "--quiet"]),
        ("series.json", "v/series.json", ["report", "v", "--quiet"]),
        ("manifest.json", "v/manifest.json", ["report", "v", "--quiet"]),
    ]
    for name, file, words in kinds:
        clear(folder / "place")
        shutil.copytree(kept, folder / "place", dirs_exist_ok=True)
        ended = program.call(words, folder / "place")
        if ended.code != 0:
            raise SystemExit(f"`{' '.join(words)}` ends with {ended.code} unedited: {ended.said}")
    chance = random.Random(1)
    for number in range(count):
        name, file, words = kinds[number % len(kinds)]
        try_one(program, folder, (name, file, words), chance, tally)
    return tally


def lay_out(program, kept):
    """Writes one of everything that is read back."""
    clear(kept)
    shutil.copy(TINY, kept)
    program.must(run_words(1, "v"), kept)
    program.must(["check", "tiny.toml", "--accept-baseline", "b.json", "--quiet"], kept)
    for slice_ in ("1/2", "2/2"):
        program.must([*run_words(1, "p"), "--slice", slice_], kept)


def try_one(program, folder, kind, chance, tally):
    (name, file, words), place = kind, folder / "place"
    clear(place)
    shutil.copytree(folder / "kept", place, dirs_exist_ok=True)
    before = (place / file).read_bytes()
    after, told = edited(before, chance)
    (place / file).write_bytes(after)
    tally.count(name)
    laid_out = contents(place)
    ended = program.call(words, place)
    story = f"{file}, {told}: ends with {ended.code}"
    if ended.panicked():
        tally.count("panics", f"{story} {ended.said}")
    if ended.code in (1, 3):
        tally.count(f"refused with {ended.code}")
        if contents(place) != laid_out:
            tally.count("changed by a refusal", story)
    elif ended.code != 0 and not (name == "baseline" and ended.code in (98, 99)):
        tally.count("other ends", f"{story} {ended.said}")
    elif lines(after) == lines(before):
        # Some systems write the ends of lines anew.
        tally.count("accepted with other ends of lines", f"{story}")
    else:
        tally.count("accepted", story)


def edited(content, chance):
    """The bytes with one of them changed, removed or added, and where that is in words."""
    place = chance.randrange(len(content))
    # Half of the new bytes are such as stand in the file, so that the text often stays well-formed.
    new = chance.choice(content) if chance.random() < 0.5 else chance.randrange(256)
    while new == content[place]:
        new = chance.randrange(256)
    how = chance.choice(("changed", "removed", "added"))
    before, old, rest = content[:place], content[place : place + 1], content[place + 1 :]
    after = {
        "changed": before + bytes([new]) + rest,
        "removed": before + rest,
        "added": before + bytes([new]) + old + rest,
    }[how]
    line = content.count(b"\n", 0, place) + 1
    around = content[max(0, place - 12) : place + 12]
    return after, f"byte {place} (line {line}, in {around!r}) {how}, {old!r} and {bytes([new])!r}"


def lines(content):
    """The lines of a text, however they end."""
    return content.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n")

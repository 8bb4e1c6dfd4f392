"""What all experiments share: the program, folders with what is in them, and counts of harm."""

import functools
import json
import os
import shutil
import stat
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

TINY = Path(__file__).with_name("tiny.toml")

# A run of the tiny scenario that takes longer than that hangs.
LONGEST = 60


@dataclass
class Ended:
    """How a process ended: its exit code, or the signal as a negative number, and what it said."""

    code: int
    said: str

    def panicked(self):
        return "panicked at" in self.said


class Program:
    """The binary under test."""

    def __init__(self, binary):
        self.binary = str(binary)

    def call(self, words, folder, before=()):
        """Runs it in a folder to its end, with other words before the command if need be."""
        command = [*before, self.binary, *words]
        try:
            ended = subprocess.run(command, cwd=folder, capture_output=True, timeout=LONGEST)
        except subprocess.TimeoutExpired:
            return Ended(-1, f"did not end within {LONGEST} s")
        return Ended(ended.returncode, ended.stderr.decode(errors="replace"))

    def start(self, words, folder, stderr=subprocess.PIPE):
        """Starts it and does not wait."""
        command = [self.binary, *words]
        return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=stderr)

    def must(self, words, folder):
        """Runs what has to succeed before an experiment can begin."""
        ended = self.call(words, folder)
        if ended.code != 0:
            sys.exit(f"`{' '.join(words)}` ended with {ended.code}:\n{ended.said}")


def run_words(seed, out):
    return ["run", "tiny.toml", "--seed", str(seed), "--out", out, "--quiet"]


class Tally:
    """Counts of an experiment. Those named as harm must be zero; the first few of them are told."""

    TOLD = 5

    def __init__(self, name, harms):
        self.name, self.harms = name, harms
        self.counts, self.stories = Counter(), []

    def count(self, what, story=None, times=1):
        self.counts[what] += times
        # What is no harm but worth a look has a story too.
        if story is not None and self.counts[what] <= self.TOLD:
            self.stories.append(f"{what}: {story}")

    def is_harmed(self):
        return any(self.counts[it] for it in self.harms)

    def tell(self):
        others = [f"{what} {n}" for what, n in self.counts.items() if what not in self.harms]
        harms = [f"{what} {self.counts[what]}" for what in self.harms]
        print(f"{self.name}: {', '.join(others)}; {', '.join(harms)}")
        for story in self.stories:
            print("  " + story.replace("\n", "\n    "))
        sys.stdout.flush()


def contents(folder):
    """Everything below a folder, hidden or not: bytes of files, targets of links, None of folders."""
    found = {}
    for inside, folders, files in os.walk(folder):
        for name in folders + files:
            path = Path(inside) / name
            key = path.relative_to(folder).as_posix()
            kind = path.lstat().st_mode
            if stat.S_ISLNK(kind):
                found[key] = ("link", os.readlink(path))
            else:
                found[key] = None if stat.S_ISDIR(kind) else path.read_bytes()
    return found


def clear(folder):
    """Makes a folder empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def hidden(folder):
    """What lies in a folder, however deep, under the program's own hidden names."""
    own = [it for it in contents(folder) if is_hidden(it.rsplit("/", 1)[-1])]
    return sorted(own)


def is_hidden(name):
    return is_on_its_way(name) or name.startswith(".") and name.endswith(".part")


def is_on_its_way(name):
    return name.startswith(".blackstart-")


@functools.lru_cache(maxsize=4096)
def digest(content):
    """The fingerprint of a file as manifests have it: FNV-1a, then the finaliser of SplitMix64."""
    mask = (1 << 64) - 1
    mixed = 0xCBF29CE484222325
    for byte in content:
        mixed = ((mixed ^ byte) * 0x100000001B3) & mask
    mixed = (mixed + 0x9E3779B97F4A7C15) & mask
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & mask
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
    return f"{mixed ^ (mixed >> 31):016x}"


def broken(report):
    """Why the contents of a folder are not what its manifest says; nothing if they are."""
    files = {name: it for name, it in report.items() if it is not None}
    if "manifest.json" not in files:
        return f"no manifest among {sorted(report)[:4]}"
    listed = {it["path"]: it for it in json.loads(files.pop("manifest.json"))["files"]}
    if set(listed) != set(files):
        return f"not as listed: {sorted(set(listed) ^ set(files))[:4]}"
    wrong = [
        name
        for name, content in files.items()
        if (listed[name]["bytes"], listed[name]["digest"]) != (len(content), digest(content))
    ]
    return f"of another size or digest: {sorted(wrong)[:4]}" if wrong else None


def state(folder, known):
    """Which of the known reports a folder is, byte for byte; else "nothing", or what is wrong."""
    if not os.path.lexists(folder):
        return "nothing"
    # What is on its way there is counted by who looks for it, and no part of the report.
    report = {name: it for name, it in contents(folder).items() if not is_on_its_way(name)}
    if not report:
        return "empty"
    fault = broken(report)
    if fault:
        return fault
    same = [name for name, it in known.items() if it == report]
    return same[0] if same else f"a mix: {mixed(report, known)}"


def mixed(report, known):
    """Which files of a report are of which known report."""
    shares = Counter()
    for name, content in report.items():
        owners = [of for of, it in known.items() if it.get(name, "nothing") == content]
        shares["/".join(owners) or f"nobody's ({name})"] += 1
    return ", ".join(f"{n} of {of}" for of, n in sorted(shares.items()))


def reports(program, folder, seeds):
    """What runs with these seeds write when nobody disturbs them, by name."""
    clear(folder)
    shutil.copy(TINY, folder)
    for name, seed in seeds.items():
        program.must(run_words(seed, name), folder)
        fault = broken(contents(folder / name))
        if fault:
            sys.exit(f"an undisturbed report is broken: {fault}")
    return {name: contents(folder / name) for name in seeds}

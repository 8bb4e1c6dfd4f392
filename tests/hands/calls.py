"""Every system call that changes files, failed once and cut off once, by strace."""

import re
import shutil
from collections import defaultdict

from cases import Bench, all_cases
from place import Tally, hidden

HARMS = (
    "damaged",
    "lock-outs",
    "report locked out",
    "foreign touched",
    "left behind",
    "wrong after the next",
    "wrong when drawn again",
    "said done and is not",
    "code and words differ",
    "hidden after SIGTERM",
    "panics",
    "hung",
)

REFUSED = ("ENOSPC", "EACCES")
# What each call that changes files may fail with.
ERRORS = {
    "openat": ("ENOSPC",),
    "write": ("ENOSPC",),
    "pwrite64": ("ENOSPC",),
    "copy_file_range": ("ENOSPC",),
    "ftruncate": ("ENOSPC",),
    "fsync": ("ENOSPC", "EIO"),
    "fdatasync": ("ENOSPC", "EIO"),
    "flock": ("ENOLCK",),
    "rename": REFUSED,
    "renameat": REFUSED,
    "renameat2": REFUSED,
    "mkdir": REFUSED,
    "mkdirat": REFUSED,
    "rmdir": REFUSED,
    "unlink": REFUSED,
    "unlinkat": REFUSED,
    "link": REFUSED,
    "linkat": REFUSED,
    "symlink": REFUSED,
    "chmod": ("EACCES",),
    "fchmod": ("EACCES",),
}
TRACED = ",".join(f"?{it}" for it in ERRORS)
KILL, STOP = "SIGKILL", "SIGTERM"


def run(program, folder, count):
    tally = Tally("calls", HARMS)
    if shutil.which("strace") is None:
        print("calls: not tried, as there is no strace here")
        return tally
    due = []
    for case in all_cases():
        bench = Bench(program, folder / case.name.replace(" ", "-"), case)
        due += [(bench, *it) for it in injections(bench, folder / "log")]
        tally.count("cases")
    step = max(1, len(due) // count) if count else 1
    for bench, call, number, what in due[::step]:
        try_one(bench, call, number, what, folder / "log", tally)
    return tally


def strace(bench, log, inject=()):
    """The words that run a command under strace, on a detour if its case takes one."""
    words = ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={TRACED}"]
    if bench.case.detour:
        call, error = bench.case.detour
        words += ["-e", f"inject={call}:error={error}"]
    for it in inject:
        words += ["-e", f"inject={it}"]
    return words


def injections(bench, log):
    """Every call of the case, as name, number and what is done to it. Of calls that open a file only
    those count that make one."""
    bench.fresh()
    ended = bench.program.call(bench.case.words, bench.place, strace(bench, log))
    if ended.code != 0:
        raise SystemExit(f"strace cannot run `{bench.case.name}`: {ended.said}")
    # strace counts the calls of each thread for itself.
    counts, numbers = defaultdict(int), defaultdict(set)
    for line in log.read_text(errors="replace").splitlines():
        found = re.match(r"(\d+) +(\w+)\((.*)", line)
        if found is None or found[2] not in ERRORS:
            continue
        thread, call, arguments = found.groups()
        counts[thread, call] += 1
        if call != "openat" or "O_CREAT" in arguments:
            numbers[call].add(counts[thread, call])
    every = [(call, number) for call in ERRORS for number in sorted(numbers[call])]
    detour = bench.case.detour[:1]
    return [
        (call, number, what)
        for call, number in every
        for what in (*ERRORS[call], KILL, STOP)
        if call not in detour
    ]


def try_one(bench, call, number, what, log, tally):
    how = f"signal={what}" if what in (KILL, STOP) else f"error={what}"
    inject = f"{call}:{how}:when={number}"
    name = f"{bench.case.name}, {inject}"
    bench.fresh()
    ended = bench.program.call(bench.case.words, bench.place, strace(bench, log, [inject]))
    tally.count("runs")
    tally.count(f"by {what}" if is_reached(ended, what, call, log) else "not reached")
    if ended.panicked():
        tally.count("panics", f"{name}: {ended.said}")
    if ended.code == -1:
        tally.count("hung", name)
    judge_disturbed(bench, name, ended, what, tally)
    judge_drawn_again(bench, name, tally)
    judge_next(bench, name, tally)


def is_reached(ended, what, call, log):
    """Whether what was to be done to a call was done."""
    if what == KILL:
        return ended.code == -9
    lines = log.read_text(errors="replace").splitlines()
    if what == STOP:
        return any("--- SIGTERM" in it for it in lines)
    return any("(INJECTED)" in it and call in it and what in it for it in lines)


def judge_disturbed(bench, name, ended, what, tally):
    after = bench.state()
    # Where it cannot be done in one step, what is half-way is mended by whoever comes next.
    half_way = bool(bench.case.detour) and after not in bench.allowed()
    if half_way:
        tally.count("half-way until the next")
    elif after == "empty" and bench.case.before == "nothing":
        tally.count("an empty folder until the next")
    elif after not in bench.allowed():
        tally.count("damaged", f"{name}: {after}")
    if ended.code == 0 and after != bench.right():
        tally.count("said done and is not", f"{name}: {after}")
    if what == STOP:
        judge_stopped(bench, name, ended, after, tally)
    elif ended.code == 0:
        tally.count("done all the same")
    if bench.foreign_touched():
        tally.count("foreign touched", f"{name}: {bench.foreign_touched()}")
    if hidden(bench.place):
        killed = "killed" if what == KILL else "not killed"
        tally.count(f"hidden until the next ({killed})")


def judge_stopped(bench, name, ended, after, tally):
    """Whoever asks the program to end is told whether it was interrupted, and finds nothing half-way."""
    interrupted = "interrupted;" in ended.said
    # At the very beginning nobody listens yet, and the system ends it.
    if (ended.code, interrupted) not in ((143, True), (0, False), (-15, False)):
        tally.count("code and words differ", f"{name}: {ended.code} {ended.said.strip()}")
    elif ended.code == 143 and after == "new":
        tally.count("said interrupted with the new there")
    if hidden(bench.place):
        tally.count("hidden after SIGTERM", f"{name}: {hidden(bench.place)}")


def judge_drawn_again(bench, name, tally):
    """Whether `report`, if that is what comes next, gives one of the two reports."""
    case = bench.case
    if case.target != "v" or case.before == "nothing" or case.words[0] == "report":
        return
    copy = bench.place.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(bench.place, copy, symlinks=True)
    ended = bench.program.call(["report", "v", "--quiet"], copy)
    tally.count("drawn again")
    after = bench.state(copy)
    if ended.code != 0:
        tally.count("report locked out", f"{name}: {ended.code} {ended.said.strip()}")
    elif after not in bench.allowed():
        tally.count("wrong when drawn again", f"{name}: {after}")
    elif hidden(copy):
        tally.count("left behind", f"{name}, then report: {hidden(copy)}")


def judge_next(bench, name, tally):
    """Whether the same command then does what it does undisturbed, and tidies up."""
    ended = bench.program.call(bench.case.words, bench.place)
    if ended.panicked():
        tally.count("panics", f"{name}, then the same: {ended.said}")
    if ended.code != 0:
        tally.count("lock-outs", f"{name}, then the same: {ended.code} {ended.said.strip()}")
    elif bench.state() != bench.right():
        tally.count("wrong after the next", f"{name}: {bench.state()}")
    elif bench.left():
        tally.count("left behind", f"{name}: {bench.left()}")
    if bench.foreign_touched():
        tally.count("foreign touched", f"{name}, then the same: {bench.foreign_touched()}")

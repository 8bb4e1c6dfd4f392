"""A run that replaces a report, killed or told to end at a random moment."""

import random
import signal
import statistics
import time

from calls import HARMS, judge_disturbed, judge_drawn_again, judge_next
from cases import Bench, all_cases
from place import Ended, Tally

MEASURED = 10


def run(program, folder, count):
    tally = Tally("kills", HARMS)
    bench = Bench(program, folder, all_cases()[0])
    usual = statistics.median(duration(bench) for _ in range(MEASURED))
    chance = random.Random(1)
    for number in range(2 * count):
        what = ("SIGKILL", "SIGTERM")[number % 2]
        delay = chance.uniform(0, usual)
        bench.fresh()
        process = program.start(bench.case.words, bench.place)
        time.sleep(delay)
        process.send_signal(signal.Signals[what])
        said = process.communicate()[1].decode(errors="replace")
        ended = Ended(process.returncode, said)
        tally.count(f"{what} ended with {ended.code} and the {bench.state()}")
        name = f"{what} {number} after {delay * 1000:.1f} ms"
        judge_disturbed(bench, name, ended, what, tally)
        judge_drawn_again(bench, name, tally)
        judge_next(bench, name, tally)
    return tally


def duration(bench):
    bench.fresh()
    begun = time.monotonic()
    bench.program.must(bench.case.words, bench.place)
    return time.monotonic() - begun

"""`python killed.py WHAT PLAN JOURNAL POINT`: apply, continue or undo, and die by SIGKILL at the POINT-th point that is passed."""

import os
import signal
import sys
from pathlib import Path

from buckler.app import fixing
from buckler.sources.live import LiveOptions


def main(what, plan, journal, point):
    left = int(point)

    def hook(_name, _step):
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    live = LiveOptions()
    if what == "apply":
        fixing.apply_plan(fixing.read_plan(Path(plan)), live, Path(journal), hook=hook)
    elif what == "continue":
        fixing.go_on(Path(journal), live, hook=hook)
    else:
        fixing.undo_journal(Path(journal), live, hook=hook)


main(*sys.argv[1:])

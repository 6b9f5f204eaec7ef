"""A process that applies, continues or undoes, and dies by SIGKILL on the way."""

import os
import signal
import sys
import traceback
from pathlib import Path

from buckler.app import fixing
from buckler.sources.live import LiveOptions

_LONGEST_S = 120


def killed(what: str, plan: object, journal: object, point: int) -> bool:
    """Do *what* (`apply`, `continue`, `undo`) in a process that dies at the *point*-th point it passes; False: it came to its end before.

    Forked, not started: what is to be seen is how it dies, not how it starts, and there are many points.
    """
    pid = os.fork()
    if pid == 0:
        # INVARIANT: whatever happens, the copy of the test run ends here.
        code = 1
        try:
            signal.alarm(_LONGEST_S)
            _work(what, Path(str(plan)), Path(str(journal)), point)
            code = 0
        except BaseException:  # noqa: BLE001 - told to whoever reads the output of the tests
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(code)
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert ended in {0, -signal.SIGKILL}, f"it ended with {ended}"
    return ended == -signal.SIGKILL


def _work(what: str, plan: Path, journal: Path, left: int) -> None:
    def hook(_name: str, _step: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    live = LiveOptions()
    if what == "apply":
        fixing.apply_plan(fixing.read_plan(plan), live, journal, hook=hook)
    elif what == "continue":
        fixing.go_on(journal, live, hook=hook)
    else:
        fixing.undo_journal(journal, live, hook=hook)

"""How work grows with its input, and how it compares with other work: what a test can claim about speed without a stopwatch.

A limit in seconds holds on the machine it was written on; a ratio holds everywhere. Seconds are measured in `bench/`.
"""

import time
from collections.abc import Callable
from typing import Final

_LAP_SECONDS: Final = 0.12
"""Of CPU time that `_lap` takes on the machine whose seconds `allowed` is told."""


def growth(work: Callable[[int], object], small: int, large: int) -> float:
    """Say how many times the CPU time of *work* at size *small* it takes at size *large*, rather too little than too much.

    The quickest of three runs of the small size and of one to three of the large one: noise only ever adds.
    """
    work(small)  # what is loaded once is loaded now
    base = min(_seconds(work, small) for _ in range(3))
    # Below a millisecond the clock and the allocator are what is measured.
    return min(_seconds(work, large) for _ in range(3)) / max(base, 0.001)


def _seconds(work: Callable[[int], object], size: int) -> float:
    started = time.process_time()
    work(size)
    return time.process_time() - started


def allowed(seconds: float) -> float:
    """Say how many seconds of CPU time *seconds* of an idle machine may be here and now: never fewer.

    A machine with other work on its cores, or a slower one, takes longer over everything: over a fixed piece of work too.
    """
    return seconds * max(1.0, max(_seconds(_lap, 120_000) for _ in range(3)) / _LAP_SECONDS)


def _lap(rounds: int) -> None:
    seen: dict[str, int] = {}
    for number in range(rounds):
        key = f"{number * 7919 % 65536:x}/name"
        seen[key] = seen.get(key, 0) + len(key.split("/"))
    sorted(seen)


def assert_linear(work: Callable[[int], object], small: int, times: int = 8) -> None:
    """Assert that *times* the input takes nowhere near `times ** 2` the work.

    The limit lies half-way, on a logarithmic scale, between linear and quadratic: both are a factor `times ** 0.5` away from it. Noise
    large enough to bridge that would have to come back in each of three attempts.
    """
    limit = times**1.5
    measured = []
    for _ in range(3):
        measured.append(growth(work, small, small * times))
        if measured[-1] < limit:
            return
    raise AssertionError(f"{times} times the input takes {min(measured):.0f} times the work; linear work stays below {limit:.0f}")

"""How work grows with its input: the one thing about speed a test can claim without a stopwatch.

A limit in seconds holds on the machine it was written on; the ratio of two sizes holds everywhere. Seconds are measured in `bench/`.
"""

import time
from collections.abc import Callable


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

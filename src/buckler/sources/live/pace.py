"""How fast to ask, and when to stop asking again.

AWS's documented rates bind only once AWS has throttled: limits are per account and can be raised, and nobody else may be calling.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from buckler.sources.live.failures import Failure


@dataclass(slots=True)
class Pace:
    """A token bucket of one token, for one family of calls in one region of one account."""

    documented: float
    rate: float | None = None
    """Requests per second; None: never throttled so far, so as fast as workers go."""
    clock: Callable[[], float] = time.monotonic
    _next: float = 0.0
    _cut: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def delay(self) -> float:
        """Reserve the next slot and give the seconds until it."""
        with self._lock:
            if self.rate is None:
                return 0.0
            now = self.clock()
            slot = max(now, self._next)
            self._next = slot + 1.0 / self.rate
            return slot - now

    def throttled(self) -> None:
        """Slow down: to the documented rate at first, then by steps. Answers to calls already on their way count once."""
        with self._lock:
            now = self.clock()
            if self.rate is None:
                self.rate = self.documented
            elif now - self._cut > 1.0:
                self.rate = max(self.rate * 0.7, self.documented / 3)
            else:
                return
            self._cut = now

    def answered(self) -> None:
        """Speed up by a little."""
        with self._lock:
            if self.rate is not None:
                self.rate = min(self.rate + 0.5, self.documented * 4)


@dataclass(slots=True)
class Breaker:
    """Whether an operation is worth waiting for: when it failed for as long as one call may be tried, and never worked, calls stop waiting.

    Without it a throttled operation would cost the full patience for every function of the account.
    """

    patience_s: float
    last: Failure | None = None
    """What kept it from being answered."""
    clock: Callable[[], float] = time.monotonic
    _since: float | None = None
    """Since when nothing but failures."""
    _probe: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def attempts(self) -> bool | None:
        """Say how to ask. True: try and try again; False: try once; None: do not even try."""
        with self._lock:
            now = self.clock()
            if self._since is None or now - self._since <= self.patience_s:
                return True
            if now - self._probe < 1.0:
                return None
            self._probe = now
            return False

    def failed(self, failure: Failure) -> None:
        """Note a failure that another attempt might have mended."""
        with self._lock:
            self.last = failure
            if self._since is None:
                self._since = self.clock()

    def answered(self) -> None:
        """Note any answer."""
        with self._lock:
            self._since = None

"""A progress display on stderr, when a person watches."""

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING

from buckler.model.progress import Progress, Silent

if TYPE_CHECKING:
    from rich.progress import TaskID


class Quiet(Silent):
    """Nothing is animated in a pipe; `-v` still tells its lines."""

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose

    def say(self, message: str) -> None:
        """Print a line of `-v`."""
        if self._verbose:
            print(message, file=sys.stderr)  # noqa: T201 - stderr is where progress goes

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Nothing was drawn."""


class Drawn:
    """Bars, one per stage."""

    def __init__(self, *, verbose: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bars

        self._verbose = verbose
        self._lock = threading.Lock()
        self._stages: dict[str, TaskID] = {}
        self._bars: Bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )

    def __enter__(self) -> Progress:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Wipe the bars: results follow on stdout."""
        self._bars.stop()

    def stage(self, name: str, total: int | None = None) -> None:
        """Begin a stage, or correct its total."""
        with self._lock:
            if name in self._stages:
                self._bars.update(self._stages[name], total=total)
            else:
                self._stages[name] = self._bars.add_task(name, total=total)

    def advance(self, name: str, count: int = 1) -> None:
        """Count finished pieces."""
        with self._lock:
            task = self._stages.get(name)
        if task is not None:
            self._bars.advance(task, count)

    def say(self, message: str) -> None:
        """Print a line of `-v` above the bars."""
        if self._verbose:
            self._bars.console.print(message, markup=False, highlight=False)


def progress(*, verbose: int = 0) -> Quiet | Drawn:
    """Choose by who watches: bars on a terminal, silence in a pipe."""
    return Drawn(verbose=verbose > 0) if sys.stderr.isatty() else Quiet(verbose=verbose > 0)

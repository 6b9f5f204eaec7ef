"""A bounded pool of daemon threads that stops at once."""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class _Failed:
    error: BaseException


_Done: TypeAlias = tuple[int, T] | _Failed


class Pool(Generic[T]):
    """Runs pieces of work, gives their results in the order of the pieces, and ends at the first exception.

    Not `concurrent.futures`: its threads are waited for when the interpreter exits, so that Ctrl-C would hang on a slow call.
    """

    def __init__(self, workers: int, stop: threading.Event) -> None:
        self._workers = workers
        self._stop = stop

    def run(self, pieces: Sequence[Callable[[], T]]) -> list[T]:
        """Run all *pieces*; raises what the first failing one raised, after telling the others to stop."""
        todo: queue.SimpleQueue[tuple[int, Callable[[], T]] | None] = queue.SimpleQueue()
        done: queue.SimpleQueue[_Done[T]] = queue.SimpleQueue()
        for index, piece in enumerate(pieces):
            todo.put((index, piece))
        threads = min(self._workers, len(pieces))
        for number in range(threads):
            todo.put(None)
            threading.Thread(target=self._work, args=(todo, done), name=f"buckler-live-{number}", daemon=True).start()
        results: dict[int, T] = {}
        try:
            for _ in pieces:
                index, result = self._take(done)
                results[index] = result
        except BaseException:
            self._stop.set()
            raise
        return [results[index] for index in range(len(pieces))]

    @staticmethod
    def _take(done: "queue.SimpleQueue[_Done[T]]") -> tuple[int, T]:
        while True:
            try:
                ended = done.get(timeout=0.2)  # a wait without end would not see Ctrl-C on every platform
            except queue.Empty:
                continue
            if isinstance(ended, _Failed):
                raise ended.error
            return ended

    def _work(
        self,
        todo: "queue.SimpleQueue[tuple[int, Callable[[], T]] | None]",
        done: "queue.SimpleQueue[_Done[T]]",
    ) -> None:
        while (taken := todo.get()) is not None:
            index, piece = taken
            if self._stop.is_set():
                return
            try:
                done.put((index, piece()))
            except BaseException as error:  # noqa: BLE001 - handed to the thread that waits, which raises it
                done.put(_Failed(error))
                return

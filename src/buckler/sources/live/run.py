"""Collect: from options to an estate, in three rounds of independent pieces of work.

First what is told in bulk for a region or an account, then what is asked per function, then what follows from both.
"""

import datetime as dt
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from buckler import errors
from buckler.model.estate import Estate, merge
from buckler.model.functions import Function
from buckler.model.progress import Progress
from buckler.model.secret import Judge
from buckler.sources.live import accounts, assemble, rounds
from buckler.sources.live.api import Api, Reader, Stopped
from buckler.sources.live.journal import Journal, Part
from buckler.sources.live.options import Collected, LiveOptions, Patience
from buckler.sources.live.pool import Pool
from buckler.sources.live.rounds import Piece

P = TypeVar("P", Estate, Function)


class Run:
    """One collection."""

    def __init__(self, api: Api, pool: Pool[Part], progress: Progress, journal: Journal | None) -> None:
        self._api = api
        self._pool = pool
        self._progress = progress
        self._journal = journal

    def do(self, stage: str, pieces: Sequence[Piece], kind: type[P]) -> list[P]:
        """Do all pieces of a stage, except those that an earlier run has finished."""
        self._progress.stage(stage, len(pieces))
        parts = self._pool.run([partial(self._one, stage, piece) for piece in pieces])
        return [part for part in parts if isinstance(part, kind)]

    def _one(self, stage: str, piece: Piece) -> Part:
        finished = self._journal.pieces.get(piece.key) if self._journal else None
        if finished is None:
            reader = Reader(self._api, piece.account, piece.region, is_global=piece.is_global)
            finished = piece.read(reader)
            if self._journal:
                self._journal.write(piece.key, finished)
        self._progress.advance(stage)
        return finished


def run(
    options: LiveOptions, *, judge: Judge, progress: Progress, journal: Path | None, resume: bool, patience: Patience | None = None
) -> Collected:
    """Collect everything *options* ask for."""
    stop = threading.Event()
    api = Api(stop=stop, progress=progress, patience=patience or Patience(), connections=options.max_workers)
    started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    book: Journal | None = None
    finished = False
    try:
        reach = accounts.reach(api, options)
        if journal is not None:
            identities = tuple(sorted(account.arn for account in reach.accounts))
            book = Journal.open(journal, options, identities, started, resume=resume)
            started = book.started
        work = Run(api, Pool(options.max_workers, stop), progress, book)
        estate = assemble.assemble(_collect(work, reach, options, judge), reach, started)
        finished = True
    except KeyboardInterrupt as error:
        raise errors.Interrupted("interrupted", cause="what was read so far is kept", hint="buckler scan --resume") from error
    except Stopped as error:  # pragma: no cover - the pool raises the reason first
        raise errors.Interrupted("stopped", hint="buckler scan --resume") from error
    finally:
        stop.set()
        if book is not None:
            book.close(finished=finished)
    return Collected(estate=estate, calls=api.counts)


def _collect(work: Run, reach: accounts.Reach, options: LiveOptions, judge: Judge) -> list[Estate]:
    bulk = work.do("accounts and regions", rounds.bulk(reach, judge, deep=options.deep), Estate)
    functions = work.do("functions", rounds.per_function(reach, bulk, deep=options.deep), Function)
    known = merge([*bulk, Estate(functions=tuple(functions))])
    followed = work.do(
        "layers, keys, trails and networks",
        rounds.follow_ups(reach, known, functions, deep=options.deep, also=options.signing_profiles),
        Estate,
    )
    return [rounds.without_followed(merge(bulk), followed, deep=options.deep), Estate(functions=tuple(functions)), *followed]

"""Change the world as a plan says: the only module that does. One step at a time, each read before and after, each journalled.

A step moves one piece of an account from `before` to `after` (`model/fix.py`). Wherever a run is cut off, reading the piece again tells
whether the step was made, so a journal can always be continued or undone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from msgspec.structs import replace

from buckler import errors
from buckler.fixes._refused import RefusedError
from buckler.fixes._work import Stand, Work
from buckler.fixes.journal import Journal
from buckler.fixes.moving import Mover
from buckler.fixes.plan import digest
from buckler.fixes.signing import LayerSigner, PackageSigner
from buckler.fixes.state import filled, filled_ask, named_in, picked, same, slot
from buckler.model.artifact import Fault
from buckler.model.fix import (
    PLAN_VERSION,
    ApiEdit,
    Ask,
    Begun,
    Content,
    Done,
    Ended,
    Fix,
    Found,
    MoveEdit,
    Plan,
    Record,
    Refused,
    SignLayerEdit,
    TextEdit,
    Undoing,
    Undone,
    WorkEdit,
)
from buckler.model.progress import Progress
from buckler.model.unknown import Unknown
from buckler.model.value import Value
from buckler.sources.live.world import World, is_declared

Hook: TypeAlias = Callable[[str, int], None]
"""Told of each point a run passes, and of the step: a test ends the process there."""

_BY_ROLE = {"DestinationConfig", "Role", "VpcConfig"}
"""Parameters that Lambda takes only when it may assume the role, and the role may do what they are about."""
# How often a piece is read until it is as it shall be: AWS shows some changes only after a while.
_LOOKS, _FIRST_S, _LONGEST_S = 12, 0.1, 5.0
_SETTLING = 60


class Outcome(Value):
    """How an apply or an undo ended."""

    done: tuple[str, ...]
    """Ids of the fixes that are made (or, of an undo, steps that were taken back, in words)."""
    refused: tuple[tuple[str, str], ...] = ()
    """(id of the fix or step in words, why)."""
    told: tuple[str, ...] = ()
    """What was seen on the way, in words."""


@dataclass(frozen=True, slots=True)
class Step:
    """An edit of a plan; several fixes may need the same."""

    number: int
    edit: ApiEdit | WorkEdit
    fixes: frozenset[str]


def steps_of(plan: Plan) -> tuple[Step, ...]:
    """List the steps of a plan in their order: one per piece, though several fixes need it."""
    edits: dict[str, tuple[ApiEdit | WorkEdit, set[str]]] = {}
    for fix in proved(plan):
        for edit in fix.edits:
            if isinstance(edit, ApiEdit | WorkEdit):
                edits.setdefault(slot(edit), (edit, set()))[1].add(fix.id)
    return tuple(Step(number, edit, frozenset(ids)) for number, (edit, ids) in enumerate(edits.values()))


def proved(plan: Plan) -> tuple[Fix, ...]:
    """List the fixes that may be made: those that edit files are made by `--write`."""
    return tuple(fix for fix in plan.fixes if fix.proof.verdict == "proved" and not any(isinstance(edit, TextEdit) for edit in fix.edits))


def refuse_foreign(plan: Plan, world: World) -> None:
    """Raise `UsageError` for a plan that is not buckler's word any more, or not about these accounts. Nothing is changed then."""
    anew = "make the plan anew: buckler fix --out plan.json"
    if plan.schema != PLAN_VERSION:
        raise errors.UsageError("the plan was written by another version of buckler", hint=anew)
    if plan.digest != digest(plan):
        raise errors.UsageError(
            "the plan was edited by hand", cause="its digest is not that of its content", hint=f"{anew} (--only, --function)"
        )
    for step in steps_of(plan):
        edit = step.edit
        if edit.account not in world.accounts:
            raise errors.UsageError(
                f"the plan is about account {edit.account}",
                cause=f"the credentials are for {', '.join(world.accounts)}",
                hint="use the credentials, --profile or --role-arn with which the plan was made",
            )
        if isinstance(edit, ApiEdit) and not is_declared(edit.do, edit.undo, *_reads_of(edit)):
            raise errors.UsageError(f"the plan asks for {edit.do.service}:{edit.do.operation}, which buckler never does", hint=anew)


def _reads_of(edit: ApiEdit) -> Iterator[Ask]:
    yield edit.read
    yield from (one.read for one in edit.lookups.values())
    yield from (one.read for one in (edit.held, edit.content) if one is not None)
    yield from (edit.settled,) if edit.settled is not None else ()


class Hand:
    """Makes steps and takes them back."""

    def __init__(self, world: World, journal: Journal, progress: Progress, hook: Hook | None = None) -> None:
        self._world = world
        self._journal = journal
        self._progress = progress
        self._hook: Hook = hook or (lambda _point, _step: None)
        self.told: dict[int, tuple[str, ...]] = {}
        """By step, what was seen on the way."""

    def stands(self, step: Step) -> Stand:
        """Read a piece again. Raises `RefusedError` when nobody can tell."""
        edit = step.edit
        if isinstance(edit, WorkEdit):
            return self._work(step, edit).stands()
        ids = self._looked_up(edit, edit.read.parameters, edit.pick, edit.before, edit.after)
        if named_in([edit.read.parameters, edit.pick, edit.before], edit.lookups) - ids.keys():
            return "before"  # what it is a piece of is not there: nobody touched it
        answer = self._world.read(edit.account, edit.region, filled_ask(edit.read, ids))
        if isinstance(answer, Unknown):
            raise RefusedError(f"{edit.what} cannot be read: {answer.why}")
        piece = picked(answer, filled(edit.pick, ids))
        return "before" if same(piece, filled(edit.before, ids)) else "after" if same(piece, filled(edit.after, ids)) else "changed"

    def _looked_up(self, edit: ApiEdit, *about: object) -> dict[str, Any]:
        """Find the ids that something speaks of, without those of what is not there. Raises `RefusedError`."""
        ids: dict[str, Any] = {}
        for name in sorted(named_in(about, edit.lookups)):
            lookup = edit.lookups[name]
            answer = self._world.read(edit.account, edit.region, lookup.read)
            if isinstance(answer, Unknown):
                raise RefusedError(f"whether {name} is there cannot be read: {answer.why}")
            found = picked(answer, lookup.pick)
            if found is not None:
                ids[name] = found
        return ids

    def _filled(self, edit: ApiEdit, ask: Ask) -> Ask:
        """Give a call with the ids that it speaks of. Raises `RefusedError` where one is of something that is not there."""
        ids = self._looked_up(edit, ask.parameters)
        gone = named_in(ask.parameters, edit.lookups) - ids.keys()
        if gone:
            raise RefusedError(f"{', '.join(sorted(gone))} is not there")
        return filled_ask(ask, ids)

    def make(self, step: Step) -> None:
        """Move a piece to `after`. Raises `RefusedError`; what was asked for before that may have happened."""
        edit, last = step.edit, self._journal.last_of(step.number)
        ours = isinstance(last, Begun | Done | Undoing)
        stands = self.stands(step)
        if stands == "after":
            if not isinstance(last, Done | Found):
                self._journal.write(Done(step=step.number) if ours else Found(step=step.number))
            return
        if isinstance(edit, WorkEdit):
            self._do(step, edit, stands, last)
            return
        self._insist(step, stands, "before")
        self._settle(edit)
        self._insist(step, self.stands(step), "before")
        if not isinstance(last, Begun):
            self._journal.write(Begun(step=step.number))
        self._hook("begun", step.number)
        self._change(step, edit, "after")
        self._hook("made", step.number)
        self._journal.write(Done(step=step.number))
        self._hook("done", step.number)

    def _do(self, step: Step, edit: WorkEdit, stands: Stand, last: Record | None) -> None:
        # What stands half made is gone on with when this journal says that it was begun, and is somebody else's when not.
        if stands != "before" and not (stands == "partial" and isinstance(last, Begun)):
            raise RefusedError(f"{edit.what} was changed by somebody, or by another plan, since the plan was made")
        if not isinstance(last, Begun):
            self._journal.write(Begun(step=step.number))
        self._hook("begun", step.number)
        self._progress.say(f"{'moving' if isinstance(edit, MoveEdit) else 'making'} {edit.what} of {edit.arn}")
        work = self._work(step, edit)
        work.make()
        self.told[step.number] = work.told
        self._hook("made", step.number)
        self._journal.write(Done(step=step.number))
        self._hook("done", step.number)

    def _work(self, step: Step, edit: WorkEdit) -> Work[Any]:
        def hook(point: str) -> None:
            self._hook(point, step.number)

        if isinstance(edit, MoveEdit):
            return Mover(self._world, edit, hook)
        if isinstance(edit, SignLayerEdit):
            return LayerSigner(self._world, edit, hook)
        return PackageSigner(self._world, edit, hook)

    def take_back(self, step: Step) -> None:
        """Move a piece back to `before`. Raises `RefusedError` when somebody else changed it since."""
        stands = self.stands(step)
        if isinstance(step.edit, WorkEdit):
            if stands == "changed":
                raise RefusedError(
                    f"{step.edit.what} was changed by somebody since buckler {'moved' if isinstance(step.edit, MoveEdit) else 'made'} it"
                )
            if stands != "before":
                self._journal.write(Undoing(step=step.number))
                self._hook("undoing", step.number)
                self._work(step, step.edit).take_back()
                self._hook("unmade", step.number)
            self._journal.write(Undone(step=step.number))
            self._hook("undone", step.number)
            return
        edit = step.edit
        if stands != "before":
            self._insist(step, stands, "after")
            self._settle(edit)
            self._spare(edit)
            self._journal.write(Undoing(step=step.number))
            self._hook("undoing", step.number)
            self._change(step, edit, "before")
            self._hook("unmade", step.number)
        self._journal.write(Undone(step=step.number))
        self._hook("undone", step.number)

    def is_ours(self, step: Step) -> bool:
        """Say whether buckler began a step and did not take it back."""
        return isinstance(self._journal.last_of(step.number), Begun | Done | Undoing)

    def _insist(self, step: Step, stands: str, wanted: str) -> None:
        if stands != wanted:
            then = "the plan was made" if wanted == "before" else "buckler changed it"
            raise RefusedError(f"{step.edit.what} was changed by somebody since {then}")

    def _change(self, step: Step, edit: ApiEdit, wanted: Literal["before", "after"]) -> None:
        ask = self._filled(edit, edit.do if wanted == "after" else edit.undo)
        if edit.content is not None and wanted == "after":
            ask = replace(ask, parameters=ask.parameters | {"Content": {"ZipFile": self._fetched(edit, edit.content)}})
        self._progress.say(f"{ask.operation}: {edit.what} of {edit.arn}")
        answer = self._world.write(edit.account, edit.region, ask)
        pause = _FIRST_S
        for _ in range(_LOOKS):
            if self.stands(step) == wanted:
                self._settle(edit)
                return
            if isinstance(answer, Unknown) and not _BY_ROLE & ask.parameters.keys():
                # The seam tried long enough; an answer that was lost on the way would show in the piece.
                raise RefusedError(f"AWS does not do it: {answer.why}")
            self._world.wait(pause)
            pause = min(pause * 2, _LONGEST_S)
            if isinstance(answer, Unknown):
                # It takes IAM some seconds until Lambda may assume a role that was just made, or the role may what it was just allowed.
                answer = self._world.write(edit.account, edit.region, ask)
        if isinstance(answer, Unknown):
            raise RefusedError(f"AWS does not do it: {answer.why}")
        raise RefusedError(f"AWS took the change of {edit.what}, but does not show it")

    def _fetched(self, edit: ApiEdit, content: Content) -> bytes:
        """Fetch what is published; it is in no journal. Raises `RefusedError`."""
        answer = self._world.read(edit.account, edit.region, content.read)
        if answer is None or isinstance(answer, Unknown):
            raise RefusedError(f"{edit.what} cannot be fetched: {'it is gone' if answer is None else answer.why}")
        got = self._world.fetch(edit.account, str(picked(answer, ("Content", "Location"))), content.sha256)
        if isinstance(got, Unknown):
            raise RefusedError(f"{edit.what} cannot be fetched: {got.why}")
        if isinstance(got, Fault):
            raise RefusedError(f"{edit.what} is not what it was: {got.detail}")
        return got

    def _spare(self, edit: ApiEdit) -> None:
        """Refuse to undo what would destroy data, or what may."""
        if edit.held is None:
            return
        answer = self._world.read(edit.account, edit.region, self._filled(edit, edit.held.read))
        if isinstance(answer, Unknown):
            raise RefusedError(f"it stays: whether it holds {edit.held.what} cannot be read: {answer.why}")
        if picked(answer, edit.held.pick):
            raise RefusedError(f"it stays: it holds {edit.held.what} by now, which buckler never deletes")

    def _settle(self, edit: ApiEdit) -> None:
        """Wait until AWS is through with an earlier change: it refuses a second one meanwhile, or what is made does not work yet."""
        if edit.settled is None:
            return
        ids = self._looked_up(edit, edit.settled.parameters)
        if named_in(edit.settled.parameters, edit.lookups) - ids.keys():
            return  # it is not there yet, or not any more
        pause = _FIRST_S
        for _ in range(_SETTLING):
            answer = self._world.read(edit.account, edit.region, filled_ask(edit.settled, ids))
            if isinstance(answer, Unknown):
                raise RefusedError(f"whether {edit.what} is being changed cannot be read: {answer.why}")
            if picked(answer, edit.busy) is None:
                return
            self._world.wait(pause)
            pause = min(pause * 2, _LONGEST_S)
        raise RefusedError(f"AWS does not come to an end with {edit.what} of {edit.arn}")


def apply(world: World, journal: Journal, progress: Progress, hook: Hook | None = None) -> Outcome:
    """Make the fixes of a journal's plan, or go on with those that are left.

    A fix is made whole or not at all: all its pieces are read before the first is touched, and what was made of it is taken back when a
    later step is refused.
    """
    plan = journal.plan
    refuse_foreign(plan, world)
    steps = steps_of(plan)
    hand = Hand(world, journal, progress, hook)
    fixes = proved(plan)
    progress.stage("fixes applied", len(fixes))
    for fix in fixes:
        if fix.id not in journal.refused:
            mine = [step for step in steps if fix.id in step.fixes]
            try:
                _apply_one(hand, mine)
            except RefusedError as stop:
                journal.write(Refused(fix=fix.id, why=_withdraw(hand, fix, mine, fixes, journal, str(stop))))
        progress.advance("fixes applied")
    journal.write(Ended())
    refused = journal.refused
    return Outcome(
        done=tuple(fix.id for fix in fixes if fix.id not in refused),
        refused=tuple(sorted(refused.items())),
        told=tuple(one for number in sorted(hand.told) for one in hand.told[number]),
    )


def _apply_one(hand: Hand, steps: list[Step]) -> None:
    for step in steps:
        if hand.stands(step) == "changed":
            raise RefusedError(f"{step.edit.what} was changed by somebody since the plan was made")
    for step in steps:
        hand.make(step)


def _withdraw(hand: Hand, fix: Fix, steps: list[Step], fixes: tuple[Fix, ...], journal: Journal, why: str) -> str:
    """Take back what was made of a fix, except what a fix before it needs."""
    earlier = {one.id for one in fixes[: fixes.index(fix)]} - set(journal.refused)
    for step in reversed(steps):
        if hand.is_ours(step) and not step.fixes & earlier:
            try:
                hand.take_back(step)
            except RefusedError as stop:
                why += f"; and {step.edit.what} could not be put back: {stop}"
    return why

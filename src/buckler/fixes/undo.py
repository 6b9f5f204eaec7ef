"""Take back what a journal says was done, the last first."""

from buckler import errors
from buckler.fixes._refused import RefusedError
from buckler.fixes.apply import Hand, Hook, Outcome, Step, refuse_foreign, steps_of
from buckler.fixes.journal import Journal
from buckler.model.fix import WorkEdit
from buckler.model.progress import Progress
from buckler.sources.live.world import World


def undo(world: World, journal: Journal, progress: Progress, hook: Hook | None = None) -> Outcome:
    """Put every piece back as it was before. What somebody else changed since stays, and is named; can be asked for again.

    Raises `UsageError`, having changed nothing, for a journal that lost records: a step stands made of which it does not tell.
    """
    plan = journal.plan
    refuse_foreign(plan, world)
    hand = Hand(world, journal, progress, hook)
    steps = steps_of(plan)
    if not journal.is_ended:
        for step in steps:
            if journal.last_of(step.number) is None and not step.fixes & set(journal.refused):
                _insist_untouched(hand, step, journal)
    ours = [step for step in reversed(steps) if hand.is_ours(step)]
    progress.stage("steps undone", len(ours))
    done: list[str] = []
    refused: list[tuple[str, str]] = []
    for step in ours:
        named = f"{step.edit.what} of {step.edit.arn}"
        try:
            hand.take_back(step)
            done.append(named)
        except RefusedError as stop:
            refused.append((named, str(stop)))
        progress.advance("steps undone")
    return Outcome(done=tuple(done), refused=tuple(refused))


def _insist_untouched(hand: Hand, step: Step, journal: Journal) -> None:
    try:
        # What another journal moved or signed is none of ours.
        made = not isinstance(step.edit, WorkEdit) and hand.stands(step) == "after"
    except RefusedError:
        return  # nobody can look: it is not touched either
    if made:
        raise errors.UsageError(
            f"the journal `{journal.path}` does not tell of all that was done",
            cause=f"{step.edit.what} of {step.edit.arn} is as the plan wants it, and no record says who did that",
            hint="fetch the journal from a backup; else put it back by hand: the plan tells what was there before",
        )

"""Tags that an attacker sets first: a condition on a tag holds nobody back who may set it."""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec.structs import replace

from buckler.data.tag_actions import TAGGING, tag_action
from buckler.model.finding import ContextEntry, Request
from buckler.reach.edges_settle import Outcome, phrases_of, settle

OF_PRINCIPAL: Final = "aws:principaltag/"
OF_RESOURCE: Final = ("aws:resourcetag/", "iam:resourcetag/", "secretsmanager:resourcetag/", "ec2:resourcetag/", "ssm:resourcetag/")

Tagging = Callable[[str, str, dict[str, tuple[str, ...]]], Outcome]
"""Asks whether somebody may do an action on a resource, with what the request says besides."""


def by_tagging(outcome: Outcome, request: Request, itself: str, tags: Tagging, *, speaks_of: Callable[[str], bool]) -> Outcome:
    """Settle anew what rests on tags that can be set; tags of the resource that are others are overwritten where that is allowed.

    *request* is what *outcome* came of; *itself* is the ARN of the principal where it chooses its own tags, else "".
    """
    if request.action.lower() in TAGGING:
        return outcome
    if outcome.verdict == "only-if":
        before = _setting(outcome, request, itself, tags)
        if itself and any(entry not in before for entry in _supposed(outcome, request, OF_PRINCIPAL)):
            return replace(outcome, verdict="never", only_if=(), unread=())
        return _after(before, outcome)
    action = tag_action(request.resource)
    known = [entry for entry in request.context if entry.key.lower().startswith(OF_RESOURCE)]
    if outcome.verdict != "never" or not known or not action or not speaks_of(action.lower()):
        return outcome
    opened = replace(request, context=tuple(entry for entry in request.context if entry not in known))
    found = settle(opened, outcome.layers)
    if not found.is_possible:
        return outcome
    before = _setting(found, opened, itself, tags)
    is_settled = all(entry in before for entry in _supposed(found, opened, *OF_RESOURCE, *((OF_PRINCIPAL,) if itself else ())))
    return _after(before, found) if before and is_settled else outcome


def _supposed(outcome: Outcome, request: Request, *heads: str) -> tuple[ContextEntry, ...]:
    """Give what was supposed of some keys."""
    return tuple(entry for entry in outcome.request.context[len(request.context) :] if entry.key.lower().startswith(heads))


def _setting(outcome: Outcome, request: Request, itself: str, tags: Tagging) -> dict[ContextEntry, Outcome]:
    """Give the requests that set the supposed tags, of those that can be set for sure."""
    found: dict[ContextEntry, Outcome] = {}
    for entry in _supposed(outcome, request, *OF_RESOURCE, *((OF_PRINCIPAL,) if itself else ())):
        resource = itself if entry.key.lower().startswith(OF_PRINCIPAL) else request.resource
        action, key = tag_action(resource), entry.key.partition("/")[2]
        if entry.values and action:
            asked = tags(action, resource, {f"aws:RequestTag/{key}": entry.values, "aws:TagKeys": (key,)})
            if asked.verdict == "always":
                found[entry] = asked
    return found


def _after(before: Mapping[ContextEntry, Outcome], outcome: Outcome) -> Outcome:
    """Take away the conditions on tags that are set first."""
    if not before:
        return outcome
    gone = phrases_of(before)
    only_if = tuple(phrase for phrase in outcome.only_if if phrase not in gone)
    return replace(outcome, verdict="only-if" if only_if or outcome.unread else "always", only_if=only_if, before=tuple(before.values()))


def tags_text(outcome: Outcome) -> str:
    """Say which tags are set first: `developer = true`; "" where none are."""
    pairs = [entry for one in outcome.before for entry in one.request.context if entry.key.lower().startswith("aws:requesttag/")]
    return ", ".join(f"{entry.key.partition('/')[2]} = {' '.join(entry.values)}" for entry in pairs)

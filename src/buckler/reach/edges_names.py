"""Names for things that need not exist: what an attacker calls a new function so that a policy for `dev-*` lets them make it."""

import re
from collections.abc import Iterator, Mapping

from buckler.reach.edges_actors import Actor
from buckler.reach.resources import account_in_arn

_NAME = "example-7q4z"
_AT_MOST = 24


class Called(dict[str, str]):
    """What stands in an ARN of `[resources]`: partition, region, account and name."""

    def arn(self, template: str) -> str:
        """Write an ARN."""
        return template.format_map(self)


def names_for(actor: Actor, wanted: Mapping[str, str], region: str) -> Iterator[Called]:
    """Give regions and names worth trying: those the actor's own policies speak of, and any.

    *wanted* holds, by action, the ARN with braces that the action is for.
    """
    seen: set[tuple[str, str]] = set()
    for place, name in ((region, _NAME), *_spoken(actor, wanted, region)):
        if (place, name) not in seen and len(seen) < _AT_MOST:
            seen.add((place, name))
            yield Called(partition=actor.partition, region=place, account=actor.account, name=name)


def _spoken(actor: Actor, wanted: Mapping[str, str], region: str) -> Iterator[tuple[str, str]]:
    for action, template in wanted.items():
        for line in actor.policies.on(action.lower())[1]:
            for pattern in line.body.resources:
                found = _fit(pattern, template, region) if isinstance(pattern, str) else None
                if found is not None:
                    yield found


def _fit(pattern: str, template: str, region: str) -> tuple[str, str] | None:
    """Read region and name off a pattern of a policy: `arn:aws:lambda:*:*:function:dev-*` wants a function called `dev-7q4z`."""
    pieces = pattern.split(":", 5)
    if "${" in pattern or len(pieces) < 6:
        return None
    head, _, tail = template.split(":", 5)[5].partition("{name}")
    if not pieces[5].startswith(head):
        return None
    name = pieces[5].removeprefix(head)
    if tail and tail[0] in "/:" and tail[0] in name:
        name = name.partition(tail[0])[0]
    place = pieces[3] if pieces[3] and not re.search(r"[*?]", pieces[3]) else region
    account = account_in_arn(pattern)
    if account and "{account}" not in template:
        return None
    return place, name.replace("*", "7q4z").replace("?", "x") or _NAME

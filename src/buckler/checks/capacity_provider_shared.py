"""capacity-provider-shared: functions with different roles share instances, and with them a boundary."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Confidence, Severity
from buckler.model.text import Hole, Partial, Text, shown
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.absent import first_hole
from buckler.reach.analysis import Analysis
from buckler.reach.once import once


@check(
    Severity.MEDIUM,
    area="role",
    confidence=Confidence.MEDIUM,
    maps=("owasp:SAS-4", "nist:AC-6", "nist:SC-7(21)"),
    preview=True,
)
def capacity_provider_shared(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a capacity provider on which functions with different execution roles run.

    Asked of each function; the finding stands at the first function of a provider and names the others. Rests on AWS's documentation of
    Managed Instances; not confirmed on an account.

    Why: on Managed Instances the containers of one provider share machines, and AWS calls containers no security boundary: who escapes
    from the weakest function is next to the credentials of every other role.

    Not flagged: functions on Lambda's own fleet, where each has a micro virtual machine, and functions that share a role anyway.

    Fix: give functions that must not trust each other a capacity provider each.

    Source: AWS Lambda Developer Guide, "Lambda Managed Instances": capacity providers are the security boundary.
    """
    if fn.capacity_provider is None:
        return
    together = _tenants(analysis)[fn.capacity_provider]
    if together[0] is not fn:
        return
    roles: dict[Text, Function] = {}
    chosen: dict[Text, Function] = {}
    unread: Unknown | None = None
    for other in together:
        if isinstance(other.role, Unknown):
            unread = unread or other.role
        else:
            (chosen if _is_chosen(other.role) else roles).setdefault(other.role, other)
    if len(roles) > 1:
        first, *others = [seen(other.origin, f"{shown(other.name)} runs as {shown(role)}") for role, other in roles.items()]
        yield capacity_provider_shared.finding(
            fn,
            f"`{shown(fn.capacity_provider).rpartition(':')[2]}` runs functions of {len(roles)} different roles on the same machines",
            first,
            *others[:5],
        )
    elif len(roles) + len(chosen) > 1:
        # Whoever deploys the file may give one role for all.
        raise Undecided(first_hole(*chosen))
    if unread:
        raise Undecided(unread)


def _is_chosen(role: Text) -> bool:
    """Say whether a parameter tells the role, or a part of its name: then it may be the role of another function too.

    The account and the region of a deployment are the same for all of them.
    """
    return isinstance(role, Partial) and any(
        isinstance(part, Hole) and bool(part.need) and not part.ref.startswith("AWS::") for part in role.parts
    )


@once
def _tenants(analysis: Analysis) -> dict[Text, list[Function]]:
    index: dict[Text, list[Function]] = {}
    for function in analysis.estate.functions:
        if function.capacity_provider is not None:
            index.setdefault(function.capacity_provider, []).append(function)
    return index

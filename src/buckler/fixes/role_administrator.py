"""role-administrator: leave the role what the configuration of its functions needs."""

from collections.abc import Callable

from msgspec.structs import replace

from buckler.fixes._boundary import needs_only
from buckler.fixes._documents import document_of
from buckler.fixes._estates import all_of
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._needed import needed
from buckler.fixes._roles import VERSION, detach, put_inline, with_inline, without_attached
from buckler.fixes.state import slot
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit
from buckler.model.iam import Role
from buckler.model.text import shown
from buckler.model.unknown import Unknown, known
from buckler.reach.analysis import Analysis
from buckler.reach.roles import deciding, is_administrator, powers_of
from buckler.reach.trusts import Outsider, outsiders

_NEEDED = "buckler-needed"


@remedy
def role_administrator(case: Case[Role]) -> Remedies:
    """Take away what makes it an administrator, and write what event sources, destinations, network, tracing and keys need.

    What the code calls besides, no configuration tells: the services that IAM saw it use are named as lost. Where its policies cannot be
    changed, a permissions boundary of the same does it.
    """
    yield from as_needed(case.subject, case.analysis)
    bound = needs_only(case.subject, case.analysis)
    if bound is not None:
        yield bound


def as_needed(role: Role, analysis: Analysis) -> Remedies:
    """Replace what makes a role an administrator by what the configuration of its functions needs."""
    functions = analysis.functions_of_role.get(role.arn, ())
    statements = needed(role, analysis)
    if not functions or not statements:
        yield Advice("replace the policy by one that names the actions and resources it needs", "no function that was read runs as it")
        return
    wanted = {"Version": VERSION, "Statement": list(statements)}
    # By the piece that is changed: what is taken from a policy in two goes is one edit of it.
    edits: dict[str, ApiEdit] = {}
    changes: list[Callable[[Estate], Estate]] = [with_inline(role, _NEEDED, wanted)]
    taken: list[str] = []
    now = analysis
    first = put_inline(role, _NEEDED, wanted)
    while first is not None:
        own = next(one for one in now.estate.roles if one.arn == role.arn)
        step = _step(own, role, now)
        if step is None:
            break
        edit, change, what = step
        edits[slot(edit)] = edit
        changes.append(change)
        taken.append(what)
        now = Analysis(change(now.estate), today=now.today)
    if first is None or not taken:
        yield Advice("replace the policy by one that names the actions and resources it needs", "its policies are not known whole")
        return
    used = _known_uses(role)
    yield Mend(
        summary=f"replace {', '.join(dict.fromkeys(taken))} by what the configuration of its functions needs",
        edits=(first, *edits.values()),
        change=all_of(*changes),
        lost=(
            f"what the code of {_listed([shown(one.name) for one in functions])} calls besides{used}: grant it by name first",
            *(f"what {who}, who may assume the role too, does with it" for who in _others(role, analysis)),
        ),
    )


def _others(role: Role, analysis: Analysis) -> tuple[str, ...]:
    """Name who besides Lambda may assume the role. Raises `Undecided` where the trust policy could not be read."""
    return tuple(one.who for one in outsiders(role, known(role.trust), analysis) if isinstance(one, Outsider))


def _known_uses(role: Role) -> str:
    """Name the services that IAM recorded the role to use."""
    if isinstance(role.services_used, Unknown):
        return ""
    services = sorted(one.service for one in role.services_used if one.last is not None)
    return f" (it has used {_listed(services)})" if services else ""


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(f"`{one}`" for one in sorted(names)[:5]) + more


def _step(role: Role, before: Role, analysis: Analysis) -> tuple[ApiEdit, Callable[[Estate], Estate], str] | None:
    """Give the policy to take away next; None when the role is no administrator any more, or nobody can take it."""
    requests = is_administrator(role, analysis)
    guilty = deciding(powers_of(role, analysis), requests) if requests else ()
    for attached in known(role.attached):
        if any(one in guilty for one in known(attached.document).statements):
            name = shown(attached.arn).rpartition("/")[2]
            return detach(before, attached), without_attached(role, attached), f"`{name}`"
    for policy in known(role.inline):
        kept = tuple(one for one in policy.statements if one not in guilty)
        if len(kept) < len(policy.statements):
            document = document_of(replace(policy, statements=kept)) if kept else None
            edit = put_inline(before, policy.name, document)
            if edit is not None and (document is not None or not kept):
                return edit, with_inline(role, policy.name, document), f"what the inline policy `{policy.name}` allows too much"
    return None

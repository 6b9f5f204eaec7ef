"""role-service-wildcard: allow what functions do with the service, in place of everything."""

from collections.abc import Callable

from msgspec.structs import replace

from buckler.data.function_actions import narrowed
from buckler.fixes._documents import Document, document_of
from buckler.fixes._estates import all_of
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._roles import detach, put_inline, with_inline, without_attached
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit
from buckler.model.iam import Role
from buckler.model.policy import Policy
from buckler.model.text import shown
from buckler.model.unknown import known


@remedy
def role_service_wildcard(case: Case[Role]) -> Remedies:
    """Write, in place of `service:*`, the actions on the service's data; of a managed policy the role gets a narrower copy of its own.

    Which resources the code needs only its owner can tell: those stay as they are.
    """
    role = case.subject
    edits: list[ApiEdit] = []
    changes: list[Callable[[Estate], Estate]] = []
    services: set[str] = set()
    for policy in known(role.inline):
        document = _narrowed(policy, services)
        edit = put_inline(role, policy.name, document) if document is not None else None
        if edit is not None:
            edits.append(edit)
            changes.append(with_inline(role, policy.name, document))
    for attached in known(role.attached):
        document = _narrowed(known(attached.document), services)
        name = f"buckler-{shown(attached.arn).rpartition('/')[2]}"[:128]
        edit = put_inline(role, name, document) if document is not None else None
        if edit is not None:
            # The copy first: nothing that stays allowed is missing in between.
            edits += [edit, detach(role, attached)]
            changes += [with_inline(role, name, document), without_attached(role, attached)]
    if not edits:
        yield Advice("name the actions and the ARNs the function uses in place of `service:*` on `*`", "what it uses only its code tells")
        return
    said = ", ".join(f"`{one}`" for one in sorted(services))
    yield Mend(
        summary=f"allow of {said} what functions do with it, in place of everything",
        edits=tuple(edits),
        change=all_of(*changes),
        lost=(f"every other action of {said}: name what the code calls besides",),
    )


def _narrowed(policy: Policy, services: set[str]) -> Document | None:
    """Write a policy without whole services, where that can be said; None when it names none. The services are noted."""
    statements = tuple(
        replace(one, actions=narrowed(one.actions, services)) if one.effect == "Allow" and one.actions is not None else one
        for one in policy.statements
    )
    return document_of(replace(policy, statements=statements)) if statements != policy.statements else None

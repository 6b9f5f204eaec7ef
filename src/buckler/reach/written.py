"""The statements of a role that somebody here wrote: AWS's managed policies are AWS's to mend."""

from collections.abc import Iterator
from dataclasses import dataclass

from buckler.engines.iam.validity import IdleAction, IdleResource, validity, works_in
from buckler.model.iam import Role
from buckler.model.policy import Policy, Statement
from buckler.model.text import shown
from buckler.model.unknown import Unknown


def written_policies(role: Role) -> Iterator[Policy]:
    """Give the role's inline policies and the customer's managed ones, as far as they could be read."""
    policies = [] if isinstance(role.inline, Unknown) else list(role.inline)
    for attached in () if isinstance(role.attached, Unknown) else role.attached:
        if not isinstance(attached.document, Unknown) and ":iam::aws:policy/" not in shown(attached.arn):
            policies.append(attached.document)
    yield from policies


def written_statements(role: Role) -> Iterator[Statement]:
    """Give the statements of those."""
    for policy in written_policies(role):
        yield from policy.statements


@dataclass(frozen=True, slots=True)
class Idle:
    """What a statement says and never does."""

    actions: tuple[IdleAction, ...]
    """None of its resources is one that they act on, and no other statement of the role has them with one."""
    resources: tuple[IdleResource, ...]


def idle_in(statement: Statement, statements: tuple[Statement, ...]) -> Idle:
    """Give what is idle in a statement; *statements*: all of the role."""
    wrong = validity(statement)
    actions = tuple(one for one in wrong.idle_actions if not _granted_elsewhere(one, statement, statements))
    return Idle(actions, wrong.idle_resources)


def _granted_elsewhere(idle: IdleAction, statement: Statement, statements: tuple[Statement, ...]) -> bool:
    return any(other is not statement and other.effect == statement.effect and works_in(idle.written, other) for other in statements)

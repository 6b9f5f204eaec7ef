"""The statements of a role that somebody here wrote: AWS's managed policies are AWS's to mend."""

from collections.abc import Iterator

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

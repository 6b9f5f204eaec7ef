"""policy-grant-impossible: a statement grants actions on resources they do not act on."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.engines.iam.validity import IdleAction, IdleResource
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.severity import Persona, Severity
from buckler.model.text import shown
from buckler.reach.analysis import Analysis
from buckler.reach.roles import concerns, powers_of
from buckler.reach.written import idle_in, written_statements


@check(Severity.LOW, area="role", persona=Persona.AUDITOR, maps=("owasp:SAS-4", "nist:AC-6"))
def policy_grant_impossible(role: Role, analysis: Analysis) -> Iterator[Finding]:
    """Flag an action none of whose statement's resources it acts on, and a resource beside others that none of the actions acts on.

    Why: `s3:GetObject` on a bucket without `/*`, or `s3:ListBucket` on `bucket/*`, grants nothing: the call fails, and somebody then widens
    the policy until it works. In a Deny it protects nothing, which nobody notices at all.

    Not flagged: AWS's managed policies; an action that another statement of the role grants; `bucket` beside `bucket/*`; actions and kinds
    of resources buckler does not know; and what a parameter decides.

    Fix: give the statement the ARN of what the action acts on, or `*` for an action that acts on nothing in particular.

    Source: AWS Service Authorization Reference, "Resource types" of each service; IAM User Guide, "IAM JSON policy elements: Resource".
    """
    if not concerns(role, analysis):
        return
    statements = tuple(written_statements(role))
    reported: set[tuple[str, ...]] = set()
    for statement in statements:
        found = idle_in(statement, statements)
        idle = found.actions
        key = (*(one.written for one in idle), "on", *(shown(resource) for resource in statement.resources or ()))
        if (not idle and not found.resources) or key in reported:
            continue
        reported.add(key)
        yield policy_grant_impossible.finding(
            role,
            _actions(idle) if idle else _resources(found.resources),
            seen(statement.origin, f"so this {'denies' if statement.effect == 'Deny' else 'grants'} less than it says"),
            remedy=_remedy(idle, found.resources),
            key=" ".join(key),
        )
    powers_of(role, analysis).insist()


def _actions(idle: tuple[IdleAction, ...]) -> str:
    names = ", ".join(f"`{one.written}`" for one in idle[:3]) + (f" and {len(idle) - 3} more" if len(idle) > 3 else "")
    return f"{names} {'acts' if len(idle) == 1 else 'act'} on none of the resources of {'its' if len(idle) == 1 else 'their'} statement"


def _resources(idle: tuple[IdleResource, ...]) -> str:
    return f"no action of the statement acts on `{shown(idle[0].written)}`"


def _remedy(actions: tuple[IdleAction, ...], resources: tuple[IdleResource, ...]) -> str | None:
    for one in actions:
        if one.instead is not None:
            return f"Grant `{one.written}` on `{shown(one.instead)}`."
    for one in actions:
        if len(one.acts_on) == 1:
            return f"Grant `{one.written}` on what it acts on, `{one.acts_on[0]}`, in a statement of its own."
    return f"Write `{shown(resources[0].instead)}` in place of `{shown(resources[0].written)}`." if resources else None

"""policy-action-unknown: a policy names an action that does not exist."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.engines.iam.validity import validity
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.severity import Persona, Severity
from buckler.reach.analysis import Analysis
from buckler.reach.roles import concerns, powers_of
from buckler.reach.written import written_statements


@check(Severity.LOW, area="role", persona=Persona.AUDITOR, maps=("owasp:SAS-4", "nist:AC-6"))
def policy_action_unknown(role: Role, analysis: Analysis) -> Iterator[Finding]:
    """Flag an entry of `Action` or `NotAction` that names no action of any service, in the policies of a role of functions.

    Why: IAM takes any name and says nothing. An Allow of it grants nothing, so the call fails in production, and somebody then widens the
    policy until it works. A Deny of it protects nothing, and in `NotAction` it leaves out nothing.

    Not flagged: AWS's managed policies, actions AWS once had, services whose actions AWS does not list, and what a parameter decides.

    Fix: write the action that is meant. Names of API operations are not always names of actions: `s3:GetObject` also allows `HeadObject`.

    Source: AWS Service Authorization Reference, "Actions, resources, and condition keys for AWS services".
    """
    if not concerns(role, analysis):
        return
    reported: set[str] = set()
    for statement in written_statements(role):
        for unknown in validity(statement).unknown_actions:
            if unknown.written in reported:
                continue
            reported.add(unknown.written)
            effect = "leaves out nothing" if unknown.element == "NotAction" else "grants nothing"
            if statement.effect == "Deny" and unknown.element == "Action":
                effect = "denies nothing"
            meant = f"; `{unknown.meant}` is meant, perhaps" if unknown.meant else ""
            yield policy_action_unknown.finding(
                role,
                f"`{unknown.written}` is no action{meant}",
                seen(statement.origin, f"so this {effect}"),
                remedy=f"Write `{unknown.meant}` in its place, if that is what the code calls." if unknown.meant else None,
                key=unknown.written,
            )
    powers_of(role, analysis).insist()

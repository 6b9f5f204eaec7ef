"""policy-condition-unknown: a policy has a condition on a key that does not exist."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.engines.iam.validity import UnknownKey, unknown_keys
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.policy import Policy, Statement
from buckler.model.severity import Persona, Severity
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.roles import concerns, powers_of
from buckler.reach.written import written_policies


@check(Severity.MEDIUM, area="role", persona=Persona.AUDITOR, maps=("owasp:SAS-4", "nist:AC-6"))
def policy_condition_unknown(role: Role, analysis: Analysis) -> Iterator[Finding]:
    """Flag a condition on a key that AWS does not have, in the policies of a role of functions and in its trust policy.

    Why: IAM takes any key and says nothing. It is then absent from every request: with `StringEquals` or `ArnLike` the statement never
    applies, so an Allow grants nothing and a Deny protects nothing; with `...IfExists`, `StringNotEquals` or `ForAllValues` the condition
    always holds, so it restricts nobody.

    Not flagged: AWS's managed policies, keys of identity providers, tags, and keys of a service that are like none it documents.

    Fix: write the key that is meant, as AWS spells it: `aws:SourceArn`, `aws:PrincipalOrgID`.

    Source: IAM User Guide, "AWS global condition context keys" and "IAM JSON policy elements: Condition operators".
    """
    if not concerns(role, analysis):
        return
    reported: set[str] = set()
    trust = () if isinstance(role.trust, Unknown) else (role.trust,)
    for policy in (*written_policies(role), *trust):
        for statement, unknown in _unknown(policy):
            written = unknown.condition.key
            if written.lower() in reported:
                continue
            reported.add(written.lower())
            meant = f"; `{unknown.meant}` is meant, perhaps" if unknown.meant else ""
            yield policy_condition_unknown.finding(
                role,
                f"`{written}` is no condition key{meant}",
                seen(statement.origin, _outcome(statement, unknown)),
                remedy=f"Write `{unknown.meant}` in its place, if that is what the condition is about." if unknown.meant else None,
                key=written,
            )
    powers_of(role, analysis).insist()


def _unknown(policy: Policy) -> Iterator[tuple[Statement, UnknownKey]]:
    for statement in policy.statements:
        for unknown in unknown_keys(statement, policy.version):
            yield statement, unknown


def _outcome(statement: Statement, unknown: UnknownKey) -> str:
    if unknown.holds is None:
        return "no request has it, so its value decides nothing"
    if unknown.holds:
        return f"under `{unknown.condition.operator}` this holds in every request, so it restricts nothing"
    return f"under `{unknown.condition.operator}` this never holds, so this {'grants' if statement.effect == 'Allow' else 'denies'} nothing"

"""control-policy-absent: no control policy limits the account, though the organisation has some."""

from collections.abc import Iterator
from typing import Final

from buckler.checks._check import check, seen
from buckler.model.estate import Scope
from buckler.model.finding import Finding
from buckler.model.iam import Organization, OrgPolicy
from buckler.model.policy import Policy
from buckler.model.severity import Persona, Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown, known
from buckler.reach.analysis import Analysis
from buckler.reach.control import levels
from buckler.reach.scopes import asked

_KIND: Final = "SERVICE_CONTROL_POLICY"


@check(
    Severity.LOW,
    area="role",
    persona=Persona.AUDITOR,
    maps=("owasp:SAS-4", "nist:AC-6", "nist:CM-6", "pci:7.2.1"),
)
def control_policy_absent(scope: Scope, analysis: Analysis) -> Iterator[Finding]:
    """Flag an account of an organisation that limits accounts with service control policies, on which none but those that allow all lies.

    Looked at is the whole chain: the account, its organisational units and the root. An organisation uses them when one that does more than
    allow everything is attached somewhere. One finding per account.

    Why: an account outside the limits is where an administrator made by a function may do what the organisation forbids elsewhere.

    Not flagged: organisations that use none, accounts in no organisation, and the management account, which no control policy binds.

    Fix: attach the control policies of the other accounts to this one, or move it into an organisational unit that has them.

    Source: AWS Organizations User Guide, "Service control policies (SCPs)" and "SCP evaluation".
    """
    first = next((one for one in analysis.estate.scopes if one.account == scope.account and one.kind == scope.kind), scope)
    if scope.kind not in {"live", "saved"} or first is not scope:
        return
    account = shown(scope.account)
    bound = levels(account, _KIND, analysis)
    if isinstance(bound, Unknown):
        raise Undecided(bound)
    organization = next((one for one in analysis.estate.organizations if _has(one, account)), None)
    if organization is None or organization.management_account == account:
        return
    used = [one for one in known(organization.policies) if one.kind == _KIND and one.targets and _limits_more(one)]
    if not used or any(_limits(document) for level in bound for document in level):
        return
    names = ", ".join(f"`{one.name}`" for one in used[:3])
    yield control_policy_absent.finding(
        scope,
        f"no service control policy limits account `{account}`, though the organisation has {names}",
        seen(
            asked(scope, "organizations:ListTargetsForPolicy"),
            f"on its chain lie only policies that allow everything; {names} lie elsewhere",
        ),
    )


def _has(organization: Organization, account: str) -> bool:
    if isinstance(organization.accounts, Unknown):
        return any(child == account for child, _ in organization.parents) or organization.management_account == account
    return account in organization.accounts


def _limits_more(policy: OrgPolicy) -> bool:
    # What nobody could read is no policy of AWS's that allows everything: those are known by their id.
    return policy.id != "p-FullAWSAccess" and (isinstance(policy.document, Unknown) or _limits(policy.document))


def _limits(document: Policy) -> bool:
    """Say whether a document does more than to allow everything."""
    return any(
        statement.effect != "Allow"
        or statement.conditions
        or statement.actions is None
        or not any(shown(action) in {"*", "*:*"} for action in statement.actions)
        for statement in document.statements
    )

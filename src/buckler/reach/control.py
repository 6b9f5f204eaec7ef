"""Control policies of an organisation, as they bind one account.

Service control policies limit who acts from it, resource control policies what may be done to its resources. A request must be allowed at
every level, from the root down to the account. Neither kind binds the management account.
Source: AWS Organizations User Guide, "SCP evaluation" and "RCP evaluation", read 2026-11-26.
"""

from typing import Literal, TypeAlias

from buckler.engines.iam import sample, settle_policy
from buckler.model.iam import Organization
from buckler.model.origin import ApiOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis

ControlKind: TypeAlias = Literal["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]
Levels: TypeAlias = tuple[tuple[Policy, ...], ...]

# AWS's own policies, attached everywhere when a kind is switched on, need no reading.
_FULL = {
    identity: parse_policy(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
        ApiOrigin(call="organizations:DescribePolicy", arn=f"arn:aws:organizations::aws:policy/{kind}/{identity}"),
        name=identity,
    )
    for identity, kind in (("p-FullAWSAccess", "service_control_policy"), ("p-RCPFullAWSAccess", "resource_control_policy"))
}


def levels(account: str, kind: ControlKind, analysis: Analysis) -> Levels | Unknown:
    """List the control policies of a kind on each level above an account, the root first; () when none binds it.

    Unknown when the organisation, its tree or one of the documents could not be read.
    """
    for organization in analysis.estate.organizations:
        if account == organization.management_account:
            return ()
        if isinstance(organization.policies, Unknown):
            if _is_member(account, organization):
                return organization.policies
            continue
        chain = _chain(account, organization)
        if len(chain) > 1 or _is_member(account, organization):
            return _levels(chain, kind, organization)
    for missing in analysis.estate.missing:
        # The account of a file is often a hole.
        if missing.collection == "organizations" and sample(missing.account) in {account, ""}:
            return missing.unknown
    return ()


def _is_member(account: str, organization: Organization) -> bool:
    # A member account that may not list the others is one itself: an organisation is only read through its own accounts.
    return isinstance(organization.accounts, Unknown) or account in organization.accounts


def _chain(account: str, organization: Organization) -> list[str]:
    """List the account and all above it, the root first."""
    above = dict(organization.parents)
    chain = [account]
    while chain[-1] in above and above[chain[-1]] not in chain:
        chain.append(above[chain[-1]])
    return chain[::-1]


def _levels(chain: list[str], kind: ControlKind, organization: Organization) -> Levels | Unknown:
    policies = () if isinstance(organization.policies, Unknown) else organization.policies
    out: list[tuple[Policy, ...]] = []
    for target in chain:
        here = [one for one in policies if one.kind == kind and target in one.targets]
        documents: list[Policy] = []
        for one in here:
            document = _FULL.get(one.id, one.document)
            if isinstance(document, Unknown):
                return document
            if document.unresolved:
                return document.unresolved[0]
            documents.append(settle_policy(document))
        # AWS keeps at least one policy on every level, so a level without is one that has none of this kind switched on.
        if documents:
            out.append(tuple(documents))
    return tuple(out)

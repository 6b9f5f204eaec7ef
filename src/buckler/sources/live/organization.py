"""The organisation: its accounts, its tree, and the policies that limit them."""

import json

from buckler.model.estate import Estate
from buckler.model.iam import Organization, OrgPolicy
from buckler.model.policy import Policy, parse_policy
from buckler.model.unknown import Unknown
from buckler.sources.live.accounts import ACCOUNTS
from buckler.sources.live.answers import inner
from buckler.sources.live.api import Reader
from buckler.sources.live.calls import Call, Collector

COLLECTOR = Collector("organization")
_PAGE = ("NextToken", "NextToken")
DESCRIBE = COLLECTOR.call(
    "organizations",
    "DescribeOrganization",
    "whether the account is in an organisation",
    result="Organization",
    none=("AWSOrganizationsNotInUseException",),
)


def _list(operation: str, result: str, why: str, none: tuple[str, ...] = ()) -> Call:
    return COLLECTOR.call("organizations", operation, why, result=result, page=_PAGE, none=none, rate=5.0)


# Answered when policies of that type are not enabled in the organisation.
POLICIES = _list("ListPolicies", "Policies", "policies that limit accounts", none=("PolicyTypeNotEnabledException",))
POLICY = COLLECTOR.call("organizations", "DescribePolicy", "what those policies say", result="Policy", rate=5.0)
TARGETS = _list("ListTargetsForPolicy", "Targets", "which accounts those policies limit")
ROOTS = _list("ListRoots", "Roots", "the tree of the organisation")
UNITS = _list("ListOrganizationalUnitsForParent", "OrganizationalUnits", "the tree of the organisation")
MEMBERS = _list("ListAccountsForParent", "Accounts", "where accounts stand in that tree")

KINDS = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")


def collect(reader: Reader) -> Estate:
    """Read the organisation the account is in; what only its management account may read is `Unknown` to the others."""
    answer = reader.find(DESCRIBE)
    if answer is None:
        return Estate()
    if isinstance(answer, Unknown):
        return Estate(missing=(reader.missing("organizations", answer),))
    described = answer["Organization"]
    accounts = reader.pages(ACCOUNTS)
    ids = tuple(sorted(entry["Id"] for entry in accounts))
    if accounts.unknown is not None:
        # A member account: asking for the rest would only count refusals.
        organization = _organization(described, accounts.unknown, accounts.unknown, ())
        return Estate(organizations=(organization,), missing=accounts.missing("organizations"))
    parents, untold = _tree(reader)
    missing = (reader.missing("organizations", untold),) if untold else ()
    return Estate(organizations=(_organization(described, ids, _policies(reader), parents),), missing=missing)


def _organization(
    described: dict[str, str],
    accounts: tuple[str, ...] | Unknown,
    policies: tuple[OrgPolicy, ...] | Unknown,
    parents: tuple[tuple[str, str], ...],
) -> Organization:
    return Organization(
        id=described["Id"], management_account=described["MasterAccountId"], accounts=accounts, parents=parents, policies=policies
    )


def _tree(reader: Reader) -> tuple[tuple[tuple[str, str], ...], Unknown | None]:
    """Walk down from the roots: (child, parent) of every unit and account, and why some may be missing."""
    roots = reader.pages(ROOTS)
    todo = [entry["Id"] for entry in roots]
    untold = roots.unknown
    parents: list[tuple[str, str]] = []
    while todo:
        parent = todo.pop()
        units = reader.pages(UNITS, ParentId=parent)
        below = [entry["Id"] for entry in units]
        members = reader.pages(MEMBERS, ParentId=parent)
        parents += [(child, parent) for child in below] + [(entry["Id"], parent) for entry in members]
        todo += below
        untold = untold or units.unknown or members.unknown
    return tuple(sorted(parents)), untold


def _policies(reader: Reader) -> tuple[OrgPolicy, ...] | Unknown:
    policies: list[OrgPolicy] = []
    for kind in KINDS:
        pages = reader.pages(POLICIES, Filter=kind)
        for entry in pages:
            targets = reader.pages(TARGETS, PolicyId=entry["Id"])
            attached = tuple(sorted(target["TargetId"] for target in targets))
            if targets.unknown is not None:
                return targets.unknown  # a policy of unknown reach might bind any account
            policies.append(
                OrgPolicy(
                    id=entry["Id"], name=entry["Name"], kind=kind, targets=attached, document=_document(reader, entry["Id"], entry["Arn"])
                )
            )
        if pages.unknown is not None:
            return pages.unknown
    return tuple(sorted(policies, key=lambda policy: (policy.kind, policy.id)))


def _document(reader: Reader, identity: str, arn: str) -> Policy | Unknown:
    answer = reader.read(POLICY, PolicyId=identity)
    if isinstance(answer, Unknown):
        return answer
    try:
        decoded: object = json.loads(inner(answer, "Policy").get("Content", ""))
    except ValueError:
        decoded = None  # parse_policy lists it as malformed
    return parse_policy(decoded, reader.origin(POLICY, arn), name=identity)

"""Which roles are in use, and whether that can be known at all: roles are global, functions stand in regions."""

from buckler.engines.iam import sample
from buckler.engines.iam.sample import settle
from buckler.model.iam import Role
from buckler.model.policy import Policy
from buckler.model.text import Text, shown
from buckler.model.unknown import Undecided, Unknown, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.reach.once import once
from buckler.reach.roles import trusts

# Regions every account has without asking for them. Source: AWS Account Management Guide, "Regions that are enabled by default".
_DEFAULT_REGIONS = {
    "aws": frozenset(
        {
            *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1"),
            *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1"),
            *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
        }
    ),
    "aws-cn": frozenset({"cn-north-1", "cn-northwest-1"}),
    "aws-us-gov": frozenset({"us-gov-east-1", "us-gov-west-1"}),
}

# Lambda assumes the operator role of a capacity provider, which no function names.
_OPERATOR_POLICIES = ("AWSLambdaManagedEC2ResourceOperator", "AWSLambdaNetworkConnectorOperatorPolicy")


@once
def roles_in_use(analysis: Analysis) -> frozenset[Text]:
    """ARNs of the roles that functions and their published versions run as, and of those that operate capacity providers."""
    used: set[Text] = set(analysis.functions_of_role)
    used.update(one.operator_role for one in analysis.estate.capacity_providers if not isinstance(one.operator_role, Unknown))
    for function in analysis.estate.functions:
        if not isinstance(function.versions, Unknown):
            used.update(version.role for version in function.versions if version.role is not None and not isinstance(version.role, Unknown))
    return frozenset(used)


def is_only_for_lambda(role: Role, trust: Policy) -> bool:
    """Say whether Lambda, and nobody else, may assume a role to run functions, as far as its trust policy was read."""
    attached = () if isinstance(role.attached, Unknown) else role.attached
    if any(shown(one.arn).endswith(_OPERATOR_POLICIES) for one in attached):
        return False
    allows = [statement for statement in trust.statements if statement.effect == "Allow"]
    named = {shown(settle(entry.value)) for statement in allows for entry in statement.principals or ()}
    if not named <= {"lambda.amazonaws.com"} or any(statement.not_principals is not None for statement in allows):
        return False
    return bool(trust.unresolved) or trusts(trust, "lambda.amazonaws.com", sample(role.arn))


def insist_on_every_function(role: Role, analysis: Analysis) -> None:
    """Raise `Undecided` unless every function of the role's account was read, in every region, with its role and versions.

    So with its capacity providers, but for those that were not asked for because no function runs on one.
    """
    _insist_on_regions(role, analysis)
    for missing in analysis.estate.missing:
        wanted = missing.collection == "functions" or (
            missing.collection == "capacity_providers" and missing.unknown.kind is not UnknownKind.NOT_ASKED
        )
        if wanted and missing.account in {role.account, ""}:
            raise Undecided(missing.unknown)
    for provider in analysis.estate.capacity_providers:
        if provider.account == role.account and isinstance(provider.operator_role, Unknown):
            raise Undecided(provider.operator_role)
    for function in analysis.estate.functions:
        if function.account != role.account:
            continue
        if isinstance(function.role, Unknown):
            raise Undecided(function.role)
        if isinstance(function.versions, Unknown):
            raise Undecided(function.versions)
        for version in function.versions:
            if isinstance(version.role, Unknown):
                raise Undecided(version.role)


def _insist_on_regions(role: Role, analysis: Analysis) -> None:
    partition = shown(role.arn).split(":", 2)[1]
    wanted = _DEFAULT_REGIONS.get(partition, frozenset())
    scanned = {scope.region for scope in analysis.estate.scopes if scope.kind == "live" and scope.account == role.account}
    unread = sorted(wanted - {str(region) for region in scanned})
    if unread or not wanted:
        why = f"the functions of {len(unread)} regions were not read, and any of them may run as the role"
        raise Undecided(Unknown(kind=UnknownKind.NOT_ASKED, why=why, need="--all-regions"))

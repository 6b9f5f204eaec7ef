"""`GetAccountAuthorizationDetails`: all of IAM, in pages, with the AWS managed policies that are in use and no others."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from moto.iam.models import iam_backends

from buckler.demo.gaps import store
from buckler.demo.gaps.operations import Call, operation, page
from buckler.demo.gaps.store import Document

# Filter value -> the list of the answer it fills, in the order in which entities are handed out.
LISTS = {
    "User": "UserDetailList",
    "Group": "GroupDetailList",
    "Role": "RoleDetailList",
    "LocalManagedPolicy": "Policies",
    "AWSManagedPolicy": "Policies",
}


@operation("iam", "GetAccountAuthorizationDetails")
def get_account_authorization_details(call: Call) -> Document:
    """Users, groups, roles and policies, cut into pages of `MaxItems` entities of whatever kind."""
    iam: Any = iam_backends[call.account][store.partition(call.region)]
    wanted = set(call.params.get("Filter") or LISTS)
    policies: Iterable[Any] = [policy for policy in iam.managed_policies.values() if not _is_aws(policy) or policy.attachment_count]
    boundaries = _boundary_usage([*iam.users.values(), *iam.roles.values()])
    entities = [
        *(("User", _user(user)) for user in iam.users.values()),
        *(("Group", _group(group)) for group in iam.groups.values()),
        *(("Role", _role(role)) for role in iam.roles.values()),
        *(("AWSManagedPolicy" if _is_aws(policy) else "LocalManagedPolicy", _policy(policy, boundaries)) for policy in policies),
    ]
    chosen, marker = page([entity for entity in entities if entity[0] in wanted], call.params, default=100, most=1000)
    answer: Document = {name: [] for name in LISTS.values()}
    for kind, document in chosen:
        answer[LISTS[kind]].append(document)
    return answer | {"IsTruncated": marker is not None, "Marker": marker}


def _is_aws(policy: Any) -> bool:  # noqa: ANN401 - moto's object
    return ":iam::aws:" in policy.arn


def _common(entity: Any, kind: str) -> Document:  # noqa: ANN401 - moto's object
    return {"Path": entity.path, f"{kind}Name": entity.name, f"{kind}Id": entity.id, "Arn": entity.arn, "CreateDate": entity.create_date}


def _permissions(entity: Any, kind: str) -> Document:  # noqa: ANN401 - moto's object
    return {
        # Documents travel percent-encoded as RFC 3986 has it.
        f"{kind}PolicyList": [{"PolicyName": name, "PolicyDocument": quote(text, safe="")} for name, text in entity.policies.items()],
        "AttachedManagedPolicies": [{"PolicyName": policy.name, "PolicyArn": policy.arn} for policy in entity.managed_policies.values()],
    }


def _boundary(entity: Any) -> Document:  # noqa: ANN401 - moto's object
    arn = getattr(entity, "permissions_boundary_arn", None)
    return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}} if arn else {}


def _boundary_usage(entities: list[Any]) -> dict[str, int]:
    arns = [getattr(entity, "permissions_boundary_arn", None) for entity in entities]
    return {arn: arns.count(arn) for arn in set(arns) if arn}


def _user(user: Any) -> Document:  # noqa: ANN401 - moto's object
    return (
        _common(user, "User") | _permissions(user, "User") | _boundary(user) | {"GroupList": list(user.group_list), "Tags": user.tags or []}
    )


def _group(group: Any) -> Document:  # noqa: ANN401 - moto's object
    return _common(group, "Group") | _permissions(group, "Group")


def _role(role: Any) -> Document:  # noqa: ANN401 - moto's object
    answer = _common(role, "Role") | _permissions(role, "Role") | _boundary(role)
    answer["AssumeRolePolicyDocument"] = quote(role.assume_role_policy_document, safe="")
    answer["Tags"] = list(role.tags or [])
    answer["RoleLastUsed"] = {"LastUsedDate": role.last_used, "Region": call_region(role)} if role.last_used else {}
    answer["InstanceProfileList"] = [
        {
            "Path": profile.path,
            "InstanceProfileName": profile.name,
            "InstanceProfileId": profile.id,
            "Arn": profile.arn,
            "CreateDate": profile.create_date,
            "Roles": [_common(other, "Role") for other in profile.roles],
        }
        for profile in role.instance_profile_list
    ]
    return answer


def call_region(role: Any) -> str:  # noqa: ANN401 - moto's object
    """Where a role was last used; moto notes the time only."""
    return role.last_used_region or "us-east-1"


def _policy(policy: Any, boundaries: dict[str, int]) -> Document:  # noqa: ANN401 - moto's object
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": policy.attachment_count,
        "PermissionsBoundaryUsageCount": boundaries.get(policy.arn, 0),
        "IsAttachable": True,
        "CreateDate": policy.create_date,
        "UpdateDate": policy.update_date,
        "PolicyVersionList": [
            {
                "Document": quote(version.document, safe=""),
                "VersionId": version.version_id,
                "IsDefaultVersion": version.is_default,
                "CreateDate": version.create_date,
            }
            for version in policy.versions
        ],
    }

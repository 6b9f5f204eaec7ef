"""All of IAM of an account, in one paged call."""

import json
from collections.abc import Mapping
from urllib.parse import unquote

from buckler.model.estate import Estate
from buckler.model.iam import Attached, Group, Role, User
from buckler.model.policy import Policy, parse_policy
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live.answers import Answer, each, inner, strings, tags
from buckler.sources.live.api import Reader
from buckler.sources.live.calls import Collector

COLLECTOR = Collector("iam")
DETAILS = COLLECTOR.call(
    "iam",
    "GetAccountAuthorizationDetails",
    "roles, users, groups and their policies",
    result="RoleDetailList",
    page=("Marker", "Marker"),
)


def collect(reader: Reader) -> Estate:
    """Read every role, user and group with its inline and attached policies, boundary and trust."""
    pages = reader.pages(DETAILS, MaxItems=1000)
    principals: dict[str, list[Answer]] = {"RoleDetailList": [], "UserDetailList": [], "GroupDetailList": []}
    documents: dict[str, object] = {}
    for answer in pages.answers():
        for kind, entries in principals.items():
            entries.extend(each(answer, kind))
        for policy in each(answer, "Policies"):
            # A policy may stand on a later page than the role it is attached to, so all are kept until the end, undigested.
            documents[policy["Arn"]] = next(
                (v.get("Document") for v in each(policy, "PolicyVersionList") if v.get("IsDefaultVersion")), None
            )
    managed = _Managed(reader, documents, pages.unknown)
    return Estate(
        roles=tuple(_role(reader, entry, managed) for entry in principals["RoleDetailList"]),
        users=tuple(_user(reader, entry, managed) for entry in principals["UserDetailList"]),
        groups=tuple(_group(reader, entry, managed) for entry in principals["GroupDetailList"]),
        missing=pages.missing("roles", "users", "groups"),
    )


class _Managed:
    """Managed policies of the account, parsed on first use and shared by all they are attached to."""

    def __init__(self, reader: Reader, documents: Mapping[str, object], unknown: Unknown | None) -> None:
        self._reader = reader
        self._documents = documents
        self._unknown = unknown
        self._attached: dict[str, Attached] = {}

    def attached(self, arn: str) -> Attached:
        if arn not in self._attached:
            self._attached[arn] = Attached(arn=arn, document=self._document(arn))
        return self._attached[arn]

    def _document(self, arn: str) -> Policy | Unknown:
        raw = self._documents.get(arn)
        if raw is None:
            return self._unknown or Unknown(
                kind=UnknownKind.FAILED,
                why=f"{DETAILS.action} does not tell the document of {arn}",
                need="a managed policy with a default version",
            )
        return _parse(self._reader, raw, arn, arn)


def _parse(reader: Reader, raw: object, arn: str, name: str) -> Policy:
    """Parse a document, which botocore has decoded already where it is well-formed."""
    if isinstance(raw, str):
        try:
            raw = json.loads(unquote(raw))
        except ValueError:
            raw = None  # parse_policy lists it as malformed
    return parse_policy(raw, reader.origin(DETAILS, arn), name=name)


def _inline(reader: Reader, entries: list[Answer], arn: str) -> tuple[Policy, ...]:
    ordered = sorted(entries, key=lambda entry: str(entry["PolicyName"]))
    return tuple(_parse(reader, entry.get("PolicyDocument"), arn, entry["PolicyName"]) for entry in ordered)


def _attached(entry: Answer, managed: _Managed) -> tuple[Attached, ...]:
    return tuple(managed.attached(arn) for arn in sorted(policy["PolicyArn"] for policy in each(entry, "AttachedManagedPolicies")))


def _boundary(entry: Answer, managed: _Managed) -> Attached | None:
    arn = inner(entry, "PermissionsBoundary").get("PermissionsBoundaryArn")
    return managed.attached(arn) if arn else None


def _role(reader: Reader, entry: Answer, managed: _Managed) -> Role:
    arn: str = entry["Arn"]
    used = inner(entry, "RoleLastUsed").get("LastUsedDate")
    return Role(
        arn=arn,
        name=entry["RoleName"],
        account=reader.account,
        region="",
        origin=reader.origin(DETAILS, arn),
        trust=_parse(reader, entry.get("AssumeRolePolicyDocument"), arn, ""),
        inline=_inline(reader, each(entry, "RolePolicyList"), arn),
        attached=_attached(entry, managed),
        boundary=_boundary(entry, managed),
        path=entry.get("Path", "/"),
        last_used=used.isoformat() if used else None,
        is_service_linked=entry.get("Path", "").startswith("/aws-service-role/"),
        max_session_s=entry.get("MaxSessionDuration"),
        tags=tags(entry),
    )


def _user(reader: Reader, entry: Answer, managed: _Managed) -> User:
    arn: str = entry["Arn"]
    return User(
        arn=arn,
        name=entry["UserName"],
        account=reader.account,
        region="",
        origin=reader.origin(DETAILS, arn),
        inline=_inline(reader, each(entry, "UserPolicyList"), arn),
        attached=_attached(entry, managed),
        boundary=_boundary(entry, managed),
        groups=tuple(sorted(strings(entry, "GroupList"))),
        path=entry.get("Path", "/"),
        tags=tags(entry),
    )


def _group(reader: Reader, entry: Answer, managed: _Managed) -> Group:
    arn: str = entry["Arn"]
    return Group(
        arn=arn,
        name=entry["GroupName"],
        account=reader.account,
        region="",
        origin=reader.origin(DETAILS, arn),
        inline=_inline(reader, each(entry, "GroupPolicyList"), arn),
        attached=_attached(entry, managed),
        path=entry.get("Path", "/"),
    )

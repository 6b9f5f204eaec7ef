"""All of IAM of an account, in one paged call; and the same answer where somebody saved it."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol
from urllib.parse import unquote

from buckler.model.estate import Estate
from buckler.model.iam import Attached, Group, Role, User
from buckler.model.origin import ApiOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live.answers import Answer, each, inner, strings, tags
from buckler.sources.live.api import Reader
from buckler.sources.live.calls import Call, Collector

COLLECTOR = Collector("iam")
DETAILS = COLLECTOR.call(
    "iam",
    "GetAccountAuthorizationDetails",
    "roles, users, groups and their policies",
    result="RoleDetailList",
    page=("Marker", "Marker"),
)

NOT_REPORTED = Unknown(
    kind=UnknownKind.NOT_ASKED,
    why="which services the role used was not asked: AWS writes a report for each role",
    need="a live scan with --deep",
)


class Account(Protocol):
    """Whose answer it is; a `Reader` is one."""

    @property
    def account(self) -> str:
        """Give its id."""
        ...

    def origin(self, call: Call, arn: str) -> ApiOrigin:
        """Name the place a fact comes from."""
        ...


def collect(reader: Reader) -> Estate:
    """Read every role, user and group with its inline and attached policies, boundary and trust."""
    pages = reader.pages(DETAILS, MaxItems=1000)
    answers = list(pages.answers())
    roles, users, groups = principals(answers, reader, pages.unknown)
    return Estate(roles=roles, users=users, groups=groups, missing=pages.missing("roles", "users", "groups"))


def principals(
    answers: Iterable[Answer], account: Account, unknown: Unknown | None = None
) -> tuple[tuple[Role, ...], tuple[User, ...], tuple[Group, ...]]:
    """Make principals of answers of `GetAccountAuthorizationDetails`; *unknown* says why some may be missing."""
    found: dict[str, list[Answer]] = {"RoleDetailList": [], "UserDetailList": [], "GroupDetailList": []}
    documents: dict[str, object] = {}
    for answer in answers:
        for kind, entries in found.items():
            entries.extend(each(answer, kind))
        for policy in each(answer, "Policies"):
            # A policy may stand on a later page than the role it is attached to, so all are kept until the end, undigested.
            documents[policy["Arn"]] = next(
                (v.get("Document") for v in each(policy, "PolicyVersionList") if v.get("IsDefaultVersion")), None
            )
    managed = _Managed(account, documents, unknown)
    return (
        tuple(_role(account, entry, managed) for entry in found["RoleDetailList"]),
        tuple(_user(account, entry, managed) for entry in found["UserDetailList"]),
        tuple(_group(account, entry, managed) for entry in found["GroupDetailList"]),
    )


class _Managed:
    """Managed policies of the account, parsed on first use and shared by all they are attached to."""

    def __init__(self, account: Account, documents: Mapping[str, object], unknown: Unknown | None) -> None:
        self._account = account
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
        return _parse(self._account, raw, arn, arn)


def _parse(account: Account, raw: object, arn: str, name: str) -> Policy:
    """Parse a document, which botocore has decoded already where it is well-formed."""
    if isinstance(raw, str):
        try:
            raw = json.loads(unquote(raw))
        except ValueError:
            raw = None  # parse_policy lists it as malformed
    return parse_policy(raw, account.origin(DETAILS, arn), name=name)


def _inline(account: Account, entries: list[Answer], arn: str) -> tuple[Policy, ...]:
    ordered = sorted(entries, key=lambda entry: str(entry["PolicyName"]))
    return tuple(_parse(account, entry.get("PolicyDocument"), arn, entry["PolicyName"]) for entry in ordered)


def _attached(entry: Answer, managed: _Managed) -> tuple[Attached, ...]:
    return tuple(managed.attached(arn) for arn in sorted(policy["PolicyArn"] for policy in each(entry, "AttachedManagedPolicies")))


def _boundary(entry: Answer, managed: _Managed) -> Attached | None:
    arn = inner(entry, "PermissionsBoundary").get("PermissionsBoundaryArn")
    return managed.attached(arn) if arn else None


def _role(account: Account, entry: Answer, managed: _Managed) -> Role:
    arn: str = entry["Arn"]
    used = inner(entry, "RoleLastUsed").get("LastUsedDate")
    return Role(
        arn=arn,
        name=entry["RoleName"],
        account=account.account,
        region="",
        origin=account.origin(DETAILS, arn),
        trust=_parse(account, entry.get("AssumeRolePolicyDocument"), arn, ""),
        inline=_inline(account, each(entry, "RolePolicyList"), arn),
        attached=_attached(entry, managed),
        boundary=_boundary(entry, managed),
        path=entry.get("Path", "/"),
        services_used=NOT_REPORTED,
        last_used=iso(used),
        created=iso(entry.get("CreateDate")),
        is_service_linked=entry.get("Path", "").startswith("/aws-service-role/"),
        max_session_s=entry.get("MaxSessionDuration"),
        tags=tags(entry),
    )


def iso(moment: object) -> str | None:
    """Write a time that botocore decoded, or that a saved answer has as text already."""
    if isinstance(moment, datetime):
        return moment.isoformat()
    return moment if isinstance(moment, str) and moment else None


def _user(account: Account, entry: Answer, managed: _Managed) -> User:
    arn: str = entry["Arn"]
    return User(
        arn=arn,
        name=entry["UserName"],
        account=account.account,
        region="",
        origin=account.origin(DETAILS, arn),
        inline=_inline(account, each(entry, "UserPolicyList"), arn),
        attached=_attached(entry, managed),
        boundary=_boundary(entry, managed),
        groups=tuple(sorted(strings(entry, "GroupList"))),
        path=entry.get("Path", "/"),
        tags=tags(entry),
    )


def _group(account: Account, entry: Answer, managed: _Managed) -> Group:
    arn: str = entry["Arn"]
    return Group(
        arn=arn,
        name=entry["GroupName"],
        account=account.account,
        region="",
        origin=account.origin(DETAILS, arn),
        inline=_inline(account, each(entry, "GroupPolicyList"), arn),
        attached=_attached(entry, managed),
        path=entry.get("Path", "/"),
    )

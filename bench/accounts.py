"""Synthetic accounts of any size, the same each time: roles, users, functions and resource policies, with planted escalations.

The answer key comes with the account, never from what buckler says of it. Content has the shape of AWS's own answers, so that every tool
that reads these reads the account: `aws iam get-account-authorization-details`, `aws lambda list-functions`, `{ARN: policy}`, and a file
of control policies (docs/guide/saved.md).
"""

import json
import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.accounts_background import (
    ACCOUNT,
    CONTROL_POLICIES,
    ORGANIZATION,
    PARTNERS,
    REGIONS,
    SERVICES,
    TEAMS,
    Document,
    allow,
    conditioned,
    deployer,
    document,
    function_arn,
    managed,
    on_function,
    on_resource,
    ordinary,
    role_arn,
    trusting,
    trusting_pipeline,
    trusting_principals,
)
from bench.accounts_plants import BOUNDARY, BOUNDARY_ALLOWS, BOUNDED, DECOYS, PLANTS

from buckler.engines.secrets import judge
from buckler.model.estate import Estate
from buckler.sources.saved import SavedFile, read_saved

ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
QUIET_TEAMS = ("labs", "growth", "edge")
"""Teams without a deployer: only what is planted leads to their roles."""
OPS = function_arn("ops-automation", REGIONS[0])
"""The function that runs as an administrator."""


@dataclass(frozen=True)
class Truth:
    """The answer key."""

    administrators: tuple[str, ...]
    planted: dict[str, tuple[str, ...]]
    """Kind -> ARNs of the principals that can become administrator by it."""
    decoys: dict[str, tuple[str, ...]]
    """What makes it safe -> ARNs of principals that look as if they could."""
    functions: dict[str, str]
    """Planted principal -> ARN of a function that runs as it."""


@dataclass(frozen=True)
class Account:
    """One account as AWS tells of it, and what is true of it."""

    details: Document
    functions: Document
    resource_policies: dict[str, Document]
    control_policies: Document
    truth: Truth

    @property
    def files(self) -> dict[str, Any]:
        """Content by file name."""
        return {
            "account.json": self.details,
            "functions.json": self.functions,
            "policies.json": self.resource_policies,
            "control.json": self.control_policies,
        }

    @property
    def statements(self) -> int:
        """Count the statements of identity policies."""
        inline = [entry[1] for kind in ("Role", "User", "Group") for entry in _inline(self.details, kind)]
        versions = [one["PolicyVersionList"][0]["Document"] for one in self.details["Policies"]]
        return sum(len(one["Statement"]) for one in (*inline, *versions))

    def write(self, folder: Path) -> Path:
        """Write the files into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            (folder / name).write_text(json.dumps(content, indent=1), encoding="utf-8")
        return folder

    def estate(self) -> Estate:
        """Read the account as buckler does, without files."""
        kinds = ("iam", "functions", "resource-policies", "control-policies")
        saved = [SavedFile(path=name, kind=kind, content=self.files[name]) for name, kind in zip(self.files, kinds, strict=True)]
        estate, errors = read_saved(saved, judge=judge)
        if errors:
            raise errors[0]
        return estate


def account(count: int, *, seed: int = 11) -> Account:
    """Make an account of *count* roles, *count* functions and half as many resource policies. At least 60 roles."""
    if count < 60:
        raise ValueError("the plants alone need some 40 roles")
    return _Making(count, seed).account()


class _Making:
    def __init__(self, count: int, seed: int) -> None:
        self.count = count
        self.rng = random.Random(f"{seed}/{count}")  # noqa: S311 - a seeded shape, not a secret
        self.repeated = max(2, count // 500)
        self.roles: list[Document] = []
        self.policies: dict[str, Document] = {
            ADMINISTRATOR_ACCESS: document(allow("*", "*")),
            BOUNDARY: document(allow(*BOUNDARY_ALLOWS)),
        }
        self.shared = [f"arn:aws:iam::{ACCOUNT}:policy/{TEAMS[n % len(TEAMS)]}-shared-{n}" for n in range(count // 10)]
        self.planted: dict[str, tuple[str, ...]] = {}
        self.decoys: dict[str, tuple[str, ...]] = {}
        self.run_by: dict[str, str] = {}

    def account(self) -> Account:
        for number, arn in enumerate(self.shared):
            self.policies[arn] = managed(self.rng, number)
        administrators = self._administrators()
        self._plants()
        self._decoys()
        self._ordinary()
        self.rng.shuffle(self.roles)
        functions = list(self._functions())
        details = {
            "UserDetailList": list(self._users()),
            "GroupDetailList": list(_groups()),
            "RoleDetailList": self.roles,
            "Policies": [_managed(arn, content) for arn, content in self.policies.items()],
        }
        return Account(
            details=details,
            functions={"Functions": functions},
            resource_policies=self._resource_policies([one["FunctionArn"] for one in functions]),
            control_policies={
                "OrganizationId": ORGANIZATION,
                "ManagementAccount": PARTNERS[0],
                "ServiceControlPolicies": [list(level) for level in CONTROL_POLICIES],
            },
            truth=Truth(administrators=administrators, planted=self.planted, decoys=self.decoys, functions=self.run_by),
        )

    # --- principals --------------------------------------------------------------------------------------------------

    def role(
        self, path: str, name: str, trust: Document, statements: list[Document], attached: tuple[str, ...] = (), *, bounded: bool = False
    ) -> str:
        arn = role_arn(path, name)
        entry: Document = {
            "Path": path,
            "RoleName": name,
            "RoleId": f"AROA{len(self.roles):016X}",
            "Arn": arn,
            "CreateDate": "2024-03-01T09:00:00+00:00",
            "AssumeRolePolicyDocument": trust,
            "InstanceProfileList": [],
            "RolePolicyList": [{"PolicyName": "main", "PolicyDocument": document(*statements)}] if statements else [],
            "AttachedManagedPolicies": [{"PolicyName": one.rpartition("/")[2], "PolicyArn": one} for one in attached],
            "Tags": [{"Key": "team", "Value": path.strip("/") or "none"}],
            "RoleLastUsed": {"LastUsedDate": "2026-11-01T00:00:00+00:00", "Region": REGIONS[0]},
        }
        if "ec2.amazonaws.com" in json.dumps(trust):
            profile = f"arn:aws:iam::{ACCOUNT}:instance-profile{path}{name}"
            entry["InstanceProfileList"] = [
                {
                    "Path": path,
                    "InstanceProfileName": name,
                    "InstanceProfileId": f"AIPA{len(self.roles):016X}",
                    "Arn": profile,
                    "CreateDate": "2024-03-01T09:00:00+00:00",
                    "Roles": [],
                }
            ]
        if bounded:
            entry["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": BOUNDARY}
        self.roles.append(entry)
        return arn

    def _administrators(self) -> tuple[str, ...]:
        """Five: three roles, each of another make, and two users."""
        mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        human = trusting_principals(f"arn:aws:iam::{ACCOUNT}:user/user-0000", Condition=mfa)
        everything = [allow("*", "*")]
        return (
            self.role("/platform/", "break-glass", human, [], (ADMINISTRATOR_ACCESS,)),
            self.role("/platform/", "ops-automation", trusting("lambda.amazonaws.com"), everything),
            self.role("/platform/", "bootstrap", trusting("ec2.amazonaws.com"), [], (ADMINISTRATOR_ACCESS,)),
            f"arn:aws:iam::{ACCOUNT}:user/user-0000",
            f"arn:aws:iam::{ACCOUNT}:user/user-0001",
        )

    def _plants(self) -> None:
        for number, (kind, statements) in enumerate(PLANTS.items()):
            self.planted[kind] = tuple(self._special(number * self.repeated + one, statements) for one in range(self.repeated))

    def _decoys(self) -> None:
        first = len(PLANTS) * self.repeated
        for kind, variants in DECOYS.items():
            made = []
            for one in range(self.repeated):
                made.append(self._special(first, variants[one % len(variants)], bounded=kind == BOUNDED))
                first += 1
            self.decoys[kind] = tuple(made)

    def _special(self, number: int, statements: Callable[[str, str], list[Document]], *, bounded: bool = False) -> str:
        """Make a role of a quiet team that has some statements more; every other one is the role of a function."""
        team = QUIET_TEAMS[number % len(QUIET_TEAMS)]
        name = f"{team}-{SERVICES[number % len(SERVICES)]}-{number:05}"
        path = f"/{team}/"
        policy = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
        self.policies[policy] = document(ordinary(self.rng, team, number))
        usual = [ordinary(self.rng, team, number + one) for one in range(2)]
        trust = trusting("lambda.amazonaws.com") if number % 2 else trusting("ecs-tasks.amazonaws.com")
        arn = self.role(path, name, trust, [usual[0], *statements(role_arn(path, name), policy), usual[1]], (policy,), bounded=bounded)
        if number % 2:
            self.run_by[arn] = function_arn(name, REGIONS[number % 2])
        return arn

    def _ordinary(self) -> None:
        """Fill up: applications, pipelines, roles of partners, and roles that trust each other in a circle."""
        rng, number = self.rng, 0
        while len(self.roles) < self.count:
            team = TEAMS[number % len(TEAMS)]
            name, path = f"{team}-{SERVICES[number % len(SERVICES)]}-{number:05}", f"/{team}/"
            drawn = rng.random()
            statements = [ordinary(rng, team, number) for _ in range(rng.choice((2, 3, 4, 4, 5, 6)))]
            attached = tuple(rng.sample(self.shared, rng.choice((0, 1, 1, 2)))) if self.shared else ()
            bounded = rng.random() < 0.08
            number += 1
            if drawn < 0.78:
                self.role(path, name, trusting("lambda.amazonaws.com"), statements, attached, bounded=bounded)
            elif drawn < 0.88:
                service = rng.choice(("ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "states.amazonaws.com"))
                self.role(path, name, trusting(service), statements, attached, bounded=bounded)
            elif drawn < 0.91:
                self.role("/pipelines/", f"{name}-deploy", trusting_pipeline(team), deployer(team))
            elif drawn < 0.96:
                condition = {"StringEquals": {"sts:ExternalId": f"{team}-{number}"}} if rng.random() < 0.7 else {}
                more = {"Condition": condition} if condition else {}
                self.role("/partners/", name, trusting_principals(f"arn:aws:iam::{rng.choice(PARTNERS)}:root", **more), statements)
            else:
                self._circle(f"{name}-hop")

    def _circle(self, name: str) -> None:
        """Three roles of which each may assume the next: a circle, and none of them may do more than the others."""
        arns = [role_arn("/hops/", f"{name}-{one}") for one in range(3)]
        for one in range(min(3, self.count - len(self.roles))):
            reads = allow(["logs:Get*", "logs:Describe*"], "*")
            self.role("/hops/", f"{name}-{one}", trusting_principals(arns[one - 1]), [allow("sts:AssumeRole", arns[(one + 1) % 3]), reads])

    def _users(self) -> Iterator[Document]:
        for number in range(max(4, self.count // 20)):
            name = f"user-{number:04}"
            team = TEAMS[number % len(TEAMS)]
            groups = ["administrators"] if number == 0 else [] if number == 1 else [("developers", "support")[number % 2]]
            mine = conditioned(self.rng, team, allow(["logs:StartQuery", "logs:GetQueryResults"], "*"))
            statements = [allow("*", "*")] if number == 1 else [mine]
            yield {
                "Path": "/",
                "UserName": name,
                "UserId": f"AIDA{number:016X}",
                "Arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
                "CreateDate": "2023-01-01T00:00:00+00:00",
                "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}],
                "GroupList": groups,
                "AttachedManagedPolicies": [],
                "Tags": [{"Key": "team", "Value": team}],
            }

    # --- functions and resources -------------------------------------------------------------------------------------

    def _functions(self) -> Iterator[Document]:
        yield _function(OPS, role_arn("/platform/", "ops-automation"), 0)
        for role, arn in self.run_by.items():
            yield _function(arn, role, 1)
        usable = [one["Arn"] for one in self.roles if "lambda.amazonaws.com" in json.dumps(one["AssumeRolePolicyDocument"])]
        ordinary_ones = [arn for arn in usable if arn not in self.run_by and "/platform/" not in arn]
        for number in range(self.count - 1 - len(self.run_by)):
            role = ordinary_ones[number % len(ordinary_ones)]
            team = role.split("/")[1]
            yield _function(function_arn(f"{team}-{SERVICES[number % len(SERVICES)]}-{number:05}", REGIONS[number % 2]), role, number)

    def _resource_policies(self, functions: list[str]) -> dict[str, Document]:
        """Make policies of functions, one in two, and of what stores things. That of the administrator's function lets a schedule in."""
        schedule = {"ArnLike": {"AWS:SourceArn": f"arn:aws:events:{REGIONS[0]}:{ACCOUNT}:rule/nightly"}}
        let_in = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": OPS,
            "Condition": schedule,
        }
        found = {OPS: document(let_in)}
        for arn in self.rng.sample(functions[1:], self.count // 4 - 1):
            found[arn] = on_function(self.rng, arn)
        number = 0
        while len(found) < self.count // 2:
            arn, content = on_resource(self.rng, number)
            found[arn] = content
            number += 1
        return found


def _groups() -> Iterator[Document]:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    reads = [allow(["lambda:List*", "lambda:GetPolicy", "logs:Get*", "logs:FilterLogEvents"], "*", Condition=mfa)]
    attached = [{"PolicyName": "AdministratorAccess", "PolicyArn": ADMINISTRATOR_ACCESS}]
    for name, statements, managed_ones in (("administrators", [], attached), ("developers", reads, []), ("support", reads[:1], [])):
        yield {
            "Path": "/",
            "GroupName": name,
            "GroupId": f"AGPA{name.upper():0<16}",
            "Arn": f"arn:aws:iam::{ACCOUNT}:group/{name}",
            "CreateDate": "2023-01-01T00:00:00+00:00",
            "GroupPolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}] if statements else [],
            "AttachedManagedPolicies": managed_ones,
        }


def _managed(arn: str, content: Document) -> Document:
    version = {"Document": content, "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": "2024-01-01T00:00:00+00:00"}
    return {
        "PolicyName": arn.rpartition("/")[2],
        "PolicyId": f"ANPA{zlib.crc32(arn.encode()):016X}",
        "Arn": arn,
        "Path": "/boundaries/" if "/boundaries/" in arn else "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 1,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": "2024-01-01T00:00:00+00:00",
        "UpdateDate": "2024-01-01T00:00:00+00:00",
        "PolicyVersionList": [version],
    }


def _function(arn: str, role: str, number: int) -> Document:
    return {
        "FunctionName": arn.split(":")[6],
        "FunctionArn": arn,
        "Runtime": ("python3.13", "nodejs22.x", "java21", "python3.12")[number % 4],
        "Role": role,
        "Handler": "app.handler",
        "CodeSize": 4096,
        "Timeout": 30,
        "MemorySize": 256,
        "Version": "$LATEST",
        "PackageType": "Zip",
        "Environment": {"Variables": {"STAGE": "prod", "TABLE_NAME": f"table-{number}"}},
        "TracingConfig": {"Mode": "Active"},
        "Architectures": ["arm64"],
    }


def _inline(details: Document, kind: str) -> Iterator[tuple[str, Document]]:
    for entry in details[f"{kind}DetailList"]:
        for policy in entry[f"{kind}PolicyList"]:
            yield entry["Arn"], policy["PolicyDocument"]

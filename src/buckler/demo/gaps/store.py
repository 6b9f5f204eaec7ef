"""What one account keeps in one region: plain documents in AWS's member names, with no rules of their own."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Document = dict[str, Any]
LATEST = "$LATEST"


@dataclass
class Policy:
    """A resource policy; AWS answers `ResourceNotFoundException` where the last statement is gone."""

    statements: list[Document] = field(default_factory=list[Document])
    revision: str = ""


@dataclass
class Function:
    """A function, its published versions and all that hangs on a qualifier of it."""

    name: str
    arn: str
    versions: dict[str, Document] = field(default_factory=dict[str, Document])
    """`$LATEST` first, then "1", "2" ...: each a `FunctionConfiguration`."""
    code: dict[str, Document] = field(default_factory=dict[str, Document])
    """version -> `FunctionCodeLocation`."""
    published: int = 0
    aliases: dict[str, Document] = field(default_factory=dict[str, Document])
    policies: dict[str, Policy] = field(default_factory=dict[str, Policy])
    """qualifier -> policy. An alias keeps its own; the unqualified function's does not apply to it."""
    urls: dict[str, Document] = field(default_factory=dict[str, Document])
    invoke_configs: dict[str, Document] = field(default_factory=dict[str, Document])
    provisioned: dict[str, Document] = field(default_factory=dict[str, Document])
    runtime_updates: dict[str, Document] = field(default_factory=dict[str, Document])
    scaling: dict[str, Document] = field(default_factory=dict[str, Document])
    tags: dict[str, str] = field(default_factory=dict[str, str])
    reserved_concurrency: int | None = None
    recursive_loop: str = "Terminate"
    code_signing_config: str | None = None

    def qualified_arn(self, qualifier: str) -> str:
        """The ARN with its qualifier; the unqualified one for `$LATEST`."""
        return self.arn if qualifier == LATEST else f"{self.arn}:{qualifier}"


@dataclass
class Layer:
    """A layer: its versions and a policy for each."""

    name: str
    arn: str
    versions: dict[int, Document] = field(default_factory=dict[int, Document])
    policies: dict[int, Policy] = field(default_factory=dict[int, Policy])
    published: int = 0


@dataclass
class Account:
    """One account in one region."""

    account: str
    region: str
    functions: dict[str, Function] = field(default_factory=dict[str, Function])
    layers: dict[str, Layer] = field(default_factory=dict[str, Layer])
    event_sources: dict[str, Document] = field(default_factory=dict[str, Document])
    code_signing_configs: dict[str, Document] = field(default_factory=dict[str, Document])
    capacity_providers: dict[str, Document] = field(default_factory=dict[str, Document])
    resource_tags: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """Tags of event source mappings, code signing configs and capacity providers, by ARN."""
    signing_profiles: dict[str, Document] = field(default_factory=dict[str, Document])
    signing_jobs: dict[str, Document] = field(default_factory=dict[str, Document])
    inspector: dict[str, str] = field(default_factory=dict[str, str])
    """Kind of resource -> `ENABLED` or `DISABLED`."""
    interfaces: set[tuple[str, frozenset[str]]] = field(default_factory=set[tuple[str, frozenset[str]]])
    """Subnet and security groups of each network interface Lambda keeps."""
    public_access: dict[str, str] = field(default_factory=dict[str, str])
    """VPC Block Public Access: `mode`, once it was set."""
    exclusions: dict[str, Document] = field(default_factory=dict[str, Document])
    """From Block Public Access, by id."""
    dns_firewall: dict[str, dict[str, Document]] = field(default_factory=dict[str, dict[str, Document]])
    """Lists, groups, rules, associations and settings of DNS Firewall: kind -> id -> what is kept."""
    handshakes: dict[str, Document] = field(default_factory=dict[str, Document])
    """Invitations to this account; kept in the region `global`."""
    parameter_policies: dict[str, list[Document]] = field(default_factory=dict[str, list[Document]])
    """Policies of SSM parameters, by ARN."""
    usage_reports: dict[str, str] = field(default_factory=dict[str, str])
    """Job -> the ARN it reports about."""
    guardduty_findings: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Detector -> the ids of what it found."""
    api_summaries: dict[str, Document] = field(default_factory=dict[str, Document])
    """API and deployment -> path -> method -> who is let in."""

    def arn(self, kind: str, name: str) -> str:
        """The ARN of a Lambda resource, e.g. `arn("function", "checkout")`."""
        return f"arn:{partition(self.region)}:lambda:{self.region}:{self.account}:{kind}:{name}"


def partition(region: str) -> str:
    """The partition a region belongs to."""
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def now() -> str:
    """The instant in the form Lambda's string timestamps have."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def epoch() -> float:
    """The instant in the form Lambda's number timestamps have."""
    return round(datetime.now(UTC).timestamp(), 3)


def revision() -> str:
    """A fresh `RevisionId`."""
    return str(uuid.uuid4())

"""The estate: everything known of one or many accounts at one instant."""

from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec

from buckler.model.artifact import Artifact
from buckler.model.entity import Entity
from buckler.model.functions import (
    CapacityProvider,
    CodeSigningConfig,
    Concurrency,
    EventSourceMapping,
    Function,
    LayerVersion,
    SigningProfile,
    Trigger,
)
from buckler.model.iam import Group, Organization, Role, User
from buckler.model.network import (
    DataService,
    DnsFirewall,
    Gateway,
    LoadBalancer,
    NetworkAcl,
    NetworkInterface,
    Peering,
    PrefixList,
    PublicAccessBlock,
    RouteTable,
    SecurityGroup,
    Subnet,
    TransitGateway,
    Vpc,
    VpcEndpoint,
)
from buckler.model.origin import Origin
from buckler.model.stores import KmsKey, Parameter, Secret, Store
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.model.value import Value
from buckler.model.watch import Detector, InspectorStatus, LogGroup, Trail

ScopeKind: TypeAlias = Literal["live", "template", "plan", "saved", "artifact"]
"""`saved`: answers of AWS that somebody kept as files."""


class Scope(Value):
    """One place that was looked at: a region of an account, or a file."""

    kind: ScopeKind
    name: str
    """`123456789012/eu-west-1`, or the path of the file."""
    account: Text
    region: Text
    origin: Origin


class Missing(Value):
    """A whole collection that is not there, and why. Says that an absence in the estate proves nothing."""

    collection: str
    """Name of the field of `Estate`: "functions", "trails", ..."""
    account: Text
    region: Text
    """"" for global collections."""
    unknown: Unknown


class Note(Value):
    """Something a source wants said that is neither a fact nor a gap: an ignored resource type, an overridden file."""

    message: str
    origin: Origin


class Suppression(Value):
    """An inline ignore in a template: `# buckler: ignore[check-id] reason`."""

    check: str
    reason: str
    origin: Origin
    address: str
    """Logical id it stands in; empty: the whole file."""


class Estate(Value):
    """Read-only, comparable, storable as one file. Collections keep the order in which they were read, which sources make deterministic.

    An absent entity means there is none, unless `missing` names its collection for that account and region.
    """

    scopes: tuple[Scope, ...] = ()
    functions: tuple[Function, ...] = ()
    layers: tuple[LayerVersion, ...] = ()
    event_sources: tuple[EventSourceMapping, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    code_signing_configs: tuple[CodeSigningConfig, ...] = ()
    signing_profiles: tuple[SigningProfile, ...] = ()
    concurrency: tuple[Concurrency, ...] = ()
    capacity_providers: tuple[CapacityProvider, ...] = ()
    roles: tuple[Role, ...] = ()
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    trails: tuple[Trail, ...] = ()
    log_groups: tuple[LogGroup, ...] = ()
    detectors: tuple[Detector, ...] = ()
    inspectors: tuple[InspectorStatus, ...] = ()
    keys: tuple[KmsKey, ...] = ()
    secrets: tuple[Secret, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    stores: tuple[Store, ...] = ()
    vpcs: tuple[Vpc, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    security_groups: tuple[SecurityGroup, ...] = ()
    route_tables: tuple[RouteTable, ...] = ()
    network_acls: tuple[NetworkAcl, ...] = ()
    endpoints: tuple[VpcEndpoint, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    peerings: tuple[Peering, ...] = ()
    transit_gateways: tuple[TransitGateway, ...] = ()
    interfaces: tuple[NetworkInterface, ...] = ()
    prefix_lists: tuple[PrefixList, ...] = ()
    data_services: tuple[DataService, ...] = ()
    load_balancers: tuple[LoadBalancer, ...] = ()
    dns_firewalls: tuple[DnsFirewall, ...] = ()
    public_access_blocks: tuple[PublicAccessBlock, ...] = ()
    organizations: tuple[Organization, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    """Looked into: files that were named, and what was fetched. That one is not here says nothing of it."""
    missing: tuple[Missing, ...] = ()
    notes: tuple[Note, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    taken_at: str = ""
    """ISO time in UTC at which the facts were read; empty for files."""


COLLECTIONS: tuple[str, ...] = tuple(
    field.name for field in msgspec.structs.fields(Estate) if field.name not in {"scopes", "missing", "notes", "suppressions", "taken_at"}
)
"""Names of the collections of facts, in the order of `Estate`."""


def merge(estates: Iterable[Estate]) -> Estate:
    """Put several estates into one, in order. Equal entities are kept once (an organisation is read through every account)."""
    parts = list(estates)
    if len(parts) == 1:
        return parts[0]
    merged: dict[str, tuple[object, ...]] = {}
    for name in (*COLLECTIONS, "scopes", "missing", "notes", "suppressions"):
        merged[name] = tuple(dict.fromkeys(value for part in parts for value in getattr(part, name)))
    return Estate(**merged, taken_at=max((part.taken_at for part in parts), default=""))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the names come from the fields themselves


__all__ = ["COLLECTIONS", "Entity", "Estate", "Missing", "Note", "Scope", "ScopeKind", "Suppression", "merge"]

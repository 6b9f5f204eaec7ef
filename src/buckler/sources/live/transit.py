"""Transit gateways: what is attached to them, and how they route."""

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TypedDict

from buckler.model.estate import Estate
from buckler.model.network import Route, TransitAttachment, TransitGateway, TransitRouteTable
from buckler.model.unknown import Unknown
from buckler.sources.live.answers import Answer, each, inner
from buckler.sources.live.api import Reader
from buckler.sources.live.calls import Collector
from buckler.sources.live.ec2 import listed

_list = partial(listed, Collector("transit"))

GATEWAYS = _list("DescribeTransitGateways", "TransitGateways", "transit gateways")
ATTACHMENTS = _list("DescribeTransitGatewayAttachments", "TransitGatewayAttachments", "what is attached to transit gateways")
VPC_ATTACHMENTS = _list("DescribeTransitGatewayVpcAttachments", "TransitGatewayVpcAttachments", "subnets in which transit gateways stand")
TABLES = _list("DescribeTransitGatewayRouteTables", "TransitGatewayRouteTables", "route tables of transit gateways")
ROUTES = _list("SearchTransitGatewayRoutes", "Routes", "routes of transit gateways")
ASSOCIATIONS = _list("GetTransitGatewayRouteTableAssociations", "Associations", "which attachments use a route table")
PROPAGATIONS = _list(
    "GetTransitGatewayRouteTablePropagations", "TransitGatewayRouteTablePropagations", "which attachments fill a route table"
)


@dataclass(frozen=True)
class _Attached:
    by_gateway: dict[str, list[TransitAttachment]]
    unknown: Unknown | None


def collect(reader: Reader) -> Estate:
    """Read all transit gateways of a region, also those that are shared with the account."""
    pages = reader.pages(GATEWAYS, MaxResults=1000)
    gateways = [entry for entry in pages if entry.get("State") not in {"deleted", "deleting"}]
    attached = _attachments(reader) if gateways else _Attached({}, None)
    return Estate(
        transit_gateways=tuple(_gateway(reader, entry, attached) for entry in gateways), missing=pages.missing("transit_gateways")
    )


def _attachments(reader: Reader) -> _Attached:
    in_vpcs = reader.pages(VPC_ATTACHMENTS, MaxResults=1000)
    subnets: dict[str, tuple[str, ...]] = {}
    modes: dict[str, bool] = {}
    for entry in in_vpcs:
        subnets[entry["TransitGatewayAttachmentId"]] = tuple(sorted(entry.get("SubnetIds") or ()))
        mode = inner(entry, "Options").get("ApplianceModeSupport")
        if isinstance(mode, str):
            modes[entry["TransitGatewayAttachmentId"]] = mode == "enable"
    by_gateway: defaultdict[str, list[TransitAttachment]] = defaultdict(list)
    pages = reader.pages(ATTACHMENTS, MaxResults=1000)
    for entry in pages:
        identity: str = entry["TransitGatewayAttachmentId"]
        by_gateway[entry["TransitGatewayId"]].append(
            TransitAttachment(
                id=identity,
                kind=entry["ResourceType"],
                resource_id=entry.get("ResourceId", ""),
                subnet_ids=subnets.get(identity, ()),
                state=entry.get("State", "available"),
                appliance_mode=modes.get(identity),
            )
        )
    return _Attached(by_gateway, pages.unknown or in_vpcs.unknown)


def _gateway(reader: Reader, entry: Answer, attached: _Attached) -> TransitGateway:
    arn, identity, owner = str(entry["TransitGatewayArn"]), str(entry["TransitGatewayId"]), str(entry["OwnerId"])
    return TransitGateway(
        arn=arn,
        name=identity,
        account=owner,
        region=reader.region,
        origin=reader.origin(GATEWAYS, arn),
        owner=owner,
        attachments=attached.unknown or tuple(sorted(attached.by_gateway.get(identity, ()), key=lambda one: one.id)),
        route_tables=_tables(reader, identity),
        # A gateway that says nothing of it is of before 2024, or an emulator's: not known.
        **_references(inner(entry, "Options").get("SecurityGroupReferencingSupport")),
    )


class _References(TypedDict, total=False):
    passes_references: bool | Unknown


def _references(option: object) -> _References:
    return {"passes_references": option == "enable"} if isinstance(option, str) else {}


def _tables(reader: Reader, gateway: str) -> tuple[TransitRouteTable, ...] | Unknown:
    pages = reader.pages(TABLES, Filters=[{"Name": "transit-gateway-id", "Values": [gateway]}], MaxResults=1000)
    tables: list[TransitRouteTable] = []
    for entry in pages:
        table = _table(reader, entry["TransitGatewayRouteTableId"])
        if isinstance(table, Unknown):
            return table
        tables.append(table)
    return pages.unknown or tuple(sorted(tables, key=lambda table: table.id))


def _table(reader: Reader, identity: str) -> TransitRouteTable | Unknown:
    associations = reader.pages(ASSOCIATIONS, TransitGatewayRouteTableId=identity, MaxResults=1000)
    associated = tuple(sorted(one["TransitGatewayAttachmentId"] for one in associations))
    propagations = reader.pages(PROPAGATIONS, TransitGatewayRouteTableId=identity, MaxResults=1000)
    propagating = tuple(sorted(one["TransitGatewayAttachmentId"] for one in propagations))
    unknown = associations.unknown or propagations.unknown
    if unknown is not None:
        return unknown
    return TransitRouteTable(id=identity, routes=_routes(reader, identity), associations=associated, propagations=propagating)


def _routes(reader: Reader, table: str) -> tuple[Route, ...] | Unknown:
    wanted = [{"Name": "state", "Values": ["active", "blackhole"]}]
    pages = reader.pages(ROUTES, TransitGatewayRouteTableId=table, Filters=wanted)
    routes = [
        Route(
            destination=entry.get("DestinationCidrBlock") or entry.get("PrefixListId") or "",
            target=attachment,
            state=entry.get("State", "active"),
        )
        for entry in pages
        # Several attachments: the route is shared between them. None: a blackhole.
        for attachment in ([one["TransitGatewayAttachmentId"] for one in each(entry, "TransitGatewayAttachments")] or [""])
    ]
    return pages.unknown or tuple(sorted(routes, key=lambda route: (str(route.destination), str(route.target))))

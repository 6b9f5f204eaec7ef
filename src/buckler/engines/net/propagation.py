"""Routes that attachments propagate into the tables of a transit gateway: a file does not write them, AWS makes them.

"For a VPC attachment, the CIDR blocks of the VPC are propagated to the transit gateway route table" (VPC Transit Gateways guide, "Route
propagation", read 2026-11-27). What was read from an account lists them among its routes.
"""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from buckler.model.network import Route, TransitAttachment, TransitGateway, TransitRouteTable, Vpc
from buckler.model.origin import FileOrigin
from buckler.model.unknown import Unknown, UnknownKind


def with_propagated(gateway: TransitGateway, vpcs: Mapping[str, Vpc]) -> TransitGateway:
    """Add them to the tables of a gateway that a file makes; of a VPC that is not known, its table is not either."""
    if not isinstance(gateway.origin, FileOrigin) or isinstance(gateway.attachments, Unknown) or isinstance(gateway.route_tables, Unknown):
        return gateway
    by_id = {one.id: one for one in gateway.attachments}
    return replace(gateway, route_tables=tuple(_complete(one, by_id, vpcs) for one in gateway.route_tables))


def _complete(table: TransitRouteTable, attachments: Mapping[str, TransitAttachment], vpcs: Mapping[str, Vpc]) -> TransitRouteTable:
    if isinstance(table.routes, Unknown) or not table.propagations:
        return table
    routes = list(table.routes)
    for name in table.propagations:
        told = list(_of(name, attachments, vpcs))
        if not told:
            why = f"which addresses `{name}` propagates to `{table.id}` is not known"
            return replace(table, routes=Unknown(kind=UnknownKind.UNRESOLVED, why=why, need="a live scan"))
        # Routes that are written come before them.
        routes += (one for one in told if all(one.destination != other.destination for other in table.routes))
    return replace(table, routes=tuple(routes))


def _of(name: str, attachments: Mapping[str, TransitAttachment], vpcs: Mapping[str, Vpc]) -> Iterator[Route]:
    attachment = attachments.get(name)
    vpc = vpcs.get(attachment.resource_id) if attachment is not None else None
    for blocks in (vpc.cidrs, vpc.ipv6_cidrs) if vpc is not None else ():
        for block in () if isinstance(blocks, Unknown) else blocks:
            yield Route(destination=block, target=name, is_propagated=True)

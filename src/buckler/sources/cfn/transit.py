"""Transit gateways: what is attached to them, and their route tables."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.model.network import Route, TransitAttachment, TransitGateway, TransitRouteTable
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.sources.cfn.http import belongs
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map
from buckler.sources.cfn.values import to_text, unknown

_ATTACHMENTS = ("AWS::EC2::TransitGatewayVpcAttachment", "AWS::EC2::TransitGatewayAttachment")


def transit_gateways(template: Template) -> tuple[TransitGateway, ...]:
    """Read those of a template, with what the template attaches to them; others may be attached elsewhere."""
    return tuple(_gateway(template, resource) for resource in template.of_type("AWS::EC2::TransitGateway"))


def _gateway(template: Template, resource: Resource) -> TransitGateway:
    attachments: list[TransitAttachment] = []
    doubt: Unknown | None = None
    for one in template.of_type(*_ATTACHMENTS):
        if belongs(template, one.text("TransitGatewayId"), resource):
            made = _attachment(one)
            if isinstance(made, Unknown):
                doubt = doubt or made
            else:
                attachments.append(made)
    references = resource.text("SecurityGroupReferencingSupport")
    # "disable" is what the reference of the resource gives as its default.
    passes = references if isinstance(references, Unknown) else references == "enable"
    return TransitGateway(
        **resource.common(),
        owner=template.account,
        attachments=doubt or tuple(attachments),
        route_tables=doubt or _tables(template, resource, attachments),
        passes_references=passes,
    )


def _attachment(resource: Resource) -> TransitAttachment | Unknown:
    vpc, subnets = resource.text("VpcId"), resource.texts("SubnetIds")
    if vpc is None or isinstance(vpc, Unknown) or subnets is None or isinstance(subnets, Unknown):
        return unknown(f"where `{resource.id}` stands is not resolved")
    options = resource.get("Options")
    mode = to_text(options.get("ApplianceModeSupport")) if isinstance(options, Map) else None
    return TransitAttachment(
        id=shown(resource.template.name(resource.id)),
        kind="vpc",
        resource_id=shown(vpc),
        subnet_ids=tuple(map(shown, subnets)),
        # CloudFormation's default is "disable".
        appliance_mode=False if mode is None and not isinstance(options, Unknown) else mode == "enable" if isinstance(mode, str) else None,
    )


def _tables(template: Template, gateway: Resource, attachments: list[TransitAttachment]) -> tuple[TransitRouteTable, ...] | Unknown:
    """Give the tables of the template, and the gateway's own, which every attachment joins unless the gateway is told not to."""
    told = [gateway.text(f"DefaultRouteTable{what}") for what in ("Association", "Propagation")]
    if any(one not in {None, "enable", "disable"} for one in told):
        return next((one for one in told if isinstance(one, Unknown)), unknown("the default route table is not resolved"))
    mine = (
        one for one in template.of_type("AWS::EC2::TransitGatewayRouteTable") if belongs(template, one.text("TransitGatewayId"), gateway)
    )
    tables = [_table(template, one) for one in mine]
    broken = next((one for one in tables if isinstance(one, Unknown)), None)
    if broken is not None:
        return broken
    read = tuple(one for one in tables if isinstance(one, TransitRouteTable))
    taken = {name for one in read for name in one.associations}
    ids = tuple(one.id for one in attachments)
    # An attachment that is associated with a table of the template leaves the default one for it.
    own = TransitRouteTable(
        id=f"{gateway.id}.DefaultRouteTable",
        routes=(),
        associations=tuple(one for one in ids if one not in taken) if told[0] != "disable" else (),
        propagations=ids if told[1] != "disable" else (),
    )
    return (*read, own) if own.associations or not read else read


def _table(template: Template, table: Resource) -> TransitRouteTable | Unknown:
    def of_it(kind: str) -> Iterator[Resource]:
        of_all = template.of_type(f"AWS::EC2::TransitGatewayRoute{kind}")
        return (one for one in of_all if belongs(template, one.text("TransitGatewayRouteTableId"), table))

    routes: list[Route] = []
    for one in of_it(""):
        destination, target = one.text("DestinationCidrBlock"), one.text("TransitGatewayAttachmentId")
        hole = one.flag("Blackhole", default=False)
        if destination is None or isinstance(destination, Unknown) or isinstance(target, Unknown) or isinstance(hole, Unknown):
            return unknown(f"the route `{one.id}` is not resolved")
        routes.append(Route(destination=destination, target=target or "", state="blackhole" if hole else "active"))
    joined = {kind: [one.text("TransitGatewayAttachmentId") for one in of_it(f"Table{kind}")] for kind in ("Association", "Propagation")}
    if any(one is None or isinstance(one, Unknown) for told in joined.values() for one in told):
        return unknown(f"what is associated with `{table.id}` is not resolved")
    associations, propagations = (
        tuple(shown(one) for one in told if one is not None and not isinstance(one, Unknown)) for told in joined.values()
    )
    return TransitRouteTable(id=shown(template.name(table.id)), routes=tuple(routes), associations=associations, propagations=propagations)

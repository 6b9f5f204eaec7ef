"""Recorded answers of EC2, one file a call, read by the collectors that read AWS."""

import json
from pathlib import Path
from typing import Any

from buckler.model.estate import Estate, Missing, merge
from buckler.model.origin import ApiOrigin
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live import network
from buckler.sources.live.calls import Call

FILES = {
    "DescribeTransitGatewayRouteTables": "TransitGatewayRouteTables",
    "SearchTransitGatewayRoutes": "TransitGatewayStaticRoutes",
    "GetTransitGatewayRouteTablePropagations": "TransitGatewayPropagations",
}


class Pages:
    def __init__(self, entries: list[Any]) -> None:
        self._entries = entries
        self.unknown = None

    def __iter__(self):
        return iter(self._entries)

    def missing(self, *_):
        return ()


class Recorded:
    """What the collectors take for AWS: a folder of answers of one region."""

    partition = "aws"
    is_global = False

    def __init__(self, folder: Path, account: str, region: str) -> None:
        self._folder, self.account, self.region = folder, account, region

    def _file(self, name: str, member: str) -> list[Any]:
        path = self._folder / f"{name}.json"
        if not path.exists():
            return []
        told = json.loads(path.read_text())
        return told.get(member, [])

    def pages(self, call: Call, **params: Any) -> Pages:
        member = call.result
        table = params.get("TransitGatewayRouteTableId")
        if call.operation == "SearchTransitGatewayRoutes":
            return Pages(list(self._transit_routes(table)))
        if call.operation == "GetTransitGatewayRouteTableAssociations":
            entries = self._file("TransitGatewayAttachments", "TransitGatewayAttachments")
            told = [one for one in entries if one.get("Association", {}).get("TransitGatewayRouteTableId") == table]
            return Pages([one for one in told if one["Association"].get("State", "associated") == "associated"])
        if call.operation == "GetTransitGatewayRouteTablePropagations":
            return Pages([{"TransitGatewayAttachmentId": one} for one in self._propagating(table)])
        if call.service == "elbv2":
            return Pages(self._of_balancers(call.operation, params))
        entries = self._file(member, member)
        for wanted in params.get("Filters", ()):
            assert wanted["Name"] == "transit-gateway-id"
            entries = [one for one in entries if one["TransitGatewayId"] in wanted["Values"]]
        if call.operation == "DescribeInternetGateways":
            return Pages(entries)
        return Pages(entries)

    def _of_balancers(self, operation: str, params: dict[str, Any]) -> list[Any]:
        if operation == "DescribeListeners":
            told = self._file("LoadBalancerListeners", "LoadBalancerListeners")
            return [each for one in told if one["LoadBalancerArn"] == params["LoadBalancerArn"] for each in one["Listeners"]]
        member = {"DescribeLoadBalancers": "LoadBalancers", "DescribeTargetGroups": "TargetGroups"}[operation]
        return self._file(member, member)

    def _propagating(self, table: str) -> list[str]:
        found = []
        for one in self._file("TransitGatewayPropagations", "TransitGatewayPropagations"):
            if one["TransitGatewayRouteTableId"] == table:
                found += [
                    each["TransitGatewayAttachmentId"] for each in one["TransitGatewayRouteTablePropagations"] if each["State"] == "enabled"
                ]
        return found

    def _transit_routes(self, table: str):
        """AWS's answer has propagated routes too; Batfish recorded the static ones, and derives the others as AWS does."""
        for one in self._file("TransitGatewayStaticRoutes", "TransitGatewayStaticRoutes"):
            if one["TransitGatewayRouteTableId"] == table:
                yield from one["Routes"]
        attachments = {
            one["TransitGatewayAttachmentId"]: one for one in self._file("TransitGatewayAttachments", "TransitGatewayAttachments")
        }
        vpcs = {one["VpcId"]: one for one in self._everywhere("Vpcs")}
        for identity in self._propagating(table):
            vpc = vpcs.get(attachments.get(identity, {}).get("ResourceId"))
            for block in (vpc or {}).get("CidrBlockAssociationSet", ()):
                yield {
                    "DestinationCidrBlock": block["CidrBlock"],
                    "TransitGatewayAttachments": [{"TransitGatewayAttachmentId": identity}],
                    "State": "active",
                    "Type": "propagated",
                }

    def _everywhere(self, member: str):
        root = next(one for one in (self._folder, *self._folder.parents) if one.name == "aws_configs")
        for path in root.rglob(f"{member}.json"):
            yield from json.loads(path.read_text()).get(member, [])

    def read(self, call: Call, **params: Any):
        if call.operation == "DescribeTargetHealth":
            for one in self._file("LoadBalancerTargetHealth", "LoadBalancerTargetHealth"):
                if one["TargetGroupArn"] == params["TargetGroupArn"]:
                    return one
        return Unknown(kind=UnknownKind.UNSUPPORTED, why="not recorded", need=call.action)

    find = read

    def origin(self, call: Call, arn: str) -> ApiOrigin:
        return ApiOrigin(call=call.action, arn=arn, account=self.account, region=self.region)

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def missing(self, collection: str, unknown: Unknown) -> Missing:
        return Missing(collection=collection, account=self.account, region=self.region, unknown=unknown)


def estate_of(snapshot: Path) -> Estate:
    """Read a snapshot: a folder a region, below a folder an account where there are several."""
    root = snapshot / "aws_configs"
    folders = sorted({path.parent for path in root.rglob("Vpcs.json")})
    estates = []
    for folder in folders:
        parts = folder.relative_to(root).parts
        account = parts[1] if parts[:1] == ("accounts",) else "123456789012"
        region = parts[-1] if parts and "-" in parts[-1] else "us-east-1"
        reader = Recorded(folder, account, region)
        estates += [read(reader) for read in network.PIECES.values()]
    return merge(estates)


def instances_of(snapshot: Path) -> dict[str, str]:
    """Give the network interface of each recorded instance."""
    found = {}
    for path in (snapshot / "aws_configs").rglob("Reservations.json"):
        for reservation in json.loads(path.read_text())["Reservations"]:
            for instance in reservation["Instances"]:
                for interface in instance.get("NetworkInterfaces", ()):
                    found.setdefault(instance["InstanceId"], interface["NetworkInterfaceId"])
    return found

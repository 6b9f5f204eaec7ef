"""single-availability-zone: add a subnet of another zone that has the same routes and the same network ACL."""

from typing import Final

from msgspec.structs import replace

from buckler.fixes._estates import on_function
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._settings import setting
from buckler.model.estate import Estate
from buckler.model.functions import Function, VpcConfig
from buckler.model.network import NetworkAcl, RouteTable, Subnet
from buckler.model.text import Text, same, shown
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis

NO_TWIN: Final = Advice(
    "add a subnet of a second Availability Zone with the same routes and endpoints",
    "no subnet of another zone has the route table and the network ACL of the one in use",
)
LOST_BY_ZONE: Final = ("whoever knows the function by the addresses of one subnet: allow lists elsewhere",)


@remedy
def single_availability_zone(case: Case[Function]) -> Remedies:
    """Add one that is there already. Of subnets whose packets go the same ways nothing is lost, and nothing new is reached."""
    function = case.subject
    vpc = known(function.vpc)
    now = [shown(one) for one in known(vpc.subnet_ids)] if vpc is not None else []
    twin = twin_of(vpc, case.analysis) if vpc is not None else None
    if vpc is None or twin is None:
        yield NO_TWIN
        return
    after = [*now, shown(twin.name)]
    groups = [shown(one) for one in known(vpc.security_group_ids)]
    operation = "UpdateFunctionConfiguration"
    yield Mend(
        summary=f"add `{shown(twin.name)}` in {shown(known(twin.availability_zone))}, which has the same routes and network ACL",
        edits=(
            setting(
                function,
                "subnets",
                read="GetFunctionConfiguration",
                pick=("VpcConfig", "SubnetIds"),
                before=now,
                after=after,
                do=(operation, {"VpcConfig": {"SubnetIds": after, "SecurityGroupIds": groups}}),
                undo=(operation, {"VpcConfig": {"SubnetIds": now, "SecurityGroupIds": groups}}),
                waits=True,
            ),
        ),
        change=lambda estate: on_function(estate, function.arn, lambda one: _with(one, twin.name)),
        lost=LOST_BY_ZONE,
    )


def twin_of(vpc: VpcConfig, analysis: Analysis) -> Subnet | None:
    """Give a subnet of another zone that is like the ones in use; None where there is none. Raises `Undecided`."""
    used = [analysis.subnets.get(one) for one in known(vpc.subnet_ids)]
    first = used[0] if used else None
    if first is None or None in used:
        return None
    return next((one for one in analysis.estate.subnets if _is_twin(one, first, analysis.estate)), None)


def _with(function: Function, subnet: Text) -> Function:
    vpc = function.vpc
    if not isinstance(vpc, VpcConfig) or not isinstance(vpc.subnet_ids, tuple):
        return function
    return replace(function, vpc=replace(vpc, subnet_ids=(*vpc.subnet_ids, subnet)))


def _is_twin(other: Subnet, subnet: Subnet, estate: Estate) -> bool:
    """Say whether packets from another subnet go exactly where they go from this one, in another zone."""
    # Two zones that a file leaves open may be one.
    if other.vpc_id != subnet.vpc_id or same(known(other.availability_zone), known(subnet.availability_zone)) is not False:
        return False
    tables = [_of(one, estate.route_tables, subnet.vpc_id) for one in (subnet, other)]
    lists = [_of(one, estate.network_acls, subnet.vpc_id) for one in (subnet, other)]
    return tables[0] is not None and tables[0] == tables[1] and lists[0] is not None and lists[0] == lists[1]


def _of(subnet: Subnet, tables: tuple[RouteTable, ...] | tuple[NetworkAcl, ...], vpc: Text) -> Text | None:
    """Name the table or list of a subnet: its own, or that of the VPC for all that have none."""
    mine = [one for one in tables if one.vpc_id == vpc]
    own = next((one.name for one in mine if subnet.name in one.subnet_ids), None)
    return own or next((one.name for one in mine if (one.is_main if isinstance(one, RouteTable) else one.is_default)), None)

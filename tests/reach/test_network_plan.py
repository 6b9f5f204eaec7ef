"""What is made beside rules: endpoints in place of the internet, and a group for a function alone; in networks made at random too."""

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.engines.net.random_nets import NETS
from tests.estates import TODAY, allow, env, function, policy, role
from tests.reach.test_network_close import NAT, about

from buckler.engines.net import TCP, Target, connect
from buckler.engines.net.gates import describe_rule
from buckler.engines.net.ranges import common, range_of, without
from buckler.model.unknown import Undecided
from buckler.reach.analysis import Analysis
from buckler.reach.network import reach_of
from buckler.reach.network_plan import base_of, change_of, close_with, costs_of
from buckler.reach.network_targets import world

SENDS = role(inline=(policy(allow(["sqs:SendMessage", "dynamodb:PutItem"])),))
DYNAMO = "com.amazonaws.eu-west-1.dynamodb"
LIST = "list pl-1 52.94.0.0/17; "


def network(changes, *more, listed=DYNAMO, resolves=True, **facts):
    """An estate in which the prefix list of a service was read, and whose VPCs have a resolver."""
    estate = about(changes, *more, **facts).estate
    lists = tuple(replace(one, list_name=listed) if one.name == "pl-1" else one for one in estate.prefix_lists)
    vpcs = tuple(replace(one, dns_support=resolves) for one in estate.vpcs)
    return Analysis(replace(estate, prefix_lists=lists, vpcs=vpcs), today=TODAY)


def made(analysis, **asked):
    return close_with(analysis.estate.functions[0], analysis, **asked)


def written(closing):
    assert closing.refused == ""
    return [describe_rule(rule) for one in closing.groups for rule in one.after]


@pytest.mark.parametrize(
    ("endpoints", "left", "services"),
    [
        ("none", ["out tcp 443 to 0.0.0.0/0"], []),
        ("gateway", ["out tcp 443 to 0.0.0.0/0"], [DYNAMO]),
        ("all", ["out tcp 443 to pl-1", "out tcp 443 to sg-new-sqs"], [DYNAMO, "com.amazonaws.eu-west-1.sqs"]),
    ],
)
def test_endpoints_take_the_place_of_the_internet(endpoints, left, services):
    closing = made(network(f"{NAT}{LIST}", who=SENDS), endpoints=endpoints)
    assert written(closing) == left
    assert [one.service for one in closing.endpoints] == services


def test_without_a_service_that_needs_it_the_internet_is_closed_by_what_costs_nothing():
    puts = role(inline=(policy(allow("dynamodb:PutItem")),))
    closing = made(network(f"{NAT}{LIST}", who=puts), endpoints="gateway")
    assert written(closing) == ["out tcp 443 to pl-1"]
    assert ("f", "the internet (IPv4)") in {(one.source, one.target) for one in closing.lost}
    assert all(one.target != DYNAMO for one in closing.lost)


def test_a_gateway_endpoint_goes_into_the_tables_of_the_function_s_subnets():
    closing = made(network(f"{NAT}{LIST}route app2 0.0.0.0/0 nat-1; fn app,app2", who=SENDS), endpoints="gateway")
    assert closing.endpoints[0].route_tables == ("rtb-app", "rtb-app2")
    after = base_of(closing, network(f"{NAT}{LIST}fn app,app2", who=SENDS)).estate
    routed = [shown.name for shown in after.route_tables for route in shown.routes if route.target == "vpce-new-dynamodb"]
    assert routed == ["rtb-app", "rtb-app2"]


def test_what_the_service_s_list_is_nobody_guesses():
    closing = made(network(NAT, who=SENDS), endpoints="gateway")
    assert closing.endpoints == ()
    assert closing.doubts[0] == f"no endpoint for {DYNAMO}: the prefix list of the service was not read (needs ec2:DescribePrefixLists)"


@pytest.mark.parametrize("resolves", [False, None])
def test_an_interface_endpoint_needs_private_names(resolves):
    from buckler.model.network import _UNASKED

    closing = made(network(NAT, who=SENDS, resolves=_UNASKED if resolves is None else resolves), endpoints="all")
    assert closing.endpoints == ()
    assert "enableDnsSupport" in " ".join(closing.doubts)


def test_one_subnet_in_each_zone():
    closing = made(network(f"{NAT}route app2 0.0.0.0/0 nat-1; route db 0.0.0.0/0 nat-1; fn app,app2,db", who=SENDS), endpoints="all")
    assert [one.subnets for one in closing.endpoints] == [("app", "app2")]


@pytest.mark.parametrize(
    ("more", "reached"),
    [
        pytest.param("sg narrow out tcp 443 198.51.0.0/16", False, id="never-reached-the-service"),
        pytest.param("sg narrow out tcp 443 52.94.0.0/17", True, id="reaches-its-addresses"),
        pytest.param("sg narrow out tcp 443 0.0.0.0/0", True, id="reaches-everything"),
    ],
)
def test_by_a_gateway_endpoint_nobody_loses_the_service(more, reached):
    analysis = network(f"{NAT}{LIST}{more}; eni box app 10.0.1.99 narrow says=box", who=SENDS)
    closing = made(analysis, endpoints="gateway")
    after = base_of(closing, analysis)
    box = world(after).interfaces["box"]
    told = connect(world(after), box, Target(range_of("52.94.0.1"), service=DYNAMO), TCP)
    assert (closing.refused, told.kind != "no") == ("", reached)


def test_who_is_not_let_through_to_an_interface_endpoint_is_named():
    """Private DNS leads all of the VPC there, also who may talk to nothing but addresses outside."""
    closing = made(
        network(f"{NAT}sg narrow out tcp 443 198.51.100.7/32; eni box app 10.0.1.99 narrow says=box", who=SENDS), endpoints="all"
    )
    assert closing.refused == "`box` would be led to the endpoint for com.amazonaws.eu-west-1.sqs, and not get through to it"


# --- a group of its own ----------------------------------------------------------------------------------------------------

BASTION = "eni box app 10.0.1.77 fn says=bastion; "
DATABASE = (env("DB", "10.0.3.10:5432"),)


def test_a_function_gets_a_group_of_its_own():
    analysis = network(BASTION, environment=DATABASE)
    assert "--own-group" in made(analysis).refused
    closing = made(analysis, own=True)
    assert written(closing) == ["out tcp 5432 to database"]
    assert (closing.own.group.name, closing.own.instead) == ("buckler-f", ("fn",))
    assert [(name, describe_rule(rule)) for name, rule in closing.own.admits] == [("database", "in tcp 5432 from sg-new-f")]
    assert "published versions of `f` stay in fn" in costs_of(closing)


def test_what_is_not_used_does_not_let_it_in():
    closing = made(
        network(f"{BASTION}sg far in tcp 22 fn; peering pcx-1 a b; route app 10.1.0.0/16 pcx-1; route far 10.0.0.0/16 pcx-1"), own=True
    )
    assert (written(closing), closing.own.admits) == ([], ())


def test_others_keep_what_they_have():
    other = function("g", vpc=Net("").vpc_config, environment=DATABASE)
    analysis = network(BASTION, other, environment=DATABASE)
    closing = made(analysis, own=True)
    after = Analysis(change_of(closing)(analysis.estate), today=TODAY)
    assert reach_of(after.estate.functions[1], after).reached == reach_of(analysis.estate.functions[1], analysis).reached
    assert [one.vpc.security_group_ids for one in after.estate.functions] == [("sg-new-f",), ("fn",)]


@pytest.mark.parametrize("facts", [{"vpc": None}])
def test_a_function_without_a_network_of_its_own_configuration_gets_none(facts):
    with pytest.raises(Undecided):
        made(network("", **facts), own=True)


def test_both():
    closing = made(network(f"{NAT}{LIST}{BASTION}", who=SENDS, environment=DATABASE), own=True, endpoints="all")
    assert written(closing) == ["out tcp 443 to pl-1", "out tcp 443 to sg-new-sqs", "out tcp 5432 to database"]
    assert closing.own is not None


def test_the_change_may_be_made_twice():
    analysis = network(f"{NAT}{LIST}{BASTION}", who=SENDS, environment=DATABASE)
    change = change_of(made(analysis, own=True, endpoints="all"))
    assert change(change(analysis.estate)) == change(analysis.estate)


@given(NETS)
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None)
def test_in_any_network_a_group_of_its_own_opens_nothing_and_keeps_what_is_used(drawn):
    analysis = network(drawn, environment=DATABASE)
    try:
        closing = made(analysis, own=True)
    except Undecided:
        return
    if closing.refused:
        return
    after = Analysis(change_of(closing)(analysis.estate), today=TODAY)
    was, now = (_open(each.estate.functions[0], each) for each in (analysis, after))
    assert all(not without(ports, was.get(key, ())) for key, ports in now.items())
    for key, ports in was.items():
        if key == ("10.0.3.10", "tcp"):
            assert not without(common(ports, ((5432, 5432),)), now.get(key, ()))


def _open(fn, analysis):
    return {
        (address, one.protocol): one.ports
        for told in reach_of(fn, analysis).reached
        for address in (told.target.addresses or (told.target.name,))
        for one in told.protocols
    }

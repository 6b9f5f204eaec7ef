"""Load balancers of configurations: where they stand and listen, their rules, and what is behind them."""

import pytest
from tests.sources.terraform.plans import read, ref, resource

from buckler.model.network import BalancerListener, BalancerRule, BalancerTarget
from buckler.model.unknown import Unknown

UNKNOWN = {"arn": True, "id": True}
SUBNET = resource("aws_subnet.one", {"cidr_block": "10.0.0.0/24", "vpc_id": "vpc-1"}, unknown=UNKNOWN)
GROUP = resource("aws_security_group.front", {"name": "front", "vpc_id": "vpc-1"}, unknown=UNKNOWN)
WEB = resource("aws_instance.web", {}, unknown=UNKNOWN)
FRONT = resource(
    "aws_lb.front",
    {"name": "front", "internal": True},
    unknown={**UNKNOWN, "subnets": True, "security_groups": True},
    expressions={"subnets": ref("aws_subnet.one.id"), "security_groups": ref("aws_security_group.front.id")},
)
PAGES = resource("aws_lb_target_group.pages", {"port": 8080, "protocol": "HTTP"}, unknown=UNKNOWN)
ADMIN = resource("aws_lb_target_group.admin", {"port": 9090, "protocol": "HTTP", "target_type": "ip"}, unknown=UNKNOWN)
ATTACHED = resource(
    "aws_lb_target_group_attachment.web",
    {},
    unknown={"target_group_arn": True, "target_id": True},
    expressions={"target_group_arn": ref("aws_lb_target_group.pages.arn"), "target_id": ref("aws_instance.web.id")},
)


def listener(port=443, protocol="HTTPS", balancer="aws_lb.front", group="aws_lb_target_group.pages"):
    return resource(
        "aws_lb_listener.l",
        {"port": port, "protocol": protocol, "default_action": [{"type": "forward"}]},
        unknown={**UNKNOWN, "load_balancer_arn": True, "default_action": [{"target_group_arn": True}]},
        expressions={"load_balancer_arn": ref(f"{balancer}.arn"), "default_action": [{"target_group_arn": ref(f"{group}.arn")}]},
    )


def rule(name, values, conditions, actions, unknown=None, expressions=None):
    return resource(
        f"aws_lb_listener_rule.{name}",
        {**values, "condition": conditions, "action": actions},
        unknown={"listener_arn": True, **(unknown or {})},
        expressions={"listener_arn": ref("aws_lb_listener.l.arn"), **(expressions or {})},
    )


FIRST = rule(
    "first",
    {"priority": 5},
    [
        {"source_ip": [{"values": ["10.0.0.0/25"]}]},
        {"host_header": [{"values": ["b.example", "a.example"]}]},
        {"query_string": [{"key": "v", "value": "2"}]},
        {"http_header": [{"http_header_name": "X-Team", "values": ["ops"], "regex_values": ["^dev"]}]},
        {"path_pattern": [{"values": ["/*"]}]},
    ],
    [{"type": "authenticate-oidc"}, {"type": "forward", "forward": [{"target_group": [{"weight": 9}, {"weight": 0}]}]}],
    {"action": [{}, {"forward": [{"target_group": [{"arn": True}, {"arn": True}]}]}]},
    {
        "action": [
            {},
            {
                "forward": [
                    {"target_group": [{"arn": ref("aws_lb_target_group.admin.arn")}, {"arn": ref("aws_lb_target_group.pages.arn")}]},
                ]
            },
        ]
    },
)
OLD = rule(
    "old", {"priority": 2}, [{"path_pattern": [{"values": ["/old"]}]}], [{"type": "redirect", "redirect": [{"status_code": "HTTP_301"}]}]
)


def test_where_it_stands_and_what_its_rules_say(tmp_path):
    estate = read(tmp_path, SUBNET, GROUP, WEB, FRONT, PAGES, ADMIN, ATTACHED, listener(), FIRST, OLD)
    (front,) = estate.load_balancers
    assert (front.kind, front.name, front.vpc_id) == ("application", "front", "vpc-1")
    assert (front.subnet_ids, front.security_group_ids) == ((estate.subnets[0].name,), (estate.security_groups[0].name,))
    assert front.listeners == (
        BalancerListener(
            protocol="HTTPS",
            port=443,
            rules=(
                BalancerRule(groups=(), conditions=("path /old",)),
                BalancerRule(
                    groups=("aws_lb_target_group.admin",),
                    sources=("10.0.0.0/25",),
                    conditions=("host a.example or b.example", "query v=2", "header X-Team ops or matching ^dev"),
                    asks="authenticate-oidc",
                ),
                BalancerRule(groups=("aws_lb_target_group.pages",)),
            ),
        ),
    )
    admin, pages = front.groups
    assert pages.targets == (BalancerTarget(id="${aws_instance.web.id}", port=8080),)
    assert admin.targets.why == "what registers with `aws_lb_target_group.admin` is not told by a plan"


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(rule("x", {}, [], [{"type": "redirect"}], {"priority": True}, {"priority": ref("var.x")}), id="a-priority"),
        pytest.param(rule("x", {"priority": 1}, [{"source_ip": [{}]}], [{"type": "redirect"}], {"condition": [{"source_ip": [{"values": True}]}]},
                          {"condition": [{"source_ip": [{"values": ref("var.x")}]}]}), id="a-condition"),
        pytest.param(rule("x", {"priority": 1}, [{}], [{"type": "redirect"}]), id="a-condition-that-is-none"),
        pytest.param(rule("x", {"priority": 1}, [], [{}], {"action": [{"type": True}]}, {"action": [{"type": ref("var.x")}]}), id="an-action"),
        pytest.param(resource("aws_lb_listener_rule.x", {"priority": 1}, unknown={"listener_arn": True}, expressions={"listener_arn": ref("var.x")}), id="of-a-listener-nobody-knows"),
    ],
)  # fmt: skip
def test_what_is_not_resolved_is_not_known(tmp_path, broken):
    (front,) = read(tmp_path, FRONT, PAGES, ATTACHED, listener(), broken).load_balancers
    assert isinstance(front.listeners[0].rules, Unknown)
    assert isinstance(front.groups, Unknown)


def test_the_order_of_rules_without_priority(tmp_path):
    one, other = (rule(name, {}, [{"path_pattern": [{"values": [f"/{name}"]}]}], [{"type": "redirect"}]) for name in ("a", "b"))
    (front,) = read(tmp_path, FRONT, PAGES, ATTACHED, listener(), FIRST, ADMIN, one).load_balancers
    assert [said.conditions for said in front.listeners[0].rules][1:] == [("path /a",), ()]
    (front,) = read(tmp_path, FRONT, PAGES, ATTACHED, listener(), one, other).load_balancers
    assert front.listeners[0].rules.need == "a priority for each rule"


@pytest.mark.parametrize(
    ("values", "keeps"),
    [
        pytest.param({"protocol": "TCP"}, True, id="machines"),
        pytest.param({"protocol": "TCP", "target_type": "ip"}, False, id="addresses"),
        pytest.param({"protocol": "UDP", "target_type": "ip"}, True, id="addresses-by-udp"),
        pytest.param({"protocol": "TCP", "target_type": "ip", "preserve_client_ip": "true"}, True, id="told"),
        pytest.param({"protocol": "TLS", "preserve_client_ip": "false"}, False, id="told-not"),
    ],
)
def test_whose_address_targets_see(tmp_path, values, keeps):
    net = resource("aws_lb.net", {"load_balancer_type": "network", "subnet_mapping": [{"subnet_id": "subnet-1"}]}, unknown=UNKNOWN)
    group = resource("aws_lb_target_group.g", {"port": 80, **values}, unknown=UNKNOWN)
    (found,) = read(tmp_path, net, group, listener(5000, "TCP", "aws_lb.net", "aws_lb_target_group.g")).load_balancers
    assert (found.kind, found.name, found.subnet_ids, found.security_group_ids) == ("network", "aws_lb.net", ("subnet-1",), ())
    assert found.groups[0].keeps_client_ip is keeps


def test_a_target_group_elsewhere_is_not_known(tmp_path):
    said = resource(
        "aws_lb_listener.l",
        {"port": 80, "protocol": "HTTP", "default_action": [{"type": "forward", "target_group_arn": "arn:aws:x:targetgroup/x/1"}]},
        unknown={**UNKNOWN, "load_balancer_arn": True},
        expressions={"load_balancer_arn": ref("aws_lb.front.arn")},
    )
    (front,) = read(tmp_path, FRONT, said).load_balancers
    assert isinstance(front.groups[0].targets, Unknown)


def test_those_of_gateways_are_appliances(tmp_path):
    assert read(tmp_path, resource("aws_lb.g", {"load_balancer_type": "gateway"}, unknown=UNKNOWN)).load_balancers == ()


def test_one_of_a_kind_that_nobody_knows_is_missing(tmp_path):
    balancer = resource(
        "aws_lb.g", {}, unknown={**UNKNOWN, "load_balancer_type": True}, expressions={"load_balancer_type": ref("var.kind")}
    )
    estate = read(tmp_path, balancer)
    assert estate.load_balancers == ()
    assert any(one.collection == "load_balancers" and "load_balancer_type" in one.unknown.why for one in estate.missing)

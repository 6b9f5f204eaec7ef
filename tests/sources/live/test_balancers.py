"""Load balancers, read from the embedded AWS, and what a permission that is missing leaves open."""

import pytest
from tests.proxy import Fault, Proxy
from tests.sources.live.conftest import scan
from tests.sources.live.honest import unexplained

from buckler.model.network import BalancerListener, BalancerRule, BalancerTarget
from buckler.model.unknown import Unknown


def balancers(estate):
    return {one.name: one for one in estate.load_balancers}


def test_where_they_listen_and_what_stands_behind_them(plain):
    found = balancers(plain)
    front, inner = found["front"], found["inner"]
    (listener,) = front.listeners
    assert (front.kind, listener.protocol, listener.port) == ("application", "HTTP", 80)
    assert (inner.kind, inner.listeners) == (
        "network",
        (BalancerListener(protocol="TCP", port=5000, rules=(BalancerRule(groups=("web",)),)),),
    )
    assert len(front.subnet_ids) == 2
    (group,) = inner.groups
    assert (group.name, group.targets, group.keeps_client_ip) == ("web", (BalancerTarget(id="10.0.0.20", port=8081),), True)


def test_rules_are_read_in_the_order_in_which_they_are_tried(plain):
    front = balancers(plain)["front"]
    (listener,) = front.listeners
    assert listener.rules == (
        BalancerRule(groups=("picture",), conditions=("path /picture/*",)),
        BalancerRule(groups=(), conditions=("path /old",)),
        BalancerRule(
            groups=("admin",),
            sources=("10.0.0.0/25", "10.0.3.0/24"),
            conditions=("host a.example or b.example", "header X-Team ops or matching ^dev", "query v=2"),
        ),
        BalancerRule(groups=("picture",)),
    )
    # A target group that is a function is a trigger, and no machine.
    assert [(one.name, one.targets, one.keeps_client_ip) for one in front.groups] == [
        ("admin", (BalancerTarget(id="10.0.0.21", port=9090),), False)
    ]


def test_calls_are_by_balancer_and_group(endpoint):
    with Proxy(endpoint) as proxy:
        scan(proxy.endpoint)
    # Twice: functions behind load balancers are another question, asked of every region.
    assert proxy.calls["elbv2:DescribeLoadBalancers"] == 2
    assert proxy.calls["elbv2:DescribeTargetGroupAttributes"] == 1


@pytest.mark.parametrize("kind", ["denied", "error", "cut"])
@pytest.mark.parametrize(
    "operation",
    [
        "DescribeLoadBalancers",
        "DescribeListeners",
        "DescribeTargetGroups",
        "DescribeTargetHealth",
        "DescribeTargetGroupAttributes",
        "DescribeRules",
    ],
)
def test_what_cannot_be_read_is_not_known(endpoint, plain, operation, kind):
    with Proxy(endpoint, faults=[Fault(f"elbv2:{operation}", kind=kind)]) as proxy:
        estate = scan(proxy.endpoint).estate
    assert unexplained(plain, estate) == []
    inner = balancers(estate).get("inner")
    if operation == "DescribeLoadBalancers":
        assert "load_balancers" in {one.collection for one in estate.missing}
    elif operation == "DescribeListeners":
        assert isinstance(inner.listeners, Unknown)
    elif operation == "DescribeRules":
        assert isinstance(balancers(estate)["front"].listeners[0].rules, Unknown)
        assert not isinstance(inner.listeners[0].rules, Unknown)
    elif operation == "DescribeTargetGroups":
        assert isinstance(inner.groups, Unknown)
    else:
        (group,) = inner.groups
        assert isinstance(group.targets if operation == "DescribeTargetHealth" else group.keeps_client_ip, Unknown)

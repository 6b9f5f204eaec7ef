"""Load balancers as targets: where they answer, and what is reached through them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.estates import TODAY, function, role, scope
from tests.sources.cfn.templates import read

from buckler.engines.net.gates import TCP
from buckler.engines.net.ranges import Range, inside, range_of
from buckler.model.network import BalancerListener, BalancerRule
from buckler.model.reachability import ports_text
from buckler.model.text import hole
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.listening import forwarded
from buckler.reach.network import explain, reach_of, targets

APP = "eni front db 10.0.3.30 front says=ELB~app/orders/1; sg front in -1 - 10.0.0.0/16; sg front out -1 - 0.0.0.0/0; lb orders application HTTPS:443"
NET = "eni front db 10.0.3.30 - says=ELB~net/orders/1; lb orders network TCP:5000,UDP:53,TCP_UDP:700"
WORKER = "eni worker pub 10.0.9.20 worker says=worker of=i-1"


def told(changes):
    """Give what the function reaches of the load balancer; None for nothing."""
    net = Net(changes)
    fn = function(vpc=net.vpc_config)
    analysis = Analysis(replace(net.estate, functions=(fn,), roles=(role(),), scopes=(scope(),)), today=TODAY)
    found = [one for one in reach_of(fn, analysis).reached if one.target.name.startswith("load balancer")]
    return found[0] if found else None


def ports(one):
    return {each.protocol: ports_text(each.ports) for each in one.protocols}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(APP, {"tcp": "443"}, id="its-listener"),
        pytest.param(NET, {"tcp": "700, 5000", "udp": "53, 700"}, id="each-protocol-has-its-own"),
        pytest.param(f"{NET}; sg fn closed; sg fn out tcp 5000 0.0.0.0/0", {"tcp": "5000"}, id="as-far-as-rules-let-it"),
        pytest.param(APP.replace("HTTPS:443", "HTTP:80,HTTPS:443"), {"tcp": "80, 443"}, id="two-listeners"),
        pytest.param(f"{APP}; sg front closed; sg front in tcp 22 10.0.0.0/16", None, id="open-where-nothing-listens"),
        pytest.param(APP.replace("HTTPS:443", "-"), {"tcp": "all ports", "udp": "all ports"}, id="nobody-knows-where-it-listens"),
        pytest.param(APP.partition("; lb ")[0], {"tcp": "all ports", "udp": "all ports"}, id="a-balancer-nobody-read"),
        pytest.param(APP.replace("lb orders", "lb others"), {"tcp": "all ports", "udp": "all ports"}, id="the-listeners-of-another"),
    ],
)
def test_it_answers_where_it_listens(changes, expected):
    found = told(changes)
    assert (ports(found) if found is not None else None) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(f"{APP}; {WORKER}; sg worker in tcp 8080 front; behind orders web i-1:8080", "through it: worker (10.0.9.20:8080)", id="a-machine"),
        pytest.param(
            f"{APP}; {WORKER}; sg worker in tcp 8080 front; behind orders web 10.0.9.20:8080", "through it: worker (10.0.9.20:8080)", id="an-address"
        ),
        pytest.param(
            f"{APP}; {WORKER}; sg worker in tcp 8080 fn; behind orders web i-1:8080", "it passes nothing on: 1 of its targets keep it out",
            id="the-functions-group-is-hidden",
        ),
        pytest.param(f"{APP}; {WORKER}; sg worker in tcp 9 front; behind orders web i-1:8080", "it passes nothing on: 1 of its targets keep it out", id="another-port"),
        pytest.param(f"{APP}; behind orders web i-9:8080", "through it: i-9:8080", id="a-machine-nobody-read"),
        pytest.param(APP, "nothing stands behind it", id="nothing"),
        pytest.param(f"{NET}; {WORKER}; sg worker in tcp 8080 10.0.1.0/24; behind orders web i-1:8080 keeps", "through it: worker (10.0.9.20:8080)", id="its-client-is-let-in"),
        pytest.param(
            f"{NET}; {WORKER}; sg worker in tcp 8080 10.0.3.0/24; behind orders web i-1:8080 keeps", "it passes nothing on: 1 of its targets keep it out",
            id="the-balancers-address-is-not-seen",
        ),
        pytest.param(f"{NET}; {WORKER}; sg worker in tcp 8080 10.0.3.0/24; behind orders web i-1:8080", "through it: worker (10.0.9.20:8080)", id="the-balancers-address-is-seen"),
        pytest.param(
            f"{NET.replace('10.0.3.30 -', '10.0.3.30 front')}; sg front in -1 - 10.0.0.0/16; {WORKER}; sg worker in tcp 8080 front; behind orders web i-1:8080 keeps",
            "through it: worker (10.0.9.20:8080)", id="the-balancers-group-is-let-in",
        ),
        pytest.param(f"{NET}; {WORKER}; sg worker in tcp 8080 10.0.0.0/16; behind orders web i-1:8080 untold", "through it: worker (10.0.9.20:8080), perhaps", id="nobody-knows-which"),
        pytest.param(f"{APP}; behind orders web -", "through it: what is in `web`, which is not known: AccessDenied", id="targets-unread"),
        pytest.param(APP.replace("HTTPS:443", "-"), "where it listens, and what stands behind it, is not wholly known: AccessDenied", id="listeners-unread"),
    ],
)  # fmt: skip
def test_reaching_it_is_reaching_what_stands_behind_it(changes, expected):
    assert told(changes).note.startswith(expected)


BEHIND = f"{APP}; {WORKER}; sg worker in -1 - front; behind orders web i-1:8080; behind orders admin i-1:9090"
WEB, ADMIN = "worker (10.0.9.20:8080)", "worker (10.0.9.20:9090)"
KEEPS_ONE = "; its rules keep 1 of its target groups from there"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param("", f"through it: {WEB}, {ADMIN}", id="whatever-the-default-action-says"),
        pytest.param("rule orders 443 default web", f"through it: {WEB}{KEEPS_ONE}", id="no-rule-leads-there"),
        pytest.param("rule orders 443 1 admin if=path~/admin*; rule orders 443 default web", f"through it: {WEB}, {ADMIN} by path /admin*", id="what-the-caller-chooses"),
        pytest.param("rule orders 443 1 admin if=path~/admin* asks=authenticate-oidc; rule orders 443 default web",
                     f"through it: {WEB}, {ADMIN} by path /admin* after authenticate-oidc", id="after-it-signs-in"),
        pytest.param("rule orders 443 1 admin from=10.0.1.0/24 if=path~/admin*; rule orders 443 default web", f"through it: {WEB}, {ADMIN} by path /admin*", id="its-address-is-named"),
        pytest.param("rule orders 443 1 admin from=10.0.1.0/25,10.0.1.128/25; rule orders 443 default web", f"through it: {ADMIN}{KEEPS_ONE}", id="two-halves-are-the-whole-and-take-everything"),
        pytest.param("rule orders 443 1 admin from=10.0.2.0/24; rule orders 443 default web", f"through it: {WEB}{KEEPS_ONE}", id="another-address-is-named"),
        pytest.param("rule orders 443 1 admin from=10.0.1.0/25; rule orders 443 default web", f"through it: {WEB}, perhaps, {ADMIN}, perhaps", id="a-part-of-its-possible-addresses"),
        pytest.param("rule orders 443 1 admin from=2001:db8:a:1::/64; rule orders 443 default web", f"through it: {WEB}{KEEPS_ONE}", id="the-other-family"),
        pytest.param("rule orders 443 1 - from=10.0.1.0/24; rule orders 443 default web,admin",
                     "it passes nothing on: its rules keep 2 of its target groups from there", id="sent-elsewhere"),
        pytest.param("rule orders 443 1 - if=path~/x*; rule orders 443 2 admin if=path~/x* if=host~a; rule orders 443 default web",
                     f"through it: {WEB}{KEEPS_ONE}", id="hidden-behind-a-wider-rule"),
        pytest.param("rule orders 443 1 - if=path~/x*; rule orders 443 2 admin if=path~/x/admin; rule orders 443 default web",
                     f"through it: {WEB}{KEEPS_ONE}", id="hidden-behind-a-wider-path"),
        pytest.param("rule orders 443 1 - if=path~/x/admin; rule orders 443 2 admin if=path~/x*; rule orders 443 default web",
                     f"through it: {WEB}, {ADMIN} by path /x*", id="not-hidden-behind-a-narrower-path"),
        pytest.param("rule orders 443 1 web from=10.0.1.0/25 if=path~/x*; rule orders 443 2 admin if=path~/x* if=host~a; rule orders 443 default -",
                     f"through it: {WEB} by path /x*, perhaps, {ADMIN} by path /x* and host a, perhaps", id="perhaps-hidden"),
        pytest.param("rule orders 443 9 - from=0.0.0.0/0; rule orders 443 1 admin from=10.0.0.0/8; rule orders 443 default web",
                     f"through it: {ADMIN}{KEEPS_ONE}", id="by-priority-and-not-as-listed"),
        pytest.param("rule orders 443 -", f"through it: {WEB}, perhaps, {ADMIN}, perhaps", id="rules-unread"),
        pytest.param("rule orders 80 default web; rule orders 443 default admin; lb orders application HTTP:80,HTTPS:443; behind orders web i-1:8080; behind orders admin i-1:9090; "
                     "sg fn closed; sg fn out tcp 443 0.0.0.0/0", f"through it: {ADMIN}{KEEPS_ONE}", id="of-the-listeners-that-it-reaches"),
        pytest.param("eni front far 10.1.1.30 front says=ELB~app/orders/1; sg front in -1 - 10.0.0.0/8; nat nat-1 pub private at=10.0.9.250; route app 10.1.0.0/16 nat-1; "
                     "peering pcx-1 a b; route pub 10.1.0.0/16 pcx-1; route far 10.0.0.0/16 pcx-1; rule orders 443 1 admin from=10.0.9.250/32; rule orders 443 default web; "
                     "sg front out -1 - 0.0.0.0/0; sg worker in -1 - 10.1.0.0/16; route pub 10.1.0.0/16 pcx-1", f"through it: {ADMIN}{KEEPS_ONE}", id="by-the-address-that-nat-gives-it"),
    ],
)  # fmt: skip
def test_what_is_behind_is_by_its_rules(rules, expected):
    assert told(f"{BEHIND}; {rules}").note == expected


def test_a_range_of_a_rule_that_nobody_knows():
    unread = forwarded(BalancerListener(protocol="HTTP", port=80), range_of("10.0.1.0/24"))
    assert (type(unread), unread.need) == (Unknown, "elasticloadbalancing:DescribeRules")
    rules = (BalancerRule(groups=("admin",), sources=(hole("Office"),)), BalancerRule(groups=("web",)))
    found = forwarded(BalancerListener(protocol="HTTP", port=80, rules=rules), range_of("10.0.1.0/24"))
    assert [(one.group, one.sent, one.unknown.why) for one in found] == [
        ("admin", "unknown", "the range `${Office}` of a rule is not known"),
        ("web", "unknown", "the range `${Office}` of a rule is not known"),
    ]


ADDRESSES = st.integers(0, 15).map(lambda last: f"10.0.0.{last}/32") | st.sampled_from(
    ["10.0.0.0/29", "10.0.0.8/29", "10.0.0.4/30", "10.0.0.0/28"]
)
RULES = st.lists(
    st.builds(
        BalancerRule,
        groups=st.sampled_from([(), ("a",), ("b",), ("a", "b"), ("c",)]),
        sources=st.lists(ADDRESSES, max_size=3).map(tuple),
        conditions=st.lists(st.sampled_from(["x", "y"]), max_size=2, unique=True).map(tuple),
    ),
    max_size=6,
).map(tuple)


@given(RULES)
def test_it_is_as_if_each_address_sent_each_request(rules):
    """The obvious twin: one address and one request at a time, by the first rule that takes it."""

    def groups_of(address):
        found = set()
        for request in ({"x", "y"}, {"x"}, {"y"}, set()):
            taken = (
                one
                for one in rules
                if set(one.conditions) <= request and (not one.sources or any(inside(address, range_of(cidr)) for cidr in one.sources))
            )
            first = next(taken, None)
            found |= set(first.groups) if first is not None else set()
        return found

    listener = BalancerListener(protocol="HTTP", port=80, rules=rules)
    whole = range_of("10.0.0.0/28")
    each = [groups_of(Range(4, whole.first + last, whole.first + last)) for last in range(16)]
    for last in range(16):
        alone = forwarded(listener, Range(4, whole.first + last, whole.first + last))
        assert {one.sent for one in alone} <= {"always"}
        assert {one.group for one in alone} == each[last]
    together = forwarded(listener, whole)
    assert {one.group for one in together} >= set().union(*each)
    assert {one.group for one in together if one.sent == "always"} <= set.intersection(*each)


def test_a_port_on_which_it_does_not_listen_is_in_the_way():
    net = Net(APP)
    fn = function(vpc=net.vpc_config)
    analysis = Analysis(replace(net.estate, functions=(fn,), roles=(role(),), scopes=(scope(),)), today=TODAY)
    target = next(one for one in targets(analysis, fn) if one.name.startswith("load balancer"))
    assert explain(fn, target, TCP, 443, analysis).verdict == "always"
    closed = explain(fn, target, TCP, 22, analysis)
    assert (closed.verdict, closed.blockers) == ("no", ("load balancer app/orders/1: no listener on tcp 22",))


SHOP = """
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  App: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  Front: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24}}
  FnSg: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x, VpcId: !Ref Vpc}}
  LbSg:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: x, VpcId: !Ref Vpc, SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 0, ToPort: 9000, SourceSecurityGroupId: !Ref FnSg}]}
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}}}
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      {Code: {ZipFile: 'x'}, Handler: index.h, Runtime: python3.13, Role: !GetAtt Role.Arn, VpcConfig: {SubnetIds: [!Ref App], SecurityGroupIds: [!Ref FnSg]}}
  Lb: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Name: orders, Subnets: [!Ref Front], SecurityGroups: [!Ref LbSg]}}
  Web: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Port: 8080, TargetType: ip, Targets: [{Id: 10.0.2.20}]}}
  Admin: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Port: 9090, TargetType: ip, Targets: [{Id: 10.0.2.21}]}}
  Listener: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Lb, Port: 443, Protocol: HTTPS, DefaultActions: [{Type: forward, TargetGroupArn: !Ref Web}]}}
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      {ListenerArn: !Ref Listener, Priority: 1, Conditions: [{Field: source-ip, SourceIpConfig: {Values: [10.0.9.0/24]}}], Actions: [{Type: forward, TargetGroupArn: !Ref Admin}]}
"""


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(("", ""), ("always", "443", "through it: 10.0.2.20:8080; its rules keep 1 of its target groups from there"), id="whole"),
        pytest.param(("10.0.9.0/24", "10.0.1.0/24"), ("always", "443", "through it: 10.0.2.21:9090; its rules keep 1 of its target groups from there"), id="its-subnet-is-named"),
        pytest.param(("10.0.9.0/24", "10.0.1.7/32"), ("always", "443", "through it: 10.0.2.21:9090, perhaps, 10.0.2.20:8080, perhaps"), id="one-of-its-subnet"),
        pytest.param(("Port: 443", "Port: 9443"), None, id="listens-where-the-group-lets-nothing-in"),
        pytest.param((", SecurityGroups: [!Ref LbSg]", ", Type: network"), ("always", "443", "through it: 10.0.2.20:8080; its rules keep 1 of its target groups from there"), id="of-no-group"),
    ],
)  # fmt: skip
def test_of_a_template_it_is_what_the_template_makes(change, expected):
    estate = read(SHOP.replace(*change))
    reached = reach_of(estate.functions[0], Analysis(estate, today=TODAY)).reached
    found = [one for one in reached if one.target.service == "load balancer"]
    assert [(one.target.name, one.verdict, ports(one)["tcp"], one.note) for one in found] == (
        [("load balancer orders", *expected)] if expected is not None else []
    )
    # Its security group is named by what stands in it, and not once more by itself.
    assert not any(one.target.kind == "group" and "LbSg" in one.target.id for one in reached) or "network" in change[1]

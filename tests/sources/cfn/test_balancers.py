"""Load balancers of templates: where they stand and listen, their rules, and what is behind them."""

import pytest
from tests.sources.cfn.templates import read

from buckler.model.network import BalancerListener, BalancerRule, BalancerTarget
from buckler.model.unknown import Unknown

FRONT = """
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  One: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
  Two: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  Sg: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x, VpcId: !Ref Vpc}}
  Web: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref One}}
  Front: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [!Ref One, !Ref Two], SecurityGroups: [!Ref Sg], Scheme: internal}}
  Pages: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Port: 8080, Protocol: HTTP, VpcId: !Ref Vpc, Targets: [{Id: !Ref Web}, {Id: 10.0.1.9, Port: 81}]}}
  Admin: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Port: 9090, Protocol: HTTP, TargetType: ip}}
  Fn: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {TargetType: lambda}}
  Http:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Front
      Port: 443
      Protocol: HTTPS
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Pages}]
  Later:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Http
      Priority: 20
      Conditions: [{Field: path-pattern, Values: [/fn]}]
      Actions: [{Type: forward, TargetGroupArn: !Ref Fn}]
  First:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !GetAtt Http.ListenerArn
      Priority: 5
      Conditions:
        - {Field: source-ip, SourceIpConfig: {Values: [10.0.0.0/25]}}
        - {Field: host-header, HostHeaderConfig: {Values: [b.example, a.example]}}
        - {Field: query-string, QueryStringConfig: {Values: [{Key: v, Value: '2'}]}}
        - {Field: http-header, HttpHeaderConfig: {HttpHeaderName: X-Team, Values: [ops], RegexValues: [^dev]}}
        - {Field: path-pattern, PathPatternConfig: {Values: ['/*']}}
      Actions:
        - {Type: authenticate-oidc, Order: 1}
        - {Type: forward, Order: 2, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref Admin, Weight: 9}, {TargetGroupArn: !Ref Pages, Weight: 0}]}}
"""
NET = """
Resources:
  Net: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Type: network, Name: orders, SubnetMappings: [{SubnetId: subnet-1}]}}
  Tcp: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Net, Port: 5000, Protocol: TCP, DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]}}
"""


def test_where_it_stands_and_what_its_rules_say():
    estate = read(FRONT)
    (front,) = estate.load_balancers
    assert (front.kind, front.name, front.vpc_id) == ("application", "Front", estate.vpcs[0].name)
    assert front.subnet_ids == tuple(one.name for one in estate.subnets)
    assert front.security_group_ids == (estate.security_groups[0].name,)
    assert front.listeners == (
        BalancerListener(
            protocol="HTTPS",
            port=443,
            rules=(
                BalancerRule(
                    groups=("Admin",),
                    sources=("10.0.0.0/25",),
                    conditions=("host a.example or b.example", "query v=2", "header X-Team ops or matching ^dev"),
                    asks="authenticate-oidc",
                ),
                BalancerRule(groups=("Fn",), conditions=("path /fn",)),
                BalancerRule(groups=("Pages",)),
            ),
        ),
    )
    admin, pages = front.groups  # the third is a function: a trigger
    assert (admin.name, pages.name, pages.keeps_client_ip) == ("Admin", "Pages", False)
    assert pages.targets == (BalancerTarget(id="${Web}", port=8080), BalancerTarget(id="10.0.1.9", port=81))
    assert admin.targets.why == "what registers with `Admin` is not told by a template"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        pytest.param(("Priority: 5", "Priority: !Ref Nowhere"), "rules", id="a-priority"),
        pytest.param(("Values: [/fn]", "Values: !Ref Nowhere"), "rules", id="a-condition"),
        pytest.param(("Conditions: [{Field: path-pattern, Values: [/fn]}]", "Conditions: !Ref Nowhere"), "rules", id="conditions"),
        pytest.param(("DefaultActions: [{Type: forward, TargetGroupArn: !Ref Pages}]", "DefaultActions: !Ref Nowhere"), "rules", id="actions"),
        pytest.param(("DefaultActions: [{Type: forward,", "DefaultActions: [{Type: !Ref Nowhere,"), "rules", id="an-action"),
        pytest.param(("Port: 443", "Port: !Ref Nowhere"), "listeners", id="a-port"),
        pytest.param(("Protocol: HTTPS", "Protocol: !Ref Nowhere"), "listeners", id="a-protocol"),
        pytest.param(("Targets: [{Id: !Ref Web}, {Id: 10.0.1.9, Port: 81}]", "Targets: !Ref Nowhere"), "targets", id="targets"),
    ],
)  # fmt: skip
def test_what_is_not_resolved_is_not_known(change, what):
    (front,) = read("Parameters: {Nowhere: {Type: String}}\n" + FRONT.replace(*change)).load_balancers
    if what == "targets":
        assert isinstance(front.groups[1].targets, Unknown)
        return
    assert isinstance(front.groups, Unknown)
    assert isinstance(front.listeners if what == "listeners" else front.listeners[0].rules, Unknown)


def test_where_it_stands_is_noted_when_it_is_not_resolved():
    text = "Parameters: {Nowhere: {Type: 'List<AWS::EC2::Subnet::Id>'}}\n" + FRONT.replace(
        "Subnets: [!Ref One, !Ref Two]", "Subnets: !Ref Nowhere"
    )
    estate = read(text)
    assert estate.load_balancers[0].subnet_ids == ()
    assert any("where `Front` stands is not resolved" in one.message for one in estate.notes)


def test_what_scales_registers_what_it_starts():
    scaling = "  Asg: {Type: AWS::AutoScaling::AutoScalingGroup, Properties: {TargetGroupARNs: [!Ref Pages], MaxSize: 2, MinSize: 1}}\n"
    tasks = "  Tasks: {Type: AWS::ECS::Service, Properties: {LoadBalancers: [{TargetGroupArn: !Ref Pages, ContainerPort: 80, ContainerName: x}]}}\n"
    for text in (scaling, tasks):
        (front,) = read(FRONT + text).load_balancers
        assert isinstance(front.groups[1].targets, Unknown)
    (front,) = read(FRONT + tasks.replace("Pages", "Admin")).load_balancers
    assert not isinstance(front.groups[1].targets, Unknown)


@pytest.mark.parametrize(
    ("group", "keeps"),
    [
        pytest.param("{Protocol: TCP, Port: 80}", True, id="machines"),
        pytest.param("{Protocol: TCP, Port: 80, TargetType: ip}", False, id="addresses"),
        pytest.param("{Protocol: UDP, Port: 80, TargetType: ip}", True, id="addresses-by-udp"),
        pytest.param("{Protocol: TCP, Port: 80, TargetType: ip, TargetGroupAttributes: [{Key: preserve_client_ip.enabled, Value: 'true'}]}", True, id="told"),
        pytest.param("{Protocol: TLS, Port: 80, TargetGroupAttributes: [{Key: preserve_client_ip.enabled, Value: false}]}", False, id="told-not"),
    ],
)  # fmt: skip
def test_whose_address_targets_see(group, keeps):
    (net,) = read(f"{NET}  Group: {{Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {group}}}\n").load_balancers
    assert (net.kind, net.name, net.subnet_ids, net.security_group_ids) == ("network", "orders", ("subnet-1",), ())
    assert net.listeners == (BalancerListener(protocol="TCP", port=5000, rules=(BalancerRule(groups=("Group",)),)),)
    assert net.groups[0].keeps_client_ip is keeps


def test_a_target_group_elsewhere_is_not_known():
    (net,) = read(NET.replace("!Ref Group", "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/x/1")).load_balancers
    (group,) = net.groups
    assert isinstance(group.targets, Unknown)
    assert isinstance(group.keeps_client_ip, Unknown)


def test_those_of_gateways_are_appliances():
    assert read(NET.replace("Type: network", "Type: gateway")).load_balancers == ()


def test_one_of_a_kind_that_nobody_knows_is_noted():
    estate = read("Parameters: {Kind: {Type: String}}\n" + NET.replace("Type: network", "Type: !Ref Kind"))
    assert estate.load_balancers == ()
    assert any("what kind of load balancer `Net` is" in one.message for one in estate.notes)

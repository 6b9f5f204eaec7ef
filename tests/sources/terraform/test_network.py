"""EC2 networking."""

import pytest
from tests.sources.terraform.plans import const, read, ref, resource

from buckler.engines.net import world_of
from buckler.model.text import hole, shown
from buckler.model.unknown import Unknown

VPC = resource(
    "aws_vpc.v",
    {"cidr_block": "10.0.0.0/16"},
    unknown=dict.fromkeys(("id", "arn", "default_network_acl_id", "default_route_table_id", "main_route_table_id"), True),
)


def in_vpc(address, values=None, expressions=None, **kwargs):
    unknown = {"id": True, **kwargs.pop("unknown", {})}
    return resource(address, values or {}, unknown=unknown, expressions={"vpc_id": ref("aws_vpc.v.id"), **(expressions or {})}, **kwargs)


class TestSecurityGroup:
    def rules(self, tmp_path, group, *more):
        (found,) = read(tmp_path, VPC, group, *more).security_groups
        return found.rules

    def test_without_rules_there_is_no_egress(self, tmp_path):
        """The provider takes AWS's allow-all egress rule away, and marks both lists as computed."""
        estate = read(tmp_path, VPC, in_vpc("aws_security_group.g", {"name": "g"}, unknown={"egress": True, "ingress": True}))
        (group,) = estate.security_groups
        assert (group.rules, group.group_name, group.vpc_id, group.name) == ((), "g", estate.vpcs[0].name, hole("aws_security_group.g.id"))

    def test_rules_in_it(self, tmp_path):
        ingress = [
            {"protocol": "TCP", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/8"], "ipv6_cidr_blocks": ["::/0"], "self": True}
        ]
        egress = [{"protocol": "all", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"], "prefix_list_ids": ["pl-1"]}]
        one, two = self.rules(tmp_path, in_vpc("aws_security_group.g", {"name": "g", "ingress": ingress, "egress": egress}))
        assert (one.is_egress, one.protocol, one.from_port, one.cidrs) == (False, "tcp", 443, ("10.0.0.0/8", "::/0"))
        assert one.groups == (hole("aws_security_group.g.id"),)
        assert (two.is_egress, two.protocol, two.cidrs, two.prefix_lists) == (True, "-1", ("0.0.0.0/0",), ("pl-1",))

    def test_rules_beside_it(self, tmp_path):
        group = in_vpc("aws_security_group.g", {"name": "g"})
        here = {"security_group_id": ref("aws_security_group.g.id")}
        one, two, three = self.rules(
            tmp_path,
            group,
            resource(
                "aws_security_group_rule.a",
                {"type": "egress", "protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]},
                expressions=here,
            ),
            resource(
                "aws_vpc_security_group_ingress_rule.b",
                {"ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "10.0.0.0/8"},
                expressions=here,
            ),
            resource(
                "aws_vpc_security_group_egress_rule.c",
                {"ip_protocol": "-1"},
                expressions={**here, "referenced_security_group_id": ref("aws_security_group.g.id")},
            ),
        )
        assert (one.is_egress, one.cidrs) == (True, ("0.0.0.0/0",))
        assert (two.is_egress, two.protocol, two.cidrs) == (False, "tcp", ("10.0.0.0/8",))
        assert (three.is_egress, three.groups) == (True, (hole("aws_security_group.g.id"),))

    def test_a_rule_of_an_unknown_group_makes_the_rules_unknown(self, tmp_path):
        stray = resource(
            "aws_security_group_rule.a", {"type": "egress", "protocol": "-1"}, expressions={"security_group_id": ref("local.group")}
        )
        assert isinstance(self.rules(tmp_path, in_vpc("aws_security_group.g", {"name": "g"}), stray), Unknown)

    def test_a_rule_of_somebody_elses_group_does_not(self, tmp_path):
        other = resource("aws_security_group_rule.a", {"type": "egress", "protocol": "-1", "security_group_id": "sg-0123"})
        assert self.rules(tmp_path, in_vpc("aws_security_group.g", {"name": "g"}), other) == ()


def test_subnets(tmp_path):
    estate = read(
        tmp_path,
        VPC,
        in_vpc("aws_subnet.a", {"cidr_block": "10.0.1.0/24", "availability_zone": "eu-west-1a", "map_public_ip_on_launch": True}),
        in_vpc("aws_subnet.b", {"cidr_block": "10.0.2.0/24"}, unknown={"availability_zone": True}),
        in_vpc("aws_subnet.c", {"cidr_block": "10.0.3.0/24"}, {"availability_zone": ref("local.zone")}),
    )
    a, b, c = estate.subnets
    assert (a.vpc_id, a.cidr, a.availability_zone, a.map_public_ip) == (estate.vpcs[0].name, "10.0.1.0/24", "eu-west-1a", True)
    assert isinstance(b.availability_zone, Unknown), "AWS picks one"
    assert (b.map_public_ip, c.availability_zone) == (False, hole("aws_subnet.c.availability_zone"))


def test_routes_gateways_and_their_subnets(tmp_path):
    estate = read(
        tmp_path,
        VPC,
        in_vpc("aws_subnet.a", {"availability_zone": "eu-west-1a"}),
        in_vpc("aws_internet_gateway.i"),
        in_vpc("aws_egress_only_internet_gateway.e"),
        resource("aws_nat_gateway.n", {}, unknown={"id": True}, expressions={"subnet_id": ref("aws_subnet.a.id")}),
        in_vpc(
            "aws_route_table.t",
            {"route": [{"cidr_block": "0.0.0.0/0"}]},
            {"route": [{"gateway_id": ref("aws_internet_gateway.i.id")}]},
            unknown={"route": [{"gateway_id": True}]},
        ),
        in_vpc("aws_route_table.u"),
        resource(
            "aws_route.r",
            {"destination_cidr_block": "0.0.0.0/0"},
            expressions={"route_table_id": ref("aws_route_table.u.id"), "nat_gateway_id": ref("aws_nat_gateway.n.id")},
        ),
        resource(
            "aws_route_table_association.x",
            {},
            expressions={"route_table_id": ref("aws_route_table.t.id"), "subnet_id": ref("aws_subnet.a.id")},
        ),
        resource(
            "aws_main_route_table_association.m",
            {},
            expressions={"route_table_id": ref("aws_route_table.u.id"), "vpc_id": ref("aws_vpc.v.id")},
        ),
    )
    t, u = estate.route_tables
    assert [(one.destination, shown(one.target)) for one in t.routes] == [
        ("10.0.0.0/16", "local"),
        ("0.0.0.0/0", "${aws_internet_gateway.i.id}"),
    ]
    assert [(one.destination, shown(one.target)) for one in u.routes] == [
        ("10.0.0.0/16", "local"),
        ("0.0.0.0/0", "${aws_nat_gateway.n.id}"),
    ]
    assert (t.subnet_ids, t.is_main, u.subnet_ids, u.is_main) == ((estate.subnets[0].name,), False, (), True)
    assert [(one.kind, one.vpc_ids, one.is_public) for one in estate.gateways] == [
        ("internet", (estate.vpcs[0].name,), True),
        ("egress-only", (estate.vpcs[0].name,), True),
        ("nat", (estate.vpcs[0].name,), True),
    ]


def test_the_default_route_table_of_a_vpc(tmp_path):
    table = resource(
        "aws_default_route_table.d",
        {"route": []},
        unknown={"id": True, "vpc_id": True},
        expressions={"default_route_table_id": ref("aws_vpc.v.default_route_table_id")},
    )
    vpc = resource("aws_vpc.v", {"cidr_block": "10.0.0.0/16"}, unknown={"id": True, "default_route_table_id": True})
    estate = read(tmp_path, vpc, table)
    (found,) = estate.route_tables
    assert (found.is_main, found.vpc_id) == (True, estate.vpcs[0].name)


def test_network_acls(tmp_path):
    entry = {"rule_no": 200, "protocol": "-1", "action": "deny", "cidr_block": "0.0.0.0/0", "from_port": 0, "to_port": 0}
    acl = in_vpc("aws_network_acl.a", {"egress": [entry], "ingress": [], "subnet_ids": ["subnet-1"]})
    beside = resource(
        "aws_network_acl_rule.r",
        {
            "rule_number": 100,
            "egress": True,
            "protocol": "6",
            "rule_action": "allow",
            "cidr_block": "10.0.0.0/8",
            "from_port": 443,
            "to_port": 443,
        },
        expressions={"network_acl_id": ref("aws_network_acl.a.id")},
    )
    found, _ = read(tmp_path, VPC, acl, beside).network_acls
    assert [(one.rule_number, one.is_egress, one.is_allow, one.protocol) for one in found.entries] == [
        (100, True, True, "tcp"),
        (200, True, False, "-1"),
    ]
    assert (found.subnet_ids, found.is_default) == (("subnet-1",), False)


def test_a_rule_whose_number_nobody_knows_makes_the_entries_unknown(tmp_path):
    beside = resource(
        "aws_network_acl_rule.r",
        {"egress": True, "protocol": "6", "rule_action": "allow"},
        expressions={"network_acl_id": ref("aws_network_acl.a.id"), "rule_number": ref("local.n")},
    )
    found, _ = read(tmp_path, VPC, in_vpc("aws_network_acl.a"), beside).network_acls
    assert isinstance(found.entries, Unknown)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ["Allow", "*"]),
        ({"policy": '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}'}, ["Deny", "s3:*"]),
    ],
)
def test_endpoints(tmp_path, values, expected):
    endpoint = in_vpc(
        "aws_vpc_endpoint.s3",
        {"service_name": "com.amazonaws.eu-west-1.s3", **values},
        {"route_table_ids": ref("aws_route_table.t.id")},
        unknown={"policy": "policy" not in values},
    )
    (found,) = read(tmp_path, VPC, endpoint, in_vpc("aws_route_table.t")).endpoints
    (statement,) = found.policy.statements
    assert [statement.effect, *statement.actions] == expected
    assert (found.endpoint_type, [shown(one) for one in found.route_table_ids]) == ("Gateway", ["${aws_route_table.t.id}"])


def test_peering_and_transit_gateways(tmp_path):
    estate = read(
        tmp_path,
        VPC,
        in_vpc("aws_vpc_peering_connection.p", {"peer_vpc_id": "vpc-2", "peer_owner_id": "444455556666"}),
        resource("aws_ec2_transit_gateway.t", {}, unknown={"id": True, "arn": True}),
        in_vpc(
            "aws_ec2_transit_gateway_vpc_attachment.a",
            {"subnet_ids": ["subnet-1"]},
            {"transit_gateway_id": ref("aws_ec2_transit_gateway.t.id")},
        ),
    )
    (peering,), (gateway,) = estate.peerings, estate.transit_gateways
    assert (peering.accepter_vpc, peering.accepter_account, peering.status) == ("vpc-2", "444455556666", "pending-acceptance")
    assert [(one.kind, one.resource_id, one.subnet_ids) for one in gateway.attachments] == [("vpc", "${aws_vpc.v.id}", ("subnet-1",))]
    assert [len(one.associations) for one in gateway.route_tables] == [1], "the default table takes every attachment"
    assert [one.appliance_mode for one in gateway.attachments] == [False], "the provider's default"
    ((table,),) = (one.route_tables for one in world_of(estate).transit.values())
    assert [(one.destination, one.is_propagated) for one in table.routes] == [("10.0.0.0/16", True)]


@pytest.mark.parametrize(("given", "told"), [("enable", True), ("disable", False), (None, None)])
def test_appliance_mode(tmp_path, given, told):
    attachment = in_vpc(
        "aws_ec2_transit_gateway_vpc_attachment.a",
        {"subnet_ids": ["subnet-1"]} | ({"appliance_mode_support": given} if given else {}),
        {"transit_gateway_id": ref("aws_ec2_transit_gateway.t.id")}
        | ({} if given else {"appliance_mode_support": ref("terraform_data.m.output")}),
        **({} if given else {"unknown": {"appliance_mode_support": True}}),
    )
    estate = read(tmp_path, VPC, resource("aws_ec2_transit_gateway.t", {}, unknown={"id": True, "arn": True}), attachment)
    assert [one.appliance_mode for one in estate.transit_gateways[0].attachments] == [told]


def test_constants_do_not_confuse_a_vpc(tmp_path):
    extra = resource(
        "aws_vpc_ipv4_cidr_block_association.c",
        {"cidr_block": "10.1.0.0/16"},
        expressions={"vpc_id": ref("aws_vpc.v.id"), "cidr_block": const("10.1.0.0/16")},
    )
    (vpc,) = read(tmp_path, VPC, extra).vpcs
    assert (vpc.cidrs, vpc.is_default) == (("10.0.0.0/16", "10.1.0.0/16"), False)


class TestWhatAwsMakesWithAVpc:
    """Subnets that name no table and no ACL fall to these."""

    def test_an_open_acl_and_a_table_of_its_own(self, tmp_path):
        estate = read(tmp_path, VPC)
        (acl,), (table,) = estate.network_acls, estate.route_tables
        assert (acl.is_default, acl.vpc_id, acl.name) == (True, estate.vpcs[0].name, hole("aws_vpc.v.default_network_acl_id"))
        assert [(one.rule_number, one.is_egress, one.is_allow, one.cidr) for one in acl.entries] == [
            (100, False, True, "0.0.0.0/0"),
            (32767, False, False, "0.0.0.0/0"),
            (100, True, True, "0.0.0.0/0"),
            (32767, True, False, "0.0.0.0/0"),
        ]
        assert (table.is_main, table.vpc_id) == (True, estate.vpcs[0].name)
        assert [(one.destination, one.target) for one in table.routes] == [("10.0.0.0/16", "local")]

    def test_with_ipv6_both_families_pass(self, tmp_path):
        vpc = resource("aws_vpc.v", {"cidr_block": "10.0.0.0/16", "assign_generated_ipv6_cidr_block": True}, unknown={"id": True})
        (acl,) = read(tmp_path, vpc).network_acls
        assert {(one.cidr, one.is_egress) for one in acl.entries if one.is_allow} == {
            (cidr, way) for cidr in ("0.0.0.0/0", "::/0") for way in (True, False)
        }

    def test_what_a_plan_takes_over_is_as_the_plan_says(self, tmp_path):
        acl = resource("aws_default_network_acl.a", {}, expressions={"default_network_acl_id": ref("aws_vpc.v.default_network_acl_id")})
        table = resource("aws_default_route_table.t", {}, expressions={"default_route_table_id": ref("aws_vpc.v.default_route_table_id")})
        estate = read(tmp_path, VPC, acl, table)
        assert [(one.is_default, one.entries) for one in estate.network_acls] == [(True, ())]
        assert [one.address for one in estate.route_tables] == ["aws_default_route_table.t"]

    def test_a_route_and_a_rule_beside_them_count(self, tmp_path):
        route = resource(
            "aws_route.r",
            {"destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"},
            expressions={"route_table_id": ref("aws_vpc.v.main_route_table_id")},
        )
        rule = resource(
            "aws_network_acl_rule.r",
            {
                "rule_number": 50,
                "egress": True,
                "protocol": "tcp",
                "rule_action": "deny",
                "cidr_block": "10.9.0.0/16",
                "from_port": 22,
                "to_port": 22,
            },
            expressions={"network_acl_id": ref("aws_vpc.v.default_network_acl_id")},
        )
        estate = read(tmp_path, VPC, route, rule)
        assert [one.target for one in estate.route_tables[0].routes] == ["local", "igw-1"]
        assert [one.rule_number for one in estate.network_acls[0].entries if one.is_egress] == [50, 100, 32767]


class TestBlockPublicAccess:
    OPTIONS = resource("aws_vpc_block_public_access_options.o", {"internet_gateway_block_mode": "block-ingress"}, unknown={"id": True})
    WHOLE = in_vpc("aws_vpc_block_public_access_exclusion.v", {"internet_gateway_exclusion_mode": "allow-egress"})
    ONE = resource(
        "aws_vpc_block_public_access_exclusion.s",
        {"internet_gateway_exclusion_mode": "allow-bidirectional"},
        unknown={"id": True},
        expressions={"subnet_id": ref("aws_subnet.s.id")},
    )
    SUBNET = in_vpc("aws_subnet.s", {"cidr_block": "10.0.1.0/24"})

    def test_the_setting_and_what_is_excluded(self, tmp_path):
        estate = read(tmp_path, VPC, self.SUBNET, self.OPTIONS, self.WHOLE, self.ONE)
        (block,) = estate.public_access_blocks
        assert (block.mode, block.account, block.region) == ("block-ingress", estate.vpcs[0].account, estate.vpcs[0].region)
        assert {(one.resource, one.mode) for one in block.exclusions} == {
            (estate.vpcs[0].name, "allow-egress"),
            (estate.subnets[0].name, "allow-bidirectional"),
        }

    def test_exclusions_alone_do_not_tell_whether_it_is_on(self, tmp_path):
        (block,) = read(tmp_path, VPC, self.WHOLE).public_access_blocks
        assert isinstance(block.mode, Unknown)
        assert [one.mode for one in block.exclusions] == ["allow-egress"]

    def test_a_mode_that_is_computed(self, tmp_path):
        options = resource(
            "aws_vpc_block_public_access_options.o", {}, unknown={"internet_gateway_block_mode": True},
            expressions={"internet_gateway_block_mode": ref("var.mode")},
        )  # fmt: skip
        (block,) = read(tmp_path, VPC, options).public_access_blocks
        assert isinstance(block.mode, Unknown)

    def test_a_plan_that_does_not_speak_of_it_leaves_it_off(self, tmp_path):
        assert read(tmp_path, VPC).public_access_blocks == ()


class TestDnsFirewall:
    GROUP = resource("aws_route53_resolver_firewall_rule_group.g", {"name": "g"}, unknown={"id": True})
    OURS = resource(
        "aws_route53_resolver_firewall_domain_list.ours",
        {"name": "ours", "domains": ["*.example.com", "example.com"]},
        unknown={"id": True},
    )

    def rule(self, name, values, listed="aws_route53_resolver_firewall_domain_list.ours.id"):
        expressions = {"firewall_rule_group_id": ref("aws_route53_resolver_firewall_rule_group.g.id")}
        if listed:
            expressions["firewall_domain_list_id"] = ref(listed)
        return resource(f"aws_route53_resolver_firewall_rule.{name}", values, unknown={"id": True}, expressions=expressions)

    ASSOCIATION = in_vpc(
        "aws_route53_resolver_firewall_rule_group_association.a",
        {"priority": 101},
        {"firewall_rule_group_id": ref("aws_route53_resolver_firewall_rule_group.g.id")},
    )

    def test_rules_by_priority(self, tmp_path):
        last = self.rule("b", {"priority": 20, "action": "BLOCK", "q_type": "TXT", "dns_threat_protection": "DNS_TUNNELING"}, listed="")
        first = self.rule("a", {"priority": 10, "action": "ALLOW"})
        config = resource(
            "aws_route53_resolver_firewall_config.c", {"firewall_fail_open": "ENABLED"}, expressions={"resource_id": ref("aws_vpc.v.id")}
        )
        estate = read(tmp_path, VPC, self.GROUP, self.OURS, last, first, self.ASSOCIATION, config)
        (firewall,) = estate.dns_firewalls
        assert (firewall.vpc_id, firewall.priority, firewall.fails_open) == (estate.vpcs[0].name, 101, True)
        assert [(one.priority, one.action, one.kind, one.wildcards, one.query_type) for one in firewall.rules] == [
            (10, "ALLOW", "domains", ("*.example.com",), ""),
            (20, "BLOCK", "protection", (), "TXT"),
        ]

    def test_a_list_or_group_elsewhere_is_not_known(self, tmp_path):
        rule = self.rule("a", {"priority": 10, "action": "BLOCK", "firewall_domain_list_id": "rslvr-fdl-1"}, listed="")
        association = in_vpc(
            "aws_route53_resolver_firewall_rule_group_association.b", {"priority": 102, "firewall_rule_group_id": "rslvr-frg-1"}
        )
        one, other = read(tmp_path, VPC, self.GROUP, rule, self.ASSOCIATION, association).dns_firewalls
        assert isinstance(one.rules[0].wildcards, Unknown)
        assert isinstance(other.rules, Unknown)
        assert one.fails_open is False

    def test_the_resolver_of_a_vpc(self, tmp_path):
        off = resource("aws_vpc.off", {"cidr_block": "10.1.0.0/16", "enable_dns_support": False}, unknown={"id": True})
        assert [one.dns_support for one in read(tmp_path, VPC, off).vpcs] == [True, False]


def test_a_route_through_a_network_firewall(tmp_path):
    firewall = in_vpc("aws_networkfirewall_firewall.border", {"name": "border"}, unknown={"firewall_status": True})
    table = in_vpc("aws_route_table.r")
    route = resource(
        "aws_route.out",
        {"destination_cidr_block": "0.0.0.0/0"},
        unknown={"vpc_endpoint_id": True},
        expressions={
            "route_table_id": ref("aws_route_table.r.id"),
            "vpc_endpoint_id": ref("aws_networkfirewall_firewall.border.firewall_status"),
        },
    )
    estate = read(tmp_path, VPC, firewall, table, route)
    (endpoint,) = estate.endpoints
    assert (endpoint.firewall, endpoint.endpoint_type, endpoint.vpc_id) == ("border", "GatewayLoadBalancer", estate.vpcs[0].name)
    assert {one.destination: one.target for one in estate.route_tables[0].routes}["0.0.0.0/0"] == endpoint.name


def test_joining_a_service_network_writes_routes_into_every_table(tmp_path):
    joined = resource(
        "aws_vpclattice_service_network_vpc_association.j", {}, unknown={"id": True}, expressions={"vpc_identifier": ref("aws_vpc.v.id")}
    )
    for more, count in (((), 0), ((joined,), 2)):
        tables = read(tmp_path, VPC, in_vpc("aws_route_table.t"), *more).route_tables
        assert [sum(route.target == "vpc-lattice" for route in one.routes) for one in tables] == [count] * 2

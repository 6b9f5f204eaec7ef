"""What a plan does not say is never taken for the safe answer, and what it marks as sensitive is never read."""

import json

import pytest
from tests.sources.terraform.plans import function, read, ref, resource, role

from buckler.model.text import hole, shown
from buckler.model.unknown import Unknown, UnknownKind

ALLOW = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
SECRET = "hunter2-hunter2"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"timeout": 5}, "timeout_s"),
        ({"memory_size": 5}, "memory_mb"),
        ({"layers": [SECRET]}, "layers"),
        ({"vpc_config": [{"subnet_ids": [SECRET]}]}, "vpc"),
        ({"tracing_config": [{"mode": SECRET}]}, "tracing"),
        ({"package_type": SECRET}, "package_type"),
    ],
)
def test_sensitive_fields_are_unknown(tmp_path, values, field):
    estate = read(tmp_path, function(values=values, sensitive=dict.fromkeys(values, True)))
    found = getattr(estate.functions[0], field)
    assert isinstance(found, Unknown)
    assert (found.kind, "marked sensitive" in found.why or "known only" in found.why) == (UnknownKind.UNRESOLVED, True)
    assert SECRET not in repr(estate)


@pytest.mark.parametrize("field", ["role", "runtime", "handler", "kms_key_arn"])
def test_sensitive_strings_are_holes(tmp_path, field):
    estate = read(tmp_path, function(values={field: SECRET}, sensitive={field: True}))
    assert getattr(estate.functions[0], field.removesuffix("_arn")) == hole(f"aws_lambda_function.shop.{field}")
    assert SECRET not in repr(estate)


@pytest.mark.parametrize("field", ["role", "vpc_config", "environment", "layers", "dead_letter_config", "timeout"])
def test_unknown_fields_are_unknown_or_holes(tmp_path, field):
    names = {"vpc_config": "vpc", "dead_letter_config": "dead_letter", "timeout": "timeout_s"}
    (found,) = read(tmp_path, function(unknown={field: True}, expressions={field: ref("local.x")})).functions
    value = getattr(found, names.get(field, field))
    assert isinstance(value, Unknown) or value == hole(f"aws_lambda_function.shop.{field}")


class TestPolicies:
    def inline(self, tmp_path, **kwargs):
        (policy,) = (
            read(tmp_path, role(), resource("aws_iam_role_policy.i", {"role": "shop", "name": "i", **kwargs.pop("values", {})}, **kwargs))
            .roles[0]
            .inline
        )
        return policy

    def test_a_sensitive_document_may_grant_anything(self, tmp_path):
        policy = self.inline(tmp_path, values={"policy": ALLOW}, sensitive={"policy": True})
        assert (policy.statements, len(policy.unresolved)) == ((), 1)

    def test_a_managed_policy_that_is_malformed_may_grant_anything(self, tmp_path):
        broken = resource("aws_iam_policy.p", {"name": "p", "policy": 5}, unknown={"arn": True})
        attachment = resource("aws_iam_role_policy_attachment.a", {"role": "shop"}, expressions={"policy_arn": ref("aws_iam_policy.p.arn")})
        estate = read(tmp_path, role(), broken, attachment)
        assert [len(one.document.unresolved) for one in estate.roles[0].attached] == [1]
        assert [one.collection for one in estate.missing if one.unknown.kind is UnknownKind.UNRESOLVED] == ["roles"]

    @pytest.mark.parametrize(
        ("kind", "values", "expressions"),
        [
            ("aws_iam_role_policy_attachment", {"role": "shop"}, {"policy_arn": ref("local.arn")}),
            ("aws_iam_role_policy_attachments_exclusive", {"role_name": "shop"}, {"policy_arns": ref("local.arns")}),
        ],
    )
    def test_which_policy_is_attached_nobody_knows(self, tmp_path, kind, values, expressions):
        (found,) = read(tmp_path, role(), resource(f"{kind}.a", values, expressions=expressions)).roles
        assert all(one.document.kind is UnknownKind.UNRESOLVED for one in found.attached)
        assert found.attached or found.inline[0].unresolved

    @pytest.mark.parametrize("field", ["inline_policy", "managed_policy_arns", "assume_role_policy", "permissions_boundary"])
    def test_unknown_parts_of_a_role(self, tmp_path, field):
        made = role()
        made["values"].pop(field, None)
        made["unknown"][field] = True
        made["expressions"][field] = ref("local.x")
        (found,) = read(tmp_path, made).roles
        boundary = found.boundary is not None and found.boundary.document.kind is UnknownKind.UNRESOLVED
        assert boundary or found.trust.unresolved or [one.unresolved for one in found.inline]

    def test_members_from_the_side_of_the_group(self, tmp_path):
        member = resource("aws_iam_group_membership.m", {"group": "g", "users": ["u", "v"]})
        (user,) = read(tmp_path, resource("aws_iam_user.u", {"name": "u"}), member).users
        assert user.groups == ("g",)

    def test_a_role_whose_name_has_only_a_prefix(self, tmp_path):
        made = resource("aws_iam_role.r", {"name_prefix": "shop-", "assume_role_policy": ALLOW}, unknown={"arn": True, "name": True})
        (found,) = read(tmp_path, made).roles
        assert shown(found.name) == "shop-${aws_iam_role.r}"


@pytest.mark.parametrize(
    ("resources", "collection", "field"),
    [
        (
            [resource("aws_security_group.g", {"name": "g"}), resource("aws_security_group_rule.r", {"security_group_id": [SECRET]})],
            "security_groups",
            "rules",
        ),
        (
            [resource("aws_security_group.g", {"name": "g"}, expressions={"ingress": ref("local.x")}, unknown={"ingress": True})],
            "security_groups",
            "rules",
        ),
        (
            [
                resource("aws_route_table.t", {}),
                resource("aws_route.r", {"destination_cidr_block": "0.0.0.0/0"}, expressions={"route_table_id": ref("local.t")}),
            ],
            "route_tables",
            "routes",
        ),
        (
            [resource("aws_network_acl.a", {}), resource("aws_network_acl_rule.r", {}, expressions={"network_acl_id": ref("local.a")})],
            "network_acls",
            "entries",
        ),
        ([resource("aws_cloudtrail.t", {"name": "t"}, unknown={"advanced_event_selector": True})], "trails", "selectors"),
        (
            [resource("aws_cloudtrail.t", {"name": "t", "event_selector": [{}]}, unknown={"event_selector": [{"data_resource": True}]})],
            "trails",
            "selectors",
        ),
        ([resource("aws_cloudtrail.t", {"name": "t"}, expressions={"enable_logging": ref("local.on")})], "trails", "is_logging"),
        ([resource("aws_lambda_code_signing_config.c", {}, unknown={"allowed_publishers": True})], "code_signing_configs", "publishers"),
        ([resource("aws_kms_key.k", {}, expressions={"is_enabled": ref("local.on")})], "keys", "is_enabled"),
        ([resource("aws_vpc.v", {}, expressions={"cidr_block": ref("local.cidr")}, unknown={"cidr_block": True})], "vpcs", "tags"),
        (
            [resource("aws_inspector2_enabler.i", {"account_ids": ["1"]}, expressions={"resource_types": ref("local.types")})],
            "inspectors",
            "lambda_standard",
        ),
        ([resource("aws_guardduty_detector.d", {}, expressions={"enable": ref("local.on")})], "detectors", "is_enabled"),
        (
            [resource("aws_cloudwatch_log_group.l", {"name": "l"}, expressions={"retention_in_days": ref("local.days")})],
            "log_groups",
            "retention_days",
        ),
    ],
)
def test_what_is_unknown_elsewhere(tmp_path, resources, collection, field):
    estate = read(tmp_path, *resources)
    (found,) = getattr(estate, collection)
    assert field == "tags" or isinstance(getattr(found, field), Unknown)
    assert SECRET not in repr(estate)


def test_transit_gateway_tables_of_their_own(tmp_path):
    here = {"transit_gateway_route_table_id": ref("aws_ec2_transit_gateway_route_table.t.id")}
    there = {"transit_gateway_attachment_id": ref("aws_ec2_transit_gateway_vpc_attachment.a.id")}
    (found,) = read(
        tmp_path,
        resource("aws_ec2_transit_gateway.g", {}, unknown={"id": True}),
        resource(
            "aws_ec2_transit_gateway_vpc_attachment.a",
            {"vpc_id": "vpc-1"},
            unknown={"id": True},
            expressions={"transit_gateway_id": ref("aws_ec2_transit_gateway.g.id")},
        ),
        resource(
            "aws_ec2_transit_gateway_route_table.t",
            {},
            unknown={"id": True},
            expressions={"transit_gateway_id": ref("aws_ec2_transit_gateway.g.id")},
        ),
        resource("aws_ec2_transit_gateway_route.r", {"destination_cidr_block": "10.0.0.0/8"}, expressions={**here, **there}),
        resource("aws_ec2_transit_gateway_route.b", {"destination_cidr_block": "0.0.0.0/0", "blackhole": True}, expressions=here),
        resource("aws_ec2_transit_gateway_route_table_association.x", {}, expressions={**here, **there}),
        resource("aws_ec2_transit_gateway_route_table_propagation.y", {}, expressions={**here, **there}),
    ).transit_gateways
    (table,) = found.route_tables
    attachment = "${aws_ec2_transit_gateway_vpc_attachment.a.id}"
    assert [(one.destination, one.state) for one in table.routes] == [("10.0.0.0/8", "active"), ("0.0.0.0/0", "blackhole")]
    assert (shown(table.routes[0].target), table.associations, table.propagations) == (attachment, (attachment,), (attachment,))


def test_peering_that_is_accepted(tmp_path):
    accepter = resource(
        "aws_vpc_peering_connection_accepter.a", {}, expressions={"vpc_peering_connection_id": ref("aws_vpc_peering_connection.p.id")}
    )
    (found,) = read(
        tmp_path, resource("aws_vpc_peering_connection.p", {"vpc_id": "vpc-1", "peer_vpc_id": "vpc-2"}, unknown={"id": True}), accepter
    ).peerings
    assert found.status == "active"

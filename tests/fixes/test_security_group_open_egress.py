import pytest
from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.estates import env, function, missing, policy, role, scope
from tests.fixes.remedies import planned_in

from buckler.checks.security_group_open_egress import security_group_open_egress

NAT = "igw igw-1 a; nat nat-1 pub; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1"


def fix_of(changes="", *more, **facts):
    net = Net(changes)
    fn = function("f", **{"vpc": net.vpc_config, **facts})
    return planned_in(
        security_group_open_egress,
        replace(net.estate, functions=(fn,), roles=(role(inline=(policy(),)),), scopes=(scope(),), missing=(*net.estate.missing, *more)),
    )


def test_the_rules_that_are_used_take_the_place_of_the_open_one():
    fix = fix_of(NAT, environment=(env("API", "https://api.stripe.com"),))
    assert (fix.proof.verdict, fix.is_safe) == ("proved", False)
    assert [(edit.do.operation, edit.what) for edit in fix.edits] == [
        ("AuthorizeSecurityGroupEgress", "rule `out tcp 443 to 0.0.0.0/0`"),
        ("RevokeSecurityGroupEgress", "rule `out all traffic to 0.0.0.0/0`"),
        ("RevokeSecurityGroupEgress", "rule `out all traffic to ::/0`"),
    ]
    added, removed, removed6 = fix.edits
    assert (
        added.do.parameters
        == added.undo.parameters
        == {
            "GroupId": "fn",
            "IpPermissions": [
                {
                    "IpProtocol": "tcp",
                    "FromPort": 443,
                    "ToPort": 443,
                    "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "environment API"}],
                }
            ],
        }
    )
    assert (removed.before, removed.after) == ({"CidrIp": "0.0.0.0/0"}, None)
    assert removed6.pick[-3:] == ("Ipv6Ranges", "CidrIpv6=::/0", "CidrIpv6,Description")
    assert "`f` to database (db) on tcp 5432" in fix.lost


@pytest.mark.parametrize(
    ("changes", "more", "why"),
    [
        ("", (missing("event_sources"),), "could not be read"),
        # Nobody knows the account of the group that a rule names, without which the rule could not be put back.
        ("sg fn out tcp 22 sg-gone", (), "could not be put back"),
    ],
)
def test_what_cannot_be_told_is_advice(changes, more, why):
    fix = fix_of(changes, *more)
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert why in fix.proof.why


def test_where_something_else_stands_in_it_the_function_gets_a_group_of_its_own():
    fix = fix_of("eni box app 10.0.1.77 fn says=bastion", environment=(env("DB", "10.0.3.10:5432"),))
    assert (fix.proof.why, fix.proof.verdict) == ("", "proved")
    assert [edit.do.operation for edit in fix.edits] == [
        "CreateSecurityGroup",
        "RevokeSecurityGroupEgress",  # what EC2 writes into every new group
        "RevokeSecurityGroupEgress",
        "AuthorizeSecurityGroupEgress",
        "AuthorizeSecurityGroupIngress",
        "UpdateFunctionConfiguration",
    ]


def test_many_functions_are_not_moved_at_once():
    net = Net("eni box app 10.0.1.77 fn says=bastion")
    many = tuple(function(f"f{number}", vpc=net.vpc_config) for number in range(6))
    estate = replace(net.estate, functions=many, roles=(role(inline=(policy(),)),), scopes=(scope(),))
    fix = planned_in(security_group_open_egress, estate)
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert "is also that of bastion" in fix.proof.why

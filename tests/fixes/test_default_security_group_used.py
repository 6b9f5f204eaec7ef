from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.estates import env, function, policy, role, scope
from tests.fixes.remedies import planned_in

from buckler.checks.default_security_group_used import default_security_group_used as check


def fix_of(changes="", **facts):
    net = Net(changes)
    groups = tuple(replace(one, group_name="default") if one.name == "fn" else one for one in net.estate.security_groups)
    fn = function("f", **{"vpc": net.vpc_config, **facts})
    return planned_in(
        check, replace(net.estate, security_groups=groups, functions=(fn,), roles=(role(inline=(policy(),)),), scopes=(scope(),))
    )


def test_it_gets_a_group_of_its_own_with_the_rules_that_are_used():
    fix = fix_of("eni box app 10.0.1.77 fn says=bastion", environment=(env("DB", "10.0.3.10:5432"),))
    assert (fix.proof.why, fix.proof.verdict, fix.is_safe) == ("", "proved", False)
    assert [edit.do.operation for edit in fix.edits] == [
        "CreateSecurityGroup",
        "RevokeSecurityGroupEgress",  # what EC2 writes into every new group
        "RevokeSecurityGroupEgress",
        "AuthorizeSecurityGroupEgress",
        # The database lets the default group in, and so its own.
        "AuthorizeSecurityGroupIngress",
        "UpdateFunctionConfiguration",
    ]
    moved = fix.edits[-1]
    assert moved.before == ["fn"]
    assert list(moved.lookups) == [moved.after[0].strip("{}")]


def test_nothing_used_is_nothing_allowed():
    fix = fix_of()
    assert fix.proof.verdict == "proved"
    assert [edit.do.operation for edit in fix.edits if "Authorize" in edit.do.operation] == []

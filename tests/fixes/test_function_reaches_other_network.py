from tests.fixes.networks import fix_of, written

from buckler.checks.function_reaches_other_network import function_reaches_other_network as check

PEER = "peering pcx-1 a b; route app 10.1.0.0/16 pcx-1; route far 10.0.0.0/16 pcx-1"


def test_the_rule_that_lets_it_over_goes():
    fix = fix_of(check, PEER)
    assert (fix.proof.verdict, fix.is_safe) == ("proved", False)
    assert ("RevokeSecurityGroupEgress", "rule `out all traffic to 0.0.0.0/0`") in written(fix)
    assert any("far (svc) on tcp 5432" in said for said in fix.lost)


def test_on_premises():
    fix = fix_of(check, "route app 192.168.0.0/16 vgw-1")
    assert fix.proof.verdict == "proved"

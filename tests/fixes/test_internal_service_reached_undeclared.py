from tests.estates import env
from tests.fixes.networks import fix_of, written

from buckler.checks.internal_service_reached_undeclared import internal_service_reached_undeclared as check

RANGE = "sg database closed; sg tool in tcp 8080 10.0.0.0/16; eni tool db 10.0.3.20 tool says=worker"


def test_the_way_that_nothing_names_is_closed():
    fix = fix_of(check, RANGE)
    assert (fix.proof.verdict, fix.is_safe) == ("proved", False)
    assert {operation for operation, _ in written(fix)} == {"RevokeSecurityGroupEgress"}
    assert any("worker" in said and "tcp 8080" in said for said in fix.lost)


def test_the_service_that_a_setting_names_stays():
    other = "eni used db 10.0.3.30 more says=helper; sg more in tcp 9090 10.0.0.0/16"
    fix = fix_of(check, f"{RANGE}; {other}", environment=(env("HELPER", "10.0.3.30:9090"),))
    assert fix.proof.verdict == "proved"
    assert [what for operation, what in written(fix) if operation == "AuthorizeSecurityGroupEgress"] != []
    assert not any("helper" in said for said in fix.lost)

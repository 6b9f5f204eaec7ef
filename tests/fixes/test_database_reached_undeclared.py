from tests.estates import env
from tests.fixes.networks import fix_of, written

from buckler.checks.database_reached_undeclared import database_reached_undeclared as check

RANGE = "sg database closed; sg database in tcp 5432 10.0.0.0/16; eni db db 10.0.3.10 database says=RDSNetworkInterface"


def test_the_way_that_nothing_speaks_of_is_closed():
    fix = fix_of(check, RANGE)
    assert (fix.proof.verdict, fix.is_safe) == ("proved", False)
    assert written(fix) == [
        ("RevokeSecurityGroupEgress", "rule `out all traffic to 0.0.0.0/0`"),
        ("RevokeSecurityGroupEgress", "rule `out all traffic to ::/0`"),
    ]
    assert "`f` to RDS database in database on tcp 5432" in fix.lost


def test_what_it_is_configured_to_use_stays():
    cache = "eni cache db 10.0.3.20 tool says=ElastiCache; sg tool in tcp 6379 fn"
    fix = fix_of(check, f"{RANGE}; {cache}", environment=(env("CACHE", "10.0.3.20:6379"),))
    assert fix.proof.verdict == "proved"
    assert ("AuthorizeSecurityGroupEgress", "rule `out tcp 6379 to tool`") in written(fix)
    assert not any("ElastiCache" in said for said in fix.lost)

from tests.estates import env
from tests.fixes.networks import fix_of, written

from buckler.checks.internet_egress_open import internet_egress_open as check

NAT = "igw igw-1 a; nat nat-1 pub; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1"


def test_the_ports_that_it_uses_stay():
    fix = fix_of(check, NAT, environment=(env("API", "https://api.stripe.com"),))
    assert (fix.proof.verdict, fix.is_safe) == ("proved", False)
    assert written(fix) == [
        ("AuthorizeSecurityGroupEgress", "rule `out tcp 443 to 0.0.0.0/0`"),
        ("RevokeSecurityGroupEgress", "rule `out all traffic to 0.0.0.0/0`"),
        ("RevokeSecurityGroupEgress", "rule `out all traffic to ::/0`"),
    ]


def test_who_is_configured_to_use_another_port_keeps_it():
    fix = fix_of(check, NAT, environment=(env("MAIL", "smtp://mail.example.com:587"),))
    assert (fix.proof.verdict, fix.edits, fix.proof.why) == ("advice", (), "the finding would still be there")

from tests.estates import allow, function, policy, role
from tests.fixes.remedies import planned

from buckler.checks.role_shared import role_shared as check

FUNCTIONS = (function("greet-visitors"), function("pay-invoices"))


def test_an_administrator_is_left_what_all_need():
    fix = planned(check, *FUNCTIONS, role(inline=(policy(allow("*"), name="own"),)))
    assert (fix.proof.verdict, [edit.do.operation for edit in fix.edits]) == ("proved", ["PutRolePolicy", "DeleteRolePolicy"])


def test_who_needs_what_only_code_tells():
    fix = planned(check, *FUNCTIONS, role(inline=(policy(allow("s3:GetObject"), name="own"),)))
    assert (fix.proof.verdict, fix.edits) == ("advice", ())

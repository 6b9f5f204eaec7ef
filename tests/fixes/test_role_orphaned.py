from tests.checks.test_role_orphaned import EVERYWHERE
from tests.estates import allow, policy, role
from tests.fixes.remedies import never_wider, planned

from buckler.checks.role_orphaned import role_orphaned as check


def test_it_may_do_nothing_any_more():
    fix = planned(check, role(inline=(policy(allow("s3:*"), name="own"),), last_used="2026-10-01T00:00:00Z"), more={"scopes": EVERYWHERE})
    (edit,) = fix.edits
    assert (fix.proof.verdict, fix.is_safe) == ("proved", False)
    assert edit.after["Statement"] == [{"Effect": "Deny", "Action": "*", "Resource": "*"}]
    assert (edit.before, edit.do.operation, edit.undo.operation) == (None, "PutRolePolicy", "DeleteRolePolicy")
    assert fix.lost == ("whatever still uses the role: it was last used on 2026-10-01",)


def test_what_buckler_denied_before_stays():
    old = policy({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}, name="buckler-quarantine")
    (edit,) = planned(check, role(inline=(old,)), more={"scopes": EVERYWHERE}).edits
    assert [one["Action"] for one in edit.after["Statement"]] == ["s3:*", "*"]
    assert never_wider(edit)

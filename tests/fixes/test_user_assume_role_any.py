from tests.estates import ACCOUNT, allow, role
from tests.fixes.remedies import planned
from tests.reach.attack import arn, trust, user

from buckler.checks.user_assume_role_any import user_assume_role_any as check


def test_the_roles_that_name_it_stay():
    kim = user("kim", allow("sts:AssumeRole"))
    meant = role("deployer", trust=trust(aws=kim.arn))
    others = role("boss", trust=trust(aws=f"arn:aws:iam::{ACCOUNT}:root"))
    fix = planned(check, meant, others, more={"users": (kim,)})
    (edit,) = fix.edits
    assert fix.proof.verdict == "proved"
    assert edit.after["Statement"] == [{"Effect": "Deny", "Action": "sts:AssumeRole", "NotResource": arn("role", "deployer")}]
    assert (edit.do.operation, edit.do.parameters["UserName"]) == ("PutUserPolicy", "kim")
    assert fix.lost == (f"the user may no longer assume any role but `{meant.arn}`",)


def test_nobody_names_it():
    fix = planned(check, more={"users": (user("kim", allow("sts:AssumeRole")),)})
    (edit,) = fix.edits
    assert (fix.proof.verdict, edit.after["Statement"]) == ("proved", [{"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}])

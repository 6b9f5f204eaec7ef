import pytest
from tests.estates import ACCOUNT, allow, missing
from tests.fixes.remedies import offered, planned
from tests.reach.attack import arn, can, trust

from buckler.checks.role_assume_role_any import role_assume_role_any as check
from buckler.model.unknown import Undecided

WORKER = can("worker", allow("sts:AssumeRole"))


def test_roles_that_name_it_stay_open_to_it():
    fix = planned(check, WORKER, can("reports", trust=trust(aws=WORKER.arn)), can("ops", trust=trust(aws=f"arn:aws:iam::{ACCOUNT}:root")))
    (edit,) = fix.edits
    assert fix.proof.verdict == "proved"
    assert edit.after["Statement"] == [{"Effect": "Deny", "Action": "sts:AssumeRole", "NotResource": arn("role", "reports")}]
    assert fix.lost == (f"the role may no longer assume any role but `{arn('role', 'reports')}`",)


def test_where_none_names_it_none_is_left():
    (edit,) = planned(check, WORKER).edits
    assert edit.after["Statement"] == [{"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}]


def test_roles_that_could_not_be_listed_may_name_it():
    with pytest.raises(Undecided):
        offered(check, WORKER, missing("roles", region=""))

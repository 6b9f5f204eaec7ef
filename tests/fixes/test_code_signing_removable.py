import pytest
from tests.checks.test_code_signing_removable import CODE, CONFIG, DETACH, PUT, SIGNED, UPDATE, deny, support
from tests.estates import allow
from tests.fixes.remedies import planned
from tests.reach.attack import user

from buckler.checks.code_signing_removable import code_signing_removable as check


@pytest.mark.parametrize(
    ("statements", "denied"),
    [
        pytest.param([allow(DETACH)], DETACH, id="takes-it-off"),
        pytest.param([allow(UPDATE)], UPDATE, id="loosens-it"),
        pytest.param([allow([PUT, "lambda:CreateCodeSigningConfig"])], PUT, id="puts-its-own-in-place"),
        pytest.param([allow(["signer:StartSigningJob", CODE])], "signer:StartSigningJob", id="signs-and-deploys"),
        pytest.param([allow([DETACH, UPDATE])], [DETACH, UPDATE], id="every-way-and-not-only-the-first"),
    ],
)
def test_the_call_that_it_rests_on_is_denied(statements, denied):
    fix = planned(check, CONFIG, SIGNED, support(*statements))
    (edit,) = fix.edits
    assert (fix.proof.why, fix.proof.verdict, fix.is_safe) == ("", "proved", False)
    assert edit.after["Statement"] == [{"Effect": "Deny", "Action": denied, "Resource": "*"}]
    assert (edit.before, edit.do.operation, edit.do.parameters["RoleName"]) == (None, "PutRolePolicy", "support")
    assert len(fix.lost) == (1 if isinstance(denied, str) else len(denied))


def test_roles_and_users_alike():
    fix = planned(check, CONFIG, SIGNED, support(allow(DETACH)), more={"users": (user("kim", allow(UPDATE)),)})
    assert sorted(edit.do.operation for edit in fix.edits) == ["PutRolePolicy", "PutUserPolicy"]
    assert fix.proof.verdict == "proved"


def test_what_is_denied_already_stays_denied():
    full = support(allow(DETACH), deny("s3:*", "*"))
    fix = planned(check, CONFIG, SIGNED, full)
    assert [edit.do.parameters["PolicyName"] for edit in fix.edits] == ["buckler-keep-signing"]


def test_of_too_many_principals_it_is_advice():
    many = tuple(user(f"kim-{number}", allow(DETACH)) for number in range(11))
    fix = planned(check, CONFIG, SIGNED, more={"users": many})
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert "more than 10 principals" in fix.proof.why

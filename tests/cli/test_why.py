"""`buckler why`: what it prints, what it ends with, and what it says to somebody who mistyped."""

import json

import pytest
from tests.cli.asked import ALL, ASKED, FOLDER, WIDTHS

READ = "secretsmanager:GetSecretValue"
TWO = ("account.json", "functions.json")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("about", ASKED)
def test_it_prints_what_is_kept(asked, about, width):
    """Of all four commands; `make golden` writes it again."""
    done = asked(*ASKED[about], width=width)
    assert done.out == (FOLDER / f"{about}_{width}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("about", ASKED)
def test_only_what_is_there_to_be_copied_is_longer_than_a_line(asked, about, width):
    for line in asked(*ASKED[about], width=width).out.splitlines():
        assert len(line) <= width or "-->" in line or "arn:" in line or line.startswith("help: "), line


@pytest.mark.parametrize(
    ("arguments", "code", "verdict"),
    [
        pytest.param(("report", READ, "payroll", *ALL), 0, "allowed", id="allowed"),
        pytest.param(("ann", READ, "payroll", *ALL), 1, "denied", id="denied"),
        pytest.param(("ann", "s3:GetObject", "arn:aws:s3:::assets/x", *ALL), 1, "not allowed", id="nothing-allows-it"),
        pytest.param(("ann", "lambda:InvokeFunction", "report-daily", *TWO), 4, "depends", id="unread"),
        # The policy of a function, which nobody saved, can only add.
        pytest.param(("ann", "lambda:UpdateFunctionCode", "report-daily", *TWO), 0, "allowed", id="unread-but-can-only-add"),
        pytest.param(("ann", READ, "*", *TWO), 4, "depends", id="a-key"),
        pytest.param(("ann", READ, "*", *TWO, "--context", "aws:MultiFactorAuthPresent=true"), 0, "allowed", id="the-key-given"),
        pytest.param(("ann", READ, "*", *TWO, "--context", "aws:MultiFactorAuthPresent="), 1, "not allowed", id="the-key-not-sent"),
        # A function stands for its role, a session for its role.
        pytest.param(("report-daily", READ, "*", *TWO), 0, "allowed", id="function"),
        pytest.param(("arn:aws:sts::123456789012:assumed-role/report/x", READ, "*", *TWO), 0, "allowed", id="session"),
        pytest.param(("arn:aws:iam::123456789012:user/ann", READ, "*", *TWO), 4, "depends", id="arn"),
        pytest.param(("s3.amazonaws.com", "lambda:InvokeFunction", "report-daily", *TWO), 4, "depends", id="service"),
    ],
)
def test_the_exit_code_is_the_verdict(asked, arguments, code, verdict):
    done = asked("why", *arguments)
    assert done.code == code, done.err
    assert done.out.startswith(f"{verdict}: ")
    answer = json.loads(asked("why", *arguments, "--format", "json").out)
    assert answer["verdict"] == verdict


def test_several_values_of_one_key(asked):
    arguments = ("why", "ann", READ, "*", *TWO, "--context", "aws:TagKeys=a", "--context", "aws:TagKeys=b", "--format", "json")
    assert json.loads(asked(*arguments).out)["context"]["aws:TagKeys"] == ["a", "b"]


def test_the_json_has_a_shape(asked):
    answer = json.loads(asked(*ASKED["why_denied"], "--format", "json").out)
    assert set(answer) == {
        "schema", "principal", "action", "resource", "context", "verdict", "layer", "statements", "change", "needs", "unread", "notes"
    }  # fmt: skip
    assert answer["schema"] == "buckler/why/1"
    assert {tuple(sorted(one)) for one in answer["statements"]} == {
        ("effect", "layer", "level", "misses", "needs", "place", "policy", "sid", "speaks")
    }
    (denying,) = (one for one in answer["statements"] if one["effect"] == "Deny" and one["speaks"])
    assert (denying["layer"], denying["sid"]) == ("resource", "NotPeople")
    assert denying["place"].startswith("policies.json")


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        pytest.param(("anne", READ, "*"), "there is no principal `anne`", "a similar one exists: `ann`", id="mistyped-principal"),
        pytest.param(
            ("zzzzzzzz", READ, "*"), "there is no principal `zzzzzzzz`", "these can be named, or an ARN: ann, report", id="no-principal"
        ),
        pytest.param(("ann", READ, "payrol"), "there is no resource `payrol`", "`payroll`", id="mistyped-resource"),
        pytest.param(("ann", "s3:*", "*"), "`s3:*` is many actions", "ask for one of them: `s3:GetObject`", id="pattern"),
        pytest.param(("ann", "*", "*"), "`*` is many actions", "`s3:GetObject`", id="star"),
        pytest.param(("ann", "GetObject", "*"), "`GetObject` is not an action", "`s3:GetObject`", id="no-service"),
        pytest.param(("ann", "InvokeFuncton", "*"), "`InvokeFuncton` is not an action", "`lambda:InvokeFunction`", id="mistyped"),
        pytest.param(("ann", "lambda:", "*"), "`lambda:` is not an action", "`lambda:InvokeFunction`", id="no-name"),
        pytest.param(
            (("ann"), READ, "*", "--context", "mfa"), "--context needs KEY=VALUE", "--context aws:SourceIp=203.0.113.7", id="context"
        ),
        pytest.param(
            ("ann", READ, "*", "--context", "mfa=true"), "--context needs KEY=VALUE", "aws:SourceIp", id="context-without-service"
        ),
        pytest.param(("ann", READ, "*", "--region", "eu-west-1"), "--region is for the live account", "leave out", id="live-option"),
        pytest.param(("ann", READ, "*", "--profile", "p"), "--profile is for the live account", "leave out", id="another-live-option"),
    ],
)
def test_a_mistake_is_told_with_what_may_be_meant(asked, arguments, error, hint):
    done = asked("why", *arguments, *ALL)
    assert (done.code, done.out) == (2, "")
    assert f"error: {error}" in done.err
    assert hint in done.err.partition("hint: ")[2]


def test_a_name_of_two_is_refused(asked, account, tmp_path):
    """Of two accounts with a role of one name."""
    theirs = (account / "account.json").read_text().replace("123456789012", "210987654321")
    (tmp_path / "theirs.json").write_text(theirs)
    done = asked("why", "report", READ, "*", "account.json", str(tmp_path / "theirs.json"))
    assert done.code == 2
    assert "error: `report` is the name of 2 principals" in done.err
    assert "arn:aws:iam::123456789012:role/report" in done.err
    assert "arn:aws:iam::210987654321:role/report" in done.err
    assert "hint: name it by its ARN" in done.err


def test_a_target_that_cannot_be_read_is_told_and_the_others_are_asked(asked):
    done = asked("why", "report", READ, "*", "account.json", "gone.json")
    assert done.code == 2
    assert done.out.startswith("allowed: ")
    assert "`gone.json` does not exist" in done.err


def test_a_misspelt_action_of_a_service_is_asked_and_noted(asked):
    done = asked("why", "report", "s3:GetObjct", "*", *TWO)
    assert "`s3:GetObjct` is no action that AWS documents; did you mean `s3:GetObject`?" in done.out


def test_it_can_be_written_to_a_file(asked, account):
    done = asked("why", "report", READ, "*", *TWO, "--output", "why.txt")
    assert (done.code, done.out) == (0, "")
    assert (account / "why.txt").read_text().startswith("allowed: ")


def test_a_file_where_a_name_should_stand_is_told(asked):
    done = asked("why", "ann", "s3:GetObject", "account.json")
    assert done.code == 2
    assert "error: `account.json` is a file, and stands where RESOURCE should be named" in done.err
    assert "hint: buckler why PRINCIPAL ACTION RESOURCE account.json" in done.err

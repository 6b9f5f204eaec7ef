import pytest
from msgspec.structs import replace
from tests.checks.test_role_open_to_strangers import GITHUB, github
from tests.estates import ACCOUNT, OTHER, policy, role
from tests.fixes.remedies import planned, setting
from tests.fixes.test_texts import plan_of, proved
from tests.reach.attack import trust

from buckler.app.fixing import write_texts
from buckler.checks.role_open_to_strangers import role_open_to_strangers as check
from buckler.model.fix import Wishes

SUBJECT = "repo:acme/shop:environment:production"


def conditions(fix):
    (edit,) = fix.edits
    return [one.get("Condition", {}) for one in edit.after["Statement"]]


@pytest.mark.parametrize("before", [github(), github("repo:*"), github("repo:acme*")])
def test_the_subject_that_is_named_is_demanded(before):
    fix = planned(check, role("deploy", trust=before), trust_subjects=(SUBJECT,))
    assert (fix.proof.why, fix.proof.verdict, fix.is_safe) == ("", "proved", False)
    assert conditions(fix) == [{"StringEquals": {f"{GITHUB}:sub": SUBJECT}}]
    assert fix.lost == (f"anyone with a GitHub repository may no longer become the role, unless it is `{SUBJECT}`",)


def test_patterns_are_compared_as_patterns():
    fix = planned(check, role("deploy", trust=github()), trust_subjects=("repo:acme/*",))
    assert conditions(fix) == [{"StringLike": {f"{GITHUB}:sub": "repo:acme/*"}}]


def test_one_that_lets_strangers_in_is_no_remedy():
    fix = planned(check, role("deploy", trust=github()), trust_subjects=("repo:ac*",))
    assert (fix.proof.verdict, fix.proof.why) == ("advice", "the finding would still be there")


def test_nobody_said_whose():
    fix = planned(check, role("deploy", trust=github()))
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert "--trust-subject" in fix.summary


def test_anyone_is_taken_out_where_others_are_named():
    named, anyone = trust(aws=f"arn:aws:iam::{OTHER}:root"), trust(aws="*")
    both = replace(named, statements=(*named.statements, *anyone.statements))
    fix = planned(check, role("deploy", trust=both))
    before, after = setting(fix)
    assert fix.proof.verdict == "proved"
    assert (len(before["Statement"]), [one["Principal"] for one in after["Statement"]]) == (2, [{"AWS": f"arn:aws:iam::{OTHER}:root"}])
    fix = planned(check, role("deploy", trust=anyone))
    assert (fix.proof.verdict, "who is meant is yours to say" in fix.proof.why) == ("advice", True)


def test_conditions_on_something_else_stay():
    audience = {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}
    principal = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"}
    written = policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": audience})
    fix = planned(check, role("deploy", trust=written), trust_subjects=(SUBJECT,))
    assert conditions(fix) == [{"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": SUBJECT}}]


TEMPLATE = """\
Resources:
  Deploy:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal:
              Federated: !Sub arn:aws:iam::${AWS::AccountId}:oidc-provider/token.actions.githubusercontent.com
            Action: sts:AssumeRoleWithWebIdentity%s
      Policies:
        - PolicyName: own
          PolicyDocument: {Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]}
"""
AUDIENCE = """
            Condition: # of tokens
              StringEquals: {"token.actions.githubusercontent.com:aud": sts.amazonaws.com}"""


WIDE = """
            Condition:
              StringLike:
                token.actions.githubusercontent.com:sub: repo:*
              StringEquals: # of tokens
                token.actions.githubusercontent.com:aud: sts.amazonaws.com"""


@pytest.mark.parametrize("condition", ["", AUDIENCE, WIDE], ids=["no-condition", "one-on-the-audience", "one-that-is-too-wide"])
def test_a_template_demands_it_too(tmp_path, condition):
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE % condition)
    plan = plan_of(path, wishes=Wishes(trust_subjects=(SUBJECT,)))
    fix = next(one for (found, _), one in proved(plan).items() if found == check.id)
    write_texts(replace(plan, fixes=(fix,)))
    text = path.read_text()
    assert text.replace('"', "").count(f"{GITHUB}:sub: {SUBJECT}") == text.count(f"{GITHUB}:sub") == 1
    assert text.count(f"{GITHUB}:aud") == text.count("# of tokens") == bool(condition)
    assert "repo:*" not in text
    assert check.id not in {one.check for one in plan_of(path).fixes}


def test_of_a_template_nobody_said_whose(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE % "")
    fix = next(one for one in plan_of(path).fixes if one.check == check.id)
    assert (fix.proof.verdict, "--trust-subject" in fix.summary) == ("advice", True)

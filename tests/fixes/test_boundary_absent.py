import json

from msgspec.structs import replace
from tests import aws
from tests.checks.test_boundary_absent import BOUNDARY, others
from tests.estates import DENIED, allow, attached, policy, role
from tests.fixes import leaky
from tests.fixes.remedies import mends, planned

from buckler.app import fixing
from buckler.checks.boundary_absent import boundary_absent as check
from buckler.model.fix import Wishes

READS = allow("s3:GetObject", "arn:aws:s3:::b/*")


def asked(*statements, **more):
    """The role without a boundary, first, and the others."""
    return (role("site-role", inline=(policy(*statements, name="own"),), **more), *others(3))


def test_the_boundary_of_the_others_where_it_takes_nothing():
    fix = planned(check, *asked(READS))
    (edit,) = fix.edits
    assert (fix.proof.verdict, edit.before, edit.after) == ("proved", None, BOUNDARY.arn)
    assert (edit.do.operation, edit.undo.operation) == ("PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary")
    assert not fix.is_safe


def test_one_of_what_it_may_today_where_theirs_would_take_something():
    fix = planned(check, *asked(READS, {**allow("sqs:SendMessage"), "Sid": "send"}, {**allow("sqs:DeleteQueue"), "Effect": "Deny"}))
    assert fix.proof.verdict == "proved", fix.proof.why
    assert [(edit.do.operation, edit.undo.operation) for edit in fix.edits] == [
        ("CreatePolicy", "DeletePolicy"),
        ("PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary"),
    ]
    written = json.loads(fix.edits[0].do.parameters["PolicyDocument"])["Statement"]
    # What is denied stays denied by the role's own policy.
    assert written == [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"},
    ]


def test_services_where_the_statements_do_not_fit():
    many = [allow("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:123456789012:a-queue-with-quite-a-long-name-{number}") for number in range(60)]
    fix = planned(check, *asked(*many))
    assert fix.proof.verdict == "proved", fix.proof.why
    assert json.loads(fix.edits[0].do.parameters["PolicyDocument"])["Statement"] == [
        {"Effect": "Allow", "Action": ["sqs:*"], "Resource": "*"}
    ]


def test_a_boundary_of_everything_bounds_nothing():
    for statement in (allow("*"), {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}):
        assert planned(check, *asked(statement)).proof.verdict == "advice"


def test_what_could_not_be_read_is_not_bounded():
    unread = asked(READS, attached=(attached("arn:aws:iam::123456789012:policy/x", DENIED),))
    assert "could not be read" in planned(check, *unread).proof.why


def test_nothing_is_lost_by_it():
    theirs, own = mends(check, *asked(READS))
    assert (len(theirs.edits), len(own.edits)) == (1, 2)


def test_it_is_made_set_and_taken_away(tmp_path):
    server = aws.fresh()
    iam, lam = aws.client("iam", server.endpoint), aws.client("lambda", server.endpoint)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    limits = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:*")]})
    theirs = iam.create_policy(PolicyName="limits", PolicyDocument=limits)["Policy"]["Arn"]
    for name in ("a", "b", "c"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, PermissionsBoundary=theirs)
    arn = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    own = json.dumps({"Version": "2012-10-17", "Statement": [allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:q")]})
    iam.put_role_policy(RoleName="worker", PolicyName="own", PolicyDocument=own)
    lam.create_function(FunctionName="worker", Role=arn, Runtime="python3.14", Handler="a.b", Code={"ZipFile": aws.zipped()})
    with aws.environment(server.endpoint):
        before = leaky.read()
        plan = fixing.plan_fixes((before,), replace(leaky.OPTIONS, only=(check.id,)), Wishes())
        assert [fix.proof.verdict for fix in plan.fixes] == ["proved"], [fix.proof.why for fix in plan.fixes]
        assert fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK).refused == ()
        after = leaky.read()
        (worker,) = (one for one in after.roles if one.name == "worker")
        assert worker.boundary.arn == f"arn:aws:iam::{aws.SHOP}:policy/buckler-boundary-worker"
        found, first = ({one.fingerprint for one in leaky.findings(estate)} for estate in (after, before))
        assert found == first - {fix.fingerprint for fix in plan.fixes}
        assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
        assert leaky.facts(leaky.read()) == leaky.facts(before)
        assert [one["PolicyName"] for one in iam.list_policies(Scope="Local")["Policies"]] == ["limits"]

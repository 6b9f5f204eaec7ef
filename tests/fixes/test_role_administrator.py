import pytest
from msgspec.structs import replace
from tests.estates import DENIED, LAMBDA_TRUST, REGION, allow, analysis, attached, event_source, function, policy, role, vpc_config
from tests.fixes.remedies import offered, planned

from buckler.checks.role_administrator import role_administrator as check
from buckler.fixes import Mend
from buckler.model.policy import Principal
from buckler.model.unknown import Undecided

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
QUEUE = f"arn:aws:sqs:{REGION}:123456789012:orders"
BOTH = role(
    attached=(attached(ADMINISTRATOR, policy(allow("*"), name=ADMINISTRATOR)),),
    inline=(policy(allow("*"), allow("s3:GetObject", "arn:aws:s3:::b/*"), name="own"),),
)


def allowed(edit):
    actions = [one["Action"] for one in edit.after["Statement"]]
    return {action for some in actions for action in ([some] if isinstance(some, str) else some)}


def test_configuration_tells_what_stays():
    fn = function(vpc=vpc_config("subnet-1"), tracing="Active", dead_letter="arn:aws:sns:eu-west-1:123456789012:dead")
    fix = planned(check, fn, BOTH, event_source(source=QUEUE, function=fn.arn))
    written, *taken = fix.edits
    assert fix.proof.verdict == "proved"
    assert {"sqs:ReceiveMessage", "sns:Publish", "xray:PutTraceSegments", "ec2:CreateNetworkInterface", "logs:PutLogEvents"} <= allowed(
        written
    )
    assert {(edit.do.operation, edit.undo.operation) for edit in taken} == {
        ("DetachRolePolicy", "AttachRolePolicy"),
        ("PutRolePolicy", "PutRolePolicy"),
    }
    (own,) = (edit for edit in taken if edit.do.operation == "PutRolePolicy")
    assert [one["Action"] for one in own.after["Statement"]] == ["s3:GetObject"], "what is named already stays"


def test_who_else_loses_it_is_named():
    ec2 = replace(LAMBDA_TRUST.statements[0], principals=(Principal(kind="Service", value="ec2.amazonaws.com"),))
    trusting = replace(BOTH, trust=replace(LAMBDA_TRUST, statements=(*LAMBDA_TRUST.statements, ec2)))
    assert planned(check, function(), trusting).lost[1:] == ("what `ec2.amazonaws.com`, who may assume the role too, does with it",)


def test_nothing_is_made_up_that_no_configuration_tells():
    written = planned(check, function(tracing="PassThrough"), BOTH).edits[0]
    assert allowed(written) == {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}


def test_what_could_not_be_read_may_need_anything():
    with pytest.raises(Undecided):
        offered(check, function(event_invoke=DENIED), BOTH)


def test_who_deploys_is_no_execution_role():
    fix = planned(check, BOTH)
    assert (fix.proof.verdict, fix.proof.why) == ("advice", "no function that was read runs as it")


def test_a_boundary_where_its_policies_are_not_known_whole():
    half = replace(BOTH, inline=(replace(BOTH.inline[0], malformed=("a statement",)),))
    *_, bound = [one for one in offered(check, function(), half) if isinstance(one, Mend)]
    assert [edit.do.operation for edit in bound.edits] == ["CreatePolicy", "PutRolePermissionsBoundary"]
    assert bound.change(analysis(function(), half).estate).roles[0].boundary.arn.endswith(f":policy/buckler-boundary-{half.name}")
    fix = planned(check, function(), half)
    assert (fix.proof.verdict, fix.edits[0].do.operation) == ("proved", "CreatePolicy")

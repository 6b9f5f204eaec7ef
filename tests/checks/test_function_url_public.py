import pytest
from tests.estates import DENIED, FUNCTION_ARN, alias, allow, ask, function, on, policy, url, verdict

from buckler.checks.function_url_public import function_url_public
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LATEST
from buckler.model.text import Hole, Partial, hole
from buckler.model.unknown import Unknown, UnknownKind


def both(arn=FUNCTION_ARN, who="*"):
    return (
        allow("lambda:InvokeFunctionUrl", arn, Principal=who, Condition={"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}),
        allow("lambda:InvokeFunction", arn, Principal=who, Condition={"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}),
    )


PUBLIC = policy(*both())
UNRESOLVED = Unknown(kind=UnknownKind.UNRESOLVED, why="`Auth` is not resolved", need="--parameter Auth=...")
FOR_SIGNED = {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}
DIRECTLY = {"Bool": {"lambda:InvokedViaFunctionUrl": "false"}}
CHINA = "arn:aws-cn:lambda:cn-north-1:123456789012:function:checkout"


def deny(**condition):
    return {"Effect": "Deny", "Action": "lambda:*", "Resource": "*", "Principal": "*", "Condition": condition}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="no-url"),
        pytest.param({"urls": (url("AWS_IAM"),), "policies": (on(LATEST, PUBLIC),)}, None, id="iam-auth"),
        pytest.param({"urls": (url("NONE"),)}, None, id="none-without-policy-is-403"),
        pytest.param({"urls": (url("NONE"),), "policies": (on(LATEST, PUBLIC),)}, Finding, id="open"),
        pytest.param({"urls": (url("NONE"),), "policies": (on(LATEST, policy(both()[0])),)}, None, id="without-invoke-function-is-403"),
        pytest.param({"urls": (url("NONE"),), "policies": (on(LATEST, policy(both()[1])),)}, None, id="without-invoke-function-url-is-403"),
        pytest.param(
            {"urls": (url("NONE"),), "policies": (on(LATEST, policy(allow("lambda:*", FUNCTION_ARN, Principal={"AWS": "*"}))),)},
            Finding,
            id="one-statement-for-everything",
        ),
        pytest.param(
            {"urls": (url("NONE"),), "policies": (on(LATEST, policy(*both(), deny(IpAddress={"aws:SourceIp": "10.0.0.0/8"}))),)},
            Finding,
            id="deny-of-addresses-no-stranger-has",
        ),
        pytest.param(
            {"urls": (url("NONE"),), "policies": (on(LATEST, policy(*both(), deny(NotIpAddress={"aws:SourceIp": "203.0.113.0/24"}))),)},
            None,
            id="deny-of-all-but-one-network",
        ),
        pytest.param(
            {"urls": (url("NONE"),), "policies": (on(LATEST, policy(allow("lambda:*", FUNCTION_ARN, Principal={"AWS": "210987654321"}))),)},
            None,
            id="none-but-only-for-an-account-is-403",
        ),
        pytest.param({"urls": (url("NONE"),), "policies": (on(LATEST, DENIED),)}, Gap, id="policy-unreadable"),
        pytest.param({"urls": DENIED}, Gap, id="urls-unreadable"),
        pytest.param({"urls": (url(UNRESOLVED),), "policies": (on(LATEST, PUBLIC),)}, Gap, id="auth-type-unknown-and-policy-open"),
        pytest.param({"urls": (url(hole("Auth")),), "policies": (on(LATEST, PUBLIC),)}, Gap, id="auth-type-a-hole-and-policy-open"),
        pytest.param({"urls": (url(UNRESOLVED),)}, None, id="auth-type-unknown-but-closed-either-way"),
        pytest.param(
            {"urls": (url("NONE", "live"),), "aliases": (alias("live"),), "policies": (on(LATEST, PUBLIC), on("live", None))},
            None,
            id="the-policy-of-latest-does-not-open-an-alias",
        ),
        pytest.param(
            {
                "urls": (url("NONE", "live"),),
                "aliases": (alias("live"),),
                "policies": (on(LATEST, None), on("live", policy(*both(f"{FUNCTION_ARN}:live")))),
            },
            Finding,
            id="an-alias-opened-by-its-own-policy",
        ),
        pytest.param(
            {
                "urls": (url("NONE"), url("NONE", "live")),
                "policies": (on(LATEST, DENIED), on("live", policy(*both(f"{FUNCTION_ARN}:live")))),
            },
            Finding,
            id="a-proven-door-beside-an-unreadable-one",
        ),
        pytest.param({"policies": (on(LATEST, PUBLIC),)}, None, id="the-permissions-without-a-url"),
        pytest.param({"urls": (url("NONE"),), "policies": (on(LATEST, policy(*both(who={"AWS": ["*"]}))),)}, Finding, id="all-of-aws"),
        pytest.param(
            {
                "urls": (url("NONE"),),
                "policies": (
                    on(LATEST, policy(allow("lambda:InvokeFunctionUrl", FUNCTION_ARN, Principal="*", Condition=FOR_SIGNED), both()[1])),
                ),
            },
            None,
            id="only-for-signed-calls-of-a-url-that-takes-unsigned-ones",
        ),
        pytest.param(
            {
                "urls": (url("NONE"),),
                "policies": (
                    on(LATEST, policy(both()[0], allow("lambda:InvokeFunction", FUNCTION_ARN, Principal="*", Condition=DIRECTLY))),
                ),
            },
            None,
            id="invoke-function-only-past-the-url",
        ),
        pytest.param(
            {"urls": (url("NONE"),), "policies": (on(LATEST, policy(*both(f"{FUNCTION_ARN}-v2"))),)},
            None,
            id="the-policy-names-another-function",
        ),
        pytest.param(
            {"urls": (url("NONE"),), "policies": (on(LATEST, policy(*both(f"{FUNCTION_ARN}*"))),)}, Finding, id="function-by-a-pattern"
        ),
        pytest.param(
            {"urls": (url("NONE"),), "policies": (on(LATEST, policy(allow("LAMBDA:invokefunction*", "*", Principal="*"))),)},
            Finding,
            id="actions-know-no-case",
        ),
        pytest.param(
            {
                "arn": CHINA,
                "urls": (url("NONE"),),
                "policies": (on(LATEST, policy(*both(CHINA))),),
            },
            Finding,
            id="in-the-china-partition",
        ),
        pytest.param(
            {"urls": (url("NONE"),), "policies": (on(LATEST, policy(*both(), deny(StringNotEquals={"aws:PrincipalOrgID": "o-ours"}))),)},
            None,
            id="deny-of-everyone-outside-the-organisation",
        ),
        pytest.param(
            {"urls": (url("NONE"),), "policies": (on(LATEST, policy(*both(), deny(Bool={"aws:SecureTransport": "false"}))),)},
            Finding,
            id="deny-of-plain-http-keeps-nobody-out",
        ),
    ],
)
def test_verdict(facts, expected):
    assert verdict(function_url_public, function(**facts)) is expected


def test_a_template_s_holes_do_not_hide_an_open_url():
    arn = Partial(
        parts=(
            "arn:aws:lambda:",
            Hole(ref="AWS::Region"),
            ":",
            Hole(ref="AWS::AccountId"),
            ":function:",
            Hole(ref="Name", need="--parameter Name=..."),
        )
    )
    fn = function(arn=arn, urls=(url("NONE"),), policies=(on(LATEST, policy(*both(arn))),))
    answers = ask(function_url_public, fn)
    assert [finding.message for finding in answers.findings] == ["the URL of `$LATEST` answers anyone on the internet"]
    assert "us-east-1:111122223333:function:name-" in answers.findings[0].witness.requests[0].resource


def test_both_gap_and_finding_are_reported():
    fn = function(urls=(url("NONE"), url("NONE", "live")), policies=(on(LATEST, DENIED), on("live", policy(*both(f"{FUNCTION_ARN}:live")))))
    answers = ask(function_url_public, fn)
    assert (len(answers.findings), len(answers.gaps)) == (1, 1)


def test_evidence_is_the_url_then_both_statements():
    answers = ask(function_url_public, function(urls=(url("NONE"),), policies=(on(LATEST, PUBLIC),)))
    finding = answers.findings[0]
    assert [one.note for one in finding.evidence] == ["AuthType is NONE", "and the policy lets anyone in", "and the policy lets anyone in"]
    assert [request.action for request in finding.witness.requests] == ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]

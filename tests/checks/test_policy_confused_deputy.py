import pytest
from tests.estates import ACCOUNT, DENIED, FUNCTION_ARN, REGION, allow, ask, function, on, policy, verdict

from buckler.checks.policy_confused_deputy import policy_confused_deputy
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LATEST
from buckler.model.severity import Severity
from buckler.model.text import Hole, Partial, hole

OWN = Hole(ref="AWS::AccountId")


def by(service, action="lambda:InvokeFunction", **condition):
    return allow(action, FUNCTION_ARN, Principal={"Service": service}, **({"Condition": condition} if condition else {}))


def source(arn, operator="ArnLike"):
    return {operator: {"AWS:SourceArn": arn}}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param(by("sns.amazonaws.com"), Finding, id="no-scope"),
        pytest.param(by("sns.amazonaws.com", **source(f"arn:aws:sns:{REGION}:{ACCOUNT}:orders")), None, id="source-arn"),
        pytest.param(
            by("events.amazonaws.com", **source(f"arn:aws:events:*:{ACCOUNT}:rule/*")), None, id="source-arn-pattern-of-our-account"
        ),
        pytest.param(by("events.amazonaws.com", **source("arn:aws:events:*:*:rule/nightly")), Finding, id="source-arn-of-any-account"),
        pytest.param(by("sns.amazonaws.com", **source("*")), Finding, id="source-arn-anything"),
        pytest.param(by("ses.amazonaws.com", StringEquals={"AWS:SourceAccount": ACCOUNT}), None, id="source-account"),
        pytest.param(by("ses.amazonaws.com", StringEqualsIfExists={"AWS:SourceAccount": ACCOUNT}), None, id="source-account-if-it-is-sent"),
        pytest.param(by("ses.amazonaws.com", StringNotEquals={"AWS:SourceAccount": ACCOUNT}), Finding, id="every-account-but-ours"),
        pytest.param(by("ses.amazonaws.com", StringLike={"AWS:SourceAccount": "*"}), Finding, id="source-account-anything"),
        pytest.param(by("sns.amazonaws.com", StringEquals={"aws:SourceOrgID": "o-ours"}), None, id="our-organisation"),
        pytest.param(by("s3.amazonaws.com", **source("arn:aws:s3:::shop-uploads")), Finding, id="s3-by-bucket-name-only"),
        pytest.param(
            by("s3.amazonaws.com", **source("arn:aws:s3:::shop-uploads"), StringEquals={"AWS:SourceAccount": ACCOUNT}),
            None,
            id="s3-with-account",
        ),
        pytest.param(
            by("s3.amazonaws.com", **source(Partial(parts=("arn:aws:s3:::", Hole(ref="Name", need="--parameter Name=..."))))),
            Finding,
            id="s3-by-a-bucket-name-that-is-a-parameter",
        ),
        pytest.param(by("alexa-appkit.amazon.com"), Finding, id="any-alexa-skill"),
        pytest.param(
            by("alexa-appkit.amazon.com", StringEquals={"lambda:EventSourceToken": "amzn1.ask.skill.1"}), None, id="one-alexa-skill"
        ),
        pytest.param(by("replicator.lambda.amazonaws.com", "lambda:GetFunction"), None, id="replication-at-edge"),
        pytest.param(by("edgelambda.amazonaws.com"), None, id="edge"),
        pytest.param(by("sns.amazonaws.com", "lambda:GetFunction"), None, id="not-to-invoke"),
        pytest.param(by("cloudfront.amazonaws.com", "lambda:InvokeFunctionUrl"), Finding, id="every-distribution"),
        pytest.param(by("logs.eu-west-1.amazonaws.com"), Finding, id="regional-service"),
        pytest.param(
            by(Partial(parts=("logs.", Hole(ref="AWS::Region"), ".", Hole(ref="AWS::URLSuffix")))),
            Finding,
            id="regional-service-in-a-template",
        ),
        pytest.param(by(Partial(parts=(Hole(ref="S", need="--parameter S=..."), ".amazonaws.com"))), Gap, id="service-a-parameter"),
        pytest.param(allow("lambda:InvokeFunction", FUNCTION_ARN, Principal={"AWS": ACCOUNT}), None, id="an-account-is-no-service"),
        pytest.param(
            by(
                "apigateway.amazonaws.com",
                **source(Partial(parts=("arn:aws:execute-api:", Hole(ref="AWS::Region"), ":", OWN, ":", Hole(ref="Api"), "/*"))),
            ),
            None,
            id="an-api-of-the-same-template",
        ),
        pytest.param(by("sns.amazonaws.com", **source(hole("Topic"))), None, id="a-topic-of-the-same-template"),
        pytest.param(by("sns.amazonaws.com", **source(hole("Topic", "--parameter Topic=..."))), Gap, id="a-source-that-is-a-parameter"),
        pytest.param(
            by("sns.amazonaws.com", StringEquals={"AWS:SourceAccount": Partial(parts=(OWN,))}), None, id="our-account-in-a-template"
        ),
        pytest.param(
            by("sns.amazonaws.com", **source(f"arn:aws-cn:sns:cn-north-1:{ACCOUNT}:orders")), None, id="source-arn-in-the-china-partition"
        ),
        pytest.param(
            by("events.amazonaws.com", **source("arn:aws-us-gov:events:*:*:rule/*")), Finding, id="any-account-of-another-partition"
        ),
        pytest.param(
            by("s3.amazonaws.com", **source("arn:aws-cn:s3:::shop-uploads")), Finding, id="s3-by-bucket-name-in-the-china-partition"
        ),
        pytest.param(by("s3.amazonaws.com", **source("arn:aws:s3:::*")), Finding, id="s3-by-any-bucket-name"),
        pytest.param(by("sns.amazonaws.com", "lambda:*"), Finding, id="to-invoke-among-everything"),
        pytest.param(
            by("sns.amazonaws.com", StringLike={"AWS:SourceAccount": f"{ACCOUNT[:-1]}?"}), None, id="ten-accounts-no-stranger-has"
        ),
        pytest.param(
            by("ses.amazonaws.com", ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:*"}), None, id="a-key-no-service-brings"
        ),
        pytest.param(by("ses.amazonaws.com", StringEquals={"aws:PrincipalIsAWSService": "true"}), Finding, id="a-key-every-service-brings"),
        pytest.param(
            by("sns.amazonaws.com", **{"ForAnyValue:StringLike": {"aws:SourceOrgPaths": "o-ours/*"}}),
            None,
            id="a-branch-of-our-organisation",
        ),
        pytest.param({**by("sns.amazonaws.com"), "Effect": "Deny"}, None, id="a-deny-lets-nobody-in"),
        pytest.param(
            by("sns.amazonaws.com", StringEqualsIfExists={"aws:SourceOrgID": "o-ours"}), Finding, id="our-organisation-or-no-organisation"
        ),
    ],
)
def test_verdict(statement, expected):
    assert verdict(policy_confused_deputy, function(policies=(on(LATEST, policy(statement)),))) is expected


def test_unreadable():
    assert verdict(policy_confused_deputy, function(policies=(on(LATEST, DENIED),))) is Gap
    assert verdict(policy_confused_deputy, function(policies=DENIED)) is Gap


def test_a_bucket_s_next_owner_is_less_likely_than_anyone():
    by_name = function(policies=(on(LATEST, policy(by("s3.amazonaws.com", **source("arn:aws:s3:::shop-uploads")))),))
    finding = ask(policy_confused_deputy, by_name).findings[0]
    assert finding.severity is Severity.LOW
    assert finding.message == "`s3.amazonaws.com` may invoke `$LATEST` on behalf of the bucket's next owner"
    anyone = ask(policy_confused_deputy, function(policies=(on(LATEST, policy(by("s3.amazonaws.com"))),))).findings[0]
    assert anyone.severity is Severity.MEDIUM
    assert anyone.witness.requests[0].principal == "s3.amazonaws.com"


def test_an_alexa_skill_is_pinned_by_its_id():
    """Alexa sends no account, so the fix of the other services would change nothing."""
    skill = function(policies=(on(LATEST, policy(by("alexa-appkit.amazon.com"))),))
    finding = ask(policy_confused_deputy, skill).findings[0]
    assert finding.message == "`alexa-appkit.amazon.com` may invoke `$LATEST` on behalf of anyone's skills"
    assert "--event-source-token" in finding.remedy.text
    assert "--source-account" not in finding.remedy.text


def test_what_a_deny_takes_back_is_not_flagged():
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "lambda:*",
        "Resource": "*",
        "Condition": {"StringNotEqualsIfExists": {"aws:SourceAccount": ACCOUNT}},
    }
    assert verdict(policy_confused_deputy, function(policies=(on(LATEST, policy(by("sns.amazonaws.com"), deny)),))) is None

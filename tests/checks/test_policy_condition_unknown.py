import pytest
from tests.estates import DENIED, allow, ask, attached, function, policy, role, verdict

from buckler.checks.policy_condition_unknown import policy_condition_unknown
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole

AWS = "arn:aws:iam::aws:policy/AmazonZocaloFullAccess"


def only_if(operator, key, value="x", effect="Allow"):
    return policy({**allow("s3:GetObject"), "Effect": effect, "Condition": {operator: {key: value}}})


def trusting(key):
    return policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {key: "111122223333"}},
        }
    )


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="no-policy"),
        pytest.param({"inline": (only_if("ArnLike", "aws:SourceArn"),)}, None, id="exists"),
        pytest.param({"inline": (only_if("ArnLike", "AWS:sourcearn"),)}, None, id="keys-know-no-case"),
        pytest.param({"inline": (only_if("ArnLike", "aws:SourceArm"),)}, Finding, id="a-typing-error"),
        pytest.param({"inline": (only_if("StringEquals", "aws:Mfa"),)}, Finding, id="nothing-of-aws"),
        pytest.param({"inline": (only_if("StringLike", "s3:prefx"),)}, Finding, id="a-key-of-a-service-misspelt"),
        pytest.param({"inline": (only_if("IpAddress", "s3:SourceIp", "10.0.0.0/8"),)}, Finding, id="a-global-key-under-a-service"),
        pytest.param({"inline": (only_if("StringEquals", "lamda:FunctionArn"),)}, Finding, id="no-such-service"),
        pytest.param({"inline": (only_if("StringEquals", "s3:SomethingNewAltogether"),)}, None, id="may-be-new"),
        pytest.param({"inline": (only_if("StringEquals", "aws:PrincipalTag/team"),)}, None, id="a-tag"),
        pytest.param({"inline": (only_if("StringEquals", "s3:ExistingObjectTag/team"),)}, None, id="a-tag-of-a-service"),
        pytest.param({"inline": (only_if("StringEquals", "token.actions.githubusercontent.com:sbu"),)}, None, id="an-identity-provider"),
        pytest.param({"inline": (only_if("StringEquals", "kms:EncryptionContext:aws:s3:arn"),)}, None, id="a-key-with-colons"),
        pytest.param({"trust": trusting("aws:SourceAcount")}, Finding, id="in-the-trust-policy"),
        pytest.param({"trust": trusting("aws:SourceAccount")}, None, id="right-in-the-trust-policy"),
        pytest.param({"attached": (attached(AWS, only_if("ArnLike", "aws:SourceArm")),)}, None, id="aws-own"),
        pytest.param({"inline": DENIED}, Gap, id="unreadable"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(policy_condition_unknown, function(), role(**facts)) is expected


@pytest.mark.parametrize(
    ("document", "note"),
    [
        pytest.param(only_if("ArnLike", "aws:SourceArm"), "under `ArnLike` this never holds, so this grants nothing", id="allow"),
        pytest.param(
            only_if("ArnLike", "aws:SourceArm", effect="Deny"), "under `ArnLike` this never holds, so this denies nothing", id="deny"
        ),
        pytest.param(
            only_if("ArnLikeIfExists", "aws:SourceArm"),
            "under `ArnLikeIfExists` this holds in every request, so it restricts nothing",
            id="if-exists",
        ),
        pytest.param(
            only_if("StringNotEquals", "aws:PrincipalOrgIDs"),
            "under `StringNotEquals` this holds in every request, so it restricts nothing",
            id="negated",
        ),
        pytest.param(
            only_if("Null", "aws:SourceArm", "true"), "under `Null` this holds in every request, so it restricts nothing", id="is-absent"
        ),
        pytest.param(
            only_if("ForAnyValue:StringEquals", "aws:CaledVia"),
            "under `ForAnyValue:StringEquals` this never holds, so this grants nothing",
            id="any-of-none",
        ),
        pytest.param(
            only_if("ForAllValues:StringEquals", "aws:TagKey"),
            "under `ForAllValues:StringEquals` this holds in every request, so it restricts nothing",
            id="all-of-none",
        ),
        pytest.param(only_if("Null", "aws:SourceArm", hole("Flag", "")), "no request has it, so its value decides nothing", id="a-hole"),
    ],
)
def test_says_what_comes_of_it(document, note):
    (finding,) = ask(policy_condition_unknown, function(), role(inline=(document,))).findings
    assert finding.evidence[0].note == note


def test_says_what_was_meant_and_once():
    twice = (only_if("ArnLike", "aws:SourceArm"), only_if("ArnEquals", "aws:sourcearm"))
    (finding,) = ask(policy_condition_unknown, function(), role(inline=twice)).findings
    assert finding.message == "`aws:SourceArm` is no condition key; `aws:SourceArn` is meant, perhaps"

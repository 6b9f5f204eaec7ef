import pytest
from tests.estates import DENIED, allow, ask, attached, function, policy, role, verdict

from buckler.checks.policy_action_unknown import policy_action_unknown
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole

AWS = "arn:aws:iam::aws:policy/AmazonZocaloFullAccess"
OURS = "arn:aws:iam::111122223333:policy/shop"


def granting(*actions, **more):
    return policy(allow(list(actions), **more))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="nothing-granted"),
        pytest.param({"inline": (granting("s3:GetObject", "s3:Get*", "*"),)}, None, id="all-exist"),
        pytest.param({"inline": (granting("s3:HeadObject"),)}, Finding, id="an-operation-is-no-action"),
        pytest.param({"inline": (granting("lambda:Invok"),)}, Finding, id="a-typing-error"),
        pytest.param({"inline": (granting("lambda:Lst*"),)}, Finding, id="a-pattern-of-nothing"),
        pytest.param({"inline": (granting("eventbridge:PutEvents"),)}, Finding, id="no-such-service"),
        pytest.param({"inline": (granting("S3:getobject"),)}, None, id="actions-know-no-case"),
        pytest.param({"inline": (granting("sqs:SendMessageBatch"),)}, None, id="once-an-action"),
        pytest.param({"inline": (granting("zocalo:Anything"),)}, None, id="a-service-nobody-lists"),
        pytest.param({"inline": (granting(hole("Action", "--parameter Action=...")),)}, None, id="a-parameter"),
        pytest.param({"attached": (attached(AWS, granting("lambda:Invok")),)}, None, id="aws-own"),
        pytest.param({"attached": (attached(OURS, granting("lambda:Invok")),)}, Finding, id="our-managed-policy"),
        pytest.param({"inline": DENIED}, Gap, id="unreadable"),
        pytest.param({"attached": (attached(OURS, DENIED),)}, Gap, id="document-unreadable"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(policy_action_unknown, function(), role(**facts)) is expected


def test_says_what_was_meant_and_what_comes_of_it():
    (finding,) = ask(policy_action_unknown, function(), role(inline=(granting("s3:HeadObject"),))).findings
    assert finding.message == "`s3:HeadObject` is no action; `s3:GetObject` is meant, perhaps"
    assert finding.evidence[0].note == "so this grants nothing"
    denied = policy({"Effect": "Deny", "Action": "s3:DeleteObjekt", "Resource": "*"})
    (finding,) = ask(policy_action_unknown, function(), role(inline=(denied,))).findings
    assert finding.evidence[0].note == "so this denies nothing"


def test_says_it_once():
    twice = (granting("s3:HeadObject"), granting("s3:HeadObject", "s3:PutObject"))
    assert len(ask(policy_action_unknown, function(), role(inline=twice)).findings) == 1

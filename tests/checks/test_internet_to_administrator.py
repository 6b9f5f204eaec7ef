import pytest
from tests.checks.escalating import ADMIN, OPS
from tests.estates import ACCOUNT, DENIED, REGION, allow, ask, at, attached, function, on, policy, role, trigger, url, verdict
from tests.reach.attack import arn, can, estate

from buckler.checks import run
from buckler.checks.internet_to_administrator import internet_to_administrator
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LATEST
from buckler.model.severity import Confidence, Severity
from buckler.model.stores import Store
from buckler.reach.blast import blast
from buckler.reach.paths import paths

OPEN = policy({"Effect": "Allow", "Principal": "*", "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], "Resource": "*"})
PASSES = allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])
WORKER = can("worker", PASSES)
PUBLIC = {"urls": (url("NONE"),), "policies": (on(LATEST, OPEN),)}


def site(**more):
    return function("site", **{"role": WORKER.arn, **more})


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(PUBLIC, Finding, id="open-url"),
        pytest.param({}, None, id="closed"),
        pytest.param({"urls": (url("AWS_IAM"),), "policies": (on(LATEST, OPEN),)}, Finding, id="open-policy"),
        pytest.param({"urls": (url("NONE"),)}, None, id="url-without-a-policy-answers-403"),
        pytest.param({"urls": DENIED}, Gap, id="urls-unreadable"),
        pytest.param({**PUBLIC, "role": arn("role", "harmless")}, None, id="open-but-harmless"),
        pytest.param({**PUBLIC, "role": arn("role", "ops")}, None, id="administrator-is-another-question"),
        pytest.param({**PUBLIC, "role": arn("role", "bound")}, None, id="escalation-taken-back"),
        pytest.param({**PUBLIC, "role": arn("role", "gone")}, Gap, id="role-not-read"),
        pytest.param({**PUBLIC, "role": arn("role", "dark")}, Gap, id="policies-not-read"),
    ],
)
def test_verdict(facts, expected):
    bound = can("bound", PASSES, boundary=attached(arn("policy", "b"), policy(allow("lambda:*"))))
    assert verdict(internet_to_administrator, *OPS, WORKER, bound, role("dark", inline=DENIED), site(**facts)) is expected


def test_every_hop_is_told_and_proved():
    finding = ask(internet_to_administrator, *OPS, WORKER, site(**PUBLIC)).findings[0]
    assert finding.severity is Severity.CRITICAL
    assert finding.confidence is Confidence.HIGH
    assert finding.message == (
        "anyone on the internet is 4 steps from administrator of the account: calls its URL, which is open to anyone, runs as `worker`,"
        f" passes `ops` to a new function and invokes it, may change every permission in {ACCOUNT}"
    )
    actions = [request.action for witness in finding.path for request in witness.requests]
    assert actions[:5] == [
        "lambda:InvokeFunctionUrl",
        "lambda:InvokeFunction",
        "iam:PassRole",
        "lambda:CreateFunction",
        "lambda:InvokeFunction",
    ]
    assert finding.evidence[0].note == "AuthType is NONE"


def test_steps_are_counted_alike_everywhere():
    there = estate(*OPS, WORKER, site(**PUBLIC))
    finding = run([internet_to_administrator], there).findings[0]
    assert "is 4 steps from" in finding.message
    assert [path.steps for path in paths(there, "internet", "administrator")] == [4]
    assert blast(there.estate.functions[-1], there).summary.endswith("in 3 steps")
    assert finding.reach == f"3 steps to administrator of {ACCOUNT}"


def test_an_open_route_and_an_open_queue_are_doors():
    route = trigger(function=site().arn, authorizer=None)
    assert verdict(internet_to_administrator, *OPS, WORKER, site(), route) is Finding
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
    anyone = policy({"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue})
    store = Store(
        arn=queue, name="orders", account=ACCOUNT, region=REGION, origin=at("sqs:GetQueueAttributes", queue), kind="queue",
        policy=anyone, notifies=(site().arn,),
    )  # fmt: skip
    assert verdict(internet_to_administrator, *OPS, WORKER, site(), stores=(store,)) is Finding
    closed = Store(
        arn=queue, name="orders", account=ACCOUNT, region=REGION, origin=at("sqs:GetQueueAttributes", queue), kind="queue",
        policy=None, notifies=(site().arn,),
    )  # fmt: skip
    assert verdict(internet_to_administrator, *OPS, WORKER, site(), stores=(closed,)) is None
    assert ADMIN.statements

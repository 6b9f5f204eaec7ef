import pytest
from tests.estates import DENIED, NOT_ASKED, allow, ask, at, event_invoke, function, on, policy, verdict

from buckler.checks.failure_destination_missing import failure_destination_missing
from buckler.model.finding import Finding, Gap
from buckler.model.policy import Policy
from buckler.model.result import NotAsked
from buckler.model.text import hole, join


def for_service(service, action="lambda:InvokeFunction"):
    return policy(allow(action, Principal={"Service": service}))


S3 = for_service("s3.amazonaws.com")
API = for_service("apigateway.amazonaws.com")
REFUSED = policy({"Effect": "Deny", "Action": "*", "Resource": "*", "Principal": {"Service": "s3.amazonaws.com"}})
HOLED = Policy(statements=(), origin=at("lambda:GetPolicy"), unresolved=(DENIED,))
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:failed"


def asks(document, qualifier="$LATEST"):
    return {"policies": (on(qualifier, document),)}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="nobody-invokes-it"),
        pytest.param(asks(S3), Finding, id="S3-invokes-it"),
        pytest.param(asks(API), None, id="a-synchronous-caller-hears-of-the-failure"),
        pytest.param(asks(REFUSED), None, id="a-deny-lets-nobody-in"),
        pytest.param({**asks(S3), "dead_letter": QUEUE}, None, id="dead-letter-queue"),
        pytest.param({**asks(S3), "dead_letter": hole("Queue")}, None, id="dead-letter-queue-with-a-hole"),
        pytest.param({**asks(S3), "event_invoke": (event_invoke(on_failure=QUEUE),)}, None, id="on-failure-destination"),
        pytest.param({**asks(S3), "event_invoke": (event_invoke(),)}, Finding, id="retries-only"),
        pytest.param(
            {**asks(S3, "live"), "event_invoke": (event_invoke(on_failure=QUEUE),)}, Finding, id="destination-of-another-qualifier"
        ),
        pytest.param(asks(DENIED), Gap, id="policy-unreadable"),
        pytest.param(asks(HOLED), Gap, id="policy-with-a-hole"),
        pytest.param({**asks(S3), "event_invoke": DENIED}, Gap, id="destinations-unreadable"),
        pytest.param({**asks(S3), "event_invoke": NOT_ASKED}, NotAsked, id="destinations-not-asked"),
        pytest.param({**asks(S3), "event_invoke": NOT_ASKED, "dead_letter": QUEUE}, None, id="the-queue-answers-alone"),
        pytest.param({**asks(S3), "dead_letter": DENIED}, Gap, id="queue-unreadable"),
        pytest.param({"policies": DENIED}, Gap, id="qualifiers-unreadable"),
        pytest.param(asks(for_service("logs.eu-west-1.amazonaws.com")), Finding, id="a-log-subscription-invokes-it"),
        pytest.param(asks(for_service(join("events.", hole("AWS::URLSuffix")))), Finding, id="a-service-in-a-template"),
        pytest.param(
            asks(for_service(join(hole("Who", "--parameter Who=..."), ".amazonaws.com"))), Gap, id="a-service-that-is-a-parameter"
        ),
        pytest.param(asks(for_service("cognito-idp.amazonaws.com")), None, id="a-user-pool-waits-for-the-answer"),
        pytest.param(asks(policy(allow("lambda:InvokeFunction", Principal={"AWS": "123456789012"}))), None, id="an-account-is-no-service"),
        pytest.param(asks(for_service("s3.amazonaws.com", "lambda:GetFunction")), None, id="a-service-that-may-only-look"),
        pytest.param(asks(for_service("s3.amazonaws.com", "lambda:Invoke*")), Finding, id="a-service-by-a-pattern"),
        pytest.param(
            {**asks(S3, "live"), "event_invoke": (event_invoke(qualifier="live", on_failure=QUEUE),)},
            None,
            id="destination-of-this-qualifier",
        ),
        pytest.param(
            {**asks(S3), "event_invoke": (event_invoke(qualifier="live", on_failure=DENIED),)},
            Finding,
            id="another-qualifier-s-is-unreadable",
        ),
    ],
)
def test_verdict(facts, expected):
    assert verdict(failure_destination_missing, function(**facts)) is expected


def test_each_qualifier_is_asked_about():
    shop = function(policies=(on("$LATEST", S3), on("live", S3)), event_invoke=(event_invoke(on_failure=QUEUE),))
    (finding,) = ask(failure_destination_missing, shop).findings
    assert finding.message == "events from S3 that `live` fails on are dropped"

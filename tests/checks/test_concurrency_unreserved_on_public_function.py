import pytest
from tests.estates import DENIED, FUNCTION_ARN, OTHER, allow, function, missing, on, policy, trigger, url, verdict

from buckler.checks.concurrency_unreserved_on_public_function import concurrency_unreserved_on_public_function
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LATEST

OPEN = {"urls": (url("NONE"),), "policies": (on(LATEST, policy(allow("lambda:Invoke*", FUNCTION_ARN, Principal="*"))),)}
PARTNER = policy(allow("lambda:Invoke*", FUNCTION_ARN, Principal={"AWS": OTHER}))
S3 = policy(allow("lambda:InvokeFunction", FUNCTION_ARN, Principal={"Service": "s3.amazonaws.com"}))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="not-public"),
        pytest.param(OPEN, Finding, id="public-and-unreserved"),
        pytest.param({**OPEN, "reserved_concurrency": 5}, None, id="public-and-reserved"),
        pytest.param({**OPEN, "reserved_concurrency": 0}, None, id="public-and-switched-off"),
        pytest.param({**OPEN, "reserved_concurrency": DENIED}, Gap, id="unreadable"),
        pytest.param({"reserved_concurrency": DENIED}, None, id="unreadable-but-not-public"),
        pytest.param({"urls": (url("NONE"),), "policies": (on(LATEST, DENIED),)}, Gap, id="nobody-knows-whether-public"),
        pytest.param({"urls": (url("NONE"),)}, None, id="a-url-that-answers-403"),
        pytest.param({**OPEN, "urls": (url("AWS_IAM"),), "policies": (on(LATEST, PARTNER),)}, None, id="open-to-one-account-only"),
        pytest.param({"policies": (on(LATEST, S3),)}, None, id="open-to-a-service-only"),
        pytest.param(
            {"policies": (on(LATEST, None), on("live", policy(allow("lambda:InvokeFunction", f"{FUNCTION_ARN}:live", Principal="*"))))},
            Finding,
            id="public-by-an-alias-alone",
        ),
    ],
)
def test_verdict(facts, expected):
    assert verdict(concurrency_unreserved_on_public_function, function(**facts)) is expected


def test_a_route_makes_a_function_public():
    assert verdict(concurrency_unreserved_on_public_function, function(), trigger(authorizer=None)) is Finding
    assert verdict(concurrency_unreserved_on_public_function, function(), trigger()) is None
    assert verdict(concurrency_unreserved_on_public_function, function(), missing("triggers")) is Gap


def test_a_proven_way_in_outweighs_what_could_not_be_read():
    assert verdict(concurrency_unreserved_on_public_function, function(**OPEN), missing("triggers")) is Finding

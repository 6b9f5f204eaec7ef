import pytest
from tests.estates import DENIED, FUNCTION_ARN, allow, ask, at, function, on, policy, url, verdict

from buckler.checks.cors_wildcard_on_public_url import cors_wildcard_on_public_url
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LATEST, Cors
from buckler.model.severity import Severity
from buckler.model.text import hole, join

OPEN = (on(LATEST, policy(allow("lambda:Invoke*", FUNCTION_ARN, Principal="*"))),)


def cors(*origins, **more):
    return Cors(allow_origins=origins, origin=at("lambda:ListFunctionUrlConfigs"), **more)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="no-url"),
        pytest.param({"urls": (url("NONE", cors=cors("*")),), "policies": OPEN}, Finding, id="wildcard-on-public-url"),
        pytest.param(
            {"urls": (url("NONE", cors=cors("https://shop.example", "*")),), "policies": OPEN}, Finding, id="wildcard-among-others"
        ),
        pytest.param({"urls": (url("NONE", cors=cors("https://shop.example")),), "policies": OPEN}, None, id="one-origin"),
        pytest.param({"urls": (url("NONE"),), "policies": OPEN}, None, id="no-cors"),
        pytest.param({"urls": (url("AWS_IAM", cors=cors("*")),), "policies": OPEN}, None, id="wildcard-on-url-with-iam"),
        pytest.param({"urls": (url("NONE", cors=cors("*")),)}, None, id="wildcard-on-url-that-answers-403"),
        pytest.param({"urls": (url("NONE", cors=cors("*")),), "policies": (on(LATEST, DENIED),)}, Gap, id="policy-unreadable"),
        pytest.param({"urls": (url("NONE", cors=DENIED),), "policies": OPEN}, Gap, id="cors-unreadable"),
        pytest.param({"urls": (url("NONE", cors=cors(hole("Origin"))),), "policies": OPEN}, Gap, id="origin-a-hole"),
        pytest.param({"urls": DENIED}, Gap, id="urls-unreadable"),
        pytest.param({"urls": (url("NONE", cors=cors()),), "policies": OPEN}, None, id="cors-without-origins"),
        pytest.param({"urls": (url("NONE", cors=cors("https://*.shop.example")),), "policies": OPEN}, None, id="a-pattern-of-our-own"),
        pytest.param(
            {"urls": (url("NONE", cors=cors(join("https://", hole("Domain")))),), "policies": OPEN},
            None,
            id="a-scheme-and-a-hole-is-no-wildcard",
        ),
        pytest.param({"urls": (url("NONE", cors=cors(hole("Origin"), "*")),), "policies": OPEN}, Finding, id="wildcard-beside-a-hole"),
        pytest.param(
            {"urls": (url("NONE", cors=cors("*", allow_credentials=DENIED)),), "policies": OPEN}, Finding, id="credentials-unreadable"
        ),
        pytest.param(
            {
                "urls": (url("NONE", cors=cors("https://shop.example")), url("NONE", "live", cors=cors("*"))),
                "policies": (*OPEN, on("live", policy(allow("lambda:Invoke*", f"{FUNCTION_ARN}:live", Principal="*")))),
            },
            Finding,
            id="wildcard-on-the-url-of-an-alias-alone",
        ),
        pytest.param(
            {
                "urls": (url("NONE", cors=cors("https://shop.example")), url("NONE", "live", cors=cors("*"))),
                "policies": (*OPEN, on("live", None)),
            },
            None,
            id="wildcard-on-the-alias-that-is-closed",
        ),
    ],
)
def test_verdict(facts, expected):
    assert verdict(cors_wildcard_on_public_url, function(**facts)) is expected


def test_credentials_make_it_worse():
    fn = function(urls=(url("NONE", cors=cors("*", allow_credentials=True)),), policies=OPEN)
    assert ask(cors_wildcard_on_public_url, fn).findings[0].severity is Severity.MEDIUM

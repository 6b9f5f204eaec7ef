import pytest
from msgspec.structs import replace
from tests.estates import DENIED, allow, ask, function, policy, trigger, verdict

from buckler.checks.api_route_unauthenticated import api_route_unauthenticated
from buckler.model.finding import Finding, Gap
from buckler.model.origin import FileOrigin
from buckler.model.severity import Severity
from buckler.model.text import hole

API = "arn:aws:execute-api:eu-west-1:123456789012:abc/*"


def for_api(resource=API, **condition):
    return allow("execute-api:Invoke", resource, Principal="*", **({"Condition": condition} if condition else {}))


DENY_OUTSIDE = {**for_api(NotIpAddress={"aws:SourceIp": "203.0.113.0/24"}), "Effect": "Deny"}
OPEN_REST = {"kind": "rest", "authorizer": None}


def unread(*statements):
    return replace(policy(*statements), unresolved=(DENIED,))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="jwt"),
        pytest.param({"authorizer": None}, Finding, id="no-authorizer"),
        pytest.param({"authorizer": "NONE"}, Finding, id="authorizer-none"),
        pytest.param({"authorizer": None, "is_private": True}, None, id="private"),
        pytest.param({"authorizer": None, "route": "OPTIONS /orders"}, None, id="preflight"),
        pytest.param({"authorizer": None, "kind": "alb", "route": "/orders"}, Finding, id="load-balancer"),
        pytest.param({"authorizer": None, "kind": "alb", "is_private": True}, None, id="internal-load-balancer"),
        pytest.param({"authorizer": None, "kind": "lattice"}, None, id="lattice-is-inside"),
        pytest.param({**OPEN_REST, "resource_policy": policy(for_api(), DENY_OUTSIDE)}, None, id="policy-keeps-strangers-out"),
        pytest.param(
            {**OPEN_REST, "resource_policy": policy(for_api(DateLessThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"}))},
            None,
            id="policy-that-has-run-out",
        ),
        pytest.param({**OPEN_REST, "resource_policy": policy(for_api("execute-api:/*"))}, Finding, id="policy-lets-everyone-in"),
        pytest.param(
            {**OPEN_REST, "resource_policy": policy(for_api("execute-api:/prod/GET/health"))}, None, id="policy-opens-another-route"
        ),
        pytest.param(
            {**OPEN_REST, "resource_policy": policy(for_api("execute-api:/prod/GET/orders"))}, Finding, id="policy-opens-this-route"
        ),
        pytest.param({**OPEN_REST, "resource_policy": DENIED}, Gap, id="policy-unreadable"),
        pytest.param({"authorizer": DENIED}, Gap, id="authorizer-unreadable"),
        pytest.param({"authorizer": hole("Auth", "--parameter Auth=...")}, Gap, id="authorizer-a-parameter"),
        pytest.param({"authorizer": hole("Auth")}, None, id="authorizer-of-the-same-template"),
        pytest.param({"authorizer": None, "is_private": DENIED}, Gap, id="nobody-knows-whether-private"),
        pytest.param({"authorizer": None, "kind": "websocket", "route": "$connect"}, Finding, id="connect-without-authorizer"),
        pytest.param({"authorizer": None, "kind": "websocket", "route": "sendOrder"}, Gap, id="message-of-a-connection-nobody-read"),
        pytest.param({"authorizer": "AWS_IAM"}, None, id="signed-requests-only"),
        pytest.param({"authorizer": None, "route": "POST /options"}, Finding, id="a-path-called-options-is-no-preflight"),
        pytest.param({"authorizer": None, "api_key_required": DENIED}, Finding, id="whether-it-wants-a-key-does-not-matter"),
        pytest.param({"authorizer": hole("Auth", "--parameter Auth=..."), "is_private": True}, None, id="private-whatever-the-authorizer"),
        pytest.param({**OPEN_REST, "resource_policy": None}, Finding, id="rest-without-a-policy"),
        pytest.param({**OPEN_REST, "resource_policy": policy()}, None, id="a-policy-that-allows-nothing"),
        pytest.param(
            {**OPEN_REST, "resource_policy": policy(for_api(StringEquals={"aws:SourceVpce": "vpce-1"}))}, None, id="policy-for-one-endpoint"
        ),
        pytest.param(
            {**OPEN_REST, "resource_policy": policy(for_api(StringEquals={"aws:PrincipalOrgID": "o-ours"}))},
            None,
            id="policy-for-an-organisation-lets-no-unsigned-request-in",
        ),
        pytest.param(
            {**OPEN_REST, "resource_policy": policy(for_api(IpAddress={"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}))},
            Finding,
            id="policy-for-a-network-and-all-others",
        ),
        pytest.param(
            {
                **OPEN_REST,
                "resource_policy": policy(
                    allow(
                        "execute-api:Invoke", "arn:aws-cn:execute-api:cn-north-1:123456789012:abc/prod/GET/orders", Principal={"AWS": "*"}
                    )
                ),
            },
            Finding,
            id="policy-written-for-another-partition",
        ),
        pytest.param(
            {**OPEN_REST, "resource_policy": policy(for_api("execute-api:/prod/GET/orders/*"))}, None, id="policy-opens-what-is-below"
        ),
        pytest.param({**OPEN_REST, "resource_policy": unread()}, Gap, id="a-statement-nobody-could-read-may-allow"),
        pytest.param({**OPEN_REST, "resource_policy": unread(for_api())}, Gap, id="a-statement-nobody-could-read-may-deny"),
        pytest.param(
            {**OPEN_REST, "resource_policy": unread({**for_api(), "Effect": "Deny"})}, None, id="denied-whatever-the-unread-statement"
        ),
    ],
)
def test_verdict(facts, expected):
    assert verdict(api_route_unauthenticated, function(), trigger(**facts)) is expected


def test_a_file_s_messages_carry_the_authorizer_of_connect():
    here = {"kind": "websocket", "route": "sendOrder", "origin": FileOrigin(file="template.yaml")}
    assert verdict(api_route_unauthenticated, trigger(authorizer=None, **here)) is Finding
    assert verdict(api_route_unauthenticated, trigger(authorizer="CUSTOM", **here)) is None


def test_messages_of_a_websocket_ride_on_connect():
    api = "arn:aws:execute-api:eu-west-1:123456789012:abc/*/"
    connect = trigger(arn=f"{api}$connect", kind="websocket", route="$connect", authorizer="CUSTOM")
    message = trigger(arn=f"{api}$default", kind="websocket", route="$default", authorizer=None)
    assert verdict(api_route_unauthenticated, connect, message) is None


def test_an_api_key_is_no_authentication_but_something():
    finding = ask(api_route_unauthenticated, trigger(authorizer=None, api_key_required=True)).findings[0]
    assert finding.severity is Severity.LOW
    assert finding.message == "route `GET /orders` invokes `checkout` for anyone with an API key"

"""api-route-unauthenticated: anyone on the internet can call the function through a route without an authorizer."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Trigger
from buckler.model.severity import Confidence, Severity
from buckler.model.text import shown
from buckler.reach.analysis import Analysis
from buckler.reach.routes import connect_route, is_open


@check(
    Severity.MEDIUM,
    area="exposure",
    confidence=Confidence.MEDIUM,
    maps=("fsbp:APIGateway.8", "owasp:SAS-2", "mitre:T1190", "nist:AC-3", "nist:SC-7", "pci:1.4.2", "pci:7.3.3"),
)
def api_route_unauthenticated(route: Trigger, analysis: Analysis) -> Iterator[Finding]:
    """Flag a route of an API, or a rule of a load balancer, that invokes a function for whoever asks.

    An API key does not count: AWS says not to use API keys for authentication. A route that wants one is reported with low severity.

    Why: the function has to tell friend from foe by itself, on every path, for every route. One forgotten check is an open door to its
    role and data.

    Not flagged: private APIs and internal load balancers, REST APIs whose resource policy keeps strangers out, `OPTIONS` routes
    (browsers send preflight requests without credentials), and the messages of a WebSocket API, which ride on a connection that
    `$connect` let in. Whether the function checks a token itself cannot be seen here, hence the medium confidence.

    Fix: give the route an authorizer: `AWS_IAM` for machines, a JWT or Cognito authorizer for people. A route meant for everybody is best
    ignored with that reason.

    Source: Amazon API Gateway Developer Guide, "Control and manage access to REST APIs" and "API keys and usage plans"; Elastic Load
    Balancing, "Authenticate users using an Application Load Balancer".
    """
    if shown(route.route).upper().startswith("OPTIONS "):
        return
    if route.kind == "websocket" and route.route != "$connect" and connect_route(route, analysis) is not None:
        # The route `$connect` is asked itself.
        return
    if not is_open(route, analysis):
        return
    has_key = route.api_key_required is True
    at = "load balancer rule" if route.kind == "alb" else "route"
    yield api_route_unauthenticated.finding(
        route,
        f"{at} `{shown(route.route)}` invokes `{_function(route)}` for anyone{' with an API key' if has_key else ''}",
        seen(route.origin, "has no authorizer"),
        severity=Severity.LOW if has_key else None,
        # In a file all routes of an API stand under its name.
        key=shown(route.route),
    )


def _function(route: Trigger) -> str:
    """Name the function the way people do: the ARN from its name on."""
    return shown(route.function).rpartition(":function:")[2]

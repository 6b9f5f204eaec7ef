"""HTTP ways in that are not function URLs: API Gateway (REST, HTTP, WebSocket) and load balancers."""

import contextlib
import json
import re
from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from buckler.model.estate import Estate, Missing
from buckler.model.functions import ApiStage, Trigger
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import Hole, Text, join
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live.answers import Answer, batched, each, inner, strings
from buckler.sources.live.api import Pages, Reader
from buckler.sources.live.calls import Collector

COLLECTOR = Collector("triggers")
_GET = "apigateway:GET"
REST_APIS = COLLECTOR.call(
    "apigateway", "GetRestApis", "REST APIs and their policies", action=_GET, result="items", page=("position", "position")
)
REST_RESOURCES = COLLECTOR.call(
    "apigateway", "GetResources", "methods of REST APIs that call functions", action=_GET, result="items", page=("position", "position")
)
REST_STAGES = COLLECTOR.call("apigateway", "GetStages", "stages of REST APIs with open methods", action=_GET, result="item")
REST_DEPLOYMENT = COLLECTOR.call("apigateway", "GetDeployment", "what those stages serve", action=_GET, result="id")
APIS = COLLECTOR.call(
    "apigatewayv2", "GetApis", "HTTP and WebSocket APIs", action=_GET, result="Items", page=("NextToken", "NextToken"), family="apigateway"
)
ROUTES = COLLECTOR.call(
    "apigatewayv2", "GetRoutes", "routes of those APIs", action=_GET, result="Items", page=("NextToken", "NextToken"), family="apigateway"
)
INTEGRATIONS = COLLECTOR.call(
    "apigatewayv2",
    "GetIntegrations",
    "which routes call functions",
    action=_GET,
    result="Items",
    page=("NextToken", "NextToken"),
    family="apigateway",
)
STAGES = COLLECTOR.call(
    "apigatewayv2",
    "GetStages",
    "stages of HTTP and WebSocket APIs with open routes",
    action=_GET,
    result="Items",
    page=("NextToken", "NextToken"),
    family="apigateway",
)
_MARKER = ("Marker", "NextMarker")
TARGET_GROUPS = COLLECTOR.call("elbv2", "DescribeTargetGroups", "target groups that are functions", result="TargetGroups", page=_MARKER)
TARGETS = COLLECTOR.call("elbv2", "DescribeTargetHealth", "functions behind load balancers", result="TargetHealthDescriptions")
BALANCERS = COLLECTOR.call("elbv2", "DescribeLoadBalancers", "whether those are internal", result="LoadBalancers", page=_MARKER)
LISTENERS = COLLECTOR.call("elbv2", "DescribeListeners", "listeners of load balancers", result="Listeners", page=_MARKER)
RULES = COLLECTOR.call("elbv2", "DescribeRules", "rules by which load balancers call functions", result="Rules", page=_MARKER)

_FUNCTION = re.compile(r"arn:[\w-]+:lambda:[\w-]*:\d{12}:function:[^/]+")


def _function_in(uri: str | None) -> Text | None:
    """Find the function that an integration calls; a stage variable in its name stays a hole."""
    found = _FUNCTION.search(uri or "")
    if found is None:
        return None
    pieces = re.split(r"(\$\{[^}]*\})", found[0])
    return join(*(Hole(ref=piece[2:-1]) if piece.startswith("${") else piece for piece in pieces))


def _authorizer(kind: str | None) -> str | None:
    return None if kind in {None, "NONE"} else kind


def collect_rest(reader: Reader) -> Estate:
    """Read the methods of all REST APIs of a region that call functions."""
    pages = reader.pages(REST_APIS, limit=500)
    triggers: list[Trigger] = []
    broken: list[Pages] = [pages]
    for api in pages:
        resources = reader.pages(REST_RESOURCES, restApiId=api["id"], embed=["methods"], limit=500)
        broken.append(resources)
        policy = _rest_policy(reader, api)
        mine: list[Trigger] = []
        now: dict[str, Answer] = {}
        for resource in resources:
            for verb, method in sorted(inner(resource, "resourceMethods").items()):
                now[f"{verb} {resource['path']}"] = method
                function = _function_in(inner(method, "methodIntegration").get("uri"))
                if function is not None:
                    mine.append(_rest_trigger(reader, api, f"{verb} {resource['path']}", method, function, policy))
        triggers += _staged(mine, partial(_rest_stages, reader, api, now))
    return Estate(triggers=tuple(triggers), missing=_missing(broken))


def _staged(triggers: list[Trigger], read: Callable[[], tuple[ApiStage, ...] | Unknown]) -> list[Trigger]:
    """Tell routes without an authorizer which stages show them: only their remedy needs to know."""
    if all(one.authorizer is not None for one in triggers):
        return triggers
    stages = read()
    return [replace(one, stages=stages) if one.authorizer is None else one for one in triggers]


def _rest_stages(reader: Reader, api: Answer, now: dict[str, Answer]) -> tuple[ApiStage, ...] | Unknown:
    """Read the stages of a REST API whose methods are *now* as given."""
    answer = reader.read(REST_STAGES, restApiId=api["id"])
    if isinstance(answer, Unknown):
        return answer
    return tuple(
        ApiStage(
            name=stage["stageName"],
            deployment=stage.get("deploymentId"),
            has_canary="deploymentId" in inner(stage, "canarySettings"),
            pending=_pending(reader, api, stage["deploymentId"], now) if stage.get("deploymentId") else (),
        )
        for stage in each(answer, "item")
    )


def _pending(reader: Reader, api: Answer, deployment: str, now: dict[str, Answer]) -> tuple[str, ...] | Unknown:
    """Name the methods that are not as they were deployed, as far as the summary of the deployment tells."""
    answer = reader.read(REST_DEPLOYMENT, restApiId=api["id"], deploymentId=deployment, embed=["apisummary"])
    if isinstance(answer, Unknown):
        return answer
    if "apiSummary" not in answer:
        return Unknown(kind=UnknownKind.UNSUPPORTED, why="AWS does not tell what the deployment serves", need="apigateway:GET")
    served = {f"{verb} {path}": method for path, methods in inner(answer, "apiSummary").items() for verb, method in methods.items()}
    return tuple(sorted(one for one in served.keys() | now.keys() if _who(served.get(one)) != _who(now.get(one))))


def _who(method: Answer | None) -> tuple[str, bool] | None:
    """Say whom a method lets in."""
    return None if method is None else (method.get("authorizationType") or "NONE", bool(method.get("apiKeyRequired")))


def _rest_trigger(reader: Reader, api: Answer, route: str, method: Answer, function: Text, policy: Policy | None) -> Trigger:
    verb, _, path = route.partition(" ")
    arn = reader.arn("execute-api", f"{api['id']}/*/{'*' if verb == 'ANY' else verb}{path}")
    return Trigger(
        arn=arn,
        name=f"{api.get('name', api['id'])} {route}",
        account=reader.account,
        region=reader.region,
        origin=reader.origin(REST_RESOURCES, arn),
        kind="rest",
        function=function,
        route=route,
        authorizer=_authorizer(method.get("authorizationType")),
        api_key_required=bool(method.get("apiKeyRequired")),
        is_private=strings(inner(api, "endpointConfiguration"), "types") == ("PRIVATE",),
        resource_policy=policy,
    )


def _rest_policy(reader: Reader, api: Answer) -> Policy | None:
    text = api.get("policy")
    if not text:
        return None
    decoded: object = None
    try:
        decoded = json.loads(text)
    except ValueError:
        with contextlib.suppress(ValueError):  # parse_policy lists a broken one as malformed
            # API Gateway answers the document with its quotes escaped, as if it stood inside a JSON string.
            decoded = json.loads(json.loads(f'"{text}"'))
    return parse_policy(decoded, reader.origin(REST_APIS, reader.arn("execute-api", f"{api['id']}/*")))


def collect_http(reader: Reader) -> Estate:
    """Read the routes of all HTTP and WebSocket APIs of a region that call functions."""
    pages = reader.pages(APIS, MaxResults="100")
    triggers: list[Trigger] = []
    broken: list[Pages] = [pages]
    for api in pages:
        integrations = reader.pages(INTEGRATIONS, ApiId=api["ApiId"], MaxResults="500")
        functions = {f"integrations/{entry['IntegrationId']}": _function_in(entry.get("IntegrationUri")) for entry in integrations}
        broken.append(integrations)
        if not any(functions.values()):
            continue
        routes = reader.pages(ROUTES, ApiId=api["ApiId"], MaxResults="500")
        broken.append(routes)
        called = ((route, functions.get(route.get("Target", ""))) for route in routes)
        mine = [_http_trigger(reader, api, route, function) for route, function in called if function is not None]
        triggers += _staged(mine, partial(_http_stages, reader, api))
    return Estate(triggers=tuple(triggers), missing=_missing(broken))


def _http_stages(reader: Reader, api: Answer) -> tuple[ApiStage, ...] | Unknown:
    pages = reader.pages(STAGES, ApiId=api["ApiId"], MaxResults="100")
    stages = tuple(
        ApiStage(name=stage["StageName"], deployment=stage.get("DeploymentId"), deploys_itself=bool(stage.get("AutoDeploy")))
        for stage in pages
    )
    return pages.unknown or stages


def _http_trigger(reader: Reader, api: Answer, route: Answer, function: Text) -> Trigger:
    key: str = route["RouteKey"]
    arn = reader.arn("execute-api", f"{api['ApiId']}/*/{key.replace(' ', '')}")
    return Trigger(
        arn=arn,
        name=f"{api.get('Name', api['ApiId'])} {key}",
        account=reader.account,
        region=reader.region,
        origin=reader.origin(ROUTES, arn),
        kind="websocket" if api.get("ProtocolType") == "WEBSOCKET" else "http",
        function=function,
        route=key,
        authorizer=_authorizer(route.get("AuthorizationType")),
        api_key_required=bool(route.get("ApiKeyRequired")),
    )


def collect_balancers(reader: Reader) -> Estate:
    """Read the load balancer rules of a region that call functions."""
    pages = reader.pages(TARGET_GROUPS, PageSize=400)
    groups = [entry for entry in pages if entry.get("TargetType") == "lambda"]
    broken: list[Pages] = [pages]
    functions: dict[str, str] = {}
    balancers: set[str] = set()
    missing: list[Missing] = []
    for group in groups:
        balancers.update(strings(group, "LoadBalancerArns"))
        answer = reader.read(TARGETS, TargetGroupArn=group["TargetGroupArn"])
        if isinstance(answer, Unknown):
            missing.append(reader.missing("triggers", answer))
            continue
        targets = each(answer, "TargetHealthDescriptions")
        if targets:  # a target group of functions has one target
            functions[group["TargetGroupArn"]] = inner(targets[0], "Target")["Id"]
    triggers: list[Trigger] = []
    # "You can specify up to 20 load balancers in a single call", says the API reference.
    for chosen in batched(sorted(balancers) if functions else (), 20):
        listed = reader.pages(BALANCERS, LoadBalancerArns=chosen)
        broken.append(listed)
        for balancer in listed:
            triggers += _balancer(reader, balancer, functions, broken)
    return Estate(triggers=tuple(triggers), missing=(*_missing(broken), *missing))


def _balancer(reader: Reader, balancer: Answer, functions: dict[str, str], broken: list[Pages]) -> list[Trigger]:
    listeners = reader.pages(LISTENERS, LoadBalancerArn=balancer["LoadBalancerArn"])
    broken.append(listeners)
    triggers: list[Trigger] = []
    for listener in listeners:
        rules = reader.pages(RULES, ListenerArn=listener["ListenerArn"])
        broken.append(rules)
        for rule in rules:
            actions = each(rule, "Actions")
            function = next((functions[arn] for action in actions for arn in _forwarded(action) if arn in functions), None)
            if function is None:
                continue
            route = f"{listener.get('Protocol', '')}:{listener.get('Port', '')} {_condition(rule)}"
            guards = [action["Type"] for action in actions if action["Type"].startswith(("authenticate-", "jwt-"))]
            mutual = inner(listener, "MutualAuthentication").get("Mode") == "verify"
            triggers.append(
                Trigger(
                    arn=rule["RuleArn"],
                    name=f"{balancer['LoadBalancerName']} {route}",
                    account=reader.account,
                    region=reader.region,
                    origin=reader.origin(RULES, rule["RuleArn"]),
                    kind="alb",
                    function=function,
                    route=route,
                    authorizer=guards[0] if guards else "mutual-tls" if mutual else None,
                    is_private=balancer.get("Scheme") == "internal",
                )
            )
    return triggers


def _forwarded(action: Answer) -> list[str]:
    """Give the target groups an action sends requests to."""
    groups = [group["TargetGroupArn"] for group in each(inner(action, "ForwardConfig"), "TargetGroups")]
    return groups or ([action["TargetGroupArn"]] if action.get("TargetGroupArn") else [])


def _condition(rule: Answer) -> str:
    shown: list[str] = []
    for condition in each(rule, "Conditions"):
        values = strings(condition, "Values") or tuple(
            value
            for name in ("PathPatternConfig", "HostHeaderConfig", "HttpRequestMethodConfig")
            for value in strings(inner(condition, name), "Values")
        )
        shown.append(f"{condition.get('Field', '')}={','.join(values)}" if values else str(condition.get("Field", "")))
    return " ".join(shown) or "default"


def _missing(broken: list[Pages]) -> tuple[Missing, ...]:
    return tuple(missing for pages in broken for missing in pages.missing("triggers"))

"""api-route-unauthenticated: let only callers with AWS credentials in."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec.structs import replace

from buckler.fixes._estates import on_each
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit, Ask, Lookup
from buckler.model.functions import ApiStage, Trigger
from buckler.model.text import shown
from buckler.model.unknown import known

_RESOURCE, _DEPLOYMENT, _ROUTE = "the resource", "the deployment", "the route"
_SUMMARY: Final = "let only callers with AWS credentials in (`AWS_IAM`)"
_LOST: Final = "whoever calls {} without AWS credentials: browsers, webhooks of others"


@remedy
def api_route_unauthenticated(case: Case[Trigger]) -> Remedies:
    """Set the authorization of a route to `AWS_IAM`; of a REST API, deploy that too, to every stage.

    A deployment publishes the whole API: so the open routes of one that are planned together are one change, and one with changes that
    are not deployed yet is left. Undoing shows each stage the deployment it had.
    """
    route = case.subject
    if route.kind == "alb":
        yield Advice("let the rule authenticate its callers: `authenticate-oidc`, `jwt-validation`", "only you know who vouches for them")
        return
    if route.stages is None:
        yield Advice(_SUMMARY, "what its stages show was not read")
        return
    stages = known(route.stages)
    if route.kind != "rest":
        by_hand = [shown(one.name) for one in stages if not one.deploys_itself]
        if by_hand:
            yield Advice(
                f"{_SUMMARY}, and deploy it: aws apigatewayv2 create-deployment --api-id {_api(route)} --stage-name {by_hand[0]}",
                f"the stage `{by_hand[0]}` does not deploy by itself, and AWS does not tell what else would be deployed",
            )
            return
        yield Mend(_SUMMARY, (_route_edit(route),), _closed((route,)), lost=(_LOST.format("the route"),))
        return
    stages = tuple(one for one in stages if one.deployment is not None)
    why = _not_to_deploy(stages)
    if why:
        yield Advice(f"{_SUMMARY}, and deploy the API", why)
        return
    mine = _together(route, case)
    methods = ", ".join(f"`{shown(one.route)}`" for one in mine)
    names = ", ".join(f"`{shown(one.name)}`" for one in stages)
    lost = [_LOST.format(methods)]
    if stages:
        lost.append(f"integrations as {names} has them, where they were changed and not deployed yet: AWS does not tell")
    yield Mend(
        f"{_SUMMARY}: {methods}" + (f", deployed to {names}" if stages else ""),
        (*map(_method_edit, mine), *_deployed(mine, stages, case.analysis.estate.taken_at)),
        _closed(mine),
        lost=tuple(lost),
    )


def _api(route: Trigger) -> str:
    return shown(route.arn).rpartition(":")[2].partition("/")[0]


def _together(route: Trigger, case: Case[Trigger]) -> tuple[Trigger, ...]:
    """Give the open routes of its API that are planned, itself among them."""
    planned = {(one.subject.arn, one.key) for one in case.along if one.check == case.finding.check}
    planned.add((case.finding.subject.arn, case.finding.key))
    head = shown(route.arn).partition("/")[0]
    return tuple(
        one
        for one in case.analysis.estate.triggers
        if one.kind == "rest" and shown(one.arn).partition("/")[0] == head and (shown(one.arn), shown(one.route)) in planned
    )


def _not_to_deploy(stages: Sequence[ApiStage]) -> str:
    """Say why a deployment would do more than it is for. Raises `Undecided`."""
    for stage in stages:
        if stage.has_canary:
            return f"the stage `{shown(stage.name)}` has a canary: promote or delete it first"
        first, *others = (*known(stage.pending), "")
        if first:
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            return f"that would publish what was changed and not deployed to `{shown(stage.name)}` yet: `{first}`{more}"
    return ""


def _closed(routes: Sequence[Trigger]) -> Callable[[Estate], Estate]:
    def change(estate: Estate) -> Estate:
        for route in routes:
            estate = on_each(estate, "triggers", route.arn, authorizer="AWS_IAM")
        return estate

    return change


def _edit(route: Trigger, what: str, read: Ask, **more: Any) -> ApiEdit:  # noqa: ANN401 - the members of an edit
    return ApiEdit(account=shown(route.account), region=shown(route.region), arn=shown(route.arn), what=what, read=read, **more)


def _route_edit(route: Trigger) -> ApiEdit:
    """Change a route of an HTTP or WebSocket API whose stages deploy by themselves."""
    where = {"ApiId": _api(route)}
    read = Ask(service="apigatewayv2", operation="GetRoutes", parameters=where | {"MaxResults": "500"})
    found = ("Items", f"RouteKey={shown(route.route)}")

    def update(kind: str) -> Ask:
        asked = where | {"RouteId": f"{{{_ROUTE}}}", "AuthorizationType": kind}
        return Ask(service="apigatewayv2", operation="UpdateRoute", parameters=asked)

    return _edit(
        route,
        f"authorization of `{shown(route.route)}`",
        read,
        pick=(*found, "AuthorizationType"),
        before="NONE",
        after="AWS_IAM",
        do=update("AWS_IAM"),
        undo=update("NONE"),
        lookups={_ROUTE: Lookup(read=read, pick=(*found, "RouteId"))},
    )


def _method_edit(route: Trigger) -> ApiEdit:
    """Change a method of a REST API. Nobody notices before it is deployed."""
    verb, _, path = shown(route.route).partition(" ")
    where = {"restApiId": _api(route)}
    read = Ask(service="apigateway", operation="GetResources", parameters=where | {"embed": ["methods"], "limit": 500})
    found = ("items", f"path={path}")

    def update(kind: str) -> Ask:
        patch = [{"op": "replace", "path": "/authorizationType", "value": kind}]
        asked: dict[str, Any] = where | {"resourceId": f"{{{_RESOURCE}}}", "httpMethod": verb, "patchOperations": patch}
        return Ask(service="apigateway", operation="UpdateMethod", parameters=asked)

    return _edit(
        route,
        f"authorization of `{shown(route.route)}`",
        read,
        pick=(*found, "resourceMethods", verb, "authorizationType"),
        before="NONE",
        after="AWS_IAM",
        do=update("AWS_IAM"),
        undo=update("NONE"),
        lookups={_RESOURCE: Lookup(read=read, pick=(*found, "id"))},
    )


def _deployed(routes: Sequence[Trigger], stages: Sequence[ApiStage], taken_at: str) -> tuple[ApiEdit, ...]:
    """Make one deployment, known again by its description, and show it in every stage; none where nothing is deployed."""
    if not stages:
        return ()
    first, where = routes[0], {"restApiId": _api(routes[0])}
    # What it is of: a deployment that an earlier plan made holds an earlier API.
    about = repr((taken_at, [shown(one.route) for one in routes], [one.deployment for one in stages]))
    mark = f"made by buckler: AWS_IAM ({hashlib.sha256(about.encode()).hexdigest()[:12]})"
    read = Ask(service="apigateway", operation="GetDeployments", parameters=where | {"limit": 500})
    lookups = {_DEPLOYMENT: Lookup(read=read, pick=("items", f"description={mark}", "id"))}
    named = {"deploymentId": f"{{{_DEPLOYMENT}}}"}
    make = _edit(
        first,
        "deployment of the API",
        read,
        pick=("items", f"description={mark}", "description"),
        after=mark,
        do=Ask(service="apigateway", operation="CreateDeployment", parameters=where | {"description": mark}),
        undo=Ask(service="apigateway", operation="DeleteDeployment", parameters=where | named),
        lookups=lookups,
    )
    return (make, *(replace(_shown(first, stage, where), lookups=lookups) for stage in stages))


def _shown(route: Trigger, stage: ApiStage, where: dict[str, Any]) -> ApiEdit:
    which = where | {"stageName": shown(stage.name)}

    def update(deployment: str | None) -> Ask:
        patch = [{"op": "replace", "path": "/deploymentId", "value": deployment}]
        return Ask(service="apigateway", operation="UpdateStage", parameters=which | {"patchOperations": patch})

    return _edit(
        route,
        f"deployment that the stage `{shown(stage.name)}` shows",
        Ask(service="apigateway", operation="GetStage", parameters=which),
        pick=("deploymentId",),
        before=stage.deployment,
        after=f"{{{_DEPLOYMENT}}}",
        do=update(f"{{{_DEPLOYMENT}}}"),
        undo=update(stage.deployment),
    )

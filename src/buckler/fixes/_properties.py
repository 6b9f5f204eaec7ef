"""Which property of a template mends which finding: a check a function, each gives the properties to set, or says why it does not."""

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from buckler.data.function_actions import function_actions, narrowed
from buckler.data.managed_policies import managed_policy
from buckler.data.runtimes import runtime
from buckler.fixes._network_texts import NETWORK
from buckler.fixes._option import (
    BY_ACCOUNT,
    HOW_LONG,
    HOW_MUCH,
    LOST_BY_DIGEST,
    LOST_BY_KEY,
    LOST_BY_ORIGINS,
    LOST_BY_SIGNING,
    WHICH_DESTINATION,
    WHICH_DIGEST,
    WHICH_KEY,
    WHICH_LAYER,
    WHICH_PROFILE,
    WHOSE_SCRIPTS,
    digest_of,
    lost_by_concurrency,
    lost_by_retention,
    lost_by_timeout,
)
from buckler.fixes._resources import RESOURCES
from buckler.fixes._secret_texts import moved
from buckler.fixes._statement_texts import STATEMENTS
from buckler.fixes._written import Choice, Properties, Written
from buckler.model.origin import FileOrigin
from buckler.model.text import shown
from buckler.sources.cfn.editing import Editor, Setting


def _url(case: Written) -> Iterator[Choice]:
    for one in case.finding.evidence:
        path = one.origin.path.split(".") if isinstance(one.origin, FileOrigin) else []
        if path[-1:] == ["AuthType"]:
            lost = ("whoever calls the URL without AWS credentials: browsers, webhooks of others",)
            yield Properties("set the `AuthType` of the URL to `AWS_IAM`", ((tuple(path), "AWS_IAM"),), lost)
            return


def _tracing(case: Written) -> Iterator[Choice]:
    where = case.place("Tracing", "TracingConfig.Mode")
    yield Properties("set the tracing mode to `Active`; traces cost", ((where, "Active"),), is_safe=True)


def _runtime(case: Written) -> Iterator[Choice]:
    where = case.place("Runtime")
    # The finding begins its note with the runtime.
    now = runtime(case.finding.evidence[0].note.partition(":")[0])
    if now is None or now.successor is None:
        return
    lost = (f"what works with {now.name} only: run the tests with {now.successor} before you deploy",)
    yield Properties(f"move from `{now.name}` to `{now.successor}`", ((where, now.successor),), lost)


def _recursion(case: Written) -> Iterator[Choice]:
    lost = ("loops of more than 16 invocations through SQS, SNS or S3: they are stopped",)
    yield Properties("set `RecursiveLoop` to `Terminate`", ((case.place("RecursiveLoop"), "Terminate"),), lost)


def _retention(case: Written) -> Iterator[Choice]:
    days = case.wishes.retention_days
    lost = lost_by_retention(days)
    yield Properties(f"keep log events for {days} days (--retention-days)", ((case.place("RetentionInDays"), days),), lost)


def _concurrency(case: Written) -> Iterator[Choice]:
    number = case.wishes.reserved_concurrency
    if number is None:
        yield HOW_MUCH
        return
    lost = lost_by_concurrency(number)
    yield Properties(
        f"reserve a concurrency of {number} (--reserved-concurrency)", ((case.place("ReservedConcurrentExecutions"), number),), lost
    )


def _key(property_: str) -> Callable[[Written], Iterator[Choice]]:
    def choose(case: Written) -> Iterator[Choice]:
        key = case.wishes.kms_key
        if not key:
            yield WHICH_KEY
            return
        yield Properties("encrypt it with your key (--kms-key)", ((case.place(property_), key),), LOST_BY_KEY)

    return choose


def _signing(case: Written) -> Iterator[Choice]:
    where = case.place("CodeSigningPolicies.UntrustedArtifactOnDeployment")
    yield Properties("set `UntrustedArtifactOnDeployment` to `Enforce`", ((where, "Enforce"),), LOST_BY_SIGNING)


def _publishers(case: Written) -> Iterator[Choice]:
    """Name the user's profile where a configuration trusts nobody."""
    profile = case.wishes.signing_profile
    if not profile:
        yield WHICH_PROFILE
        return
    trusted: Setting = [profile]
    anew = (((*case.resource, "Properties", "AllowedPublishers", "SigningProfileVersionArns"), trusted),)
    yield Properties("trust your profile (--signing-profile)", (), LOST_BY_SIGNING, anew=anew)


# What of ours may be the source, by the service that invokes: ARNs as each service sends them in `aws:SourceArn`.
_SOURCES: Final = {
    "apigateway.amazonaws.com": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:*",
    "elasticloadbalancing.amazonaws.com": "arn:${AWS::Partition}:elasticloadbalancing:${AWS::Region}:${AWS::AccountId}:targetgroup/*",
    "sns.amazonaws.com": "arn:${AWS::Partition}:sns:*:${AWS::AccountId}:*",
    "events.amazonaws.com": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/*",
    "iot.amazonaws.com": "arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:rule/*",
    "cognito-idp.amazonaws.com": "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/*",
}


def _deputy(case: Written) -> Iterator[Choice]:
    for one in case.finding.evidence:
        path = tuple(one.origin.path.split(".")) if isinstance(one.origin, FileOrigin) else ()
        if len(path) != 2 or case.editor.scalar(*path, "Type") != "AWS::Lambda::Permission":
            continue
        service = case.editor.scalar(*path, "Properties", "Principal") or ""
        lost = (f"what `{service}` does for other accounts",)
        if service in BY_ACCOUNT:
            setting: Setting = {"Ref": "AWS::AccountId"}
            yield Properties("allow it for resources of the own account only", (((*path, "Properties", "SourceAccount"), setting),), lost)
        elif service in _SOURCES:
            setting = {"Fn::Sub": _SOURCES[service]}
            yield Properties("allow it for resources of the own account only", (((*path, "Properties", "SourceArn"), setting),), lost)
        return


def _log_group(case: Written) -> Iterator[Choice]:
    name = f"{case.finding.subject.id}LogGroup"
    if case.editor.has("Resources", name):
        return
    properties: dict[str, Setting] = {
        "LogGroupName": {"Fn::Sub": f"/aws/lambda/${{{case.finding.subject.id}}}"},
        "RetentionInDays": case.wishes.retention_days,
    }
    if case.wishes.kms_key:
        properties["KmsKeyId"] = case.wishes.kms_key
    lost = ("the first deployment, where the function has run and the group is there: import it into the stack, or delete it",)
    group: Setting = {"Type": "AWS::Logs::LogGroup", "Properties": properties}
    yield Properties(f"declare its log group, kept for {case.wishes.retention_days} days", ((("Resources", name), group),), lost)


def _route(case: Written) -> Iterator[Choice]:
    """Ask callers of a route for AWS credentials: a route of an event of SAM, or a method of a REST API."""
    editor = case.editor
    lost = ("whoever calls the route without AWS credentials: browsers, webhooks of others",)
    summary = "let only callers with AWS credentials in (`AWS_IAM`)"
    for one in case.finding.evidence:
        path = tuple(one.origin.path.split(".")) if isinstance(one.origin, FileOrigin) else ()
        if path[-1:] == ("AuthorizationType",):
            yield Properties(summary, ((path, "AWS_IAM"),), lost)
            return
        if path[3:5] == ("DefinitionBody", "paths") and len(path) == 7:
            yield Properties(summary, (((*path, "x-amazon-apigateway-auth", "type"), "AWS_IAM"),), lost)
            return
        kind = editor.scalar(*path, "Type") if path[2:4] == ("Properties", "Events") and len(path) == 5 else None
        route: tuple[tuple[str, ...], Setting] = ((*path, "Properties", "Auth", "Authorizer"), "AWS_IAM")
        if kind == "Api":
            yield Properties(summary, (route,), lost)
            # A route that the API's own definition has is SAM's to invoke and the definition's to guard.
            verb = (editor.scalar(*path, "Properties", "Method") or "").lower().replace("any", "x-amazon-apigateway-any-method")
            paths = ("Resources", case.finding.subject.id, "Properties", "DefinitionBody", "paths")
            defined = (*paths, editor.scalar(*path, "Properties", "Path") or "", verb)
            if editor.has(*defined):
                yield Properties(summary, (((*defined, "x-amazon-apigateway-auth", "type"), "AWS_IAM"),), lost)
        elif kind == "HttpApi":
            # SAM: `EnableIamAuthorizer` of the API is what makes `AWS_IAM` an authorizer of its routes.
            api = case.finding.subject.id
            is_own = editor.scalar("Resources", api, "Type") == "AWS::Serverless::HttpApi"
            where = ("Resources", api, "Properties", "Auth") if is_own else ("Globals", "HttpApi", "Auth")
            yield Properties(summary, (((*where, "EnableIamAuthorizer"), True), route), lost)
        return


def _wildcard(case: Written) -> Iterator[Choice]:
    """Name, in place of `service:*` or of a policy AWS manages, what functions do with the service."""
    editor = case.editor
    rewrites: list[tuple[tuple[str, ...], Setting]] = []
    services: list[str] = []
    for one in case.finding.evidence:
        path = tuple(one.origin.path.split(".")) if isinstance(one.origin, FileOrigin) else ()
        found = list(_wildcards(editor, path)) or list(_managed(editor, path))
        if not found:
            return
        services += [service for _, service, _ in found]
        rewrites += [(where, value) for where, _, value in found if (where, value) not in rewrites]
    narrower = ", ".join(f"`{one}`" for one in sorted(set(services)))
    yield Properties(
        f"allow of {narrower} what functions do with it, in place of everything",
        (),
        (f"every other action of {narrower}: name what the code calls besides",),
        rewrites=tuple(rewrites),
    )


Rewrite: TypeAlias = tuple[tuple[str, ...], str, Setting]


def _wildcards(editor: Editor, path: tuple[str, ...]) -> Iterator[Rewrite]:
    """Give the actions of a statement that name a whole service, with what to write in their place."""
    count = editor.items(*path, "Action")
    for where in [(*path, "Action")] if count is None else [(*path, "Action", str(number)) for number in range(count)]:
        service, _, verb = (editor.scalar(*where) or "").partition(":")
        actions = function_actions(service.lower())
        if verb == "*" and actions:
            yield where, service.lower(), list(actions)


def _managed(editor: Editor, path: tuple[str, ...]) -> Iterator[Rewrite]:
    """Give the statement to write in place of a policy AWS manages, where SAM takes either."""
    written = editor.scalar(*path) if path[2:4] == ("Properties", "Policies") and len(path) == 5 else None
    if written is None or editor.scalar(*path[:2], "Type") != "AWS::Serverless::Function":
        return
    services: set[str] = set()
    statements: list[Setting] = [
        {name: _narrowed(one, services) if name == "Action" else one for name, one in statement.items()}
        for statement in (managed_policy(written) or {}).get("Statement", ())
    ]
    for service in sorted(services):
        yield path, service, {"Statement": statements}


def _narrowed(actions: str | list[str], services: set[str]) -> Setting:
    found = [shown(one) for one in narrowed([actions] if isinstance(actions, str) else actions, services)]
    return [*found] if len(found) > 1 else found[0]


def _trust(case: Written) -> Iterator[Choice]:
    """Take the statement out that lets another than Lambda assume the role."""
    for one in case.finding.evidence:
        path = tuple(one.origin.path.split(".")) if isinstance(one.origin, FileOrigin) else ()
        # Without any statement it would be no trust policy.
        if path[-2:-1] == ("Statement",) and (case.editor.items(*path[:-1]) or 0) > 1:
            who = case.finding.message.partition(" may assume")[0]
            yield Properties("leave only Lambda in the trust policy", (), (f"{who} may no longer assume the role",), removals=(path,))
        return


def _cors(case: Written) -> Iterator[Choice]:
    if not case.wishes.allow_origins:
        yield WHOSE_SCRIPTS
        return
    for one in case.finding.evidence:
        path = tuple(one.origin.path.split(".")) if isinstance(one.origin, FileOrigin) else ()
        where = (*path, "AllowOrigins")
        count = case.editor.items(*where) if path[-1:] == ("Cors",) else None
        stars = [number for number in range(count or 0) if case.editor.scalar(*where, str(number)) == "*"]
        if stars:
            origins: Setting = list(case.wishes.allow_origins)
            summary = "allow scripts of the origins you name only (--allow-origin)"
            yield Properties(summary, (), LOST_BY_ORIGINS, rewrites=(((*where, str(stars[0])), origins),))
            return


def _timeout(case: Written) -> Iterator[Choice]:
    seconds = case.wishes.timeout_s
    if seconds is None:
        yield HOW_LONG
        return
    yield Properties(f"set the timeout to {seconds} s (--timeout)", ((case.place("Timeout"), seconds),), lost_by_timeout(seconds))


def _destination(case: Written) -> dict[str, Setting] | None:
    """Write the destination that the user names, as SAM wants it."""
    target = case.wishes.failure_destination
    kind = {"sqs": "SQS", "sns": "SNS"}.get(target.split(":")[2] if target.startswith("arn:") else "")
    return None if kind is None else {"Type": kind, "Destination": target}


def _failure(case: Written) -> Iterator[Choice]:
    """Give a function of SAM the queue that the user names for what it fails on, or one that SAM makes; it lets the role send there."""
    if case.kind != "AWS::Serverless::Function" or case.finding.key not in {"$LATEST", ""}:
        return
    where = (*case.resource, "Properties", "EventInvokeConfig", "DestinationConfig", "OnFailure")
    named = _destination(case)
    if named is not None:
        yield Properties("send what it fails on where you say (--failure-destination)", ((where, named),))
    else:
        yield Properties("send what it fails on to a queue, which SAM makes", (((*where, "Type"), "SQS"),), is_safe=True)


def _records(case: Written) -> Iterator[Choice]:
    named = _destination(case)
    if named is None:
        yield WHICH_DESTINATION
        return
    for one in case.finding.evidence:
        path = tuple(one.origin.path.split(".")) if isinstance(one.origin, FileOrigin) else ()
        where = (*path, "Properties", "DestinationConfig", "OnFailure")
        summary = "send the records it fails on where you say (--failure-destination)"
        if path[2:4] == ("Properties", "Events") and len(path) == 5:
            yield Properties(summary, ((where, named),))
        elif case.editor.scalar(*path, "Type") == "AWS::Lambda::EventSourceMapping":
            yield Properties(summary, (((*where, "Destination"), named["Destination"]),))
        return


def _signed(case: Written) -> Iterator[Choice]:
    profile = case.wishes.signing_profile
    if not profile:
        yield WHICH_PROFILE
        return
    name = "CodeSigning"
    config: Setting = {
        "Type": "AWS::Lambda::CodeSigningConfig",
        "Properties": {
            "AllowedPublishers": {"SigningProfileVersionArns": [profile]},
            "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"},
        },
    }
    settings: list[tuple[tuple[str, ...], Setting]] = [((*case.resource, "Properties", "CodeSigningConfigArn"), {"Ref": name})]
    if not case.editor.has("Resources", name):
        settings.append((("Resources", name), config))
    elif case.editor.scalar("Resources", name, "Type") != "AWS::Lambda::CodeSigningConfig":
        return
    summary = "take only code that your profile signed (--signing-profile)"
    yield Properties(summary, tuple(settings), LOST_BY_SIGNING)
    # Who decides what runs decides when the runtime changes, too: `runtime-update-not-pinned`.
    pinned = (case.place("RuntimeManagementConfig.UpdateRuntimeOn"), "FunctionUpdate")
    yield Properties(f"{summary}, and change the runtime with deployments only", (*settings, pinned), LOST_BY_SIGNING)


def _extension(case: Written) -> Iterator[Choice]:
    """Add the layer of the user's product to every function: by the globals of SAM, where no function is an image."""
    layer = case.wishes.extension_layer
    if not layer:
        yield WHICH_LAYER
        return
    editor = case.editor
    kinds = {name: editor.scalar("Resources", name, "Type") for name in editor.keys("Resources")}
    functions = [name for name, kind in kinds.items() if kind in {"AWS::Serverless::Function", "AWS::Lambda::Function"}]
    zips = [one for one in functions if editor.scalar("Resources", one, "Properties", "PackageType") != "Image"]
    places: list[tuple[str, ...]] = [("Resources", one, "Properties", "Layers") for one in zips]
    if zips == functions and all(kinds[one] == "AWS::Serverless::Function" for one in functions):
        places = [("Globals", "Function", "Layers")]
    layers: Setting = [layer]
    yield Properties(
        "add the layer of your runtime-protection product (--extension-layer)",
        tuple((place, layers) for place in places if not editor.has(*place)),
        ("a part of each cold start: the extension starts with the function",),
        appended=tuple((place, layer) for place in places if editor.has(*place)),
    )


def _pinned(case: Written) -> Iterator[Choice]:
    lost = ("security patches of the runtime while nothing is deployed",)
    where = case.place("RuntimeManagementConfig.UpdateRuntimeOn")
    yield Properties("let the runtime change with your deployments only (`FunctionUpdate`)", ((where, "FunctionUpdate"),), lost)


def _image(case: Written) -> Iterator[Choice]:
    """Name the image by the digest that runs in the account, where that was read."""
    uri = case.finding.evidence[0].note.removeprefix("image ")
    digest = digest_of(uri, case.wishes)
    if not digest:
        yield WHICH_DIGEST
        return
    where = case.place("ImageUri", "Code.ImageUri")
    tag = uri.rpartition(":")[2]
    summary = f"name the image by the digest that runs now, `{digest[:19]}...`"
    yield Properties(summary, (), LOST_BY_DIGEST, parts=((where, f":{tag}", f"@{digest}"),))


PROPERTIES: Final[dict[str, Callable[[Written], Iterator[Choice]]]] = {
    "api-route-unauthenticated": _route,
    "code-signing-no-publishers": _publishers,
    "code-signing-warns-only": _signing,
    "code-signing-missing": _signed,
    "concurrency-unreserved-on-public-function": _concurrency,
    "cors-wildcard-on-public-url": _cors,
    "durable-state-without-customer-key": _key("DurableConfig.KMSKeyArn"),
    "environment-without-customer-key": _key("KmsKeyArn"),
    "event-source-failure-destination-missing": _records,
    "failure-destination-missing": _failure,
    "function-url-public": _url,
    "image-tag-not-digest": _image,
    "log-group-missing": _log_group,
    "log-group-without-customer-key": _key("KmsKeyId"),
    "log-retention-missing": _retention,
    "policy-confused-deputy": _deputy,
    "recursion-allowed": _recursion,
    "role-service-wildcard": _wildcard,
    "role-trust-beyond-lambda": _trust,
    "runtime-deprecated": _runtime,
    "runtime-os-old": _runtime,
    "runtime-security-extension-missing": _extension,
    "runtime-soon-deprecated": _runtime,
    "runtime-update-not-pinned": _pinned,
    "timeout-maximum-on-public-function": _timeout,
    "secret-in-environment": moved,
    "tracing-off": _tracing,
    **NETWORK,
    **RESOURCES,
    **STATEMENTS,
}
"""By check."""

"""Which property of a template mends which finding: a check a function, each gives the properties to set, or says why it does not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from buckler.data.function_actions import function_actions
from buckler.data.managed_policies import managed_policy
from buckler.data.runtimes import runtime
from buckler.fixes._fix import Advice
from buckler.fixes._option import BY_ACCOUNT, HOW_MUCH, LOST_BY_KEY, LOST_BY_SIGNING, WHICH_KEY, lost_by_concurrency, lost_by_retention
from buckler.model.finding import Finding
from buckler.model.fix import Wishes
from buckler.model.origin import FileOrigin
from buckler.sources.cfn.editing import Editor, Setting


@dataclass(frozen=True, slots=True)
class Written:
    """A finding, and the template that it is written in."""

    finding: Finding
    editor: Editor
    wishes: Wishes

    @property
    def resource(self) -> tuple[str, ...]:
        """Where the resource is."""
        return ("Resources", self.finding.subject.id)

    @property
    def kind(self) -> str:
        """`AWS::Serverless::Function`, ..."""
        return self.editor.scalar(*self.resource, "Type") or ""

    def place(self, sam: str, cloudformation: str = "") -> tuple[str, ...]:
        """Give where a property of the function is, or goes: at the resource, or in the globals that give it to all."""
        is_sam = self.kind.startswith("AWS::Serverless::")
        name = tuple((sam if is_sam or not cloudformation else cloudformation).split("."))
        own = (*self.resource, "Properties", *name)
        if is_sam and not self.editor.has(*own) and self.editor.has("Globals", "Function", *name):
            return ("Globals", "Function", *name)
        return own


@dataclass(frozen=True, slots=True)
class Properties:
    """Properties to set."""

    summary: str
    settings: tuple[tuple[tuple[str, ...], Setting], ...]
    lost: tuple[str, ...] = ()
    is_safe: bool = False
    rewrites: tuple[tuple[tuple[str, ...], Setting], ...] = ()
    """Plain values in whose place something else is written."""
    removals: tuple[tuple[str, ...], ...] = ()
    """Items of lists that are taken out."""


Choice: TypeAlias = Properties | Advice


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
    """Give the actions of a statement, those that functions use in place of a whole service; the services are noted."""
    found: list[Setting] = []
    for action in [actions] if isinstance(actions, str) else actions:
        service, _, verb = action.partition(":")
        narrower = function_actions(service.lower()) if verb == "*" else ()
        services.update({service.lower()} if narrower else ())
        found += narrower or (action,)
    return found if len(found) > 1 else found[0]


def _trust(case: Written) -> Iterator[Choice]:
    """Take the statement out that lets another than Lambda assume the role."""
    for one in case.finding.evidence:
        path = tuple(one.origin.path.split(".")) if isinstance(one.origin, FileOrigin) else ()
        if path[-2:-1] == ("Statement",):
            who = case.finding.message.partition(" may assume")[0]
            yield Properties("leave only Lambda in the trust policy", (), (f"{who} may no longer assume the role",), removals=(path,))
        return


PROPERTIES: Final[dict[str, Callable[[Written], Iterator[Choice]]]] = {
    "api-route-unauthenticated": _route,
    "code-signing-warns-only": _signing,
    "concurrency-unreserved-on-public-function": _concurrency,
    "environment-without-customer-key": _key("KmsKeyArn"),
    "function-url-public": _url,
    "log-group-missing": _log_group,
    "log-group-without-customer-key": _key("KmsKeyId"),
    "log-retention-missing": _retention,
    "policy-confused-deputy": _deputy,
    "recursion-allowed": _recursion,
    "role-service-wildcard": _wildcard,
    "role-trust-beyond-lambda": _trust,
    "runtime-deprecated": _runtime,
    "runtime-soon-deprecated": _runtime,
    "tracing-off": _tracing,
}
"""By check."""

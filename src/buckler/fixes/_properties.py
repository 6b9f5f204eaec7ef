"""Which property of a template mends which finding: a check a function, each gives the properties to set, or says why it does not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

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
    "runtime-deprecated": _runtime,
    "runtime-soon-deprecated": _runtime,
    "tracing-off": _tracing,
}
"""By check."""

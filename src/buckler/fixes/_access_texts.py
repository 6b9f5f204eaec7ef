"""Who may do what, set in a template: a check a function, as `_properties` has them."""

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from buckler.data.function_actions import function_actions, narrowed
from buckler.data.managed_policies import managed_policy
from buckler.fixes._option import BY_ACCOUNT, LOST_BY_ORIGINS, WHOSE_SCRIPTS
from buckler.fixes._role_texts import subject_in
from buckler.fixes._written import Choice, Properties, Written
from buckler.fixes.role_open_to_strangers import WHOSE, demanding, host_of, lost_by, said_of, strangers_of
from buckler.model.iam import Role
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


def _strangers(case: Written) -> Iterator[Choice]:
    """Demand the subject that the user names of tokens, where a statement of the role takes them from anybody."""
    role, subjects = subject_in(case.finding, case.analysis), case.wishes.trust_subjects
    found = [one for one in strangers_of(role, case.analysis) if host_of(one.statement)] if isinstance(role, Role) else []
    if found and not subjects:
        yield WHOSE
        return
    settings: list[tuple[tuple[str, ...], Setting]] = []
    removals: list[tuple[str, ...]] = []
    for one in found:
        path = tuple(one.statement.origin.path.split(".")) if isinstance(one.statement.origin, FileOrigin) else ()
        if path[-2:-1] != ("Statement",) or not case.editor.has(*path):
            return
        demanded = demanding(one.statement, subjects).conditions
        new = demanded[-1]
        settings.append(((*path, "Condition", new.operator, new.key), subjects[0] if len(subjects) == 1 else [*subjects]))
        gone = [each for each in one.statement.conditions if each not in demanded]
        removals += [(*path, "Condition", each.operator, each.key) for each in gone if (each.operator, each.key) != (new.operator, new.key)]
    if settings:
        lost = tuple(lost_by(one, subjects) for one in found)
        yield Properties(said_of(subjects), tuple(settings), lost, removals=tuple(removals))


ACCESS: Final[dict[str, Callable[[Written], Iterator[Choice]]]] = {
    "api-route-unauthenticated": _route,
    "cors-wildcard-on-public-url": _cors,
    "function-url-public": _url,
    "policy-confused-deputy": _deputy,
    "role-open-to-strangers": _strangers,
    "role-service-wildcard": _wildcard,
    "role-trust-beyond-lambda": _trust,
}
"""By check."""

"""Which argument of a Terraform configuration mends which finding: a check a function, as `_properties` has them for templates."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from buckler.data.runtimes import runtime
from buckler.fixes._argued import Argued, Argument
from buckler.fixes._blocks import BLOCKS
from buckler.fixes._names_texts import names_in_configuration
from buckler.fixes._network_blocks import NETWORK
from buckler.fixes._option import (
    BY_ACCOUNT,
    HOW_LONG,
    HOW_MUCH,
    LOST_BY_DIGEST,
    LOST_BY_KEY,
    LOST_BY_SIGNING,
    WHICH_DIGEST,
    WHICH_KEY,
    WHICH_PROFILE,
    Option,
    digest_of,
    lost_by_concurrency,
    lost_by_retention,
    lost_by_timeout,
)
from buckler.fixes._policies import POLICIES
from buckler.fixes._role_blocks import ROLES
from buckler.fixes._secret_blocks import moved
from buckler.fixes._split_blocks import split_role
from buckler.sources.cfn.editing import Placed
from buckler.sources.terraform.hcl.editing import Raw, Spot


def _set(
    case: Argued,
    spot: Spot | None,
    path: Sequence[str],
    value: str | int,
    summary: str,
    *,
    lost: tuple[str, ...] = (),
    is_safe: bool = False,
) -> Iterator[Argument]:
    if spot is not None:
        yield Option(summary, lambda: case.configuration.set(spot, path, value), lost, is_safe=is_safe)


def _tracing(case: Argued) -> Iterator[Argument]:
    yield from _set(
        case, case.resource(), ("tracing_config", "mode"), "Active", "set the tracing mode to `Active`; traces cost", is_safe=True
    )


def _route(case: Argued) -> Iterator[Argument]:
    """Ask callers of a route of a REST API or an HTTP API for AWS credentials."""
    lost = ("whoever calls the route without AWS credentials: browsers, webhooks of others",)
    summary = "let only callers with AWS credentials in (`AWS_IAM`)"
    spot = case.resource()
    match spot.block.labels[0] if spot is not None else "":
        case "aws_apigatewayv2_route":
            yield from _set(case, spot, ("authorization_type",), "AWS_IAM", summary, lost=lost)
        case "aws_api_gateway_integration":
            yield from _set(case, _method(case, spot), ("authorization",), "AWS_IAM", summary, lost=lost)
        case _:
            pass


def _method(case: Argued, integration: Spot | None) -> Spot | None:
    """Find the method of an integration: by its name in `http_method`, or by what both are about."""
    if integration is None:
        return None

    def about(spot: Spot) -> tuple[str, ...]:
        own = spot.block.body.arguments
        return tuple(
            case.configuration.text(spot, own[name]) if name in own else "" for name in ("rest_api_id", "resource_id", "http_method")
        )

    mine = about(integration)
    for spot in case.configuration.blocks("resource", case.file):
        if spot.block.labels[:1] == ("aws_api_gateway_method",):
            named = mine[2].startswith(f"aws_api_gateway_method.{spot.block.labels[1]}.")
            if about(spot)[:2] == mine[:2] and (named or about(spot)[2] == mine[2]):
                return spot
    return None


def _runtime(case: Argued) -> Iterator[Argument]:
    now = runtime(case.finding.evidence[0].note.partition(":")[0])
    if now is None or now.successor is None:
        return
    lost = (f"what works with {now.name} only: run the tests with {now.successor} before you apply",)
    yield from _set(case, case.resource(), ("runtime",), now.successor, f"move from `{now.name}` to `{now.successor}`", lost=lost)


def _url(case: Argued) -> Iterator[Argument]:
    lost = ("whoever calls the URL without AWS credentials: browsers, webhooks of others",)
    spot = case.evidence("aws_lambda_function_url") or case.beside("aws_lambda_function_url")
    yield from _set(case, spot, ("authorization_type",), "AWS_IAM", "set the `authorization_type` of the URL to `AWS_IAM`", lost=lost)


def _recursion(case: Argued) -> Iterator[Argument]:
    lost = ("loops of more than 16 invocations through SQS, SNS or S3: they are stopped",)
    spot = case.beside("aws_lambda_function_recursion_config")
    yield from _set(case, spot, ("recursive_loop",), "Terminate", "set `recursive_loop` to `Terminate`", lost=lost)


def _retention(case: Argued) -> Iterator[Argument]:
    days = case.wishes.retention_days
    lost = lost_by_retention(days)
    summary = f"keep log events for {days} days (--retention-days)"
    yield from _set(case, case.resource(), ("retention_in_days",), days, summary, lost=lost)


def _concurrency(case: Argued) -> Iterator[Argument]:
    number = case.wishes.reserved_concurrency
    if number is None:
        yield HOW_MUCH
        return
    lost = lost_by_concurrency(number)
    summary = f"reserve a concurrency of {number} (--reserved-concurrency)"
    yield from _set(case, case.resource(), ("reserved_concurrent_executions",), number, summary, lost=lost)


def _key(*path: str) -> Callable[[Argued], Iterator[Argument]]:
    def choose(case: Argued) -> Iterator[Argument]:
        key = case.wishes.kms_key
        if not key:
            yield WHICH_KEY
            return
        yield from _set(case, case.resource(), path, key, "encrypt it with your key (--kms-key)", lost=LOST_BY_KEY)

    return choose


def _signing(case: Argued) -> Iterator[Argument]:
    path = ("policies", "untrusted_artifact_on_deployment")
    yield from _set(case, case.resource(), path, "Enforce", "set `untrusted_artifact_on_deployment` to `Enforce`", lost=LOST_BY_SIGNING)


def _publishers(case: Argued) -> Iterator[Argument]:
    """Name the user's profile where a configuration trusts nobody."""
    profile, spot = case.wishes.signing_profile, case.resource()
    blocks = spot.block.body.of("allowed_publishers") if spot is not None else ()
    if not profile:
        yield WHICH_PROFILE
    elif spot is not None and len(blocks) == 1:
        where, value = Spot(spot.document, blocks[0]), Raw(f'["{profile}"]')
        make = lambda: case.configuration.anew(where, "signing_profile_version_arns", value)  # noqa: E731 - as all options have it
        yield Option("trust your profile (--signing-profile)", make, LOST_BY_SIGNING)


# As `_properties` has them; `{account}` is an expression.
_SOURCES: Final = {
    "apigateway.amazonaws.com": "arn:aws:execute-api:*:{account}:*",
    "elasticloadbalancing.amazonaws.com": "arn:aws:elasticloadbalancing:*:{account}:targetgroup/*",
    "sns.amazonaws.com": "arn:aws:sns:*:{account}:*",
    "events.amazonaws.com": "arn:aws:events:*:{account}:rule/*",
    "iot.amazonaws.com": "arn:aws:iot:*:{account}:rule/*",
    "cognito-idp.amazonaws.com": "arn:aws:cognito-idp:*:{account}:userpool/*",
}


def _deputy(case: Argued) -> Iterator[Argument]:
    spot = case.evidence("aws_lambda_permission")
    principal = spot.block.body.arguments.get("principal") if spot is not None else None
    if spot is None or principal is None:
        return
    service = case.configuration.text(spot, principal).strip('"')
    account, data = case.own_account()
    if service in BY_ACCOUNT:
        path, value = ("source_account",), Raw(account)
    elif service in _SOURCES:
        path, value = ("source_arn",), Raw('"' + _SOURCES[service].replace("{account}", f"${{{account}}}") + '"')
    else:
        return

    def make() -> tuple[Placed, ...]:
        return (*case.configuration.set(spot, path, value), *(case.configuration.append(spot.document.shown, one) for one in data))

    yield Option("allow it for resources of the own account only", make, (f"what `{service}` does for other accounts",))


def _log_group(case: Argued) -> Iterator[Argument]:
    spot = case.resource()
    if spot is None:
        return
    name = spot.block.labels[1]
    lines = [
        f'resource "aws_cloudwatch_log_group" "{name}" {{',
        f'  name              = "/aws/lambda/${{aws_lambda_function.{name}.function_name}}"',
        f"  retention_in_days = {case.wishes.retention_days}",
        *([f'  kms_key_id        = "{case.wishes.kms_key}"'] if case.wishes.kms_key else []),
        "}",
    ]
    lost = ("the first apply, where the function has run and the group is there: import it, or delete it",)
    file = spot.document.shown
    yield Option(
        f"declare its log group, kept for {case.wishes.retention_days} days", lambda: (case.configuration.append(file, lines),), lost
    )


def _timeout(case: Argued) -> Iterator[Argument]:
    seconds = case.wishes.timeout_s
    if seconds is None:
        yield HOW_LONG
        return
    summary = f"set the timeout to {seconds} s (--timeout)"
    yield from _set(case, case.resource(), ("timeout",), seconds, summary, lost=lost_by_timeout(seconds))


_SIGNING: Final = "aws_lambda_code_signing_config"


def _signed(case: Argued) -> Iterator[Argument]:
    """Write a configuration that trusts the user's profile, once for all functions of a module, and name it in the function."""
    profile, spot = case.wishes.signing_profile, case.resource()
    if not profile:
        yield WHICH_PROFILE
        return
    blocks = list(case.configuration.blocks("resource", case.file))
    if spot is None or any(one.block.labels == (_SIGNING, "code") for one in blocks):
        return
    lines = [
        f'resource "{_SIGNING}" "code" {{',
        "  allowed_publishers {",
        f'    signing_profile_version_arns = ["{profile}"]',
        "  }",
        "  policies {",
        '    untrusted_artifact_on_deployment = "Enforce"',
        "  }",
        "}",
    ]
    # A module has it once, whichever of its files the functions stand in.
    file = min(one.document.shown for one in blocks if one.block.labels[:1] == ("aws_lambda_function",))

    name = spot.block.labels[1]
    pinned = [
        f'resource "aws_lambda_runtime_management_config" "{name}" {{',
        f"  function_name     = aws_lambda_function.{name}.function_name",
        '  update_runtime_on = "FunctionUpdate"',
        "}",
    ]

    def make() -> tuple[Placed, ...]:
        named = case.configuration.set(spot, ("code_signing_config_arn",), Raw(f"{_SIGNING}.code.arn"))
        return (*named, case.configuration.append(file, lines))

    summary = "take only code that your profile signed (--signing-profile)"
    yield Option(summary, make, LOST_BY_SIGNING)
    # Who decides what runs decides when the runtime changes, too: `runtime-update-not-pinned`.
    also = f"{summary}, and change the runtime with deployments only"
    yield Option(also, lambda: (*make(), case.configuration.append(spot.document.shown, pinned)), LOST_BY_SIGNING)


def _image(case: Argued) -> Iterator[Argument]:
    """Name the image by the digest that runs in the account, where that was read."""
    uri, spot = case.finding.evidence[0].note.removeprefix("image "), case.resource()
    argument = spot.block.body.arguments.get("image_uri") if spot is not None else None
    digest = digest_of(uri, case.wishes)
    if not digest:
        yield WHICH_DIGEST
    if not digest or spot is None or argument is None:
        return
    text, old = case.configuration.text(spot, argument), f":{uri.rpartition(':')[2]}"
    if text.count(old) == 1:
        start = text.index(old)
        yield Option(
            f"name the image by the digest that runs now, `{digest[:19]}...`",
            lambda: (case.configuration.within(spot, argument, start, start + len(old), f"@{digest}"),),
            LOST_BY_DIGEST,
        )


ARGUMENTS: Final[dict[str, Callable[[Argued], Iterator[Argument]]]] = {
    "api-route-unauthenticated": _route,
    "code-signing-missing": _signed,
    "code-signing-no-publishers": _publishers,
    "code-signing-warns-only": _signing,
    "concurrency-unreserved-on-public-function": _concurrency,
    "dns-egress-unfiltered": names_in_configuration,
    "durable-state-without-customer-key": _key("durable_config", "kms_key_arn"),
    "environment-without-customer-key": _key("kms_key_arn"),
    "function-url-public": _url,
    "image-tag-not-digest": _image,
    "log-group-missing": _log_group,
    "log-group-without-customer-key": _key("kms_key_id"),
    "log-retention-missing": _retention,
    "policy-confused-deputy": _deputy,
    "recursion-allowed": _recursion,
    "role-shared": split_role,
    "runtime-deprecated": _runtime,
    "runtime-os-old": _runtime,
    "runtime-soon-deprecated": _runtime,
    "timeout-maximum-on-public-function": _timeout,
    "secret-in-environment": moved,
    "tracing-off": _tracing,
    **BLOCKS,
    **NETWORK,
    **POLICIES,
    **ROLES,
}
"""By check."""

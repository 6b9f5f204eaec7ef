"""Which property of a template mends which finding: a check a function, each gives the properties to set, or says why it does not."""

from collections.abc import Callable, Iterator
from typing import Final

from buckler.data.runtimes import runtime
from buckler.fixes._access_texts import ACCESS
from buckler.fixes._credential_texts import credential
from buckler.fixes._failure_texts import failure, records
from buckler.fixes._names_texts import names_in_template
from buckler.fixes._network_texts import NETWORK
from buckler.fixes._option import (
    HOW_LONG,
    HOW_MUCH,
    LOST_BY_DIGEST,
    LOST_BY_KEY,
    LOST_BY_SIGNING,
    WHICH_DIGEST,
    WHICH_KEY,
    WHICH_LAYER,
    WHICH_PROFILE,
    digest_of,
    lost_by_concurrency,
    lost_by_retention,
    lost_by_timeout,
)
from buckler.fixes._provider_texts import apart
from buckler.fixes._resources import RESOURCES
from buckler.fixes._secret_texts import moved
from buckler.fixes._split_texts import split_role
from buckler.fixes._statement_texts import STATEMENTS
from buckler.fixes._written import Choice, Properties, Written
from buckler.sources.cfn.editing import Setting


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


def _timeout(case: Written) -> Iterator[Choice]:
    seconds = case.wishes.timeout_s
    if seconds is None:
        yield HOW_LONG
        return
    yield Properties(f"set the timeout to {seconds} s (--timeout)", ((case.place("Timeout"), seconds),), lost_by_timeout(seconds))


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
    "capacity-provider-shared": apart,
    "code-signing-no-publishers": _publishers,
    "code-signing-warns-only": _signing,
    "code-signing-missing": _signed,
    "concurrency-unreserved-on-public-function": _concurrency,
    "dns-egress-unfiltered": names_in_template,
    "durable-state-without-customer-key": _key("DurableConfig.KMSKeyArn"),
    "environment-without-customer-key": _key("KmsKeyArn"),
    "event-source-credentials-in-clear": credential,
    "event-source-failure-destination-missing": records,
    "failure-destination-missing": failure,
    "image-tag-not-digest": _image,
    "log-group-missing": _log_group,
    "log-group-without-customer-key": _key("KmsKeyId"),
    "log-retention-missing": _retention,
    "recursion-allowed": _recursion,
    "role-shared": split_role,
    "runtime-deprecated": _runtime,
    "runtime-os-old": _runtime,
    "runtime-security-extension-missing": _extension,
    "runtime-soon-deprecated": _runtime,
    "runtime-update-not-pinned": _pinned,
    "timeout-maximum-on-public-function": _timeout,
    "secret-in-environment": moved,
    "tracing-off": _tracing,
    **ACCESS,
    **NETWORK,
    **RESOURCES,
    **STATEMENTS,
}
"""By check."""

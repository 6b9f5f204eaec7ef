"""Code-signing configurations: attached to functions, and made where none trusts the profile that signs the code."""

import base64
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from msgspec.structs import replace

from buckler.fixes._estates import all_of, on_function
from buckler.fixes._fix import Case, Mend
from buckler.fixes._settings import setting
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit, Ask, Edit, Held, Lookup, SignEdit
from buckler.model.functions import CodeSigningConfig, Function, RuntimeManagement
from buckler.model.origin import ApiOrigin
from buckler.model.text import shown
from buckler.model.unknown import known

_ID = "code-signing configuration"
Part: TypeAlias = tuple[SignEdit, Callable[[Estate], Estate]]
SIGNED: Final = "the digest of the package, which changes: locks and pipelines that hold it"
"""What is lost by signing."""


def why_not_signed(case: Case[Any], function: Function) -> str:
    """Say why the package of a function cannot be signed with what the user named; "" when it can."""
    profile, bucket = case.wishes.signing_profile, case.wishes.signing_bucket
    if function.code_sha256 is None:
        return "its digest was not told"
    for layer in known(function.layers):
        version = case.analysis.layers.get(layer.arn)
        if not layer.signing_profile_version_arn and (version is None or not version.signing_profile_version_arn):
            return f"the layer `{shown(layer.arn).partition(':layer:')[2]}` is not signed either: publish a signed version of it first"
    if not profile or not bucket:
        return "a profile and a bucket with versions to sign it in were not named: --signing-profile ARN, --signing-bucket NAME"
    _, _, _, region, account, name = profile.split(":", 5)
    if (account, region) != (function.account, function.region):
        return f"the profile that you named is of {account} {region}: name one of {shown(function.account)} {shown(function.region)}"
    current = next((one for one in case.analysis.estate.signing_profiles if _profile(shown(one.version_arn)) == _profile(profile)), None)
    if current is None:
        return ""  # AWS Signer will say so, before anything is changed
    if current.version_arn != profile:
        return f"AWS Signer signs with the current version of a profile, which is `{shown(current.version_arn)}`"
    return "" if current.status == "Active" else f"the profile `{name.split('/')[2]}` is not active"


def _profile(version: str) -> str:
    return version.rpartition("/")[0]


def signed(case: Case[Any], function: Function, under: str = "") -> Part:
    """Sign the package that runs; only where nothing speaks against it (`why_not_signed`). *under*: what enforces on it already."""
    profile = case.wishes.signing_profile
    # Named for what is in it, so that a copy is never another package.
    digest = base64.b64decode(function.code_sha256 or "").hex()
    edit = SignEdit(
        account=shown(function.account),
        region=shown(function.region),
        arn=shown(function.arn),
        code_sha256=function.code_sha256 or "",
        profile=profile,
        bucket=case.wishes.signing_bucket,
        key=f"buckler/{shown(function.name)}/{digest}.zip",
        under=under,
    )
    return edit, lambda estate: on_function(estate, function.arn, lambda one: replace(one, signing_profile_version_arn=profile))


def pin_runtime(function: Function) -> tuple[ApiEdit, Callable[[Estate], Estate]]:
    """Let the runtime change with deployments only."""
    operation = "PutRuntimeManagementConfig"
    edit = setting(
        function,
        "when the runtime is updated",
        read="GetRuntimeManagementConfig",
        pick=("UpdateRuntimeOn",),
        before="Auto",
        after="FunctionUpdate",
        do=(operation, {"UpdateRuntimeOn": "FunctionUpdate"}),
        undo=(operation, {"UpdateRuntimeOn": "Auto"}),
    )
    pinned = RuntimeManagement(update_on="FunctionUpdate")
    return edit, lambda estate: on_function(estate, function.arn, lambda one: replace(one, runtime_management=pinned))


def attached(function: Function, config: CodeSigningConfig, summary: str, first: Part | None = None) -> Iterator[Mend]:
    """Offer to attach a configuration that is there; *first*: what has to be done before."""
    edit = _attach(function, shown(config.arn))
    yield from _alone_and_pinned(function, summary, (edit,), _on(function, config), first)


def made(function: Function, profile: str, first: Part | None = None) -> Iterator[Mend]:
    """Offer to make a configuration that trusts this profile version and enforces, and to attach it: one for all functions of a region."""
    partition, account, region = shown(function.arn).split(":")[1], shown(function.account), shown(function.region)
    # What AWS will call it nobody knows; of one profile there is one, so its version may stand for it.
    arn = f"arn:{partition}:lambda:{region}:{account}:code-signing-config:{profile.rpartition('/')[2]}"
    origin = ApiOrigin(call="lambda:ListCodeSigningConfigs", arn=arn, account=account, region=region)
    config = CodeSigningConfig(
        arn=arn,
        name=arn.rpartition(":")[2],
        account=account,
        region=region,
        origin=origin,
        publishers=(profile,),
        untrusted_artifact_on_deployment="Enforce",
    )
    make = _make(config, profile)
    attach = replace(_attach(function, f"{{{_ID}}}"), lookups=make.lookups)
    summary = "take only code that your profile signed (--signing-profile), by a configuration that is made for it"
    yield from _alone_and_pinned(function, summary, (make, attach), all_of(_with(config), _on(function, config)), first)


def _alone_and_pinned(
    function: Function, summary: str, edits: tuple[Edit, ...], change: Callable[[Estate], Estate], first: Part | None
) -> Iterator[Mend]:
    lost: tuple[str, ...] = ("deployments that are not signed by a profile it trusts, layers included",)
    if first is not None:
        summary = f"sign the package that runs, as it is (--signing-profile, --signing-bucket), then {summary}"
        edits, change, lost = (first[0], *edits), all_of(first[1], change), (*lost, SIGNED)
    # Who decides what runs decides when the runtime changes, too: `runtime-update-not-pinned`.
    if function.runtime_management != RuntimeManagement(update_on="Auto"):
        yield Mend(summary=summary, edits=edits, change=change, lost=lost)
    edit, pinned = pin_runtime(function)
    yield Mend(
        summary=f"{summary}, and change the runtime with deployments only",
        edits=(*edits, edit),
        change=all_of(change, pinned),
        lost=(*lost, "security patches of the runtime while nothing is deployed"),
    )


def _attach(function: Function, config: str) -> ApiEdit:
    return setting(
        function,
        "code-signing configuration",
        read="GetFunctionCodeSigningConfig",
        pick=("CodeSigningConfigArn",),
        before=None,
        after=config,
        do=("PutFunctionCodeSigningConfig", {"CodeSigningConfigArn": config}),
        undo=("DeleteFunctionCodeSigningConfig", {}),
    )


def _on(function: Function, config: CodeSigningConfig) -> Callable[[Estate], Estate]:
    return lambda estate: on_function(estate, function.arn, lambda one: replace(one, code_signing_config=config.arn))


def _with(config: CodeSigningConfig) -> Callable[[Estate], Estate]:
    def change(estate: Estate) -> Estate:
        there = any(one.arn == config.arn for one in estate.code_signing_configs)
        return estate if there else replace(estate, code_signing_configs=(*estate.code_signing_configs, config))

    return change


def _make(config: CodeSigningConfig, profile: str) -> ApiEdit:
    """Make it, known again by its description; it is taken back only while no function has it."""
    mark = f"made by buckler for code signed by {profile}"
    read = Ask(service="lambda", operation="ListCodeSigningConfigs", parameters={})
    which = {"CodeSigningConfigArn": f"{{{_ID}}}"}
    found = ("CodeSigningConfigs", f"Description={mark}")
    wanted = {
        "Description": mark,
        "AllowedPublishers": {"SigningProfileVersionArns": [profile]},
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"},
    }
    return ApiEdit(
        account=shown(config.account),
        region=shown(config.region),
        arn=profile,
        what="code-signing configuration that trusts it",
        read=read,
        # What it is for, so that one that somebody changed since is left.
        pick=(*found, ",".join(wanted)),
        before=None,
        after=wanted,
        do=Ask(service="lambda", operation="CreateCodeSigningConfig", parameters=wanted),
        undo=Ask(service="lambda", operation="DeleteCodeSigningConfig", parameters=which),
        lookups={_ID: Lookup(read=read, pick=(*found, "CodeSigningConfigArn"))},
        held=Held(
            read=Ask(service="lambda", operation="ListFunctionsByCodeSigningConfig", parameters=which),
            pick=("FunctionArns",),
            what="functions",
        ),
    )

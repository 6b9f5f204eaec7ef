"""Code-signing configurations: attached to functions, and made where none trusts the profile that signs the code."""

import base64
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from msgspec.structs import replace

from buckler.fixes._estates import all_of, on_function
from buckler.fixes._fix import Case, Mend
from buckler.fixes._layers import Instead, copied, listed_as, name_of_copy, set_layers, short
from buckler.fixes._settings import setting
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit, Ask, Edit, Held, Lookup, SignEdit, SignLayerEdit
from buckler.model.functions import CodeSigningConfig, Function, LayerVersion, RuntimeManagement
from buckler.model.origin import ApiOrigin
from buckler.model.text import Text, shown
from buckler.model.unknown import known

_ID = "code-signing configuration"
Part: TypeAlias = tuple[tuple[Edit, ...], Callable[[Estate], Estate]]
SIGNED: Final = "the digest of the package, which changes: locks and pipelines that hold it"
"""What is lost by signing."""


def why_not_signed(case: Case[Any], function: Function) -> str:
    """Say why the package of a function, or its layers, cannot be signed with what the user named; "" when they can."""
    profile, bucket = case.wishes.signing_profile, case.wishes.signing_bucket
    if function.signing_profile_version_arn is None and function.code_sha256 is None:
        return "its digest was not told"
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
    return (edit,), lambda estate: on_function(estate, function.arn, lambda one: replace(one, signing_profile_version_arn=profile))


def unsigned_layers(case: Case[Any], function: Function) -> list[Text]:
    """Give the layers of a function that nobody signed."""
    found: list[Text] = []
    for layer in known(function.layers):
        version = case.analysis.layers.get(layer.arn)
        if not layer.signing_profile_version_arn and (version is None or not version.signing_profile_version_arn):
            found.append(layer.arn)
    return found


def _layers_signed(case: Case[Any], function: Function) -> Part | str:
    """Publish signed copies of the layers that nobody signed, and run those; or say why that cannot be done."""
    instead: dict[Text, Instead] = {}
    edits: list[Edit] = []
    changes: list[Callable[[Estate], Estate]] = []
    # Lambda takes no list of layers that names one that is gone.
    gone = [one.arn for one in known(function.layers) if (there := case.analysis.layers.get(one.arn)) and there.exists is False]
    if gone:
        return f"the layer `{short(gone[0])}` does not exist any more, and Lambda takes no list of layers with it: replace it first"
    for arn in unsigned_layers(case, function):
        layer = case.analysis.layers.get(arn)
        if layer is None or layer.code_sha256 is None:
            return f"the layer `{short(arn)}` is not signed either, and these credentials may not fetch it: publish it signed first"
        edit = _sign_layer(case, layer, layer.code_sha256, function)
        edits.append(edit)
        instead[arn] = Instead(f"the signed copy of {shown(arn)}", listed_as(edit.name, edit.mark, "LayerVersionArn"))
        changes.append(copied(layer, function, edit.name, edit.profile))
    return (*edits, set_layers(function, instead)), all_of(*changes)


def all_signed(case: Case[Any], function: Function) -> Part | str | None:
    """Sign what nobody signed of a function, its package and its layers, or say why that cannot be done; None: all of it is signed."""
    parts: list[Part] = []
    is_bare, bare = function.signing_profile_version_arn is None, unsigned_layers(case, function)
    if is_bare or bare:
        why = why_not_signed(case, function)
        if why:
            return why
        parts += [signed(case, function)] if is_bare else []
    if bare:
        layers = _layers_signed(case, function)
        if isinstance(layers, str):
            return layers
        parts.append(layers)
    return (tuple(edit for edits, _ in parts for edit in edits), all_of(*(change for _, change in parts))) if parts else None


def _sign_layer(case: Case[Any], layer: LayerVersion, code_sha256: str, function: Function) -> SignLayerEdit:
    return SignLayerEdit(
        account=shown(function.account),
        region=shown(function.region),
        arn=shown(layer.arn),
        code_sha256=code_sha256,
        profile=case.wishes.signing_profile,
        bucket=case.wishes.signing_bucket,
        key=f"buckler/layers/{shown(layer.name)}/{base64.b64decode(code_sha256).hex()}.zip",
        name=name_of_copy(layer, "signed"),
        runtimes=layer.compatible_runtimes,
    )


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
        summary = f"sign {said_of(first[0])} (--signing-profile, --signing-bucket), then {summary}"
        edits, change, lost = (*first[0], *edits), all_of(first[1], change), (*lost, *lost_by(first[0]))
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


def said_of(edits: tuple[Edit, ...]) -> str:
    """Say what is signed."""
    layers = any(isinstance(one, SignLayerEdit) for one in edits)
    package = any(isinstance(one, SignEdit) for one in edits)
    return (
        "the package that runs, and its layers, as they are"
        if layers and package
        else "its layers, as they are"
        if layers
        else "the package that runs, as it is"
    )


def lost_by(edits: tuple[Edit, ...]) -> tuple[str, ...]:
    """Say what is lost by signing."""
    layers = [one for one in edits if isinstance(one, SignLayerEdit)]
    package = (SIGNED,) if any(isinstance(one, SignEdit) for one in edits) else ()
    return (*package, "new versions of its layers: sign them before the function gets them") if layers else package


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

"""Code-signing configurations: attached to functions, and made where none trusts the profile that signs the code."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from buckler.fixes._estates import all_of, on_function
from buckler.fixes._fix import Mend
from buckler.fixes._settings import setting
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit, Ask, Held, Lookup
from buckler.model.functions import CodeSigningConfig, Function, RuntimeManagement
from buckler.model.origin import ApiOrigin
from buckler.model.text import shown

_ID = "code-signing configuration"


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


def attached(function: Function, config: CodeSigningConfig, summary: str) -> Iterator[Mend]:
    """Offer to attach a configuration that is there."""
    edit = _attach(function, shown(config.arn))
    yield from _alone_and_pinned(function, summary, (edit,), _on(function, config))


def made(function: Function, profile: str) -> Iterator[Mend]:
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
    yield from _alone_and_pinned(function, summary, (make, attach), all_of(_with(config), _on(function, config)))


def _alone_and_pinned(function: Function, summary: str, edits: tuple[ApiEdit, ...], change: Callable[[Estate], Estate]) -> Iterator[Mend]:
    lost = ("deployments that are not signed by a profile it trusts, layers included",)
    yield Mend(summary=summary, edits=edits, change=change, lost=lost)
    # Who decides what runs decides when the runtime changes, too: `runtime-update-not-pinned`.
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

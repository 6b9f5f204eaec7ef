"""From an estate to what a lock pins of it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal

from buckler import __version__
from buckler.app.naming import files_of, steady_names
from buckler.data.layer_accounts import publisher
from buckler.model.estate import Scope
from buckler.model.functions import Alias, CodeObject, EnvVar, Function, ImageRef, LayerVersion
from buckler.model.lock import (
    AliasPin,
    ArtifactPin,
    CodeSigningPin,
    ExceptionPin,
    FunctionPin,
    ImagePin,
    LayerPin,
    Lock,
    ObjectPin,
    PublisherPin,
    ScopePin,
    Unread,
    VariablePin,
    unread,
)
from buckler.model.origin import FileOrigin
from buckler.model.policy import Policy, Statement
from buckler.model.secret import Redacted
from buckler.model.text import Partial, Text, shown
from buckler.model.unknown import Undecided, Unknown, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.reach.layers import owner_of, version_of
from buckler.reach.signing import config_of

_CHANGE_WHAT_RUNS = re.compile(
    r"AWS_LAMBDA_EXEC_WRAPPER|BASH_ENV|CLASSPATH|CORECLR_\w+|DOTNET_(?:STARTUP_HOOKS|ADDITIONAL_DEPS)|(?:_JAVA|JDK_JAVA)_OPTIONS"
    r"|JAVA_TOOL_OPTIONS|LD_\w+|NODE_(?:OPTIONS|PATH)|PATH|PERL5(?:LIB|OPT)|PYTHON(?:HOME|PATH|STARTUP)|RUBY(?:LIB|OPT)|GEM_(?:HOME|PATH)"
)
_OF_A_FILE = Unknown(kind=UnknownKind.OUTSIDE, why="a file does not tell what is in the package", need="the package, or the live account")
_OF_AWS = Unknown(kind=UnknownKind.OUTSIDE, why="AWS decides on the version of the runtime at deployment", need="the live account")
_UNTOLD = Unknown(kind=UnknownKind.FAILED, why="AWS did not tell it", need="lambda:ListFunctions")
_STACK_TAG = "aws:cloudformation:logical-id"


def lock_of(
    about: Sequence[Analysis], artifacts: Iterable[ArtifactPin] = (), *, today: date, exceptions: Iterable[ExceptionPin] = ()
) -> Lock:
    """Pin what runs in estates, and artifacts. What could not be read is pinned as that."""
    names = steady_names(files_of(analysis.estate for analysis in about))
    functions: dict[tuple[str, str], FunctionPin] = {}
    layers: dict[str, LayerPin] = {}
    publishers: dict[str, PublisherPin] = {}
    scopes: dict[tuple[str, str], ScopePin] = {}
    for analysis in about:
        for scope in analysis.estate.scopes:
            if scope.kind == "artifact":
                continue
            pin = _scope(scope, scope.kind, analysis, names)
            scopes[pin.kind, pin.name] = pin
        for function in analysis.estate.functions:
            made = _function(function, analysis, names)
            functions[made.file, made.id] = made
            _layers(function, analysis, layers, publishers, today)
    return Lock(
        version=__version__,
        scopes=tuple(scopes[key] for key in sorted(scopes)),
        functions=tuple(functions[key] for key in sorted(functions)),
        layers=tuple(layers[key] for key in sorted(layers)),
        publishers=tuple(publishers[key] for key in sorted(publishers)),
        artifacts=tuple(sorted(artifacts, key=lambda one: (one.path, one.tree_hash))),
        exceptions=tuple(sorted(exceptions, key=lambda one: (one.id, one.reason))),
    )


def _scope(scope: Scope, kind: Literal["live", "template", "plan", "saved"], analysis: Analysis, names: Mapping[str, str]) -> ScopePin:
    name = names.get(scope.origin.file, scope.name) if isinstance(scope.origin, FileOrigin) else scope.name
    return ScopePin(kind=kind, name=name, functions_unread=_unread_functions(scope, analysis))


def _unread_functions(scope: Scope, analysis: Analysis) -> Unread | None:
    try:
        analysis.require("functions", scope.account, scope.region)
    except Undecided as stop:
        return unread(stop.unknown)
    return None


# --- functions -----------------------------------------------------------------------------------------------------------


def _function(function: Function, analysis: Analysis, names: Mapping[str, str]) -> FunctionPin:
    in_file = isinstance(function.origin, FileOrigin)
    untold = unread(_OF_A_FILE if in_file else _UNTOLD)
    is_image = function.package_type == "Image"
    signing, signing_unread = _signing(function, analysis)
    return FunctionPin(
        id=function.address or shown(function.arn),
        file=names.get(function.origin.file, function.origin.file) if isinstance(function.origin, FileOrigin) else "",
        name=shown(function.name),
        logical_id=function.address or _tagged(function),
        aliases=_aliases(function),
        package_type=_pin(function.package_type),
        code_sha256=untold if function.code_sha256 is None else function.code_sha256,
        code_size=untold if function.code_size is None else function.code_size,
        code_object=_object(function.code_object),
        image=_image(function.image) if is_image or function.image is not None else None,
        runtime=_pin_or_none(function.runtime),
        runtime_version=None if is_image else _runtime_version(function),
        runtime_update=None if is_image else _update(function),
        architectures=tuple(map(shown, function.architectures)),
        handler=_pin_or_none(function.handler),
        role=_pin(function.role),
        layers=unread(function.layers) if isinstance(function.layers, Unknown) else tuple(shown(layer.arn) for layer in function.layers),
        code_signing=signing,
        code_signing_unread=signing_unread,
        signing_profile_version=function.signing_profile_version_arn,
        variables=_variables(function.environment),
    )


def _pin(value: Text | Unknown) -> str | Unread:
    return unread(value) if isinstance(value, Unknown) else shown(value)


def _pin_or_none(value: Text | Unknown | None) -> str | Unread | None:
    return None if value is None else _pin(value)


def _tagged(function: Function) -> str:
    """Give the logical id CloudFormation wrote on what it made."""
    tags = () if isinstance(function.tags, Unknown) else function.tags
    return next((shown(tag.value) for tag in tags if tag.key == _STACK_TAG), "")


def _aliases(function: Function) -> tuple[AliasPin, ...] | Unread:
    if isinstance(function.aliases, Unknown):
        return unread(function.aliases)
    return tuple(_alias(alias, function) for alias in sorted(function.aliases, key=lambda one: shown(one.name)))


def _alias(alias: Alias, function: Function) -> AliasPin:
    code: str | Unread
    if isinstance(function.versions, Unknown):
        code = unread(function.versions)
    else:
        found = next((version for version in function.versions if version.version == alias.version), None)
        in_file = isinstance(alias.origin, FileOrigin)
        code = found.code_sha256 if found is not None and found.code_sha256 is not None else unread(_OF_A_FILE if in_file else _UNTOLD)
    return AliasPin(name=shown(alias.name), version=shown(alias.version), routing=tuple(map(shown, alias.routing)), code_sha256=code)


def _object(value: CodeObject | Unknown | None) -> ObjectPin | None:
    if value is None or isinstance(value, Unknown):
        return None
    return ObjectPin(bucket=shown(value.bucket), key=shown(value.key), version=None if value.version is None else shown(value.version))


def _image(image: ImageRef | Unknown | None) -> ImagePin:
    if image is None:
        image = Unknown(kind=UnknownKind.UNRESOLVED, why="the image is not told", need="the packaged template")
    if isinstance(image, Unknown):
        return ImagePin(uri=unread(image), digest=unread(image))
    digest = _digest(image.uri)
    if digest is None and image.resolved_uri is not None and not isinstance(image.resolved_uri, Unknown):
        digest = _digest(image.resolved_uri)
    if digest is not None:
        return ImagePin(uri=shown(image.uri), digest=digest)
    if isinstance(image.resolved_uri, Unknown):
        return ImagePin(uri=shown(image.uri), digest=unread(image.resolved_uri))
    if isinstance(image.origin, FileOrigin):
        why = Unknown(kind=UnknownKind.UNRESOLVED, why="the image is named by a tag", need="the image by its digest, `@sha256:...`")
    else:
        why = Unknown(kind=UnknownKind.FAILED, why="AWS does not tell which digest the tag was resolved to", need="lambda:GetFunction")
    return ImagePin(uri=shown(image.uri), digest=unread(why))


def _digest(uri: Text) -> str | None:
    """Give the digest an image URI names, where it does."""
    text = shown(uri)
    found = re.search(r"@(sha256:[0-9a-f]{64})\Z", text)
    return found[1] if found else None


def _runtime_version(function: Function) -> str | Unread | None:
    told, management = function.runtime_version_arn, function.runtime_management
    if isinstance(told, Unknown) and not isinstance(management, Unknown) and management.runtime_version_arn is not None:
        return shown(management.runtime_version_arn)  # pinned by `Manual`
    if isinstance(told, Unknown) and isinstance(function.origin, FileOrigin):
        return unread(_OF_AWS)
    return _pin_or_none(told)


def _update(function: Function) -> str | Unread:
    if isinstance(function.runtime_management, Unknown):
        return unread(function.runtime_management)
    return shown(function.runtime_management.update_on)


def _signing(function: Function, analysis: Analysis) -> tuple[CodeSigningPin | None, Unread | None]:
    arn = function.code_signing_config
    if arn is None:
        return None, None
    if isinstance(arn, Unknown):
        return None, unread(arn)
    try:
        config = config_of(function, analysis)
    except Undecided as stop:
        return CodeSigningPin(config=shown(arn), policy=unread(stop.unknown), publishers=unread(stop.unknown)), None
    if config is None:
        return None, None
    publishers = config.publishers
    return CodeSigningPin(
        config=shown(arn),
        policy=_pin(config.untrusted_artifact_on_deployment),
        publishers=unread(publishers) if isinstance(publishers, Unknown) else tuple(sorted(map(shown, publishers))),
    ), None


def _variables(environment: tuple[EnvVar, ...] | Unknown) -> tuple[VariablePin, ...] | Unread:
    if isinstance(environment, Unknown):
        return unread(environment)
    return tuple(
        VariablePin(name=shown(one.name), value=_value(one))
        for one in sorted(environment, key=lambda each: shown(each.name))
        # A name with a hole may be any of them.
        if isinstance(one.name, Partial) or _CHANGE_WHAT_RUNS.fullmatch(one.name)
    )


def _value(variable: EnvVar) -> str | Unread:
    if isinstance(variable.value, Redacted):
        why = "its value is not known to be harmless, so it is not kept"
        return Unread(not_read=why, need="a value that says what it is", kind=_OUTSIDE)
    return _pin(variable.value)


_OUTSIDE: Literal["outside"] = "outside"


# --- layers --------------------------------------------------------------------------------------------------------------


def _layers(function: Function, analysis: Analysis, layers: dict[str, LayerPin], publishers: dict[str, PublisherPin], today: date) -> None:
    if isinstance(function.layers, Unknown):
        return
    for layer in function.layers:
        arn = shown(layer.arn)
        if arn not in layers:
            try:
                pin = _layer(version_of(layer, function, analysis))
            except Undecided as stop:
                gap = unread(stop.unknown)
                pin = LayerPin(arn=arn, code_sha256=gap, code_size=gap, created=None, signing_profile_version=None, allowed=gap)
            layers[arn] = pin
        try:
            account = owner_of(layer.arn)
        except Undecided:
            continue  # the whole ARN is a hole: the pin of the layer says so
        name = shown(account)
        if name and name not in publishers:
            publishers[name] = PublisherPin(account=name, name=publisher_name(account, analysis), first_seen=today.isoformat())


def publisher_name(account: Text, analysis: Analysis) -> str:
    """Say who an account is: its own, or a known publisher; empty when nobody knows."""
    # `${AWS::AccountId}`: whoever deploys it decides. Only an account that is spelt out is somebody else's for sure.
    if account in analysis.own_accounts or (not isinstance(account, str) and analysis.is_own_account(account) is not False):
        return "own"
    known = publisher(account) if isinstance(account, str) else None
    return known.name if known is not None else ""


def _layer(layer: LayerVersion) -> LayerPin:
    if isinstance(layer.exists, Unknown):
        gap = unread(layer.exists)
        return LayerPin(
            arn=shown(layer.arn), code_sha256=gap, code_size=gap, created=None, signing_profile_version=None, allowed=allowed(layer.policy)
        )
    in_file = isinstance(layer.origin, FileOrigin)
    untold = None if not layer.exists else unread(_OF_A_FILE if in_file else _UNTOLD)
    return LayerPin(
        arn=shown(layer.arn),
        code_sha256=untold if layer.code_sha256 is None else layer.code_sha256,
        code_size=untold if layer.code_size is None else layer.code_size,
        created=layer.created,
        signing_profile_version=layer.signing_profile_version_arn,
        allowed=allowed(layer.policy),
    )


def allowed(policy: Policy | Unknown | None) -> tuple[str, ...] | Unread:
    """Say in words who may get a layer version: `*`, `123456789012`, `* in o-example`, with `(limited)` for other conditions."""
    if policy is None:
        return ()
    if isinstance(policy, Unknown):
        return unread(policy)
    if policy.unresolved:
        return unread(policy.unresolved[0])
    return tuple(sorted({words for statement in policy.statements if statement.effect == "Allow" for words in _who(statement)}))


def _who(statement: Statement) -> Iterable[str]:
    organizations = [shown(value) for one in statement.conditions if one.key.lower() == "aws:principalorgid" for value in one.values]
    others = any(one.key.lower() != "aws:principalorgid" for one in statement.conditions)
    tail = (f" in {' '.join(sorted(organizations))}" if organizations else "") + (" (limited)" if others else "")
    for principal in statement.principals or ():
        value = shown(principal.value)
        account = re.fullmatch(r"arn:[\w-]+:iam::([^:]+):root", value)
        yield (account[1] if account else value) + tail
    if statement.not_principals is not None:
        yield f"* but {' '.join(sorted(shown(one.value) for one in statement.not_principals))}{tail}"

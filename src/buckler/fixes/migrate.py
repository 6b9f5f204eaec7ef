"""Plan how secrets leave the environment of a function, and prove it: the role may read each, and nothing new is wrong."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from msgspec.structs import replace

from buckler.fixes._estates import on_each, on_function
from buckler.fixes._fix import Advice, Mend
from buckler.fixes.moving import LAYER, WRAPPER, grant, guard, resolver_digest
from buckler.fixes.prove import Judge, appeared
from buckler.model.code import CodePatch, Place
from buckler.model.estate import Estate
from buckler.model.finding import Subject
from buckler.model.fix import Fix, MoveEdit, Proof, SecretStore
from buckler.model.functions import EnvVar, Function, LayerRef, LayerVersion
from buckler.model.iam import Role
from buckler.model.origin import FileOrigin
from buckler.model.policy import parse_policy
from buckler.model.secret import Redacted
from buckler.model.severity import Severity
from buckler.model.stores import Parameter, Secret
from buckler.model.subject import subject_of
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown, known
from buckler.model.value import Value
from buckler.reach.analysis import Analysis
from buckler.reach.signing import config_of
from buckler.reach.why import why

CHECK: Final = "secret-in-environment"
_LANGUAGES: Final = ("python", "nodejs")
_MOST_LAYERS: Final = 5
_NAMED: Final = 5
"""So many places are named in a line."""
_NAME: Final = re.compile(r"[A-Za-z0-9/_+=.@-]{1,400}")


Mark: TypeAlias = Callable[[str, Subject, str, str], str]
"""Gives the fingerprint of a finding: `checks.fingerprint`, which is a room above."""


class Destination(Value):
    """Where secrets go."""

    store: SecretStore
    key: str = ""
    """ARN of a customer-managed key; empty: the service's own."""
    prefix: str = ""
    """Of names; empty: the function's name."""
    layer: str = ""
    """ARN of a layer version that holds the resolver; empty: buckler publishes its own."""
    patch: CodePatch | None = None
    """Of the function's source, by which the code asks for the secrets itself; None: the layer puts them in their place."""


@dataclass(frozen=True, slots=True)
class _Move:
    """A move with the same change of the estate."""

    edit: MoveEdit
    change: Callable[[Estate], Estate]


def plan_moves(
    analysis: Analysis,
    function: Function,
    variables: Sequence[str],
    destination: Destination,
    judge: Judge,
    mark: Mark,
    copies: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Fix, ...]:
    """Plan a move for each variable of a function. What cannot be moved, or not be proved, is advice that says why.

    *copies*: by variable, in words, where the value stands too; None: nobody looked.
    """
    environment = function.environment
    there = {} if isinstance(environment, Unknown) else {shown(one.name): one for one in environment}
    offered = {name: _offer(analysis, function, there.get(name), name, destination) for name in variables}
    moves = {name: one for name, one in offered.items() if isinstance(one, _Move)}
    why_not = _trouble(analysis, moves, judge) if moves else {}
    return tuple(
        _with_copies(
            _fix(analysis, function, name, destination, mark, one if name not in why_not else Advice(_SUMMARY, why_not[name])),
            None if copies is None else copies.get(name, ()),
        )
        for name, one in offered.items()
    )


_SUMMARY: Final = "move it to where secrets belong"


def offer(analysis: Analysis, function: Function, variables: Sequence[str], destination: Destination) -> Mend | Advice:
    """Give the move of some variables as a remedy: it is proved like any other, and here that the role may read each."""
    environment = function.environment
    there = {} if isinstance(environment, Unknown) else {shown(one.name): one for one in environment}
    moves: list[_Move] = []
    for name in variables:
        found = _offer(analysis, function, there.get(name), name, destination)
        if isinstance(found, Advice):
            return found
        moves.append(found)

    def change(estate: Estate) -> Estate:
        for one in moves:
            estate = one.change(estate)
        return estate

    after = Analysis(change(analysis.estate), today=analysis.today)
    denied = "; ".join(said for one in moves for said in _denied(after, one.edit))
    if denied:
        return Advice(_SUMMARY, denied)
    named = ", ".join(f"`{one.edit.variable}`" for one in moves)
    return Mend(summary=f"move {named} to {_WHERE[destination.store]}", edits=tuple(one.edit for one in moves), change=change, lost=_LOST)


_WHERE: Final = {"secretsmanager": "Secrets Manager", "ssm": "Parameter Store"}


def _offer(analysis: Analysis, function: Function, variable: EnvVar | None, name: str, destination: Destination) -> _Move | Advice:
    try:
        return _move(analysis, function, variable, name, destination)
    except Undecided as stop:
        return Advice(_SUMMARY, f"what it needs to know could not be read: {stop.unknown.why}")
    except _NoWayError as stop:
        return Advice(_SUMMARY, str(stop))


class _NoWayError(Exception):
    """It cannot be moved; carries why."""


def _move(analysis: Analysis, function: Function, variable: EnvVar | None, name: str, destination: Destination) -> _Move:
    if isinstance(function.origin, FileOrigin):
        raise _NoWayError(f"it is written in `{function.origin.file}`, which is yours to edit")
    known(function.environment)
    if variable is None:
        raise _NoWayError(f"`{shown(function.name)}` has no variable `{name}`")
    if not isinstance(variable.value, Redacted) and shown(known(variable.value)).startswith("buckler:"):
        raise _NoWayError("it is a reference already")
    if destination.patch is not None:
        _insist_on_code(destination.patch, name)
    else:
        _insist_on_layer(analysis, function, destination)
    role = analysis.role_of(function)
    if role.account != function.account:
        raise _NoWayError("its role is in another account")
    edit = _edit(function, role, name, destination)
    taken = {shown(one.name) for one in (*analysis.estate.secrets, *analysis.estate.parameters) if one.account == function.account}
    if edit.name in taken:
        raise _NoWayError(f"there is a `{edit.name}` already: choose other names with --prefix")
    if not _NAME.fullmatch(edit.name):
        raise _NoWayError(f"`{edit.name}` is no name that {destination.store} takes: choose another --prefix")
    return _Move(edit, lambda estate: _changed(estate, edit, function, role))


def _insist_on_code(patch: CodePatch, name: str) -> None:
    """Refuse a variable that the patched code would not resolve wherever it reads it."""
    if patch.refusal:
        raise _NoWayError(patch.refusal)
    found = patch.of(name)
    if found.broken:
        raise _NoWayError(f"the code would get the reference: {_listed(found.broken)}")
    if not found.reads:
        perhaps = f"; look at {_listed(found.perhaps)}" if found.perhaps else ""
        raise _NoWayError(f"nothing in `{patch.folder}` reads it in a way that buckler sees: leave it to the layer{perhaps}")


def _listed(places: Sequence[Place]) -> str:
    rest = len(places) - _NAMED
    return "; ".join([*map(str, places[:_NAMED]), *([f"{rest} more"] if rest > 0 else [])])


def runtime_of(function: Function) -> str:
    """Give the runtime of a function; empty for images, and where nobody knows."""
    return shown(function.runtime) if function.runtime is not None and not isinstance(function.runtime, Unknown) else ""


def _insist_on_layer(analysis: Analysis, function: Function, destination: Destination) -> None:
    """Refuse a function that cannot have the resolver."""
    runtime = runtime_of(function)
    if not runtime.startswith(_LANGUAGES):
        raise _NoWayError(f"references are resolved for Python and Node.js, not for {runtime or 'images'}: read the secret in the code")
    layers = known(function.layers)
    if len(layers) >= _MOST_LAYERS and not any(_is_resolver(shown(one.arn), destination) for one in layers):
        raise _NoWayError(f"it has {_MOST_LAYERS} layers, which is all Lambda takes, and the resolver is one more")
    config = config_of(function, analysis)
    if config is not None and known(config.untrusted_artifact_on_deployment) == "Enforce" and not destination.layer:
        raise _NoWayError(
            "its code-signing configuration refuses layers that are not signed: publish and sign the resolver, and name it with --layer"
        )


def _is_resolver(layer: str, destination: Destination) -> bool:
    return layer == destination.layer or layer.rpartition(":")[0].endswith(f":layer:{LAYER}")


def _edit(function: Function, role: Role, variable: str, destination: Destination) -> MoveEdit:
    arn = shown(function.arn)
    partition, account, region = arn.split(":")[1], shown(function.account), shown(function.region)
    prefix = destination.prefix.strip("/") or shown(function.name)
    is_ssm = destination.store == "ssm"
    name = f"{'/' if is_ssm else ''}{prefix}/{variable}"
    secret_arn = (
        f"arn:{partition}:ssm:{region}:{account}:parameter{name}"
        if is_ssm
        else f"arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-??????"
    )
    policy = f"buckler-{hashlib.sha256(f'{arn} {variable}'.encode()).hexdigest()[:12]}"
    return MoveEdit(
        account=account,
        region=region,
        arn=arn,
        variable=variable,
        store=destination.store,
        name=name,
        secret_arn=secret_arn,
        key=destination.key,
        role=shown(role.name),
        role_arn=shown(role.arn),
        policy=policy,
        layer=destination.layer,
        in_code=destination.patch is not None,
        # Where nothing has to be patched, what runs may be what the folder holds.
        code_sha256=(function.code_sha256 or "") if destination.patch is not None and destination.patch.diff else "",
    )


# --- the same change of the estate ---------------------------------------------------------------------------------------


def _changed(estate: Estate, edit: MoveEdit, function: Function, role: Role) -> Estate:
    if any(one.arn == edit.secret_arn for one in (*estate.secrets, *estate.parameters)):
        return estate  # another remedy moves the same variable
    origin = function.origin
    layer = edit.layer or f"{edit.arn.rpartition(':function:')[0]}:layer:{LAYER}:1"
    estate = on_function(estate, function.arn, lambda one: _referring(one, edit, layer))
    if not edit.in_code and not edit.layer and all(one.arn != layer for one in estate.layers):
        version = LayerVersion(
            arn=layer,
            name=LAYER,
            account=function.account,
            region=function.region,
            origin=origin,
            version=1,
            policy=None,
            exists=True,
            code_sha256=resolver_digest(),
        )
        estate = replace(estate, layers=(*estate.layers, version))
    own = next(one for one in estate.roles if one.arn == role.arn)
    if not isinstance(own.inline, Unknown):
        granted = parse_policy(grant(edit, edit.secret_arn), role.origin, name=edit.policy)
        estate = on_each(estate, "roles", role.arn, inline=(*own.inline, granted))
    made = {"arn": edit.secret_arn, "name": edit.name, "account": function.account, "region": function.region, "origin": origin}
    if edit.store == "ssm":
        parameter = Parameter(**made, type="SecureString", kms_key=edit.key or None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        return replace(estate, parameters=(*estate.parameters, parameter))
    secret = Secret(**made, policy=parse_policy(guard(edit), origin), kms_key=edit.key or None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    return replace(estate, secrets=(*estate.secrets, secret))


def _referring(function: Function, edit: MoveEdit, layer: str) -> Function:
    environment = known(function.environment)
    reference = f"buckler:{edit.store}:{edit.secret_arn}"
    variables = [replace(one, value=reference) if one.name == edit.variable else one for one in environment]
    if edit.in_code:
        return replace(function, environment=tuple(variables))
    names = {one.name for one in variables}
    before = next((one for one in variables if one.name == "AWS_LAMBDA_EXEC_WRAPPER" and one.value != WRAPPER), None)
    if before is not None:
        variables.append(replace(before, name="BUCKLER_EXEC_WRAPPER"))
        variables[variables.index(before)] = replace(before, value=WRAPPER)
    elif "AWS_LAMBDA_EXEC_WRAPPER" not in names:
        variables.append(EnvVar(name="AWS_LAMBDA_EXEC_WRAPPER", value=WRAPPER, origin=function.origin))
    layers = known(function.layers)
    if all(one.arn != layer for one in layers):
        layers = (*layers, LayerRef(arn=layer, origin=function.origin))
    return replace(function, environment=tuple(variables), layers=layers)


# --- the proof -----------------------------------------------------------------------------------------------------------


def _trouble(analysis: Analysis, moves: dict[str, _Move], judge: Judge) -> dict[str, str]:
    """Say what is wrong with moves, by variable: all of them made at once, and each role asked whether it may read what it must."""
    changed = analysis.estate
    for move in moves.values():
        changed = move.change(changed)
    after = Analysis(changed, today=analysis.today)
    found: dict[str, str] = {}
    for name, move in moves.items():
        denied = "; ".join(_denied(after, move.edit))
        if denied:
            found[name] = denied
    new = appeared(judge(analysis.estate, ()), judge(changed, ()))
    if new:
        said = f"this would appear: {'; '.join(one.text for one in new[:3])}"
        found = {name: f"{found[name]}; {said}" if name in found else said for name in moves}
    return found


def _denied(after: Analysis, edit: MoveEdit) -> Iterator[str]:
    """Name what the role would not be allowed to do, by the engine that replays what AWS decides."""
    action = "secretsmanager:GetSecretValue" if edit.store == "secretsmanager" else "ssm:GetParameter"
    # Of all the ARNs that the secret may get, one stands for all: nobody else's policies name the six characters.
    answer = why(after, edit.role_arn, action, edit.secret_arn.replace("-??????", "-AbCdEf"), {})
    if answer.verdict != "allowed":
        yield f"the role would still not be allowed {action} ({answer.verdict}: {answer.layer})"
    if edit.key and any(one.arn == edit.key for one in after.estate.keys):
        via: dict[str, tuple[str, ...]] = {"kms:ViaService": (f"{edit.store}.{edit.region}.amazonaws.com",)}
        answer = why(after, edit.role_arn, "kms:Decrypt", edit.key, via)
        if answer.verdict != "allowed":
            yield f"the role would not be allowed kms:Decrypt on the key ({answer.verdict}: {answer.layer})"


# --- the answer ----------------------------------------------------------------------------------------------------------


def _fix(analysis: Analysis, function: Function, name: str, destination: Destination, mark: Mark, offered: _Move | Advice) -> Fix:
    about = subject_of(function)
    known_as = mark(CHECK, about, about.place, name)
    move = offered if isinstance(offered, _Move) else None
    return Fix(
        id=hashlib.sha256(f"{known_as} move".encode()).hexdigest()[:12],
        check=CHECK,
        severity=Severity.HIGH,
        subject=about.arn or about.id,
        name=about.name,
        fingerprint=known_as,
        message=f"the variable `{name}` holds a secret",
        summary=f"move it to {_WHERE[move.edit.store]} as `{move.edit.name}`" if move is not None else _SUMMARY,
        edits=() if move is None else (move.edit,),
        lost=() if move is None else _LOST_IN_CODE if move.edit.in_code else _LOST,
        notes=() if move is None else (*_notes_on_code(destination.patch, name), *_notes(analysis, function, name, move.edit)),
        proof=Proof(verdict="proved")
        if move is not None
        else Proof(verdict="advice", why=offered.why if isinstance(offered, Advice) else ""),
    )


_LOST: Final = (
    "whoever reads the configuration sees the reference, not the value",
    "each start of the function asks for the value, and fails when it cannot have it",
)
_LOST_IN_CODE: Final = (
    "whoever reads the configuration sees the reference, not the value",
    "the code asks for the value when it first needs it, and fails when it cannot have it",
    "processes that the code starts inherit the reference, and so do libraries that read the variable themselves",
)


def _notes_on_code(patch: CodePatch | None, name: str) -> Iterator[str]:
    """Say what to do with the code, and where nobody can tell whether it reads the variable."""
    if patch is None:
        return
    if patch.diff:
        yield "deploy the patched code first: it works with the value and with the reference, and today's code takes the one for the other"
    else:
        yield f"nothing in `{patch.folder}` has to change: be sure that it is what is deployed"
    for place in patch.of(name).perhaps:
        yield f"look at it yourself: {place}"


def _notes(analysis: Analysis, function: Function, name: str, edit: MoveEdit) -> Iterator[str]:
    """Say where copies are left, and what only people can do."""
    keep = versions_with(function, name)
    if keep:
        aliases = () if isinstance(function.aliases, Unknown) else function.aliases
        served = sorted({shown(one.name) for one in aliases for version in (one.version, *one.routing) if shown(version) in keep})
        behind = f" (behind {', '.join(f'`{one}`' for one in served)})" if served else ""
        listed = f"versions {', '.join(keep)}{behind} keep" if len(keep) > 1 else f"version {''.join(keep)}{behind} keeps"
        yield f"published {listed} the value for ever: publish anew, move aliases, then delete what holds it"
    if isinstance(function.versions, Unknown):
        yield f"whether published versions keep the value is not known: {function.versions.why}"
    others = [shown(one.name) for one in analysis.functions_of_role.get(edit.role_arn, ()) if one.arn != function.arn]
    if others:
        yield f"the role is shared: {', '.join(f'`{one}`' for one in others[:5])} may read it too"
    if edit.store == "ssm":
        yield "a parameter has no policy of its own: whoever may ssm:GetParameter on it reads it"
    if edit.key and all(one.arn != edit.key for one in analysis.estate.keys):
        yield f"whether the key lets the role decrypt could not be proved: `{edit.key}` was not read"


def _with_copies(fix: Fix, copies: Sequence[str] | None) -> Fix:
    """Add where the value stands too; what is only advice says it as well."""
    rotate = "rotate the value afterwards: it was readable in the configuration"
    told = (*fix.notes, *(copies or ()))
    if fix.proof.verdict == "proved":
        told = (*told, rotate if copies is not None else f"{rotate}, and may stand in templates and logs")
    return replace(fix, notes=told)


def versions_with(function: Function, variable: str) -> tuple[str, ...]:
    """List the published versions whose environment holds a variable as something other than a reference."""
    versions = () if isinstance(function.versions, Unknown) else function.versions
    return tuple(
        shown(version.version)
        for version in versions
        for one in (() if isinstance(version.environment, Unknown) else version.environment)
        if shown(one.name) == variable and isinstance(one.value, Redacted)
    )

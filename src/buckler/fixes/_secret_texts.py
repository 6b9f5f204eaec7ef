"""Secrets of functions, out of the text of a template: a reference in place of each value, and what the function needs to follow it.

The value is known to nobody here, and which secret it becomes is the user's to say: a parameter of the template takes the ARN of each. All
that are planned are moved together, so that what functions share (roles, the block of parameters) is written once.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from buckler.fixes._fix import Advice
from buckler.fixes._named import Names
from buckler.fixes._policies_beside import beside
from buckler.fixes._role_texts import Beside
from buckler.fixes._written import Choice, Properties, Written
from buckler.fixes.moving import WRAPPER
from buckler.model.finding import Finding
from buckler.model.fix import SecretStore
from buckler.model.functions import Function
from buckler.model.iam import Role
from buckler.model.secret import Redacted
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.analysis import Analysis
from buckler.sources.cfn.editing import CannotEditError, Setting

Path = tuple[str, ...]

SUMMARY = "take the value out of the template, and let the function fetch it"
WRAPPED_BY = "AWS_LAMBDA_EXEC_WRAPPER"
LANGUAGES = ("python", "nodejs")
ACTIONS: dict[SecretStore, tuple[str, str]] = {
    "secretsmanager": ("secretsmanager:GetSecretValue", "secret"),
    "ssm": ("ssm:GetParameter", "SecureString parameter"),
}
WHERE_TO = Advice(
    f"{SUMMARY}: --secrets-to secretsmanager --resolver-layer NAME:N",
    "where secrets go, and where you published the resolver (`buckler secrets resolver`), is yours to say",
)
LOST = (
    "deployments that do not give the parameters: make each secret first, and give its ARN",
    "the function, while a secret is not there or does not hold the value: it does not start, and says so",
)


@dataclass(slots=True)
class _Moved:
    """What is written for all of them."""

    parameters: dict[str, Setting] = field(default_factory=dict[str, Setting])
    settings: list[tuple[Path, Setting]] = field(default_factory=list[tuple[Path, Setting]])
    anew: list[tuple[Path, Setting]] = field(default_factory=list[tuple[Path, Setting]])
    appended: list[tuple[Path, Setting]] = field(default_factory=list[tuple[Path, Setting]])
    granted: dict[str, tuple[Role, list[Setting]]] = field(default_factory=dict[str, tuple[Role, list[Setting]]])
    """By address of the role: the secrets that its functions read."""
    variables: list[str] = field(default_factory=list[str])


def moved(case: Written) -> Iterator[Choice]:
    """Move the secrets that are planned to functions that can follow a reference; say why that of the finding is not among them."""
    store, wish = case.wishes.secrets_to, case.wishes.resolver_layer
    if store is None or not wish:
        yield WHERE_TO
        return
    own = f"arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:layer:{wish}"
    layer: Setting = wish if wish.startswith("arn:") else {"Fn::Sub": own}
    made, refused = _Moved(), ""
    for function, name in planned_with(case.finding, case.along, case.analysis):
        is_mine = function.address == case.finding.subject.id and name == case.finding.key
        try:
            _move(case, made, function, name, store, layer)
        except (CannotEditError, Undecided) as bad:
            refused = (bad.unknown.why if isinstance(bad, Undecided) else str(bad)) if is_mine else refused
    if refused or not made.variables:
        yield Advice(SUMMARY, refused or "no value of it is written in the text")
        return
    try:
        policies = tuple(_granting(case, role, secrets, store) for role, secrets in made.granted.values())
    except CannotEditError as bad:
        yield Advice(SUMMARY, str(bad))
        return
    parameters: tuple[tuple[Path, Setting], ...] = tuple((("Parameters", name), value) for name, value in made.parameters.items())
    if not case.editor.has("Parameters"):
        parameters = ((("Parameters",), dict(made.parameters)),)
    named = f"`{made.variables[0]}`" if len(made.variables) == 1 else f"`{made.variables[0]}` and {len(made.variables) - 1} more"
    yield Properties(
        f"take {named} out of the template: parameters name the {ACTIONS[store][1]}s, and the functions fetch them when they start",
        (*parameters, *made.settings, *policies),
        LOST,
        anew=tuple(made.anew),
        appended=tuple(made.appended),
    )


def planned_with(finding: Finding, along: Iterable[Finding], analysis: Analysis) -> Iterator[tuple[Function, str]]:
    """Give the variables with a secret that are planned together with a finding's, each with its function."""
    planned = {(one.subject.id, one.key) for one in along if one.check == finding.check}
    for function in analysis.estate.functions:
        yield from ((function, name) for name in _secrets_of(function) if (function.address, name) in planned)


def _secrets_of(function: Function) -> Iterator[str]:
    """Give the variables that hold a secret as it is written."""
    for one in () if isinstance(function.environment, Unknown) else function.environment:
        if isinstance(one.value, Redacted) and one.value.is_secret:
            yield shown(one.name)


def insist_on_language(function: Function) -> None:
    """Raise `CannotEditError` where the resolver does not run."""
    runtime = shown(function.runtime) if function.runtime is not None and not isinstance(function.runtime, Unknown) else ""
    if not runtime.startswith(LANGUAGES):
        raise CannotEditError(f"references are resolved for Python and Node.js, not for {runtime or 'images'}: read the secret in the code")


def _move(case: Written, made: _Moved, function: Function, name: str, store: SecretStore, layer: Setting) -> None:
    """Note what has to be written for one variable. Raises `CannotEditError` or `Undecided`, having noted nothing."""
    editor, owner = case.editor, ("Resources", function.address)
    insist_on_language(function)
    variables = (*owner, "Properties", "Environment", "Variables")
    if not editor.has(*variables, name):
        raise CannotEditError(f"`{name}` is not written at the function itself")
    wrapper = editor.scalar(*variables, WRAPPED_BY)
    if wrapper != WRAPPER and editor.has(*variables, WRAPPED_BY):
        raise CannotEditError(f"`{WRAPPED_BY}` is in use already")
    parameter = re.sub(r"[^A-Za-z0-9]", "", function.address + name.title()) + ("Secret" if store == "secretsmanager" else "Parameter")
    if editor.has("Parameters", parameter) or parameter in made.parameters:
        raise CannotEditError(f"there is a parameter `{parameter}` already")
    role = case.analysis.role_of(function)
    if not role.address:
        raise CannotEditError("its role is not one of the template")
    made.variables.append(name)
    made.parameters[parameter] = {
        "Type": "String",
        "Description": f"ARN of the {ACTIONS[store][1]} that holds {name} of {function.address}",
        "AllowedPattern": f"arn:[^:]+:{store}:.+",
    }
    made.anew.append(((*variables, name), {"Fn::Sub": f"buckler:{store}:${{{parameter}}}"}))
    if wrapper is None and (*variables, WRAPPED_BY) not in (path for path, _ in made.settings):
        made.settings.append(((*variables, WRAPPED_BY), WRAPPER))
        layers: Path = (*owner, "Properties", "Layers")
        if editor.has(*layers):
            made.appended.append((layers, layer))
        else:
            made.settings.append((layers, [layer]))
    made.granted.setdefault(role.address, (role, []))[1].append({"Ref": parameter})


def _granting(case: Written, role: Role, secrets: list[Setting], store: SecretStore) -> tuple[Path, Setting]:
    """Let a role read these, and nothing else."""
    statement = {"Effect": "Allow", "Action": ACTIONS[store][0], "Resource": secrets[0] if len(secrets) == 1 else secrets}
    return beside(case, Beside(role, "buckler-secrets", (statement,)), Names(case.analysis.estate))

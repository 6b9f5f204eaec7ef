"""Credentials of brokers, out of the text of a template: the ARN of a secret in the place of each."""

import re
from collections.abc import Iterator
from typing import Final

from buckler.fixes._fix import Advice
from buckler.fixes._named import Names
from buckler.fixes._policies_beside import beside
from buckler.fixes._role_texts import Beside, subject_in
from buckler.fixes._written import Choice, Properties, Written
from buckler.model.functions import EventSourceMapping
from buckler.model.origin import FileOrigin
from buckler.model.unknown import Undecided
from buckler.sources.cfn.editing import CannotEditError, Setting

_SUMMARY: Final = "take the credential out of the template: a parameter names the secret that holds it, and the role may read that"
_LOST: Final = (
    "deployments that do not give the parameter: make the secret with `username` and `password` first",
    "the credential as it is: it was readable, so change it at the broker",
)


def credential(case: Written) -> Iterator[Choice]:
    """Name a secret in the place of a credential: Lambda reads it with the function's role when it connects to the broker."""
    mapping = subject_in(case.finding, case.analysis)
    if not isinstance(mapping, EventSourceMapping):
        return
    places = [tuple(one.origin.path.split(".")) for one in case.finding.evidence if isinstance(one.origin, FileOrigin)]
    entry = next((one for one in places if case.editor.has(*one, "URI")), None)
    kind = "".join(word.title() for word in re.split(r"[^A-Za-z0-9]+", case.finding.key))
    parameter = f"{re.sub(r'[^A-Za-z0-9]', '', case.finding.subject.id)}{kind}Secret"
    # With the six characters that Secrets Manager adds: so the ARN is whole, and nothing else's.
    arn = f"arn:${{AWS::Partition}}:secretsmanager:${{AWS::Region}}:${{AWS::AccountId}}:secret:${{{parameter}}}"
    try:
        policy = _granting(case, mapping, parameter, arn)
    except (CannotEditError, Undecided) as bad:
        yield Advice(_SUMMARY, bad.unknown.why if isinstance(bad, Undecided) else str(bad))
        return
    if entry is None or case.editor.has("Parameters", parameter):
        yield Advice(_SUMMARY, "it is not written out in the text" if entry is None else f"there is a parameter `{parameter}` already")
        return
    described: Setting = {
        "Type": "String",
        "Description": f"Name of the secret for {case.finding.key}, with the six characters that Secrets Manager adds",
        "AllowedPattern": ".+-[A-Za-z0-9]{6}",
    }
    made: tuple[tuple[tuple[str, ...], Setting], ...] = ((("Parameters", parameter), described), policy)
    if not case.editor.has("Parameters"):
        made = ((("Parameters",), {parameter: described}), policy)
    yield Properties(_SUMMARY, made, _LOST, anew=(((*entry, "URI"), {"Fn::Sub": arn}),))


def _granting(case: Written, mapping: EventSourceMapping, parameter: str, arn: str) -> tuple[tuple[str, ...], Setting]:
    """Let the function's role read the secret, and nothing else. Raises `CannotEditError` or `Undecided`."""
    function = case.analysis.functions.get(mapping.function)
    role = case.analysis.role_of(function) if function is not None else None
    if role is None or not role.address:
        raise CannotEditError("the role that reads it is not one of the template")
    statement = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arn}
    return beside(case, Beside(role, f"{parameter}-read", (statement,)), Names(case.analysis.estate))

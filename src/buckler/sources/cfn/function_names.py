"""Which function, and which qualifier of it, a reference means: name, partial ARN, ARN, alias or version."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from buckler.model.functions import LATEST
from buckler.model.text import Hole, Partial, Text, same
from buckler.sources.cfn.split import cut, paste

if TYPE_CHECKING:
    from buckler.sources.cfn.template import Template


class Target(NamedTuple):
    """What a function reference means."""

    function: str | None
    """Logical id, when it is a function of this template."""
    arn: Text
    """ARN without qualifier."""
    qualifier: Text
    """`$LATEST`, an alias name or a version."""

    @property
    def invoked(self) -> Text:
        """The ARN that is invoked, with its qualifier when it has one."""
        return self.arn if self.qualifier == LATEST else paste([self.arn, self.qualifier])


def bare_arn(template: Template, reference: Text) -> Text:
    """Give the ARN without qualifier."""
    _, arn, _ = _read(template, reference)
    return arn


class FunctionNames:
    """The functions of one template by everything they can be called."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._by_arn: dict[Text, str] = {}
        self._by_name: dict[Text, str] = {}
        for resource in template.of_type("AWS::Lambda::Function"):
            self._by_arn.setdefault(template.arn(resource.id), resource.id)
            self._by_name.setdefault(template.name(resource.id), resource.id)

    def find(self, reference: Text) -> Target:
        """Say what a reference means.

        An ARN whose region or account the template does not tell is taken for the function of that name: `arn:aws:` written out and
        `${AWS::Partition}` are not equal texts but one function.
        """
        name, arn, qualifier = _read(self._template, reference)
        found = self._by_arn.get(arn)
        if found is None and name is not None:
            candidate = self._by_name.get(name)
            if candidate is not None and _may_be(arn, self._template.arn(candidate)):
                found = candidate
        return Target(found, self._template.arn(found) if found is not None else arn, qualifier)


def _may_be(left: Text, right: Text) -> bool:
    ours, theirs = cut(left), cut(right)
    return len(ours) == len(theirs) and all(same(one, other) is not False for one, other in zip(ours, theirs, strict=True))


def _read(template: Template, reference: Text) -> tuple[Text | None, Text, Text]:
    """Take a reference apart: name, ARN without qualifier, qualifier."""
    parts = cut(reference)
    head = parts[0]
    if head == "arn" and len(parts) >= 7 and parts[2] == "lambda" and parts[5] == "function":
        return parts[6], paste(parts[:7]), parts[7] if len(parts) > 7 and parts[7] != "" else LATEST
    if isinstance(reference, Partial) and isinstance(reference.parts[0], Hole) and len(parts) == 1 and _is_arn_hole(reference):
        return None, reference, LATEST
    if head == "function" and len(parts) >= 2:
        parts = parts[1:]
    elif len(parts) >= 3 and parts[1] == "function":
        # A partial ARN: `123456789012:function:name`.
        account, parts = parts[0], parts[2:]
        arn = paste(["arn", template.partition, "lambda", template.region, account, "function", parts[0]])
        return parts[0], arn, parts[1] if len(parts) > 1 else LATEST
    arn = paste(["arn", template.partition, "lambda", template.region, template.account, "function", parts[0]])
    return parts[0], arn, parts[1] if len(parts) == 2 and parts[1] != "" else LATEST


def _is_arn_hole(reference: Partial) -> bool:
    """Say whether a lone hole stands for a whole ARN, as an import or an output does, rather than for a name."""
    part = reference.parts[0]
    return (
        len(reference.parts) == 1
        and isinstance(part, Hole)
        and (part.ref.lower().endswith("arn") or part.ref.startswith("Fn::ImportValue"))
    )

"""Template parameters: their values by default, by `--parameter`, or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping

from buckler.errors import UsageError
from buckler.model.text import hole
from buckler.sources.cfn.tree import Map, Node, Seq, as_map
from buckler.sources.cfn.values import OpaqueList, Resolved, to_text

PSEUDO = frozenset({
    "AWS::AccountId", "AWS::Region", "AWS::Partition", "AWS::StackName", "AWS::StackId", "AWS::URLSuffix", "AWS::NotificationARNs",
})  # fmt: skip

_PSEUDO_FORMS = {
    "AWS::AccountId": (re.compile(r"\d{12}\Z"), "12 digits"),
    "AWS::Region": (re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d\Z"), "a region code such as eu-west-1"),
    "AWS::Partition": (re.compile(r"aws(?:-[a-z-]+)?\Z"), "aws, aws-cn, aws-us-gov, ..."),
}


class Parameters:
    """The parameters of one template."""

    def __init__(self, section: Node, given: Mapping[str, str], shown: str) -> None:
        self.declared = as_map(section)
        self.given = given
        self.shown = shown
        for name in given:
            self._check(name)

    def __contains__(self, name: str) -> bool:
        return name in self.declared

    def _check(self, name: str) -> None:
        """Refuse a value that AWS would refuse. The value itself is not shown: it may be a secret."""
        value = self.given[name]
        if name in _PSEUDO_FORMS:
            form, words = _PSEUDO_FORMS[name]
            if not form.match(value):
                raise UsageError(f"`{name}` has a value that cannot be", cause=f"it must be {words}", hint=f"--parameter {name}=...")
            return
        definition = as_map(self.declared.get(name))
        allowed = definition.get("AllowedValues")
        if isinstance(allowed, Seq) and not _is_list(definition) and value not in [to_text(entry) for entry in allowed]:
            raise UsageError(
                f"parameter `{name}` has a value that `{self.shown}` does not allow",
                cause="it is none of its AllowedValues",
                hint=f"--parameter {name}=...",
            )
        if definition.get("Type") == "Number" and not re.match(r"-?\d+(\.\d+)?\Z", value):
            raise UsageError(f"parameter `{name}` has a value that is no number", hint=f"--parameter {name}=...")

    def is_no_echo(self, name: str) -> bool:
        return to_text(as_map(self.declared.get(name)).get("NoEcho")) in {"true", "True"}

    def is_list(self, name: str) -> bool:
        return _is_list(as_map(self.declared.get(name)))

    def need(self, name: str) -> str:
        return "the value of the SSM parameter" if self._is_stored(name) else f"--parameter {name}=..."

    def text_of(self, name: str) -> str | None:
        """Give the value as the user or the template writes it; None when neither does."""
        if name in self.given:
            return self.given[name]
        text = to_text(as_map(self.declared.get(name)).get("Default"))
        return text if isinstance(text, str) else None

    def is_decided(self, name: str) -> bool:
        return not self._is_stored(name) and self.text_of(name) is not None

    def _is_stored(self, name: str) -> bool:
        # The value of the parameter is the name of another, whose value only the account knows.
        return str(as_map(self.declared.get(name)).get("Type")).startswith("AWS::SSM::Parameter::Value<")

    def value(self, name: str, *, reveal: bool) -> Resolved:
        """Give the value of a declared parameter.

        That of a `NoEcho` parameter stays a hole unless *reveal*: nothing but the judge of secrets may see it.
        """
        definition = as_map(self.declared.get(name))
        is_list = _is_list(definition)
        text = self.text_of(name)
        if text is None or self._is_stored(name) or (self.is_no_echo(name) and not reveal):
            need = self.need(name)
            return OpaqueList(name, need) if is_list else hole(name, need)
        if not is_list:
            return text
        entries = Seq()
        mark = as_map(definition).marks.get("Default", -1)
        for entry in text.split(",") if text else []:
            entries.put(entry.strip(), mark)
        return entries

    def pseudo(self, name: str) -> Resolved:
        """Give a pseudo parameter: as given, or a hole."""
        if name in self.given:
            return self.given[name]
        if name == "AWS::NotificationARNs":
            return OpaqueList(name)
        if name == "AWS::URLSuffix" and self.given.get("AWS::Partition") == "aws":
            return "amazonaws.com"
        return hole(name, f"--parameter {name}=...")


def _is_list(definition: Map) -> bool:
    kind = str(definition.get("Type"))
    return kind == "CommaDelimitedList" or kind.startswith(
        ("List<", "AWS::SSM::Parameter::Value<List<", "AWS::SSM::Parameter::Value<CommaD")
    )

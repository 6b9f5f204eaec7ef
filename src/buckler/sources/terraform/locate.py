"""Which function of the plan a field names, by name, ARN or partial ARN, qualified or not."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from buckler.model.functions import LATEST
from buckler.model.text import Text, join, same
from buckler.sources.terraform.node import MalformedError, Node
from buckler.sources.terraform.plan import Resource

if TYPE_CHECKING:
    from buckler.sources.terraform.view import View

# AddPermission and its kin take a name, a partial ARN (`123456789012:function:name`) or an ARN, each with an optional `:qualifier`.
_NAMED = re.compile(
    r"(?:(?P<prefix>arn:[^:]+:lambda:[^:]*:\d{12}:function|\d{12}:function|function):)?(?P<name>[\w-]+)(?::(?P<qualifier>[\w$-]+))?"
)


@dataclass(frozen=True, slots=True)
class Located:
    function: Resource | None
    """The function in this plan; None when it is somebody else's, or nobody knows which."""
    arn: Text
    qualifier: Text
    is_certain: bool
    """False: which function it is depends on a hole."""
    candidates: tuple[Resource, ...] = ()
    """When not certain: those its expression mentions; empty: any."""

    @property
    def qualified_arn(self) -> Text:
        return self.arn if self.qualifier == LATEST else join(self.arn, ":", self.qualifier)


class Functions:
    def __init__(self, view: "View") -> None:
        self._view = view
        self._by_alias: dict[Text, tuple[Resource, Text]] | None = None

    @cached_property
    def _by_name(self) -> dict[tuple[Text, Text], Resource]:
        found: dict[tuple[Text, Text], Resource] = {}
        for one in self._view.plan.of("aws_lambda_function"):
            found.setdefault((self._view.attribute(one, "function_name"), self._view.identity.of(one)[1]), one)
        return found

    @cached_property
    def _by_arn(self) -> dict[Text, tuple[Resource, Text]]:
        found: dict[Text, tuple[Resource, Text]] = {}
        for one in self._view.plan.of("aws_lambda_function"):
            found.setdefault(self._view.attribute(one, "arn"), (one, LATEST))
            found.setdefault(self._view.attribute(one, "qualified_arn"), (one, self._view.attribute(one, "version")))
        return found

    def _alias(self, text: Text) -> tuple[Resource, Text] | None:
        if self._by_alias is None:
            # While the aliases are read, none is known: an alias is of a function, not of an alias.
            self._by_alias = {}
            self._by_alias = self._aliases()
        return self._by_alias.get(text)

    def _aliases(self) -> dict[Text, tuple[Resource, Text]]:
        found: dict[Text, tuple[Resource, Text]] = {}
        for alias in self._view.plan.of("aws_lambda_alias"):
            try:
                located = self.locate(self._view.node(alias), "function_name")
            except MalformedError:
                continue  # Said where the alias itself is read.
            if located is not None and located.function is not None:
                found.setdefault(self._view.attribute(alias, "arn"), (located.function, self._view.attribute(alias, "name")))
        return found

    def locate(self, node: Node, key: str, qualifier: str = "") -> Located | None:
        """Find the function that field *key* names; *qualifier* is the field with its qualifier. None when the field is not set."""
        text = node.text(key, to="arn" if key.endswith("arn") else "name")
        if text is None:
            return None
        own = node.text(qualifier, to="version" if "version" in qualifier else "name") if qualifier else None
        account, region = self._view.identity.of(node.resource)
        found = self._find(text, account, region)
        if own is not None and own != "":
            found = Located(function=found.function, arn=found.arn, qualifier=own, is_certain=found.is_certain)
        if found.is_certain:
            return found
        mentioned = self._view.references.mentioned(node.child(key), "aws_lambda_function")
        return Located(function=None, arn=found.arn, qualifier=found.qualifier, is_certain=False, candidates=tuple(mentioned))

    def by_text(self, text: Text, resource: Resource) -> Located:
        """Find the function that a text names, as *resource* means it."""
        return self._find(text, *self._view.identity.of(resource))

    def _find(self, text: Text, account: Text, region: Text) -> Located:
        function = self._by_name.get((text, region))
        if function is not None:
            return Located(function=function, arn=self._view.attribute(function, "arn"), qualifier=LATEST, is_certain=True)
        known = self._by_arn.get(text) or self._alias(text)
        if known is not None:
            return Located(function=known[0], arn=self._view.attribute(known[0], "arn"), qualifier=known[1], is_certain=True)
        if not isinstance(text, str):
            return Located(function=None, arn=text, qualifier=LATEST, is_certain=False)
        named = _NAMED.fullmatch(text)
        if named is None:
            return Located(function=None, arn=text, qualifier=LATEST, is_certain=True)
        return self._by_parts(named, account, region)

    def _in_untold_region(self, name: str, region: Text) -> Resource | None:
        """Give the function of that name whose region the plan does not tell: an ARN written out is taken for its."""
        named = [one for (known, own), one in self._by_name.items() if known == name and same(own, region) is None]
        return named[0] if len(named) == 1 else None

    def _by_parts(self, named: re.Match[str], account: Text, region: Text) -> Located:
        name, prefix, qualifier = named["name"], named["prefix"] or "", named["qualifier"] or LATEST
        owner: Text = account
        if prefix.startswith("arn:"):
            _, partition, _, region, owner, _ = prefix.split(":")
        else:
            partition = self._view.identity.partition(region)
            if prefix[:1].isdigit():
                owner = prefix.split(":")[0]
        function = self._by_name.get((name, region)) or self._in_untold_region(name, region)
        own = self._view.identity.of(function)[0] if function else owner
        if isinstance(own, str) and isinstance(owner, str) and own != owner:
            function = None  # Of the same name, in another account.
        if function is not None:
            return Located(function=function, arn=self._view.attribute(function, "arn"), qualifier=qualifier, is_certain=True)
        arn = join("arn:", partition, ":lambda:", region, ":", owner, ":function:", name)
        return Located(function=None, arn=arn, qualifier=qualifier, is_certain=True)

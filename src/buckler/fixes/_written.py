"""A finding in a template, where what it is about is written, and what is set or taken out there to mend it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from buckler.fixes._fix import Advice
from buckler.model.finding import Finding
from buckler.model.fix import Wishes
from buckler.reach.analysis import Analysis
from buckler.sources.cfn.editing import Editor, Setting


@dataclass(frozen=True, slots=True)
class Written:
    """A finding, and the template that it is written in."""

    finding: Finding
    editor: Editor
    wishes: Wishes
    analysis: Analysis
    along: tuple[Finding, ...] = ()
    """All that is planned with it, itself included: for what can only be done to several at once."""

    @property
    def resource(self) -> tuple[str, ...]:
        """Where the resource is."""
        return ("Resources", self.finding.subject.id)

    @property
    def kind(self) -> str:
        """`AWS::Serverless::Function`, ..."""
        return self.editor.scalar(*self.resource, "Type") or ""

    def condition_of(self, resource: str) -> dict[str, Setting]:
        """Give the `Condition` of a resource, for what is about it: that is made when the resource is."""
        condition = self.editor.scalar("Resources", resource, "Condition")
        return {"Condition": condition} if condition else {}

    def place(self, sam: str, cloudformation: str = "") -> tuple[str, ...]:
        """Give where a property of the function is, or goes: at the resource, or in the globals that give it to all."""
        is_sam = self.kind.startswith("AWS::Serverless::")
        name = tuple((sam if is_sam or not cloudformation else cloudformation).split("."))
        own = (*self.resource, "Properties", *name)
        if is_sam and not self.editor.has(*own) and self.editor.has("Globals", "Function", *name):
            return ("Globals", "Function", *name)
        return own


@dataclass(frozen=True, slots=True)
class Properties:
    """Properties to set."""

    summary: str
    settings: tuple[tuple[tuple[str, ...], Setting], ...]
    lost: tuple[str, ...] = ()
    is_safe: bool = False
    opens: tuple[str, ...] = ()
    """As of `Option`."""
    rewrites: tuple[tuple[tuple[str, ...], Setting], ...] = ()
    """Plain values in whose place something else is written."""
    anew: tuple[tuple[tuple[str, ...], Setting], ...] = ()
    """Properties that are written anew, whatever stands there."""
    appended: tuple[tuple[tuple[str, ...], Setting], ...] = ()
    """What is added to lists."""
    parts: tuple[tuple[tuple[str, ...], str, str], ...] = ()
    """(where, what of the value, what stands there then), however it is written."""
    renames: tuple[tuple[tuple[str, ...], str], ...] = ()
    """(where, what the entry is called then)."""
    removals: tuple[tuple[str, ...], ...] = ()
    """Entries of mappings and items of lists that are taken out."""
    duplicates: tuple[tuple[tuple[str, ...], str, tuple[tuple[str, ...], ...]], ...] = ()
    """(entry of a mapping, what the copy is called, what of it the copy does not have)."""
    copies: Mapping[str, str] = field(default_factory=dict[str, str])
    """As of `Mend`."""


Choice: TypeAlias = Properties | Advice

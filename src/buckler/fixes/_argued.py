"""A finding in a Terraform configuration, and where what it is about is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from os.path import normpath
from pathlib import PurePath
from typing import Final

from buckler.fixes._fix import Advice
from buckler.fixes._option import Option
from buckler.model.finding import Finding
from buckler.model.fix import Wishes
from buckler.model.origin import FileOrigin
from buckler.reach.analysis import Analysis
from buckler.sources.terraform.hcl.editing import Configuration, Spot
from buckler.sources.terraform.hcl.syntax import Attribute, Name

Argument = Option | Advice
_WHO: Final = "aws_caller_identity"
SHARED: Final = "the same for every other call of the module: its text is one for all of them"


@dataclass(frozen=True, slots=True)
class Argued:
    """A finding, and the configuration that it is written in."""

    finding: Finding
    configuration: Configuration
    wishes: Wishes
    analysis: Analysis
    along: tuple[Finding, ...] = ()
    """All that is planned with it, itself included: for what can only be done to several at once."""

    @property
    def file(self) -> str:
        """The file that the subject stands in."""
        return self.finding.subject.place

    def resource(self) -> Spot | None:
        """Give the block of the subject."""
        return self.configuration.resource(self.finding.subject.id, self.file)

    def evidence(self, kind: str) -> Spot | None:
        """Give the block of the first piece of evidence that is a resource of a kind."""
        return next(self.evidences(kind), None)

    def evidences(self, kind: str) -> Iterator[Spot]:
        """Give the blocks of the pieces of evidence that are resources of a kind, each once."""
        seen: set[tuple[str, int]] = set()
        for one in self.finding.evidence:
            if isinstance(one.origin, FileOrigin) and f"{kind}." in one.origin.path:
                spot = self.configuration.resource(one.origin.path, one.origin.file)
                if spot is not None and (place := (spot.document.shown, spot.block.span.start)) not in seen:
                    seen.add(place)
                    yield spot

    def beside(self, kind: str) -> Spot | None:
        """Give the block of a kind that is about the subject: the one whose `function_name` names it."""
        name = self.finding.subject.id.rpartition("aws_lambda_function.")[2].partition("[")[0]
        for spot in self.configuration.blocks("resource", self.file):
            argument = spot.block.body.arguments.get("function_name")
            if (
                spot.block.labels[:1] == (kind,)
                and argument
                and f"aws_lambda_function.{name}." in f"{self.configuration.text(spot, argument)}."
            ):
                return spot
        return None

    def function(self) -> Spot | None:
        """Give the block of the function: the subject, or the one that the subject names in `function_name`."""
        spot = self.resource()
        argument = spot.block.body.arguments.get("function_name") if spot is not None else None
        if spot is None or argument is None or spot.block.labels[:1] == ("aws_lambda_function",):
            return spot
        return self.configuration.resource(self.configuration.text(spot, argument), self.file)

    def own_account(self) -> tuple[str, tuple[list[str], ...]]:
        """Give an expression for the account of whoever applies it, and the blocks that it takes where there are none yet."""
        return self.own(_WHO, "account_id", self.file)

    def own(self, kind: str, attribute: str, file: str) -> tuple[str, tuple[list[str], ...]]:
        """Give an expression for an attribute of a data source without arguments, and its block where the folder of *file* has none."""
        known = next((one for one in self.configuration.blocks("data", file) if one.block.labels[:1] == (kind,)), None)
        name = known.block.labels[1] if known is not None else "current"
        return f"data.{kind}.{name}.{attribute}", () if known is not None else ([f'data "{kind}" "{name}" {{}}'],)

    def is_shared(self) -> bool:
        """Say whether the subject stands in a module that is called several times: an edit of its text is one for all of them."""
        folder = PurePath(self.file).parent
        calls: list[Spot] = []
        for spot in self.configuration.everywhere("module"):
            source = spot.block.body.arguments.get("source")
            path = self.configuration.text(spot, source).strip('"') if source is not None else ""
            if path.startswith(".") and PurePath(normpath(PurePath(spot.document.shown).parent / path)) == PurePath(normpath(folder)):
                calls.append(spot)
        return len(calls) > 1 or any(map(is_many, calls))

    def role(self) -> str | None:
        """Give the name of the resource that is the function's role, where the block says it as people do: `aws_iam_role.NAME.arn`."""
        return role_at(self.function())


def role_at(spot: Spot | None) -> str | None:
    """Give the name of the resource that is the role of a function's block, where that says it as people do: `aws_iam_role.NAME.arn`."""
    argument = spot.block.body.arguments.get("role") if spot is not None else None
    match argument.value if argument is not None else None:
        case Attribute(base=Attribute(base=Name(name="aws_iam_role"), name=name), name="arn"):
            return name
        case _:
            return None


def is_many(spot: Spot) -> bool:
    """Say whether a block makes any number of resources."""
    return bool({"count", "for_each"} & spot.block.body.arguments.keys())

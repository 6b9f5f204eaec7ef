"""What an HCL file says, as written: blocks, attributes and expressions, each with its place. Nothing is evaluated.

The grammar is tree-sitter's; the byte spans it gives are what edits of a file go by.
Source: HCL Native Syntax Specification, hashicorp/hcl.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of the file, from `start` up to `end`, and the line (1-based) it begins on."""

    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class Literal:
    value: "bool | int | float | str | None"


@dataclass(frozen=True, slots=True)
class Template:
    """A string with interpolations. One that is nothing but an interpolation has its value, of whatever type."""

    parts: tuple["str | Expression", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`%{ if ... }...%{ else }...%{ endif }` in a template."""

    condition: "Expression"
    then: Template
    otherwise: Template


@dataclass(frozen=True, slots=True)
class Repeat:
    """`%{ for ... in ... }...%{ endfor }` in a template."""

    names: tuple[str, ...]
    collection: "Expression"
    body: Template


@dataclass(frozen=True, slots=True)
class ObjectOf:
    items: tuple[tuple["Expression", "Expression"], ...]


@dataclass(frozen=True, slots=True)
class TupleOf:
    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class For:
    """`[for k, v in c : value if condition]`; with `key`, an object."""

    names: tuple[str, ...]
    collection: "Expression"
    key: "Expression | None"
    value: "Expression"
    condition: "Expression | None"
    is_grouped: bool


@dataclass(frozen=True, slots=True)
class Name:
    """The root of a traversal: `var`, `local`, `aws_iam_role`, a name of a `for`."""

    name: str


@dataclass(frozen=True, slots=True)
class Attribute:
    base: "Expression"
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    base: "Expression"
    key: "Expression"


@dataclass(frozen=True, slots=True)
class Splat:
    """`base[*].a[0]`: what follows is asked of each element."""

    base: "Expression"
    steps: tuple["str | Expression", ...]


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple["Expression", ...]
    is_spread: bool
    """The last argument is a list of arguments: `f(list...)`."""


@dataclass(frozen=True, slots=True)
class Conditional:
    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An expression of a form we do not know: nobody can say its value."""

    text: str


Expression: TypeAlias = (
    Literal
    | Template
    | Choice
    | Repeat
    | ObjectOf
    | TupleOf
    | For
    | Name
    | Attribute
    | Index
    | Splat
    | Call
    | Conditional
    | Unary
    | Binary
    | Unreadable
)


@dataclass(frozen=True, slots=True)
class Argument:
    """`name = expression` in a body."""

    name: str
    value: Expression
    span: Span
    """Of the whole argument."""
    value_span: Span
    lines: tuple[tuple[str, int], ...] = ()
    """Of the entries of a map that is written out: name and line."""


@dataclass(frozen=True, slots=True)
class Body:
    arguments: dict[str, Argument] = field(default_factory=dict[str, Argument])
    blocks: tuple["Block", ...] = ()

    def of(self, *kinds: str) -> Sequence["Block"]:
        """List the blocks of some types, in the order they are written."""
        return [block for block in self.blocks if block.kind in kinds]


@dataclass(frozen=True, slots=True)
class Block:
    kind: str
    labels: tuple[str, ...]
    body: Body
    span: Span
    body_span: Span
    """From after `{` to before `}`."""


@dataclass(frozen=True, slots=True)
class Comment:
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Document:
    """One file."""

    shown: str
    source: bytes
    body: Body
    comments: tuple[Comment, ...]

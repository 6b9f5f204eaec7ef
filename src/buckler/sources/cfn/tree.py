"""The document as read: mappings, sequences and strings that remember where they stand.

Every node has a *mark*: a number that `Source` turns into line, column and path. Marks sit on the values themselves, because the SAM
translator moves values into resources the user never wrote, and a value that remembers its place leads back through all of that.
"""

from typing import Any, Self, TypeAlias, cast

from buckler.model.origin import FileOrigin

NOWHERE = -1
"""The mark of what was made, not read."""


class Str(str):
    """A string and its mark. A mapping value carries the mark of its key: that is where a reader looks."""

    __slots__ = ("mark",)
    mark: int

    def __new__(cls, text: str, mark: int = NOWHERE) -> Self:
        made = super().__new__(cls, text)
        made.mark = mark
        return made

    def __copy__(self) -> "Str":
        return self

    def __deepcopy__(self, _memo: dict[int, object]) -> "Str":
        return self


class Map(dict[str, Any]):
    """A mapping, its mark, and the marks of its entries (numbers and booleans cannot carry their own)."""

    __slots__ = ("mark", "marks")
    mark: int
    marks: dict[str, int]

    def __init__(self, mark: int = NOWHERE) -> None:
        super().__init__()
        self.mark = mark
        self.marks = {}

    def put(self, key: str, value: "Node", mark: int) -> None:
        self[key] = value
        self.marks[key] = mark

    def __deepcopy__(self, memo: dict[int, object]) -> "Map":
        made = Map(self.mark)
        made.marks = dict(self.marks)
        for key, value in self.items():
            made[key] = _copied(value, memo)
        return made


class Seq(list[Any]):
    """A sequence, its mark, and the marks of its entries."""

    __slots__ = ("mark", "marks")
    mark: int
    marks: list[int]

    def __init__(self, mark: int = NOWHERE) -> None:
        super().__init__()
        self.mark = mark
        self.marks = []

    def put(self, value: "Node", mark: int) -> None:
        self.append(value)
        self.marks.append(mark)

    def __deepcopy__(self, memo: dict[int, object]) -> "Seq":
        made = Seq(self.mark)
        made.marks = list(self.marks)
        made.extend(_copied(value, memo) for value in self)
        return made


Node: TypeAlias = Any
"""`Map`, `Seq`, `Str`, `int`, `bool` or `None`."""


def _copied(value: Node, memo: dict[int, object]) -> Node:
    return value.__deepcopy__(memo) if isinstance(value, Map | Seq) else value


def as_map(node: Node) -> Map:
    """Give the mapping, or an empty one when it is none."""
    return node if isinstance(node, Map) else Map()


def mark_of(container: Node, key: str | int) -> int:
    """Find where the entry *key* of a mapping or sequence was written; the container's own place when that is not known."""
    found = NOWHERE
    if isinstance(container, Map) and isinstance(key, str):
        found = container.marks.get(key, NOWHERE)
    elif isinstance(container, Seq) and isinstance(key, int) and 0 <= key < len(container.marks):
        found = container.marks[key]
    return found if found >= 0 or not isinstance(container, Map | Seq) else container.mark


def adopt(value: object) -> tuple[Node, int]:
    """Make a marked tree of plain dicts and lists that hold marked values; what has no mark gets that of the first marked thing in it."""
    if isinstance(value, Str):
        return value, value.mark
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        made = Map(fields.mark if isinstance(fields, Map) else NOWHERE)
        known = fields.marks if isinstance(fields, Map) else {}
        for key, inner in fields.items():
            child, mark = adopt(inner)
            made.put(str(key), child, mark if mark >= 0 else known.get(key, NOWHERE))
        if made.mark < 0:
            made.mark = next((mark for mark in made.marks.values() if mark >= 0), NOWHERE)
        return made, made.mark
    if isinstance(value, list):
        entries = cast("list[object]", value)
        sequence = Seq(entries.mark if isinstance(entries, Seq) else NOWHERE)
        for inner in entries:
            sequence.put(*adopt(inner))
        if sequence.mark < 0:
            sequence.mark = next((mark for mark in sequence.marks if mark >= 0), NOWHERE)
        return sequence, sequence.mark
    if isinstance(value, str):
        return Str(value), NOWHERE
    return value, NOWHERE


class Source:
    """What the marks of one file mean."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        """The path as printed."""
        self.lines: list[int] = []
        self.columns: list[int] = []
        self._parents: list[int] = []
        self._keys: list[str] = []

    def add(self, line: int, column: int, parent: int, key: str) -> int:
        """Note a place (1-based) and give its mark."""
        self.lines.append(line)
        self.columns.append(column)
        self._parents.append(parent)
        self._keys.append(key)
        return len(self.lines) - 1

    def path(self, mark: int) -> str:
        """Write the way to a mark: `Resources.Checkout.Properties.Layers.0`."""
        keys: list[str] = []
        while mark >= 0:
            if self._keys[mark]:
                keys.append(self._keys[mark])
            mark = self._parents[mark]
        return ".".join(reversed(keys))

    def origin(self, mark: int) -> FileOrigin:
        if mark < 0:
            return FileOrigin(file=self.shown)
        return FileOrigin(file=self.shown, line=self.lines[mark], column=self.columns[mark], path=self.path(mark))

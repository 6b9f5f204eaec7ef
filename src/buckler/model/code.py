"""Source files as people wrote them, and the patch that lets them ask for a secret themselves."""

from buckler.model.value import Value


class SourceFile(Value):
    """A file of a project, as it is on disk."""

    path: str
    """Below the folder, with `/`."""
    content: bytes


class Place(Value):
    """A line somebody has to look at."""

    file: str
    """Below the folder; empty: all of it."""
    line: int = 0
    """1-based; 0: the file as a whole."""
    why: str

    def __str__(self) -> str:
        """Write `app.py:12: why`."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.why}" if where else self.why


class Folder(Value):
    """The files of a project that were read, and what could not be."""

    name: str
    """As typed."""
    files: tuple[SourceFile, ...]
    unread: tuple[Place, ...] = ()


class VariableInCode(Value):
    """What the source says of one variable."""

    variable: str
    reads: tuple[Place, ...] = ()
    """Where it is read, and patched (or was before)."""
    broken: tuple[Place, ...] = ()
    """Where it is read in a way that cannot be patched, so that the code would get the reference."""
    perhaps: tuple[Place, ...] = ()
    """Where it may be read, which nobody can tell from the text."""


class CodePatch(Value):
    """What has to change in a function's source so that it takes references as well as values, as a unified diff.

    INVARIANT: for anything that is no reference the changed code gives what it gave before: it may be deployed before a variable changes.
    """

    folder: str
    """As typed."""
    diff: str = ""
    """Empty: nothing has to change. Names are below the folder."""
    files: tuple[str, ...] = ()
    """That the diff changes or makes."""
    variables: tuple[VariableInCode, ...] = ()
    refusal: str = ""
    """Why no patch can be made at all."""

    def of(self, variable: str) -> VariableInCode:
        """Give what was found of a variable."""
        return next((one for one in self.variables if one.variable == variable), VariableInCode(variable=variable))

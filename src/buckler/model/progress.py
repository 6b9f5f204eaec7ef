"""How long work tells that it goes on. The command line draws it; tests and libraries stay silent."""

from typing import Protocol


class Progress(Protocol):
    """Told from several threads; implementations take care of that."""

    def stage(self, name: str, total: int | None = None) -> None:
        """Begin a stage, or correct its total once known: "functions in 123456789012/eu-west-1"."""
        ...

    def advance(self, name: str, count: int = 1) -> None:
        """Count pieces of a stage as finished."""
        ...

    def say(self, message: str) -> None:
        """Tell one line worth knowing with `-v`: a call made, a page read. Never a value of the user's."""
        ...


class Silent:
    """Says nothing."""

    def stage(self, name: str, total: int | None = None) -> None:
        """Ignore."""

    def advance(self, name: str, count: int = 1) -> None:
        """Ignore."""

    def say(self, message: str) -> None:
        """Ignore."""

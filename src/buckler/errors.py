"""What can go wrong, by what can be done about it.

    BucklerError
    ├── UsageError        the command line or the configuration is off         exit 2
    ├── SourceError       a file or an account cannot be read as what it is    exit 2, the other targets go on
    ├── NothingToScan     the target holds nothing buckler knows               exit 3
    ├── CredentialsError  AWS does not know who we are (any more)              exit 2, the state is kept for --resume
    └── Interrupted       Ctrl-C; the state is kept for --resume               exit 130

Each has an `error` line, a `cause` and a `hint` that can be pasted. None ever carries a secret or a piece of a user's file.
"""


class BucklerError(Exception):
    """Base of everything a user can be told."""

    exit_code = 2

    def __init__(self, error: str, *, cause: str = "", hint: str = "", place: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.cause = cause
        self.hint = hint
        self.place = place
        """`file:line:column`, where there is one."""

    def __str__(self) -> str:
        """Give the whole story in one line, for logs."""
        parts = [f"{self.place}: {self.error}" if self.place else self.error]
        if self.cause:
            parts.append(f"cause: {self.cause}")
        if self.hint:
            parts.append(f"hint: {self.hint}")
        return "; ".join(parts)


class UsageError(BucklerError):
    """The command line or the configuration is off."""


class SourceError(BucklerError):
    """A target cannot be read as what it claims to be; the others go on."""


class NothingToScan(BucklerError):  # noqa: N818 - reads better where it is raised
    """The target holds nothing buckler knows."""

    exit_code = 3


class CredentialsError(BucklerError):
    """AWS does not know who we are, or no longer; what was collected is kept."""


class Interrupted(BucklerError):  # noqa: N818 - reads better where it is raised
    """The user pressed Ctrl-C; what was collected is kept."""

    exit_code = 130

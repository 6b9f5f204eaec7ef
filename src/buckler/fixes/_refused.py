"""Why a step was not made."""


class RefusedError(Exception):
    """A step cannot be made or taken back; carries why."""

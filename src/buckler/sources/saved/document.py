"""One policy document in a file of its own."""

from pathlib import Path
from typing import cast

import msgspec

from buckler.errors import SourceError
from buckler.model.origin import FileOrigin
from buckler.model.policy import Policy, parse_policy

_HINT = 'a policy document: {"Version": "2012-10-17", "Statement": [...]}'


def policy_file(path: Path) -> Policy:
    """Read a policy document. Raises `SourceError` for a file that cannot be read or holds none."""
    try:
        content: object = msgspec.json.decode(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except OSError as bad:
        cause = bad.strerror or type(bad).__name__
        raise SourceError(f"cannot read `{path}`", cause=cause, hint=f"ls -l {path}", place=str(path)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise SourceError(f"`{path}` is not valid JSON", hint=_HINT, place=str(path)) from None
    if not isinstance(content, dict) or "Statement" not in cast("dict[str, object]", content):
        raise SourceError(f"`{path}` is no policy document", cause="it has no `Statement`", hint=_HINT, place=str(path))
    return parse_policy(cast("object", content), FileOrigin(file=str(path), path=""), name=path.name)

"""Load botocore's service models cut down to the operations that are declared.

botocore knows 700 operations of EC2; buckler asks 20. Reading only these takes a third of the time and a tenth of the memory,
and an operation nobody declared does not exist.
"""

from pathlib import Path
from typing import Any, cast

import botocore.loaders
import msgspec

from buckler.sources.live.calls import CALLS

# Services through which botocore itself finds credentials; they stay whole.
_WHOLE = frozenset({"sts", "sso", "sso-oidc", "signin"})


class Files(botocore.loaders.JSONFileLoader):  # type: ignore[misc] # pyright: ignore[reportUntypedBaseClass] - botocore has no types
    """Reads one file of botocore's data, in place of the `file_loader` of its loader.

    *also*: (service, operation) beside what collectors declare; so a scan has no operation that changes anything.
    """

    def __init__(self, also: frozenset[tuple[str, str]] = frozenset()) -> None:
        self._also = also
        self._kept: dict[str, frozenset[str]] = {}
        """Service -> shapes that are left of its model."""

    def _load_file(self, full_path: str, open_method: Any) -> Any:  # noqa: ANN401 - botocore's own signature
        path = Path(full_path)
        if not path.is_file():
            return None
        with open_method(path, "rb") as file:
            data: Any = msgspec.json.decode(file.read())
        service = path.parent.parent.name
        wanted = {operation for name, operation in (*CALLS, *self._also) if name == service}
        if service in _WHOLE or not wanted:
            return data
        if path.name.startswith("service-2.json"):
            model = cut(data, wanted)
            self._kept[service] = frozenset(model["shapes"])
            return model
        if path.name.startswith("service-2.sdk-extras") and service in self._kept:
            return _without_shapes(data, self._kept[service])
        return data


def cut(model: dict[str, Any], operations: set[str]) -> dict[str, Any]:
    """Keep of a service model some operations, and the shapes they reach, without their documentation."""
    kept = {name: _bare(operation) for name, operation in model["operations"].items() if name in operations}
    shapes: dict[str, Any] = {}
    todo = _named(kept)
    while todo:
        name = todo.pop()
        if name not in shapes:
            shapes[name] = _bare(model["shapes"][name])
            todo += _named(shapes[name])
    return {**model, "operations": kept, "shapes": shapes, "documentation": ""}


def _without_shapes(extras: dict[str, Any], kept: frozenset[str]) -> dict[str, Any]:
    """Leave out what botocore would add to shapes that were cut away: a piece of one is no shape, and breaks the reading of errors."""
    merged = extras.get("merge", {})
    shapes = {name: shape for name, shape in merged.get("shapes", {}).items() if name in kept}
    return {**extras, "merge": {**merged, "shapes": shapes}}


def _bare(node: object) -> object:
    """Copy a piece of a model without documentation."""
    if isinstance(node, dict):
        return {
            key: _bare(value)
            for key, value in cast("dict[str, object]", node).items()
            if key != "documentation" or not isinstance(value, str)
        }
    if isinstance(node, list):
        return [_bare(value) for value in cast("list[object]", node)]
    return node


def _named(node: object) -> list[str]:
    """Give the shapes that a piece of a model refers to."""
    names: list[str] = []
    if isinstance(node, dict):
        for key, value in cast("dict[str, object]", node).items():
            if key == "shape" and isinstance(value, str):
                names.append(value)
            else:
                names += _named(value)
    elif isinstance(node, list):
        for value in cast("list[object]", node):
            names += _named(value)
    return names

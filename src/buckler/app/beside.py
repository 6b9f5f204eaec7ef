"""Code that lies beside templates and plans, looked into: each path once, and joined with whatever runs it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec.structs import replace

from buckler.app.inspecting import Inspector
from buckler.app.opening import open_artifact, open_single
from buckler.errors import SourceError
from buckler.model.artifact import Artifact, ArtifactUse, Inventory
from buckler.model.estate import Estate
from buckler.model.functions import Function, LayerVersion, LocalCode
from buckler.model.origin import FileOrigin
from buckler.model.text import Text, shown
from buckler.model.unknown import Unknown, UnknownKind


class Beside:
    """Looks into paths, and keeps what it found."""

    def __init__(self, inspector: Callable[[], Inspector]) -> None:
        self._make = inspector
        self._inspector: Inspector | None = None
        self._found: dict[str, Inventory | Unknown] = {}

    @property
    def paths(self) -> frozenset[str]:
        """Real paths of all that was looked into."""
        return frozenset(self._found)

    def look(self, estate: Estate) -> Estate:
        """Give the estate with what its functions and layers are made of."""
        artifacts = tuple(self._artifact(entity, code, users) for entity, code, users in _local(estate))
        return replace(estate, artifacts=(*estate.artifacts, *artifacts))

    def _artifact(self, entity: Function | LayerVersion, code: LocalCode, users: tuple[Text, ...]) -> Artifact:
        use: ArtifactUse = "function" if isinstance(entity, Function) else "layer"
        inventory = self._inventory(code)
        flaws, untold = self._tool.flaws(inventory) if isinstance(inventory, Inventory) else (inventory, ())
        if isinstance(inventory, Inventory):
            inventory = replace(inventory, not_assessed=(*inventory.not_assessed, *untold))
        return Artifact(
            arn=entity.arn,
            name=entity.name,
            account=entity.account,
            region=entity.region,
            origin=FileOrigin(file=os.path.dirname(_opened(code)) or "." if _is_single(code) else _opened(code)),  # noqa: PTH120 - as typed
            address=entity.address,
            use=use,
            inventory=inventory,
            vulnerabilities=flaws,
            used_by=users,
        )

    @property
    def _tool(self) -> Inspector:
        if self._inspector is None:
            self._inspector = self._make()
        return self._inspector

    def _inventory(self, code: LocalCode) -> Inventory | Unknown:
        path = _opened(code)
        key = os.path.realpath(path)
        if key not in self._found:
            self._found[key] = self._looked_into(Path(path), code)
        return self._found[key]

    def _looked_into(self, path: Path, code: LocalCode) -> Inventory | Unknown:
        if not path.exists():
            need = "a build: sam build, cdk synth, or whatever makes the package" if not code.sources else "the folder it is packed from"
            return Unknown(kind=UnknownKind.FAILED, why=f"there is no `{path}`", need=need)
        try:
            opened = open_single(path) if _is_single(code) else open_artifact(path)
        except SourceError as bad:
            return Unknown(kind=UnknownKind.FAILED, why=bad.error + (f": {bad.cause}" if bad.cause else ""), need="a folder or a zip")
        return self._tool.inventory(opened)


def _opened(code: LocalCode) -> str:
    """Give what is opened: the package, or what Terraform would pack when it is not there."""
    return code.sources if code.sources and not Path(code.path).exists() else code.path


def _is_single(code: LocalCode) -> bool:
    """Say whether it is one file that Terraform would pack."""
    return _opened(code) == code.sources and Path(code.sources).is_file()


def _local(estate: Estate) -> Iterator[tuple[Function | LayerVersion, LocalCode, tuple[Text, ...]]]:
    for function in estate.functions:
        if function.local_code is not None:
            yield function, function.local_code, (function.arn,)
    for layer in estate.layers:
        if layer.local_code is not None:
            users = tuple(one.arn for one in estate.functions if layer.arn in _layers_of(one))
            yield layer, layer.local_code, tuple(sorted(users, key=shown))


def _layers_of(function: Function) -> tuple[Text, ...]:
    return () if isinstance(function.layers, Unknown) else tuple(one.arn for one in function.layers)

"""What a layer by itself hides of the runtimes it is for: modules that are found before the runtime's own, and what starts by itself."""

from collections.abc import Iterable
from typing import Final, Literal, cast

from buckler.engines.artifact.overlay import shadowed
from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import FileState, Hiding

_RUNTIMES: Final = {"python": "python3.13", "nodejs": "nodejs22.x"}
"""Top folder of a layer -> a runtime that looks there."""
_KINDS: Final = frozenset({"runtime-module", "standard-library", "startup-module", "pth-code"})
_NOTHING: Final = Tree((), {})
_MOST: Final = 20


def hides(tree: Tree, states: Iterable[FileState]) -> tuple[Hiding, ...]:
    """List what a layer hides, with the files of each that integrity does not explain; () for what is no layer."""
    tops = {path.partition("/")[0] for path in tree.entries}
    strange = sorted(one.path for one in states if one.state in {"modified", "unowned"})
    found: dict[tuple[str, str], Hiding] = {}
    for top, runtime in _RUNTIMES.items():
        if top not in tops:
            continue
        for runtime_of in _versions(tree, top, runtime):
            for one in shadowed(_NOTHING, (("layer", tree),), runtime_of, {}):
                path = one.path.removeprefix("/opt/")
                if one.kind in _KINDS and path != one.path:
                    kind = cast("Literal['runtime-module', 'standard-library', 'startup-module', 'pth-code']", one.kind)
                    own = tuple(each for each in strange if each == path or each.startswith(f"{path}/"))
                    found[one.kind, path] = Hiding(kind=kind, path=path, over=one.over, strange=own[:_MOST], why=one.why)
    return tuple(found[key] for key in sorted(found))


def _versions(tree: Tree, top: str, runtime: str) -> tuple[str, ...]:
    """Give the runtimes whose own folders the layer has: `python/lib/python3.12/site-packages` is for that one alone."""
    if top == "python":
        versions = {path.split("/")[2] for path in tree.entries if path.startswith("python/lib/python3.") and path.count("/") > 2}
        return tuple(sorted(versions | {runtime}))
    versions = {path.split("/")[1] for path in tree.entries if path.startswith("nodejs/node") and path.count("/") > 1}
    numbered = {f"nodejs{one.removeprefix('node')}.x" for one in versions if one.removeprefix("node").isdigit()}
    return tuple(sorted(numbered | {runtime}))

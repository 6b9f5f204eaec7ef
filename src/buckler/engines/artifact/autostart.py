"""What starts beside the function or before it: extensions, `.pth` lines, start-up modules, and what variables load from layers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from buckler.engines.artifact.search_paths import VARIABLES, Root, language
from buckler.engines.artifact.shadow import CODE, Modules, Place, Shadow, at, below, owners

_STARTUP: Final = ("sitecustomize", "usercustomize")
_IN_OPT: Final = re.compile(r"(?:(?<![^\s:;,=\"'])|(?<=-[A-Za-z]))/opt(?:/[\w.@+~-]+)*/?(?![\w.@+~-])")


def started(
    places: Mapping[str, Mapping[str, Place]], listed: Sequence[tuple[Root, Modules]], runtime: str, environment: Mapping[str, str]
) -> Iterator[Shadow]:
    """Give what runs without the function asking for it; *listed* are the folders that are searched, and the modules in them."""
    yield from _bootstrap(places["code"], places["layers"], runtime)
    yield from _extensions(places["layers"])
    yield from _variables(places["layers"], environment)
    if language(runtime) == "python":
        yield from _pth([root for root, _ in listed], places, environment)
        yield from _startup(listed, places, environment)


def _bootstrap(task: Mapping[str, Place], opt: Mapping[str, Place], runtime: str) -> Iterator[Shadow]:
    held = opt.get("bootstrap")
    if held is None:
        return
    if "bootstrap" in task and runtime.startswith("provided"):
        why = "the function's own `bootstrap` is found before that of a layer"
        yield Shadow(kind="file", path="/var/task/bootstrap", by=CODE, over="/opt/bootstrap", of=held.owner, why=why)
    elif runtime.startswith("provided") or not runtime:
        is_certain = bool(runtime)
        yield Shadow(
            kind="bootstrap", path="/opt/bootstrap", by=held.owner, is_certain=is_certain, why="the layer is the function's runtime"
        )


def _extensions(opt: Mapping[str, Place]) -> Iterator[Shadow]:
    for path, place in opt.items():
        if path.startswith("extensions/") and path.count("/") == 1:
            # A zip made on Windows keeps no mode bits: then nobody knows.
            executable = place.entry.mode & 0o111
            if executable or not place.entry.mode or place.entry.kind == "symlink":
                why = "Lambda starts it with every execution environment, with the function's credentials"
                yield Shadow(kind="extension", path=f"/opt/{path}", by=place.owner, is_certain=bool(executable), why=why)


def _pth(searched: Sequence[Root], places: Mapping[str, Mapping[str, Place]], environment: Mapping[str, str]) -> Iterator[Shadow]:
    for root in searched:
        for path, parts in below(root, places[root.place]):
            if len(parts) != 1 or not parts[0].endswith(".pth") or parts[0].startswith("."):
                continue
            place = places[root.place][path]
            lines = _lines(place)
            if lines is None or any(line.startswith(("import ", "import\t")) for line in lines):
                yield Shadow(
                    kind="pth-code",
                    path=f"{root.path}/{parts[0]}",
                    by=place.owner,
                    is_certain=lines is not None and (root.place == "code" or "PYTHONPATH" not in environment),
                    why="Python runs its `import` lines at start" if lines is not None else "it could not be read",
                )


def _lines(place: Place) -> list[str] | None:
    if place.entry.kind != "file" or place.entry.size_bytes > 1 << 20:
        return None
    try:
        return place.tree.read(place.entry.path).decode("utf-8-sig", "replace").splitlines()
    except KeyError:
        return None


def _startup(
    listed: Sequence[tuple[Root, Modules]], places: Mapping[str, Mapping[str, Place]], environment: Mapping[str, str]
) -> Iterator[Shadow]:
    """Name `sitecustomize` and its like: imported before bootstrap.py adds folders, so only where PYTHONPATH leads to them."""
    named = {one.rstrip("/") for one in environment.get("PYTHONPATH", "").split(":")}
    for root, modules in listed:
        for name in _STARTUP:
            if name not in modules:
                continue
            yield Shadow(
                kind="startup-module",
                path=at(root, modules[name], name),
                by=owners(modules[name], places[root.place]),
                is_certain=root.path in named,
                variable="PYTHONPATH" if root.path in named else "",
                why="Python imports it at start" if root.path in named else "Python imports it at start where PYTHONPATH names its folder",
            )


def _variables(opt: Mapping[str, Place], environment: Mapping[str, str]) -> Iterator[Shadow]:
    for variable, effect in VARIABLES.items():
        # Of a value, only what is a path in /opt is looked at or shown: the rest may be anything.
        for path in dict.fromkeys(one.rstrip("/") for one in _IN_OPT.findall(environment.get(variable, ""))):
            inside = path.removeprefix("/opt").lstrip("/")
            bring = {place.owner for name, place in opt.items() if not inside or name == inside or name.startswith(f"{inside}/")}
            yield Shadow(
                kind="variable" if bring else "variable-to-nothing",
                path=path,
                by=", ".join(sorted(bring)),
                variable=variable,
                why=effect if bring else f"{effect}, and no layer brings it: the next one that is added may",
            )

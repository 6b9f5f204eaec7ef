"""Function code in /var/task and layers in /opt, as the runtime finds them: what hides what, what starts by itself, what variables load.

Pure: the same trees, runtime and environment give the same answers in the same order.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from buckler.engines.artifact.autostart import started
from buckler.engines.artifact.search_paths import (
    JAVA_PACKAGES,
    NODE_PACKAGES,
    PYTHON_PACKAGES,
    PYTHON_STANDARD,
    Root,
    language,
    roots,
)
from buckler.engines.artifact.shadow import CODE, RUNTIME, Modules, Place, Shadow, at, below, owners
from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import Entry

_MOST_FILES: Final = 20
_MODULE: Final = re.compile(r"([A-Za-z_]\w*)(?:\.[\w-]+)*\.(?:py|pyc|so)")


def shadowed(code: Tree, layers: Sequence[tuple[str, Tree]], runtime: str, environment: Mapping[str, str]) -> tuple[Shadow, ...]:
    """Say what hides what; *layers* in the function's order, *environment* the variables whose values are known."""
    task = {entry.path: Place(CODE, entry, code) for entry in code if entry.kind != "directory"}
    opt: dict[str, Place] = {}
    found: list[Shadow] = []
    for name, tree in layers:
        found.extend(_replaced(opt, name, tree))
        opt.update({_plain(entry.path): Place(name, entry, tree) for entry in tree if entry.kind != "directory"})
    places = {"code": task, "layers": opt}
    searched = roots(runtime)
    listed: list[tuple[Root, Modules]] = []
    if language(runtime) == "python":
        listed = [(root, _python_modules(root, places[root.place])) for root in searched]
        found.extend(_modules(listed, places, environment))
        found.extend(_runtime_python(listed, places, environment))
    elif language(runtime) == "nodejs":
        listed = [(root, _node_modules(root, places[root.place])) for root in searched]
        found.extend(_modules(listed, places, {}))
        found.extend(_runtime_node(listed, places))
    elif language(runtime) == "java":
        found.extend(_runtime_java(opt))
    found.extend(_libraries(task, opt))
    found.extend(started(places, listed, runtime, environment))
    return tuple(sorted(found, key=lambda one: (one.kind, one.path, one.by, one.over, one.of, one.variable)))


def _plain(path: str) -> str:
    return path.removeprefix("./").rstrip("/")


def _differ(one: Entry, other: Entry) -> bool:
    """Say whether two entries are not known to be the same; what was not read is not."""
    return not one.sha256 or (one.kind, one.sha256, one.target) != (other.kind, other.sha256, other.target)


# --- files over files ------------------------------------------------------------------------------------------------------


def _replaced(opt: Mapping[str, Place], name: str, tree: Tree) -> Iterator[Shadow]:
    """Give the files of earlier layers that this one replaces, by package."""
    groups: dict[tuple[str, str], list[str]] = {}
    for entry in tree:
        path = _plain(entry.path)
        held = opt.get(path)
        if held is not None and entry.kind != "directory" and _differ(entry, held.entry):
            groups.setdefault((_unit(path), held.owner), []).append(path)
    for (unit, owner), paths in groups.items():
        whole = f"/opt/{unit}"
        yield Shadow(
            kind="file",
            path=whole,
            by=name,
            over=whole,
            of=owner,
            files=tuple(f"/opt/{path}" for path in sorted(paths)[:_MOST_FILES]),
            count=len(paths),
            why="a later layer is unpacked over an earlier one",
        )


def _unit(path: str) -> str:
    """Give the package a path belongs to: the first folder below those that runtimes search."""
    parts = path.split("/")
    depth = 1
    if parts[0] == "python":
        depth = 5 if parts[1:2] == ["lib"] and parts[3:4] == ["site-packages"] else 2
    elif "node_modules" in parts[:3]:
        at = parts.index("node_modules") + 1
        depth = at + (2 if parts[at : at + 1] and parts[at].startswith("@") else 1)
    elif parts[0] in {"bin", "lib", "extensions"}:
        depth = 2
    return "/".join(parts[:depth])


# --- modules over modules --------------------------------------------------------------------------------------------------


def _python_modules(root: Root, places: Mapping[str, Place]) -> Modules:
    """Give the modules that can be imported from a folder; parts of namespace packages hide nothing."""
    files: Modules = {}
    regular: set[str] = set()
    for path, parts in below(root, places):
        if len(parts) == 1:
            match = _MODULE.fullmatch(parts[0])
            if match:
                files.setdefault(match[1], []).append(path)
                regular.add(match[1])
        else:
            files.setdefault(parts[0], []).append(path)
            if len(parts) == 2 and parts[1] in {"__init__.py", "__init__.pyc"}:
                regular.add(parts[0])
    return {name: files[name] for name in files if name in regular}


def _node_modules(root: Root, places: Mapping[str, Place]) -> Modules:
    files: Modules = {}
    for path, parts in below(root, places):
        depth = 2 if parts[0].startswith("@") else 1
        if len(parts) > depth and not parts[0].startswith("."):
            files.setdefault("/".join(parts[:depth]), []).append(path)
    return files


def _modules(
    listed: Sequence[tuple[Root, Modules]], places: Mapping[str, Mapping[str, Place]], environment: Mapping[str, str]
) -> Iterator[Shadow]:
    for number, (first, modules) in enumerate(listed):
        for second, others in listed[number + 1 :]:
            for name in modules.keys() & others.keys():
                differing = _differing(first, modules[name], second, others[name], places)
                if differing:
                    yield Shadow(
                        kind="module",
                        path=at(first, modules[name], name),
                        by=owners(modules[name], places[first.place]),
                        over=at(second, others[name], name),
                        of=owners(others[name], places[second.place]),
                        files=tuple(differing[:_MOST_FILES]),
                        count=len(differing),
                        is_certain=_is_searched(first, environment),
                        why=f"{first.path} is searched before {second.path}",
                    )


def _differing(
    first: Root, files: Sequence[str], second: Root, others: Sequence[str], places: Mapping[str, Mapping[str, Place]]
) -> list[str]:
    """Give the files that stand in one of two copies only, or differ."""

    def relative(root: Root, paths: Sequence[str]) -> dict[str, Entry]:
        skip = len(root.folder) + 1 if root.folder else 0
        return {path[skip:]: places[root.place][path].entry for path in paths if "__pycache__" not in path}

    ours, theirs = relative(first, files), relative(second, others)
    return [
        f"{first.path}/{path}" if path in ours else f"{second.path}/{path}"
        for path in sorted(ours.keys() | theirs.keys())
        if path not in ours or path not in theirs or _differ(ours[path], theirs[path])
    ]


def _runtime_python(
    listed: Sequence[tuple[Root, Modules]], places: Mapping[str, Mapping[str, Place]], environment: Mapping[str, str]
) -> Iterator[Shadow]:
    seen: set[str] = set()
    for root, modules in listed:
        for name, files in modules.items():
            if name in seen or name not in PYTHON_PACKAGES | PYTHON_STANDARD:
                continue
            seen.add(name)
            yield Shadow(
                kind="runtime-module" if name in PYTHON_PACKAGES else "standard-library",
                path=at(root, files, name),
                by=owners(files, places[root.place]),
                over=name,
                of=RUNTIME,
                count=len(files),
                is_certain=_is_searched(root, environment),
                why=f"{root.path} is searched before the runtime's own folders",
            )


def _is_searched(root: Root, environment: Mapping[str, str]) -> bool:
    # With PYTHONPATH set, bootstrap.py leaves the folders of layers out, and what the variable names is all there is.
    if root.place == "code" or "PYTHONPATH" not in environment:
        return True
    return root.path in {one.rstrip("/") for one in environment["PYTHONPATH"].split(":")}


def _runtime_node(listed: Sequence[tuple[Root, Modules]], places: Mapping[str, Mapping[str, Place]]) -> Iterator[Shadow]:
    seen: set[str] = set()
    for root, modules in listed:
        for name, files in modules.items():
            if name in seen or not any(name == one or (one.endswith("/") and name.startswith(one)) for one in NODE_PACKAGES):
                continue
            seen.add(name)
            yield Shadow(
                kind="runtime-module",
                path=at(root, files, name),
                by=owners(files, places[root.place]),
                over=name,
                of=RUNTIME,
                count=len(files),
                why=f"{root.path} is searched before the runtime's own folders",
            )


def _runtime_java(opt: Mapping[str, Place]) -> Iterator[Shadow]:
    for path, place in opt.items():
        folder, _, name = path.rpartition("/")
        known = next((one for one in JAVA_PACKAGES if name.startswith(one) and name.endswith(".jar")), None)
        if folder == "java/lib" and known is not None:
            yield Shadow(
                kind="runtime-module",
                path=f"/opt/{path}",
                by=place.owner,
                over=known,
                of=RUNTIME,
                is_certain=False,
                why="two jars with the same classes: which one is loaded depends on the order of the class path",
            )


def _libraries(task: Mapping[str, Place], opt: Mapping[str, Place]) -> Iterator[Shadow]:
    """LD_LIBRARY_PATH names /var/task and /var/task/lib before /opt/lib, and all folders of the system before those."""
    for path, place in opt.items():
        if not (path.startswith("lib/") and ".so" in path and path.count("/") == 1):
            continue
        for above in (path[4:], path):
            held = task.get(above)
            if held is not None and _differ(held.entry, place.entry):
                yield Shadow(
                    kind="file",
                    path=f"/var/task/{above}",
                    by=CODE,
                    over=f"/opt/{path}",
                    of=place.owner,
                    why="/var/task and /var/task/lib are searched for libraries before /opt/lib",
                )
                break

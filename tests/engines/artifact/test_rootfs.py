"""Layers over layers, beside an obvious twin that knows no folders, only names."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.artifact.images import archive, entry

from buckler.engines.artifact.rootfs import Rootfs
from buckler.engines.artifact.tar import read_members
from buckler.engines.artifact.unpack import Plain

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
FILES = st.tuples(PATHS, st.sampled_from(["1", "2", None]))
"""Content of a file, or None for a folder."""
WHITEOUTS = st.tuples(st.lists(NAMES, max_size=2).map("/".join), st.sampled_from([".wh.a", ".wh.b", ".wh..wh..opq"])).map(
    lambda one: ("/".join(part for part in one if part), "")
)
LAYER = st.lists(st.one_of(FILES, WHITEOUTS), max_size=6)


def obvious(layers: list[list[tuple[str, str | None]]]) -> dict[str, str | None]:
    """Merge as the specification says it, by names alone: delete first, then add; a file ends what is below it, and a folder a file."""
    state: dict[str, str | None] = {}
    for layer in layers:
        for path, _ in layer:
            folder, _, base = path.rpartition("/")
            if base == ".wh..wh..opq":
                gone = f"{folder}/" if folder else ""
                state = {name: held for name, held in state.items() if not (name.startswith(gone) and name != folder)}
            elif base.startswith(".wh."):
                target = f"{folder}/{base[4:]}" if folder else base[4:]
                state = {name: held for name, held in state.items() if name != target and not name.startswith(f"{target}/")}
        for path, content in layer:
            if path.rpartition("/")[2].startswith(".wh."):
                continue
            parts = path.split("/")
            for depth in range(1, len(parts)):
                above = "/".join(parts[:depth])
                if state.get(above) is not None:
                    del state[above]
            if content is not None or state.get(path) is not None:
                state = {name: held for name, held in state.items() if name != path and not name.startswith(f"{path}/")}
            state[path] = content
    return state


def ours(layers: list[list[tuple[str, str | None]]]) -> dict[str, str | None]:
    root = Rootfs()
    for number, layer in enumerate(layers):
        tar = archive(*(entry(path, (content or "").encode(), kind=b"0" if content is not None else b"5") for path, content in layer))
        root.add(read_members(Plain(memoryview(tar))).members, f"layer {number + 1}")
    tree = root.tree(())
    return {one.path: tree.read(one.path).decode() if one.kind == "file" else None for one in tree}


@settings(max_examples=400, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(LAYER, max_size=4))
def test_the_twins_agree(layers: list[list[tuple[str, str | None]]]) -> None:
    assert ours(layers) == obvious(layers)

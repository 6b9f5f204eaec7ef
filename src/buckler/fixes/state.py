"""Pieces of AWS's answers: picked out, and compared."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec
from msgspec.structs import replace

from buckler.model.fix import ApiEdit, Ask, MoveEdit, WorkEdit
from buckler.sources.live.answers import Answer


def picked(answer: Answer | None, pick: tuple[str, ...]) -> Any:  # noqa: ANN401 - plain JSON
    """Take a piece out of an answer; None where it is not there."""
    piece: Any = answer
    for step in pick:
        if piece is None:
            return None
        if step == "{}":
            piece = json.loads(piece) if isinstance(piece, str) else None
        elif step == "0":
            piece = next(iter(cast("list[object]", piece)), None) if isinstance(piece, list) else None
        elif step.startswith("*."):
            piece = [one.get(step[2:]) for one in _entries(piece)]
        elif "=" in step:
            wanted = [part.partition("=") for part in step.split("&")]
            piece = next((one for one in _entries(piece) if all(str(one.get(name)) == value for name, _, value in wanted)), None)
        elif "," in step:
            piece = {name: one.get(name) for one in _entries(piece) for name in step.split(",") if name} or None
        else:
            piece = cast("Answer", piece).get(step) if isinstance(piece, dict) else None
    return piece


def named_in(piece: object, names: Iterable[str]) -> frozenset[str]:
    """Give the lookups that a piece, parameters or a pick speak of."""
    text = json.dumps(piece)
    return frozenset(name for name in names if json.dumps(f"{{{name}}}")[1:-1] in text)


def filled(piece: Any, ids: Mapping[str, Any]) -> Any:  # noqa: ANN401 - plain JSON
    """Put ids that were looked up in the place of their names; what is nothing but a name becomes what was found, a number too."""
    if isinstance(piece, str):
        for name, found in ids.items():
            if piece == f"{{{name}}}":
                return found
            piece = piece.replace(f"{{{name}}}", str(found))
        return piece
    if isinstance(piece, dict):
        return {name: filled(value, ids) for name, value in cast("dict[str, Any]", piece).items()}
    if isinstance(piece, list | tuple):
        kept = [filled(one, ids) for one in cast("list[Any]", piece)]
        return tuple(kept) if isinstance(piece, tuple) else kept
    return piece


def filled_ask(ask: Ask, ids: Mapping[str, Any]) -> Ask:
    """Put ids into a call."""
    return replace(ask, parameters=filled(ask.parameters, ids)) if ids else ask


def _entries(piece: object) -> list[Answer]:
    entries = cast("list[object]", piece) if isinstance(piece, list) else [piece]
    return [cast("Answer", one) for one in entries if isinstance(one, dict)]


def same(one: object, other: object) -> bool:
    """Say whether two pieces mean the same to AWS: `"x"` and `["x"]` in a policy do, and lists there have no order."""
    return _plain(one) == _plain(other)


def _plain(piece: object) -> str:
    settled = _settled(piece)
    # Whatever was there once, and is not any more, AWS tells as nothing but empty lists, or as an empty text.
    return json.dumps(None if settled in ({}, [], "") else settled, sort_keys=True)


def _settled(piece: object) -> object:
    if isinstance(piece, dict):
        # A switch that is off is told by `false`, or not at all; a list that is empty, too.
        entries = {
            str(name): _settled(value)
            for name, value in cast("dict[object, object]", piece).items()
            if value is not None and value is not False and value != []
        }
        # AWS takes `{"AWS": "*"}` and `"*"` for the same principal, and writes now this, now that.
        return "*" if entries == {"AWS": "*"} else entries
    if isinstance(piece, list | tuple):
        settled = sorted((_settled(one) for one in cast("list[object]", piece)), key=lambda one: json.dumps(one, sort_keys=True))
        return settled[0] if len(settled) == 1 else settled
    return piece


def slot(edit: ApiEdit | WorkEdit) -> str:
    """Name the piece that an edit changes: two edits with one slot touch the same thing."""
    if isinstance(edit, WorkEdit):
        return json.dumps([edit.account, edit.region, edit.arn, edit.variable if isinstance(edit, MoveEdit) else edit.what])
    where: list[Any] = [edit.account, edit.region, edit.read.service, edit.read.operation, edit.read.parameters, list(edit.pick)]
    # One name may stand for two things: what it is looked up by tells them apart.
    where += [msgspec.to_builtins(edit.lookups[name]) for name in sorted(named_in(where, edit.lookups))]
    return json.dumps(where, sort_keys=True)

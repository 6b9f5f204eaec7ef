"""layer-unknown-account: run a copy of the layer that nobody else can replace."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec.structs import replace

from buckler.fixes._estates import all_of, on_function
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._settings import setting
from buckler.model.estate import Estate
from buckler.model.fix import MOST_PUBLISHED, ApiEdit, Ask, Content, Lookup
from buckler.model.functions import Function, LayerRef, LayerVersion
from buckler.model.text import shown
from buckler.model.unknown import known

_COPY, _NUMBER = "the copy of {}", "the number of the copy of {}"
_LONGEST: Final = 64
"""Characters of the name of a copy; Lambda takes 140."""


@remedy
def layer_unknown_account(case: Case[Function]) -> Remedies:
    """Publish the same bytes as a layer of the own account, and put that in its place; read what is in it all the same.

    A version cannot be changed, but it can be deleted, and its owner decides who may look at it. The layers of a function are one setting:
    those that are planned together are copied together.
    """
    function = case.subject
    layers = {one.arn: one for one in case.analysis.estate.layers}
    foreign = [one for one in known(function.layers) if (function.arn, shown(one.arn)) in _planned(case)]
    for ref in known(function.layers):
        layer = layers.get(ref.arn)
        # Lambda takes no list of layers that names one that is gone.
        if layer is not None and known(layer.exists) is False:
            yield Advice(_SUMMARY, f"`{_short(ref)}` does not exist any more, and Lambda takes no list of layers with it: replace it first")
            return
    copied: list[LayerVersion] = []
    for ref in foreign:
        layer = layers.get(ref.arn)
        if layer is None or layer.code_sha256 is None or layer.code_size is None:
            yield Advice(_SUMMARY, f"these credentials may not fetch `{_short(ref)}`")
            return
        if layer.code_size > MOST_PUBLISHED:
            yield Advice(_SUMMARY, f"`{_short(ref)}` has more than the {MOST_PUBLISHED // 1024**2} MB that Lambda takes in a call")
            return
        copied.append(layer)
    yield Mend(
        f"{_SUMMARY}: {', '.join(f'`{_short(ref)}`' for ref in foreign)}",
        (*(_publish(layer, function) for layer in copied), _set(function, copied)),
        all_of(*(_copied(layer, function) for layer in copied)),
        lost=("new versions by whoever made the layer: it is yours to update", "nothing of what is in it: read that before you trust it"),
    )


_SUMMARY: Final = "run a copy of the layer, published in your account"


def _planned(case: Case[Function]) -> set[tuple[object, str]]:
    along = (*case.along, case.finding)
    return {(one.subject.arn, one.key) for one in along if one.check == case.finding.check}


def _short(ref: LayerRef) -> str:
    return shown(ref.arn).partition(":layer:")[2]


def _name(layer: LayerVersion) -> str:
    """Name the layer of the copies of one layer: of two accounts they are two."""
    owner = f"{shown(layer.account)}-{shown(layer.name)}"
    return f"buckler-copy-{owner if len(owner) <= _LONGEST else hashlib.sha256(owner.encode()).hexdigest()[:16]}"


def _mark(layer: LayerVersion) -> str:
    """Describe a copy: by it buckler knows its own."""
    return f"copy of {shown(layer.arn)} by buckler"


def _publish(layer: LayerVersion, function: Function) -> ApiEdit:
    original, name, mark = shown(layer.arn), _name(layer), _mark(layer)
    listed = Ask(service="lambda", operation="ListLayerVersions", parameters={"LayerName": name})
    found = ("LayerVersions", f"Description={mark}")
    copy, number = _COPY.format(original), _NUMBER.format(original)
    parameters: dict[str, Any] = {"LayerName": name, "Description": mark}
    parameters |= {"CompatibleRuntimes": list(layer.compatible_runtimes)} if layer.compatible_runtimes else {}
    return ApiEdit(
        account=shown(function.account),
        region=shown(function.region),
        arn=original,
        what=f"copy of the layer version, as `{name}`",
        read=Ask(service="lambda", operation="GetLayerVersionByArn", parameters={"Arn": f"{{{copy}}}"}),
        pick=("Content", "CodeSha256"),
        before=None,
        after=layer.code_sha256,
        do=Ask(service="lambda", operation="PublishLayerVersion", parameters=parameters),
        undo=Ask(service="lambda", operation="DeleteLayerVersion", parameters={"LayerName": name, "VersionNumber": f"{{{number}}}"}),
        lookups={
            copy: Lookup(read=listed, pick=(*found, "LayerVersionArn")),
            number: Lookup(read=listed, pick=(*found, "Version")),
        },
        content=Content(
            read=Ask(service="lambda", operation="GetLayerVersionByArn", parameters={"Arn": original}), sha256=layer.code_sha256 or ""
        ),
    )


def _set(function: Function, copied: Sequence[LayerVersion]) -> ApiEdit:
    """Put the copies where the originals stand: in what order layers are laid over each other counts."""
    names = {layer.arn: _COPY.format(shown(layer.arn)) for layer in copied}
    before = [shown(one.arn) for one in known(function.layers)]
    after = [f"{{{names[one.arn]}}}" if one.arn in names else shown(one.arn) for one in known(function.layers)]
    operation = "UpdateFunctionConfiguration"
    edit = setting(
        function,
        "layers",
        read="GetFunctionConfiguration",
        pick=("Layers", "*.Arn"),
        before=before,
        after=after,
        do=(operation, {"Layers": after}),
        undo=(operation, {"Layers": before}),
        waits=True,
    )
    lookups = {name: found for layer in copied for name, found in _publish(layer, function).lookups.items() if name == names[layer.arn]}
    return replace(edit, lookups=lookups)


def _copied(layer: LayerVersion, function: Function) -> Callable[[Estate], Estate]:
    partition = shown(function.arn).split(":")[1]
    arn = f"arn:{partition}:lambda:{shown(function.region)}:{shown(function.account)}:layer:{_name(layer)}:1"
    copy = replace(layer, arn=arn, name=_name(layer), account=function.account, version=1, policy=None)

    def other(ref: LayerRef) -> LayerRef:
        return replace(ref, arn=arn) if ref.arn == layer.arn else ref

    def change(one: Function) -> Function:
        return replace(one, layers=tuple(map(other, one.layers))) if isinstance(one.layers, tuple) else one

    def both(estate: Estate) -> Estate:
        there = any(one.arn == arn for one in estate.layers)
        return on_function(estate if there else replace(estate, layers=(*estate.layers, copy)), function.arn, change)

    return both

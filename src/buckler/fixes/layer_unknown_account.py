"""layer-unknown-account: run a copy of the layer that nobody else can replace."""

from typing import Any, Final

from buckler.fixes._estates import all_of
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._layers import Instead, copied, listed_as, name_of_copy, set_layers, short
from buckler.model.fix import MOST_PUBLISHED, ApiEdit, Ask, Content
from buckler.model.functions import Function, LayerVersion
from buckler.model.text import shown
from buckler.model.unknown import known

_COPY, _NUMBER = "the copy of {}", "the number of the copy of {}"


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
            yield Advice(
                _SUMMARY, f"`{short(ref.arn)}` does not exist any more, and Lambda takes no list of layers with it: replace it first"
            )
            return
    chosen: list[LayerVersion] = []
    for ref in foreign:
        layer = layers.get(ref.arn)
        if layer is None or layer.code_sha256 is None or layer.code_size is None:
            yield Advice(_SUMMARY, f"these credentials may not fetch `{short(ref.arn)}`")
            return
        if layer.code_size > MOST_PUBLISHED:
            yield Advice(_SUMMARY, f"`{short(ref.arn)}` has more than the {MOST_PUBLISHED // 1024**2} MB that Lambda takes in a call")
            return
        chosen.append(layer)
    yield Mend(
        f"{_SUMMARY}: {', '.join(f'`{short(ref.arn)}`' for ref in foreign)}",
        (*(_publish(layer, function) for layer in chosen), set_layers(function, {layer.arn: _instead(layer) for layer in chosen})),
        all_of(*(copied(layer, function, name_of_copy(layer, "copy"), None) for layer in chosen)),
        lost=("new versions by whoever made the layer: it is yours to update", "nothing of what is in it: read that before you trust it"),
    )


_SUMMARY: Final = "run a copy of the layer, published in your account"


def _planned(case: Case[Function]) -> set[tuple[object, str]]:
    along = (*case.along, case.finding)
    return {(one.subject.arn, one.key) for one in along if one.check == case.finding.check}


def _mark(layer: LayerVersion) -> str:
    """Describe a copy: by it buckler knows its own."""
    return f"copy of {shown(layer.arn)} by buckler"


def _instead(layer: LayerVersion) -> Instead:
    name = name_of_copy(layer, "copy")
    return Instead(_COPY.format(shown(layer.arn)), listed_as(name, _mark(layer), "LayerVersionArn"))


def _publish(layer: LayerVersion, function: Function) -> ApiEdit:
    original, name, mark = shown(layer.arn), name_of_copy(layer, "copy"), _mark(layer)
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
            copy: listed_as(name, mark, "LayerVersionArn"),
            number: listed_as(name, mark, "Version"),
        },
        content=Content(
            read=Ask(service="lambda", operation="GetLayerVersionByArn", parameters={"Arn": original}), sha256=layer.code_sha256 or ""
        ),
    )

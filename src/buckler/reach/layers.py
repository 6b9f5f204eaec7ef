"""Which layers are used, by whom, and whose they are."""

from itertools import pairwise

from buckler.data.layer_accounts import is_runtime_security_layer, publisher
from buckler.engines.iam import sample
from buckler.model.functions import Function, LayerRef, LayerVersion
from buckler.model.text import Hole, Partial, Text, join, shown, unresolved
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.absent import absent, first_hole
from buckler.reach.analysis import Analysis
from buckler.reach.once import once


@once
def _users(analysis: Analysis) -> dict[Text, list[Function]]:
    index: dict[Text, list[Function]] = {}
    for function in analysis.estate.functions:
        if not isinstance(function.layers, Unknown):
            for layer in function.layers:
                index.setdefault(layer.arn, []).append(function)
    return index


def users_of(layer: LayerRef, analysis: Analysis) -> list[Function]:
    """List the functions that use a layer version, in the estate's order."""
    return _users(analysis).get(layer.arn, [])


def version_of(layer: LayerRef, function: Function, analysis: Analysis) -> LayerVersion:
    """Give the layer version that a function names."""
    found = analysis.layers.get(layer.arn)
    if found is None:
        analysis.require("layers", function.account, function.region)
        raise Undecided(absent(f"the layer `{shown(layer.arn)}`", function, "lambda:GetLayerVersionByArn"))
    return found


def owner_of(arn: Text) -> Text:
    """Give the account of a layer ARN. Raises `Undecided` when the ARN does not show it, because a hole stands for all of it."""
    if isinstance(arn, str):
        fields = arn.split(":")
        return fields[4] if len(fields) > 4 else ""
    pieces: list[list[str | Hole]] = [[]]
    for part in arn.parts:
        if isinstance(part, Hole):
            pieces[-1].append(part)
            continue
        first, *rest = part.split(":")
        pieces[-1].append(first)
        pieces.extend([text] for text in rest)
    if len(pieces) <= 4 or pieces[0] != ["arn"]:
        raise Undecided(first_hole(arn))
    return join(*pieces[4])


def protects(layer: LayerRef) -> bool:
    """Say whether a layer is known to protect a function while it runs: by its publisher, or by the product's name. Raises `Undecided`."""
    account = owner_of(layer.arn)
    entry = publisher(account) if isinstance(account, str) else None
    if entry is not None and entry.is_runtime_security:
        return True
    for before, after in pairwise(layer.arn.parts) if isinstance(layer.arn, Partial) else ():
        if isinstance(before, str) and before.endswith(":layer:") and isinstance(after, Hole):
            # Some products are told by the name, which may be anything here.
            raise Undecided(unresolved(after))
    return is_runtime_security_layer(sample(layer.arn))

"""Layers of a function, with others in the place of some."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from buckler.fixes._estates import on_function
from buckler.fixes._settings import setting
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit, Ask, Lookup
from buckler.model.functions import Function, LayerRef, LayerVersion
from buckler.model.text import Text, shown
from buckler.model.unknown import known

_LONGEST: Final = 64
"""Characters of the name of a copy; Lambda takes 140."""


@dataclass(frozen=True, slots=True)
class Instead:
    """What is put in the place of a layer: AWS numbers it when it is published."""

    name: str
    """By which the plan speaks of it."""
    lookup: Lookup


def short(arn: Text) -> str:
    """Name a layer version without its account."""
    return shown(arn).partition(":layer:")[2]


def name_of_copy(layer: LayerVersion, kind: str) -> str:
    """Name the layer of the copies of one layer: of two accounts they are two."""
    owner = f"{shown(layer.account)}-{shown(layer.name)}"
    return f"buckler-{kind}-{owner if len(owner) <= _LONGEST else hashlib.sha256(owner.encode()).hexdigest()[:16]}"


def listed_as(name: str, mark: str, member: str) -> Lookup:
    """Find a version by its description, and give `Version` or `LayerVersionArn` of it."""
    read = Ask(service="lambda", operation="ListLayerVersions", parameters={"LayerName": name})
    return Lookup(read=read, pick=("LayerVersions", f"Description={mark}", member))


def set_layers(function: Function, instead: Mapping[Text, Instead]) -> ApiEdit:
    """Put others where the originals stand: in what order layers are laid over each other counts."""
    after = [f"{{{instead[one.arn].name}}}" if one.arn in instead else shown(one.arn) for one in known(function.layers)]
    edit = layers_set(function, after)
    return replace(edit, lookups={one.name: one.lookup for one in instead.values()})


def layers_set(function: Function, after: list[str]) -> ApiEdit:
    """Set the layers of a function, all of which are one setting."""
    before = [shown(one.arn) for one in known(function.layers)]
    operation = "UpdateFunctionConfiguration"
    return setting(
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


def copied(layer: LayerVersion, function: Function, name: str, profile: str | None) -> Callable[[Estate], Estate]:
    """Let a function run a copy of a layer, which is its account's; *profile*: that signed it."""
    partition = shown(function.arn).split(":")[1]
    arn = f"arn:{partition}:lambda:{shown(function.region)}:{shown(function.account)}:layer:{name}:1"
    signed_by = profile or layer.signing_profile_version_arn
    copy = replace(layer, arn=arn, name=name, account=function.account, version=1, policy=None, signing_profile_version_arn=signed_by)

    def other(ref: LayerRef) -> LayerRef:
        return (
            replace(ref, arn=arn, signing_profile_version_arn=profile or ref.signing_profile_version_arn) if ref.arn == layer.arn else ref
        )

    def change(one: Function) -> Function:
        return replace(one, layers=tuple(map(other, one.layers))) if isinstance(one.layers, tuple) else one

    def both(estate: Estate) -> Estate:
        there = any(one.arn == arn for one in estate.layers)
        return on_function(estate if there else replace(estate, layers=(*estate.layers, copy)), function.arn, change)

    return both

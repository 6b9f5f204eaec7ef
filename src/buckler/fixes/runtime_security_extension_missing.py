"""runtime-security-extension-missing: add the layer of the user's product to the functions of a region."""

from collections.abc import Callable, Iterator
from typing import Final

from msgspec.structs import replace

from buckler.fixes._estates import all_of, on_function
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._layers import layers_set
from buckler.fixes._option import WHICH_LAYER
from buckler.model.estate import Estate, Scope
from buckler.model.functions import Function, LayerRef, LayerVersion
from buckler.model.origin import ApiOrigin
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.layers import protects
from buckler.reach.scopes import functions_in

_MOST: Final = 5
"""Layers of a function (AWS Lambda Developer Guide, "Lambda quotas")."""
_MOVES: Final = frozenset({"environment-secret-readable", "environment-without-customer-key", "secret-in-environment"})
"""Their remedies add a layer too, when secrets are moved."""


@remedy
def runtime_security_extension_missing(case: Case[Scope]) -> Remedies:
    """Put the layer behind those that are there: later ones win, and an extension brings files of its own only.

    The layers of a function are one setting. Where another fix of the plan changes it, that one goes first, and this one is for the next.
    """
    layer = case.wishes.extension_layer
    if not layer:
        yield WHICH_LAYER
        return
    bare = list(_bare(case))
    full = [one for one in bare if len(known(one.layers)) >= _MOST]
    if full:
        yield Advice(_SUMMARY, f"`{shown(full[0].name)}` has {_MOST} layers already, and takes no further one")
        return
    moving = {one.subject.arn for one in case.along if one.check in _MOVES} if case.wishes.secrets_to else set[str]()
    first = next((one for one in bare if one.arn in moving), None)
    if first is not None:
        yield Advice(_SUMMARY, f"secrets of `{shown(first.name)}` move in this plan, which adds a layer too: plan again once it is applied")
        return
    yield Mend(
        f"add the layer of your product to {len(bare)} {'function' if len(bare) == 1 else 'functions'} (--extension-layer)",
        tuple(layers_set(one, [*(shown(each.arn) for each in known(one.layers)), layer]) for one in bare),
        all_of(_known(case.subject, layer), *(_carrying(one, layer) for one in bare)),
        lost=("a part of each cold start: the extension starts with the function",),
    )


_SUMMARY: Final = "add the layer of your runtime-protection product (--extension-layer)"


def _bare(case: Case[Scope]) -> Iterator[Function]:
    for function in functions_in(case.subject, case.analysis):
        if known(function.package_type) == "Zip" and not any(map(protects, known(function.layers))):
            yield function


def _carrying(function: Function, layer: str) -> Callable[[Estate], Estate]:
    def change(one: Function) -> Function:
        layers = one.layers if isinstance(one.layers, tuple) else ()
        return replace(one, layers=(*layers, LayerRef(arn=layer, origin=one.origin)))

    return lambda estate: on_function(estate, function.arn, change)


def _known(scope: Scope, layer: str) -> Callable[[Estate], Estate]:
    """Let the layer be there: whoever names it says so, and Lambda takes none that is not."""
    _, _, _, region, account, _, name, version = layer.split(":")
    made = LayerVersion(
        arn=layer,
        name=name,
        account=account,
        region=region,
        origin=ApiOrigin(call="lambda:GetLayerVersionByArn", arn=layer, account=shown(scope.account), region=region),
        version=int(version),
        policy=None,
        exists=True,
    )

    def change(estate: Estate) -> Estate:
        there = any(one.arn == layer for one in estate.layers)
        return estate if there else replace(estate, layers=(*estate.layers, made))

    return change

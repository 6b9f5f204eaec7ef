"""layer-version-gone: AWS keeps no deleted version; say with which command to take another."""

from collections.abc import Iterator

from buckler.fixes._fix import Advice, Case, remedy
from buckler.model.functions import Function, LayerVersion
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis


@remedy
def layer_version_gone(case: Case[LayerVersion]) -> Iterator[Advice]:
    """Name the command that puts the newest version there is in its place: whether the code works with that, its tests tell."""
    gone = case.subject
    head = shown(gone.arn).rpartition(":")[0]
    newest = max(
        (
            one.version
            for one in case.analysis.estate.layers
            if shown(one.arn).rpartition(":")[0] == head and one.exists is True and one.version
        ),
        default=None,
    )
    why = "AWS does not bring a deleted version back, and whether the code works with another only its tests tell"
    if newest is None:
        yield Advice(f"look for a version that is there: aws lambda list-layer-versions --layer-name {head}", why)
        return
    for function in _users(gone, case.analysis):
        layers = " ".join(f"{head}:{newest}" if ref == gone.arn else ref for ref in _layers(function))
        name, region = shown(function.name), shown(function.region)
        yield Advice(f"aws lambda update-function-configuration --function-name {name} --region {region} --layers {layers}", why)
        return


def _users(layer: LayerVersion, analysis: Analysis) -> list[Function]:
    return [one for one in analysis.estate.functions if layer.arn in _layers(one)]


def _layers(function: Function) -> list[str]:
    return [] if isinstance(function.layers, Unknown) else [shown(one.arn) for one in function.layers]

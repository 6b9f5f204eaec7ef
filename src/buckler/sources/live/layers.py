"""Layer versions: those that functions use, whoever owns them, and the newest of each of our own."""

from msgspec.structs import replace

from buckler.model.estate import Estate
from buckler.model.functions import Function, LayerVersion
from buckler.model.policy import Policy
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live.access import document
from buckler.sources.live.answers import Answer, inner, strings
from buckler.sources.live.api import Reader, not_asked
from buckler.sources.live.calls import Collector
from buckler.sources.live.limits import CONTROL_PLANE

COLLECTOR = Collector("layers")
LIST = COLLECTOR.call("lambda", "ListLayers", "layers of the account", result="Layers", page=("Marker", "NextMarker"), **CONTROL_PLANE)
GET = COLLECTOR.call(
    "lambda",
    "GetLayerVersionByArn",
    "layer versions that functions use",
    action="lambda:GetLayerVersion",  # the action of both operations
    result="LayerVersionArn",
    none=("ResourceNotFoundException",),
    **CONTROL_PLANE,
)
POLICY = COLLECTOR.call(
    "lambda", "GetLayerVersionPolicy", "who may use the layers", result="Policy", none=("ResourceNotFoundException",), **CONTROL_PLANE
)

_LATER = not_asked("not read yet")


def collect(reader: Reader) -> Estate:
    """List the newest version of each layer of a region; its policy is read later."""
    pages = reader.pages(LIST)
    layers: list[LayerVersion] = []
    for entry in pages:
        newest = inner(entry, "LatestMatchingVersion")
        if newest:
            layers.append(_layer(reader, newest["LayerVersionArn"], newest, exists=True, policy=_LATER, is_used=False))
    return Estate(layers=tuple(layers), missing=pages.missing("layers"))


def used_by(functions: list[Function]) -> tuple[str, ...]:
    """Give the ARN of every layer version any of *functions* uses, once."""
    arns = {layer.arn for function in functions if not isinstance(function.layers, Unknown) for layer in function.layers}
    return tuple(sorted(arn for arn in arns if isinstance(arn, str)))


def collect_used(reader: Reader, arn: str) -> Estate:
    """Read one layer version that functions use."""
    answer = reader.find(GET, Arn=arn)
    if answer is None:
        return Estate(layers=(_layer(reader, arn, {}, exists=False, policy=None, is_used=True),))
    policy = _policy(reader, arn)
    if isinstance(answer, Unknown):
        return Estate(layers=(_layer(reader, arn, {}, exists=answer, policy=policy, is_used=True),))
    return Estate(layers=(_layer(reader, arn, answer, exists=True, policy=policy, is_used=True),))


def collect_policy(reader: Reader, layer: LayerVersion) -> Estate:
    """Read who may use a version of our own that no function uses."""
    return Estate(layers=(replace(layer, policy=_policy(reader, str(layer.arn))),))


def _policy(reader: Reader, arn: str) -> Policy | Unknown | None:
    owner = arn.split(":")[4]
    if owner != reader.account:
        return Unknown(kind=UnknownKind.OUTSIDE, why="only the owner of a layer can read its policy", need=f"a scan of account {owner}")
    layer, _, version = arn.rpartition(":")
    answer = reader.find(POLICY, LayerName=layer, VersionNumber=int(version))
    return document(reader, POLICY, arn, answer, "Policy")


def _layer(
    reader: Reader, arn: str, answer: Answer, *, exists: bool | Unknown, policy: Policy | Unknown | None, is_used: bool
) -> LayerVersion:
    parts = arn.split(":")
    content = inner(answer, "Content")
    return LayerVersion(
        arn=arn,
        name=parts[6],
        account=parts[4],
        region=parts[3],
        origin=reader.origin(GET if is_used else LIST, arn),
        version=int(parts[7]),
        policy=policy,
        exists=exists,
        code_sha256=content.get("CodeSha256"),
        code_size=content.get("CodeSize"),
        compatible_runtimes=strings(answer, "CompatibleRuntimes"),
        created=answer.get("CreatedDate"),
        signing_profile_version_arn=content.get("SigningProfileVersionArn"),
        is_used=is_used,
    )

"""Entities as subjects of findings and gaps."""

from buckler.model.entity import Entity
from buckler.model.estate import Scope
from buckler.model.finding import Subject
from buckler.model.functions import EventSourceMapping, Function, LayerVersion, Trigger
from buckler.model.origin import FileOrigin
from buckler.model.text import shown

_KINDS: dict[type[Entity], str] = {
    Function: "function",
    LayerVersion: "layer-version",
    EventSourceMapping: "event-source-mapping",
    Trigger: "trigger",
}


def kind_of(kind: type[Entity | Scope]) -> str:
    """Name a type of subject as people do: `CodeSigningConfig` is `code-signing-config`, a `Scope` is `region`."""
    if kind is Scope:
        return "region"
    known = _KINDS.get(kind)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - Scope is handled above
    if known:
        return known
    return "".join(f"-{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(kind.__name__))


def subject_of(entity: Entity | Scope) -> Subject:
    """Describe who a finding is about, with holes shown as `${...}`."""
    file = entity.origin.file if isinstance(entity.origin, FileOrigin) else ""
    if isinstance(entity, Scope):
        return Subject(
            kind="region", id=entity.name, name=entity.name, arn="", account=shown(entity.account), region=shown(entity.region), place=file
        )
    arn = shown(entity.arn)
    # A template that names nothing leaves a hole named after the logical id; people know the thing by that id.
    name = entity.address if entity.address and not isinstance(entity.name, str) else shown(entity.name)
    return Subject(
        kind=kind_of(type(entity)),
        id=entity.address or arn or name,
        name=name,
        arn=arn,
        account=shown(entity.account),
        region=shown(entity.region),
        place=file,
    )

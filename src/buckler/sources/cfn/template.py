"""A template: which of its resources are deployed, and how they name each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from buckler.model.estate import Note
from buckler.model.origin import FileOrigin
from buckler.model.text import Partial, Text, hole, join
from buckler.model.unknown import Unknown
from buckler.sources.cfn.identity import SAME_AS_REF, SHAPES
from buckler.sources.cfn.intrinsics import Resolver
from buckler.sources.cfn.parameters import Parameters
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.sam_places import SamPlaces
from buckler.sources.cfn.tree import NOWHERE, Map, Source, as_map, mark_of
from buckler.sources.cfn.values import Resolved

_LONGEST = 20
"""Names in a chain, each made of the next; who chains more gets a hole."""


class Template:
    """One template, its conditions decided and its names known."""

    def __init__(
        self,
        root: Map,
        source: Source,
        parameters: Parameters,
        notes: list[Note],
        gaps: Sequence[tuple[str, Unknown]] = (),
        where: SamPlaces | None = None,
        stand_ins: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.root = root
        self.source = source
        self.notes = notes
        self.gaps = list(gaps)
        """Collections of which something could not be read, and why."""
        self.parameters = parameters
        self.resolver = Resolver(root, parameters, self, source, stand_ins)
        self.partition: Text = _pseudo(parameters, "AWS::Partition")
        self.region: Text = _pseudo(parameters, "AWS::Region")
        self.account: Text = _pseudo(parameters, "AWS::AccountId")
        self._raw = as_map(root.get("Resources"))
        self.places = where
        """Where SAM's resources were written; None for plain CloudFormation."""
        self._names: dict[str, Text] = {}
        self._naming: set[str] = set()
        self._resources: dict[str, Resource] | None = None
        self._by_type: dict[str, list[Resource]] | None = None

    @property
    def resources(self) -> Mapping[str, Resource]:
        """Those that are, or may be, deployed, in the order of the file."""
        if self._resources is None:
            self._resources = {}
            for logical_id, raw in self._raw.items():
                if not isinstance(raw, Map):
                    continue
                mark = self.mark_of(logical_id)
                if "Condition" in raw:
                    verdict = self.resolver.conditions.named(raw["Condition"])
                    if verdict is False:
                        continue
                    if verdict is None:
                        need = self.resolver.conditions.need(raw["Condition"])
                        message = f"`{logical_id}` is read as if deployed: its condition is not decided ({need} would tell)"
                        self.notes.append(Note(message=message, origin=self.source.origin(mark)))
                self._resources[str(logical_id)] = Resource(self, str(logical_id), raw, mark)
        return self._resources

    def of_type(self, *types: str) -> Iterator[Resource]:
        """Give the resources of some types, type by type, in the order of the file."""
        if self._by_type is None:
            self._by_type = {}
            for resource in self.resources.values():
                self._by_type.setdefault(resource.type, []).append(resource)
        for kind in types:
            yield from self._by_type.get(kind, ())

    def mark_of(self, logical_id: str) -> int:
        """Find the place of a resource; of one that SAM made, the place in the SAM resource it was made of."""
        if self.places is not None:
            mark = self.places(logical_id)
            if mark >= 0:
                return mark
        return mark_of(self._raw, logical_id)

    def note(self, message: str, origin: FileOrigin) -> None:
        self.notes.append(Note(message=message, origin=origin))

    def gap(self, collection: str, why: Unknown, origin: FileOrigin) -> None:
        """Say that a collection has more than could be read."""
        self.gaps.append((collection, why))
        self.note(why.why, origin)

    # Names and ARNs

    def _type(self, logical_id: str) -> str:
        raw = self._raw.get(logical_id)
        kind = raw.get("Type") if isinstance(raw, Map) else None
        return str(kind) if isinstance(kind, str) else ""

    def _property(self, logical_id: str, key: str) -> Text | None:
        """Resolve one property to a text, without running in circles: a name may refer to what refers to it."""
        properties = as_map(as_map(self._raw.get(logical_id)).get("Properties"))
        if key not in properties or logical_id in self._naming or len(self._naming) >= _LONGEST:
            return None
        self._naming.add(logical_id)
        try:
            value = self.resolver.text(properties[key])
        finally:
            self._naming.discard(logical_id)
        return value if isinstance(value, str | Partial) else None

    def name(self, logical_id: str) -> Text:
        """Give the name of a resource: what its name property says, else a hole named after the logical id."""
        if logical_id not in self._names:
            shape = SHAPES.get(self._type(logical_id))
            named = self._property(logical_id, shape.property) if shape and shape.property else None
            if logical_id in self._naming:
                return named if named is not None else hole(logical_id)
            self._names[logical_id] = named if named is not None and named != "" else hole(logical_id)
        return self._names[logical_id]

    def make_arn(self, pattern: str, name: Text, path: Text = "/") -> Text:
        """Fill in an ARN pattern of `identity.SHAPES`."""
        pieces: list[Text] = ["arn:", self.partition, ":"]
        for index, part in enumerate(pattern.replace("{", "\0{").replace("}", "\0").split("\0")):
            if index % 2:
                pieces.append({"{region": self.region, "{account": self.account, "{name": name, "{path": path}[part])
            else:
                pieces.append(part)
        return join(*pieces)

    def arn(self, logical_id: str) -> Text:
        """Give the ARN of a resource; a hole where this kind of resource has none we know how to write."""
        kind = self._type(logical_id)
        shape = SHAPES.get(kind)
        match kind:
            case "AWS::Lambda::Alias":
                return join(self._function_arn(logical_id), ":", self._property(logical_id, "Name") or hole(f"{logical_id}.Name"))
            case "AWS::Lambda::Version":
                return join(self._function_arn(logical_id), ":", hole(f"{logical_id}.Version"))
            case "AWS::Lambda::LayerVersion" if shape:
                return join(self.make_arn(shape.arn, self.name(logical_id)), ":", hole(f"{logical_id}.Version"))
            case "AWS::SecretsManager::Secret" if shape:
                name = self.name(logical_id)
                # AWS appends six random characters to the name.
                return self.make_arn(shape.arn, name if name == hole(logical_id) else join(name, "-", hole(f"{logical_id}.Suffix")))
            case "AWS::SSM::Parameter":
                name = self.name(logical_id)
                rooted = isinstance(name, str) and name.startswith("/")
                return self.make_arn(
                    "ssm:{region}:{account}:parameter{name}" if rooted else "ssm:{region}:{account}:parameter/{name}", name
                )
            case "AWS::Events::Rule" if shape:
                bus = self._property(logical_id, "EventBusName")
                name = self.name(logical_id)
                return self.make_arn(shape.arn, name if bus in {None, "default"} or bus is None else join(bus, "/", name))
            case _:
                pass
        if shape is None:
            return hole(logical_id if kind in SAME_AS_REF else f"{logical_id}.Arn")
        path = self._property(logical_id, "Path") or "/" if "{path}" in shape.arn else "/"
        return self.make_arn(shape.arn, self.name(logical_id), path)

    def _function_arn(self, logical_id: str) -> Text:
        reference = self._property(logical_id, "FunctionName")
        return self.function_arn(reference) if reference is not None else hole(f"{logical_id}.FunctionName")

    def function_arn(self, reference: Text) -> Text:
        """Give the unqualified ARN a function reference means: an ARN as it is, a name completed with what the template stands for."""
        from buckler.sources.cfn.function_names import bare_arn

        return bare_arn(self, reference)

    def ref(self, logical_id: str) -> Resolved:
        """Give what `Ref` gives for a resource."""
        kind = self._type(logical_id)
        shape = SHAPES.get(kind)
        if kind in {"AWS::Lambda::Alias", "AWS::Lambda::Version"}:
            return self.arn(logical_id)
        if shape is None:
            return hole(logical_id)
        if shape.ref == "arn":
            return self.arn(logical_id)
        name = self.name(logical_id)
        if shape.ref == "url":
            suffix = self.resolver.piece(_ref("AWS::URLSuffix"), NOWHERE)
            return join("https://sqs.", self.region, ".", suffix, "/", self.account, "/", name)
        return name

    def attribute(self, logical_id: str, name: str) -> Resolved:
        """Give what `GetAtt` gives for a resource."""
        kind = self._type(logical_id)
        shape = SHAPES.get(kind)
        match kind, name:
            case ("AWS::Lambda::Alias", "AliasArn"):
                return self.arn(logical_id)
            case ("AWS::Lambda::Version" | "AWS::Lambda::Url", "FunctionArn"):
                return self.arn(logical_id) if kind.endswith("Version") else self._function_arn(logical_id)
            case ("AWS::Logs::LogGroup", "Arn"):
                # CloudFormation gives the form that is used in policies; the entity goes by the other.
                return join(self.arn(logical_id), ":*")
            case ("AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable", "StreamArn"):
                return join(self.arn(logical_id), "/stream/", hole(f"{logical_id}.StreamLabel"))
            case ("AWS::Signer::SigningProfile", "ProfileVersionArn"):
                return join(self.arn(logical_id), "/", hole(f"{logical_id}.ProfileVersion"))
            case _:
                pass
        if shape is not None and name in shape.arns:
            return self.arn(logical_id)
        if shape is not None and name in shape.names:
            return self.name(logical_id)
        if name in SAME_AS_REF.get(kind, ()):
            return hole(logical_id)
        return hole(f"{logical_id}.{name}")


def _ref(name: str) -> Map:
    made = Map()
    made.put("Ref", name, NOWHERE)
    return made


def _pseudo(parameters: Parameters, name: str) -> Text:
    value = parameters.pseudo(name)
    return str(value) if isinstance(value, str) else hole(name, f"--parameter {name}=...")

"""The plan with everything that looks things up in it: what the readers are handed."""

from buckler.model.origin import FileOrigin
from buckler.model.secret import Judge
from buckler.model.text import Text, hole
from buckler.sources.terraform import arns
from buckler.sources.terraform.identity import Identity
from buckler.sources.terraform.locate import Functions
from buckler.sources.terraform.node import MalformedError, Node
from buckler.sources.terraform.plan import Plan, Resource
from buckler.sources.terraform.references import References


class View:
    def __init__(self, plan: Plan, judge: Judge) -> None:
        self.plan = plan
        self.judge = judge
        self.identity = Identity(plan)
        self.references = References(self)
        self.functions = Functions(self)
        self._found: dict[tuple[tuple[str, ...], str], dict[Text, Resource]] = {}
        self._attributes: dict[tuple[Resource, str], Text | None] = {}

    def node(self, resource: Resource) -> Node:
        """Stand at the root of a resource."""
        expressions = resource.declared.expressions if resource.declared else None
        return Node(self, resource, (), resource.after, resource.unknown, resource.sensitive, expressions)

    def attribute(self, resource: Resource, name: str) -> Text:
        """Give an attribute of a resource as other resources see it."""
        key = (resource, name)
        found = self._attributes.get(key)
        if found is not None:
            return found
        if key in self._attributes:
            # It refers to itself through others, which Terraform would refuse.
            return hole(f"{resource.address}.{name}")
        self._attributes[key] = None
        try:
            found = arns.attribute(self, resource, name)
        except MalformedError:
            # Said where the resource itself is read.
            found = hole(f"{resource.address}.{name}")
        finally:
            del self._attributes[key]
        self._attributes[key] = found
        return found

    def found(self, kinds: tuple[str, ...], value: Text, name: str = "id") -> Node | None:
        """Find the resource of some types whose attribute has a value."""
        index = self._found.get((kinds, name))
        if index is None:
            index = self._found[kinds, name] = {}
            for resource in self.plan.of(*kinds):
                index.setdefault(self.attribute(resource, name), resource)
        found = index.get(value)
        return self.node(found) if found is not None else None

    def origin(self, resource: Resource, *path: str | int) -> FileOrigin:
        return self.node(resource).origin(*path)

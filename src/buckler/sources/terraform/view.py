"""The plan with everything that looks things up in it: what the readers are handed."""

from buckler.model.origin import FileOrigin
from buckler.model.secret import Judge
from buckler.model.text import Text, hole
from buckler.sources.terraform import arns
from buckler.sources.terraform.identity import Identity
from buckler.sources.terraform.locate import Functions
from buckler.sources.terraform.node import Node
from buckler.sources.terraform.plan import Plan, Resource
from buckler.sources.terraform.references import References


class View:
    def __init__(self, plan: Plan, judge: Judge) -> None:
        self.plan = plan
        self.judge = judge
        self.identity = Identity(plan)
        self.references = References(self)
        self.functions = Functions(self)
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
        finally:
            del self._attributes[key]
        self._attributes[key] = found
        return found

    def origin(self, resource: Resource, *path: str | int) -> FileOrigin:
        return self.node(resource).origin(*path)

"""Where the user wrote what SAM made: from the logical id of a generated resource back to the SAM resource, and the event in it."""

from buckler.sources.cfn.tree import NOWHERE, Map, Seq, Str, as_map

# What SAM appends to a function's logical id, and the property it makes it of.
_SUFFIXES = (
    ("UrlPublicPermissions", "FunctionUrlConfig"),
    ("URLInvokeAllowPublicAccess", "FunctionUrlConfig"),
    ("Url", "FunctionUrlConfig"),
    ("EventInvokeConfig", "EventInvokeConfig"),
    ("Alias", "AutoPublishAlias"),
    ("Version", "AutoPublishAlias"),
)


class SamPlaces:
    """The resources of the template as written."""

    def __init__(self, root: Map) -> None:
        self._resources = as_map(root.get("Resources"))
        self._by_length = sorted(self._resources, key=len, reverse=True)
        self._routes: dict[tuple[str, str], int] = {}
        for resource in self._resources.values():
            for name, event in as_map(as_map(as_map(resource).get("Properties")).get("Events")).items():
                if isinstance(event, Map) and str(event.get("Type")) in {"Api", "HttpApi"}:
                    properties = as_map(event.get("Properties"))
                    key = str(properties.get("Path", "/$default")), str(properties.get("Method", "any")).lower()
                    events = as_map(as_map(as_map(resource).get("Properties")).get("Events"))
                    self._routes.setdefault(key, events.marks.get(name, NOWHERE))

    def route(self, path: str, method: str) -> int:
        """Give the mark of the event that asked for a route."""
        method = "any" if method == "x-amazon-apigateway-any-method" else method.lower()
        return self._routes.get((path, method), self._routes.get((path, "any"), NOWHERE))

    def policy(self, role: str, name: str) -> int:
        """Give the mark of the entry of a function's `Policies` that names a managed policy."""
        policies = as_map(as_map(self._resources.get(self.source_of(role))).get("Properties")).get("Policies")
        if isinstance(policies, Str):
            return policies.mark if name in policies else NOWHERE
        entries = policies if isinstance(policies, Seq) else ()
        return next((entry.mark for entry in entries if isinstance(entry, Str) and entry.rpartition("/")[2] == name), NOWHERE)

    def source_of(self, logical_id: str) -> str:
        """Give the resource as written that *logical_id* was made of; empty when none."""
        if logical_id in self._resources:
            return logical_id
        return next((name for name in self._by_length if logical_id.startswith(name)), "")

    def __call__(self, logical_id: str) -> int:
        """Give the mark of the place *logical_id* was made of."""
        if logical_id in self._resources:
            return self._resources.marks.get(logical_id, NOWHERE)
        owner = self.source_of(logical_id)
        if not owner:
            return NOWHERE
        rest = logical_id.removeprefix(owner)
        properties = as_map(as_map(self._resources[owner]).get("Properties"))
        events = as_map(properties.get("Events"))
        event = max((name for name in events if rest.startswith(name)), key=len, default="")
        if event:
            return events.marks.get(event, NOWHERE)
        for suffix, key in _SUFFIXES:
            if rest.startswith(suffix) and key in properties:
                return properties.marks.get(key, NOWHERE)
        return self._resources.marks.get(owner, NOWHERE)

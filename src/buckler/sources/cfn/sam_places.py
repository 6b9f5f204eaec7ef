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

# The API that SAM makes for events that name none.
_IMPLICIT = {"Api": "ServerlessRestApi", "HttpApi": "ServerlessHttpApi"}
_DEFAULT = "$default"


class SamPlaces:
    """The resources of the template as written."""

    def __init__(self, root: Map) -> None:
        self._resources = as_map(root.get("Resources"))
        self._by_length = sorted(self._resources, key=len, reverse=True)
        self._routes: dict[tuple[str, str, str], int] = {}
        for resource in self._resources.values():
            events = as_map(as_map(as_map(resource).get("Properties")).get("Events"))
            for name, event in events.items():
                kind = str(event.get("Type")) if isinstance(event, Map) else ""
                if kind in _IMPLICIT:
                    properties = as_map(event.get("Properties"))
                    key = _api_of(kind, properties), str(properties.get("Path", _DEFAULT)), str(properties.get("Method", "any")).lower()
                    self._routes.setdefault(key, events.marks.get(name, NOWHERE))

    def route(self, api: str, path: str, method: str) -> int:
        """Give the mark of the event that asked for a route of an API."""
        method = "any" if method == "x-amazon-apigateway-any-method" else method.lower()
        path = path.removeprefix("/") if path.endswith(f"/{_DEFAULT}") else path
        keys = ((owner, path, verb) for owner in (api, "") for verb in (method, "any"))
        return next((self._routes[key] for key in keys if key in self._routes), NOWHERE)

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


def _api_of(kind: str, properties: Map) -> str:
    """Give the logical id of the API an event belongs to; empty when it is named in another way than by `Ref`."""
    reference = properties.get("RestApiId" if kind == "Api" else "ApiId", Str(_IMPLICIT[kind]))
    named = as_map(reference).get("Ref", "") if isinstance(reference, Map) else reference
    return str(named) if isinstance(named, str) else ""

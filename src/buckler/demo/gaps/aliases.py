"""Aliases."""

from buckler.demo.gaps import names, store
from buckler.demo.gaps.operations import AwsError, Call, operation, page
from buckler.demo.gaps.store import Document


@operation("lambda", "CreateAlias")
def create_alias(call: Call) -> Document:
    """Name a version."""
    found, name = names.function(call), str(call.params["Name"])
    if name in found.aliases:
        raise AwsError("ResourceConflictException", f"Alias already exists: {found.arn}:{name}")
    alias: Document = {"AliasArn": f"{found.arn}:{name}", "Name": name, "Description": ""}
    _write(call, alias, found.versions)
    found.aliases[name] = alias
    return alias


@operation("lambda", "UpdateAlias")
def update_alias(call: Call) -> Document:
    """Point an alias elsewhere."""
    alias = get_alias(call)
    _write(call, alias, names.function(call).versions)
    return alias


def _write(call: Call, alias: Document, versions: dict[str, Document]) -> None:
    version = call.params.get("FunctionVersion")
    if version is not None:
        if version not in versions:
            raise names.not_found(f"Function not found: {alias['AliasArn'].rpartition(':')[0]}:{version}")
        alias["FunctionVersion"] = version
    alias.update({member: call.params[member] for member in ("Description", "RoutingConfig") if member in call.params})
    alias["RevisionId"] = store.revision()


@operation("lambda", "GetAlias")
def get_alias(call: Call) -> Document:
    """One alias."""
    found, name = names.function(call), str(call.params["Name"])
    if name not in found.aliases:
        raise names.not_found(f"Cannot find alias arn: {found.arn}:{name}")
    return found.aliases[name]


@operation("lambda", "ListAliases")
def list_aliases(call: Call) -> Document:
    """The aliases of a function, or those that point to one version of it."""
    version = call.params.get("FunctionVersion")
    aliases = [alias for alias in names.function(call).aliases.values() if version in {None, alias["FunctionVersion"]}]
    chosen, marker = page(aliases, call.params, most=10_000)
    return {"Aliases": chosen, "NextMarker": marker}


@operation("lambda", "DeleteAlias")
def delete_alias(call: Call) -> None:
    """Delete an alias with its policy, URL and settings; deleting one that is not there succeeds, as AWS does."""
    found, name = names.function(call), str(call.params["Name"])
    for kept in (found.aliases, found.policies, found.urls, found.invoke_configs, found.provisioned):
        kept.pop(name, None)

"""Resolve the names Lambda's API takes: a function by name, partial or full ARN, each with or without a qualifier."""

from buckler.demo.gaps.operations import AwsError, Call
from buckler.demo.gaps.store import LATEST, Function, Layer


def not_found(message: str = "The resource you requested does not exist.") -> AwsError:
    """Lambda's 404."""
    return AwsError("ResourceNotFoundException", message)


def split(call: Call) -> tuple[str, str | None]:
    """Name and qualifier that the request names; the qualifier from `Qualifier` or the name, whichever is given."""
    given = str(call.params["FunctionName"])
    name, qualifier = given, None
    if given.startswith("arn:"):
        parts = given.split(":")
        if len(parts) < 7:
            raise AwsError("ValidationException", "The function ARN is malformed")
        if (parts[3], parts[4]) != (call.region, call.account):
            raise AwsError("AccessDeniedException", f"User is not authorized to perform this action on resource: {given}")
        name, qualifier = parts[6], parts[7] if len(parts) > 7 else None
    elif ":function:" in given:
        name, _, qualifier = given.partition(":function:")[2].partition(":")
    elif ":" in given:
        name, _, qualifier = given.partition(":")
    asked: str | None = call.params.get("Qualifier")
    if asked and qualifier and asked != qualifier:
        raise AwsError(
            "InvalidParameterValueException", "The derived qualifier from the function name does not match the specified qualifier."
        )
    return name, asked or qualifier or None


def function(call: Call) -> Function:
    """The function the request names, whatever its qualifier."""
    name, _ = split(call)
    found = call.home.functions.get(name)
    if found is None:
        raise not_found(f"Function not found: {call.home.arn('function', name)}")
    return found


def qualified(call: Call) -> tuple[Function, str]:
    """The function and the qualifier (`$LATEST` where none is given), which must be a version or an alias of it."""
    found = function(call)
    _, qualifier = split(call)
    qualifier = qualifier or LATEST
    if qualifier == "$LATEST.PUBLISHED" and "CapacityProviderConfig" in found.versions[LATEST]:
        qualifier = LATEST  # what runs on Managed Instances in the name of the unpublished function
    if qualifier not in found.versions and qualifier not in found.aliases:
        raise not_found(f"Function not found: {found.arn}:{qualifier}")
    return found, qualifier


def version_of(found: Function, qualifier: str) -> str:
    """The version a qualifier stands for: itself, or the one its alias points to."""
    return str(found.aliases[qualifier]["FunctionVersion"]) if qualifier in found.aliases else qualifier


def layer(call: Call, *, writing: bool = False) -> tuple[Layer, bool]:
    """The layer the request names, by name or ARN, and whether the caller's account owns it."""
    given = str(call.params["LayerName"])
    if not given.startswith("arn:"):
        own = call.home.layers.get(given)
        if own is None:
            raise not_found()
        return own, True
    _, _, _, region, account, _, name = given.split(":")[:7]
    if account != call.account and writing:
        raise AwsError("AccessDeniedException", f"User is not authorized to perform this action on resource: {given}")
    found = call.world.home(account, region).layers.get(name)
    if found is None:
        # Of a stranger's layer AWS does not say whether it exists.
        raise not_found() if account == call.account else AwsError("AccessDeniedException", f"User is not authorized to read: {given}")
    return found, account == call.account

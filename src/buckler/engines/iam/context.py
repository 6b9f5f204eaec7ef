"""The request context: what a request says of itself, and what follows from who makes it.

Source: IAM User Guide, "AWS global condition context keys" (the "Availability" line of each key).
"""

import re

from buckler.model.finding import Request

_ARN = re.compile(r"arn:(?P<partition>[^:]*):(?P<service>iam|sts):[^:]*:(?P<account>\d{12}):(?P<resource>.+)")
_REGION = re.compile(r"arn:[^:]*:[^:]*:([^:]+):")
_SERVICE = re.compile(r"[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal|c2s\.ic\.gov|sc2s\.sgov\.gov)")

# Only a service that calls with its own principal brings these; AWS: "included in the request context only if ... a service principal".
_OF_SERVICES = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:principalservicename")
# Nobody without credentials has these.
_OF_SIGNED = ("aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:userid", "aws:username", "aws:tokenissuetime")


FEDERATED_ACTIONS = frozenset({"sts:assumerolewithwebidentity", "sts:assumerolewithsaml"})
"""Whoever calls these brings a token instead of AWS credentials."""


def is_service(principal: str) -> bool:
    """Say whether a principal is a service: `s3.amazonaws.com`."""
    return _SERVICE.fullmatch(principal) is not None


def account_of(principal: str) -> str | None:
    """Give the account a principal belongs to, None for services, federated users and nobody."""
    if principal.isdigit() and len(principal) == 12:
        return principal
    match = _ARN.fullmatch(principal)
    return match["account"] if match else None


class Context:
    """Condition keys of one request, by lower-case name: their values, () when AWS does not send the key, None when nobody can tell.

    An entry of the request without values says: AWS does not send this key here.
    """

    def __init__(self, request: Request, *, resource_account: str | None = None) -> None:
        """Derive what follows from the request; what follows from its resource only when somebody has settled whose that is."""
        action = request.action.lower()
        if action in FEDERATED_ACTIONS:
            self._values: dict[str, tuple[str, ...]] = _of_token()
        else:
            self._values = _derived(request.principal)
        if resource_account:
            self._values.update(_of_resource(request, resource_account))
        account = account_of(request.principal)
        if account and action.startswith("kms:"):
            self._values["kms:calleraccount"] = (account,)
        for entry in request.context:
            self._values[entry.key.lower()] = entry.values
        # Only users and roles have tags, and sessions those they were made with.
        self._has_no_tags = request.principal == "*" or request.principal.endswith(":root") or is_service(request.principal)

    def get(self, key: str) -> tuple[str, ...] | None:
        """Look a key up, without regard to case."""
        name = key.lower()
        found = self._values.get(name)
        if found is None and self._has_no_tags and name.startswith("aws:principaltag/"):
            return ()
        return found


def _of_token() -> dict[str, tuple[str, ...]]:
    """Derive the keys of somebody whom an identity provider vouches for, before there is a session."""
    absent = (
        *_OF_SERVICES,
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:username",
        "aws:multifactorauthpresent",
    )
    return {"aws:principalisawsservice": ("false",), **dict.fromkeys(absent, ())}


def _of_resource(request: Request, account: str) -> dict[str, tuple[str, ...]]:
    """Derive the keys that speak of the resource, and of the region it is asked for in."""
    values: dict[str, tuple[str, ...]] = {"aws:resourceaccount": (account,)}
    if request.action.lower().startswith("s3:"):
        values["s3:resourceaccount"] = (account,)
    region = _REGION.match(request.resource)
    if region:
        # A resource of a region is reached by that region's endpoint only.
        values["aws:requestedregion"] = (region[1],)
    return values


def _derived(principal: str) -> dict[str, tuple[str, ...]]:
    if is_service(principal):
        return {
            **dict.fromkeys(("aws:username", "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:federatedprovider"), ()),
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (principal,),
            "aws:principalarn": (),
            "aws:viaawsservice": ("false",),
            "aws:principalorgid": (),
            "aws:principalorgpaths": (),
        }
    values: dict[str, tuple[str, ...]] = {"aws:principalisawsservice": ("false",)}
    values.update(dict.fromkeys(_OF_SERVICES, ()))
    if principal == "*":
        values.update(dict.fromkeys(_OF_SIGNED, ()))
        # The account of an anonymous request is the word "anonymous", says AWS.
        values.update({"aws:principalaccount": ("anonymous",), "aws:principaltype": ("Anonymous",), "aws:viaawsservice": ("false",)})
        values.update({"aws:multifactorauthpresent": (), "aws:multifactorauthage": (), "aws:federatedprovider": ()})
        return values
    match = _ARN.fullmatch(principal)
    if match is None:
        account = account_of(principal)
        return {**values, "aws:principalaccount": (account,)} if account else values
    kind, _, name = match["resource"].partition("/")
    values["aws:principalaccount"] = (match["account"],)
    values["aws:principalarn"] = (principal,)
    if kind == "user":
        values.update({"aws:principaltype": ("User",), "aws:username": (name.rpartition("/")[2],), "aws:tokenissuetime": ()})
    elif kind == "assumed-role":
        # AWS: for a session the key holds the ARN of the role, not of the session. A path, which sessions do not show, is lost.
        values["aws:principalarn"] = (f"arn:{match['partition']}:iam::{match['account']}:role/{name.partition('/')[0]}",)
        values.update({"aws:principaltype": ("AssumedRole",), "aws:username": ()})
    elif kind == "role":
        values.update({"aws:principaltype": ("AssumedRole",), "aws:username": ()})
    elif match["resource"] == "root":
        values.update({"aws:principaltype": ("Account",), "aws:username": (), "aws:userid": (match["account"],)})
    elif kind == "federated-user":
        values.update({"aws:principaltype": ("FederatedUser",), "aws:username": (), "aws:userid": (f"{match['account']}:{name}",)})
    return values

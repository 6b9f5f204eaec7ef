"""The request context: what a request says of itself, and what follows from who makes it.

Source: IAM User Guide, "AWS global condition context keys" (the "Availability" line of each key).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from buckler.engines.iam.keys import misspelt
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


@lru_cache(maxsize=65536)
def is_service(principal: str) -> bool:
    """Say whether a principal is a service: `s3.amazonaws.com`."""
    return _SERVICE.fullmatch(principal) is not None


@lru_cache(maxsize=65536)
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
        principal, action = request.principal, request.action.lower()
        self._principal = principal
        # What follows from the principal, and from the resource, is shared by all requests that have them.
        self._of_principal = _OF_TOKEN if action in FEDERATED_ACTIONS else _derived(principal)
        is_s3 = action.startswith("s3:")
        self._of_resource = _of_resource(request.resource, resource_account, is_s3=is_s3) if resource_account else _NOTHING
        self._told = {entry.key.lower(): entry.values for entry in request.context}
        if action.startswith("kms:") and (account := account_of(principal)):
            self._told.setdefault("kms:calleraccount", (account,))

    def get(self, key: str) -> tuple[str, ...] | None:
        """Look a key up, without regard to case."""
        name = key.lower()
        for values in (self._told, self._of_resource, self._of_principal):
            if name in values:
                return values[name]
        if name.startswith("aws:principaltag/"):
            # Only users and roles have tags, and sessions those they were made with.
            has_none = self._principal == "*" or self._principal.endswith(":root") or is_service(self._principal)
            return () if has_none else None
        # A key that is surely a misspelt one is in no request.
        wrong = misspelt(name)
        return () if wrong is not None and wrong[0] is not None else None


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


_OF_TOKEN: Mapping[str, tuple[str, ...]] = MappingProxyType(_of_token())
_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@lru_cache(maxsize=16384)
def _of_resource(resource: str, account: str, *, is_s3: bool) -> Mapping[str, tuple[str, ...]]:
    """Derive the keys that speak of the resource, and of the region it is asked for in."""
    values: dict[str, tuple[str, ...]] = {"aws:resourceaccount": (account,)}
    if is_s3:
        values["s3:resourceaccount"] = (account,)
    region = _REGION.match(resource)
    if region:
        # A resource of a region is reached by that region's endpoint only.
        values["aws:requestedregion"] = (region[1],)
    return values


@lru_cache(maxsize=16384)
def _derived(principal: str) -> Mapping[str, tuple[str, ...]]:
    """Derive what follows from who asks, once for each."""
    return MappingProxyType(_of_principal(principal))


def _of_principal(principal: str) -> dict[str, tuple[str, ...]]:
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

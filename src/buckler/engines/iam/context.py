"""The request context: what a request says of itself, and what follows from who makes it.

Source: IAM User Guide, "AWS global condition context keys" (the "Availability" line of each key).
"""

import re

from buckler.model.finding import Request

_ARN = re.compile(r"arn:(?P<partition>[^:]*):(?P<service>iam|sts):[^:]*:(?P<account>\d{12}):(?P<resource>.+)")
_SERVICE = re.compile(r"[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal|c2s\.ic\.gov|sc2s\.sgov\.gov)")

# Only a service that calls with its own principal brings these; AWS: "included in the request context only if ... a service principal".
_OF_SERVICES = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:principalservicename")
# Nobody without credentials has these.
_OF_SIGNED = ("aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:userid", "aws:username", "aws:tokenissuetime")


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
        """Derive what follows from the request; the account of its resource only when somebody has settled which one that is."""
        self._values: dict[str, tuple[str, ...]] = _derived(request.principal)
        if resource_account:
            self._values["aws:resourceaccount"] = (resource_account,)
        for entry in request.context:
            self._values[entry.key.lower()] = entry.values
        self._is_anonymous = request.principal == "*"

    def get(self, key: str) -> tuple[str, ...] | None:
        """Look a key up, without regard to case."""
        name = key.lower()
        found = self._values.get(name)
        if found is None and self._is_anonymous and name.startswith("aws:principaltag/"):
            return ()
        return found


def _derived(principal: str) -> dict[str, tuple[str, ...]]:
    if is_service(principal):
        return {
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
        values["aws:multifactorauthpresent"] = ()
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
        values.update({"aws:principaltype": ("Account",), "aws:username": ()})
    return values

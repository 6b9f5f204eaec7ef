"""Declarations of calls: what each collector may ask of AWS, as which IAM action, and how its answer is read.

A collector can ask only what it has declared, because `Reader` takes a `Call`, not a name; so `buckler permissions` is complete.
"""

from dataclasses import dataclass, field

# The prefix of IAM actions where it differs from botocore's name of the service.
_PREFIX = {
    "apigatewayv2": "apigateway",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of AWS and all that is known about its answers."""

    collector: str
    service: str
    """As botocore names it."""
    operation: str
    why: str
    """What is read with it: completes "needed to read ..."."""
    action: str
    """As IAM names it: `lambda:GetPolicy`."""
    result: str = ""
    """The member that every complete answer has. Without it the answer is broken, and no absence may be read from it."""
    none: frozenset[str] = frozenset()
    """Error codes by which AWS says: there is none."""
    page: tuple[str, str] | None = None
    """Names of the request's and the answer's page token."""
    family: str = ""
    """Calls of one family share one of AWS's rate limits, per account and region."""
    rate: float = 10.0
    """Requests per second of the family that AWS documents, or a cautious guess. Binds only once AWS has throttled."""
    is_deep: bool = False
    """Asked only with `--deep`."""
    is_org: bool = False
    """Asked only for an organisation."""


CALLS: dict[tuple[str, str], Call] = {}
"""Every declared call; complete once the collectors are imported."""


@dataclass(frozen=True, slots=True)
class Collector:
    """A subject, as whose calls are declared."""

    name: str
    is_org: bool = field(default=False, kw_only=True)

    def call(
        self,
        service: str,
        operation: str,
        why: str,
        *,
        action: str = "",
        result: str = "",
        none: tuple[str, ...] = (),
        page: tuple[str, str] | None = None,
        family: str = "",
        rate: float = 10.0,
        is_deep: bool = False,
    ) -> Call:
        """Declare one call."""
        declared = Call(
            collector=self.name,
            service=service,
            operation=operation,
            why=why,
            action=action or f"{_PREFIX.get(service, service)}:{operation}",
            result=result,
            none=frozenset(none),
            page=page,
            family=family or service,
            rate=rate,
            is_deep=is_deep,
            is_org=self.is_org,
        )
        # INVARIANT: one declaration per operation, so that an operation has one meaning of "none" everywhere.
        if (service, operation) in CALLS:
            raise ValueError(f"{service}:{operation} is declared twice")
        CALLS[service, operation] = declared
        return declared

"""What all lists of EC2 have in common."""

from typing import TypedDict

from buckler.model.origin import ApiOrigin
from buckler.sources.live.answers import Answer, each, inner
from buckler.sources.live.api import Reader
from buckler.sources.live.calls import Call, Collector


def listed(collector: Collector, operation: str, result: str, why: str) -> Call:
    """Declare a call that answers a list in pages."""
    return collector.call("ec2", operation, why, result=result, page=("NextToken", "NextToken"), rate=20.0)


class Identity(TypedDict):
    arn: str
    name: str
    account: str
    region: str
    origin: ApiOrigin


def identify(reader: Reader, call: Call, entry: Answer, resource: str, member: str) -> Identity:
    """Name one thing of EC2. Its account is its owner's: subnets and gateways can be shared between accounts."""
    owner = str(entry.get("OwnerId") or reader.account)
    arn = f"arn:{reader.partition}:ec2:{reader.region}:{owner}:{resource}/{entry[member]}"
    return {"arn": arn, "name": entry[member], "account": owner, "region": reader.region, "origin": reader.origin(call, arn)}


def cidrs(entry: Answer, associations: str, member: str, state: str) -> tuple[str, ...]:
    """Give the address ranges that are associated, and not on their way in or out."""
    return tuple(one[member] for one in each(entry, associations) if inner(one, state).get("State", "associated") == "associated")

"""What a function is configured to connect to, and the rules that leave it that and nothing else."""

from typing import Literal, TypeAlias

from buckler.model.functions import Function
from buckler.model.network import NaclEntry, Route, SecurityGroupRule
from buckler.model.reachability import LostPair
from buckler.model.text import Text, shown
from buckler.model.value import Value

UseKind: TypeAlias = Literal["host", "address", "service", "thing", "unread"]


class NetUse(Value):
    """Something a function is configured to connect to."""

    kind: UseKind
    """`service`: an API of AWS; `thing`: what stands in a VPC, of the kind that `to` names; `unread`: a value that could not be read."""
    to: str
    """Host name, address, service as its actions begin (`sqs`, `sqs us-east-1`), or kind of thing (`efs`); empty for `unread`."""
    protocol: str
    ports: tuple[tuple[int, int], ...]
    """Empty: nothing tells."""
    is_guess: bool = False
    """The ports are those that a variable's name suggests."""
    why: str
    """What says so: "environment `DB_HOST`"."""
    place: str = ""
    """Where in a file; empty for what is live."""

    @property
    def told(self) -> str:
        """Say what says so, and where: "environment `DB_HOST` (main.tf:12)"."""
        return f"{self.why} ({self.place})" if self.place else self.why


class Uses(Value):
    """All that is known of what a function connects to."""

    uses: tuple[NetUse, ...]
    doubts: tuple[str, ...]
    """What may hide a use."""


class Kept(Value):
    """A use, and by which rules it stays."""

    function: str
    use: NetUse
    rules: tuple[SecurityGroupRule, ...]
    """Each for one peer. Empty: it is not reached today either."""
    targets: tuple[str, ...]
    """What it reaches by them, in words."""
    note: str = ""
    """What had to be assumed, or why nothing is kept."""


class GroupClose(Value):
    """One security group, before and after. Each rule has one peer."""

    group: Text
    """Its id."""
    name: Text
    arn: Text
    members: tuple[str, ...]
    """Functions that stand in it."""
    before: tuple[SecurityGroupRule, ...]
    after: tuple[SecurityGroupRule, ...]

    @property
    def added(self) -> tuple[SecurityGroupRule, ...]:
        """Rules to be made first."""
        old = {bare(one) for one in self.before}
        return tuple(one for one in self.after if bare(one) not in old)

    @property
    def removed(self) -> tuple[SecurityGroupRule, ...]:
        """Rules to be taken away then."""
        new = {bare(one) for one in self.after}
        return tuple(one for one in self.before if bare(one) not in new)


def bare(rule: SecurityGroupRule) -> tuple[object, ...]:
    """Give what tells one rule from another: a description does not."""
    peers = tuple(tuple(map(shown, each)) for each in (rule.cidrs, rule.groups, rule.prefix_lists))
    return (rule.is_egress, shown(rule.protocol), rule.from_port, rule.to_port, peers)


class Proposal(Value):
    """An endpoint that is not there: with it the way over the internet could be closed too."""

    service: str
    """As endpoints are called: `com.amazonaws.eu-west-1.sqs`."""
    endpoint_type: Literal["Gateway", "Interface"]
    why: str


Endpoints: TypeAlias = Literal["none", "gateway", "all"]
"""Which endpoints may be made: those that cost nothing, or those that are billed too."""


class MadeGroup(Value):
    """A security group that is not there yet."""

    id: str
    """Stands for the id that EC2 gives it."""
    name: str
    vpc: str
    account: Text
    region: Text
    what: str
    """What it is for, in words: its description."""
    has_ipv6: bool = False
    """Whether its VPC has ranges of IPv6: EC2 writes a rule for them, too, into every new group."""
    inbound: tuple[SecurityGroupRule, ...] = ()
    outbound: tuple[SecurityGroupRule, ...] = ()
    """Those it is tried with first: of a function's own group those of the groups that it leaves."""


class MadeEndpoint(Value):
    """A VPC endpoint that is not there yet."""

    id: str
    """Stands for the id that EC2 gives it."""
    service: str
    """As endpoints are called: `com.amazonaws.eu-west-1.sqs`."""
    endpoint_type: Literal["Gateway", "Interface"]
    vpc: str
    account: Text
    region: Text
    why: str
    """What needs the service."""
    route_tables: tuple[str, ...] = ()
    """Of a gateway endpoint."""
    prefix_list: str = ""
    """Of a gateway endpoint: the list of the service's addresses."""
    subnets: tuple[str, ...] = ()
    """Of an interface endpoint: one in each zone."""
    group: MadeGroup | None = None
    """Of an interface endpoint."""


class OwnGroup(Value):
    """A security group for one function alone, in place of those that it shares."""

    group: MadeGroup
    instead: tuple[str, ...]
    """The groups that it leaves."""
    admits: tuple[tuple[Text, SecurityGroupRule], ...]
    """(security group of what is used, inbound rule that it needs beside those it has)."""


class NetClose(Value):
    """The tightest outbound rules that keep what a function is configured to use."""

    function: Function
    vpcs: tuple[str, ...]
    groups: tuple[GroupClose, ...]
    kept: tuple[Kept, ...]
    """Of the function, and of those that share its groups."""
    lost: tuple[LostPair, ...]
    """What is open now, and closed after."""
    stays: tuple[LostPair, ...]
    """What stays open beside the uses, since a rule that is needed leads there too."""
    proposals: tuple[Proposal, ...]
    doubts: tuple[str, ...]
    """What may hide a use, or could not be looked at."""
    refused: str = ""
    """Why it must not be made as it is; empty where it was proved."""
    worth: str = ""
    """What owning the function leads to, in a phrase, where that is worth a subnet of its own."""
    own: OwnGroup | None = None
    """Made before the rules."""
    endpoints: tuple[MadeEndpoint, ...] = ()
    """Made before the rules."""


class DesignedSubnet(Value):
    """A private subnet that is not there yet."""

    zone: Text
    """Empty: AWS picks one."""
    cidr: str
    routes: tuple[Route, ...]
    """Beside the local one: only what the uses need."""


class DesignedEndpoint(Value):
    """A gateway endpoint for the new route tables: a table has one for each service, a VPC may have several."""

    service: Text
    prefix_list: str
    """"" where it is not known."""


class SubnetDesign(Value):
    """Subnets for one function alone: what it uses is reached from there, by its own routes, network ACL and security group."""

    function: Function
    vpc: Text
    subnets: tuple[DesignedSubnet, ...]
    endpoints: tuple[DesignedEndpoint, ...]
    entries: tuple[NaclEntry, ...]
    rules: tuple[SecurityGroupRule, ...]
    """Outbound, of the new security group."""
    admits: tuple[tuple[Text, SecurityGroupRule], ...]
    """(security group of what is used, inbound rule that it needs beside those it has); the rule's own group is the new one."""
    notes: tuple[str, ...]
    """What it does not settle."""
    worth: str

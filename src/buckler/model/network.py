"""EC2 networking as far as a function's packets go."""

from typing import Final, Literal

from buckler.model.entity import Entity, Tag
from buckler.model.policy import Policy
from buckler.model.text import Text
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value

_UNTOLD = Unknown(
    kind=UnknownKind.OUTSIDE,
    why="whether the transit gateway passes references of security groups on is not known",
    need="SecurityGroupReferencingSupport of ec2:DescribeTransitGateways",
)
_UNASKED = Unknown(
    kind=UnknownKind.OUTSIDE,
    why="whether the VPC has a resolver was not read",
    need="ec2:DescribeVpcAttribute",
)


_RULES_UNREAD = Unknown(
    kind=UnknownKind.OUTSIDE,
    why="the rules of the listener were not read",
    need="elasticloadbalancing:DescribeRules",
)


class Vpc(Entity):
    """`name` is the id (`vpc-...`), in this module as in EC2."""

    cidrs: tuple[Text, ...] | Unknown
    ipv6_cidrs: tuple[Text, ...] | Unknown = ()
    is_default: bool = False
    dns_support: bool | Unknown = _UNASKED
    """Whether it has a resolver: `enableDnsSupport`."""
    tags: tuple[Tag, ...] = ()


class Subnet(Entity):
    vpc_id: Text
    cidr: Text | Unknown | None
    ipv6_cidrs: tuple[Text, ...] = ()
    availability_zone: Text | Unknown
    map_public_ip: bool | Unknown = False
    tags: tuple[Tag, ...] = ()


class SecurityGroupRule(Value):
    is_egress: bool
    protocol: Text
    """`-1`, `tcp`, `udp`, `icmp`, `icmpv6` or a number."""
    from_port: int | Unknown | None = None
    to_port: int | Unknown | None = None
    cidrs: tuple[Text, ...] = ()
    """IPv4 and IPv6 ranges."""
    groups: tuple[Text, ...] = ()
    """Referenced security-group ids."""
    prefix_lists: tuple[Text, ...] = ()
    descriptions: tuple[tuple[str, str], ...] = ()
    """(range, group or prefix list, what people wrote beside it), where AWS tells; each range has its own."""


class SecurityGroup(Entity):
    group_name: Text
    vpc_id: Text | Unknown | None
    rules: tuple[SecurityGroupRule, ...] | Unknown
    tags: tuple[Tag, ...] = ()


class Route(Value):
    destination: Text
    """A CIDR or a prefix-list id."""
    target: Text
    """`local`, `igw-...`, `nat-...`, `pcx-...`, `tgw-...`, `vpce-...`, `eni-...`, `eigw-...`."""
    state: str = "active"
    is_propagated: bool = False
    """A virtual private gateway wrote it: of routes to the same range it comes last."""


class RouteTable(Entity):
    vpc_id: Text
    routes: tuple[Route, ...] | Unknown
    subnet_ids: tuple[Text, ...]
    is_main: bool


class NaclEntry(Value):
    rule_number: int
    is_egress: bool
    protocol: Text
    is_allow: bool
    cidr: Text
    from_port: int | None = None
    to_port: int | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None


class NetworkAcl(Entity):
    vpc_id: Text
    entries: tuple[NaclEntry, ...] | Unknown
    subnet_ids: tuple[Text, ...]
    is_default: bool


class VpcEndpoint(Entity):
    vpc_id: Text
    service: Text
    endpoint_type: Text
    """`Interface`, `Gateway`, `GatewayLoadBalancer`, ..."""
    policy: Policy | Unknown | None
    route_table_ids: tuple[Text, ...] = ()
    subnet_ids: tuple[Text, ...] = ()
    security_group_ids: tuple[Text, ...] = ()
    private_dns: bool = False
    state: str = "available"
    firewall: Text = ""
    """Name of the Network Firewall whose endpoint it is; empty: it is none's."""


class Gateway(Entity):
    """Internet, egress-only internet, or NAT gateway."""

    kind: str
    """`internet`, `egress-only`, `nat`."""
    vpc_ids: tuple[Text, ...]
    subnet_id: Text | None = None
    is_public: bool = True
    """NAT: False for private connectivity."""
    private_ips: tuple[str, ...] = ()
    """NAT: its addresses in its subnet; empty where they are not told."""


class PublicAccessExclusion(Value):
    """A VPC or subnet that Block Public Access does not hold for, or not wholly."""

    resource: Text
    """Id of the VPC or subnet."""
    mode: Text | Unknown
    """`allow-bidirectional` or `allow-egress`."""


class PublicAccessBlock(Entity):
    """VPC Block Public Access in one region of one account: what internet gateways carry for the VPCs it owns."""

    mode: Text | Unknown
    """`off`, `block-bidirectional` or `block-ingress`."""
    exclusions: tuple[PublicAccessExclusion, ...] | Unknown = ()


class DnsRule(Value):
    """A rule of a group of DNS Firewall."""

    priority: int
    """Within its group; the lowest is tried first."""
    action: Text
    """`ALLOW`, `ALERT` (which lets pass) or `BLOCK`."""
    kind: Literal["domains", "managed", "protection"]
    """A list of one's own, one of AWS's, or something that AWS detects."""
    name: Text
    """Of the list; of what is detected: `DNS_TUNNELING`, `DGA`, ..."""
    wildcards: tuple[Text, ...] | Unknown = ()
    """Of a list of one's own: its entries that begin with an asterisk."""
    query_type: Text = ""
    """`TXT`, ...; empty: every type."""


class DnsFirewall(Entity):
    """A rule group of Route 53 Resolver DNS Firewall, as it is associated with a VPC."""

    vpc_id: Text
    priority: int | Unknown
    """Among the groups of its VPC; the lowest is tried first."""
    group: Text
    rules: tuple[DnsRule, ...] | Unknown
    fails_open: bool | Unknown = False
    """Whether the VPC's resolver answers names that the firewall fails to judge."""


class Peering(Entity):
    requester_vpc: Text
    accepter_vpc: Text
    requester_account: Text
    accepter_account: Text
    status: str


class TransitGateway(Entity):
    owner: Text
    attachments: tuple["TransitAttachment", ...] | Unknown
    route_tables: tuple["TransitRouteTable", ...] | Unknown
    passes_references: bool | Unknown = _UNTOLD
    """Whether inbound rules may reference security groups of other VPCs that are attached."""


class TransitAttachment(Value):
    id: str
    kind: str
    resource_id: str
    subnet_ids: tuple[str, ...] = ()
    state: str = "available"
    appliance_mode: bool | None = None
    """Of a VPC: packets may come in by any of its zones, not only by the one that they come from; None: nobody said."""


class TransitRouteTable(Value):
    id: str
    routes: tuple[Route, ...] | Unknown
    associations: tuple[str, ...] = ()
    """Attachment ids."""
    propagations: tuple[str, ...] = ()


class PrefixList(Entity):
    """Ranges under one name: an AWS service's, or the customer's own. `name` is the id (`pl-...`)."""

    list_name: str
    """`com.amazonaws.eu-west-1.s3`, or what the customer called it."""
    entries: tuple[Text, ...] | Unknown


class NetworkInterface(Entity):
    vpc_id: Text
    subnet_id: Text
    security_group_ids: tuple[Text, ...]
    interface_type: str
    """`lambda`, `interface`, `nat_gateway`, ..."""
    description: str = ""
    private_ips: tuple[str, ...] = ()
    public_ips: tuple[str, ...] = ()
    is_attached: bool = True
    instance_id: str = ""
    """Of the machine it is attached to; empty: none of EC2's."""


OR: Final = " or "
"""Between the values of a condition."""
REGEX: Final = "matching "
"""Before a value that is a regular expression."""


class BalancerRule(Value):
    """What a listener does with some of the requests that it gets."""

    groups: tuple[str, ...]
    """Names of the target groups that it may send them to; empty: a redirect, or an answer of its own."""
    sources: tuple[Text, ...] = ()
    """Ranges of `source-ip`, of which the sender's address lies in one; empty: whoever sends."""
    conditions: tuple[str, ...] = ()
    """What else must hold of a request, in words, each of which the sender may choose: `path /a* or /ops`, `path matching ^/v[12]/`."""
    asks: str = ""
    """What it asks for first: `authenticate-oidc`, `authenticate-cognito`, `jwt-validation`; empty: nothing."""


class BalancerListener(Value):
    protocol: str
    """`HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP`, `TCP_UDP`, ..."""
    port: int
    rules: tuple[BalancerRule, ...] | Unknown = _RULES_UNREAD
    """In the order in which they are tried; the default action is the last."""


class BalancerTarget(Value):
    id: str
    """An address, the id of an instance, or the ARN of another load balancer."""
    port: int


class BalancerGroup(Value):
    """A target group behind a load balancer, of machines or addresses."""

    name: str
    targets: tuple[BalancerTarget, ...] | Unknown
    keeps_client_ip: bool | Unknown
    """Whether targets see the client's own address, and their security groups with them; those of application load balancers never do."""


class LoadBalancer(Entity):
    """An application or network load balancer: where it listens, and what stands behind it."""

    kind: str
    """`application` or `network`."""
    vpc_id: Text
    listeners: tuple[BalancerListener, ...] | Unknown
    groups: tuple[BalancerGroup, ...] | Unknown
    subnet_ids: tuple[Text, ...] = ()
    """Where it stands."""
    security_group_ids: tuple[Text, ...] = ()
    """Empty: of a network load balancer, none; of another, the default one of its VPC."""


class DataService(Entity):
    """A database, cache, cluster, search domain or file system in a VPC, as far as what guards it.

    `name` is a word of its interfaces' descriptions; where these tell nothing, it stands where its groups and subnets are.
    """

    service: Literal["elasticache", "memorydb", "opensearch", "efs", "rds", "rds-proxy", "neptune", "docdb", "msk"]
    asks: Literal["password", "iam", "certificate", ""] | Unknown
    """What it asks of everybody, whatever its policy says: caches by an AUTH token or users, domains by fine-grained access control."""
    iam_login: bool | None = None
    """Whether IAM lets somebody in beside a password: `rds-db:connect`, `kafka-cluster:Connect`; None: it has no such setting."""
    groups: tuple[Text, ...] = ()
    """Security groups of its interfaces, where no description names it."""
    subnets: tuple[Text, ...] = ()
    """Where its interfaces may stand."""
    policy: Policy | Unknown | None = None
    """Of a search domain or file system; None: there is none."""

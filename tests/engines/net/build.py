"""Networks written in a few words, one change a line, over one base.

Base: VPC `a` 10.0.0.0/16 (IPv6 2001:db8:a::/56) with the subnets app, app2 (another zone), db and pub; VPC `b` 10.1.0.0/16 with the subnets far, far2 (another zone) and other;
VPC `c` 10.2.0.0/16 with the subnet mid. Security groups fn (lets everything out), database and far; a database at 10.0.3.10, a service at 10.1.1.10.
A function in app with the group fn. Every subnet has a table of its own with the local route only; network ACLs let everything pass.

    sg GROUP in|out PROTOCOL PORTS PEER       peer: CIDR, group or pl-...
    sg GROUP closed                           takes its rules away
    acl SUBNET in|out NUMBER allow|deny PROTOCOL PORTS CIDR    the first one takes the base's entries away
    route SUBNET CIDR TARGET [blackhole|propagated]
    fn SUBNET[,SUBNET] [ipv6] [eip]          `eip`: by a network connector whose Elastic IP addresses the service manages
    unassociated SUBNET                      has no table and network ACL of its own: `main-VPC` and `default-VPC` are routed and filtered by as subnets are
    eni NAME SUBNET ADDRESS GROUP|- [public[=ADDRESS]] [kind=KIND] [says=DESCRIPTION] [of=INSTANCE]    `~` is a space
    nat NAME SUBNET [private] [at=ADDRESS]        igw NAME VPC        eigw NAME VPC
    peering NAME VPC VPC [STATUS]
    tgw NAME VPC:SUBNET[,SUBNET][:any|:own]... [direct-connect] [refs|norefs]    one table, of which all are associated; appliance mode on or off
    tgwroute NAME CIDR VPC|direct-connect|-
    region VPC REGION                        another than all others'
    owner VPC|SUBNET ACCOUNT                 who shares it with everybody here
    endpoint NAME SERVICE SUBNET             a gateway endpoint, with its route
    appliance NAME SUBNET CIDR [FIREWALL]    an endpoint of a gateway load balancer, or a Network Firewall's, with its route
    list NAME CIDR[,CIDR]|-                  a prefix list; `-`: not readable
    bpa MODE                                 VPC Block Public Access, else off; `-`: not readable
    exclude VPC|SUBNET MODE                  from Block Public Access; one named `-`: the list of them is not readable
    dns VPC off|-                            the VPC has no resolver, or nobody knows whether
    names GROUP VPC PRIORITY RULE ACTION KIND LIST [WILDCARDS|-] [type=TYPE] [open]   a rule of DNS Firewall; KIND: domains, managed, protection
    lb NAME KIND PROTOCOL:PORT[,...]|-        a load balancer; its interfaces say ELB~app/NAME/1 or ELB~net/NAME/1; `-`: listeners not readable
    behind LB GROUP ID:PORT[,...]|- [keeps|untold]    a target group, which keeps the client's address or not
    rule LB PORT PRIORITY|default GROUP[,GROUP]|- [from=CIDR,...] [if=CONDITION]... [asks=WHAT]    of a listener; a balancer without any sends to all groups
    rule LB PORT -                           its rules are not readable
    guard SERVICE NAME [asks=password|iam|-] [in=SUBNET[,...]:GROUP[,...]] [open|closed|unread|login|nologin]
                                             of a cache, domain, file system or database; with a policy that lets anybody in, or nobody
    lost COLLECTION                          could not be read
"""

from collections import defaultdict

from msgspec.structs import replace as with_fields
from tests.estates import ACCOUNT, DENIED, at, policy

from buckler.model.estate import Estate, Missing
from buckler.model.functions import VpcConfig
from buckler.model.network import (
    BalancerGroup,
    BalancerListener,
    BalancerRule,
    BalancerTarget,
    DataService,
    DnsFirewall,
    DnsRule,
    Gateway,
    LoadBalancer,
    NaclEntry,
    NetworkAcl,
    NetworkInterface,
    Peering,
    PrefixList,
    PublicAccessBlock,
    PublicAccessExclusion,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    TransitAttachment,
    TransitGateway,
    TransitRouteTable,
    Vpc,
    VpcEndpoint,
)

REGION = "eu-west-1"
VPCS = {"a": ("10.0.0.0/16", "2001:db8:a::/56"), "b": ("10.1.0.0/16", ""), "c": ("10.2.0.0/16", "")}
SUBNETS = {
    "app": ("a", "10.0.1.0/24", "2001:db8:a:1::/64", "1a"),
    "app2": ("a", "10.0.2.0/24", "", "1b"),
    "db": ("a", "10.0.3.0/24", "2001:db8:a:3::/64", "1a"),
    "pub": ("a", "10.0.9.0/24", "2001:db8:a:9::/64", "1a"),
    "far": ("b", "10.1.1.0/24", "", "1a"),
    "far2": ("b", "10.1.2.0/24", "", "1b"),
    "other": ("b", "10.1.3.0/24", "", "1a"),
    "mid": ("c", "10.2.1.0/24", "", "1a"),
}
BASE = """
sg fn out -1 - 0.0.0.0/0
sg fn out -1 - ::/0
sg database in tcp 5432 fn
sg far in tcp 5432 10.0.0.0/16
eni db db 10.0.3.10 database
eni svc far 10.1.1.10 far
"""


def entity(name, kind="x", **more):
    return {
        "arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/{name}",
        "name": name,
        "account": ACCOUNT,
        "region": REGION,
        "origin": at("ec2:Describe", name),
        **more,
    }


class Net:
    """Collects what the lines say."""

    def __init__(self, text=""):
        self.rules = defaultdict(list)
        self.acls = defaultdict(list)
        self.routes = defaultdict(list)
        self.placement, self.has_public_ip = (("app",), False), False
        self.unassociated = set()
        self.enis, self.gateways, self.peerings, self.endpoints, self.lists = {}, [], [], [], []
        self.attached, self.transit_routes, self.references = {}, defaultdict(list), {}
        self.outside, self.regions, self.owners = {}, {}, {}
        self.lost = []
        self.mode, self.excluded = "off", []
        self.resolves, self.firewalls = {}, {}
        self.balancers, self.guards = {}, []
        self.listener_rules = defaultdict(list)
        for line in [*BASE.splitlines(), *text.replace(";", "\n").splitlines()]:
            words = line.split()
            if words:
                getattr(self, f"do_{words[0]}")(*words[1:])

    def do_sg(self, group, way, protocol="", ports="-", peer=""):
        if way == "closed":
            self.rules[group] = []
            return
        first, last = (None, None) if ports == "-" else (int(ports.split("-")[0]), int(ports.split("-")[-1]))
        kind = "prefix_lists" if peer.startswith("pl-") else "cidrs" if "/" in peer else "groups"
        self.rules[group].append(
            SecurityGroupRule(is_egress=way == "out", protocol=protocol, from_port=first, to_port=last, **{kind: (peer,)})
        )

    def do_acl(self, subnet, way, number, effect, protocol, ports, cidr):
        first, last = (None, None) if ports == "-" else (int(ports.split("-")[0]), int(ports.split("-")[-1]))
        number = 32766 if number == "last" else int(number)
        self.acls[subnet].append(
            NaclEntry(
                rule_number=number,
                is_egress=way == "out",
                protocol=protocol,
                is_allow=effect == "allow",
                cidr=cidr,
                from_port=first,
                to_port=last,
            )
        )

    def do_route(self, subnet, cidr, target, state="active"):
        is_propagated = state == "propagated"
        self.routes[subnet].append(
            Route(destination=cidr, target=target, state="active" if is_propagated else state, is_propagated=is_propagated)
        )

    def do_fn(self, subnets, *flags):
        self.placement, self.has_public_ip = (tuple(subnets.split(",")), "ipv6" in flags), "eip" in flags

    def do_unassociated(self, subnet):
        self.unassociated.add(subnet)

    def do_eni(self, name, subnet, address, group, *flags):
        kind = next((flag.removeprefix("kind=") for flag in flags if flag.startswith("kind=")), "interface")
        self.enis[name] = NetworkInterface(
            **entity(name),
            vpc_id=SUBNETS[subnet][0],
            subnet_id=subnet,
            security_group_ids=() if group == "-" else tuple(group.split(",")),
            interface_type=kind,
            private_ips=tuple(address.split(",")),
            description=next((flag.removeprefix("says=") for flag in flags if flag.startswith("says=")), "").replace("~", " "),
            instance_id=next((flag.removeprefix("of=") for flag in flags if flag.startswith("of=")), ""),
            public_ips=tuple(flag.partition("=")[2] or "198.51.100.9" for flag in flags if flag.partition("=")[0] == "public"),
        )

    def do_nat(self, name, subnet, *flags):
        address = tuple(flag.removeprefix("at=") for flag in flags if flag.startswith("at="))
        home, is_public = SUBNETS[subnet][0], "private" not in flags
        self.gateways.append(
            Gateway(**entity(name), kind="nat", vpc_ids=(home,), subnet_id=subnet, is_public=is_public, private_ips=address)
        )

    def do_igw(self, name, vpc):
        self.gateways.append(Gateway(**entity(name), kind="internet", vpc_ids=(vpc,)))

    def do_eigw(self, name, vpc):
        self.gateways.append(Gateway(**entity(name), kind="egress-only", vpc_ids=(vpc,)))

    def do_peering(self, name, one, other, status="active"):
        self.peerings.append(
            Peering(
                **entity(name), requester_vpc=one, accepter_vpc=other, requester_account=ACCOUNT, accepter_account=ACCOUNT, status=status
            )
        )

    def do_tgw(self, name, *attached):
        self.references[name] = {"refs": True, "norefs": False}.get(attached[-1])
        self.outside[name] = [one for one in attached if one == "direct-connect"]
        attached = [one.split(":") for one in attached if ":" in one]
        self.attached[name] = [(one[0], tuple(one[1].split(",")), {"any": True, "own": False}.get(one[-1])) for one in attached]

    def do_region(self, vpc, region):
        self.regions[vpc] = region

    def do_owner(self, name, account):
        self.owners[name] = account

    def _whose(self, name, vpc):
        """Where something of a VPC is, and whose it is."""
        region, account = self.regions.get(vpc, REGION), self.owners.get(name, ACCOUNT)
        return {"region": region, "account": account}

    def do_tgwroute(self, name, cidr, vpc):
        self.transit_routes[name].append(
            Route(destination=cidr, target="" if vpc == "-" else f"att-{vpc}", state="blackhole" if vpc == "-" else "active")
        )

    def do_endpoint(self, name, service, subnet):
        self.endpoints.append(VpcEndpoint(**entity(name), vpc_id=SUBNETS[subnet][0], service=service, endpoint_type="Gateway", policy=None))
        self.do_route(subnet, f"pl-{service}", name)

    def do_appliance(self, name, subnet, cidr, firewall=""):
        made = VpcEndpoint(
            **entity(name), vpc_id=SUBNETS[subnet][0], service="", endpoint_type="GatewayLoadBalancer", policy=None, firewall=firewall
        )
        self.endpoints.append(made)
        self.do_route(subnet, cidr, name)

    def do_list(self, name, entries):
        self.lists.append(PrefixList(**entity(name), list_name=name, entries=DENIED if entries == "-" else tuple(entries.split(","))))

    def do_bpa(self, mode):
        self.mode = DENIED if mode == "-" else mode

    def do_exclude(self, name, mode=""):
        self.excluded = DENIED if name == "-" else [*self.excluded, PublicAccessExclusion(resource=name, mode=mode)]

    def do_dns(self, vpc, how):
        self.resolves[vpc] = DENIED if how == "-" else how != "off"

    def do_names(self, group, vpc, priority, number, action, kind, name, wildcards="", *flags):
        firewall = self.firewalls.setdefault((group, vpc), {"priority": int(priority), "rules": [], "fails_open": "open" in flags})
        if wildcards.startswith("type=") or wildcards == "open":
            wildcards, flags = "", (wildcards, *flags)
        firewall["rules"].append(
            DnsRule(
                priority=int(number),
                action=action,
                kind=kind,
                name=name,
                wildcards=DENIED if wildcards == "-" else tuple(filter(None, wildcards.split(","))),
                query_type=next((flag.removeprefix("type=") for flag in flags if flag.startswith("type=")), ""),
            )
        )

    def do_lb(self, name, kind, listeners):
        listening = [one.split(":") for one in listeners.split(",")] if listeners != "-" else ()
        told = DENIED if listeners == "-" else tuple(BalancerListener(protocol=one, port=int(port)) for one, port in listening)
        short = {"application": "app", "network": "net"}[kind]
        arn = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/{short}/{name}/1"
        self.balancers[name] = LoadBalancer(**entity(name, arn=arn), kind=kind, vpc_id="a", listeners=told, groups=())

    def do_behind(self, name, group, targets, how=""):
        found = [one.rpartition(":") for one in targets.split(",")] if targets != "-" else ()
        told = DENIED if targets == "-" else tuple(BalancerTarget(id=one, port=int(port)) for one, _, port in found)
        made = BalancerGroup(name=group, targets=told, keeps_client_ip=DENIED if how == "untold" else how == "keeps")
        balancer = self.balancers[name]
        self.balancers[name] = with_fields(balancer, groups=(*balancer.groups, made))

    def do_rule(self, balancer, port, priority, groups="", *words):
        found = [word.partition("=") for word in words]
        made = BalancerRule(
            groups=() if groups == "-" else tuple(groups.split(",")),
            sources=tuple(cidr for key, _, said in found if key == "from" for cidr in said.split(",")),
            conditions=tuple(said.replace("~", " ") for key, _, said in found if key == "if"),
            asks=next((said for key, _, said in found if key == "asks"), ""),
        )
        order = DENIED if priority == "-" else 1 << 16 if priority == "default" else int(priority)
        self.listener_rules[balancer, int(port)].append((order, made))

    def do_guard(self, service, name, *flags):
        asks = next((flag.removeprefix("asks=") for flag in flags if flag.startswith("asks=")), "")
        anyone = policy({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"})
        somebody = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/x"}, "Action": "*", "Resource": "*"})
        told = {"open": anyone, "closed": somebody, "unread": DENIED}.get(flags[-1]) if flags else None
        subnets, _, groups = next((flag.removeprefix("in=") for flag in flags if flag.startswith("in=")), "").partition(":")
        self.guards.append(
            DataService(
                **entity(name),
                service=service,
                asks=DENIED if asks == "-" else asks,
                policy=told,
                iam_login={"login": True, "nologin": False}.get(flags[-1]) if flags else None,
                groups=tuple(groups.split(",")) if groups else (),
                subnets=tuple(subnets.split(",")) if subnets else (),
            )
        )

    def do_lost(self, collection):
        self.lost.append(collection)

    # --- as entities -------------------------------------------------------------------------------------------------------

    @property
    def vpc_config(self):
        return VpcConfig(
            origin=at("lambda:GetFunction", "f"),
            subnet_ids=self.placement[0],
            security_group_ids=("fn",),
            vpc_id="a",
            ipv6=self.placement[1],
        )

    @property
    def estate(self):
        whole = {
            "vpcs": tuple(
                Vpc(
                    **entity(name, **self._whose(name, name)),
                    cidrs=(four,),
                    ipv6_cidrs=(six,) if six else (),
                    dns_support=self.resolves.get(name, True),
                )
                for name, (four, six) in VPCS.items()
            ),
            "subnets": tuple(
                Subnet(
                    **entity(name, **self._whose(name, vpc)),
                    vpc_id=vpc,
                    cidr=four,
                    ipv6_cidrs=(six,) if six else (),
                    availability_zone=f"{REGION}{zone}",
                )
                for name, (vpc, four, six, zone) in SUBNETS.items()
            ),
            "security_groups": tuple(
                SecurityGroup(**entity(name), group_name=name, vpc_id="b" if name == "far" else "a", rules=tuple(rules))
                for name, rules in self.rules.items()
            ),
            "route_tables": (
                *(self._table(name, vpc) for name, (vpc, *_) in SUBNETS.items()),
                *(self._table(f"main-{vpc}", vpc, is_main=True) for vpc in VPCS if self.unassociated),
            ),
            "network_acls": (
                *(self._acl(name, vpc) for name, (vpc, *_) in SUBNETS.items()),
                *(self._acl(f"default-{vpc}", vpc, is_default=True) for vpc in VPCS if self.unassociated),
            ),
            "interfaces": tuple(self.enis.values()),
            "gateways": tuple(self.gateways),
            "peerings": tuple(self.peerings),
            "endpoints": tuple(self.endpoints),
            "prefix_lists": tuple(self.lists),
            "data_services": tuple(self.guards),
            "load_balancers": tuple(map(self._balancer, self.balancers.values())),
            "dns_firewalls": tuple(
                DnsFirewall(
                    **entity(f"{group}-{vpc}"),
                    vpc_id=vpc,
                    group=group,
                    priority=told["priority"],
                    rules=tuple(told["rules"]),
                    fails_open=told["fails_open"],
                )
                for (group, vpc), told in self.firewalls.items()
            ),
            "public_access_blocks": self._blocks(),
            "transit_gateways": tuple(self._transit(name, attached) for name, attached in self.attached.items()),
        }
        missing = tuple(Missing(collection=name, account=ACCOUNT, region=REGION, unknown=DENIED) for name in self.lost)
        return Estate(**{name: value for name, value in whole.items() if name not in self.lost}, missing=missing)

    def _balancer(self, made):
        if made.listeners is DENIED:
            return made
        everything = (BalancerRule(groups=tuple(one.name for one in made.groups)),)
        listeners = []
        for listener in made.listeners:
            rules = self.listener_rules.get((made.name, listener.port))
            unread = rules is not None and any(order is DENIED for order, _ in rules)
            told = everything if rules is None else DENIED if unread else tuple(one for _, one in sorted(rules, key=lambda one: one[0]))
            listeners.append(with_fields(listener, rules=told))
        return with_fields(made, listeners=tuple(listeners))

    def _blocks(self):
        excluded = self.excluded if self.excluded is DENIED else tuple(self.excluded)
        return (PublicAccessBlock(**entity("bpa"), mode=self.mode, exclusions=excluded),)

    def _table(self, name, vpc, *, is_main=False):
        local = [Route(destination=cidr, target="local") for cidr in VPCS[vpc] if cidr]
        subnets = () if is_main or name in self.unassociated else (name,)
        return RouteTable(**entity(f"rtb-{name}"), vpc_id=vpc, routes=(*local, *self.routes[name]), subnet_ids=subnets, is_main=is_main)

    def _acl(self, name, vpc, *, is_default=False):
        subnets = () if is_default or name in self.unassociated else (name,)
        entries = tuple(self.acls[name]) or _OPEN
        return NetworkAcl(**entity(f"acl-{name}"), vpc_id=vpc, entries=entries, subnet_ids=subnets, is_default=is_default)

    def _transit(self, name, attached):
        attachments = (
            *(
                TransitAttachment(id=f"att-{vpc}", kind="vpc", resource_id=vpc, subnet_ids=subnets, appliance_mode=mode)
                for vpc, subnets, mode in attached
            ),
            *(TransitAttachment(id=f"att-{one}", kind="direct-connect-gateway", resource_id=one) for one in self.outside[name]),
        )
        table = TransitRouteTable(
            id=f"{name}-rtb", routes=tuple(self.transit_routes[name]), associations=tuple(one.id for one in attachments)
        )
        told = self.references[name]
        more = {} if told is None else {"passes_references": told}
        return TransitGateway(**entity(name), owner=ACCOUNT, attachments=attachments, route_tables=(table,), **more)


_OPEN = tuple(
    NaclEntry(rule_number=number, is_egress=way, protocol="-1", is_allow=True, cidr=cidr)
    for way in (True, False)
    for number, cidr in ((100, "0.0.0.0/0"), (101, "::/0"))
)

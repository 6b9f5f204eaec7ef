"""The network of an estate as the kernel would have it: a namespace for each interface, a router for each VPC, nftables for the rules.

Written from the AWS pages, not from `engines/net`, and reads nothing but the estate: it is what the engine is held against. A router is a VPC: it
routes by the table of the subnet a packet comes from, holds it against the network ACLs without state, then against the security groups with state.
References stand for the private addresses of a group's members. Peerings and transit gateways are links between routers; a NAT gateway is a
host that forwards under its own address; the internet gateway lets out who has a public address. Block Public Access stands before the links to
the internet, behind the connections that are made already: "all traffic to and from internet gateways and egress-only internet gateways" is
blocked, or all but "traffic to and from NAT gateways and egress-only internet gateways"; what is excluded passes, or passes outbound.

All of it lies in namespaces of its own, without a link to the machine's, and is removed afterwards.
"""

import contextlib
import ctypes
import errno
import ipaddress
import os
import select
import shutil
import socket
import struct
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from buckler.model.estate import Estate

INTERNET = ("198.51.100.7", "2a00::7")
OUTSIDE = "inet"
"""The namespace of the internet, which sends packets as hosts do."""
_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)
LISTEN = 9999
_REDIRECT = (
    "table inet nat { chain pre { type nat hook prerouting priority -100; "
    f"meta l4proto tcp redirect to :{LISTEN}; meta l4proto udp redirect to :{LISTEN}; }} }}"
)


def unusable() -> str:
    """Say why there can be no plane here; "" when there can."""
    if os.geteuid() != 0:
        return "not root"
    for tool in ("ip", "nft"):
        if shutil.which(tool) is None:
            return f"`{tool}` is not installed (apt-get install nftables iproute2)"
    probe = f"bkt{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True, check=False)
    if made.returncode:
        return f"no network namespaces: {made.stderr.strip()}"
    told = subprocess.run(["ip", "netns", "exec", probe, "nft", "list", "tables"], capture_output=True, text=True, check=False)
    subprocess.run(["ip", "netns", "del", probe], check=False)
    return "" if told.returncode == 0 else f"no nftables: {told.stderr.strip()}"


@dataclass
class Host:
    number: int
    name: str
    subnet: str
    addresses: tuple[str, ...]
    groups: tuple[str, ...]
    is_public: bool = False
    is_nat: bool = False

    @property
    def link(self) -> str:
        return f"h{self.number}"


@dataclass
class Plane:
    """A network in the kernel. Use as a context."""

    estate: Estate
    hosts: dict[str, Host] = field(default_factory=dict)
    _made: list[str] = field(default_factory=list)
    _listeners: dict[int, socket.socket] = field(default_factory=dict)
    _gates: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tag = f"bk{os.getpid()}"
        self.subnets = {str(one.name): one for one in self.estate.subnets}
        self.groups = {str(one.name): one for one in self.estate.security_groups}
        self.lists = {str(one.name): tuple(map(str, one.entries)) for one in self.estate.prefix_lists}
        for one in self.estate.interfaces:
            host = Host(len(self.hosts), str(one.name), str(one.subnet_id), tuple(one.private_ips), tuple(map(str, one.security_group_ids)))
            host.is_public = bool(one.public_ips)
            self.hosts[host.name] = host
        for one in self.estate.gateways:
            if one.kind == "nat":
                address = (
                    str(ipaddress.ip_network(str(self.subnets[str(one.subnet_id)].cidr))[-6]) if not one.private_ips else one.private_ips[0]
                )
                self.hosts[str(one.name)] = Host(
                    len(self.hosts), str(one.name), str(one.subnet_id), (address,), (), is_public=one.is_public, is_nat=True
                )
        self.members: dict[str, list[str]] = {}
        for host in self.hosts.values():
            for group in host.groups:
                self.members.setdefault(group, []).extend(host.addresses)

    # --- namespaces --------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for listener in self._listeners.values():
            listener.close()
        for name in self._made:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)

    def _ns(self, name: str) -> str:
        return f"{self.tag}-{name}"

    def _add(self, name: str) -> None:
        subprocess.run(["ip", "netns", "add", self._ns(name)], check=True)
        self._made.append(self._ns(name))
        self._ip(name, "link set lo up")
        for setting in ("ipv4.ip_forward=1", "ipv4.conf.all.rp_filter=0", "ipv4.conf.default.rp_filter=0", "ipv6.conf.all.forwarding=1",
                        "ipv6.conf.default.accept_dad=0", "ipv6.conf.all.accept_dad=0"):  # fmt: skip
            self._exec(name, "sysctl", "-q", "-w", f"net.{setting}")

    def _nft(self, name: str, text: str) -> None:
        self._exec(name, "nft", "-f", "-", text=text.replace("; }", ";\n}\n"))

    def _exec(self, name: str, *command: str, text: str | None = None) -> None:
        done = subprocess.run(["ip", "netns", "exec", self._ns(name), *command], input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{name}: {' '.join(command)}: {done.stderr[:600]}\n{text or ''}")

    def _ip(self, name: str, *lines: str) -> None:
        """Run lines of `ip`; those that begin with -6 are IPv6's."""
        for family in ("-4", "-6"):
            mine = [line.removeprefix("-6 ") for line in lines if line.startswith("-6 ") == (family == "-6")]
            if not mine:
                continue
            done = subprocess.run(
                ["ip", family, "-n", self._ns(name), "-batch", "-"],
                input="\n".join(mine) + "\n",
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(f"{name}: {done.stderr}\n" + "\n".join(mine))

    def _link(self, one: str, end: str, other: str, far: str) -> None:
        subprocess.run(
            ["ip", "link", "add", end, "netns", self._ns(one), "type", "veth", "peer", "name", far, "netns", self._ns(other)], check=True
        )
        self._ip(one, f"link set {end} up", f"addr add 169.254.1.1/32 dev {end}", f"-6 addr add fe80::1/64 dev {end} nodad")
        self._ip(other, f"link set {far} up", f"-6 addr add fe80::2/64 dev {far} nodad")

    def _join(self, one: str, end: str, other: str, far: str) -> None:
        """Link two routers; each knows the other's address on the link."""
        number = len(self._gates) // 2
        subprocess.run(
            ["ip", "link", "add", end, "netns", self._ns(one), "type", "veth", "peer", "name", far, "netns", self._ns(other)], check=True
        )
        for name, link, own, peer in ((one, end, 1, 2), (other, far, 2, 1)):
            self._ip(
                name,
                f"link set {link} up",
                f"addr add 169.254.{10 + number}.{own}/32 dev {link}",
                f"-6 addr add fe80::{own}/64 dev {link} nodad",
            )
            self._gates[name, link] = (f"169.254.{10 + number}.{peer}", f"fe80::{peer}")

    def _by(self, router: str, link: str, cidr: str) -> str:
        four, six = self._gates[router, link]
        return f"via {six if ':' in cidr else four} dev {link} onlink"

    def _build(self) -> None:
        vpcs = {str(one.name): one for one in self.estate.vpcs}
        for name in vpcs:
            self._add(f"r{name}")
        self._add("inet")
        # The internet carries no private addresses from one VPC to another.
        self._exec("inet", "sysctl", "-q", "-w", "net.ipv4.ip_forward=0", "net.ipv6.conf.all.forwarding=0")
        for host in self.hosts.values():
            self._host(host)
        for name in vpcs:
            self._join(f"r{name}", "igw", "inet", f"to-{name}")
            self._join(f"r{name}", "eigw", "inet", f"eo-{name}")
        self._ip("inet", f"addr add {INTERNET[0]}/32 dev lo", f"-6 addr add {INTERNET[1]}/128 dev lo nodad")
        for name, vpc in vpcs.items():
            for cidr in (*vpc.cidrs, *vpc.ipv6_cidrs):
                self._ip("inet", f"{'-6 ' if ':' in str(cidr) else ''}route add {cidr} {self._by('inet', f'to-{name}', str(cidr))}")
        for one in self.estate.peerings:
            if one.status == "active":
                ends = (str(one.requester_vpc), str(one.accepter_vpc))
                self._join(f"r{ends[0]}", str(one.name), f"r{ends[1]}", str(one.name))
        for one in self.estate.transit_gateways:
            self._transit(one)
        for name in vpcs:
            self._routes(name)
            self._nft(f"r{name}", self._rules(name))
        self._listen()

    def _host(self, host: Host) -> None:
        name, router = f"h{host.number}", f"r{self._vpc(host.subnet)}"
        self._add(name)
        self._link(router, host.link, name, "eth0")
        lines = []
        for address in host.addresses:
            if ":" in address:
                lines += [f"-6 addr add {address}/128 dev eth0 nodad"]
            else:
                lines += [f"addr add {address}/32 dev eth0"]
        lines += ["route add 169.254.1.1 dev eth0 scope link", f"route add default via 169.254.1.1 dev eth0 src {host.addresses[0]}"]
        if any(":" in one for one in host.addresses):
            lines.append("-6 route add default via fe80::1 dev eth0")
        self._ip(name, *lines)
        if host.is_nat:
            own = host.addresses[0]
            # What belongs to no connection it knows, a NAT gateway answers with a reset; the kernel alone would let a lone SYN-ACK pass as it is.
            rules = (
                f"table ip nat {{ chain post {{ type nat hook postrouting priority 100; ip saddr != {own} masquerade; }} "
                "chain through { type filter hook forward priority 0; ct state invalid drop; } }"
            )
        else:
            rules = _REDIRECT
        self._nft(name, rules)

    def _vpc(self, subnet: str) -> str:
        return str(self.subnets[subnet].vpc_id)

    # --- routes ------------------------------------------------------------------------------------------------------------

    def _local(self, vpc: str, table: int) -> list[str]:
        lines = []
        for host in self.hosts.values():
            if self._vpc(host.subnet) == vpc:
                for address in host.addresses:
                    six = "-6 " if ":" in address else ""
                    lines.append(f"{six}route add {address} dev {host.link} table {table}")
        for one in self.estate.vpcs:
            if str(one.name) == vpc:
                lines += [
                    f"{'-6 ' if ':' in str(cidr) else ''}route add blackhole {cidr} table {table}" for cidr in (*one.cidrs, *one.ipv6_cidrs)
                ]
        return lines

    def _routes(self, vpc: str) -> None:
        lines = self._local(vpc, 90)
        # What comes by a link is delivered here or nowhere: peerings are not transitive, and gateways of a peer cannot be used.
        arrivals = [
            "igw",
            *(
                str(one.name)
                for one in self.estate.peerings
                if one.status == "active" and vpc in {str(one.requester_vpc), str(one.accepter_vpc)}
            ),
        ]
        arrivals += [str(one.name) for one in self.estate.transit_gateways if self._attached(one, vpc)]
        for link in arrivals:
            lines += [f"{six}rule add iif {link} lookup 90 priority 100" for six in ("", "-6 ")]
        tables = {str(subnet): table for table in self.estate.route_tables for subnet in table.subnet_ids}
        mains = {str(table.vpc_id): table for table in self.estate.route_tables if table.is_main}
        for number, subnet in enumerate(one for one in self.subnets if self._vpc(one) == vpc):
            identity = 100 + number
            lines += self._local(vpc, identity)
            for route in (tables.get(subnet) or mains[vpc]).routes:
                lines += self._route(route, identity, vpc)
            lines += [f"{six}route add unreachable default metric 9999 table {identity}" for six in ("", "-6 ")]
            for host in self.hosts.values():
                if host.subnet == subnet:
                    lines += [f"{six}rule add iif {host.link} lookup {identity} priority 100" for six in ("", "-6 ")]
        self._ip(f"r{vpc}", *lines)

    def _route(self, route: object, table: int, vpc: str) -> list[str]:
        cidr, target, state = str(route.destination), str(route.target), route.state
        six = "-6 " if ":" in cidr else ""
        if target == "local":
            return []
        if state == "blackhole":
            return [f"{six}route add blackhole {cidr} table {table}"]
        host = self.hosts.get(target)
        if host is not None:
            return [] if six else [f"route add {cidr} via {host.addresses[0]} dev {host.link} onlink table {table}"]
        link = next((gateway for gateway in ("igw", "eigw") if target.startswith(gateway)), target)
        known = link in {"igw", "eigw"} or any(str(one.name) == link and one.status == "active" for one in self.estate.peerings)
        known = known or any(str(one.name) == link and self._attached(one, vpc) for one in self.estate.transit_gateways)
        if not known:
            return [f"{six}route add blackhole {cidr} table {table}"]
        return [f"{six}route add {cidr} {self._by(f'r{vpc}', link, cidr)} table {table}"]

    @staticmethod
    def _attached(gateway: object, vpc: str) -> bool:
        return any(one.resource_id == vpc for one in gateway.attachments)

    def _transit(self, gateway: object) -> None:
        name = str(gateway.name)
        self._add(name)
        lines = []
        for attachment in gateway.attachments:
            self._join(name, attachment.id, f"r{attachment.resource_id}", name)
            (table,) = [one for one in gateway.route_tables if attachment.id in one.associations]
            identity = 100 + list(gateway.route_tables).index(table)
            lines += [f"{six}rule add iif {attachment.id} lookup {identity} priority 100" for six in ("", "-6 ")]
        for number, table in enumerate(gateway.route_tables):
            for route in table.routes:
                cidr, out = str(route.destination), str(route.target)
                lines.append(
                    f"route add blackhole {cidr} table {100 + number}"
                    if route.state == "blackhole" or not out
                    else f"route add {cidr} {self._by(name, out, cidr)} table {100 + number}"
                )
            lines.append(f"route add unreachable default metric 9999 table {100 + number}")
        self._ip(name, *lines)

    # --- rules -------------------------------------------------------------------------------------------------------------

    def _rules(self, vpc: str) -> str:
        mine = [host for host in self.hosts.values() if self._vpc(host.subnet) == vpc]
        subnets = [one for one in self.subnets if self._vpc(one) == vpc]
        acls = {str(subnet): acl for acl in self.estate.network_acls for subnet in acl.subnet_ids}
        defaults = {str(acl.vpc_id): acl for acl in self.estate.network_acls if acl.is_default}
        chains, dispatch = [], []
        for number, subnet in enumerate(subnets):
            links = ", ".join(f'"{host.link}"' for host in mine if host.subnet == subnet)
            if not links:
                continue
            acl = acls.get(subnet) or defaults[vpc]
            for way in ("out", "in"):
                entries = sorted((one for one in acl.entries if one.is_egress == (way == "out")), key=lambda one: one.rule_number)
                lines = [line for entry in entries for line in self._entry(entry, "daddr" if way == "out" else "saddr")]
                chains.append(f"chain acl_{way}_{number} {{ {' '.join(lines)} drop; }}")
            dispatch.append(f"iifname {{ {links} }} oifname != {{ {links} }} jump acl_out_{number};")
            dispatch.append(f"oifname {{ {links} }} iifname != {{ {links} }} jump acl_in_{number};")
        public = ", ".join(address for host in mine if host.is_public for address in host.addresses if ":" not in address)
        dispatch.append(f'oifname "igw" meta nfproto ipv4 {f"ip saddr != {{ {public} }}" if public else ""} drop;')
        # Nobody outside knows a private address; and an egress-only gateway knows connections that began inside.
        dispatch.append(f'iifname "igw" ct state new meta nfproto ipv4 {f"ip daddr != {{ {public} }}" if public else ""} drop;')
        dispatch.append('oifname "eigw" ct direction reply drop;')
        dispatch.append("ct state established accept;")
        dispatch += self._blocked(vpc, mine)
        for host in mine:
            if not host.groups:
                continue
            for way in ("out", "in"):
                lines = [line for group in host.groups for line in self._group(group, way)]
                chains.append(f"chain sg_{way}_{host.number} {{ {' '.join(lines)} drop; }}")
            dispatch.append(f'iifname "{host.link}" jump sg_out_{host.number};')
        dispatch += [f'oifname "{host.link}" jump sg_in_{host.number};' for host in mine if host.groups]
        return f"table inet f {{ {' '.join(chains)} chain passing {{ type filter hook forward priority 0; policy accept; {' '.join(dispatch)} }} }}"

    def _blocked(self, vpc: str, mine: list[Host]) -> list[str]:
        """Write Block Public Access for new connections of each subnet. The answers are of connections that it has let pass."""
        lines = []
        for block in self.estate.public_access_blocks:
            excluded = {str(one.resource): str(one.mode) for one in block.exclusions}
            for host in mine if block.mode != "off" else ():
                modes = {excluded.get(host.subnet), excluded.get(vpc)}
                if "allow-bidirectional" in modes:
                    continue
                # "Egress-only ... only applies when BPA is set to Bidirectional."
                may_call = "allow-egress" in modes if block.mode == "block-bidirectional" else host.is_nat
                lines += [f'iifname "{host.link}" oifname "igw" drop;'] if not may_call else []
                if block.mode == "block-bidirectional" and not may_call:
                    lines.append(f'iifname "{host.link}" oifname "eigw" drop;')
                lines.append(f'iifname {{ "igw", "eigw" }} oifname "{host.link}" drop;')
        return lines

    def _entry(self, entry: object, end: str) -> list[str]:
        cidr = str(entry.cidr)
        match = f"{'ip6' if ':' in cidr else 'ip'} {end} {cidr}"
        last = entry.from_port if entry.to_port is None else entry.to_port
        verdict = "return" if entry.is_allow else "drop"
        return [f"{match} {one} {verdict};" for one in _protocols(str(entry.protocol), entry.from_port, last)]

    def _group(self, group: str, way: str) -> list[str]:
        lines = []
        end = "daddr" if way == "out" else "saddr"
        for rule in self.groups[group].rules if group in self.groups else ():
            if rule.is_egress != (way == "out"):
                continue
            last = rule.from_port if rule.to_port is None else rule.to_port
            transit = ", ".join(f'"{one.name}"' for one in self.estate.transit_gateways)
            # "Security group referencing is not supported for outbound rules" over transit gateways.
            here = f"oifname != {{ {transit} }} " if way == "out" and transit else ""
            peers = [("", str(cidr)) for cidr in rule.cidrs]
            peers += [("", entry) for name in rule.prefix_lists for entry in self.lists.get(str(name), ())]
            peers += [(here, address) for name in rule.groups for address in self.members.get(str(name), ())]
            kinds = _protocols(str(rule.protocol), rule.from_port, last)
            lines += [f"{only}{'ip6' if ':' in peer else 'ip'} {end} {peer} {kind} return;" for only, peer in peers for kind in kinds]
        return lines

    # --- probes ------------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _inside(self, name: str):
        with Path("/proc/self/ns/net").open() as home, Path(f"/run/netns/{self._ns(name)}").open() as there:
            _set(there.fileno())
            try:
                yield
            finally:
                _set(home.fileno())

    def _listen(self) -> None:
        places = [f"h{host.number}" for host in self.hosts.values() if not host.is_nat]
        for name in places:
            self._open(name)
        # What is not the internet's is not answered there.
        ends = " ".join(
            f"{family} daddr != {address} meta nfproto {of} return;"
            for family, of, address in zip(("ip", "ip6"), ("ipv4", "ipv6"), INTERNET, strict=True)
        )
        self._nft("inet", _REDIRECT.replace("priority -100; ", f"priority -100; {ends} "))
        self._open("inet")

    def _open(self, name: str) -> None:
        with self._inside(name):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                listener = socket.socket(socket.AF_INET6, kind | socket.SOCK_NONBLOCK)
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(("::", LISTEN))
                if kind == socket.SOCK_STREAM:
                    listener.listen(4096)
                else:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
                self._listeners[listener.fileno()] = listener

    def probe(self, probes: list[tuple[str, str, str, int, int]], *, wait_s: float = 0.5, at_once: int = 1500) -> list[bool]:
        """Send packets: (host, address, tcp or udp, port, client port) each; True where an answer came back."""
        answers = [False] * len(probes)
        poll = select.epoll()
        for fd in self._listeners:
            poll.register(fd, select.EPOLLIN)
        for begin in range(0, len(probes), at_once):
            self._batch(probes, answers, range(begin, min(begin + at_once, len(probes))), poll, wait_s)
        poll.close()
        return answers

    def _batch(self, probes: list, answers: list[bool], which: range, poll: select.epoll, wait_s: float) -> None:
        waiting: dict[int, tuple[socket.socket, int, bool]] = {}
        by_host: dict[str, list[int]] = {}
        for index in which:
            by_host.setdefault(probes[index][0], []).append(index)
        for host, indexes in by_host.items():
            with self._inside(host if host == OUTSIDE else f"h{self.hosts[host].number}"):
                for index in indexes:
                    self._send(probes[index], index, waiting, poll)
        until = time.monotonic() + wait_s
        while waiting and (left := until - time.monotonic()) > 0:
            for fd, event in poll.poll(left):
                if fd in self._listeners:
                    self._serve(self._listeners[fd])
                elif fd in waiting:
                    client, index, is_tcp = waiting.pop(fd)
                    failed = client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    # The listener hangs up at once: a connection that was reset had been made.
                    answers[index] = failed in {0, errno.ECONNRESET} if is_tcp else failed == 0 and bool(event & select.EPOLLIN)
                    poll.unregister(fd)
                    client.close()
                    until = max(until, time.monotonic() + wait_s / 2)
        for fd, (client, _, _) in waiting.items():
            poll.unregister(fd)
            client.close()

    def _send(self, probe: tuple, index: int, waiting: dict, poll: select.epoll) -> None:
        host, address, protocol, port, client_port = probe
        is_tcp = protocol == "tcp"
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        addresses = INTERNET if host == OUTSIDE else self.hosts[host].addresses
        own = next(one for one in addresses if (":" in one) == (":" in address))
        client = socket.socket(family, (socket.SOCK_STREAM if is_tcp else socket.SOCK_DGRAM) | socket.SOCK_NONBLOCK)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_tcp:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        try:
            client.bind((own, client_port))
            code = client.connect_ex((address, port))
            if code not in {0, errno.EINPROGRESS}:
                client.close()
                return
            if not is_tcp:
                client.send(b"?")
        except OSError:
            client.close()
            return
        waiting[client.fileno()] = (client, index, is_tcp)
        poll.register(client.fileno(), select.EPOLLOUT if is_tcp else select.EPOLLIN)

    @staticmethod
    def _serve(listener: socket.socket) -> None:
        if listener.type & socket.SOCK_DGRAM:
            with contextlib.suppress(OSError):
                while True:
                    said, info, _, whom = listener.recvmsg(16, 64)
                    # From the address it came to: another one would not be the answer to it.
                    listener.sendmsg([said], [(level, kind, data) for level, kind, data in info if kind == socket.IPV6_PKTINFO], 0, whom)
            return
        with contextlib.suppress(OSError):
            while True:
                accepted, _ = listener.accept()
                accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                accepted.close()


def _protocols(name: str, first: int | None, last: int | None) -> list[str]:
    number = {"-1": "", "6": "tcp", "17": "udp"}.get(name, name)
    if not number:
        return [""]
    if number in {"tcp", "udp"}:
        return [f"meta l4proto {number}" if first is None else f"{number} dport {first}-{last}"]
    return []  # no other protocol is probed


def _set(fd: int) -> None:
    if _LIBC.setns(fd, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")

"""Random networks over the base of build.py, as lines, and packets in them."""

from hypothesis import strategies as st

CIDRS = ("0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "10.0.1.0/24", "10.0.1.0/25", "10.0.1.7/32", "10.0.3.0/24", "10.0.3.10/32", "10.1.0.0/16",
         "10.1.1.0/24", "198.51.100.0/24", "::/0", "10.0.0.0/99")  # fmt: skip
PORTS = ("-", "22", "443", "1024-65535", "1024-40000", "5000-6000", "5432", "0-1023")
SUBNETS = ("app", "app2", "db", "pub", "far", "far2", "mid")
ROUTED = ("0.0.0.0/0", "10.0.0.0/16", "10.1.0.0/16", "10.1.1.0/24", "10.2.0.0/16")
TARGETS = ("igw-1", "nat-1", "pcx-1", "pcx-2", "tgw-1")
FIXED = (
    "igw igw-1 a; nat nat-1 pub; peering pcx-1 a b; peering pcx-2 a c; tgw tgw-1 a:app,app2:own b:far,far2:own c:mid; tgwroute tgw-1 10.0.0.0/16 a; "
    "tgwroute tgw-1 10.1.0.0/16 b; eni svc2 mid 10.2.1.10 far; eni near app 10.0.1.50 database"
)


def _line(*parts):
    return st.builds(lambda *words: " ".join(words), *parts)


def one_of(*words):
    return st.sampled_from(words)


PROTOCOL = one_of("tcp", "udp", "-1", "icmp")
CHANGES = st.one_of(
    _line(st.just("sg"), one_of("fn", "database", "far"), one_of("in", "out"), PROTOCOL, one_of(*PORTS), one_of(*CIDRS, "fn", "database", "far")),
    _line(st.just("sg"), one_of("fn", "database", "far"), st.just("closed")),
    _line(
        st.just("acl"), one_of(*SUBNETS), one_of("in", "out"), st.integers(1, 300).map(str), one_of("allow", "allow", "deny"), PROTOCOL,
        one_of(*PORTS), one_of(*CIDRS),
    ),
    _line(st.just("route"), one_of(*SUBNETS), one_of(*ROUTED), one_of(*TARGETS), one_of("active", "active", "blackhole")),
    _line(st.just("tgwroute"), st.just("tgw-1"), one_of(*ROUTED), one_of("a", "b", "c", "-")),
    _line(st.just("lost"), one_of("network_acls", "peerings", "transit_gateways", "public_access_blocks")),
    _line(st.just("bpa"), one_of("off", "block-bidirectional", "block-ingress", "-")),
    _line(st.just("region"), one_of("b", "c"), st.just("us-east-1")),
    _line(st.just("exclude"), one_of("a", *SUBNETS), one_of("allow-bidirectional", "allow-egress")),
)  # fmt: skip
WAYS = ("", "route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1", "route app 10.1.0.0/16 pcx-1; route far 10.0.0.0/16 pcx-1",
        "route app 10.1.0.0/16 tgw-1; route far 10.0.0.0/16 tgw-1")  # fmt: skip
NETS = st.builds(
    lambda way, fn, changes: "; ".join([FIXED, way, fn, *changes]),
    one_of(*WAYS),
    one_of("fn app", "fn app,app2", "eni known app 10.0.1.7 fn kind=lambda"),
    st.lists(CHANGES, max_size=12).map(lambda lines: sorted(lines, key=lambda line: "closed" not in line)),
)
WORDS = ("db", "svc", "svc2", "near", "internet", "10.0.3.77")

"""What many functions reach of many targets: all ports, routes and answers included. No peer answers it; `connect` runs beside.

A seeded VPC of 40 subnets, 12 network ACLs and as many security groups as asked for, each with 3 to 20 inbound rules of which half are
references.
"""

import gc
import random
import resource
import statistics
import sys
import time

from buckler.engines.net import TCP, Interface, Target, World, connect, world_of
from buckler.engines.net.column import Column
from buckler.engines.net.matrix import Matrix
from buckler.engines.net.ranges import range_of
from buckler.model.estate import Estate
from buckler.model.network import NaclEntry, NetworkAcl, Route, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc
from buckler.model.origin import ApiOrigin

SIZES = {"1,000 x 2,000 x 200": (1000, 2000, 200, 120, 300), "5,000 x 10,000 x 1,000": (5000, 10_000, 1000, 400, 1200)}
SUBNETS, ACLS = 40, 12
_LOCAL = Route(destination="10.0.0.0/8", target="local")


def entity(kind: str, name: str) -> dict[str, object]:
    """What every entity has."""
    arn = f"arn:aws:ec2:eu-west-1:123456789012:{kind}/{name}"
    return {"arn": arn, "name": name, "account": "123456789012", "region": "eu-west-1", "origin": ApiOrigin(call="ec2:Describe", arn=arn)}


def account(functions: int, targets: int, groups: int, function_sets: int, target_sets: int) -> tuple[World, list[Interface], list[Target]]:
    """Make the network, the functions' interfaces and the targets."""
    some = random.Random(6)  # noqa: S311 - a seed is the point
    names = [f"sg-{number}" for number in range(groups)]
    subnets = [f"subnet-{number}" for number in range(SUBNETS)]
    estate = Estate(
        vpcs=(Vpc(**entity("vpc", "vpc-1"), cidrs=("10.0.0.0/8",)),),
        subnets=tuple(
            Subnet(**entity("subnet", name), vpc_id="vpc-1", cidr=f"10.{number}.0.0/16", availability_zone=f"eu-west-1{'abc'[number % 3]}")
            for number, name in enumerate(subnets)
        ),
        route_tables=(
            RouteTable(
                **entity("rtb", "rtb-1"),
                vpc_id="vpc-1",
                routes=(Route(destination="10.0.0.0/8", target="local"),),
                subnet_ids=(),
                is_main=True,
            ),
        ),
        network_acls=tuple(
            NetworkAcl(
                **entity("acl", f"acl-{number}"),
                vpc_id="vpc-1",
                entries=tuple(_entries(some)),
                subnet_ids=tuple(subnets[number::ACLS]),
                is_default=False,
            )
            for number in range(ACLS)
        ),
        security_groups=tuple(
            SecurityGroup(**entity("sg", name), group_name=name, vpc_id="vpc-1", rules=tuple(_rules(some, names))) for name in names
        ),
    )
    world = world_of(estate)
    function_groups = [tuple(sorted(some.sample(names, some.randint(1, 3)))) for _ in range(function_sets)]
    target_groups = [tuple(sorted(some.sample(names, some.randint(1, 4)))) for _ in range(target_sets)]
    classes: dict[tuple[str, tuple[str, ...]], Interface] = {}
    for _ in range(functions):
        held = some.choice(function_groups)
        for subnet in some.sample(subnets, some.randint(1, 3)):
            address = range_of(f"10.{subnets.index(subnet)}.1.{len(classes) % 250 + 1}")
            classes.setdefault((subnet, held), Interface(f"f{len(classes)}", "vpc-1", subnet, held, (address,), kind="lambda"))
    to: list[Target] = []
    for number in range(targets):
        at = some.randrange(SUBNETS)
        address = range_of(f"10.{at}.{100 + number // 250 % 100}.{number % 250 + 1}")
        to.append(Target(address, Interface(f"t{number}", "vpc-1", subnets[at], some.choice(target_groups), (address,))))
    return world, list(classes.values()), to


def _entries(some: random.Random) -> list[NaclEntry]:
    made = []
    for way in (True, False):
        for number in range(some.randint(1, 4)):
            low = some.choice((0, 1024, 32768))
            made.append(
                NaclEntry(
                    rule_number=100 + number, is_egress=way, protocol=some.choice(("tcp", "-1")), is_allow=some.random() < 0.4,
                    cidr=f"10.{some.randrange(SUBNETS)}.0.0/16", from_port=low, to_port=some.choice((low, 40000, 65535)),
                )
            )  # fmt: skip
        made.append(NaclEntry(rule_number=900, is_egress=way, protocol="-1", is_allow=True, cidr="0.0.0.0/0"))
    return made


def _rules(some: random.Random, names: list[str]) -> list[SecurityGroupRule]:
    made = [SecurityGroupRule(is_egress=True, protocol="-1", cidrs=("0.0.0.0/0",))] if some.random() < 0.7 else []
    for _ in range(some.randint(3, 20)):
        port = some.choice((22, 80, 443, 3306, 5432, 6379, 9092, some.randint(1024, 65000)))
        by_group = some.random() < 0.5
        made.append(
            SecurityGroupRule(
                is_egress=False, protocol="tcp", from_port=port, to_port=min(65535, port + some.choice((0, 0, 0, 10, 1000))),
                groups=(some.choice(names),) if by_group else (),
                cidrs=() if by_group else (f"10.{some.randrange(SUBNETS)}.{some.choice((0, 1))}.0/{some.choice((8, 16, 24, 32))}",),
            )
        )  # fmt: skip
    return made


def _who(world: World, sources: list[Interface], to: Target, who: list[int]) -> float:
    """Ask who reaches a target, and how; give milliseconds, and note how many."""
    started = time.perf_counter()
    column = Column(world, to, TCP)
    told = [one for one in map(column.connection, sources) if one.kind != "no"]
    ways = [one.way for one in told]
    taken = (time.perf_counter() - started) * 1e3
    who.append(len([way for way in ways if way is not None]))
    return taken


def main(argv: list[str]) -> int:
    """Measure; `--large` asks for the large one too."""
    gc.set_threshold(50_000, 20, 50)  # as the command does
    for title, sizes in SIZES.items():
        if title.startswith("5") and "--large" not in argv:
            continue
        world, sources, targets = account(*sizes)
        started, processor = time.perf_counter(), time.process_time()
        matrix = Matrix(world, tuple(targets), TCP)
        open_pairs = partly = odd = 0
        for source in sources:
            row = matrix.row(source)
            open_pairs += row.reached.bit_count()
            partly += (row.reached & row.partly).bit_count()
            odd += len(row.asked)
        wall, processor = time.perf_counter() - started, time.process_time() - processor
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        pairs = len(sources) * len(targets)
        print(f"{title} security groups: {len(sources):,} interfaces, {pairs:,} pairs, {len(matrix.atoms)} atoms")
        print(f"  matrix: {wall:.2f} s ({processor:.2f} s of processor), {peak:.0f} MB")
        print(f"  {open_pairs:,} reach, {partly:,} now and then, {odd} asked one by one")
        some = random.Random(1)  # noqa: S311
        checked = [(some.choice(sources), some.randrange(len(targets))) for _ in range(2000)]
        rows = {source.id: matrix.row(source) for source, _ in checked}
        started = time.perf_counter()
        wrong = 0
        for source, bit in checked:
            told = connect(world, source, matrix.targets[bit], TCP)
            wrong += (told.kind != "no") != bool(rows[source.id].reached >> bit & 1) or told.ports != matrix.ports(rows[source.id], bit)
        each = (time.perf_counter() - started) / len(checked)
        print(f"  pair by pair: {each * 1e6:.0f} us each, {each * pairs:.0f} s for all; {wrong} of {len(checked)} differ")
        first, again, who, differ = [], [], [], 0
        for number in range(1, 10):
            to = matrix.targets[number * len(targets) // 10]
            first.append(_who(world, sources, to, who))
            again.append(_who(world, sources, to, who))
            column = Column(world, to, TCP)
            for source in some.sample(sources, 50):
                one, other = column.connection(source), connect(world, source, to, TCP)
                differ += (one.kind, one.ports, one.clients, one.way) != (other.kind, other.ports, other.clients, other.way)
        told = f"{statistics.median(first):.0f} ms of a target nobody asked about before, {statistics.median(again):.0f} ms again"
        print(f"  who reaches one target, the way of each with it: {told}")
        print(f"    (medians of 9 targets that {min(who)} to {max(who)} interfaces reach; {differ} of {9 * 50} differ from pair by pair)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

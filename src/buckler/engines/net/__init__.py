"""Exact network reach: what an interface can talk to, by which rules, and what is in the way.

`trace` follows one packet hop by hop; `connect` gives the exact ports of a pair. They share the ways (`walk`), and nothing else.
`from_internet` and `from_on_premises` follow packets that come from outside.
"""

from buckler.engines.net.gates import ICMP, TCP, UDP
from buckler.engines.net.inbound import from_internet, from_on_premises
from buckler.engines.net.reachable import Connection, Kind, at_port, connect, overall
from buckler.engines.net.trace import Packet, Target, Trace, trace
from buckler.engines.net.world import Interface, World, world_of

__all__ = [
    "ICMP",
    "TCP",
    "UDP",
    "Connection",
    "Interface",
    "Kind",
    "Packet",
    "Target",
    "Trace",
    "World",
    "at_port",
    "connect",
    "from_internet",
    "from_on_premises",
    "overall",
    "trace",
    "world_of",
]

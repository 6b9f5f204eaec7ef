"""Exact network reach: what an interface can talk to, by which rules, and what is in the way.

`trace` follows one packet hop by hop; `connect` gives the exact ports of a pair. They share the ways (`walk`), and nothing else.
"""

from buckler.engines.net.gates import ICMP, TCP, UDP
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
    "overall",
    "trace",
    "world_of",
]

"""VPC Block Public Access: what may pass between a subnet and internet gateways.

What counts is the subnet that sends to the gateway: of what goes through NAT, the NAT gateway's. "Other subnets sending traffic to the
appliance subnet and not to the internet gateway do not need to be added as exclusions."

Source: Amazon VPC User Guide, "Block public access to VPCs and subnets": "VPC BPA basics", and the six scenarios of "Advanced example",
which are cases of the tests.
"""

from typing import Final

from buckler.engines.net.world import World
from buckler.model.network import PublicAccessBlock, PublicAccessExclusion
from buckler.model.text import Partial, shown
from buckler.model.unknown import Unknown, UnknownKind

_BOTH: Final = "block-bidirectional"
_INGRESS: Final = "block-ingress"


def barred(world: World, subnet: str, *, is_outbound: bool, is_inbound: bool = False) -> str | Unknown | None:
    """Say in words why packets of a subnet may not leave for the internet; None: they may.

    *is_outbound*: by a NAT gateway or an egress-only internet gateway, through which nobody calls in.
    *is_inbound*: somebody calls in, which what is excluded for egress only does not allow.
    """
    block = world.public_access_of(subnet)
    if block is None or isinstance(block, Unknown):
        return block
    mode = _mode(block)
    if mode == "off" or (mode == _INGRESS and is_outbound):
        return None
    if isinstance(block.exclusions, Unknown):
        return block.exclusions
    doubt = mode if isinstance(mode, Unknown) else None
    for exclusion in block.exclusions:
        told = _excludes(world, exclusion, subnet, _INGRESS if is_inbound else mode)
        if told is True:
            return None
        doubt = doubt or (told if isinstance(told, Unknown) else None)
    if doubt is not None:
        return doubt
    kept = f"callers from the internet out of {subnet}" if is_inbound else f"{subnet} from the internet"
    return f"Block Public Access of {shown(block.account)} in {shown(block.region)} ({mode}) keeps {kept}"


def _mode(block: PublicAccessBlock) -> str | Unknown:
    if isinstance(block.mode, Unknown):
        return block.mode
    mode = shown(block.mode)
    if mode in {"off", _BOTH, _INGRESS}:
        return mode
    return Unknown(kind=UnknownKind.UNRESOLVED, why=f"`{mode}` is no mode of Block Public Access that is known", need="a mode of EC2's")


def _excludes(world: World, exclusion: PublicAccessExclusion, subnet: str, mode: str | Unknown) -> bool | Unknown:
    name = shown(exclusion.resource)
    if name not in {subnet, world.vpc_of(subnet)}:
        is_named = isinstance(exclusion.resource, Partial) and name not in world.subnets and name not in world.vpcs
        why = f"what the exclusion of `{name}` from Block Public Access is for is not known"
        return Unknown(kind=UnknownKind.UNRESOLVED, why=why, need="--parameter") if is_named else False
    if isinstance(exclusion.mode, Unknown):
        return exclusion.mode
    # "Egress-only exclusions are ignored" unless the mode is bidirectional (scenario 5).
    return shown(exclusion.mode) == "allow-bidirectional" or (shown(exclusion.mode) == "allow-egress" and mode == _BOTH)

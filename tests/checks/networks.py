"""Networks of build.py with a function in them, for checks."""

from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.estates import ORDERS, TODAY, function, role, scope

from buckler.checks import run
from buckler.model.finding import Finding, Gap
from buckler.model.result import NotAsked
from buckler.reach.analysis import Analysis


def answers(check, changes, **facts):
    """Ask one check of a function in the network that the lines describe."""
    net = Net(changes)
    fn = function(**{"vpc": net.vpc_config, **facts})
    return run([check], Analysis(replace(net.estate, functions=(fn,), roles=(role(inline=(ORDERS,)),), scopes=(scope(),)), today=TODAY))


def verdict(check, changes, **facts):
    """Say what a check answers: Finding, Gap, NotAsked or None."""
    told = answers(check, changes, **facts)
    return Finding if told.findings else Gap if told.gaps else NotAsked if told.not_asked else None

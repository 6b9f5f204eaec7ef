"""What a file does not list: the same account with one administrator more of every kind, under names that only a wide pattern matches."""

from typing import Any

import msgspec

from buckler.data.techniques import technique_table
from buckler.engines.iam import sample
from buckler.model.functions import LATEST, Function, LoggingConfig, QualifiedPolicy, RuntimeManagement
from buckler.model.iam import Group, Role, User
from buckler.model.origin import ApiOrigin, FileOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.reach.analysis import Analysis
from buckler.reach.edges_actors import EVERYTHING
from buckler.reach.graph import graph_of
from buckler.reach.once import once

_NOWHERE = ApiOrigin(call="", arn="")
SUPPOSED = {
    "role": "supposed-role-7q4z",
    "function": "supposed-function-7q4z",
    "user": "supposed-user-7q4z",
    "group": "supposed-group-7q4z",
}
"""Names by kind."""


@once
def supposing(analysis: Analysis) -> Analysis:
    """Give an analysis of the same accounts with an administrator more in each."""
    estate = analysis.estate
    accounts = dict.fromkeys(one.account for one in (*estate.roles, *estate.users) if isinstance(one.origin, FileOrigin))
    regions = graph_of(analysis).things.regions
    made = [_make(sample(account), regions.get(sample(account), "us-east-1")) for account in accounts]
    more: dict[str, tuple[object, ...]] = {
        "roles": (*estate.roles, *(one[0] for one in made)),
        "functions": (*estate.functions, *(one[1] for one in made)),
        "users": (*estate.users, *(one[2] for one in made)),
        "groups": (*estate.groups, *(one[3] for one in made)),
    }
    return Analysis(msgspec.structs.replace(estate, **more), today=analysis.today)


def _make(account: str, region: str) -> tuple[Role, Function, User, Group]:
    base: dict[str, Any] = {"account": account, "origin": _NOWHERE}
    names: dict[str, dict[str, Any]] = {
        kind: {"name": name, "arn": f"arn:aws:iam::{account}:{kind}/{name}", "region": "", **base} for kind, name in SUPPOSED.items()
    }
    services = sorted({service for one in technique_table().techniques for when in one.when for service in when.services})
    role = Role(**names["role"], trust=_service_policy(services, "sts:AssumeRole"), inline=(EVERYTHING,), attached=(), boundary=None)
    user = User(**names["user"], inline=(EVERYTHING,), attached=(), boundary=None, groups=(SUPPOSED["group"],))
    group = Group(**names["group"], inline=(EVERYTHING,), attached=())
    function = Function(
        arn=f"arn:aws:lambda:{region}:{account}:function:{SUPPOSED['function']}",
        name=SUPPOSED["function"],
        region=region,
        runtime="python3.13",
        role=role.arn,
        environment=(),
        layers=(),
        vpc=None,
        logging=LoggingConfig(),
        code_signing_config=None,
        reserved_concurrency=None,
        urls=(),
        policies=(QualifiedPolicy(qualifier=LATEST, policy=_service_policy(["events.amazonaws.com"], "lambda:InvokeFunction")),),
        aliases=(),
        event_invoke=(),
        recursive_loop="Terminate",
        runtime_management=RuntimeManagement(update_on="Auto"),
        **base,
    )
    return role, function, user, group


def _service_policy(services: list[str], action: str) -> Policy:
    statement = {"Effect": "Allow", "Principal": {"Service": services}, "Action": action}
    return parse_policy({"Version": "2012-10-17", "Statement": [statement]}, _NOWHERE)

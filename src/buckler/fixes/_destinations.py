"""Where events go that a function fails on, and that its role may send them there."""

from collections.abc import Callable
from typing import Final

from buckler.fixes._fix import Advice
from buckler.fixes._option import WHICH_DESTINATION
from buckler.fixes._roles import VERSION, put_inline, with_inline
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit
from buckler.model.functions import Function
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.why import why

POLICY: Final = "buckler-failure-destination"
SEND: Final = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}


def sending(function: Function, target: str, analysis: Analysis) -> tuple[tuple[ApiEdit, ...], Callable[[Estate], Estate]] | Advice:
    """Let the role send to a queue or topic, where it may not yet. Raises `Undecided` where its policies could not be read."""
    if not target:
        return WHICH_DESTINATION
    action = SEND.get(target.split(":")[2] if target.startswith("arn:") else "")
    if action is None:
        return Advice("name the ARN of a queue or topic: --failure-destination", f"`{target}` is neither")
    role = analysis.role_of(function)
    if why(analysis, shown(role.arn), action, target, {}).verdict == "allowed":
        return (), lambda estate: estate
    there = next((one for one in known(role.inline) if one.name == POLICY), None)
    if there is not None:
        return Advice("let the role send to it", f"the role has a policy `{POLICY}` already, which does not")
    document = {"Version": VERSION, "Statement": [{"Effect": "Allow", "Action": action, "Resource": target}]}
    edit = put_inline(role, POLICY, document)
    return (() if edit is None else (edit,)), with_inline(role, POLICY, document)

"""Steps of an attack that a role or user is denied, one by one, until no way is left."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from buckler.engines.iam.sample import sample
from buckler.fixes._documents import Document
from buckler.fixes._fix import Advice, Mend
from buckler.fixes._roles import VERSION, Holder, in_estate, kind_of, no_longer, with_inline
from buckler.model.entity import Entity
from buckler.model.estate import COLLECTIONS, Estate
from buckler.model.finding import Request, Witness
from buckler.model.graph import Path
from buckler.model.iam import Role
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.escalations import escalation_of
from buckler.reach.once import once

ESCALATION: Final = "buckler-no-escalation"
"""Name of the inline policy that denies the steps of an escalation."""
PASS_TO_LAMBDA: Final[Document] = {
    "Effect": "Deny",
    "Action": "iam:PassRole",
    "Resource": "*",
    # A negated operator holds, too, where the key is missing.
    "Condition": {"StringNotEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
}
"""The statement that lets a role pass roles to Lambda only."""
_MOST: Final = 12
"""Steps that are taken away one by one: who has more ways than this needs another policy, not a list of exceptions."""


@dataclass(frozen=True, slots=True)
class Denial:
    """Something a role or user shall no longer be allowed."""

    action: str
    resource: str
    who: str = "role"

    @property
    def statement(self) -> Document:
        """Write it."""
        return {"Effect": "Deny", "Action": self.action, "Resource": self.resource}

    @property
    def said(self) -> str:
        """Say what is lost by it."""
        return f"the {self.who} may no longer `{self.action}`" + ("" if self.resource == "*" else f" on `{self.resource}`")


def no_escalation(holder: Holder, analysis: Analysis) -> Mend | None:
    """Deny the first step of each way to administrator; None when that finds no end."""

    def way(own: Holder, now: Analysis) -> Path | None:
        found = escalation_of(own, now)
        return None if found is None else found.path

    who = kind_of(holder).lower()
    return no_way(holder, analysis, way, ESCALATION, f"deny the {who} the steps by which it becomes administrator")


def no_way(holder: Holder, analysis: Analysis, way: Callable[[Holder, Analysis], Path | None], name: str, summary: str) -> Mend | None:
    """Deny the first step of each way, the shortest first, until there is none; None when that finds no end."""
    denied: list[Denial] = []
    now = analysis
    own = holder
    while (path := way(own, now)) is not None:
        step = narrowest(own, path.edges[0].proof)
        if step is None or len(denied) == _MOST:
            return None
        # What is only supposed to be there, or would be made under any name, is no thing to deny it of.
        if not _is_there(step.resource, analysis):
            step = replace(step, resource="*")
        # What is denied for one thing and comes again for another is denied for all.
        if any(one.action == step.action for one in denied) and step.action.startswith("lambda:"):
            step = replace(step, resource="*")
        if step in denied:
            return None
        denied = [one for one in denied if step.resource != "*" or one.action != step.action] + [step]
        estate = _denying(holder, denied)(analysis.estate)
        now = Analysis(estate, today=analysis.today)
        own = in_estate(holder, estate)
    if not denied:
        return None
    statements, lost = [one.statement for one in denied], tuple(one.said for one in denied)
    return denying_to(holder, statements, name, summary, lost)


@once
def _arns(analysis: Analysis) -> frozenset[str]:
    """The ARNs of all that was read, stand-ins filled in as witnesses have them."""
    entities = (one for collection in COLLECTIONS for one in getattr(analysis.estate, collection))
    return frozenset(sample(one.arn) for one in entities if isinstance(one, Entity))


def _is_there(resource: str, analysis: Analysis) -> bool:
    """Say whether a resource is something that was read, or a part of it: a version, an object."""
    ends = (len(resource), *(at for at, character in enumerate(resource) if character in ":/"))
    return any(resource[:end] in _arns(analysis) for end in ends)


def denying_to(role: Holder, statements: Sequence[Document], name: str, summary: str, lost: tuple[str, ...]) -> Mend | None:
    """Deny a role or user some things by an inline policy of its own; None when what stands under that name is not known."""
    made = no_longer(role, statements, name)
    return None if made is None else Mend(summary=summary, edits=(made[0],), change=made[1], lost=lost)


def assume_no_other(holder: Holder, analysis: Analysis) -> Mend | Advice:
    """Deny a role or user to assume any role but those whose trust policy names it. Raises `Undecided`."""
    analysis.require("roles", holder.account, "")
    meant = sorted(shown(one.arn) for one in analysis.estate.roles if _names(one, holder))
    statement: Document = {"Effect": "Deny", "Action": "sts:AssumeRole"}
    statement |= {"NotResource": meant[0] if len(meant) == 1 else meant} if meant else {"Resource": "*"}
    but = f" but {', '.join(f'`{one}`' for one in meant)}" if meant else ": none that was read names it in its trust policy"
    who = kind_of(holder).lower()
    mend = denying_to(
        holder,
        [statement],
        "buckler-assume-no-other",
        f"deny the {who} to assume any role{but}",
        (f"the {who} may no longer assume any role{but}",),
    )
    return mend or Advice("name the ARNs of the roles that are needed in `Resource`", "its inline policies are not known whole")


def _names(other: Role, holder: Holder) -> bool:
    statements = () if isinstance(other.trust, Unknown) else other.trust.statements
    return any(one.value == holder.arn for statement in statements if statement.effect == "Allow" for one in statement.principals or ())


def _denying(role: Holder, denied: list[Denial]) -> Callable[[Estate], Estate]:
    return with_inline(role, "buckler-trial", {"Version": VERSION, "Statement": [one.statement for one in denied]})


def narrowest(role: Holder, proof: Iterable[Witness]) -> Denial | None:
    """Choose, of the requests of a step, the one whose denial costs least: to hand on or assume that role, then to change that thing."""
    # A witness is concrete, also where the role stands in a template.
    session = f":{sample(role.account)}:assumed-role/{sample(role.name)}/"
    requests = [one for witness in proof for one in witness.requests if session in one.principal or one.principal == sample(role.arn)]
    if not requests:
        return None
    return _denial(min(requests, key=_cost), kind_of(role).lower())


def _cost(request: Request) -> tuple[int, str]:
    service = request.action.partition(":")[0].lower()
    order = 0 if request.action in {"iam:PassRole", "sts:AssumeRole"} else 1 if service == "iam" else 2
    return order, request.action


def _denial(request: Request, who: str) -> Denial:
    """Deny it: to give rights, of anything, for then any will do; else of the thing that the step is about."""
    gives = request.action.startswith("iam:") and request.action != "iam:PassRole"
    return Denial(request.action, "*" if gives else request.resource, who)

"""One request of which not everything is known: always allowed, only if something holds, or never.

"Never" and "always" are proofs over all contexts, not the failure of some tries; "only if" comes with a context that does it, and with the
conditions, in words, that are enough.
"""

from typing import Literal

import msgspec

from buckler.engines.iam.answer import Answer
from buckler.engines.iam.automata import GaveUp
from buckler.engines.iam.context import Context
from buckler.engines.iam.decide import decide
from buckler.engines.iam.domains import Term
from buckler.engines.iam.formula import All, Formula, Leaf, Some, none_of
from buckler.engines.iam.layering import Policies, allowed
from buckler.engines.iam.models import Model
from buckler.engines.iam.request import Case
from buckler.engines.iam.residual import phrase
from buckler.engines.iam.solve import Found, solve
from buckler.model.finding import Request
from buckler.model.layers import Layers
from buckler.model.value import Value


class Possibility(Value):
    """What can become of a request."""

    verdict: Literal["always", "only-if", "never", "unknown"]
    """`always`: whatever is sent besides what is known. `unknown`: the reason is in `why`."""
    request: Request | None = None
    """One that is allowed: the request with a context; replayed by `decide`."""
    only_if: tuple[str, ...] = ()
    """Conditions in words; together they are enough, and the context of `request` satisfies them."""
    refused: Request | None = None
    """When only-if: one that is not allowed."""
    why: str = ""


def possible(request: Request, policies: Policies) -> Possibility:
    """Say what can become of a request whose context is known in part: entries without values say that AWS does not send the key."""
    account = Case(request, policies).resource_account if isinstance(policies, Layers) else None
    given = Context(request, resource_account=account)
    formula = allowed(policies, request, given)
    found = solve(formula, given, resource=request.resource)
    if found is None:
        return Possibility(verdict="never")
    if isinstance(found, GaveUp):
        return Possibility(verdict="unknown", why=found.why)
    witness = _with(request, found)
    if decide(witness, policies).answer is not Answer.ALLOW:
        return Possibility(verdict="unknown", why="a context was found that the replay does not confirm")
    otherwise = solve(none_of(formula), given, resource=request.resource)
    if otherwise is None:
        return Possibility(verdict="always", request=request)
    model = Model(request.resource, {entry.key.lower(): entry.values for entry in found.context}, given)
    enough = dict.fromkeys(phrase(leaf.condition, holds=leaf.holds) for leaf in _enough(formula, model) if isinstance(leaf, Term))
    return Possibility(
        verdict="only-if",
        request=witness,
        only_if=tuple(enough),
        refused=_with(request, otherwise) if isinstance(otherwise, Found) else None,
        why=otherwise.why if isinstance(otherwise, GaveUp) else "",
    )


def _with(request: Request, found: Found) -> Request:
    return msgspec.structs.replace(request, context=(*request.context, *found.context))


def _enough(formula: Formula, model: Model) -> list[Leaf]:
    """Pick leaves that hold in the model and together make the formula hold; of alternatives the one with the fewest."""
    match formula:
        case bool():
            return []
        case All():
            return [leaf for part in formula.parts for leaf in _enough(part, model)]
        case Some():
            ways = [_enough(part, model) for part in formula.parts if model.satisfies(part)]
            return min(ways, key=len) if ways else []
        case _:
            return [formula]

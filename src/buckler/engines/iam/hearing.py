"""What one layer of policies says of one request: whether it denies it, and whether it allows it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from buckler.engines.iam.answer import Step
from buckler.engines.iam.condition import UnknownOperatorError
from buckler.engines.iam.context import Context
from buckler.engines.iam.kleene import Doubts, Verdict, all3, any3, either
from buckler.engines.iam.principal import FORMS, Form, forms_of, principal_matches
from buckler.engines.iam.statement import WITHOUT_PRINCIPAL, statement_matches
from buckler.model.finding import Request
from buckler.model.layers import LayerName, Layers
from buckler.model.policy import Policy, Statement
from buckler.model.unknown import Unknown

_NAMING: frozenset[LayerName] = frozenset({"resource", "trust", "key-policy"})
"""Layers whose statements have to say of whom they speak."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One statement that speaks, or may speak, of the action, resource and conditions of the request."""

    statement: Statement
    rest: bool | None
    """Whether it does, its principal set aside."""
    forms: Mapping[Form, bool | None]
    """In which forms it speaks of the principal."""
    needs: tuple[str, ...]
    unknowns: tuple[Unknown, ...]

    def speaks(self, forms: Collection[Form] = FORMS) -> bool | None:
        """Say whether the statement speaks of the request, its principal counted only in these forms."""
        return all3((self.rest, any3(self.forms.get(form, False) for form in forms)))


class Hearing:
    """The statements of one layer (for control policies: of one level of it), each asked once."""

    def __init__(self, layer: LayerName, request: Request, context: Context, layers: Layers) -> None:
        self.layer: LayerName = layer
        self.steps: list[Step] = []
        self.ignored: list[str] = []
        self._request = request
        self._context = context
        self._layers = layers
        self._heard: list[Heard] = []
        self._unread: list[Unknown] = []

    def ask(self, policies: Iterable[Policy], level: int | None = None) -> "Hearing":
        """Ask every statement of *policies*."""
        for policy in policies:
            self.ignored.extend(policy.malformed)
            # A statement nobody could read may do anything.
            self._unread.extend(policy.unresolved)
            for statement in policy.statements:
                try:
                    self._ask(statement, policy.version, level)
                except UnknownOperatorError as bad:
                    self.ignored.append(str(bad))
        return self

    def miss(self, unread: Iterable[Unknown]) -> "Hearing":
        """Count policies of the layer that nobody could read."""
        self._unread.extend(unread)
        return self

    def _ask(self, statement: Statement, version: str, level: int | None) -> None:
        doubts = Doubts()
        forms: Mapping[Form, bool | None]
        if statement.principals is None and statement.not_principals is None:
            if self.layer in _NAMING:
                # AWS rejects it, so it grants nothing.
                self.ignored.append("a statement of a resource policy without Principal")
                return
            forms = {"self": True}
        elif statement.effect == "Deny":
            forms = {"self": self._denied(statement, doubts)}
        else:
            forms = forms_of(statement, self._request.principal, doubts)
        named = any3(forms.values())
        rest: bool | None = False
        reason = "principal"
        if named is not False:
            rest, reason = statement_matches(statement, self._request, version, self._context, doubts, WITHOUT_PRINCIPAL)
            if rest and named is None:
                reason = "principal"
        matched = all3((named, rest))
        needs = tuple(dict.fromkeys(doubts.needs))
        if matched is not False:
            # It may be certain that it speaks of the caller, and not in which form: the doubts are kept either way.
            self._heard.append(Heard(statement=statement, rest=rest, forms=forms, needs=needs, unknowns=tuple(doubts.unknowns)))
        told = needs if matched is None else ()
        self.steps.append(Step(statement=statement, matched=matched, reason=reason, needs=told, layer=self.layer, level=level))

    def _denied(self, statement: Statement, doubts: Doubts) -> bool | None:
        """Say whether a Deny speaks of the principal.

        AWS: "The NotPrincipal element with a Deny effect will always deny any IAM principal that has a permissions boundary policy
        attached, regardless of the values specified in the NotPrincipal element."
        """
        named = principal_matches(statement, self._request.principal, doubts)
        if statement.not_principals is None or named:
            return named
        if self._layers.boundary is not None:
            return True
        for unread in self._layers.unread:
            if unread.layer == "boundary":
                doubts.unknown(unread.unknown)
                return None
        return named

    # --- verdicts ----------------------------------------------------------------------------------------------------

    def denies(self) -> Verdict:
        """Say whether a Deny speaks of the request."""
        return self._verdict("Deny", FORMS)

    def allows(self, forms: Collection[Form] = FORMS, *, grants: bool = False) -> Verdict:
        """Say whether an Allow speaks of the request, and of its principal in one of *forms*."""
        return self._verdict("Allow", forms, grants=grants)

    def _verdict(self, effect: str, forms: Collection[Form], *, grants: bool = False) -> Verdict:
        needs: list[str] = []
        unknowns: list[Unknown] = []
        is_open = bool(self._unread)
        for heard in self._heard:
            if heard.statement.effect != effect:
                continue
            speaks = heard.speaks(forms)
            if speaks:
                return Verdict(holds=True, layer=self.layer, statement=heard.statement, grants=grants)
            if speaks is None:
                is_open = True
                needs.extend(heard.needs)
                unknowns.extend(heard.unknowns)
        unknowns.extend(self._unread)
        needs.extend(unread.need for unread in self._unread)
        if not is_open:
            return Verdict(holds=False, layer=self.layer, lacking=(self.layer,))
        return Verdict(holds=None, layer=self.layer, needs=tuple(dict.fromkeys(needs)), unknowns=tuple(dict.fromkeys(unknowns)))


def first_deny(hearings: Sequence[Hearing]) -> Verdict:
    """Say whether one of the layers denies the request."""
    return either(*(hearing.denies() for hearing in hearings), Verdict(holds=False))

"""Policies of a role written anew: its own where they are, managed ones as a copy that the role alone has, for others may have them too."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from msgspec.structs import replace

from buckler.fixes._documents import document_of
from buckler.fixes._estates import all_of
from buckler.fixes._fix import Advice, Mend
from buckler.fixes._roles import detach, fits, put_inline, put_trust, with_inline, with_trust, without_attached
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit
from buckler.model.iam import Role
from buckler.model.policy import Policy, Statement
from buckler.model.text import shown
from buckler.model.unknown import known


class Rewriting(ABC):
    """What becomes of the statements of a role, one by one; notes what it does, to be told when it has seen them all."""

    managed_by_aws = False
    """True: also of what AWS wrote. The role gets a copy of its own."""
    of_trust = False
    """True: also of the trust policy."""

    def __init__(self, advice: str = "") -> None:
        self.advice = advice
        """What to do where it cannot be done by itself."""

    @abstractmethod
    def change(self, statement: Statement) -> Statement | None:
        """Give what is written in its place: itself where nothing is wrong; None: it goes."""

    @abstractmethod
    def summary(self) -> str:
        """Say what was done."""

    def lost(self) -> tuple[str, ...]:
        """Say what worked and will not any more."""
        return ()

    def refused(self) -> str:
        """Say why it cannot be done; empty: it can."""
        return ""

    def policy(self, policy: Policy) -> Policy:
        """Write a policy anew: the same object where nothing changes."""
        statements = tuple(after for one in policy.statements if (after := self.change(one)) is not None)
        return policy if statements == policy.statements else replace(policy, statements=statements)


def offer(role: Role, rewriting: Rewriting) -> Mend | Advice:
    """Offer to write the policies of a role anew. Raises `Undecided` where one could not be read."""
    written = _anew(role, rewriting)
    if written is None or rewriting.refused():
        return Advice(rewriting.advice, rewriting.refused() or "its policies cannot be written anew as they are")
    edits, change = written
    return Mend(rewriting.summary(), edits, change, lost=rewriting.lost(), is_safe=not rewriting.lost())


def _anew(role: Role, rewriting: Rewriting) -> tuple[tuple[ApiEdit, ...], Callable[[Estate], Estate]] | None:
    edits: list[ApiEdit] = []
    changes: list[Callable[[Estate], Estate]] = []
    for policy in known(role.inline):
        after = rewriting.policy(policy)
        if after is policy:
            continue
        if after.unresolved:
            return None  # there is more in it than can be written
        document = document_of(after) if after.statements else None
        edit = put_inline(role, policy.name, document) if document is not None or not after.statements else None
        if edit is None:
            return None
        edits.append(edit)
        changes.append(with_inline(role, policy.name, document))
    for attached in known(role.attached):
        if ":iam::aws:policy/" in shown(attached.arn) and not rewriting.managed_by_aws:
            continue
        policy = known(attached.document)
        after = rewriting.policy(policy)
        if after is policy:
            continue
        if after.unresolved:
            return None
        if after.statements:
            name = f"buckler-{shown(attached.arn).rpartition('/')[2]}"[:128]
            document = document_of(after)
            edit = put_inline(role, name, document) if document is not None and fits(role, name, document) else None
            if edit is None:
                return None
            # The copy first: nothing that stays allowed is missing in between.
            edits.append(edit)
            changes.append(with_inline(role, name, document))
        edits.append(detach(role, attached))
        changes.append(without_attached(role, attached))
    trust = known(role.trust) if rewriting.of_trust else None
    if trust is not None and (after := rewriting.policy(trust)) is not trust:
        # A role without a trust policy there is not.
        edit = put_trust(role, after) if after.statements else None
        if edit is None:
            return None
        edits.append(edit)
        changes.append(with_trust(role, rewriting.policy))
    return (tuple(edits), all_of(*changes)) if edits else None

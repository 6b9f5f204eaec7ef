"""A role that functions of different purpose share, split: each further purpose gets a role of its own."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from buckler.fixes._documents import Document, document_of
from buckler.fixes._estates import all_of, on_function
from buckler.fixes._fix import Mend
from buckler.fixes._roles import VERSION, create_role, detach, put_inline, with_inline
from buckler.fixes._settings import setting
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit
from buckler.model.functions import Function
from buckler.model.iam import Role
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.edges_uses import KINDS
from buckler.reach.gains import Gain, gains
from buckler.reach.purpose import purposes

OTHERS = "buckler-others-data"
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Moved:
    """A function that gets a role of its own, and what is denied to that."""

    function: Function
    denied: tuple[Document, ...]
    """What only the others' configuration names."""
    lost: str
    """In words; empty where nothing is denied."""


@dataclass(frozen=True, slots=True)
class Parting:
    """Who gets a copy of a role, and what is denied to those that stay."""

    moved: tuple[Moved, ...]
    denied: tuple[Document, ...]

    @property
    def names(self) -> str:
        """Who moves."""
        return ", ".join(f"`{shown(one.function.name)}`" for one in self.moved)

    @property
    def summary(self) -> str:
        """Say what is done."""
        whose = "its" if len(self.moved) == 1 else "their"
        return f"give {self.names} a role of {whose} own, without what only the others' configuration names"

    def lost(self, role: Role) -> tuple[str, ...]:
        """Say what is lost by it."""
        what = f"whoever names `{shown(role.name)}` where {self.names} is meant: key policies, bucket policies"
        return (*dict.fromkeys(one.lost for one in self.moved if one.lost), what)


def parting(role: Role, analysis: Analysis) -> Parting:
    """Let the functions of the largest purpose stay, and all others move. Raises `Undecided`."""
    functions = analysis.functions_of_role.get(role.arn, ())
    groups = sorted(purposes(functions, analysis).groups.values(), key=lambda some: (-len(some), shown(some[0].name)))
    gained = list(gains(role, functions, analysis))
    # What only the moved ones need, those that stay lose as well.
    stay = denials(one for one in gained if not any(user is staying for user in one.needed_by for staying in groups[0]))
    return Parting(tuple(_moved(function, gained) for group in groups[1:] for function in group), tuple(stay))


def _moved(function: Function, gained: Sequence[Gain]) -> Moved:
    mine = [one for one in gained if any(fn is function for fn in one.gained_by)]
    what = ", ".join(f"{', '.join(one.touch.access)} `{one.touch.node.name}`" for one in mine)
    return Moved(function, tuple(denials(mine)), f"`{shown(function.name)}` may no longer {what}" if mine else "")


def split(role: Role, analysis: Analysis) -> Mend | None:
    """Give the functions of every purpose but the largest a copy of the role each, without what only the others' configuration names.

    None when its policies are not known whole, or a name is taken. Raises `Undecided`.
    """
    parted = parting(role, analysis)
    edits: list[ApiEdit] = []
    changes: list[Callable[[Estate], Estate]] = []
    copies: dict[str, str] = {}
    for moved in parted.moved:
        made = _copy(role, moved, analysis)
        if made is None:
            return None
        edits += made.edits
        changes.append(made.change)
        copies[made.role] = shown(role.arn)
    if parted.denied:
        document = {"Version": VERSION, "Statement": list(parted.denied)}
        edit = put_inline(role, OTHERS, document)
        if edit is None:
            return None
        edits.append(edit)
        changes.append(with_inline(role, OTHERS, document))
    return Mend(parted.summary, tuple(edits), all_of(*changes), parted.lost(role), copies=copies)


@dataclass(frozen=True, slots=True)
class _Made:
    """A copy of a role."""

    role: str
    """Its ARN."""
    edits: tuple[ApiEdit, ...]
    change: Callable[[Estate], Estate]


def _copy(role: Role, moved: Moved, analysis: Analysis) -> _Made | None:
    function = moved.function
    name = _name(shown(role.name), shown(function.name))
    head, _, _ = shown(role.arn).rpartition("/")
    arn = f"{head}/{name}"
    if any(one.arn == arn for one in analysis.estate.roles):
        return None
    policies = {one.name: document_of(one) for one in known(role.inline)}
    if moved.denied:
        policies[OTHERS] = {"Version": VERSION, "Statement": list(moved.denied)}
    trust, boundary = document_of(known(role.trust)), known(role.boundary)
    if trust is None or any(one is None for one in policies.values()):
        return None
    new = replace(role, arn=arn, name=name, inline=(), attached=(), last_used=None, created=None, tags=())
    edits = [create_role(new, trust, f"split from {shown(role.name)} for {shown(function.name)} by buckler", boundary)]
    changes: list[Callable[[Estate], Estate]] = [lambda estate: replace(estate, roles=(*estate.roles, new))]
    for policy, document in policies.items():
        edit = put_inline(new, policy, document)
        edits += [] if edit is None else [edit]
        changes.append(with_inline(new, policy, document))
    edits += [_attached(detach(new, one)) for one in known(role.attached)]
    full = replace(new, attached=role.attached)
    changes.append(lambda estate: replace(estate, roles=tuple(_with(one, full) for one in estate.roles)))
    edits.append(
        setting(
            function,
            "execution role",
            read="GetFunctionConfiguration",
            pick=("Role",),
            before=shown(role.arn),
            after=arn,
            do=("UpdateFunctionConfiguration", {"Role": arn}),
            undo=("UpdateFunctionConfiguration", {"Role": shown(role.arn)}),
            waits=True,
        )
    )
    changes.append(lambda estate: on_function(estate, function.arn, lambda one: replace(one, role=arn)))
    return _Made(arn, tuple(edits), all_of(*changes))


def _name(role: str, function: str) -> str:
    """Name the role of a function; IAM takes 64 characters, and two functions must not get one name."""
    whole = f"{role}-{function}"
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 9]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def _with(role: Role, full: Role) -> Role:
    return replace(role, attached=full.attached) if role.arn == full.arn else role


def _attached(edit: ApiEdit) -> ApiEdit:
    """Turn a detachment round."""
    return replace(edit, before=edit.after, after=edit.before, do=edit.undo, undo=edit.do)


def denials(gained: Iterable[Gain]) -> list[Document]:
    """Write a Deny for each thing that a function gets only because others need it."""
    statements: list[Document] = []
    for one in gained:
        node = one.touch.node
        for use in KINDS[node.kind].uses if node.kind in KINDS else ():
            if use.access in one.touch.access:
                resource = node.id + use.inside.replace("{name}", "*")
                statements.append({"Effect": "Deny", "Action": list(use.actions), "Resource": resource})
    return statements

"""`aws_kms_grant`: what lets somebody use a key though no policy says so."""

from buckler.model.stores import Grant
from buckler.model.text import Text, known_text
from buckler.model.unknown import Undecided, Unknown
from buckler.sources.key_policy import grants_outside
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import MalformedError, Node, State


def read_grants(draft: Draft, *names: Text) -> tuple[Grant, ...] | Unknown:
    """Read the grants of the key with these names. Where the plan makes none, others may have: services grant keys to themselves."""
    found: list[Grant] = []
    for node in draft.beside("keys", "aws_kms_grant", "key_id", *names):
        try:
            grant = _grant(node)
        except MalformedError as error:
            return draft.malformed("keys", node.resource, error)
        except Undecided as undecided:
            # What a grant may be used for limits it: of half a grant, nothing is to be concluded.
            return undecided.unknown
        found.append(grant)
    return draft.stray("keys", ("aws_kms_grant", "key_id")) or (tuple(found) if found else grants_outside("a plan"))


def _grant(node: Node) -> Grant:
    operations = node.texts("operations")
    if isinstance(operations, Unknown):
        raise Undecided(operations)
    constraints = node.blocks("constraints")
    if isinstance(constraints, Unknown):
        raise Undecided(constraints)
    equals: tuple[tuple[str, str], ...] = ()
    subset: tuple[tuple[str, str], ...] = ()
    for block in constraints:
        equals += _context(block, "encryption_context_equals")
        subset += _context(block, "encryption_context_subset")
    grantee = node.text("grantee_principal", to="arn")
    return Grant(
        grantee=grantee if grantee is not None else node.child("grantee_principal").hole(),
        operations=tuple(known_text(one) for one in operations),
        context_equals=equals,
        context_subset=subset,
    )


def _context(block: Node, key: str) -> tuple[tuple[str, str], ...]:
    field = block.child(key)
    match field.state():
        case State.UNSET:
            return ()
        case State.UNKNOWN | State.SENSITIVE:
            raise Undecided(field.why())
        case State.KNOWN:
            return tuple((name, known_text(one.as_text() or "")) for name, one in field.entries())

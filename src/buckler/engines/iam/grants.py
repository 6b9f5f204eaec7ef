"""Grants of a KMS key.

Source: AWS KMS Developer Guide, "Grants in AWS KMS", and API Reference, `GrantConstraints`; read 2026-11-26.
"""

from collections.abc import Iterable

from buckler.engines.iam.context import Context
from buckler.engines.iam.kleene import Doubts, Verdict, all3, any3
from buckler.engines.iam.principal import FORMS, Form, forms_of
from buckler.model.finding import Request
from buckler.model.origin import ApiOrigin
from buckler.model.policy import Principal, Statement
from buckler.model.stores import Grant
from buckler.model.unknown import Unknown

# AWS: grant constraints apply "only to cryptographic operations that support an encryption context ... not ... to operations that do not
# support an encryption context, such as ... management operations, such as DescribeKey or RetireGrant."
_WITH_CONTEXT = frozenset(
    {
        "decrypt",
        "encrypt",
        "generatedatakey",
        "generatedatakeypair",
        "generatedatakeypairwithoutplaintext",
        "generatedatakeywithoutplaintext",
        "reencryptfrom",
        "reencryptto",
    }
)

_NOWHERE = ApiOrigin(call="kms:ListGrants", arn="", account="", region="")


def grants_allow(
    grants: Iterable[Grant], request: Request, context: Context, unread: Iterable[Unknown], forms: Iterable[Form] = FORMS
) -> Verdict:
    """Say whether a grant lets the principal do it. A grant gives only, and needs no policy beside it."""
    operation = request.action.partition(":")[2].lower()
    wanted = tuple(forms)
    answers: list[bool | None] = []
    doubts = Doubts()
    for grant in grants:
        if operation not in {one.lower() for one in grant.operations}:
            continue
        of_this = Doubts()
        answer = all3((_is_grantee(grant, request, wanted, of_this), _constraints_hold(grant, operation, context, of_this)))
        answers.append(answer)
        if answer is None:
            doubts.needs.extend(of_this.needs)
            doubts.unknowns.extend(of_this.unknowns)
    for missing in unread:
        answers.append(None)
        doubts.unknown(missing)
    allowed = any3(answers)
    if allowed is None:
        return Verdict(holds=None, layer="grant", needs=tuple(dict.fromkeys(doubts.needs)), unknowns=tuple(dict.fromkeys(doubts.unknowns)))
    return Verdict(holds=allowed, layer="grant", grants=True, lacking=() if allowed else ("grant",))


def _is_grantee(grant: Grant, request: Request, wanted: tuple[Form, ...], doubts: Doubts) -> bool | None:
    entries = (Principal(kind="AWS", value=grant.grantee), Principal(kind="Service", value=grant.grantee))
    named = Statement(effect="Allow", principals=entries, origin=_NOWHERE)
    forms = forms_of(named, request.principal, doubts)
    return any3(forms.get(form, False) for form in wanted)


def _constraints_hold(grant: Grant, operation: str, context: Context, doubts: Doubts) -> bool | None:
    if operation not in _WITH_CONTEXT:
        return True
    answers = [_pair_is(key, value, context, doubts) for key, value in (*grant.context_equals, *grant.context_subset)]
    if grant.context_equals:
        answers.append(_keys_are({key.lower() for key, _ in grant.context_equals}, context, doubts))
    return all3(answers)


def _pair_is(key: str, value: str, context: Context, doubts: Doubts) -> bool | None:
    # The name of a pair is compared without regard to case, its value with it, says AWS.
    name = f"kms:EncryptionContext:{key}"
    given = context.get(name)
    if given is None:
        doubts.key(name)
        return None
    return value in given


def _keys_are(keys: set[str], context: Context, doubts: Doubts) -> bool | None:
    """`EncryptionContextEquals`: no pair besides these."""
    given = context.get("kms:EncryptionContextKeys")
    if given is None:
        doubts.key("kms:EncryptionContextKeys")
        return None
    return {key.lower() for key in given} == keys

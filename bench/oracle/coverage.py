"""What a run has put to the test: layers, operators, forms of principals and elements of statements. What is missing was not tested."""

from collections import Counter
from collections.abc import Iterable, Iterator

from bench.oracle.worlds import World

from buckler.engines.iam.request import Case
from buckler.model.policy import Policy

LAYERS = ("identity", "resource", "trust", "key-policy", "boundary", "session", "scp", "rcp", "endpoint", "public-access-block")
KINDS = ("user", "role", "role-session", "federated-session", "root", "service", "provider", "anonymous", "cross-account")
ELEMENTS = (
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "no Resource",
    "variable",
    "variable with default",
)
OPERATORS = (
    *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"),
    *("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null"),
    *("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"),
    *("DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"),
)
FORMS = ("IfExists", "ForAllValues", "ForAnyValue")
EVERYTHING = (*LAYERS, *KINDS, *ELEMENTS, *OPERATORS, *FORMS)


def covered(worlds: Iterable[World]) -> Counter[str]:
    """Count in how many worlds each thing occurs."""
    found: Counter[str] = Counter(dict.fromkeys(EVERYTHING, 0))
    for world in worlds:
        found.update(set(_of(world)))
    return found


def _of(world: World) -> Iterator[str]:
    request, layers = world
    case = Case(request, layers)
    yield case.kind
    if case.account and not case.is_same_account:
        yield "cross-account"
    if layers.blocks_public:
        yield "public-access-block"
    for name in ("boundary", "endpoint"):
        policy = getattr(layers, name)
        if policy is not None:
            yield name
            yield from _of_policy(policy)
    if layers.resource is not None:
        yield case.resource_layer
        yield from _of_policy(layers.resource)
    for name, policies in (("identity", layers.identity), ("session", layers.session or ())):
        if policies:
            yield name
        for policy in policies:
            yield from _of_policy(policy)
    for name, levels in (("scp", layers.scp), ("rcp", layers.rcp)):
        for level in levels:
            yield name
            for policy in level:
                yield from _of_policy(policy)


def _of_policy(policy: Policy) -> Iterator[str]:
    for one in policy.statements:
        yield "Action" if one.actions is not None else "NotAction"
        yield "Resource" if one.resources is not None else "NotResource" if one.not_resources is not None else "no Resource"
        if one.principals is not None:
            yield "Principal"
        if one.not_principals is not None:
            yield "NotPrincipal"
        texts = [*(one.resources or ()), *(one.not_resources or ())]
        for condition in one.conditions:
            quantifier, _, operator = condition.operator.rpartition(":")
            yield operator.removesuffix("IfExists")
            if operator.endswith("IfExists"):
                yield "IfExists"
            if quantifier:
                yield quantifier
            texts.extend(condition.values)
        for text in texts:
            if isinstance(text, str) and "${" in text:
                yield "variable with default" if "'" in text else "variable"

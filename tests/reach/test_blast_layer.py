"""Who falls with a layer."""

import pytest
from tests.estates import env, layer_ref, scope
from tests.reach.attack import ACCOUNT, REGION, allow, arn, can, estate, function, secret, store
from tests.reach.test_blast import SECRET

from buckler.app.layering import ask_layer_blast
from buckler.errors import UsageError
from buckler.model.estate import Missing
from buckler.model.severity import Severity
from buckler.model.unknown import Unknown, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.reach.blast import blast
from buckler.reach.blast_layer import blast_of_layer, users_named

LAYER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:common"
DENIED = Unknown(kind=UnknownKind.DENIED, why="AccessDenied on lambda:ListFunctions", need="lambda:ListFunctions")
ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def uses(name: str, role: str, *versions: int, **more):
    return function(name, role=arn("role", role), layers=tuple(layer_ref(f"{LAYER}:{number}") for number in versions), **more)


def poisoned(analysis: Analysis, layer: str = LAYER):
    ((found, users),) = users_named(layer, analysis).items()
    return blast_of_layer(found, users, analysis)


def test_functions_that_are_worth_the_same_are_told_once_the_worst_first():
    there = estate(
        uses("a", "poor", 1), uses("b", "poor", 1), uses("c", "rich", 1), uses("d", "poor"),
        can("poor"), can("rich", ADMIN),
    )  # fmt: skip
    found = poisoned(there)
    assert [[node.name for node in held.functions] for held in found.held] == [["c"], ["a", "b"]]
    assert (found.functions, found.roles, found.worst) == (3, 2, Severity.CRITICAL)
    assert found.administers == (ACCOUNT,)
    assert found.summary == f"poisoning `common` holds 3 functions and 2 roles, and makes an attacker administrator of {ACCOUNT}"


def test_secrets_in_the_environment_tell_functions_of_one_role_apart():
    there = estate(
        uses("a", "poor", 1), uses("b", "poor", 1, environment=(SECRET,)), uses("c", "poor", 1, environment=(env("A", "b"),)), can("poor")
    )
    assert sorted([node.name for node in held.functions] for held in poisoned(there).held) == [["a", "c"], ["b"]]


def test_what_is_held_is_the_blast_of_each_function():
    there = estate(uses("a", "reader", 1), can("reader", allow("s3:GetObject")), store("bucket", "orders"), secret("prod/db"))
    (held,) = poisoned(there).held
    assert held.blast == blast(there.estate.functions[0], there)
    assert [touch.node.name for touch in held.blast.touches] == ["orders"]


@pytest.mark.parametrize(
    ("called", "names"),
    [
        pytest.param(f"{LAYER}:1", ["a"], id="arn-of-a-version"),
        pytest.param("common:2", ["b"], id="name-of-a-version"),
        pytest.param(LAYER, ["a", "b"], id="arn-of-all-versions"),
        pytest.param("common", ["a", "b"], id="name-of-all-versions"),
    ],
)
def test_a_layer_is_named_with_or_without_its_version(called, names):
    there = estate(uses("a", "poor", 1), uses("b", "poor", 2), can("poor"))
    found = poisoned(there, called)
    assert [node.name for held in found.held for node in held.functions] == names


def test_a_name_of_two_layers_is_refused():
    foreign = function("b", role=arn("role", "poor"), layers=(layer_ref(f"{LAYER.replace(ACCOUNT, '555544443333')}:1"),))
    with pytest.raises(UsageError, match="may be any of 2 layers"):
        ask_layer_blast((estate(uses("a", "poor", 1), foreign, can("poor")),), "common")


def test_functions_nobody_could_list_may_use_it_too():
    there = estate(uses("a", "poor", 1), can("poor"), function("b", role=arn("role", "poor"), layers=DENIED))
    assert DENIED in poisoned(there).gaps
    more = estate(uses("a", "poor", 1), can("poor")).estate
    blind = Analysis(
        type(more)(
            **{name: getattr(more, name) for name in more.__struct_fields__ if name not in {"scopes", "missing"}},
            scopes=(scope(),),
            missing=(Missing(collection="functions", account=ACCOUNT, region=REGION, unknown=DENIED),),
        ),
        today=there.today,
    )
    assert DENIED in poisoned(blind).gaps


def test_who_may_publish_its_next_version_is_named():
    publish = {"Effect": "Allow", "Action": "lambda:PublishLayerVersion", "Resource": LAYER}
    elsewhere = {"Effect": "Allow", "Action": "lambda:PublishLayerVersion", "Resource": f"{LAYER}-other"}
    there = estate(uses("a", "poor", 1), can("poor"), can("builder", publish), can("other-builder", elsewhere))
    assert [(one.principal, one.is_sure) for one in poisoned(there).publishers] == [(arn("role", "builder"), True)]
    assert [one.principal for one in blast_of_layer(f"{LAYER}:1", there.estate.functions, there).publishers] == [arn("role", "builder")]

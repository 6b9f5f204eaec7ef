"""What a lock pins of an estate, and what it says of what nobody could read."""

from datetime import date

import pytest
from msgspec.structs import replace
from tests.estates import (
    DENIED,
    NOT_ASKED,
    OTHER,
    alias,
    allow,
    at,
    code_signing_config,
    env,
    function,
    layer,
    layer_ref,
    policy,
    scope,
    version,
)

from buckler.app.layering import layers_of, unread_functions
from buckler.app.locked import accept, make_lock, verify
from buckler.app.locking import allowed
from buckler.errors import UsageError
from buckler.model.estate import Estate, Missing
from buckler.model.functions import ImageRef, RuntimeManagement
from buckler.model.lock import ExceptionPin, Unread
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence
from buckler.model.text import hole
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis

TODAY = date(2026, 11, 26)


def about(estate: Estate) -> Analysis:
    return Analysis(estate, today=TODAY)


LAYER = "arn:aws:lambda:eu-west-1:123456789012:layer:common:7"
DIGEST = f"sha256:{'a' * 64}"


def locked(*entities, **more):
    functions = tuple(one for one in entities if type(one).__name__ == "Function")
    layers = tuple(one for one in entities if type(one).__name__ == "LayerVersion")
    estate = Estate(**{"scopes": (scope(),), "functions": functions, "layers": layers, **more})
    return make_lock((about(estate),), today=TODAY)


def pin(**more):
    return locked(function(**more)).functions[0]


UNREADABLE = {
    "role": "role",
    "layers": "layers",
    "environment": "variables",
    "aliases": "aliases",
    "code_signing_config": "code_signing_unread",
    "runtime_management": "runtime_update",
    "runtime": "runtime",
    "handler": "handler",
    "package_type": "package_type",
}


@pytest.mark.parametrize(("fact", "field"), UNREADABLE.items())
def test_what_could_not_be_read_is_written_down_as_that(fact, field):
    assert getattr(pin(**{fact: DENIED}), field) == Unread(not_read=DENIED.why, need=DENIED.need, kind="denied")


def test_a_hash_that_was_not_told_is_not_none():
    assert isinstance(pin(code_sha256=None).code_sha256, Unread)


def test_an_alias_is_pinned_with_the_code_it_leads_to():
    made = pin(aliases=(alias("live", "2"),), versions=(version("2", code_sha256="abc"),))
    assert [(one.version, one.code_sha256) for one in made.aliases] == [("2", "abc")]
    (unknown,) = pin(aliases=(alias("live", "2"),), versions=DENIED).aliases
    assert isinstance(unknown.code_sha256, Unread)


@pytest.mark.parametrize(
    ("uri", "resolved", "digest"),
    [
        (f"shop@{DIGEST}", None, DIGEST),
        ("shop:1", f"shop@{DIGEST}", DIGEST),
        ("shop:1", None, None),
        ("shop:1", DENIED, None),
    ],
)
def test_an_image_is_its_digest(uri, resolved, digest):
    image = ImageRef(uri=uri, resolved_uri=resolved, origin=at("lambda:GetFunction"))
    made = pin(package_type="Image", image=image, runtime=None, handler=None)
    assert made.image.digest == digest if digest else isinstance(made.image.digest, Unread)
    assert (made.runtime, made.runtime_version, made.runtime_update) == (None, None, None)


def test_only_variables_that_change_what_runs_are_pinned_and_values_only_when_harmless():
    kept = Redacted(kind="opaque", is_secret=False, confidence=Confidence.LOW, shown="...", length=9)
    made = pin(environment=(env("STAGE", "prod"), env("PYTHONPATH", "/opt/python"), env("LD_PRELOAD", kept), env("NODE_OPTIONS", DENIED)))
    assert [one.name for one in made.variables] == ["LD_PRELOAD", "NODE_OPTIONS", "PYTHONPATH"]
    assert isinstance(made.variables[0].value, Unread)
    assert made.variables[2].value == "/opt/python"


def test_a_configuration_whose_policy_nobody_read():
    config = code_signing_config(untrusted_artifact_on_deployment=DENIED)
    made = locked(function(code_signing_config=config.arn), code_signing_configs=(config,)).functions[0]
    assert isinstance(made.code_signing.policy, Unread)
    assert made.code_signing.publishers == config.publishers


def test_a_runtime_that_is_held_is_pinned_to_its_version():
    held = RuntimeManagement(update_on="Manual", runtime_version_arn="arn:aws:lambda:eu-west-1::runtime:abc")
    assert pin(runtime_management=held).runtime_version == held.runtime_version_arn
    assert isinstance(pin().runtime_version, Unread)


@pytest.mark.parametrize(
    ("facts", "code"),
    [({"code_sha256": "abc"}, "abc"), ({"exists": False}, None), ({"exists": DENIED}, Unread), ({}, Unread)],
    ids=["there", "gone", "unreadable", "untold"],
)
def test_a_layer_that_is_gone_is_not_one_that_nobody_read(facts, code):
    (made,) = locked(function(layers=(layer_ref(LAYER),)), layer(LAYER, **facts)).layers
    assert isinstance(made.code_sha256, Unread) if code is Unread else made.code_sha256 == code


def test_a_layer_nobody_listed_is_pinned_as_unread():
    (made,) = locked(function(layers=(layer_ref(LAYER),))).layers
    assert isinstance(made.code_sha256, Unread)
    assert isinstance(made.allowed, Unread)


@pytest.mark.parametrize(
    ("account", "name"),
    [("123456789012", "own"), ("464622532012", "Datadog"), ("555544443333", "")],
)
def test_publishers(account, name):
    arn = LAYER.replace("123456789012", account)
    assert [(one.account, one.name) for one in locked(function(layers=(layer_ref(arn),))).publishers] == [(account, name)]


@pytest.mark.parametrize(
    ("principal", "conditions", "words"),
    [
        ("*", None, "*"),
        ({"AWS": f"arn:aws:iam::{OTHER}:root"}, None, OTHER),
        ({"AWS": OTHER}, None, OTHER),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": "o-example"}}, "* in o-example"),
        ("*", {"StringEquals": {"aws:SourceAccount": OTHER}}, "* (limited)"),
    ],
)
def test_who_may_get_a_layer(principal, conditions, words):
    statement = allow("lambda:GetLayerVersion", LAYER, Principal=principal, **({"Condition": conditions} if conditions else {}))
    assert allowed(policy(statement)) == (words,)


def test_nobody_may_and_nobody_knows():
    assert allowed(None) == ()
    assert isinstance(allowed(DENIED), Unread)


# --- bringing it up to date ----------------------------------------------------------------------------------------------


def test_what_was_not_looked_at_stays_and_the_day_of_a_publisher_too():
    elsewhere = replace(scope(), name="123456789012/us-east-1", region="us-east-1")
    far = replace(function("far"), arn="arn:aws:lambda:us-east-1:123456789012:function:far", region="us-east-1")
    old = replace(
        make_lock(
            (about(Estate(scopes=(scope(), elsewhere), functions=(function(layers=(layer_ref(LAYER),)), far))),), today=date(2026, 1, 1)
        ),
        exceptions=(ExceptionPin(id="layer-order", reason="known", until=None),),
    )
    lock = accept(old, locked(function(handler="app.other", layers=(layer_ref(LAYER),))), TODAY).lock
    assert [one.name for one in lock.functions] == ["checkout", "far"]
    assert lock.functions[0].handler == "app.other"
    assert [one.first_seen for one in lock.publishers] == ["2026-01-01"]
    assert lock.exceptions == old.exceptions
    assert len(lock.scopes) == 2


def test_what_is_no_longer_there_leaves_the_lock():
    old = locked(function(layers=(layer_ref(LAYER),)), function("gone"))
    lock = accept(old, locked(function()), TODAY).lock
    assert [one.name for one in lock.functions] == ["checkout"]
    assert (lock.layers, lock.publishers) == ((), ())


def test_functions_are_not_dropped_when_the_list_could_not_be_read():
    old = locked(function(), function("report"))
    missing = (Missing(collection="functions", account="123456789012", region="eu-west-1", unknown=DENIED),)
    change = accept(old, locked(missing=missing), TODAY)
    assert [one.name for one in change.lock.functions] == ["checkout", "report"]
    assert [doubt.is_gap for doubt in change.verified.doubts] == [True, True]


@pytest.mark.parametrize(
    "facts",
    [
        {"runtime_management": NOT_ASKED},
        {"layers": DENIED},
        {"role": DENIED},
        {"code_signing_config": DENIED},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_a_pin_stays_when_its_fact_cannot_be_read_again(facts):
    config = code_signing_config()
    old = locked(function(layers=(layer_ref(LAYER),), code_signing_config=config.arn), layer(LAYER), code_signing_configs=(config,))
    again = {"layers": (layer_ref(LAYER),), "code_signing_config": config.arn, **facts}
    new = accept(old, locked(function(**again), layer(LAYER), code_signing_configs=(config,)), TODAY).lock
    assert new == old


def test_a_lock_of_other_accounts():
    with pytest.raises(UsageError, match="the lock is of account 123456789012, and this is account 210987654321"):
        verify(locked(function()), locked(scopes=(replace(scope(), name=f"{OTHER}/eu-west-1", account=OTHER),)))


# --- the list of layers --------------------------------------------------------------------------------------------------


def rows(*entities, **more):
    functions = tuple(one for one in entities if type(one).__name__ == "Function")
    layers = tuple(one for one in entities if type(one).__name__ == "LayerVersion")
    return layers_of((about(Estate(scopes=(scope(),), functions=functions, layers=layers, **more)),))


def test_a_row_of_a_layer():
    newer = layer(LAYER.replace(":7", ":9"), is_used=False)
    deleted = layer(LAYER.replace(":7", ":11"), exists=False)
    (row,) = rows(function(layers=(layer_ref(LAYER),)), layer(LAYER, created="2026-11-01T00:00:00Z"), newer, deleted)
    assert (row.name, row.version, row.publisher, row.functions, row.roles) == ("common", "7", "own", ("checkout",), 1)
    assert (row.created, row.age_days, row.newest, row.is_there, row.allowed) == ("2026-11-01", 25, 9, True, ())
    assert isinstance(row.integrity, Unknown)
    assert isinstance(row.worst, Unknown)


def test_a_layer_whose_whole_arn_is_a_hole():
    (row,) = rows(function(layers=(layer_ref(hole("Layer")),)))
    assert (row.name, row.account, row.publisher, row.newest) == ("${Layer}", "", "", None)
    assert isinstance(row.is_there, Unknown)


def test_layers_that_could_not_be_read_are_told():
    estate = Estate(scopes=(scope(),), functions=(function(layers=NOT_ASKED),))
    assert unread_functions((about(estate),)) == (("checkout", NOT_ASKED),)
    assert layers_of((about(estate),)) == ()

"""Given what was locked and what is there: which drift, and what nobody can say."""

from datetime import date

import pytest
from tests.engines.artifact import pins
from tests.engines.artifact.pins import LAYER, OTHER_LAYER, function, layer, lock

from buckler.engines.artifact.drift import compare
from buckler.model.drift import HARMLESS, SEVERITY, DriftKind
from buckler.model.lock import ExceptionPin, FunctionPin, ObjectPin, ScopePin
from buckler.model.severity import Severity

TODAY = date(2026, 11, 26)


def kinds(was, now) -> list[str]:
    verified = compare(was, now, today=TODAY)
    return [one.kind for one in (*verified.drifts, *verified.harmless)]


def doubts(was, now) -> list[tuple[str, bool]]:
    return [(one.what, one.is_gap) for one in compare(was, now, today=TODAY).doubts]


UNCHANGED = {
    "plain": {},
    "layers": {"layers": (f"{LAYER}:7", f"{OTHER_LAYER}:1")},
    "image": {"package_type": "Image", "image": pins.image(), "runtime": None, "runtime_version": None, "runtime_update": None},
    "signed": {"code_signing": pins.SIGNED, "signing_profile_version": "arn:profile/1"},
    "alias": {"aliases": (pins.alias(),)},
    "variables": {"variables": (pins.variable(),)},
}


@pytest.mark.parametrize("facts", UNCHANGED.values(), ids=UNCHANGED)
def test_the_same_is_no_drift(facts):
    verified = compare(lock(function(**facts)), lock(function(**facts)), today=TODAY)
    assert (verified.drifts, verified.harmless, verified.doubts, verified.functions) == ((), (), (), 1)


IMAGE = {"package_type": "Image", "runtime": None, "runtime_version": None, "runtime_update": None}
TEMPLATE = {"file": "template.yaml", "id": "Checkout", "logical_id": "Checkout", "code_sha256": pins.OUTSIDE, "code_size": pins.OUTSIDE}
TWO = (f"{LAYER}:7", f"{OTHER_LAYER}:1")

ONE_EACH = [
    pytest.param({}, {"code_sha256": pins.OTHER_CODE}, "code-changed", id="code"),
    pytest.param({}, {"handler": "app.other"}, "handler-changed", id="handler"),
    pytest.param({}, {"role": "arn:aws:iam::123456789012:role/admin"}, "role-changed", id="role"),
    pytest.param({}, {"architectures": ("arm64",)}, "architecture-changed", id="architecture"),
    pytest.param({}, {"runtime": "python3.14"}, "runtime-changed", id="runtime"),
    pytest.param({}, {"runtime_version": "arn:runtime/2"}, "runtime-updated", id="runtime-version"),
    pytest.param({}, {"runtime_update": "Manual"}, "runtime-update-changed", id="runtime-update"),
    pytest.param({}, {**IMAGE, "image": pins.image()}, "package-type-changed", id="zip-to-image"),
    pytest.param({"layers": TWO}, {"layers": TWO[::-1]}, "layer-order", id="layer-order"),
    pytest.param({"layers": TWO}, {"layers": TWO[:1]}, "layer-removed", id="layer-removed"),
    pytest.param({"layers": TWO[:1]}, {"layers": TWO}, "layer-added", id="layer-added"),
    pytest.param({"layers": TWO}, {"layers": (f"{LAYER}:8", TWO[1])}, "layer-version-changed", id="layer-version"),
    pytest.param({**IMAGE, "image": pins.image()}, {**IMAGE, "image": pins.image(pins.OTHER_DIGEST)}, "image-tag-moved", id="tag-moved"),
    pytest.param(
        {**IMAGE, "image": pins.image()}, {**IMAGE, "image": pins.image(pins.OTHER_DIGEST, "shop:2")}, "image-changed", id="other-image"
    ),
    pytest.param({"code_signing": pins.SIGNED}, {}, "code-signing-detached", id="signing-detached"),
    pytest.param({}, {"code_signing": pins.SIGNED}, "code-signing-attached", id="signing-attached"),
    pytest.param({"signing_profile_version": "arn:profile/1"}, {}, "signature-lost", id="signature-lost"),
    pytest.param({"signing_profile_version": "a"}, {"signing_profile_version": "b"}, "signature-changed", id="signature-changed"),
    pytest.param({}, {"variables": (pins.variable(),)}, "variable-added", id="wrapper-added"),
    pytest.param({"variables": (pins.variable(),)}, {}, "variable-removed", id="wrapper-removed"),
    pytest.param({"variables": (pins.variable(),)}, {"variables": (pins.variable(value="-r /tmp/x"),)}, "variable-changed", id="wrapper"),
    pytest.param({"aliases": (pins.alias(),)}, {"aliases": (pins.alias("2"),)}, "alias-moved", id="alias-moved"),
    pytest.param({"aliases": (pins.alias(),)}, {"aliases": (pins.alias(routing=("3",)),)}, "alias-moved", id="alias-shares"),
    pytest.param({"aliases": (pins.alias(),)}, {"aliases": (pins.alias(code_sha256=pins.OTHER_CODE),)}, "version-changed", id="made-anew"),
    pytest.param({"aliases": (pins.alias(),)}, {}, "alias-gone", id="alias-gone"),
    pytest.param({}, {"aliases": (pins.alias(),)}, "alias-new", id="alias-new"),
]


@pytest.mark.parametrize(("was", "now", "kind"), ONE_EACH)
def test_one_change_is_one_drift_of_its_class(was, now, kind):
    assert kinds(lock(function(**was)), lock(function(**now))) == [kind]


def test_no_fact_of_a_function_can_change_unseen():
    # Who it is, and its size, which the hash of the code settles.
    told_otherwise = {"id", "file", "name", "logical_id", "code_size", "code_object", "code_signing_unread", "image"}
    changed = {field for case in ONE_EACH for facts in case.values[:2] for field in facts}
    assert set(FunctionPin.__struct_fields__) - told_otherwise <= changed


def test_a_signing_configuration_is_compared_in_all_it_says():
    relaxed = pins.CodeSigningPin(config="arn:csc", policy="Warn", publishers=("arn:profile/1", "arn:profile/2"))
    was, now = lock(function(code_signing=pins.SIGNED)), lock(function(code_signing=relaxed))
    assert kinds(was, now) == ["code-signing-publisher-added", "code-signing-relaxed"]
    assert kinds(now, was) == ["code-signing-changed", "code-signing-publisher-removed"]


def test_a_detached_configuration_that_nobody_could_read_is_not_called_detached():
    was, now = lock(function(code_signing=pins.SIGNED)), lock(function(code_signing_unread=pins.DENIED))
    assert kinds(was, now) == []
    assert doubts(was, now) == [("code signing", True)]


# --- layers --------------------------------------------------------------------------------------------------------------


def with_layer(**facts):
    return lock(function(layers=(f"{LAYER}:7",)), layers=(layer(**facts),))


@pytest.mark.parametrize(
    ("was", "now", "kind", "severity"),
    [
        pytest.param({}, {"code_sha256": pins.OTHER_CODE}, "layer-content-changed", Severity.CRITICAL, id="other-bytes"),
        pytest.param({}, {"code_sha256": None}, "layer-version-gone", Severity.HIGH, id="deleted"),
        pytest.param({"code_sha256": None}, {}, "layer-content-changed", Severity.CRITICAL, id="back-from-the-dead"),
        pytest.param({}, {"allowed": ("*",)}, "layer-permission-opened", Severity.HIGH, id="open-to-all"),
        pytest.param({}, {"allowed": ("* in o-1",)}, "layer-permission-opened", Severity.MEDIUM, id="open-to-an-organisation"),
        pytest.param({"signing_profile_version": "a"}, {}, "signature-lost", Severity.HIGH, id="signature-lost"),
    ],
)
def test_a_layer_version(was, now, kind, severity):
    verified = compare(with_layer(**was), with_layer(**now), today=TODAY)
    assert [(one.kind, one.severity, one.subject) for one in verified.drifts] == [(kind, severity, f"{LAYER}:7")]


def test_a_layer_that_was_gone_when_it_was_locked_is_accepted_as_gone():
    assert kinds(with_layer(code_sha256=None), with_layer(code_sha256=None)) == []


def test_a_permission_that_was_closed_is_no_drift():
    assert kinds(with_layer(allowed=("*",)), with_layer()) == []


def test_layers_that_could_not_be_read_are_a_gap():
    was = with_layer()
    assert doubts(was, with_layer(code_sha256=pins.DENIED, allowed=pins.DENIED)) == [
        ("the content of the layer", True),
        ("who may get the layer", True),
    ]
    assert doubts(was, lock(function(layers=pins.DENIED), layers=(layer(),))) == [("the layers", True)]


@pytest.mark.parametrize(("name", "severity"), [("", Severity.HIGH), ("Datadog", Severity.MEDIUM)])
def test_a_publisher_nobody_has_accepted(name, severity):
    now = lock(function(), publishers=(pins.publisher(), pins.publisher(pins.STRANGER, name)))
    (drift,) = compare(lock(function()), now, today=TODAY).drifts
    assert (drift.kind, drift.severity, drift.subject) == ("publisher-unknown", severity, pins.STRANGER)


# --- which function is which ---------------------------------------------------------------------------------------------


def test_functions_come_and_go():
    assert kinds(lock(), lock(function())) == ["function-new"]
    assert kinds(lock(function()), lock()) == ["function-gone"]


def test_a_function_is_not_gone_where_nobody_looked():
    elsewhere = ScopePin(kind="live", name="123456789012/us-east-1", functions_unread=None)
    blind = ScopePin(kind="live", name="123456789012/eu-west-1", functions_unread=pins.DENIED)
    for scope in (elsewhere, blind):
        was, now = lock(function()), lock(scopes=(scope,))
        assert kinds(was, now) == []
        assert doubts(was, now) == [("whether it is there", True)]


FILE = ScopePin(kind="template", name="template.yaml", functions_unread=None)


@pytest.mark.parametrize("live", [{}, {"name": "shop-Checkout-1X2Y", "logical_id": "Checkout"}], ids=["by-name", "by-logical-id"])
def test_a_template_is_compared_with_the_lock_of_the_account(live):
    was = lock(function(layers=(f"{LAYER}:7",), **live))
    now = lock(function(layers=(f"{LAYER}:8",), **TEMPLATE), scopes=(FILE,))
    assert kinds(was, now) == ["layer-version-changed"]
    # What is in the package a template can never tell, so nobody is asked to look again.
    assert doubts(was, now) == [("the code", False)]


def test_functions_of_a_template_that_could_be_several_are_none():
    was = lock(function(logical_id="Checkout", name="a"), function(id=f"{pins.ARN}-2", logical_id="Checkout", name="b"))
    now = lock(function(**TEMPLATE), scopes=(FILE,))
    assert kinds(was, now) == []
    assert doubts(was, now) == [("the function", True)]


def test_functions_of_one_name_in_two_regions_are_two():
    other = function(id=pins.ARN.replace("eu-west-1", "us-east-1"), code_sha256=pins.OTHER_CODE)
    assert kinds(lock(function(), other), lock(function(), other)) == []


def test_what_a_template_leaves_open_is_neither_the_same_nor_another():
    was = lock(function(layers=(f"{LAYER}:7",)))
    now = lock(function(**{**TEMPLATE, "layers": ("${Layer}",), "role": "${Role.Arn}"}), scopes=(FILE,))
    assert kinds(was, now) == []
    assert doubts(was, now) == [("the code", False), ("the role", True), ("the layers", True)]


def test_a_template_is_read_as_deployed_to_where_the_function_is():
    own = {
        "role": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/checkout",
        "layers": (f"{LAYER.replace('eu-west-1', '${AWS::Region}')}:7",),
    }
    was = lock(function(layers=(f"{LAYER}:7",)))
    now = lock(function(**{**TEMPLATE, **own}), scopes=(FILE,))
    assert kinds(was, now) == []
    assert doubts(was, now) == [("the code", False)]


def test_a_template_that_names_its_image_by_a_tag_proves_nothing():
    by_tag = {**TEMPLATE, **IMAGE, "image": pins.image(pins.OUTSIDE)}
    assert kinds(lock(function(**IMAGE, image=pins.image())), lock(function(**by_tag), scopes=(FILE,))) == ["image-tag-only"]


def test_a_template_that_takes_its_package_from_elsewhere():
    def named(key: str):
        return lock(function(**TEMPLATE, code_object=ObjectPin(bucket="deploy", key=key, version=None)), scopes=(FILE,))

    assert kinds(named("a.zip"), named("b.zip")) == ["code-object-changed"]
    assert kinds(named("a.zip"), named("a.zip")) == []
    assert doubts(named("a.zip"), named("${Key}")) == [("the package", True)]


# --- artifacts -----------------------------------------------------------------------------------------------------------


def built(**facts):
    return lock(scopes=(), artifacts=(pins.artifact(**facts),))


def test_the_same_bytes_are_the_same_whatever_they_are_called():
    assert kinds(built(), built(path="other.zip")) == []


def test_the_same_content_zipped_again_is_no_drift():
    assert kinds(built(), built(sha256="22" * 32)) == ["re-zipped"]
    assert compare(built(), built(sha256="22" * 32), today=TODAY).drifts == ()


def test_code_that_was_only_zipped_again_is_no_drift_of_its_function():
    was = lock(function(), artifacts=(pins.artifact(),))
    now = lock(function(code_sha256=pins.OTHER_CODE), artifacts=(pins.artifact(sha256="22" * 32),))
    assert compare(was, now, today=TODAY).drifts == ()


def test_bytes_that_are_pinned_as_the_code_of_a_function_are_known():
    assert kinds(lock(function()), built()) == []
    locked = lock(function(**IMAGE, image=pins.image(f"sha256:{'22' * 32}")))
    assert kinds(locked, built(sha256="22" * 32, kind="image")) == []


def test_an_artifact_nobody_knows():
    assert kinds(lock(), built()) == ["artifact-unknown"]


def test_a_changed_artifact_tells_packages_and_files():
    was = built(packages=(pins.package(), pins.package("pkg:pypi/six@1.16", path="six"), pins.package("pkg:npm/left@1.0", path="left")))
    now = built(
        tree_hash="tree-2",
        sha256="22" * 32,
        packages=(
            pins.package(content="cc", integrity="modified"),
            pins.package("pkg:pypi/six@1.17", path="six2"),
            pins.package("pkg:npm/right@1.0", path="right"),
        ),
        files=(pins.file(sha256="cc"), pins.file("python/zz.pth")),
        faults=("duplicate-name app.py",),
    )
    (drift,) = compare(was, now, today=TODAY).drifts
    assert drift.kind == "artifact-changed"
    assert drift.details == (
        "+ fault: duplicate-name app.py",
        "~ pkg:pypi/idna@3.10: other content under the same version (modified)",
        "~ pkg:pypi/six@1.16 -> 1.17 (record-only)",
        "+ pkg:npm/right@1.0 (record-only)",
        "- pkg:npm/left@1.0",
        "~ app.py",
        "+ python/zz.pth",
    )


def test_what_could_not_be_read_of_an_artifact_is_a_gap():
    assert doubts(built(), built(unread=(pins.DENIED,))) == [("all of the content", True)]
    assert doubts(built(), built(not_assessed=(pins.DENIED,))) == []


# --- not knowing, and living with it -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "now", "is_gap"),
    [
        pytest.param("a", pins.DENIED, True, id="cannot-be-read-now"),
        pytest.param(pins.DENIED, "a", True, id="could-not-be-read-then"),
        pytest.param("a", pins.NOT_ASKED, True, id="pinned-and-not-asked-now"),
        pytest.param(pins.NOT_ASKED, pins.NOT_ASKED, False, id="never-asked"),
        pytest.param("a", pins.OUTSIDE, False, id="cannot-be-told-here"),
    ],
)
def test_what_was_not_read_is_never_a_pass(was, now, is_gap):
    pair = lock(function(runtime_version=was)), lock(function(runtime_version=now))
    assert kinds(*pair) == []
    assert doubts(*pair) == [("the version of the runtime", is_gap)]


def test_a_value_that_is_no_longer_harmless_is_another_value():
    withheld = pins.variable(value=pins.Unread(not_read="not kept", need="", kind="outside"))
    assert kinds(lock(function(variables=(pins.variable(),))), lock(function(variables=(withheld,)))) == ["variable-changed"]
    assert doubts(lock(function(variables=(withheld,))), lock(function(variables=(withheld,)))) == [("the variable `NODE_OPTIONS`", False)]


@pytest.mark.parametrize(
    ("exception", "until", "counts"),
    [
        pytest.param("runtime-updated", None, True, id="class"),
        pytest.param(f"runtime-updated:{pins.ARN}", "2026-11-26", True, id="id-on-its-last-day"),
        pytest.param("runtime-updated", "2026-11-25", False, id="expired"),
        pytest.param("code-changed", None, False, id="another"),
    ],
)
def test_exceptions(exception, until, counts):
    was = lock(function(), exceptions=(ExceptionPin(id=exception, reason="AWS patches", until=until),))
    verified = compare(was, lock(function(runtime_version="arn:runtime/2")), today=TODAY)
    assert [one.reason for one in verified.excepted] == (["AWS patches"] if counts else [])
    assert verified.expired == (() if counts else (exception,))
    assert bool(verified.drifts) is not counts


def test_every_class_has_a_severity():
    assert set(SEVERITY) == set(DriftKind.__args__)
    assert set(SEVERITY) > HARMLESS

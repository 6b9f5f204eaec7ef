"""A lock that was written reads back the same; anything else is one clear error that quotes nothing."""

import json

import jsonschema
import pytest
from tests.engines.artifact import pins

from buckler.errors import SourceError
from buckler.model.lock import ExceptionPin, schema
from buckler.sources.lambda_lock import lock_text, read_lock, write_lock

WHOLE = pins.lock(
    pins.function(
        layers=(f"{pins.LAYER}:7",),
        code_signing=pins.SIGNED,
        variables=(pins.variable(), pins.variable("LD_PRELOAD", pins.OUTSIDE)),
        aliases=(pins.alias(routing=("2",)),),
    ),
    pins.function(id="arn:2", image=pins.image(pins.DENIED), code_sha256=pins.DENIED, layers=pins.DENIED),
    layers=(pins.layer(allowed=("*",)), pins.layer("arn:x:1", code_sha256=None)),
    artifacts=(pins.artifact(not_assessed=(pins.DENIED,)),),
    exceptions=(ExceptionPin(id="layer-order", reason="known", until="2027-01-31"),),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lambda.lock"


@pytest.mark.parametrize("lock", [WHOLE, pins.lock()], ids=["whole", "empty"])
def test_it_reads_back_the_same(path, lock):
    write_lock(path, lock)
    assert read_lock(path) == lock


def test_the_published_schema_is_current(request):
    published = request.config.rootpath / "docs/reference/lock.schema.json"
    assert json.loads(published.read_text()) == schema(), "regenerate it: python -m buckler.model.lock"


def test_what_is_written_validates():
    jsonschema.Draft202012Validator(schema()).validate(json.loads(lock_text(WHOLE)))


def test_the_schema_can_fail():
    document = json.loads(lock_text(WHOLE))
    document["functions"][0]["code_sha"] = document["functions"][0].pop("code_sha256")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(document)


def test_one_fact_is_one_line_of_a_diff():
    before, after = (
        lock_text(WHOLE).splitlines(),
        lock_text(pins.lock(*WHOLE.functions, layers=(pins.layer(), WHOLE.layers[1]))).splitlines(),
    )
    assert f'        "{pins.LAYER}:7"' in before or f'      "layers": ["{pins.LAYER}:7"],' in before
    differing = [line for line in before if line not in after]
    assert any('"allowed"' in line for line in differing)
    assert max(map(len, before)) < 400


def test_names_cannot_rearrange_the_line_a_reviewer_reads():
    assert lock_text(pins.lock(pins.function(name="a\u202eb"))).isascii()


def edited(path, change) -> str:
    write_lock(path, WHOLE)
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(SourceError) as bad:
        read_lock(path)
    assert bad.value.hint
    return str(bad.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(lambda one: one["functions"][0].update(rolle="x"), "unknown field `rolle`", id="unknown-field"),
        pytest.param(lambda one: one["functions"][0].pop("role"), "missing required field `role`", id="pin-removed"),
        pytest.param(lambda one: one["layers"][0].update(allowed="*"), "$.layers[0].allowed", id="wrong-type"),
        pytest.param(lambda one: one["exceptions"][0].update(reason=""), "reason", id="exception-without-reason"),
        pytest.param(lambda one: one["exceptions"][0].update(until="soon"), "until", id="exception-without-day"),
        pytest.param(lambda one: one["functions"].append(one["functions"][0]), "twice", id="pinned-twice"),
        pytest.param(lambda one: one["layers"].append(one["layers"][0]), "twice", id="layer-twice"),
        pytest.param(lambda one: one.update(schema="buckler/lock/2"), "another schema", id="newer-schema"),
        pytest.param(lambda one: one.update(schema="other"), "is no lock", id="no-lock"),
    ],
)
def test_an_edited_lock(path, change, said):
    assert said in edited(path, change)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(lock_text(WHOLE)[:-30].encode(), "cut off", id="cut-off"),
        pytest.param(b"<<<<<<< ours\n{}\n", "not JSON", id="merge-marks"),
        pytest.param(b"", "not JSON", id="empty"),
        pytest.param(b"{}", "is no lock", id="other-json"),
        pytest.param(b"\xff\xfe{}", "not JSON", id="not-utf8"),
        pytest.param(b"[1]", "is not", id="a-list"),
        pytest.param(b'{"schema": 1}', "is not", id="schema-is-a-number"),
    ],
)
def test_what_is_no_lock(path, content, said):
    path.write_bytes(content)
    with pytest.raises(SourceError, match=said):
        read_lock(path)


def test_there_is_none(path):
    with pytest.raises(SourceError, match="there is no lock") as bad:
        read_lock(path)
    assert bad.value.hint.startswith("buckler lock")


def test_no_error_quotes_what_the_file_holds(path):
    assert "hunter2" not in edited(path, lambda one: one["functions"][0].update(variables="hunter2"))

"""Snapshots: round trip, refusal of everything else."""

import stat
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.estates import DENIED, analysis, env, function, policy, role, trail, url

from buckler.errors import SourceError
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence
from buckler.model.text import hole, join
from buckler.sources.snapshot import MAGIC, SCHEMA, Snapshot, looks_like_snapshot, read_snapshot, write_snapshot


def rich():
    secret = Redacted(kind="stripe-secret-key", is_secret=True, confidence=Confidence.HIGH, shown="sk_live_…", length=32)
    return analysis(
        function(
            urls=(url("NONE"),),
            policies=DENIED,
            environment=(env("KEY", secret), env("TABLE", join("t-", hole("Stage"))), env("OTHER", DENIED)),
        ),
        role(
            inline=(
                policy({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": True}}}),
            )
        ),
        trail(),
    ).estate


def test_round_trip(tmp_path):
    path = tmp_path / "a.buckler"
    snapshot = Snapshot(estates=(rich(),), version="1")
    write_snapshot(path, snapshot)
    assert read_snapshot(path) == snapshot
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert looks_like_snapshot(path.read_bytes()[:64])
    assert [one.name for one in tmp_path.iterdir()] == ["a.buckler"], "no scratch file is left"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param(b"", "is not a buckler snapshot", id="empty"),
        pytest.param(MAGIC + b" 999\nxx", "is a snapshot of schema '999'", id="other-version"),
        pytest.param(MAGIC + f" {SCHEMA}\n".encode() + b"junk", "is a damaged snapshot", id="not-compressed"),
        pytest.param(MAGIC + f" {SCHEMA}\n".encode() + zlib.compress(b"\x81"), "is a damaged snapshot", id="not-messagepack"),
        pytest.param(
            MAGIC + f" {SCHEMA}\n".encode() + zlib.compress(msgspec.msgpack.encode({"_": "Snapshot"})),
            "is a damaged snapshot",
            id="fields-missing",
        ),
    ],
)
def test_refused(tmp_path, content, error):
    path = tmp_path / "bad.buckler"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=error):
        read_snapshot(path)


def test_cut_off_anywhere_is_one_clear_error(tmp_path):
    path = tmp_path / "a.buckler"
    write_snapshot(path, Snapshot(estates=(rich(),), version="1"))
    whole = path.read_bytes()
    for size in range(0, len(whole) - 1, 37):
        path.write_bytes(whole[:size])
        with pytest.raises(SourceError):
            read_snapshot(path)


@given(junk=st.binary(max_size=300))
def test_random_bytes_never_crash(tmp_path_factory, junk):
    path = tmp_path_factory.mktemp("junk") / "x"
    path.write_bytes(MAGIC + f" {SCHEMA}\n".encode() + junk)
    with pytest.raises(SourceError):
        read_snapshot(path)


def test_unwritable_place_is_told(tmp_path):
    with pytest.raises(SourceError, match="cannot write"):
        write_snapshot(tmp_path / "missing" / "a.buckler", Snapshot(estates=(), version="1"))

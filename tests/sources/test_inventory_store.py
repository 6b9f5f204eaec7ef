"""Kept inventories: the same again, never a damaged one, never one of other bytes."""

import stat

import pytest

from buckler.model.artifact import Fault, Hit, Inventory, Package, Signature
from buckler.model.severity import Confidence, Severity
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.inventory_store import InventoryStore, default_folder

DIGEST = "ab" * 32
WHY = Unknown(kind=UnknownKind.FAILED, why="cannot", need="more")
WHOLE = Inventory(
    digest=DIGEST,
    kind="zip",
    size_bytes=3,
    entries=1,
    tree_hash="t",
    faults=(Fault(kind="twin-name", entry="a", detail="two"),),
    packages=(Package(purl="pkg:pypi/x@1", ecosystem="pypi", name="x", version="1", path="x"),),
    counted=(("verified", 3),),
    hits=(Hit(path="a", rule="miner", severity=Severity.HIGH, confidence=Confidence.HIGH, note="n"),),
    signature=Signature(kind="aws-signer", state=WHY),
    not_assessed=(WHY,),
)


@pytest.fixture
def store(tmp_path):
    return InventoryStore("rules 1", tmp_path / "kept")


def file_of(store):
    (path,) = store.folder.glob("*/*")
    return path


@pytest.mark.parametrize("signature", [None, WHY, WHOLE.signature])
def test_gives_back_what_was_kept(store, signature):
    kept = Inventory(**{name: getattr(WHOLE, name) for name in WHOLE.__struct_fields__} | {"signature": signature})
    assert store.get(DIGEST) is None
    assert store.put(kept) is None
    assert store.get(DIGEST) == kept
    assert list(store) == [kept]


def test_another_state_knows_nothing(store, tmp_path):
    store.put(WHOLE)
    assert InventoryStore("rules 2", tmp_path / "kept").get(DIGEST) is None
    assert InventoryStore("rules 1", tmp_path / "kept").get(DIGEST) == WHOLE


def test_only_the_owner_reads_it(store):
    store.put(WHOLE)
    store.put(WHOLE)
    assert stat.S_IMODE(file_of(store).stat().st_mode) == 0o600


def test_every_damage_is_noticed(store):
    store.put(WHOLE)
    path = file_of(store)
    good = path.read_bytes()
    for at in range(0, len(good), 7):
        for bad in (good[:at], good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]):
            path.write_bytes(bad)
            assert isinstance(store.get(DIGEST), Unknown), at
    assert all(isinstance(one, Unknown) for one in store)
    store.put(WHOLE)
    assert store.get(DIGEST) == WHOLE


def test_a_file_under_another_name_is_not_believed(store):
    store.put(WHOLE)
    other = "ab" + "cd" * 31
    file_of(store).rename(store.folder / "ab" / f"{other}.json")
    assert isinstance(store.get(other), Unknown)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "AB" * 32, "ab" * 31, "ab" * 32 + "\n"])
def test_what_is_no_digest_is_no_path(store, digest):
    with pytest.raises(ValueError, match="sha256"):
        store.get(digest)


def test_a_store_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "kept").write_text("a file")
    store = InventoryStore("rules 1", tmp_path / "kept")
    assert isinstance(store.put(WHOLE), Unknown)
    assert isinstance(store.get(DIGEST), Unknown)


def test_stands_where_caches_do(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "buckler" / "inventories"

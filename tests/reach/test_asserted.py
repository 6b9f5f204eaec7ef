"""Connections that a file allows or denies, held against the network."""

import pytest
from tests.reach.test_network import PEER, about

from buckler.app.asserting import check_assertions, read_assertions
from buckler.errors import SourceError, UsageError
from buckler.model.unknown import Unknown


def told(tmp_path, text, changes, **facts):
    file = tmp_path / "connections.yaml"
    file.write_text(text)
    return [one.holds for one in check_assertions(about(changes, **facts), read_assertions(file))]


FILE = """
allowed:
  - {from: f, to: db, port: 5432}
denied:
  - {from: f, to: svc, port: 5432, why: payroll is nobody's business}
  - {from: f, to: internet, port: 443}
"""


def test_what_is_as_it_should_be_holds(tmp_path):
    assert told(tmp_path, FILE, "") == [True, True, True]


def test_a_path_too_many_and_one_too_few_are_found(tmp_path):
    assert told(tmp_path, FILE, f"{PEER}; sg database closed") == [False, False, True]


def test_what_only_works_now_and_then_is_neither_allowed_nor_denied(tmp_path):
    changes = "acl db in 100 allow -1 - 0.0.0.0/0; acl db out 100 allow tcp 32768-60999 0.0.0.0/0"
    text = "allowed: [{from: f, to: db, port: 5432}]\ndenied: [{from: f, to: db, port: 5432}]"
    assert told(tmp_path, text, changes) == [False, False]


def test_what_nobody_knows_is_no_pass(tmp_path):
    (holds,) = told(tmp_path, "denied: [{from: f, to: db, port: 5432}]", "lost network_acls")
    assert isinstance(holds, Unknown)


def test_a_file_about_nothing_is_refused(tmp_path):
    with pytest.raises(UsageError, match="nothing called `dbx`"):
        told(tmp_path, "denied: [{from: f, to: dbx, port: 5432}]", "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "says nothing"),
        ("permitted: []", "says nothing"),
        ("denied: {from: f}", "must be a list"),
        ("denied: [f]", "has `from`, `to` and `port`"),
        ("denied: [{from: f, to: db}]", "`port` must be a number"),
        ("denied: [{from: f, to: db, port: 70000}]", "`port` must be a number"),
        ("denied: [{from: f, to: db, prot: 5}]", "has no `prot`"),
        ("denied: [{from: f, to: db, port: 5, protocol: sctp}]", "is no protocol"),
        ("denied: [", "is not YAML"),
    ],
)
def test_a_file_that_is_off_is_refused_with_its_place(tmp_path, text, says):
    with pytest.raises(SourceError, match=says):
        told(tmp_path, text, "")

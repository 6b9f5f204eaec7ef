"""A synthetic account is the same each time, is read whole, and its answer key is true."""

import json
from pathlib import Path

import pytest
from bench.accounts import Account, account
from bench.accounts_background import ACCOUNT
from tests.estates import TODAY

from buckler.reach.analysis import Analysis
from buckler.reach.graph import Graph, graph_of

ADMINISTRATOR = f"administrator:{ACCOUNT}"


@pytest.fixture(scope="module")
def small() -> Account:
    return account(60)


@pytest.fixture(scope="module")
def graph(small: Account) -> Graph:
    return graph_of(Analysis(small.estate(), today=TODAY))


def test_the_same_each_time(small: Account) -> None:
    assert json.dumps(small.files) == json.dumps(account(60).files)


def test_as_large_as_asked(small: Account) -> None:
    estate = small.estate()
    assert (len(estate.roles), len(estate.functions), len(small.resource_policies)) == (60, 60, 30)
    assert not estate.notes


def test_files_and_values_are_one_account(small: Account, tmp_path: Path) -> None:
    folder = small.write(tmp_path)
    assert {path.name: json.loads(path.read_text()) for path in folder.iterdir()} == json.loads(json.dumps(small.files))


def test_names_do_not_tell_what_is_planted(small: Account) -> None:
    planted = {arn for arns in (*small.truth.planted.values(), *small.truth.decoys.values()) for arn in arns}
    assert len(planted) == 2 * (len(small.truth.planted) + len(small.truth.decoys))
    assert not any(word in arn for arn in planted for word in ("decoy", "plant", "escalat", "admin"))


def test_every_plant_leads_to_administrator_and_no_decoy_does(small: Account, graph: Graph) -> None:
    reached = {arn for arn in graph.principals if ADMINISTRATOR in graph.walk([arn]).steps}
    planted = {arn for arns in small.truth.planted.values() for arn in arns}
    assert reached == planted | set(small.truth.administrators)


def test_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="some 40 roles"):
        account(30)

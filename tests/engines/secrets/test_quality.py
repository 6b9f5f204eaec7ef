"""The numbers we claim, on a slice of the benchmark; bench/secret_detection.py prints the whole."""

import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def bench():
    path = Path(__file__).parents[3] / "bench/secret_detection.py"
    spec = importlib.util.spec_from_file_location("bench_secret_detection", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.parametrize("seed", [1, 7, 20261125])
def test_recall_and_precision(bench, seed):
    labelled = list(bench.pairs(seed, rounds=2))
    result = bench.score(labelled)
    assert len(labelled) > 600
    assert result.recall >= 0.99, result.missed
    assert result.precision >= 0.99, result.alarmed
    assert not result.leaked
    assert result.kept >= 0.9


def test_the_benchmark_is_large_and_repeatable(bench):
    labelled = list(bench.pairs())
    assert len(labelled) >= 2000
    assert sum(pair.is_secret for pair in labelled) >= 1000
    assert labelled == list(bench.pairs())

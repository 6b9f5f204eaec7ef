"""Real templates read: each is an estate, or refused with its place and reason."""

from tests.shared import shared
from tests.sources.cfn.templates import judge

from buckler.errors import SourceError
from buckler.sources.cfn import read_template


def test_every_serverless_pattern_reads():
    folder = shared("sam")
    paths = sorted(folder.rglob("*.y*ml"))
    assert len(paths) == 136
    functions = triggers = 0
    for path in paths:
        estate = read_template(path, judge=judge)
        functions += len(estate.functions)
        triggers += len(estate.triggers)
        assert all(function.origin.line > 0 for function in estate.functions), path
    assert functions == 208
    assert triggers == 59


def test_every_valid_golden_input_reads_and_every_invalid_one_is_refused_with_its_place():
    paths = sorted((shared("sam_golden") / "input").glob("*.yaml"))
    assert len(paths) == 302
    refused: dict[str, SourceError] = {}
    for path in paths:
        try:
            read_template(path, judge=judge, shown=path.name)
        except SourceError as bad:
            refused[path.name] = bad
    assert [name for name, bad in refused.items() if not (bad.place.startswith(f"{name}:") and bad.hint and bad.cause)] == []
    assert [name for name in refused if not name.startswith("error_")] == []
    # Where the code is: packaging settles that, and nothing here reads it.
    assert sorted({path.name for path in paths if path.name.startswith("error_")} - set(refused)) == READABLE


READABLE = [
    "error_function_invalid_codeuri.yaml",
    "error_function_no_codeuri.yaml",
    "error_function_no_imageuri.yaml",
    "error_function_with_dynamic_ref_codeuri.yaml",
]

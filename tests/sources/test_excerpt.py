"""Excerpts never show a value that may be a secret."""

import pytest

from buckler.app import excerpt
from buckler.model.origin import FileOrigin
from buckler.sources.excerpt import excerpts

VARIABLE = "Resources.F.Properties.Environment.Variables."


@pytest.mark.parametrize(
    ("line", "path", "shown"),
    [
        pytest.param("      AuthType: NONE", "Resources.F.Properties.AuthType", "      AuthType: NONE", id="ordinary"),
        pytest.param("  COLOUR: kdjfhg83hdkf", VARIABLE + "COLOUR", "  COLOUR: …", id="value-cut-off"),
        pytest.param('  "COLOUR": "kdjfhg83hdkf", "B": 1', VARIABLE + "COLOUR", '  "COLOUR": …', id="json"),
        pytest.param("  TABLE: !Ref Table", VARIABLE + "TABLE", "  TABLE: !Ref Table", id="reference-kept"),
        pytest.param("  TABLE: {Ref: Table}", VARIABLE + "TABLE", "  TABLE: {Ref: Table}", id="long-reference-kept"),
        pytest.param("    kdjfhg83hdkf", VARIABLE + "KEY", "    …", id="value-on-a-line-of-its-own"),
    ],
)
def test_lines(tmp_path, line, path, shown):
    file = tmp_path / "t.yaml"
    file.write_text(f"a\n{line}\n")
    assert excerpt(FileOrigin(file=str(file), line=2, path=path)) == shown


def test_known_secrets_are_masked_anywhere(tmp_path):
    password = "Tr0ub4dor" + "-and-3"
    file = tmp_path / "t.yaml"
    file.write_text(f"  Url: postgres://app:{password}@db.internal/shop\n")
    line = excerpt(FileOrigin(file=str(file), line=1, path="Resources.F.Properties.Url"))
    assert line is not None
    assert password not in line


@pytest.mark.parametrize(
    ("line", "number"),
    [pytest.param("x" * 500, 1, id="generated"), pytest.param("x", 7, id="past-the-end"), pytest.param("x", 0, id="no-line")],
)
def test_nothing_to_show(tmp_path, line, number):
    file = tmp_path / "t.yaml"
    file.write_text(line)
    assert excerpts(str)(FileOrigin(file=str(file), line=number)) is None


def test_a_file_that_is_gone_is_no_error():
    assert excerpts(str)(FileOrigin(file="/nowhere/at/all.yaml", line=1)) is None

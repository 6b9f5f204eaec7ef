import pytest

from buckler.errors import SourceError
from buckler.sources.saved.document import policy_file


def test_reads_a_policy(tmp_path):
    path = tmp_path / "session.json"
    path.write_bytes(b'\xef\xbb\xbf{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}')
    found = policy_file(path)
    assert [statement.actions for statement in found.statements] == [("s3:*",)]
    assert (found.version, found.name) == ("2012-10-17", "session.json")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(None, "cannot read", id="no-file"),
        pytest.param('{"Statement": [', "not valid JSON", id="broken-off"),
        pytest.param("[]", "no policy document", id="a-list"),
        pytest.param('{"Version": "2012-10-17"}', "no policy document", id="no-statement"),
    ],
)
def test_refuses_what_is_none(tmp_path, text, said):
    path = tmp_path / "session.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=said):
        policy_file(path)

"""A property of a template set in its text: only the lines of the change differ."""

import difflib

import pytest

from buckler.sources.cfn.editing import CannotEditError, Editor, apply_spans, replace_text

BLOCK = """\
# head
Parameters:
  Rt: {Type: String, Default: python3.8}
  Open: {Type: String}
Resources:
  # the shop
  Shop:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.8   # old
      Quoted: 'a'
      Double: "b"
      Ref: !Ref Rt
      Long: {Ref: Rt}
      Given: !Ref Open
      Joined: !Sub "${Rt}"
      Text: |
        one
        two
      Events:
        Api:
          Type: Api

  # the other
  Other: {Type: X, Properties: {A: 1}}
  Empty: {}
  Base: &base
    Properties: {A: 1}
  Shared: *base
  Rules:
    - &rule
      Port: 1
    - *rule
    - Port: 2
      When: {Key: a}
    - {Port: 3}
"""


def changed(text, path, value):
    """Give the lines that a change takes away and adds."""
    after = apply_spans(text, [Editor(text).set(tuple(path.split(".")), value)])
    return [line for line in difflib.ndiff(text.splitlines(), after.splitlines()) if line[:1] in "+-"]


@pytest.mark.parametrize(
    ("path", "value", "lines"),
    [
        ("Shop.Properties.Runtime", "python3.14", ["-       Runtime: python3.8   # old", "+       Runtime: python3.14   # old"]),
        ("Shop.Properties.Quoted", "it's", ["-       Quoted: 'a'", "+       Quoted: 'it''s'"]),
        ("Shop.Properties.Double", "c", ['-       Double: "b"', '+       Double: "c"']),
        ("Shop.Properties.Tracing", "Active", ["+       Tracing: Active"]),
        ("Shop.Properties.Key", "arn:aws:kms:x", ['+       Key: "arn:aws:kms:x"']),
        ("Shop.Properties.Flag", "true", ['+       Flag: "true"']),
        ("Shop.Properties.Number", 5, ["+       Number: 5"]),
        ("Shop.Properties.Config.Mode", "Active", ["+       Config:", "+         Mode: Active"]),
        ("Shop.Properties.Events.Timer", {"Type": "Schedule"}, ["+         Timer:", "+           Type: Schedule"]),
        ("Other.Properties.B", "x", ["-   Other: {Type: X, Properties: {A: 1}}", "+   Other: {Type: X, Properties: {B: x, A: 1}}"]),
        ("Empty.A.B", 1, ["-   Empty: {}", "+   Empty: {A: {B: 1}}"]),
        ("Rules.2.When.Other", "b", ["-       When: {Key: a}", "+       When: {Other: b, Key: a}"]),
        ("Rules.2.Port", 9, ["-     - Port: 2", "+     - Port: 9"]),
        ("Rules.3.When.Key", "b", ["-     - {Port: 3}", "+     - {When: {Key: b}, Port: 3}"]),
        # What a parameter gives is changed where it is given.
        (
            "Shop.Properties.Ref",
            "python3.14",
            ["-   Rt: {Type: String, Default: python3.8}", "+   Rt: {Type: String, Default: python3.14}"],
        ),
        (
            "Shop.Properties.Long",
            "python3.14",
            ["-   Rt: {Type: String, Default: python3.8}", "+   Rt: {Type: String, Default: python3.14}"],
        ),
    ],
)
def test_only_the_lines_of_the_change_differ(path, value, lines):
    assert [line for line in changed(BLOCK, f"Resources.{path}", value) if line[:1] != "?"] == lines


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("Shop.Properties.Given", "x", "parameter `Open`, which has no default"),
        ("Shop.Properties.Joined", "x", "not written as a plain value"),
        ("Shop.Properties.Text", "x", "not written as a plain value"),
        ("Shop.Properties.Events", "x", "not written as a plain value"),
        ("Shop.Properties.Runtime.Deep", "x", "not written as a mapping"),
        ("Shop.Properties.Runtime", {"a": "b"}, "more is wanted"),
        ("Shared.Properties.A", 2, "`Resources.Shared` is shared by an anchor"),
        ("Base.Properties.A", 2, "`Resources.Base` is shared by an anchor"),
        ("Rules.0.Port", 2, "`Resources.Rules.0` is shared by an anchor"),
        ("Rules.1.Port", 2, "is shared by an anchor"),
        ("Rules.7.Port", 2, "not written as a mapping"),
    ],
)
def test_what_cannot_be_set_by_itself_is_refused(path, value, why):
    with pytest.raises(CannotEditError, match=why):
        Editor(BLOCK).set(("Resources", *path.split(".")), value)


def test_a_new_entry_comes_last_and_comments_stay_with_what_they_are_about():
    text = BLOCK.partition("  Empty:")[0].replace("  Other: {Type: X, Properties: {A: 1}}\n", "  Other:\n    Type: X\n")
    after = apply_spans(text, [Editor(text).set(("Resources", "Logs"), {"Type": "L", "Properties": {"Days": 3}})])
    assert after == text + "  Logs:\n    Type: L\n    Properties:\n      Days: 3\n"


def test_json():
    text = '{\n  "Resources": {\n    "A": {\n      "Properties": {\n        "B": "x"\n      }\n    }\n  }\n}\n'
    made = Editor(text)
    spans = [made.set(("Resources", "A", "Properties", "B"), "y"), made.set(("Resources", "A", "Properties", "C", "D"), 1)]
    assert apply_spans(text, spans) == text.replace('        "B": "x"', '        "C": {"D": 1},\n        "B": "y"')


def test_line_ends_stay_as_they_are():
    text = BLOCK.replace("\n", "\r\n")
    after = apply_spans(text, [Editor(text).set(("Resources", "Shop", "Properties", "Tracing"), "Active")])
    assert after.replace("      Tracing: Active\r\n", "") == text


@pytest.mark.parametrize("text", ["- a\n", "a: [\n", "{\t'a': 1}\t}", ""])
def test_what_is_no_template_is_refused(text):
    with pytest.raises(CannotEditError):
        Editor(text)


def test_a_file_is_replaced_with_its_mode_and_mark_and_through_links(tmp_path):
    file, link = tmp_path / "a.yaml", tmp_path / "b.yaml"
    file.write_bytes(b"\xef\xbb\xbfA: 1\n")
    file.chmod(0o640)
    link.symlink_to(file)
    replace_text(link, "A: 2\n")
    assert (file.read_bytes(), file.stat().st_mode & 0o777, link.is_symlink()) == (b"\xef\xbb\xbfA: 2\n", 0o640, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.yaml", "b.yaml"]

"""Whatever the bytes: a tree with places, or one `SourceError` that names the place and none of the content."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.growth import assert_linear
from tests.shared import shared
from tests.sources.cfn.templates import judge, read

from buckler.errors import SourceError
from buckler.sources.cfn import looks_like_template, read_template
from buckler.sources.cfn.reading import MAX_BYTES, parse
from buckler.sources.cfn.tree import Map
from buckler.sources.cfn.yaml_reader import MAX_DEPTH

GOOD = b"Resources:\n  F: {Type: AWS::Lambda::Function, Properties: {Role: hunter2-role, Runtime: python3.13}}\n"


def attempt(raw: bytes, tmp_path: Path, name: str = "t.yaml"):
    path = tmp_path / name
    path.write_bytes(raw)
    return read_template(path, judge=judge, shown=name)


BAD = [
    ("empty", b"", "1:1"),
    ("scalar", b"hello", "1:1"),
    ("list", b"- a\n- b\n", "1:1"),
    ("no-resources", b"AWSTemplateFormatVersion: '2010-09-09'\n", "1:1"),
    ("resources-is-a-list", b"A: 1\nResources: [a]\n", "2:1"),
    ("utf-16", GOOD.decode().encode("utf-16"), "1:1"),
    ("latin-1", GOOD + b"# caf\xe9 s3cr3t\n", "3:6"),
    ("nul", GOOD + b"A: s3cr3t\0", "3:10"),
    ("control-character", GOOD + b"A: s3cr3t\x07", "3:10"),
    ("truncated-flow", GOOD[:-5], "3:1"),
    ("truncated-quote", b"Resources:\n  A: 's3cr3t", "2:13"),
    ("tab-indent", b"Resources:\n\tA: s3cr3t\n", "2:1"),
    ("undefined-alias", b"Resources:\n  A: *s3cr3t\n", "2:6"),
    ("self-containing", b"Resources: &a\n  A: *a\n", "2:6"),
    ("two-documents", GOOD + b"---\nA: s3cr3t\n", "3:1"),
    ("mapping-as-key", b"Resources:\n  {a: s3cr3t}: 1\n", "2:3"),
    ("mapping-as-complex-key", b"Resources:\n  ? [s3cr3t]\n  : 1\n", "2:5"),
    ("json-truncated", b'{"Resources": {"A": "s3cr3t"', "1:29"),
    ("json-missing-comma", b'{"Resources": {"A": "s3cr3t" "B": 1}}', "1:30"),
    ("json-garbage-after", b'{"Resources": {}} s3cr3t', "1:19"),
    ("json-bad-escape", b'{"Resources": {"A": "\\x"}}', "1:21"),
    ("json-colon-missing", b'{"Resources" {}}', "1:14"),
]


@pytest.mark.parametrize(("raw", "place"), [pytest.param(*case[1:], id=case[0]) for case in BAD])
def test_bad_file_is_refused_with_its_place(raw, place, tmp_path):
    with pytest.raises(SourceError) as caught:
        attempt(raw, tmp_path)
    assert caught.value.place == f"t.yaml:{place}"
    assert caught.value.hint
    assert "s3cr3t" not in str(caught.value)
    assert "hunter2" not in str(caught.value)
    # Neither the chain nor the traceback may show it.
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_alias_bomb(tmp_path):
    lines = ["Resources:", "  a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(SourceError, match="expands to more than"):
        attempt("\n".join(lines).encode(), tmp_path)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b"- ", b"{a: "])
def test_deep_nesting(opening, tmp_path):
    with pytest.raises(SourceError):
        attempt(b"Resources: " + opening * 200_000 if opening != b"- " else opening * 200_000, tmp_path)


def test_deep_json(tmp_path):
    with pytest.raises(SourceError, match="nests deeper"):
        attempt(b'{"Resources": ' + b"[" * 200_000, tmp_path)


def test_nesting_up_to_the_limit_is_fine(tmp_path):
    depth = MAX_DEPTH - 4
    assert attempt(b"Resources:\n  A: {Type: X, P: " + b"[" * depth + b"]" * depth + b"}\n", tmp_path).functions == ()


def test_huge_file(tmp_path):
    with pytest.raises(SourceError, match="too large"):
        attempt(GOOD + b"#" * MAX_BYTES, tmp_path)


def test_missing_file_and_folder(tmp_path):
    for path in (tmp_path / "nope.yaml", tmp_path, tmp_path / "nul\0byte"):
        with pytest.raises(SourceError):
            read_template(path, judge=judge)


def test_byte_order_mark_is_fine(tmp_path):
    assert len(attempt(b"\xef\xbb\xbf" + GOOD, tmp_path).functions) == 1


def test_tabs_surrogates_and_long_keys_in_json(tmp_path):
    key = "k" * 3000
    raw = f'{{\n\t"Resources":\t{{\n\t\t"{key}": {{"Type": "X", "\\ud83d\\ude00": "a\\/b"}}\n\t}}\n}}'
    assert attempt(raw.encode(), tmp_path, "t.json").functions == ()


def test_windows_line_ends(tmp_path):
    estate = attempt(GOOD.replace(b"\n", b"\r\n"), tmp_path)
    assert estate.functions[0].origin.line == 2


def test_duplicate_key_is_noted():
    estate = read("""
        Resources:
          F: {Type: AWS::Lambda::Function, Properties: {Runtime: a}}
          F: {Type: AWS::Lambda::Function, Properties: {Runtime: b}}
    """)
    assert [(note.message, note.origin.line) for note in estate.notes] == [("`Resources.F` stands twice; the last one is read", 4)]
    assert estate.functions[0].runtime == "b"


def test_merge_keys_and_aliases():
    estate = read("""
        Common: &common {Runtime: python3.13, Timeout: 7}
        Resources:
          F:
            Type: AWS::Lambda::Function
            Properties: {<<: *common, Timeout: 9}
          G: {Type: AWS::Lambda::Function, Properties: *common}
    """)
    assert [(one.runtime, one.timeout_s) for one in estate.functions] == [("python3.13", 9), ("python3.13", 7)]


def test_places_of_values():
    document = parse("A:\n  - b\n  - c: {d: 1,\n      e: f}\n", "x.yaml")
    inner = document.root["A"][1]["c"]
    assert isinstance(inner, Map)
    origins = [document.source.origin(inner.marks[key]) for key in ("d", "e")]
    assert [(one.line, one.column, one.path) for one in origins] == [(3, 9, "A.1.c.d"), (4, 7, "A.1.c.e")]


LONG = [
    ("whitespace-after-transform", lambda n: "Transform:" + " " * n + "x"),
    ("openings-of-sub", lambda n: "Resources: {F: {Type: AWS::Lambda::Function, Properties: {Role: {'Fn::Sub': '" + "${" * n + "'}}}}"),
    ("openings-in-permission", lambda n: "Resources: {F: {Type: AWS::Lambda::Permission, Properties: {FunctionName: {'Fn::If': [X, {'Fn::Sub': '" + "${" * n + "'}, a]}}}}"),
    ("spaces-in-a-comment", lambda n: "# buckler: ignore[x]" + " " * n + "b" + " " * n + "\nResources: {}"),
    ("many-resources", lambda n: "Resources:\n" + "".join(f"  R{i}: {{Type: AWS::EC2::NetworkAclEntry}}\n" for i in range(n // 50))),
    ("braces-in-an-error", lambda n: "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: AWS::Serverless::Function, Properties: {Runtime: a, Handler: b, Policies: {" + "'{': 1, " * 10 + "S3ReadPolicy: '" + "{" * n + "'}}}}"),
]  # fmt: skip


def answer(text: str, tmp_path: Path) -> None:
    """Sniff and read, whatever comes of it."""
    looks_like_template(text.encode()[:65536])
    try:
        attempt(text.encode(), tmp_path)
    except SourceError as refused:
        assert refused.place  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize("text", [pytest.param(case[1], id=case[0]) for case in LONG])
def test_long_files_take_time_in_proportion(text, tmp_path):
    assert_linear(lambda size: answer(text(size), tmp_path), 10_000)


GROWING = [
    ("names", "Resources:\n" + "".join(f"  Q{n}: {{Type: AWS::SQS::Queue, Properties: {{QueueName: !Sub '{f'${{Q{n + 1}.QueueName}}' * 10}'}}}}\n" for n in range(60)) + "  F: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Q0.Arn}}\n"),
    ("mappings", "Mappings:\n" + "".join(f"  M{n}: {{a: {{b: [!FindInMap [M{n + 1}, a, b], !FindInMap [M{n + 1}, a, b]]}}}}\n" for n in range(60)) + "Resources: {F: {Type: AWS::Lambda::Function, Properties: {Layers: !FindInMap [M0, a, b]}}}\n"),
    ("conditions", "Conditions:\n" + "".join(f"  C{n}: !And [{{Condition: C{n + 1}}}, {{Condition: C{n + 1}}}]\n" for n in range(45)) + "Resources: {F: {Type: AWS::Logs::LogGroup, Condition: C0}}\n"),
]  # fmt: skip


@pytest.mark.parametrize("text", [pytest.param(case[1], id=case[0]) for case in GROWING])
def test_what_doubles_with_every_step_ends(text, tmp_path):
    """Written out, these would hold 2 ** 45 pieces and more: that the test ends is what it shows."""
    answer(text, tmp_path)


CHAINS = [
    ("conditions", "Conditions:\n", "  C{n}: {{'Fn::Not': [{{Condition: C{m}}}]}}\n", "  R{n}: {{Type: X, Condition: C{n}}}\n"),
    ("names", "", "", "  R{n}: {{Type: AWS::SQS::Queue, Properties: {{QueueName: !Sub '${{R{m}.QueueName}}x'}}}}\n"),
    (
        "mappings",
        "Mappings:\n",
        "  M{n}: {{a: {{b: !FindInMap [M{m}, a, b]}}}}\n",
        "  R{n}: {{Type: AWS::Logs::LogGroup, Properties: {{LogGroupName: !FindInMap [M{n}, a, b]}}}}\n",
    ),
]


@pytest.mark.parametrize(("head", "section", "resource"), [pytest.param(*case[1:], id=case[0]) for case in CHAINS])
def test_long_chains_and_rings_end(head, section, resource, tmp_path):
    numbers = [(n, (n + 1) % 1500) for n in range(1500)]
    text = (
        head
        + "".join(section.format(n=n, m=m) for n, m in numbers)
        + "Resources:\n"
        + "".join(resource.format(n=n, m=m) for n, m in numbers)
    )
    try:
        attempt(text.encode(), tmp_path)
    except SourceError as refused:
        assert refused.place  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize(
    "condition", ["!Equals [a, b, c]", "!Equals a", "!And x", "!Not []", "!Or []", "{Condition: [x]}", "!Ref X", "[a]", "null"]
)
def test_malformed_conditions_are_not_decided(condition, tmp_path):
    text = f"Conditions: {{C: {condition}}}\nResources: {{L: {{Type: AWS::Logs::LogGroup, Condition: C}}}}\n"
    estate = attempt(text.encode(), tmp_path)
    assert len(estate.log_groups) == 1 or condition == "!Or []"


SNIFFED = [
    (b"AWSTemplateFormatVersion: 2010-09-09\n", True),
    (b"---\n# c\nTransform: AWS::Serverless-2016-10-31\nResources:\n", True),
    (b"Transform:\n  - AWS::LanguageExtensions\nResources:\n", True),
    (b'{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}', True),
    (b"Resources:\n  A:\n    Type: 'AWS::S3::Bucket'\n", True),
    (b"Resources:\n  Fn::ForEach::X:\n", True),
    (b"{Resources: {A: {Type: 'AWS::S3::Bucket'}}}", True),
    (b"resources: {Resources: {A: {Type: 'AWS::S3::Bucket'}}}", False),
    (b"Description: x\nResources:\n  A:\n    Type: Custom::Thing\n", True),
    (b'{"name": "x", "version": "1", "scripts": {}}', False),
    (b'{"Comment": "x", "StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::x"}}}', False),
    (b"openapi: 3.0.1\npaths: {}\n", False),
    (b"swagger: '2.0'\ninfo: {title: Resources}\n", False),
    (b"apiVersion: v1\nkind: Pod\nspec:\n  Resources: {}\n", False),
    (b"Resources:\n  - a\n", False),
    (b"services:\n  web:\n    image: x\n", False),
    (b"\x00\x01\x02", False),
    (b"", False),
]


@pytest.mark.parametrize(("head", "expected"), SNIFFED)
def test_sniff(head, expected):
    assert looks_like_template(head) is expected


def test_sniff_knows_every_real_template():
    for path in (*shared("sam").rglob("*.y*ml"), *shared("sam_golden").glob("input/*.yaml")):
        raw = path.read_bytes()
        if b"\nResources:" in raw or raw.startswith(b"Resources:"):
            assert looks_like_template(raw[:65536]), path.name


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bytes_only_ever_raise_a_source_error(tmp_path, raw):
    looks_like_template(raw)
    try:
        attempt(raw, tmp_path)
    except SourceError as refused:
        assert refused.place  # noqa: PT017 - either outcome is right


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_text_only_ever_raises_a_source_error(tmp_path, text):
    try:
        attempt(("Resources:\n  A: " + text).encode("utf-8", "replace"), tmp_path)
    except SourceError as refused:
        assert refused.place  # noqa: PT017 - either outcome is right


@given(st.randoms(use_true_random=False), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mutated_templates_only_ever_raise_a_source_error(tmp_path, chance: random.Random, index):
    """Cut, doubled and shuffled lines of real templates: through the whole reader, the SAM translator included."""
    paths = sorted(shared("sam").rglob("*.y*ml")) + sorted(shared("sam_golden").glob("input/*.yaml"))
    lines = paths[index % len(paths)].read_text(encoding="utf-8").splitlines()
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case 2:
                lines[at] = lines[at].replace(": ", ": !Ref ", 1)
            case 3:
                lines[at] = (
                    lines[at].partition(":")[0] + ": " + chance.choice(["null", "[]", "{}", "12", "true", "[{a: b}]", "{'Fn::If': [X, 1]}"])
                )
            case 4:
                lines[at] = "  " + lines[at]
            case _:
                lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
        if not lines:
            return
    try:
        attempt("\n".join(lines).encode(), tmp_path)
    except SourceError as refused:
        assert refused.place  # noqa: PT017 - either outcome is right

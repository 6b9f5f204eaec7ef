import re
import shlex

import pytest
from msgspec.structs import replace
from tests.report import blasts

from buckler.errors import UsageError
from buckler.model.finding import ContextEntry
from buckler.model.graph import Blast, Path, Reacher
from buckler.report import FORMATS, Context
from buckler.report.blast import BLAST_FORMATS, render_blast
from buckler.report.blast_console import text, why_command
from buckler.report.blast_words import first_request, stand_in, worst_path
from buckler.report.clean import columns

every = pytest.mark.parametrize("blast", [pytest.param(make(), id=name) for name, make in blasts.ALL.items()])
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def lines(blast, width=100, **more):
    return text(blast, Context(width=width, **more)).splitlines()


@every
@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_except_what_is_to_be_copied(blast, width):
    for line in lines(blast, width):
        assert columns(line) <= width or line.startswith("help: ") or line.strip().startswith("--> "), line


@every
def test_it_is_printable_and_always_the_same(blast):
    assert all(line.isprintable() for line in lines(blast))
    assert lines(blast) == lines(blast)


@every
def test_colour_adds_only_colour(blast):
    coloured = text(blast, Context(color=True))
    assert _ESCAPES.sub("", coloured) == text(blast, Context())
    assert "\x1b" not in text(blast, Context())


def test_the_answer_is_first():
    assert lines(blasts.typical())[0] == "critical: owning `checkout` makes an attacker administrator of 210987654321 in 3 steps"


def test_a_step_is_told_once_and_stands_with_its_statement():
    said = lines(blasts.typical(), 120)
    assert said.count("    2 assumes `shop-deployment` --> infrastructure/roles.yaml:31:7") == 1
    assert sum("runs as `shop-checkout-execution-role`" in line for line in said) == 1
    at = said.index("  role reporting: in 4 steps, after `shop-deployment`")
    assert said[at + 1] == "    3 replaces the code of `nightly-report` (lambda-003)"
    assert said[at + 2] == "      --> iam:GetRolePolicy arn:aws:iam::123456789012:role/shop-deployment"


def test_a_doubt_stands_under_its_step():
    said = lines(blasts.typical(), 120)
    at = next(index for index, line in enumerate(said) if "assumes `break-glass`" in line)
    assert said[at + 1].strip() == "only if aws:MultiFactorAuthPresent is true"


def test_things_are_ranked_and_the_rest_is_counted_by_kind():
    said = lines(blasts.large())
    assert "can touch: 318" in said
    assert "  and 38 more buckets: 11 high, 25 medium, 2 low" in said
    assert "  and 52 more roles, listed by `-v`" in said
    whole = lines(blasts.large(), verbose=True)
    assert not any(" more " in line for line in whole)
    assert sum(line.startswith(("  high ", "  medium ", "  low ")) for line in whole) == 318


def test_what_nobody_could_read_is_not_called_nothing():
    said = lines(blasts.unread_role())
    assert said[0].startswith("unknown: ")
    assert "runs as: not known" in said
    assert "can touch: nothing found, but not all could be read" in said
    assert "1 question unanswered, which may make it worse:" in said
    assert "can touch: nothing found" in lines(blasts.harmless())


def test_the_help_line_verifies_the_step_people_doubt():
    assert lines(blasts.typical())[-1] == (
        "help: buckler why arn:aws:iam::123456789012:role/shop-deployment sts:AssumeRole "
        "arn:aws:iam::210987654321:role/OrganizationAccountAccessRole"
    )
    assert not any(line.startswith("help") for line in lines(blasts.harmless()))


def test_the_command_is_safe_to_paste():
    context = (ContextEntry(key="aws:RequestTag/$(id)", values=("a b", "`rm`")),)
    step = blasts.edge(
        blasts.node("role", "a;b $(x)"), blasts.node("role", blasts.HOSTILE), "assume", "x", action="sts:AssumeRole", context=context
    )
    request = first_request((step,))
    words = shlex.split(why_command(request))
    assert words[:4] == ["buckler", "why", "arn:aws:iam::123456789012:role/a;b $(x)", "sts:AssumeRole"]
    assert words[5:] == ["--context", "aws:RequestTag/$(id)=a b", "--context", "aws:RequestTag/$(id)=`rm`"]
    assert why_command(request).isprintable()


def test_the_command_names_the_file_and_nothing_that_follows_from_the_rest():
    context = (
        ContextEntry(key="aws:PrincipalArn", values=("arn:aws:iam::123456789012:role/r",)),
        ContextEntry(key="aws:SecureTransport", values=("true",)),
        ContextEntry(key="aws:ResourceAccount", values=("123456789012",)),
        ContextEntry(key="iam:PassedToService", values=("lambda.amazonaws.com",)),
    )
    step = blasts.edge(blasts.node("role", "r"), blasts.node("role", "admin"), "escalate", "x", action="iam:PassRole", context=context)
    request = first_request((step,))
    assert why_command(request, ["my plan.json"]) == (
        "buckler why arn:aws:iam::123456789012:role/r iam:PassRole arn:aws:iam::123456789012:role/admin 'my plan.json' "
        "--context iam:PassedToService=lambda.amazonaws.com"
    )
    unusual = replace(request, context=(ContextEntry(key="aws:SecureTransport", values=("false",)),))
    assert why_command(unusual).endswith("--context aws:SecureTransport=false")


def test_the_worst_path_begins_with_an_outsider_and_ends_with_everything():
    worst = worst_path(blasts.typical())
    assert [label for label, _ in worst.labelled()] == ["a", "b", "1", "2", "3", "4"]
    assert worst.onward[-1].target == "administrator:210987654321"


def test_somebody_of_the_account_is_no_outsider():
    blast = blasts.small()
    insider = blasts.node("role", "developers")
    way = Path(edges=(blasts.edge(insider, blast.function, "invoke", "invokes it"),))
    fields = {name: getattr(blast, name) for name in blast.__struct_fields__}
    assert worst_path(Blast(**{**fields, "reached_by": (Reacher(node=insider, path=way),)})).way_in == ()


@pytest.mark.parametrize(
    ("identity", "kind", "name"),
    [
        ("internet", "internet", "internet"),
        ("account:123456789012", "account", "123456789012"),
        ("service:s3.amazonaws.com", "service", "s3.amazonaws.com"),
        ("administrator:123456789012", "administrator", "123456789012"),
        ("arn:aws:iam::123456789012:role/path/to/r", "role", "path/to/r"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:f:live", "function", "f:live"),
        ("arn:aws:s3:::*", "bucket", "*"),
        ("arn:aws-cn:dynamodb:cn-north-1:123456789012:table/t", "table", "t"),
        ("arn:aws:states:eu-west-1:123456789012:stateMachine:m", "resource", "stateMachine:m"),
        ("nonsense", "resource", "nonsense"),
        ("arn:aws", "resource", "arn:aws"),
    ],
)
def test_an_id_says_what_it_is(identity, kind, name):
    node = stand_in(identity)
    assert (node.id, node.kind, node.name) == (identity, kind, name)


def test_a_blast_is_no_format_of_a_scan():
    assert not any("blast" in name for name in FORMATS)
    assert all(render_blast(name, blasts.small(), Context()) for name in BLAST_FORMATS)


def test_a_format_nobody_knows_is_a_mistake_of_the_user():
    with pytest.raises(UsageError) as error:
        render_blast("png", blasts.small(), Context())
    assert error.value.hint == "formats: console, json, svg"

"""Expressions and functions of Terraform: what is known comes out exactly, what is not stays open."""

from pathlib import Path

import pytest

from buckler.model.text import Hole, Partial
from buckler.sources.terraform.hcl.evaluate import evaluate, weight
from buckler.sources.terraform.hcl.instances import ModuleInstance, World
from buckler.sources.terraform.hcl.modules import Library, Source, declare
from buckler.sources.terraform.hcl.parse import parse
from buckler.sources.terraform.hcl.values import Open, Value

_AROUND = """
variable "told" { default = "yes" }
variable "asked" {}
variable "shape" {
  type    = object({ a = optional(number, 7), b = optional(string), c = string })
  default = { c = "x" }
}
locals {
  list   = ["b", "a", "b"]
  map    = { k = 1, "l m" = 2 }
  nested = [{ id = "x" }, { id = "y" }]
  loop   = local.loop
  doubled = "${local.told}${local.told}"
  told   = var.told
}
"""


def _value(text: str) -> Value:
    document = parse(f"{_AROUND}\nlocals {{\n  wanted = {text}\n}}\n".encode(), "main.tf")
    source = Source(folder=Path("/nowhere"), shown="main.tf")
    declare(source, document, is_override=False)
    module = ModuleInstance(World(Library(Path("/nowhere"), ""), {}), source)
    return evaluate(source.locals["wanted"][0].value, module.where)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("1 + 2 * 3", 7, id="precedence"),
        pytest.param("(1 + 2) * 3", 9, id="parentheses"),
        pytest.param("7 % 4 == 3 && !false || 1 > 2", True, id="logic"),
        pytest.param("-local.map.k", -1, id="unary"),
        pytest.param('local.map["l m"]', 2, id="index"),
        pytest.param("local.nested[*].id", ["x", "y"], id="splat"),
        pytest.param("local.nested.*.id", ["x", "y"], id="attribute-splat"),
        pytest.param("local.nested.0.id", "x", id="legacy-index"),
        pytest.param("null[*]", [], id="splat-of-null"),
        pytest.param('var.told == "yes" ? 1 : 2', 1, id="conditional"),
        pytest.param('[for v in local.list : upper(v) if v != "a"]', ["B", "B"], id="for-list"),
        pytest.param("{ for k, v in local.map : v => k }", {"1": "k", "2": "l m"}, id="for-object"),
        pytest.param("{ for n in local.nested : n.id => n... }", {"x": [{"id": "x"}], "y": [{"id": "y"}]}, id="for-grouped"),
        pytest.param('"a ${var.told} b"', "a yes b", id="template"),
        pytest.param('"%{ if var.told == "yes" }on%{ else }off%{ endif }"', "on", id="template-if"),
        pytest.param('"%{ for v in local.list ~} ${v} %{ endfor }"', "b a b ", id="template-for"),
        pytest.param('"$${not} %%{it} \\"q\\" \\u00e9"', '${not} %{it} "q" é', id="escapes"),
        pytest.param("<<-EOT\n    a\n      b ${var.told}\n    EOT\n", "a\n  b yes\n", id="heredoc"),
        pytest.param("toset(local.list)", ["a", "b"], id="toset"),
        pytest.param("merge(local.map, { k = 3 })", {"k": 3, "l m": 2}, id="merge"),
        pytest.param('join("-", sort(local.list))', "a-b-b", id="join-sort"),
        pytest.param('format("%s-%03d", "x", 7)', "x-007", id="format"),
        pytest.param('lookup(local.map, "none", "d")', "d", id="lookup"),
        pytest.param('try(local.map.none, "d")', "d", id="try"),
        pytest.param("can(local.map.k)", True, id="can"),
        pytest.param('cidrsubnet("10.0.0.0/16", 8, 3)', "10.0.3.0/24", id="cidrsubnet"),
        pytest.param('cidrhost("10.0.0.0/24", 5)', "10.0.0.5", id="cidrhost"),
        pytest.param('cidrsubnets("10.0.0.0/16", 4, 8)', ["10.0.0.0/20", "10.0.16.0/24"], id="cidrsubnets"),
        pytest.param("jsondecode(jsonencode({ a = [1, null, true] })).a", [1, None, True], id="json-and-back"),
        pytest.param('jsonencode({ b = 1, a = "x" })', '{"a":"x","b":1}', id="jsonencode"),
        pytest.param('replace("a.b", ".", "-")', "a-b", id="replace"),
        pytest.param('replace("hello", "/l+/", "L")', "heLo", id="replace-pattern"),
        pytest.param('regex("v(\\\\d+)", "v12")', ["12"], id="regex"),
        pytest.param('split(",", "a,b")', ["a", "b"], id="split"),
        pytest.param("flatten([[1], [2, [3]]])", [1, 2, 3], id="flatten"),
        pytest.param("concat([1], [2])", [1, 2], id="concat"),
        pytest.param("range(1, 6, 2)", [1, 3, 5], id="range"),
        pytest.param('setproduct([1, 2], ["a"])', [[1, "a"], [2, "a"]], id="setproduct"),
        pytest.param("max(local.list2...)", Open("local.list2"), id="spread-of-nothing"),
        pytest.param("max([3, 9]...)", 9, id="spread"),
        pytest.param('coalesce("", null, "x")', "x", id="coalesce"),
        pytest.param('element(["a", "b"], 3)', "b", id="element-wraps"),
        pytest.param('zipmap(["a"], [1])', {"a": 1}, id="zipmap"),
        pytest.param('substr("hello", 1, 3)', "ell", id="substr"),
        pytest.param('base64decode(base64encode("x"))', "x", id="base64"),
        pytest.param("var.shape", {"a": 7, "b": None, "c": "x"}, id="optional-defaults"),
        pytest.param('1 == "1"', False, id="a-number-is-no-string"),
        pytest.param("1 == true", False, id="a-number-is-no-truth"),
    ],
)
def test_what_is_known_is_told(text: str, value: Value) -> None:
    assert _value(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param(
            '"arn:aws:s3:::${var.asked}/*"',
            Partial(parts=("arn:aws:s3:::", Hole(ref="var.asked", need="--parameter asked=..."), "/*")),
            id="template",
        ),
        pytest.param("var.asked", Open("var.asked", "--parameter asked=..."), id="alone"),
        pytest.param('var.asked == "x" ? 1 : 2', Open("var.asked", "--parameter asked=..."), id="conditional"),
        pytest.param('var.asked == "x" ? 1 : 1', 1, id="either-way"),
        pytest.param('var.asked == "x" || true', True, id="decided-by-the-other"),
        pytest.param('[var.asked, "b"][1]', "b", id="beside-it"),
        pytest.param('length([var.asked, "b"])', 2, id="how-many"),
        pytest.param("upper(var.asked)", Open("upper(var.asked)", "--parameter asked=..."), id="function"),
        pytest.param("uuid()", Open("uuid(...)"), id="not-a-function-of-its-arguments"),
        pytest.param("local.loop", Open("local.loop"), id="made-of-itself"),
        pytest.param("{ (var.asked) = 1 }", Open("{(var.asked) = ...}"), id="unknown-key"),
        pytest.param('regex("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")', Open("regex(...)"), id="a-pattern-that-could-take-for-ever"),
    ],
)
def test_what_is_not_known_stays_open_and_named(text: str, value: Value) -> None:
    assert _value(text) == value


def test_what_grows_by_doubling_ends() -> None:
    lines = "\n".join(f'  x{at} = "${{local.x{at - 1}}}${{local.x{at - 1}}}"' for at in range(1, 60))
    document = parse(f'locals {{\n  x0 = "ha"\n{lines}\n  wanted = local.x59\n}}\n'.encode(), "main.tf")
    source = Source(folder=Path("/nowhere"), shown="main.tf")
    declare(source, document, is_override=False)
    module = ModuleInstance(World(Library(Path("/nowhere"), ""), {}), source)
    assert weight(evaluate(source.locals["wanted"][0].value, module.where)) < 200_000

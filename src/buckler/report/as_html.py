"""HTML: one file that opens offline. Readable without its script; the script filters, groups and pages.

Names in it are chosen by strangers, so four things stand in their way: `clean` (no control or direction characters), Jinja2's autoescape,
data as JSON with `<` escaped and shown only through `textContent`, and a content security policy that runs our script and nothing else.
"""

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, cast

import jinja2
from markupsafe import Markup, escape

from buckler.report import html_view as view
from buckler.report.clean import clean
from buckler.report.words import SHOW_HIDDEN, by_severity, count, entities, fixable, functions, scopes, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from buckler.model.result import ScanResult
    from buckler.report import Context

_PLAIN_ROWS = 200
"""Findings that are in the page itself, for readers without JavaScript and for the first sight with it."""


def render(result: "ScanResult", context: "Context") -> str:
    """Write the page."""
    rows = [view.row(finding, context) for finding in result.findings]
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        _environment()
        .get_template("report.html")
        .render(
            policy=policy,
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            packed=_json(view.packed(rows, context.pages)),
            result=result,
            command=context.command,
            rows=rows[:_PLAIN_ROWS],
            severities=[(severity.value, view.ICONS[severity.value], number) for severity, number in by_severity(result.findings).items()],
            icons=view.ICONS,
            pages={check: view.page_parts(page) for check, page in context.pages.items()},
            functions=functions(result),
            scopes=scopes(result),
            seconds=seconds(result.seconds),
            safe=fixable(result.findings),
            not_asked=sum(one.count for one in result.coverage.not_asked),
            wanted=view.wanted(result),
            snippet=view.snippet(result),
            frameworks=view.frameworks(result, context.pages),
            show_hidden=SHOW_HIDDEN,
            found={check: sum(finding.check == check for finding in result.findings) for check in result.coverage.checks},
        )
    )


@cache
def _asset(name: str) -> str:
    return (files("buckler.report") / "templates" / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _json(value: object) -> Markup:
    r"""Encode for a script element: pure ASCII, and `<` as `\u003c`, so that nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704 - escaped in this line


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_asset), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    # Jinja2 types its filters as a union of its own ones; any callable may be one.
    filters = cast("dict[str, Callable[..., object]]", environment.filters)
    filters.update(prose=_prose, clean=view.short, count=count, entities=entities)
    return environment


def _prose(text: str) -> Markup:
    """Show what stands in backticks as code."""
    pieces = clean(text).split("`")
    if len(pieces) % 2 == 0:
        return escape("`".join(pieces))
    return Markup("").join(Markup("<code>{}</code>").format(piece) if index % 2 else escape(piece) for index, piece in enumerate(pieces))

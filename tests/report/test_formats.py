import subprocess
import sys

import pytest
from tests.report import results

from buckler.errors import UsageError
from buckler.report import FORMATS, Context, render


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("scan", [results.shop(), results.hostile(), results.result()], ids=["shop", "hostile", "empty"])
def test_every_format_renders_every_result_as_utf8_and_always_alike(name, scan):
    context = Context(pages=results.pages(scan), excerpt=results.excerpt)
    text = render(name, scan, context)
    assert text.encode("utf-8")
    assert text == render(name, scan, context)


@pytest.mark.parametrize("name", FORMATS)
def test_no_page_is_needed(name):
    assert render(name, results.shop(), Context())


@pytest.mark.parametrize(("name", "hint"), [("jsn", "`--format json`"), ("SARIF", "`--format sarif`"), ("xyzzy", "formats: asff, console")])
def test_a_mistyped_format_suggests_the_right_one(name, hint):
    with pytest.raises(UsageError) as error:
        render(name, results.result(), Context())
    assert hint in error.value.hint


def test_a_format_is_imported_only_when_it_is_used():
    code = "import sys, buckler.report; print([m for m in sys.modules if 'as_' in m and 'buckler' in m or m in ('jinja2', 'rich', 'csv')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"

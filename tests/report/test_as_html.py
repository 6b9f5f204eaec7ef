import base64
import hashlib
import html
import html.parser
import itertools
import json
import re

import msgspec
import pytest
from tests.report import results

from buckler.report import Context, render

TAGS = {
    "html", "head", "meta", "title", "link", "style", "body", "a", "header", "p", "svg", "path", "nav", "main", "section", "h1", "h2", "h3", "code",
    "ul", "li", "strong", "span", "bdi", "form", "label", "input", "kbd", "fieldset", "legend", "div", "select", "option", "button", "details",
    "summary", "pre", "dl", "dt", "dd", "noscript", "table", "thead", "tbody", "tr", "th", "td", "br", "script",
}  # fmt: skip


def page(scan, **context):
    return render("html", scan, Context(**{"excerpt": results.excerpt, "pages": results.pages(scan), **context}))


class Reader(html.parser.HTMLParser):
    """Every tag, attribute and text of a page, as a browser without scripts sees it."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts, self.bodies = [], [], [], {}
        self._inside = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self._inside = tag if tag in {"script", "style"} else None

    def handle_data(self, data):
        if self._inside:
            self.bodies.setdefault(self._inside, []).append(data)
        else:
            self.texts.append(data)

    def handle_endtag(self, tag):
        self._inside = None

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.texts))


def big(functions=500, findings=5_000):
    """As varied as a real estate: every function has ten findings of different checks, with two evidences each."""
    names = [f"team-{number % 17}-service-{number}-handler" for number in range(functions)]
    made = []
    for number in range(findings):
        subject = results.live(names[number % functions], region=("eu-west-1", "us-east-1")[number % 2])
        check = f"check-number-{number % 43}"
        made.append(
            results.finding(
                check, subject, f"`{subject.name}` does what check {number % 43} says it should not, and this is said in one sentence",
                results.api("lambda:GetFunctionConfiguration", subject.arn, f"value {number} of the setting is not what it should be"),
                results.api("iam:GetAccountAuthorizationDetails", f"arn:aws:iam::{results.ACCOUNT}:role/role-{number % 75}", "and the role allows it"),
                remedy=results.Remedy(text=f"change setting {number % 43} to the other value"), key=str(number), witness=results.nobody(subject.arn),
                frameworks=(f"fsbp:Lambda.{number % 7}", f"mitre:T1{number % 43:03}", "nist-800-53:AC-6"),
            )
        )  # fmt: skip
    return results.result(made)


def test_the_policy_allows_our_script_and_style_and_nothing_else():
    text = page(results.shop())
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text).group(1))
    bodies = Reader(text).bodies
    packed, script = bodies["script"]
    (style,) = bodies["style"]

    def digest(body):
        return f"'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'"

    assert json.loads(packed)["findings"]
    assert policy == (
        f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_nothing_is_loaded_and_no_inline_code_or_style_is_needed():
    reader = Reader(page(results.shop()))
    assert {name for name, _value in reader.attributes if name.startswith("on") or name == "style"} == set()
    loaded = [value for name, value in reader.attributes if name in {"src", "href", "srcset", "action"}]
    assert [value for value in loaded if not value.startswith(("#", "data:image/svg+xml,"))] == []
    assert "@import" not in reader.bodies["style"][0]
    assert "url(" not in reader.bodies["style"][0]


def test_the_script_makes_no_html_from_strings():
    script = Reader(page(results.result())).bodies["script"][1]
    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "DOMParser",
        "srcdoc",
        "setTimeout('",
    ):
        assert way not in script


def test_hostile_names_add_no_tag_and_no_attribute():
    quiet, hostile = Reader(page(results.shop())), Reader(page(results.hostile()))
    assert set(hostile.tags) <= TAGS
    assert hostile.tags.count("script") == quiet.tags.count("script") == 2
    assert not {name for name, _value in hostile.attributes if name.startswith("on")}
    assert "</script><img src=x onerror=\"document.title='owned'\">" in hostile.text
    assert all(char.isprintable() or char == "\n" for char in page(results.hostile()))


def test_it_is_readable_without_javascript():
    text = Reader(page(results.shop())).text
    for said in (
        "12 findings in 41 functions of 1 region and 1 template",
        "the URL of $LATEST answers anyone on the internet",
        "AuthType: NONE # for the load test",
        "lambda:GetPolicy",
        "InvokeFunctionUrl + InvokeFunction as nobody -> allow",
        "set AuthType to AWS_IAM",
        "an attacker gains something.",
        "5 questions unanswered.",
        "246 questions asked of 2 scopes by 6 checks: 200 answered, 5 unanswered, 41 not asked",
        "detectors: AccessDenied on guardduty:ListDetectors",
        '"kms:GetKeyPolicy", "lambda:GetPolicy"',
        "public API by design",
        "40 functions , 12 roles , 1 trail",
        "buckler.toml:7 (function-url-public, until 2026-01-31)",
    ):
        assert said in text


def test_nothing_found_is_not_called_safe_while_questions_are_open():
    gap = results.gap("alias-exposed", results.live("pay"), "lambda:GetPolicy")
    text = Reader(page(results.result(gaps=(gap,)))).text
    assert "No findings in 0 functions" in text
    assert "1 question unanswered." in text
    assert "see what was not" in text


def test_five_thousand_findings_of_five_hundred_functions_stay_small():
    text = page(big())
    assert len(text.encode()) < 6_000_000
    assert "4,800 more findings need JavaScript" in Reader(text).text


@pytest.fixture(scope="module")
def tab():
    from tests.report.browser import CHROMIUM, browser

    if not CHROMIUM:
        pytest.skip("no chromium here: the HTML report was NOT tried in a browser; hint: apt-get install chromium")
    with browser() as opened:
        yield opened


@pytest.fixture
def opened(tab, tmp_path):
    tab.said.clear()

    def go(scan, fragment=""):
        path = tmp_path / "report.html"
        path.write_text(page(scan), "utf-8")
        tab.open(path, fragment)
        return tab

    yield go
    assert tab.said == [], "the page logged an error, or asked for something"


def count(tab, selector):
    return tab.evaluate(f"document.querySelectorAll({json.dumps(selector)}).length")


SETTLE = "new Promise((done) => setTimeout(done, 200))"


def test_browser_hostile_names_do_not_run(opened):
    tab = opened(results.hostile())
    tab.evaluate("for (const one of document.querySelectorAll('details')) one.open = true;")
    tab.evaluate(SETTLE)
    assert tab.evaluate("document.title") == "buckler: 1 finding"
    assert count(tab, "img") == 0
    assert results.HOSTILE[:20] in tab.evaluate("document.querySelector('.finding').textContent")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_browser_the_script_shows_what_the_page_without_it_shows(opened):
    scan = results.shop()
    tab = opened(scan)
    tab.evaluate("for (const one of document.querySelectorAll('#list details')) one.open = true;")
    tab.evaluate(SETTLE)
    drawn = tab.evaluate("[...document.querySelectorAll('#list .finding')].map((one) => one.textContent.replace(/\\s+/g, ''))")
    plain = page(scan)
    listed = plain[plain.index('<div id="list">') : plain.index('<button id="more"')]
    static = [re.sub(r"\s+", "", Reader(part).text) for part in listed.split('<details class="finding">')[1:]]
    assert drawn == static


@pytest.mark.parametrize(
    ("fragment", "shown", "groups"),
    [
        ("", 12, 5),
        ("severity=high", 3, 2),
        ("severity=high,critical", 4, 3),
        ("check=no-data-events", 7, 1),
        ("region=eu-west-1&group=subject", 8, 7),
        ("q=PAY", 1, 1),
        ("q=arn%3Aaws%3Aiam+shop-shared", 1, 1),
        ("framework=mitre:T1190&group=severity", 2, 1),
        ("group=scope", 12, 3),
        ("q=nothing-is-called-so", 0, 0),
        ("group=nonsense&severity=nonsense", 12, 5),
        ("coverage", 12, 5),
    ],
)
def test_browser_the_address_holds_the_filters(opened, fragment, shown, groups):
    tab = opened(results.shop(), fragment)
    assert count(tab, "#list .finding") == shown
    assert count(tab, "#list .group") == groups


def test_browser_one_finding_has_an_address(opened):
    fingerprint = results.shop().findings[2].fingerprint
    tab = opened(results.shop(), f"finding={fingerprint}")
    assert count(tab, "#list .finding[open]") == count(tab, "#list .finding") == 1
    assert "template.yaml:12:9" in tab.evaluate("document.querySelector('#list .finding').textContent")


def test_browser_slash_searches_and_the_address_follows(opened):
    tab = opened(results.shop())
    tab.press("/", "/")
    assert tab.evaluate("document.activeElement.id") == "q"
    tab.write("thumbnails")
    tab.evaluate(SETTLE)
    assert tab.evaluate("location.hash") == "#q=thumbnails"
    assert count(tab, "#list .finding") == 1
    assert tab.evaluate("document.getElementById('shown').textContent") == "1 of 12 findings"
    tab.press("Escape")
    tab.evaluate(SETTLE)
    assert tab.evaluate("location.hash") == ""
    assert count(tab, "#list .finding") == 12


def test_browser_a_filter_is_a_click_and_clear_undoes_it(opened):
    tab = opened(results.shop())
    tab.evaluate("document.querySelector('#severities input[value=low]').click()")
    tab.evaluate(SETTLE)
    assert tab.evaluate("location.hash") == "#severity=low"
    assert count(tab, "#list .finding") == 7
    tab.evaluate("document.getElementById('clear').click()")
    assert count(tab, "#list .finding") == 12


def test_browser_tab_walks_in_reading_order(opened):
    tab = opened(results.shop())
    visited = []
    for _ in range(28):
        tab.press("Tab")
        visited.append(
            tab.evaluate(
                "[document.activeElement.getBoundingClientRect().top + scrollY, getComputedStyle(document.activeElement).position]"
            )
        )
    tops = [top for top, position in visited if position != "absolute"][5:]
    # Elements of one row differ by a few pixels; what may not happen is a jump back up.
    assert all(later > earlier - 80 for earlier, later in itertools.pairwise(tops))
    assert len(set(tops)) > 8


def test_browser_thousands_are_paged(opened):
    tab = opened(big())
    assert count(tab, "#list .finding") == 200
    assert tab.evaluate("document.getElementById('shown').textContent") == "5,000 of 5,000 findings, the first 200 shown"
    tab.evaluate("document.getElementById('more').click()")
    assert count(tab, "#list .finding") == 400
    assert tab.evaluate("document.activeElement.closest('.finding') === document.querySelectorAll('#list .finding')[200]")
    drawn = tab.evaluate("[...document.querySelectorAll('#list .finding')].map((one) => one.textContent)")
    assert len(set(drawn)) == 400
    # A group that is cut by a page goes on in the same section, and none is left out.
    sizes = tab.evaluate("[...document.querySelectorAll('#list .group')].map((one) => one.querySelectorAll('.finding').length)")
    assert sizes == [117, 117, 117, 49]
    heads = tab.evaluate("[...document.querySelectorAll('#list h3 bdi')].map((one) => one.textContent)")
    assert len(heads) == len(set(heads))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_browser_text_has_contrast(opened, scheme):
    tab = opened(results.shop(), "finding=" + results.shop().findings[2].fingerprint)
    tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    weak = tab.evaluate("""
      (() => {
        const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
        const light = (c) => c.slice(0, 3).map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
          .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
        const paper = (node) => { for (; node; node = node.parentElement) { const c = rgb(getComputedStyle(node).backgroundColor); if (c.length < 4 || c[3]) return c; }
          return [255, 255, 255]; };
        const weak = [];
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) {
          const node = walk.currentNode.parentElement;
          if (!walk.currentNode.data.trim() || ["SCRIPT", "STYLE", "NOSCRIPT"].includes(node.tagName) || !node.getClientRects().length) continue;
          const [a, b] = [light(rgb(getComputedStyle(node).color)), light(paper(node))].sort((x, y) => y - x);
          if ((a + .05) / (b + .05) < 4.5) weak.push(node.className + ": " + walk.currentNode.data.trim().slice(0, 40));
        }
        return weak;
      })()""")
    tab.call("Emulation.setEmulatedMedia", features=[])
    assert weak == []  # WCAG 2.2, 1.4.3: 4.5 to 1


@pytest.mark.parametrize("width", [320, 480, 1280])
@pytest.mark.parametrize("scan", [results.shop(), results.hostile()], ids=["shop", "hostile"])
def test_browser_nothing_scrolls_sideways(opened, scan, width):
    tab = opened(scan)
    tab.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    over = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
    tab.call("Emulation.clearDeviceMetricsOverride")
    assert over <= 0


def test_every_finding_of_a_packed_report_is_whole():
    scan = msgspec.structs.replace(results.shop())
    packed = json.loads(Reader(page(scan)).bodies["script"][0])
    strings = packed["strings"]
    assert [strings[row[2]] for row in packed["findings"]] == [one.check for one in scan.findings]
    assert [strings[row[9]] for row in packed["findings"]] == [one.message for one in scan.findings]

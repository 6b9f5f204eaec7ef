import html
import re

import msgspec
import pytest
from inline_snapshot import snapshot
from tests.report import results

from buckler.model.result import Ignored, TargetError
from buckler.report import Context, render
from buckler.report.as_markdown import code, prose


def markdown(scan):
    return render("markdown", scan, Context(excerpt=results.excerpt))


def test_the_comment():
    scan = results.shop()
    assert markdown(msgspec.structs.replace(scan, findings=scan.findings[1:4])) == snapshot("""\
## buckler

**3 findings**: 🔴 3 high (1 ignored, 5 unanswered) in 41 functions of 1 region and 1 template, 0.4 s.

| severity | check | where | what |
|---|---|---|---|
| 🔴 high | <code>function-url-public</code> | <code>checkout</code> | the URL of <code>&#36;LATEST</code> answers anyone on the internet |
| 🔴 high | <code>function-url-public</code> | <code>Checkout</code> <code>template.yaml:12</code> | the URL of <code>&#36;LATEST</code> answers anyone on the internet |
| 🔴 high | <code>secret-in-environment</code> | <code>Checkout</code> <code>template.yaml:10</code> | <code>DB&#95;URL</code> holds a password in clear, which anyone with lambda:GetFunction can read |

<details><summary>🔴 <code>function-url-public</code> the URL of <code>&#36;LATEST</code> answers anyone on the internet</summary>

- <code>lambda:ListFunctionUrlConfigs arn:aws:lambda:eu-west-1:123456789012:function:checkout</code>: AuthType is NONE
- <code>lambda:GetPolicy arn:aws:lambda:eu-west-1:123456789012:function:checkout</code>: and the policy lets anyone in
- witness: <code>InvokeFunctionUrl + InvokeFunction as nobody -&gt; allow</code>
- fix (review): set AuthType to AWS&#95;IAM, or put the URL behind CloudFront with origin access control
- confidence high; <code>fsbp:Lambda.1</code>, <code>mitre:T1190</code>, <code>owasp-serverless:SAS-2</code>
- more: <code>buckler explain function-url-public</code>

</details>

<details><summary>🔴 <code>function-url-public</code> the URL of <code>&#36;LATEST</code> answers anyone on the internet</summary>

- <code>template.yaml:12</code>: AuthType is NONE<br><code>AuthType: NONE  &#35; for the load test</code>
- <code>template.yaml:19</code>: and the policy lets anyone in<br><code>Principal: &quot;&#42;&quot;</code>
- witness: <code>InvokeFunctionUrl + InvokeFunction as nobody -&gt; allow</code>
- fix (review): set AuthType to AWS&#95;IAM, or put the URL behind CloudFront with origin access control
- confidence high; <code>fsbp:Lambda.1</code>, <code>mitre:T1190</code>, <code>owasp-serverless:SAS-2</code>
- more: <code>buckler explain function-url-public</code>

</details>

<details><summary>🔴 <code>secret-in-environment</code> <code>DB&#95;URL</code> holds a password in clear, which anyone with lambda:GetFunction can read</summary>

- <code>template.yaml:10</code>: a password inside a URL<br><code>DB&#95;URL: postgres&#58;//shop:&#91;redacted&#93;&#64;db.internal/shop</code>
- fix (review): store it in Secrets Manager and give the function its ARN
- confidence high; <code>cwe:CWE-798</code>, <code>pci-dss:8.6.2</code>
- more: <code>buckler explain secret-in-environment</code>

</details>

**Not read:** <code>broken.yaml</code>: cannot read <code>broken.yaml</code>: line 3, column 1: a tab cannot indent

<details><summary>❔ 5 questions unanswered, none of them a pass</summary>

- <code>grant lambda:GetPolicy</code> answers 3: <code>invoice</code>, <code>mailer</code>, <code>pay</code>
- <code>pass --parameter RoleArn=...</code> answers 1: <code>Checkout</code>
- <code>grant kms:GetKeyPolicy</code> answers 1: <code>pay</code>

</details>

<details><summary>🔕 1 finding ignored</summary>

- <code>cors-any-origin</code> <code>Checkout</code>: public API by design (<code>buckler.toml:12</code>, until 2027-01-31)

</details>

An ignore no longer counts or matches nothing: <code>buckler.toml:7 (function-url-public, until 2026-01-31)</code>

41 questions not asked at this depth or of this kind of source; 9 findings of good practice hidden (`--persona auditor`); 2 known findings left out by the baseline.
""")


def test_nothing_found():
    assert markdown(results.result()) == snapshot("""\
## buckler

**No findings** in 0 functions, 0.4 s.
""")


def test_only_our_own_tags_reach_the_page():
    tags = set(re.findall(r"<[^<>]*>", markdown(results.hostile())))
    assert tags <= {"<code>", "</code>", "<details>", "</details>", "<summary>", "</summary>", "<br>", "<!-- -->"}


@pytest.mark.parametrize(
    "name",
    [
        "@everyone",
        "#1",
        "[x](javascript:alert(1))",
        "![](https://evil.invalid/pixel)",
        "a|b",
        "**b**",
        "https://evil.invalid",
        "www.evil.invalid",
        "`",
        "a`b`c`",
        "<b>",
    ],
)
def test_a_name_is_inert(name):
    for written in (prose(f"the {name} of `{name}`"), code(name)):
        bare = re.sub(r"</?code>|<!-- -->|&[a-z#0-9]+;", "", written)
        assert re.fullmatch(r"[A-Za-z0-9 .,;:()/'\"?=-]*", bare)
        assert "://" not in bare
        assert "www." not in bare


def test_a_name_reads_as_it_is():
    assert html.unescape(re.sub(r"<.*?>", "", code("my_function-1"))) == "my_function-1"


@pytest.mark.parametrize("name", ["function", "f" * 900, "`" * 300, "@" * 900])
def test_ten_thousand_of_everything_fit_a_comment(name):
    subjects = [results.live(f"{name}-{index}") for index in range(10_000)]
    found = [results.finding("x", subject, f"a message of `{subject.name}`") for subject in subjects]
    scan = results.result(
        found,
        gaps=tuple(results.gap("y", subject, f"--parameter {subject.name}") for subject in subjects),
        ignored=tuple(Ignored(finding=one, reason=name, where="buckler.toml:1") for one in found),
        errors=tuple(TargetError(target=one.name, error="e", cause="", hint="") for one in subjects[:50]),
    )
    text = markdown(scan)
    assert len(text) < 65_536
    assert re.search(r"and [\d,]+ more \|", text)
    assert re.search(r"Details of [\d,]+ more findings are left out", text)
    assert text.count("<details>") == text.count("</details>")
    assert "There is more" in text

import re

import pytest
from inline_snapshot import snapshot
from tests.report import results

from buckler.model.severity import Severity
from buckler.report import Context, render
from buckler.report.clean import columns


def console(scan, **context):
    return render("console", scan, Context(**{"width": 80, "excerpt": results.excerpt, **context}))


def test_80_columns():
    assert console(results.shop()) == snapshot("""\
error[role-administrator]: role `shop-shared`, which 7 functions share, can do
    anything in the account
  --> arn:aws:iam::123456789012:role/shop-shared
   |
   | iam:GetAccountAuthorizationDetails
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ AdministratorAccess is attached
  ::: arn:aws:iam::aws:policy/AdministratorAccess
   |
   | iam:GetAccountAuthorizationDetails
   | ---------------------------------- which allows `*` on `*`
   |
   = severity: critical, confidence high
   = fix: give each function a role with the actions it uses (review)
   = help: buckler explain role-administrator

error[function-url-public]: the URL of `$LATEST` answers anyone on the internet
  --> arn:aws:lambda:eu-west-1:123456789012:function:checkout
   |
   | lambda:ListFunctionUrlConfigs
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ AuthType is NONE
   | lambda:GetPolicy
   | ---------------- and the policy lets anyone in
   |
   = severity: high, confidence high
   = witness: InvokeFunctionUrl + InvokeFunction as nobody -> allow
   = fix: set AuthType to AWS_IAM, or put the URL behind CloudFront with origin
          access control (review)
   = help: buckler explain function-url-public

error[function-url-public]: the URL of `$LATEST` answers anyone on the internet
  --> template.yaml:12:9 (function Checkout)
   |
12 |         AuthType: NONE  # for the load test
   |         ^^^^^^^^^^^^^^ AuthType is NONE
19 |       Principal: "*"
   |       -------------- and the policy lets anyone in
   |
   = severity: high, confidence high
   = witness: InvokeFunctionUrl + InvokeFunction as nobody -> allow
   = fix: set AuthType to AWS_IAM, or put the URL behind CloudFront with origin
          access control (review)
   = help: buckler explain function-url-public

error[secret-in-environment]: `DB_URL` holds a password in clear, which anyone
    with lambda:GetFunction can read
  --> template.yaml:10:11 (function Checkout)
   |
10 |           DB_URL: postgres://shop:[redacted]@db.internal/shop
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |           a password inside a URL
   |
   = severity: high, confidence high
   = fix: store it in Secrets Manager and give the function its ARN (review)
   = help: buckler explain secret-in-environment

warning[runtime-deprecated]: python3.7 gets no security patches since 2023-12-04
  --> template.yaml:7:7 (function Checkout)
   |
 7 |       Runtime: python3.7
   |       ^^^^^^^^^^^^^^^^^^ deprecated 2023-12-04, updates blocked 2027-03-03
   |
   = severity: medium, confidence high
   = fix: move to python3.13 (review)
   = help: buckler explain runtime-deprecated

note[no-data-events]: no trail records invocations of `checkout`
  --> arn:aws:cloudtrail:eu-west-1:123456789012:trail/main (function checkout)
   |
   | cloudtrail:GetEventSelectors
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the selector names other functions
   |
   = severity: low, confidence medium
   = fix: add an AWS::Lambda::Function data selector (safe)
   = help: buckler explain no-data-events

note[no-data-events]: no trail records invocations of `invoice`
  --> arn:aws:cloudtrail:eu-west-1:123456789012:trail/main (function invoice)
   |
   | cloudtrail:GetEventSelectors
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the selector names other functions
   |
   = severity: low, confidence medium
   = fix: add an AWS::Lambda::Function data selector (safe)
   = help: buckler explain no-data-events

note[no-data-events]: no trail records invocations of `mailer`
  --> arn:aws:cloudtrail:eu-west-1:123456789012:trail/main (function mailer)
   |
   | cloudtrail:GetEventSelectors
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the selector names other functions
   |
   = severity: low, confidence medium
   = fix: add an AWS::Lambda::Function data selector (safe)
   = help: buckler explain no-data-events

note[no-data-events]: 4 more, shown whole by `-v`
  --> nightly-report (123456789012/eu-west-1): no trail records invocations of…
  --> pay (123456789012/eu-west-1): no trail records invocations of `pay`
  --> resize-image (123456789012/eu-west-1): no trail records invocations of `r…
  --> thumbnails (123456789012/eu-west-1): no trail records invocations of `thu…

error: cannot read `broken.yaml`
  cause: line 3, column 1: a tab cannot indent
  hint: buckler scan --help

warning: this ignore no longer counts or matches nothing: buckler.toml:7
  (function-url-public, until 2026-01-31)

12 findings: 1 critical, 3 high, 1 medium, 7 low (7 fixable, 1 ignored) in 41
  functions of 1 region and 1 template, 0.4 s
9 findings of good practice hidden: show with `--persona auditor`
2 known findings left out by the baseline: show without `--baseline`
5 questions unanswered, none of them a pass; `buckler permissions` prints what
  to grant:
  3  grant lambda:GetPolicy
  1  pass --parameter RoleArn=...
  1  grant kms:GetKeyPolicy
41 questions not asked: 40 need `--deep`, 1 (a template knows no trails)
""")


def test_120_columns():
    assert console(results.shop(), width=120) == snapshot("""\
error[role-administrator]: role `shop-shared`, which 7 functions share, can do anything in the account
  --> arn:aws:iam::123456789012:role/shop-shared
   |
   | iam:GetAccountAuthorizationDetails
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ AdministratorAccess is attached
  ::: arn:aws:iam::aws:policy/AdministratorAccess
   |
   | iam:GetAccountAuthorizationDetails
   | ---------------------------------- which allows `*` on `*`
   |
   = severity: critical, confidence high
   = fix: give each function a role with the actions it uses (review)
   = help: buckler explain role-administrator

error[function-url-public]: the URL of `$LATEST` answers anyone on the internet
  --> arn:aws:lambda:eu-west-1:123456789012:function:checkout
   |
   | lambda:ListFunctionUrlConfigs
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ AuthType is NONE
   | lambda:GetPolicy
   | ---------------- and the policy lets anyone in
   |
   = severity: high, confidence high
   = witness: InvokeFunctionUrl + InvokeFunction as nobody -> allow
   = fix: set AuthType to AWS_IAM, or put the URL behind CloudFront with origin access control (review)
   = help: buckler explain function-url-public

error[function-url-public]: the URL of `$LATEST` answers anyone on the internet
  --> template.yaml:12:9 (function Checkout)
   |
12 |         AuthType: NONE  # for the load test
   |         ^^^^^^^^^^^^^^ AuthType is NONE
19 |       Principal: "*"
   |       -------------- and the policy lets anyone in
   |
   = severity: high, confidence high
   = witness: InvokeFunctionUrl + InvokeFunction as nobody -> allow
   = fix: set AuthType to AWS_IAM, or put the URL behind CloudFront with origin access control (review)
   = help: buckler explain function-url-public

error[secret-in-environment]: `DB_URL` holds a password in clear, which anyone with lambda:GetFunction can read
  --> template.yaml:10:11 (function Checkout)
   |
10 |           DB_URL: postgres://shop:[redacted]@db.internal/shop
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a password inside a URL
   |
   = severity: high, confidence high
   = fix: store it in Secrets Manager and give the function its ARN (review)
   = help: buckler explain secret-in-environment

warning[runtime-deprecated]: python3.7 gets no security patches since 2023-12-04
  --> template.yaml:7:7 (function Checkout)
   |
 7 |       Runtime: python3.7
   |       ^^^^^^^^^^^^^^^^^^ deprecated 2023-12-04, updates blocked 2027-03-03
   |
   = severity: medium, confidence high
   = fix: move to python3.13 (review)
   = help: buckler explain runtime-deprecated

note[no-data-events]: no trail records invocations of `checkout`
  --> arn:aws:cloudtrail:eu-west-1:123456789012:trail/main (function checkout)
   |
   | cloudtrail:GetEventSelectors
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the selector names other functions
   |
   = severity: low, confidence medium
   = fix: add an AWS::Lambda::Function data selector (safe)
   = help: buckler explain no-data-events

note[no-data-events]: no trail records invocations of `invoice`
  --> arn:aws:cloudtrail:eu-west-1:123456789012:trail/main (function invoice)
   |
   | cloudtrail:GetEventSelectors
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the selector names other functions
   |
   = severity: low, confidence medium
   = fix: add an AWS::Lambda::Function data selector (safe)
   = help: buckler explain no-data-events

note[no-data-events]: no trail records invocations of `mailer`
  --> arn:aws:cloudtrail:eu-west-1:123456789012:trail/main (function mailer)
   |
   | cloudtrail:GetEventSelectors
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the selector names other functions
   |
   = severity: low, confidence medium
   = fix: add an AWS::Lambda::Function data selector (safe)
   = help: buckler explain no-data-events

note[no-data-events]: 4 more, shown whole by `-v`
  --> nightly-report (123456789012/eu-west-1): no trail records invocations of `nightly-report`
  --> pay (123456789012/eu-west-1): no trail records invocations of `pay`
  --> resize-image (123456789012/eu-west-1): no trail records invocations of `resize-image`
  --> thumbnails (123456789012/eu-west-1): no trail records invocations of `thumbnails`

error: cannot read `broken.yaml`
  cause: line 3, column 1: a tab cannot indent
  hint: buckler scan --help

warning: this ignore no longer counts or matches nothing: buckler.toml:7 (function-url-public, until 2026-01-31)

12 findings: 1 critical, 3 high, 1 medium, 7 low (7 fixable, 1 ignored) in 41 functions of 1 region and 1 template, 0.4
  s
9 findings of good practice hidden: show with `--persona auditor`
2 known findings left out by the baseline: show without `--baseline`
5 questions unanswered, none of them a pass; `buckler permissions` prints what to grant:
  3  grant lambda:GetPolicy
  1  pass --parameter RoleArn=...
  1  grant kms:GetKeyPolicy
41 questions not asked: 40 need `--deep`, 1 (a template knows no trails)
""")


def test_verbose_adds_the_ignored_the_gaps_the_scopes_and_the_calls():
    text = console(results.shop(), verbose=True)
    assert text[text.index("error: cannot read") :] == snapshot("""\
error: cannot read `broken.yaml`
  cause: line 3, column 1: a tab cannot indent
  hint: buckler scan --help

warning: this ignore no longer counts or matches nothing: buckler.toml:7
  (function-url-public, until 2026-01-31)

ignored[cors-any-origin]: Checkout: any web page can call the URL of `$LATEST`
  (buckler.toml:12 until 2027-01-31: public API by design)

gap[alias-exposed]: function invoice: AccessDenied on lambda:GetPolicy (grant
  lambda:GetPolicy)
gap[alias-exposed]: function mailer: AccessDenied on lambda:GetPolicy (grant
  lambda:GetPolicy)
gap[alias-exposed]: function pay: AccessDenied on lambda:GetPolicy (grant
  lambda:GetPolicy)
gap[key-policy-open]: function pay: AccessDenied on kms:GetKeyPolicy (grant
  kms:GetKeyPolicy)
gap[role-administrator]: function Checkout: `RoleArn` is not resolved (pass
  --parameter RoleArn=...)

123456789012/eu-west-1: 40 functions, 12 roles, 1 trail
  detectors not read: AccessDenied on guardduty:ListDetectors
template.yaml: 1 function, 1 trigger
API calls: iam:GetAccountAuthorizationDetails 1, lambda:GetPolicy 41,
  lambda:ListFunctions 1

12 findings: 1 critical, 3 high, 1 medium, 7 low (7 fixable, 1 ignored) in 41
  functions of 1 region and 1 template, 0.4 s
9 findings of good practice hidden: show with `--persona auditor`
2 known findings left out by the baseline: show without `--baseline`
5 questions unanswered, none of them a pass; `buckler permissions` prints what
  to grant:
  3  grant lambda:GetPolicy
  1  pass --parameter RoleArn=...
  1  grant kms:GetKeyPolicy
41 questions not asked: 40 need `--deep`, 1 (a template knows no trails)
""")


def test_nothing_found_and_nothing_unanswered():
    assert console(results.result()) == snapshot("no findings in 0 functions, 0.4 s\n")


def test_no_finding_but_a_gap_is_not_clean():
    scan = results.result(gaps=(results.gap("alias-exposed", results.live("pay"), "lambda:GetPolicy"),))
    assert console(scan) == snapshot("""\
no findings in 0 functions, 0.4 s
1 question unanswered: grant lambda:GetPolicy, or run `buckler permissions`
""")


@pytest.mark.parametrize("width", [40, 80, 100, 120])
@pytest.mark.parametrize("scan", [results.shop(), results.hostile()], ids=["shop", "hostile"])
@pytest.mark.parametrize("verbose", [False, True])
def test_no_line_is_wider_than_the_terminal_but_for_arns(scan, width, verbose):
    text = console(scan, width=width, verbose=verbose, excerpt=lambda origin: results.excerpt(origin) or results.HOSTILE)
    wide = [line for line in text.splitlines() if columns(line) > width]
    assert [line for line in wide if not re.search(r"(--> |::: |^ *)arn:\S+( \(.*\))?$", line)] == []


@pytest.mark.parametrize("verbose", [False, True])
def test_hostile_names_are_only_ever_printable_characters(verbose):
    text = console(results.hostile(), verbose=verbose, excerpt=lambda _origin: results.HOSTILE)
    assert all(line.isprintable() for line in text.split("\n"))
    assert not any(line.startswith("error: fake") for line in text.splitlines())


def test_colour_changes_no_character_of_the_text():
    plain, coloured = console(results.shop()), console(results.shop(), color=True)
    assert "\x1b[" not in plain
    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_links_lead_to_files_and_to_the_console():
    linked = console(results.shop(), links=True)
    assert "\x1b]8;;https://console.aws.amazon.com/go/view?arn=arn:aws:iam::123456789012:role/shop-shared\x1b\\" in linked
    assert re.search(r"\x1b\]8;;file:///\S+/template\.yaml\x1b\\template\.yaml:12:9\x1b\]8;;\x1b\\", linked)
    assert re.sub(r"\x1b\]8;;.*?\x1b\\", "", linked) == console(results.shop())


def test_a_hostile_arn_cannot_leave_its_link():
    linked = console(results.hostile(), links=True, excerpt=lambda _origin: None)
    urls = re.findall(r"\x1b\]8;;(.*?)\x1b\\", linked)
    assert urls
    assert all(url.isascii() and url.isprintable() and " " not in url for url in urls)


def many(number, **changes):
    return results.result(
        results.finding("no-data-events", results.live(f"f{index}"), f"no trail records `f{index}`", **changes) for index in range(number)
    )


@pytest.mark.parametrize(
    ("number", "verbose", "whole", "short"), [(5, False, 5, 0), (6, False, 3, 3), (6, True, 6, 0), (200, False, 3, 197)]
)
def test_more_than_five_of_one_check_are_shortened(number, verbose, whole, short):
    text = console(many(number), verbose=verbose)
    assert text.count("= help: buckler explain no-data-events") == whole
    assert sum(bool(re.match(r"  --> f\d+ ", line)) for line in text.splitlines()) == short
    assert (f"{short} more, shown whole by `-v`" in text) == bool(short)


@pytest.mark.parametrize(
    ("severity", "word"), [(Severity.CRITICAL, "error"), (Severity.HIGH, "error"), (Severity.MEDIUM, "warning"), (Severity.LOW, "note")]
)
def test_the_word_is_by_severity(severity, word):
    text = console(many(1, severity=severity))
    assert text.startswith(f"{word}[no-data-events]: ")
    assert f"= severity: {severity.value}, confidence high" in text


def test_evidence_of_one_file_is_in_line_order_and_the_primary_has_the_carets():
    scan = results.result(
        [
            results.finding(
                "x", results.template("Checkout"), "m", results.line(19, 7, "second in the file"), results.line(12, 9, "first in the file")
            )
        ]
    )
    drawn = console(scan).split("\n\n")[0]
    assert drawn == snapshot("""\
warning[x]: m
  --> template.yaml:19:7 (function Checkout)
   |
12 |         AuthType: NONE  # for the load test
   |         -------------- first in the file
19 |       Principal: "*"
   |       ^^^^^^^^^^^^^^ second in the file
   |
   = severity: medium, confidence high
   = help: buckler explain x\
""")


def test_the_same_said_twice_of_one_place_is_shown_once_and_the_primary_stays_first():
    twice = (results.line(13, 9, "a"), results.line(12, 9, "b"), results.line(13, 9, "a"))
    scan = results.result([results.finding("x", results.template("Checkout"), "m", *twice)])
    drawn = console(scan).split("\n\n")[0]
    assert drawn.count(" a\n") == 1
    assert "--> template.yaml:13:9" in drawn
    assert "^ a" in drawn


def test_shortened_findings_name_their_place_whole():
    path = "a/very/long/path/that/leaves/little/room/for/anything/else/in/the/line.yaml"
    scan = results.result(
        results.finding("x", results.template(f"F{number}", path), "the message", results.line(number, 3, "n", file=path))
        for number in range(1, 9)
    )
    lines = [line for line in console(scan, width=100).splitlines() if line.startswith("  --> ") and "function" not in line]
    assert lines == [f"  --> {path}:{number}:3 (F{number})" for number in range(4, 9)]


def test_two_notes_on_one_line_show_the_line_once():
    scan = results.result([results.finding("x", results.template("Checkout"), "m", results.line(13, 9, "a"), results.line(13, 15, "b"))])
    drawn = console(scan).split("\n\n")[0]
    assert drawn == snapshot("""\
warning[x]: m
  --> template.yaml:13:9 (function Checkout)
   |
13 |         Cors: {AllowOrigins: ["*"]}
   |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^ a
   |               --------------------- b
   |
   = severity: medium, confidence high
   = help: buckler explain x\
""")


def test_a_long_line_is_shown_around_its_column():
    long = "key: " + "x" * 200 + " needle: 1 " + "y" * 200
    scan = results.result([results.finding("x", results.template("F"), "m", results.line(1, long.index("needle") + 1, "here"))])
    drawn = console(scan, excerpt=lambda _origin: long).split("\n\n")[0]
    assert drawn == snapshot("""\
warning[x]: m
  --> template.yaml:1:207 (function F)
   |
 1 | …xxxxxxxx needle: 1 yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |           here
   |
   = severity: medium, confidence high
   = help: buckler explain x\
""")


def test_without_source_the_path_stands_in_for_it():
    evidence = results.line(0, 0, "role is `*`", file="plan.json", path="aws_lambda_function.checkout.role")
    scan = results.result([results.finding("x", results.template("F", "plan.json"), "m", evidence)])
    assert console(scan).split("\n\n")[0] == snapshot("""\
warning[x]: m
  --> plan.json (function F)
   |
   | aws_lambda_function.checkout.role
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ role is `*`
   |
   = severity: medium, confidence high
   = help: buckler explain x\
""")


def test_wide_characters_and_tabs_keep_the_carets_under_their_text():
    scan = results.result([results.finding("x", results.template("F"), "m", results.line(1, 5, "here"))])
    drawn = console(scan, excerpt=lambda _origin: "\t日本 AuthType: NONE").split("\n\n")[0].splitlines()
    assert drawn[3].index("AuthType") == 4 + 1 + 4 + 2 + 1 - 0
    assert drawn[4].index("^") == columns(drawn[3][: drawn[3].index("AuthType")])

"""Scan results made by hand: a live account and two templates, with findings, gaps, ignores and questions not asked."""

import hashlib
from collections.abc import Iterable

from buckler.model.finding import ContextEntry, Evidence, Finding, Gap, Remedy, Request, Subject, Witness
from buckler.model.origin import ApiOrigin, FileOrigin
from buckler.model.page import CheckPage
from buckler.model.policy import Policy, parse_policy
from buckler.model.result import Coverage, Ignored, NotAsked, ScanResult, ScopeCount, TargetError
from buckler.model.severity import Confidence, Persona, Severity
from buckler.model.unknown import UnknownKind

ACCOUNT = "123456789012"
REGION = "eu-west-1"

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Checkout:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.7
      Environment:
        Variables:
          DB_URL: postgres://shop:[redacted]@db.internal/shop
      FunctionUrlConfig:
        AuthType: NONE  # for the load test
        Cors: {AllowOrigins: ["*"]}
  Anyone:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref Checkout
      Action: lambda:InvokeFunctionUrl
      Principal: "*"
""".splitlines()


def excerpt(origin: FileOrigin) -> str | None:
    """The line of the template that the results are about."""
    return TEMPLATE[origin.line - 1] if origin.file == "template.yaml" and 0 < origin.line <= len(TEMPLATE) else None


def arn(name: str, region: str = REGION) -> str:
    return f"arn:aws:lambda:{region}:{ACCOUNT}:function:{name}"


def live(name: str, *, region: str = REGION) -> Subject:
    return Subject(kind="function", id=arn(name, region), name=name, arn=arn(name, region), account=ACCOUNT, region=region)


def role(name: str) -> Subject:
    text = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return Subject(kind="role", id=text, name=name, arn=text, account=ACCOUNT, region="")


def template(name: str, place: str = "template.yaml", account: str = "${AWS::AccountId}") -> Subject:
    text = f"arn:aws:lambda:${{AWS::Region}}:{account}:function:{name}"
    return Subject(kind="function", id=name, name=name, arn=text, account=account, region="${AWS::Region}", place=place)


def api(call: str, text: str, note: str) -> Evidence:
    return Evidence(origin=ApiOrigin(call=call, arn=text, account=ACCOUNT, region=REGION), note=note)


def line(number: int, column: int, note: str, *, file: str = "template.yaml", path: str = "", is_sensitive: bool = False) -> Evidence:
    return Evidence(origin=FileOrigin(file=file, line=number, column=column, path=path), note=note, is_sensitive=is_sensitive)


def finding(
    check: str,
    subject: Subject,
    message: str,
    *evidence: Evidence,
    severity: Severity = Severity.MEDIUM,
    confidence: Confidence = Confidence.HIGH,
    key: str = "",
    witness: Witness | None = None,
    remedy: Remedy | None = None,
    frameworks: tuple[str, ...] = (),
) -> Finding:
    return Finding(
        check=check,
        subject=subject,
        severity=severity,
        confidence=confidence,
        persona=Persona.REGULAR,
        message=message,
        evidence=evidence or (api("lambda:GetFunction", subject.arn, "as read"),),
        witness=witness,
        remedy=remedy,
        key=key,
        fingerprint=hashlib.sha256(f"{check}|{subject.id}|{subject.place}|{key}".encode("utf-8", "replace")).hexdigest(),
        frameworks=frameworks,
    )


def gap(check: str, subject: Subject, need: str, *, why: str = "", kind: UnknownKind = UnknownKind.DENIED) -> Gap:
    return Gap(check=check, subject=subject, why=why or f"AccessDenied on {need}", need=need, kind=kind)


def public_policy(resource: str) -> Policy:
    statements = [
        {"Sid": "Url", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl", "Resource": resource,
         "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}},
        {"Sid": "Invoke", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "lambda:InvokeFunction", "Resource": resource},
    ]  # fmt: skip
    return parse_policy({"Version": "2012-10-17", "Statement": statements}, ApiOrigin(call="lambda:GetPolicy", arn=resource))


def nobody(resource: str) -> Witness:
    context = (ContextEntry(key="lambda:FunctionUrlAuthType", values=("NONE",)),)
    actions = ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")
    return Witness(
        requests=tuple(Request(principal="*", action=action, resource=resource, context=context) for action in actions),
        policies=(public_policy(resource),),
    )


def result(findings: Iterable[Finding] = (), **changes: object) -> ScanResult:
    """A quiet result: state only what matters."""
    quiet = {
        "gaps": (),
        "coverage": Coverage(scopes=(), checks=(), questions=0, answered=0),
        "seconds": 0.41,
        "taken_at": "2026-11-25T10:00:00Z",
        "version": "0.1.0",
    }
    return ScanResult(**{"findings": tuple(findings), **quiet, **changes})  # type: ignore[arg-type]


def shop() -> ScanResult:
    """Twelve findings, live and in a template, and everything else a report can show."""
    url_fix = Remedy(text="set AuthType to AWS_IAM, or put the URL behind CloudFront with origin access control")
    public = [
        finding(
            "function-url-public", live("checkout"), "the URL of `$LATEST` answers anyone on the internet",
            api("lambda:ListFunctionUrlConfigs", arn("checkout"), "AuthType is NONE"),
            api("lambda:GetPolicy", arn("checkout"), "and the policy lets anyone in"),
            severity=Severity.HIGH, witness=nobody(arn("checkout")), remedy=url_fix, key="$LATEST",
            frameworks=("fsbp:Lambda.1", "mitre:T1190", "owasp-serverless:SAS-2"),
        ),
        finding(
            "function-url-public", template("Checkout"), "the URL of `$LATEST` answers anyone on the internet",
            line(12, 9, "AuthType is NONE"), line(19, 7, "and the policy lets anyone in"),
            severity=Severity.HIGH, witness=nobody("${Checkout.Arn}"), remedy=url_fix, key="$LATEST",
            frameworks=("fsbp:Lambda.1", "mitre:T1190", "owasp-serverless:SAS-2"),
        ),
    ]  # fmt: skip
    admin = finding(
        "role-administrator", role("shop-shared"), "role `shop-shared`, which 7 functions share, can do anything in the account",
        api("iam:GetAccountAuthorizationDetails", f"arn:aws:iam::{ACCOUNT}:role/shop-shared", "AdministratorAccess is attached"),
        api("iam:GetAccountAuthorizationDetails", "arn:aws:iam::aws:policy/AdministratorAccess", "which allows `*` on `*`"),
        severity=Severity.CRITICAL, remedy=Remedy(text="give each function a role with the actions it uses"),
        frameworks=("nist-800-53:AC-6", "cis-aws:1.16"),
    )  # fmt: skip
    secret = finding(
        "secret-in-environment", template("Checkout"), "`DB_URL` holds a password in clear, which anyone with lambda:GetFunction can read",
        line(10, 11, "a password inside a URL", is_sensitive=True),
        severity=Severity.HIGH, remedy=Remedy(text="store it in Secrets Manager and give the function its ARN"), key="DB_URL",
        frameworks=("cwe:CWE-798", "pci-dss:8.6.2"),
    )  # fmt: skip
    old = finding(
        "runtime-deprecated", template("Checkout"), "python3.7 gets no security patches since 2023-12-04",
        line(7, 7, "deprecated 2023-12-04, updates blocked 2027-03-03"), remedy=Remedy(text="move to python3.13"), frameworks=("fsbp:Lambda.2",),
    )  # fmt: skip
    names = ("checkout", "invoice", "mailer", "nightly-report", "pay", "resize-image", "thumbnails")
    trails = [
        finding(
            "no-data-events", live(name), f"no trail records invocations of `{name}`",
            api("cloudtrail:GetEventSelectors", f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/main", "the selector names other functions"),
            severity=Severity.LOW, confidence=Confidence.MEDIUM, remedy=Remedy(text="add an AWS::Lambda::Function data selector", is_safe=True),
            frameworks=("mitre:T1562.008",),
        )
        for name in names
    ]  # fmt: skip
    ignored = Ignored(
        finding=finding(
            "cors-any-origin", template("Checkout"), "any web page can call the URL of `$LATEST`", line(13, 9, "AllowOrigins is *")
        ),
        reason="public API by design",
        where="buckler.toml:12",
        until="2027-01-31",
    )
    return result(
        [admin, *public, secret, old, *trails],
        gaps=(
            gap("alias-exposed", live("invoice"), "lambda:GetPolicy"),
            gap("alias-exposed", live("mailer"), "lambda:GetPolicy"),
            gap("alias-exposed", live("pay"), "lambda:GetPolicy"),
            gap("key-policy-open", live("pay"), "kms:GetKeyPolicy"),
            gap(
                "role-administrator",
                template("Checkout"),
                "--parameter RoleArn=...",
                why="`RoleArn` is not resolved",
                kind=UnknownKind.UNRESOLVED,
            ),
        ),
        ignored=(ignored,),
        known=2,
        hidden=9,
        coverage=Coverage(
            scopes=(
                ScopeCount(
                    name=f"{ACCOUNT}/{REGION}",
                    kind="live",
                    counts=(("functions", 40), ("roles", 12), ("trails", 1)),
                    unread=(("detectors", "AccessDenied on guardduty:ListDetectors"),),
                ),
                ScopeCount(name="template.yaml", kind="template", counts=(("functions", 1), ("triggers", 1))),
            ),
            checks=(
                "alias-exposed",
                "cors-any-origin",
                "function-url-public",
                "no-data-events",
                "role-administrator",
                "runtime-deprecated",
            ),
            questions=246,
            answered=200,
            not_asked=(
                NotAsked(check="recursion-not-stopped", count=40, why="the default depth does not ask", need="--deep"),
                NotAsked(check="no-data-events", count=1, why="a template knows no trails", need=""),
            ),
            calls=(("iam:GetAccountAuthorizationDetails", 1), ("lambda:GetPolicy", 41), ("lambda:ListFunctions", 1)),
        ),
        errors=(
            TargetError(
                target="broken.yaml",
                error="cannot read `broken.yaml`",
                cause="line 3, column 1: a tab cannot indent",
                hint="buckler scan --help",
            ),
        ),
        expired=("buckler.toml:7 (function-url-public, until 2026-01-31)",),
    )


def page(check: str, *, severity: Severity = Severity.MEDIUM, frameworks: tuple[str, ...] = ()) -> CheckPage:
    return CheckPage(
        id=check,
        title=f"what {check} says is wrong",
        summary=f"Flag what {check} is about.",
        why="an attacker gains something.",
        not_flagged="what looks like it and is not.",
        fix="do this instead.",
        source="AWS Lambda Developer Guide.",
        severity=severity,
        confidence=Confidence.HIGH,
        persona=Persona.REGULAR,
        subject="function",
        frameworks=frameworks,
        since="0.1.0",
        is_preview=False,
        area="exposure",
    )


def pages(scan: ScanResult) -> dict[str, CheckPage]:
    """A page for every check of a result."""
    severities = {one.check: one for one in scan.findings}
    checks = sorted({*severities, *(one.check for one in scan.gaps), *(one.finding.check for one in scan.ignored)})
    return {
        check: page(check, severity=severities[check].severity, frameworks=severities[check].frameworks)
        if check in severities
        else page(check)
        for check in checks
    }


HOSTILE = (
    "</script><img src=x onerror=\"document.title='owned'\"></script <!--<script "
    "\x1b]0;owned\x07\x1b[2J\r\nerror: fake\u202e\u2066gnp.\u200b\x9b31m\ud800=cmd|calc"
)
"""A name as an attacker with lambda:CreateFunction in a template or an account would like it."""


def hostile() -> ScanResult:
    """Every string that a stranger can choose is hostile."""
    subject = Subject(kind="function", id=HOSTILE, name=HOSTILE, arn=arn(HOSTILE), account=ACCOUNT, region=REGION, place=HOSTILE)
    evidence = (api("lambda:GetFunction", arn(HOSTILE), HOSTILE), line(3, 2, HOSTILE, file=HOSTILE, path=HOSTILE))
    bad = Finding(
        check="function-url-public", subject=subject, severity=Severity.HIGH, confidence=Confidence.LOW, persona=Persona.REGULAR,
        message=f"the URL of `{HOSTILE}` answers", evidence=evidence, remedy=Remedy(text=HOSTILE), key=HOSTILE, fingerprint="ab" * 32, frameworks=(HOSTILE,),
    )  # fmt: skip
    return result(
        [bad],
        gaps=(gap("alias-exposed", subject, HOSTILE, why=HOSTILE),),
        ignored=(Ignored(finding=bad, reason=HOSTILE, where=HOSTILE),),
        coverage=Coverage(
            scopes=(ScopeCount(name=HOSTILE, kind="template", counts=(("functions", 1),), unread=((HOSTILE, HOSTILE),)),),
            checks=("function-url-public",),
            questions=1,
            answered=1,
            not_asked=(NotAsked(check="x", count=1, why=HOSTILE, need=HOSTILE),),
        ),
        errors=(TargetError(target=HOSTILE, error=HOSTILE, cause=HOSTILE, hint=HOSTILE),),
        expired=(HOSTILE,),
    )

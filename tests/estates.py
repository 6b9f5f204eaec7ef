"""Builders with quiet defaults: a function in a good state, so that a test states only what matters.

function(urls=(url("NONE"),), policies=(on("$LATEST", PUBLIC_URL),))
"""

from datetime import date
from typing import Any

from buckler.model.artifact import Artifact, Inventory
from buckler.model.drift import Verified
from buckler.model.estate import Estate, Missing, Scope
from buckler.model.finding import Finding, Gap
from buckler.model.functions import (
    LATEST,
    Alias,
    CapacityProvider,
    CodeSigningConfig,
    EnvVar,
    EventInvokeConfig,
    EventSourceMapping,
    Function,
    FunctionUrl,
    LayerRef,
    LayerVersion,
    LoggingConfig,
    QualifiedPolicy,
    RuntimeManagement,
    SigningProfile,
    Trigger,
    Version,
    VpcConfig,
)
from buckler.model.iam import Attached, Role
from buckler.model.network import SecurityGroup, SecurityGroupRule, Subnet
from buckler.model.origin import ApiOrigin, FileOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.model.result import NotAsked
from buckler.model.text import Text
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.watch import Detector, InspectorStatus, LogGroup, Trail
from buckler.reach.analysis import Analysis

ACCOUNT = "123456789012"
OTHER = "210987654321"
REGION = "eu-west-1"
TODAY = date(2026, 11, 25)
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/checkout-role"

DENIED = Unknown(kind=UnknownKind.DENIED, why="AccessDenied on lambda:GetPolicy", need="lambda:GetPolicy")
NOT_ASKED = Unknown(kind=UnknownKind.NOT_ASKED, why="not asked at this depth", need="--deep")
OUTSIDE = Unknown(kind=UnknownKind.OUTSIDE, why="a template does not tell", need="a live scan")


def at(call: str, arn: str = FUNCTION_ARN) -> ApiOrigin:
    return ApiOrigin(call=call, arn=arn, account=ACCOUNT, region=REGION)


def policy(*statements: dict[str, Any], version: str = "2012-10-17", name: str = "") -> Policy:
    return parse_policy({"Version": version, "Statement": list(statements)}, at("lambda:GetPolicy"), name=name)


def allow(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    """An identity-policy statement; `Principal=...` makes it one of a resource policy."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


LAMBDA_TRUST = parse_policy(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    },
    at("iam:GetAccountAuthorizationDetails", ROLE_ARN),
)


def on(qualifier: str, document: Policy | Unknown | None) -> QualifiedPolicy:
    return QualifiedPolicy(qualifier=qualifier, policy=document)


def url(auth: Text | Unknown = "AWS_IAM", qualifier: str = LATEST, **more: Any) -> FunctionUrl:
    return FunctionUrl(**{"qualifier": qualifier, "auth_type": auth, "origin": at("lambda:ListFunctionUrlConfigs"), **more})


def env(name: str, value: Any) -> EnvVar:
    return EnvVar(name=name, value=value, origin=at("lambda:ListFunctions"))


def layer_ref(arn: Text) -> LayerRef:
    return LayerRef(arn=arn, origin=at("lambda:ListFunctions"))


def vpc_config(*subnets: str, groups: tuple[str, ...] = ("sg-1",)) -> VpcConfig:
    return VpcConfig(subnet_ids=subnets, security_group_ids=groups, vpc_id="vpc-1", origin=at("lambda:ListFunctions"))


def _entity(defaults: dict[str, Any], more: dict[str, Any], call: str) -> dict[str, Any]:
    base = {"account": ACCOUNT, "region": REGION, "origin": at(call, str(defaults.get("arn", "")))}
    return {**base, **defaults, **more}


def function(name: str = "checkout", **more: Any) -> Function:
    """A function with everything read and everything in order."""
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    defaults = {
        "arn": arn,
        "name": name,
        "runtime": "python3.13",
        "handler": "app.handler",
        "role": ROLE_ARN,
        "environment": (),
        "layers": (),
        "vpc": None,
        "file_systems": (),
        "tracing": "Active",
        "logging": LoggingConfig(),
        "code_signing_config": None,
        "reserved_concurrency": None,
        "urls": (),
        "policies": (on(LATEST, None),),
        "aliases": (),
        "event_invoke": (),
        "recursive_loop": "Terminate",
        "runtime_management": RuntimeManagement(update_on="Auto"),
    }
    return Function(**_entity(defaults, more, "lambda:ListFunctions"))


def alias(name: str, version: str = "1", **more: Any) -> Alias:
    return Alias(**{"name": name, "version": version, "origin": at("lambda:ListAliases"), **more})


def version(number: str, **more: Any) -> Version:
    return Version(**{"version": number, "origin": at("lambda:ListFunctions"), **more})


ORDERS = policy(allow("dynamodb:PutItem", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"), name="orders")


def role(name: str = "checkout-role", *, inline: tuple[Policy, ...] | Unknown = (), **more: Any) -> Role:
    """A role only Lambda may assume, with nothing granted."""
    defaults = {
        "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "name": name,
        "region": "",
        "trust": LAMBDA_TRUST,
        "inline": inline,
        "attached": (),
        "boundary": None,
    }
    return Role(**_entity(defaults, more, "iam:GetAccountAuthorizationDetails"))


def inventory(**more: Any) -> Inventory:
    """A zip with nothing in it that anybody would want to know."""
    defaults = {"digest": "0" * 64, "kind": "zip", "size_bytes": 1, "entries": 1, "tree_hash": "1" * 64}
    return Inventory(**{**defaults, **more})


def artifact(name: str = "layer.zip", **more: Any) -> Artifact:
    """A zip on disk: its inventory's fields may be given directly."""
    own = {key: more.pop(key) for key in ("inventory", "vulnerabilities", "use", "used_by") if key in more}
    defaults = {"use": "file", "inventory": inventory(**more), "vulnerabilities": ()}
    place = FileOrigin(file=name)
    return Artifact(arn="", name=name, account="", region="", origin=place, address=name, **{**defaults, **own})


def attached(arn: str, document: Policy | Unknown) -> Attached:
    return Attached(arn=arn, document=document)


def layer(arn: str, **more: Any) -> LayerVersion:
    pieces = arn.split(":")
    defaults = {"arn": arn, "name": pieces[6], "account": pieces[4], "version": int(pieces[7]), "policy": None, "exists": True}
    return LayerVersion(**_entity(defaults, more, "lambda:GetLayerVersionByArn"))


def event_source(**more: Any) -> EventSourceMapping:
    defaults = {
        "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:11111111-1111-1111-1111-111111111111",
        "name": "11111111-1111-1111-1111-111111111111",
        "function": FUNCTION_ARN,
        "source": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/orders",
        "source_kind": "kinesis",
    }
    return EventSourceMapping(**_entity(defaults, more, "lambda:ListEventSourceMappings"))


def trigger(**more: Any) -> Trigger:
    defaults = {
        "arn": f"arn:aws:apigateway:{REGION}::/apis/abc",
        "name": "GET /orders",
        "kind": "http",
        "function": FUNCTION_ARN,
        "route": "GET /orders",
        "authorizer": "JWT",
    }
    return Trigger(**_entity(defaults, more, "apigateway:GET"))


def code_signing_config(**more: Any) -> CodeSigningConfig:
    defaults = {
        "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:code-signing-config:csc-0123456789abcdef0",
        "name": "csc-0123456789abcdef0",
        "publishers": (f"arn:aws:signer:{REGION}:{ACCOUNT}:/signing-profiles/release/abcdef1234",),
        "untrusted_artifact_on_deployment": "Enforce",
    }
    return CodeSigningConfig(**_entity(defaults, more, "lambda:ListCodeSigningConfigs"))


def signing_profile(**more: Any) -> SigningProfile:
    arn = f"arn:aws:signer:{REGION}:{ACCOUNT}:/signing-profiles/release"
    defaults = {"arn": arn, "name": "release", "status": "Active", "version_arn": f"{arn}/abcdef1234"}
    return SigningProfile(**_entity(defaults, more, "signer:GetSigningProfile"))


def capacity_provider(name: str = "fleet", *subnets: str, groups: tuple[str, ...] = ("sg-1",), **more: Any) -> CapacityProvider:
    defaults = {
        "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:capacity-provider:{name}",
        "name": name,
        "state": "Active",
        "vpc": vpc_config(*subnets, groups=groups),
        "operator_role": f"arn:aws:iam::{ACCOUNT}:role/operator",
        "kms_key": None,
    }
    return CapacityProvider(**_entity(defaults, more, "lambda:ListCapacityProviders"))


def event_invoke(**more: Any) -> EventInvokeConfig:
    return EventInvokeConfig(**{"qualifier": LATEST, "origin": at("lambda:ListFunctionEventInvokeConfigs"), **more})


def trail(name: str = "audit", **more: Any) -> Trail:
    defaults = {
        "arn": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{name}",
        "name": name,
        "home_region": REGION,
        "is_multi_region": True,
        "is_organization": False,
        "is_logging": True,
        "selectors": (),
    }
    return Trail(**_entity(defaults, more, "cloudtrail:DescribeTrails"))


def log_group(name: str = "/aws/lambda/checkout", **more: Any) -> LogGroup:
    defaults = {"arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}", "name": name, "retention_days": 30, "kms_key": None}
    return LogGroup(**_entity(defaults, more, "logs:DescribeLogGroups"))


def detector(**more: Any) -> Detector:
    defaults = {"arn": f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/d1", "name": "d1", "is_enabled": True, "lambda_network_logs": True}
    return Detector(**_entity(defaults, more, "guardduty:GetDetector"))


def inspector(**more: Any) -> InspectorStatus:
    defaults = {"arn": f"arn:aws:inspector2:{REGION}:{ACCOUNT}:", "name": "inspector", "lambda_standard": True, "lambda_code": True}
    return InspectorStatus(**_entity(defaults, more, "inspector2:BatchGetAccountStatus"))


def subnet(name: str, zone: Text | Unknown = "eu-west-1a", **more: Any) -> Subnet:
    defaults = {
        "arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{name}",
        "name": name,
        "vpc_id": "vpc-1",
        "cidr": "10.0.0.0/24",
        "availability_zone": zone,
    }
    return Subnet(**_entity(defaults, more, "ec2:DescribeSubnets"))


def security_group(name: str = "sg-1", *rules: SecurityGroupRule, **more: Any) -> SecurityGroup:
    defaults = {
        "arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{name}",
        "name": name,
        "group_name": name,
        "vpc_id": "vpc-1",
        "rules": rules,
    }
    return SecurityGroup(**_entity(defaults, more, "ec2:DescribeSecurityGroups"))


def egress(*cidrs: str, protocol: str = "-1", ports: tuple[int, int] | None = None) -> SecurityGroupRule:
    low, high = ports or (None, None)
    return SecurityGroupRule(is_egress=True, protocol=protocol, from_port=low, to_port=high, cidrs=cidrs)


def scope(**more: Any) -> Scope:
    return Scope(
        **{
            "kind": "live",
            "name": f"{ACCOUNT}/{REGION}",
            "account": ACCOUNT,
            "region": REGION,
            "origin": at("sts:GetCallerIdentity", ""),
            **more,
        }
    )


def missing(collection: str, unknown: Unknown = DENIED, *, region: str = REGION) -> Missing:
    return Missing(collection=collection, account=ACCOUNT, region=region, unknown=unknown)


def analysis(*entities: Any, locked: Verified | None = None, **more: Any) -> Analysis:
    """An estate of these entities, sorted into their collections; a role for the quiet function is there unless roles are given."""
    from buckler.reach.analysis import collection_of

    collections: dict[str, tuple[Any, ...]] = {"scopes": (scope(),)}
    for one in entities:
        name = "missing" if isinstance(one, Missing) else collection_of(type(one))
        collections[name] = (*collections.get(name, ()), one) if name != "scopes" else (one,)
    if "roles" not in collections and not any(isinstance(one, Missing) and one.collection == "roles" for one in entities):
        # It writes to a table, so that the severity of a finding is the check's own: see docs/why/severity.md.
        collections["roles"] = (role(inline=(ORDERS,)),)
    return Analysis(Estate(**{**collections, **more}), today=TODAY, locked=locked)


Verdict = type[Finding] | type[Gap] | type[NotAsked] | None


def ask(check: Any, *entities: Any, **more: Any) -> Any:
    """Run one check over an estate of *entities* and give its `Answers`."""
    from buckler.checks import run

    return run([check], analysis(*entities, **more))


def verdict(check: Any, *entities: Any, **more: Any) -> Verdict:
    """Say in one word what a check answers: Finding, Gap, NotAsked, or None for a clean pass. Findings win over gaps."""
    answers = ask(check, *entities, **more)
    if answers.findings:
        return Finding
    if answers.gaps:
        return Gap
    return NotAsked if answers.not_asked else None

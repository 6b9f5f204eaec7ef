"""A small leaky account, and what tests do with it."""

import json
from datetime import date

from msgspec.structs import replace
from tests import aws

from buckler import app
from buckler.app import ScanOptions, fixing
from buckler.model.fix import Wishes
from buckler.model.functions import Function
from buckler.model.severity import Persona
from buckler.model.unknown import Unknown
from buckler.sources.live import LiveOptions, Patience

QUICK = Patience(total_s=0.4, first_s=0.01, longest_s=0.05, connect_s=30, read_s=60)
LIVE = LiveOptions(regions=(aws.REGION,), deep=True)
OPTIONS = ScanOptions(persona=Persona.AUDITOR, today="2026-11-26")
MENDED = (
    "function-url-public",
    "policy-confused-deputy",
    "policy-open-to-anyone",
    "layer-version-public",
    "recursion-allowed",
    "tracing-off",
    "runtime-deprecated",
    "log-group-without-customer-key",
    "data-events-missing",
)
KEY = f"arn:aws:kms:{aws.REGION}:{aws.SHOP}:key/11111111-2222-3333-4444-555555555555"


def deploy(endpoint: str) -> None:
    lam = aws.client("lambda", endpoint)
    for name in ("shop", "hook", "feed"):
        lam.create_function(
            FunctionName=name,
            Role="arn:aws:iam::123456789012:role/r",
            Runtime="python3.13" if name != "feed" else "python3.9",
            Handler="app.handler",
            Code={"ZipFile": aws.zipped()},
            Environment={"Variables": {"DB_PASSWORD": "hunter2-hunter2-hunter2"}},
            TracingConfig={"Mode": "Active"} if name != "shop" else {"Mode": "PassThrough"},
        )
    aws.client("s3", endpoint).create_bucket(Bucket="trails", CreateBucketConfiguration={"LocationConstraint": aws.REGION})
    trails = aws.client("cloudtrail", endpoint)
    trails.create_trail(Name="invocations", S3BucketName="trails")
    arn = f"arn:aws:lambda:{aws.REGION}:{aws.SHOP}:function:hook"
    fields = [("eventCategory", "Data"), ("resources.type", "AWS::Lambda::Function"), ("resources.ARN", arn)]
    one = {"Name": "hook", "FieldSelectors": [{"Field": field, "Equals": [value]} for field, value in fields]}
    trails.put_event_selectors(TrailName="invocations", AdvancedEventSelectors=[one])
    trails.start_logging(Name="invocations")
    aws.client("logs", endpoint).create_log_group(logGroupName="/aws/lambda/hook")
    lam.create_function_url_config(FunctionName="hook", AuthType="NONE", Cors={"AllowOrigins": ["https://a.invalid"], "MaxAge": 60})
    allow = {"FunctionName": "hook", "Principal": "*"}
    lam.add_permission(**allow, StatementId="url", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE")
    lam.add_permission(**allow, StatementId="via", Action="lambda:InvokeFunction", InvokedViaFunctionUrl=True)
    lam.add_permission(FunctionName="shop", StatementId="public", Action="lambda:InvokeFunction", Principal="*")
    topic = aws.client("sns", endpoint).create_topic(Name="orders")["TopicArn"]
    lam.add_permission(
        FunctionName="feed", StatementId="kept", Action="lambda:InvokeFunction", Principal="events.amazonaws.com", SourceAccount=aws.SHOP
    )
    lam.add_permission(FunctionName="feed", StatementId="topic", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com")
    aws.client("sns", endpoint).subscribe(
        TopicArn=topic, Protocol="lambda", Endpoint=f"arn:aws:lambda:{aws.REGION}:{aws.SHOP}:function:feed"
    )
    lam.put_function_recursion_config(FunctionName="feed", RecursiveLoop="Allow")
    layer = lam.publish_layer_version(LayerName="tools", Content={"ZipFile": aws.zipped()})
    lam.add_layer_version_permission(
        LayerName="tools", VersionNumber=layer["Version"], StatementId="all", Action="lambda:GetLayerVersion", Principal="*"
    )


def read():
    """The estate now; needs `aws.environment`."""
    return app.read_live(LIVE)


def findings(estate):
    return app.judge_estates((estate,), OPTIONS).findings


def plan(estate, *only, **more):
    return fixing.plan_fixes((estate,), replace(OPTIONS, only=only or MENDED), Wishes(kms_key=KEY), **more)


def subset(whole, ids):
    """The plan of only these fixes, as buckler would have written it."""
    from buckler.fixes.plan import digest

    part = replace(whole, fixes=tuple(fix for fix in whole.fixes if fix.id in ids), digest="")
    return replace(part, digest=digest(part))


def facts(estate):
    """What must be the same after an undo.

    AWS puts a statement that comes back last, says when it was changed, and that reading it used a role: none of it means anything. The
    interfaces of functions are Lambda's: it makes them in the subnets it is given, and takes them away when it pleases.
    """
    interfaces = tuple(one for one in estate.interfaces if one.interface_type != "lambda")
    roles = tuple(replace(one, last_used=None) for one in estate.roles)
    return replace(estate, taken_at="", functions=tuple(map(_function, estate.functions)), roles=roles, interfaces=interfaces)


def _function(function: Function) -> Function:
    policies = function.policies
    if not isinstance(policies, Unknown):
        policies = tuple(
            replace(entry, policy=replace(entry.policy, statements=tuple(sorted(entry.policy.statements, key=lambda one: one.sid))))
            if entry.policy is not None
            else entry
            for entry in policies
        )
    return replace(function, policies=policies, last_modified=None)


def sids(endpoint, name):
    answer = aws.client("lambda", endpoint).get_policy(FunctionName=name)
    return {one["Sid"]: one for one in json.loads(answer["Policy"])["Statement"]}


TODAY = date(2026, 11, 26)

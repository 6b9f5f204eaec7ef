"""Where resource control policies have a say.

Source: AWS Organizations User Guide, "Resource control policies (RCPs)", list of services and "Resources and entities not restricted by
RCPs", read 2026-11-26.
"""

SERVICES = frozenset(
    (
        "aoss",
        "appconfig",
        "appstream",
        "autoscaling",
        "autoscaling-plans",
        "budgets",
        "clouddirectory",
        "cloudfront",
        "cloudsearch",
        "cloudtrail-data",
        "codeartifact",
        "codebuild",
        "codecommit",
        "codepipeline",
        "cognito-identity",
        "cognito-idp",
        "comprehend",
        "comprehendmedical",
        "compute-optimizer",
        "cost-optimization-hub",
        "dax",
        "dsql",
        "dynamodb",
        "ecr",
        "ecr-public",
        "events",
        "firehose",
        "fis",
        "fms",
        "gamelift",
        "health",
        "inspector-scan",
        "kendra",
        "kinesisvideo",
        "kms",
        "logs",
        "memorydb",
        "networkmonitor",
        "notifications",
        "opensearch",
        "pca-connector-ad",
        "personalize",
        "polly",
        "pricing",
        "resource-groups",
        "rolesanywhere",
        "s3",
        "secretsmanager",
        "servicediscovery",
        "signin",
        "sqs",
        "sts",
        "support",
        "swf",
        "textract",
        "timestream-influxdb",
        "transcribe",
        "transfer",
        "translate",
        "wafv2",
        "workspaces",
        "xray",
    )
)
"""Prefixes of the actions that resource control policies apply to. Lambda is none of them."""

_EXEMPT = frozenset({"kms:retiregrant"})
"""AWS: "RCPs do not impact the `kms:RetireGrant` permission." """


def rcps_apply(action: str, resource: str) -> bool:
    """Say whether the resource control policies of a resource's account have a say in an action on it.

    AWS: "RCPs apply to the resources that are authorized as part of an operation request", so not to an action without a resource.
    """
    service = action.partition(":")[0].lower()
    return service in SERVICES and action.lower() not in _EXEMPT and resource != "*"

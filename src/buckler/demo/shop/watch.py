"""Who watches: log groups, trails, GuardDuty, Inspector."""

from typing import Any

from buckler.demo.shop.catalog import FUNCTIONS
from buckler.demo.shop.hands import Hands
from buckler.demo.shop.names import EU, PARTNER, SHOP, US, function_arn


def deploy(hands: Hands, key: str) -> None:
    """Watch some, and some not; *key* encrypts the logs that are encrypted."""
    _logs(hands, key)
    _trails(hands)
    _partner_trail(hands)
    _guardduty(hands)
    hands.client("inspector2").enable(resourceTypes=["LAMBDA", "LAMBDA_CODE"])
    hands.client("inspector2", US).enable(resourceTypes=["EC2"])
    hands.client("inspector2", US, PARTNER).enable(resourceTypes=["LAMBDA"])


def _logs(hands: Hands, key: str) -> None:
    for planted in FUNCTIONS:
        if planted.retention_days is None:
            continue
        logs = hands.client("logs", planted.region, planted.account)
        name = planted.config.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{planted.name}")
        logs.create_log_group(logGroupName=name, **({"kmsKeyId": key} if planted.encrypted_log else {}))
        if planted.retention_days:
            logs.put_retention_policy(logGroupName=name, retentionInDays=planted.retention_days)


def _trails(hands: Hands) -> None:
    trails = hands.client("cloudtrail")
    bucket(hands.client("s3"), "shop-trails")
    # Basic selectors that name two functions.
    trails.create_trail(Name="shop-trail", S3BucketName="shop-trails", IsMultiRegionTrail=True)
    trails.put_event_selectors(
        TrailName="shop-trail",
        EventSelectors=[
            {
                "ReadWriteType": "All",
                "IncludeManagementEvents": True,
                "DataResources": [
                    {"Type": "AWS::Lambda::Function", "Values": [function_arn("checkout"), function_arn("payments-webhook")]}
                ],
            }
        ],
    )
    trails.start_logging(Name="shop-trail")
    # Advanced selectors: one by prefix; one that sees reads only, and an invocation is a write.
    trails.create_trail(Name="shop-invocations", S3BucketName="shop-trails")
    trails.put_event_selectors(
        TrailName="shop-invocations",
        AdvancedEventSelectors=[
            _selector("reports", {"Field": "resources.ARN", "StartsWith": [function_arn("report-")]}),
            _selector(
                "admin", {"Field": "resources.ARN", "Equals": [function_arn("admin-panel")]}, {"Field": "readOnly", "Equals": ["true"]}
            ),
        ],
    )
    trails.start_logging(Name="shop-invocations")
    # Selects all functions, and was stopped.
    trails.create_trail(Name="everything-until-march", S3BucketName="shop-trails", IsMultiRegionTrail=True)
    trails.put_event_selectors(
        TrailName="everything-until-march",
        EventSelectors=[{"ReadWriteType": "All", "DataResources": [{"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}]}],
    )
    trails.start_logging(Name="everything-until-march")
    trails.stop_logging(Name="everything-until-march")


def _selector(name: str, *fields: dict[str, Any]) -> dict[str, Any]:
    always = [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::Lambda::Function"]}]
    return {"Name": name, "FieldSelectors": [*always, *fields]}


def _partner_trail(hands: Hands) -> None:
    bucket(hands.client("s3", account=PARTNER), "payments-trails")
    trails = hands.client("cloudtrail", account=PARTNER)
    trails.create_trail(Name="payments-trail", S3BucketName="payments-trails", IsMultiRegionTrail=True)
    trails.put_event_selectors(TrailName="payments-trail", AdvancedEventSelectors=[_selector("all functions")])
    trails.start_logging(Name="payments-trail")


def bucket(s3: Any, name: str) -> None:  # noqa: ANN401 - boto3's clients have no type
    """Make a bucket in Ireland."""
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": EU})


def _guardduty(hands: Hands) -> None:
    for region, status in ((EU, "ENABLED"), (US, "DISABLED")):
        hands.client("guardduty", region, SHOP).create_detector(Enable=True, Features=[{"Name": "LAMBDA_NETWORK_LOGS", "Status": status}])

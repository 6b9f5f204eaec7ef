"""Log groups that functions write to."""

from buckler.model.estate import Estate
from buckler.model.functions import Function
from buckler.model.unknown import Unknown
from buckler.model.watch import LogGroup
from buckler.sources.live.answers import Answer
from buckler.sources.live.api import Reader
from buckler.sources.live.calls import Collector

COLLECTOR = Collector("logs")
LIST = COLLECTOR.call(
    "logs", "DescribeLogGroups", "log groups of functions", result="logGroups", page=("nextToken", "nextToken"), rate=10.0
)

PREFIX = "/aws/lambda/"


def collect(reader: Reader) -> Estate:
    """Read all log groups that carry Lambda's prefix."""
    pages = reader.pages(LIST, logGroupNamePrefix=PREFIX, limit=50)
    groups = tuple(_group(reader, entry) for entry in pages)
    return Estate(log_groups=groups, missing=pages.missing("log_groups"))


def named_by(functions: list[Function]) -> tuple[str, ...]:
    """Give the log groups that functions name themselves and `collect` does not see."""
    names = {function.logging.log_group for function in functions if not isinstance(function.logging, Unknown)}
    return tuple(sorted(name for name in names if isinstance(name, str) and not name.startswith(PREFIX)))


def collect_named(reader: Reader, name: str) -> Estate:
    """Read one log group."""
    pages = reader.pages(LIST, logGroupNamePrefix=name, limit=50)
    groups = tuple(_group(reader, entry) for entry in pages if entry["logGroupName"] == name)
    return Estate(log_groups=groups, missing=pages.missing("log_groups"))


def _group(reader: Reader, entry: Answer) -> LogGroup:
    arn = str(entry.get("logGroupArn") or entry["arn"]).removesuffix(":*")
    return LogGroup(
        arn=arn,
        name=entry["logGroupName"],
        account=reader.account,
        region=reader.region,
        origin=reader.origin(LIST, arn),
        retention_days=entry.get("retentionInDays"),
        kms_key=entry.get("kmsKeyId") or None,
    )

"""Which account, region and partition a plan is for, as far as it tells."""

import re

import msgspec

from buckler.model.text import Text, hole
from buckler.sources.terraform.document import Json, Object
from buckler.sources.terraform.plan import Plan, Resource

ACCOUNT, REGION, PARTITION = hole("AWS::AccountId"), hole("AWS::Region"), hole("AWS::Partition")
"""The same names in every source, so that estates of different sources compare."""

_ARN = re.compile(r"arn:(aws[a-z-]*):[a-z0-9-]+:([a-z0-9-]*):(\d{12}):")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_CREDENTIALS = ("access_key", "assume_role", "assume_role_with_web_identity", "profile", "shared_credentials_files", "allowed_account_ids")


class Identity:
    """Account and region by provider configuration (`aws`, `aws.replica`): each may sign as somebody else."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._accounts: dict[str, Text] = {}
        self._regions: dict[str, Text] = {}
        self._signs: dict[str, str] = {}
        self._partition: str | None = None
        self._read_providers()
        self._read_resources()

    def account(self, provider: str) -> Text:
        return self._accounts.get(self._credentials(provider), ACCOUNT)

    def region(self, provider: str) -> Text:
        found = self._regions.get(provider)
        # A module's provider without configuration of its own (`module.shop:aws`) is the caller's of that name.
        return found if found is not None else self._regions.get(provider.rsplit(":", 1)[-1], REGION)

    def partition(self, region: Text) -> Text:
        if isinstance(region, str) and region:
            return partition_of(region)
        return self._partition or PARTITION

    def of(self, resource: Resource) -> tuple[Text, Text]:
        """Give account and region of a resource; provider 6 lets each resource name its region."""
        own = resource.after.get("region") if isinstance(resource.after, dict) else None
        region = own if isinstance(own, str) and _REGION.fullmatch(own) else self.region(resource.provider)
        return self.account(resource.provider), region

    def default(self) -> tuple[Text, Text]:
        """Give account and region of the root's default provider."""
        return self.account("aws"), self.region("aws")

    def _credentials(self, provider: str) -> str:
        """Say as whom a provider signs: two with equal settings are one account."""
        known = self._signs.get(provider)
        if known is None:
            providers = self._plan.providers
            settings = _expressions(providers.get(provider)) or _expressions(providers.get(provider.rsplit(":", 1)[-1]))
            known = self._signs[provider] = msgspec.json.encode([settings.get(name) for name in _CREDENTIALS]).decode()
        return known

    def _read_providers(self) -> None:
        for key, raw in self._plan.providers.items():
            provider: Object = raw if isinstance(raw, dict) else {}
            if provider.get("name") != "aws":
                continue
            settings = _expressions(provider)
            region = self._value(settings.get("region"))
            if region is not None and _REGION.fullmatch(region):
                self._regions[key] = region
            accounts = settings.get("allowed_account_ids")
            only = accounts.get("constant_value") if isinstance(accounts, dict) else None
            if isinstance(only, list) and len(only) == 1 and isinstance(only[0], str) and re.fullmatch(r"\d{12}", only[0]):
                self._accounts.setdefault(self._credentials(key), only[0])
            assumed = settings.get("assume_role")
            for role in assumed if isinstance(assumed, list) else []:
                arn = self._value(role.get("role_arn")) if isinstance(role, dict) else None
                if arn is not None and (found := _ARN.match(arn)):
                    self._partition = self._partition or found[1]
                    self._accounts.setdefault(self._credentials(key), found[3])

    def _value(self, expression: Json) -> str | None:
        """Evaluate the two simplest expressions: a constant, and a root variable by itself."""
        if not isinstance(expression, dict):
            return None
        constant, references = expression.get("constant_value"), expression.get("references")
        if isinstance(constant, str):
            return constant
        if isinstance(references, list) and len(references) == 1 and isinstance(references[0], str) and references[0].startswith("var."):
            variable = self._plan.variables.get(references[0].removeprefix("var."))
            value = variable.get("value") if isinstance(variable, dict) else None
            return value if isinstance(value, str) else None
        return None

    def _read_resources(self) -> None:
        for resource in self._plan.resources:
            values = resource.after
            if not isinstance(values, dict) or not resource.type.startswith("aws_"):
                continue
            if resource.is_data:
                self._read_data(resource, values)
                continue
            arn = values.get("arn")
            found = _ARN.match(arn) if isinstance(arn, str) else None
            if found:
                self._partition = self._partition or found[1]
                self._accounts.setdefault(self._credentials(resource.provider), found[3])
                if found[2]:
                    self._regions.setdefault(resource.provider, found[2])

    def _read_data(self, resource: Resource, values: Object) -> None:
        match resource.type:
            case "aws_caller_identity":
                account = values.get("account_id")
                if isinstance(account, str) and re.fullmatch(r"\d{12}", account):
                    self._accounts[self._credentials(resource.provider)] = account
            case "aws_region":
                for name in ("region", "name", "id"):
                    region = values.get(name)
                    if isinstance(region, str) and _REGION.fullmatch(region):
                        self._regions.setdefault(resource.provider, region)
                        break
            case "aws_partition":
                partition = values.get("partition")
                if isinstance(partition, str) and partition.startswith("aws"):
                    self._partition = partition
            case _:
                pass


def partition_of(region: str) -> str:
    """Name the partition of a region (AWS General Reference, "Partitions")."""
    for prefix, partition in (
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eusc-", "aws-eusc"),
    ):
        if region.startswith(prefix):
            return partition
    return "aws"


def _expressions(provider: Json) -> dict[str, Json]:
    found = provider.get("expressions") if isinstance(provider, dict) else None
    return found if isinstance(found, dict) else {}

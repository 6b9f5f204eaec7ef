"""Deploy the shop."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from buckler.demo.shop import artifacts, exposure, images, network, roles, watch
from buckler.demo.shop.catalog import DATADOG_LAYER, DATADOG_LAYER_US, FUNCTIONS, POWERTOOLS_LAYER, UNKNOWN_LAYER, Planted
from buckler.demo.shop.hands import Hands, code, document, package
from buckler.demo.shop.names import AUDIT_ROLE, EU, PARTNER, SHOP, STRANGER, US, function_arn, role_arn
from buckler.demo.shop.network import Network
from buckler.demo.shop.signer import Signer, zipped
from buckler.demo.shop.truth import Row


@dataclass(frozen=True)
class Shop:
    """What was deployed, and how to reach all of it."""

    endpoint: str
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    audit_roles: tuple[str, ...]
    """A role for each account that a scanner may assume with the shop's credentials."""
    functions: int
    ids: Mapping[str, str]
    """What AWS named: `group NAME`, `config PURPOSE`, `api NAME`, `source FUNCTION` -> id or ARN."""
    signer_root: bytes
    """Certificate of the authority the shop's packages are signed below, as PEM."""

    def subject(self, row: Row) -> str:
        """The id under which a scan reports the subject of *row*: an ARN, or `account/region`."""
        own = f"{row.region}:{row.account}"
        if row.kind == "region":
            return f"{row.account}/{row.region}"
        if row.kind == "role":
            return role_arn(row.subject, row.account)
        if row.kind == "layer-version":
            return f"arn:aws:lambda:{own}:layer:{row.subject}"
        if row.kind == "log-group":
            return f"arn:aws:logs:{own}:log-group:{row.subject}"
        if row.kind == "security-group":
            return f"arn:aws:ec2:{own}:security-group/{self.ids[f'group {row.subject}']}"
        if row.kind == "code-signing-config":
            return self.ids[f"config {row.subject}"]
        if row.kind == "event-source-mapping":
            return self.ids[f"source {row.subject}"]
        if row.kind == "trigger":
            api, method, path = row.subject.split(" ")
            return f"arn:aws:execute-api:{own}:{self.ids[f'api {api}']}/*/{method}{path}"
        return function_arn(row.subject, row.region, row.account)


def deploy(endpoint: str) -> Shop:
    """Deploy the shop into the (empty) AWS at *endpoint*."""
    hands = Hands(endpoint)
    roles.deploy(hands)
    organization = _organization(hands)
    where = network.deploy(hands)
    key = _key(hands)
    _secrets(hands, key)
    configs, profiles = _code_signing(hands)
    signer = Signer()
    _layers(hands, organization, signer.sign(artifacts.to_sign(), profiles["enforced"], _job(1)))
    signed = {
        name: signer.sign(code(name), profiles[purpose], _job(number))
        for number, (name, purpose) in enumerate((("payments-webhook", "enforced"), ("loyalty-points", "revoked")), 2)
    }
    images.push(hands, images.LABEL_PRINTER, images.PDF_MAKER)
    for planted in FUNCTIONS:
        body = signed.get(planted.name) or zipped(code(planted.name))
        _function(hands, planted, _extra(planted.name, where, key, configs), body)
    # Gone since price-feed was deployed with it.
    hands.client("lambda").delete_layer_version(LayerName="shop-utils", VersionNumber=3)
    apis = exposure.deploy(hands, organization)
    sources = _sources(hands)
    _failures(hands)
    watch.deploy(hands, key)
    return Shop(
        endpoint=endpoint,
        accounts=(SHOP, PARTNER),
        regions=(EU, US),
        audit_roles=tuple(role_arn(AUDIT_ROLE, account) for account in (SHOP, PARTNER)),
        functions=len(FUNCTIONS),
        ids={f"group {name}": group for name, group in where.groups.items()}
        | {f"config {purpose}": arn for purpose, arn in configs.items()}
        | {f"api {name}": identifier for name, identifier in apis.items()}
        | {f"source {name}": arn for name, arn in sources.items()},
        signer_root=signer.root,
    )


def _job(number: int) -> str:
    return f"arn:aws:signer:{EU}:{SHOP}:/signing-jobs/00000000-0000-4000-8000-{number:012}"


def _organization(hands: Hands) -> str:
    """Both accounts in one organisation, of which the shop's is the management account; returns its id."""
    management = hands.client("organizations")
    identifier: str = management.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    invitation = management.invite_account_to_organization(Target={"Id": PARTNER, "Type": "ACCOUNT"})["Handshake"]
    hands.client("organizations", account=PARTNER).accept_handshake(HandshakeId=invitation["Id"])
    return identifier


def _key(hands: Hands) -> str:
    policy = document(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SHOP}:root"}, "Action": "kms:*", "Resource": "*"},
        {
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{EU}.amazonaws.com"},
            "Action": ["kms:Encrypt*", "kms:Decrypt*"],
            "Resource": "*",
        },
    )
    kms = hands.client("kms")
    arn: str = kms.create_key(Description="payments", Policy=policy)["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/payments", TargetKeyId=arn)
    return arn


def _secrets(hands: Hands, key: str) -> None:
    vault = hands.client("secretsmanager")
    vault.create_secret(Name="shop/payments/database", SecretString="invented", KmsKeyId=key, Tags=[{"Key": "Team", "Value": "payments"}])
    vault.create_secret(Name="shop/mail/api-key", SecretString="invented")
    vault.create_secret(Name="shop/release/webhook", SecretString="invented")
    shared = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{PARTNER}:root"},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }
    vault.put_resource_policy(SecretId="shop/mail/api-key", ResourcePolicy=document(shared))
    parameters = hands.client("ssm")
    parameters.put_parameter(Name="/shop/payments/password", Value="invented", Type="SecureString", KeyId=key)
    parameters.put_parameter(Name="/shop/feature-flags", Value="{}", Type="String")


def _layers(hands: Hands, organization: str, signed: bytes) -> None:
    aws = hands.client("lambda")
    for name, body in (("shop-http", artifacts.tampered()), ("shop-pdf", artifacts.unsigned()), ("shop-pay", signed)):
        aws.publish_layer_version(LayerName=name, Content={"ZipFile": body}, CompatibleRuntimes=["python3.13"])
    read = {"Action": "lambda:GetLayerVersion"}
    for number in (1, 2, 3):
        aws.publish_layer_version(
            LayerName="shop-utils", Content={"ZipFile": package(f"utils {number}")}, CompatibleRuntimes=["python3.13"]
        )
    aws.add_layer_version_permission(LayerName="shop-utils", VersionNumber=2, StatementId="all", Principal="*", **read)
    aws.publish_layer_version(LayerName="payments-sdk", Content={"ZipFile": package("payments")})
    aws.add_layer_version_permission(LayerName="payments-sdk", VersionNumber=1, StatementId="stranger", Principal=STRANGER, **read)
    aws.publish_layer_version(LayerName="brand-assets", Content={"ZipFile": package("brand")})
    aws.add_layer_version_permission(
        LayerName="brand-assets", VersionNumber=1, StatementId="ours", Principal="*", OrganizationId=organization, **read
    )
    # What others publish, they publish to everyone.
    for arn in (POWERTOOLS_LAYER, DATADOG_LAYER, DATADOG_LAYER_US, UNKNOWN_LAYER):
        region, account, name = arn.split(":")[3], arn.split(":")[4], arn.split(":")[6]
        publisher = hands.client("lambda", region, account)
        publisher.publish_layer_version(LayerName=name, Content={"ZipFile": package(name)})
        publisher.add_layer_version_permission(LayerName=name, VersionNumber=1, StatementId="all", Principal="*", **read)


def _code_signing(hands: Hands) -> tuple[dict[str, str], dict[str, str]]:
    """Purpose -> ARN of a code signing configuration, and of the version of the profile it allows."""
    signer, aws = hands.client("signer"), hands.client("lambda")
    made: dict[str, str] = {}
    profiles: dict[str, str] = {}
    for purpose, profile, policy, validity in (
        ("enforced", "shop_release", "Enforce", {"value": 135, "type": "MONTHS"}),
        ("warned", "shop_nightly", "Warn", {"value": 30, "type": "DAYS"}),
        ("revoked", "shop_leaked", "Enforce", {"value": 135, "type": "MONTHS"}),
    ):
        version = signer.put_signing_profile(profileName=profile, platformId="AWSLambda-SHA384-ECDSA", signatureValidityPeriod=validity)
        config = aws.create_code_signing_config(
            Description=purpose,
            AllowedPublishers={"SigningProfileVersionArns": [version["profileVersionArn"]]},
            CodeSigningPolicies={"UntrustedArtifactOnDeployment": policy},
        )["CodeSigningConfig"]
        made[purpose], profiles[purpose] = config["CodeSigningConfigArn"], version["profileVersionArn"]
        if purpose == "revoked":
            signer.revoke_signing_profile(
                profileName=profile,
                profileVersion=version["profileVersion"],
                reason="key was on a laptop that was stolen",
                effectiveTime=1767225600,
            )
    return made, profiles


def _extra(name: str, where: Network, key: str, configs: dict[str, str]) -> dict[str, Any]:
    """What a function's configuration says of things whose ids are known only now."""
    extra: dict[str, dict[str, Any]] = {
        "payments-webhook": {
            "KMSKeyArn": key,
            "VpcConfig": {"SubnetIds": list(where.subnets), "SecurityGroupIds": [where.groups["payments"]]},
            "CodeSigningConfigArn": configs["enforced"],
        },
        "session-store": {"VpcConfig": {"SubnetIds": [where.subnets[0]], "SecurityGroupIds": [where.groups["session-store"]]}},
        "feature-flags": {"CodeSigningConfigArn": configs["warned"]},
        "stock-projector": {"CodeSigningConfigArn": configs["enforced"]},
        "loyalty-points": {"CodeSigningConfigArn": configs["revoked"]},
        "audit-writer": {
            "DeadLetterConfig": {"TargetArn": f"arn:aws:sqs:{EU}:{SHOP}:audit-dead-letters"},
            "DurableConfig": {"RetentionPeriodInDays": 30, "ExecutionTimeout": 3600, "KMSKeyArn": key},
        },
    }
    return extra.get(name, {})


def _function(hands: Hands, planted: Planted, extra: dict[str, Any], body: bytes) -> None:
    aws = hands.client("lambda", planted.region, planted.account)
    package_of = {"ImageUri": planted.image} if planted.image else {"ZipFile": body}
    role = role_arn(planted.role, planted.account)
    aws.create_function(FunctionName=planted.name, Role=role, Code=package_of, **planted.config, **extra)
    if planted.reserved is not None:
        aws.put_function_concurrency(FunctionName=planted.name, ReservedConcurrentExecutions=planted.reserved)


def _sources(hands: Hands) -> dict[str, str]:
    """Feed functions from streams, queues and brokers: function -> ARN of its mapping."""
    aws = hands.client("lambda")
    made: dict[str, str] = {}

    def feed(name: str, **source: Any) -> None:  # noqa: ANN401 - what CreateEventSourceMapping takes
        made[name] = aws.create_event_source_mapping(FunctionName=name, **source)["EventSourceMappingArn"]

    table = f"arn:aws:dynamodb:{EU}:{SHOP}:table/stock/stream/2026-01-01T00:00:00.000"
    feed("stock-updater", EventSourceArn=table, StartingPosition="LATEST")
    feed(
        "stock-projector",
        EventSourceArn=f"arn:aws:kinesis:{EU}:{SHOP}:stream/stock",
        StartingPosition="LATEST",
        MaximumRetryAttempts=3,
        DestinationConfig={"OnFailure": {"Destination": f"arn:aws:sqs:{EU}:{SHOP}:stock-failures"}},
    )
    queues = hands.client("sqs")
    dead = queues.create_queue(QueueName="order-dead-letters")["QueueUrl"]
    dead_arn = queues.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = f'{{"deadLetterTargetArn": "{dead_arn}", "maxReceiveCount": "5"}}'
    queues.create_queue(QueueName="orders", Attributes={"RedrivePolicy": redrive})
    feed("order-mailer", EventSourceArn=f"arn:aws:sqs:{EU}:{SHOP}:orders")
    brokers = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka.shop.invalid:9094"]}}
    for name, uri in (
        ("catalog-ingest", f"arn:aws:secretsmanager:{EU}:{SHOP}:secret:shop/kafka-a1b2c3"),
        # The name and password themselves, where the ARN of a secret belongs.
        ("order-ingest", "ingest:" + "correct-horse-battery"),
    ):
        feed(
            name,
            SelfManagedEventSource=brokers,
            Topics=["orders"],
            StartingPosition="LATEST",
            SourceAccessConfigurations=[{"Type": "SASL_SCRAM_512_AUTH", "URI": uri}],
            DestinationConfig={"OnFailure": {"Destination": f"arn:aws:sqs:{EU}:{SHOP}:kafka-failures"}},
        )
    return made


def _failures(hands: Hands) -> None:
    """Where failed asynchronous invocations end, and what may call itself for ever."""
    aws = hands.client("lambda")
    aws.put_function_event_invoke_config(
        FunctionName="sns-notifier",
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": f"arn:aws:sqs:{EU}:{SHOP}:notifier-failures"}},
    )
    aws.put_function_event_invoke_config(FunctionName="nightly-cleanup", MaximumRetryAttempts=2)
    aws.put_function_recursion_config(FunctionName="nightly-cleanup", RecursiveLoop="Allow")
    aws.put_runtime_management_config(FunctionName="payments-webhook", UpdateRuntimeOn="FunctionUpdate")
    rules = hands.client("events")
    rules.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    rules.put_targets(Rule="nightly", Targets=[{"Id": "1", "Arn": f"arn:aws:lambda:{EU}:{SHOP}:function:nightly-cleanup"}])

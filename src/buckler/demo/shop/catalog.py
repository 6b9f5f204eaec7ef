"""The functions of the shop: name, place, role, and how each is configured."""

from dataclasses import dataclass, field
from typing import Any

from buckler.demo.shop import secrets
from buckler.demo.shop.images import LABEL_PRINTER
from buckler.demo.shop.names import DATADOG, EU, PARTNER, POWERTOOLS, SHOP, UNKNOWN_PUBLISHER, US
from buckler.demo.shop.pipeline import LINES

REGISTRY = f"{SHOP}.dkr.ecr.{EU}.amazonaws.com"
OWN_LAYER = f"arn:aws:lambda:{EU}:{SHOP}:layer:shop-utils"
POWERTOOLS_LAYER = f"arn:aws:lambda:{EU}:{POWERTOOLS}:layer:AWSLambdaPowertoolsPythonV3-python313-x86_64:1"
DATADOG_LAYER = f"arn:aws:lambda:{EU}:{DATADOG}:layer:Datadog-Extension:1"
DATADOG_LAYER_US = f"arn:aws:lambda:{US}:{DATADOG}:layer:Datadog-Extension:1"
HTTP_LAYER, PDF_LAYER, PAY_LAYER = (f"arn:aws:lambda:{EU}:{SHOP}:layer:shop-{name}:1" for name in ("http", "pdf", "pay"))
UNKNOWN_LAYER = f"arn:aws:lambda:{EU}:{UNKNOWN_PUBLISHER}:layer:fast-ml:1"


@dataclass(frozen=True)
class Planted:
    """One function: `config` is what CreateFunction takes beside name, role and code."""

    name: str
    role: str
    account: str = SHOP
    region: str = EU
    image: str = ""
    config: dict[str, Any] = field(default_factory=dict[str, Any])
    retention_days: int | None = 30
    """Of its log group; 0 for a log group that keeps all for ever, None for a function without log group."""
    encrypted_log: bool = False
    reserved: int | None = None


def fn(name: str, *, role: str = "", env: dict[str, str] | None = None, runtime: str = "python3.13", **more: Any) -> Planted:  # noqa: ANN401
    """A function with a role of its own, unless one is named; members in CamelCase go to CreateFunction."""
    config = {member: value for member, value in more.items() if member[0].isupper()}
    ours = {member: value for member, value in more.items() if not member[0].isupper()}
    if not ours.get("image"):
        config = {"Runtime": runtime, "Handler": "app.handler"} | config
    if env is not None:
        config["Environment"] = {"Variables": env}
    config.setdefault("Tags", {"Team": name.partition("-")[0], "Environment": "production"})
    return Planted(name=name, role=role or f"{name}-role", config=config, **ours)


FUNCTIONS: tuple[Planted, ...] = (
    # The shop, Ireland. Three functions of unrelated purpose run as the administrator.
    fn(
        "checkout", role="shop-admin", env={"STRIPE_SECRET_KEY": secrets.STRIPE_KEY, "STAGE": "prod"}, retention_days=0, Layers=[HTTP_LAYER]
    ),
    fn("invoice-renderer", role="shop-admin", runtime="nodejs20.x", env={"DATABASE_URL": secrets.DATABASE_URL}),
    fn("image-resizer", role="shop-admin", runtime="python3.8", env={"BUCKET": "shop-images"}),
    fn("thumbnailer", env={"TABLE_NAME": "thumbnails", "TOKEN_TTL_SECONDS": "3600"}, Layers=[HTTP_LAYER]),
    # Careful in everything, and full of values that look like secrets and are none.
    fn(
        "payments-webhook",
        env={
            "DATABASE_SECRET_ARN": f"arn:aws:secretsmanager:{EU}:{SHOP}:secret:shop/payments/database",
            "TENANT_ID": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
            "IDEMPOTENCY_TABLE": "payments-idempotency",
            "ASSET_SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "PASSWORD_PARAMETER": "/shop/payments/password",
        },
        TracingConfig={"Mode": "Active"},
        Layers=[PAY_LAYER],
        retention_days=90,
        encrypted_log=True,
    ),
    fn("admin-panel", Timeout=900, MemorySize=1024, Layers=[PDF_LAYER]),
    fn("newsletter-signup", Timeout=10, reserved=5),
    fn("partner-sync"),
    fn("order-export", runtime="python3.10", retention_days=None, Layers=[HTTP_LAYER]),
    fn("report-api"),
    fn("legacy-search", runtime="nodejs22.x"),
    fn("order-events"),
    fn("sns-notifier"),
    fn("stock-updater", Layers=[HTTP_LAYER]),
    fn("stock-projector", Layers=[HTTP_LAYER]),
    fn("order-ingest"),
    fn("catalog-ingest"),
    fn("nightly-cleanup", Timeout=600),
    fn("audit-writer", LoggingConfig={"LogFormat": "JSON", "LogGroup": "/shop/audit"}, encrypted_log=True),
    fn("order-mailer", DurableConfig={"RetentionPeriodInDays": 14, "ExecutionTimeout": 3600}),
    fn("config-sync", env={"AWS_BACKUP_ACCESS_KEY_ID": secrets.AWS_KEY_ID, "AWS_BACKUP_SECRET_ACCESS_KEY": secrets.AWS_KEY}),
    fn("tenant-provisioner"),
    fn("sandbox-runner"),
    fn("pdf-maker", image=f"{REGISTRY}/pdf-maker:latest", PackageType="Image"),
    fn("label-printer", image=f"{REGISTRY}/label-printer@{LABEL_PRINTER.digest}", PackageType="Image"),
    fn("fraud-scorer", Layers=[f"{OWN_LAYER}:1", POWERTOOLS_LAYER, DATADOG_LAYER]),
    fn("price-feed", Layers=[f"{OWN_LAYER}:3", UNKNOWN_LAYER]),
    fn("feature-flags"),
    fn("loyalty-points"),
    fn("session-store", env={"REDIS_HOST": "sessions.a1b2c3.0001.euw1.cache.amazonaws.com"}),
    # Public hooks that release into the payments account, and whose roles ask for a deployer there; see `pipeline`.
    *(fn(f"{line.name}-hook", Timeout=30, reserved=5) for line in LINES),
    # The shop, Virginia: a system image that ended, beside the one that followed it.
    fn("edge-auth", region=US, runtime="provided.al2", Handler="bootstrap"),
    fn("geo-router", region=US, runtime="provided.al2023", Handler="bootstrap", env={"SIGNING_KEY": secrets.PRIVATE_KEY}),
    # The payments account.
    fn("card-tokenizer", account=PARTNER, Timeout=5),
    fn("settlement-runner", account=PARTNER),
    fn("ledger-export", account=PARTNER, runtime="java17", Handler="shop.Ledger::export"),
    fn(
        "chargeback-bot",
        account=PARTNER,
        region=US,
        env={"SLACK_TOKEN": secrets.SLACK_TOKEN, "GITHUB_TOKEN": secrets.GITHUB_TOKEN},
        Layers=[DATADOG_LAYER_US],
    ),
)

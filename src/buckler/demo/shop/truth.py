"""What is planted: which weakness each subject has, and which look-alike has it not.

A row that is not here is undecided, not safe: the table lists what is planted on purpose.
"""

from typing import Literal, NamedTuple

from buckler.demo.shop.names import EU, PARTNER, SHOP, US

Expected = Literal["finding", "safe"]
Kind = Literal[
    "function", "role", "region", "layer-version", "trigger", "log-group", "security-group", "code-signing-config", "event-source-mapping"
]


class Row(NamedTuple):
    """One expectation; `weakness` is named as the check that asks for it."""

    weakness: str
    account: str
    region: str
    """Empty for IAM, which has none."""
    subject: str
    """The name of the function, role or log group, `name:version` of a layer version, `api METHOD /path` of a route; for what AWS names
    itself, the purpose of the code signing configuration, the function of the event source, the name of the security group.
    `Shop.subject` makes the id of it."""
    expected: Expected
    note: str
    qualifier: str = ""
    """Of a function, where one qualifier has the weakness and another has not."""
    kind: Kind = "function"


def _eu(weakness: str, subject: str, expected: Expected, note: str, qualifier: str = "", kind: Kind = "function") -> Row:
    return Row(weakness, SHOP, EU, subject, expected, note, qualifier, kind)


def _role(weakness: str, subject: str, expected: Expected, note: str, account: str = SHOP) -> Row:
    return Row(weakness, account, "", subject, expected, note, kind="role")


def _region(weakness: str, account: str, region: str, expected: Expected, note: str) -> Row:
    return Row(weakness, account, region, f"{account}/{region}", expected, note, kind="region")


TRUTH: tuple[Row, ...] = (
    # Exposure
    _eu("function_url_public", "checkout", "finding", "AuthType NONE and both Allows"),
    _eu("function_url_public", "admin-panel", "finding", "AuthType NONE and both Allows"),
    _eu("function_url_public", "newsletter-signup", "finding", "meant to be public, and public"),
    _eu("function_url_public", "payments-webhook", "safe", "AuthType NONE with InvokeFunctionUrl only: 403"),
    _eu("function_url_public", "partner-sync", "safe", "AuthType AWS_IAM"),
    _eu("function_url_public", "report-api", "finding", "the alias has a URL and policy of its own", "live"),
    _eu("function_url_public", "report-api", "safe", "the function itself has neither", "$LATEST"),
    _eu("cors_wildcard_on_public_url", "checkout", "finding", "any origin, any method, and public"),
    _eu("cors_wildcard_on_public_url", "newsletter-signup", "safe", "one origin"),
    _eu("cors_wildcard_on_public_url", "partner-sync", "safe", "any origin, but the URL wants IAM"),
    _eu("cors_wildcard_on_public_url", "payments-webhook", "safe", "any origin, but the URL answers 403"),
    _eu("policy_open_to_anyone", "order-ingest", "finding", "principal * without condition"),
    _eu("qualifier_exposed", "legacy-search", "finding", "principal * on version 1 alone", "1"),
    _eu("qualifier_exposed", "order-ingest", "safe", "open, but not only by a qualifier"),
    _eu("policy_open_to_anyone", "legacy-search", "safe", "nothing on the function itself"),
    _eu("policy_open_to_anyone", "order-mailer", "safe", "principal * within one organisation"),
    _eu("policy_open_to_account", "order-export", "finding", "an account of somebody else's"),
    _eu("policy_open_to_account", "partner-sync", "safe", "its own account"),
    _eu("policy_open_to_account", "stock-projector", "safe", "a member of our organisation"),
    _eu("policy_confused_deputy", "image-resizer", "finding", "s3 without SourceArn or SourceAccount"),
    _eu("policy_confused_deputy", "price-feed", "finding", "s3 with a bucket's ARN, which names no account"),
    _eu("policy_confused_deputy", "thumbnailer", "safe", "s3 with both"),
    _eu("policy_confused_deputy", "order-events", "finding", "sns without either"),
    _eu("policy_confused_deputy", "sns-notifier", "safe", "sns with SourceArn"),
    Row("policy_confused_deputy", PARTNER, EU, "ledger-export", "finding", "apigateway without either"),
    Row("policy_confused_deputy", SHOP, US, "edge-auth", "safe", "apigateway with SourceArn"),
    _eu("api_route_unauthenticated", "shop-api POST /orders", "finding", "anyone may order", kind="trigger"),
    _eu("api_route_unauthenticated", "shop-api POST /refunds", "safe", "asks an authorizer", kind="trigger"),
    _eu("api_route_unauthenticated", "shop-api POST /stock", "safe", "wants IAM", kind="trigger"),
    _eu("api_route_unauthenticated", "shop-http GET /admin", "finding", "anyone may administrate", kind="trigger"),
    _eu("api_route_unauthenticated", "shop-http GET /me", "safe", "wants a token", kind="trigger"),
    _eu("layer_version_public", "shop-utils:2", "finding", "principal *", kind="layer-version"),
    _eu("layer_version_public", "payments-sdk:1", "safe", "shared, but not with everyone", kind="layer-version"),
    _eu("layer_version_shared", "payments-sdk:1", "finding", "an account of somebody else's", kind="layer-version"),
    _eu("layer_version_shared", "brand-assets:1", "safe", "members of our organisation", kind="layer-version"),
    _eu("layer_version_public", "shop-utils:1", "safe", "no policy", kind="layer-version"),
    _eu("layer_version_public", "brand-assets:1", "safe", "principal * within one organisation", kind="layer-version"),
    # Roles
    _role("role_administrator", "shop-admin", "finding", "AdministratorAccess"),
    _role("role_administrator", "settlement-runner-role", "finding", "* on * inline", PARTNER),
    _role("role_administrator", "sandbox-runner-role", "safe", "AdministratorAccess under a boundary of two log actions"),
    _role("role_administrator", "admin-panel-role", "safe", "all of one service is not all"),
    _role("role_service_wildcard", "admin-panel-role", "finding", "s3:* on *"),
    _role("role_service_wildcard", "report-api-role", "safe", "two actions on one bucket"),
    _role("role_pass_role_any", "nightly-cleanup-role", "finding", "iam:PassRole on *"),
    _role("role_pass_role_any", "audit-writer-role", "safe", "one role, to one service"),
    _role("role_assume_role_any", "config-sync-role", "finding", "sts:AssumeRole on *"),
    _role("role_assume_role_any", "partner-sync-role", "safe", "one role"),
    _role("role_shared", "shop-admin", "finding", "checkout, invoice-renderer and image-resizer"),
    _role("role_shared", "payments-webhook-role", "safe", "one function"),
    _role("role_trust_beyond_lambda", "tenant-provisioner-role", "finding", "EC2, and an account of somebody else's"),
    _role("role_trust_beyond_lambda", "edge-auth-role", "safe", "Lambda and Lambda@Edge"),
    _role("role_orphaned", "refund-worker-role", "finding", "its function is gone"),
    _role("role_orphaned", "edge-auth-role", "safe", "used in the other region only"),
    _role("role_orphaned", "BucklerAudit", "safe", "never was a function's"),
    # Attack paths: five hooks of one shape, see `pipeline`; one of them ends as the administrator of the payments account
    _eu(
        "internet_to_administrator", "release-hook", "finding", "its role, release-deployer, and iam:PassRole of an administrator to Lambda"
    ),
    _eu("internet_to_administrator", "preview-hook", "safe", "a boundary takes iam:PassRole from preview-deployer"),
    _eu("internet_to_administrator", "mirror-hook", "safe", "mirror-deployer trusts another role"),
    _eu("internet_to_administrator", "docs-hook", "safe", "docs-deployer may pass the role to ECS only, which that role does not trust"),
    _eu("internet_to_administrator", "beta-hook", "safe", "beta-deployer trusts its role within another organisation only"),
    _eu("internet_to_administrator", "checkout", "safe", "runs as the administrator: no way to become one, and role_administrator says so"),
    _eu("internet_to_administrator", "newsletter-signup", "safe", "open to anyone, and may only write its log"),
    _role("role_can_escalate", "nightly-cleanup-role", "finding", "iam:PassRole on * and functions of its own: shop-admin, say"),
    _role("role_can_escalate", "release-hook-role", "finding", "of the other account, by release-deployer"),
    _role("role_can_escalate", "preview-hook-role", "safe", "its deployer is bounded"),
    _role("role_can_escalate", "mirror-hook-role", "safe", "its deployer does not trust it"),
    _role("role_can_escalate", "docs-hook-role", "safe", "its deployer passes nothing to Lambda"),
    _role("role_can_escalate", "beta-hook-role", "safe", "its deployer wants another organisation"),
    _role("role_can_escalate", "release-deployer", "finding", "iam:PassRole of an administrator to Lambda", PARTNER),
    _role("role_can_escalate", "preview-deployer", "safe", "the same statements under a boundary", PARTNER),
    _role("role_can_escalate", "docs-deployer", "safe", "the same, to a service which that role does not trust", PARTNER),
    _role("role_can_escalate", "audit-writer-role", "safe", "passes one role to ECS, and makes nothing"),
    _eu("internet_to_data", "admin-panel", "finding", "open to anyone, and s3:* on *"),
    _eu("internet_to_data", "report-api", "safe", "open to anyone, and reads the one bucket it names"),
    _eu("internet_to_data", "newsletter-signup", "safe", "open to anyone, and touches nothing"),
    _eu("environment_secret_readable", "checkout", "finding", "BucklerAudit reads configuration, and no secret elsewhere"),
    _eu("environment_secret_readable", "payments-webhook", "safe", "no secret in it"),
    _eu("function_code_writable", "report-api", "finding", "catalog-ingest may replace its code, and cannot read its bucket"),
    _eu("function_code_writable", "loyalty-points", "safe", "its own role may, and gains nothing"),
    # Network
    _eu("function_reaches_other_network", "session-store", "finding", "the payroll database, over a peering"),
    _eu("function_reaches_other_network", "payments-webhook", "safe", "its group lets out to its own VPC only"),
    # Layers and images
    _eu("artifact_modified", "shop-http:1", "finding", "a line was added after its record was written", kind="layer-version"),
    _eu("artifact_modified", "shop-pdf:1", "safe", "as its record says", kind="layer-version"),
    _eu("artifact_modified", "shop-pay:1", "safe", "as its record says, and signed", kind="layer-version"),
    _eu("artifact_modified", "pdf-maker", "finding", "the same line, in its image"),
    _eu("artifact_modified", "label-printer", "safe", "its image is as its packages' records say"),
    _eu("signature_invalid", "shop-pay:1", "safe", "signed by shop_release", kind="layer-version"),
    _eu("signature_invalid", "shop-pdf:1", "safe", "not signed, and nobody asks for it", kind="layer-version"),
    _eu("signature_invalid", "loyalty-points", "finding", "its profile was revoked before it was signed"),
    _eu("signature_invalid", "payments-webhook", "safe", "signed by shop_release"),
    _eu("unsigned_under_enforce", "stock-projector", "finding", "unsigned since before the configuration was attached"),
    _eu("unsigned_under_enforce", "payments-webhook", "safe", "its package and its layer are signed"),
    _eu("layer_unknown_account", "price-feed", "finding", "fast-ml of 555544443333"),
    _eu("layer_unknown_account", "fraud-scorer", "safe", "own, Powertools, Datadog"),
    _eu("layer_version_gone", "shop-utils:3", "finding", "deleted, and price-feed runs it", kind="layer-version"),
    _eu("layer_version_gone", "shop-utils:1", "safe", "there, and fraud-scorer runs it", kind="layer-version"),
    _eu("image_tag_not_digest", "pdf-maker", "finding", "by tag"),
    _eu("image_tag_not_digest", "label-printer", "safe", "by digest"),
    # Signing
    _eu("code_signing_missing", "checkout", "finding", "no configuration"),
    _eu("code_signing_missing", "payments-webhook", "safe", "enforced"),
    _eu("code_signing_missing", "pdf-maker", "safe", "Lambda signs no images"),
    _eu("code_signing_warns_only", "warned", "finding", "Warn, for feature-flags", kind="code-signing-config"),
    _eu("code_signing_warns_only", "enforced", "safe", "Enforce", kind="code-signing-config"),
    _eu("signing_profile_revoked", "revoked", "finding", "profile shop_leaked, for loyalty-points", kind="code-signing-config"),
    _eu("signing_profile_revoked", "enforced", "safe", "profile shop_release is active", kind="code-signing-config"),
    _eu("signing_profile_expiring", "warned", "finding", "signatures of shop_nightly last 30 days", kind="code-signing-config"),
    _eu("signing_profile_expiring", "enforced", "safe", "signatures of shop_release last 135 months", kind="code-signing-config"),
    _eu("runtime_update_not_pinned", "loyalty-points", "finding", "signing enforced, runtime updated by itself"),
    _eu("runtime_update_not_pinned", "payments-webhook", "safe", "FunctionUpdate"),
    # Environment
    _eu("secret_in_environment", "checkout", "finding", "STRIPE_SECRET_KEY"),
    _eu("secret_in_environment", "invoice-renderer", "finding", "DATABASE_URL with a password"),
    _eu("secret_in_environment", "config-sync", "finding", "an AWS access key and its secret"),
    Row("secret_in_environment", SHOP, US, "geo-router", "finding", "SIGNING_KEY is a private key"),
    Row("secret_in_environment", PARTNER, US, "chargeback-bot", "finding", "SLACK_TOKEN and GITHUB_TOKEN"),
    _eu("secret_in_environment", "payments-webhook", "safe", "ARN, UUID, table, SHA-256 and a parameter's name"),
    _eu("secret_in_environment", "thumbnailer", "safe", "TOKEN_TTL_SECONDS is a number"),
    _eu("environment_without_customer_key", "checkout", "finding", "a secret under the key of AWS"),
    _eu("environment_without_customer_key", "payments-webhook", "safe", "a key of its own"),
    _eu("environment_without_customer_key", "image-resizer", "safe", "nothing worth a key"),
    _eu("event_source_credentials_in_clear", "order-ingest", "finding", "name and password as the URI", kind="event-source-mapping"),
    _eu("event_source_credentials_in_clear", "catalog-ingest", "safe", "the ARN of a secret", kind="event-source-mapping"),
    _eu("durable_state_without_customer_key", "order-mailer", "finding", "executions kept 14 days under the key of AWS"),
    _eu("durable_state_without_customer_key", "audit-writer", "safe", "a key of its own"),
    # Network
    _eu("single_availability_zone", "session-store", "finding", "one subnet"),
    _eu("single_availability_zone", "payments-webhook", "safe", "two zones"),
    _eu("single_availability_zone", "checkout", "safe", "in no VPC"),
    _eu("security_group_open_egress", "session-store", "finding", "the rule AWS gives every new group", kind="security-group"),
    _eu("security_group_open_egress", "payments", "safe", "one port, within the VPC", kind="security-group"),
    _eu("vpc_missing", "checkout", "finding", "in no VPC"),
    _eu("vpc_missing", "session-store", "safe", "in one"),
    # Logging
    _eu("data_events_missing", "checkout", "safe", "named by shop-trail"),
    _eu("data_events_missing", "report-api", "safe", "by prefix in shop-invocations"),
    _eu("data_events_missing", "admin-panel", "finding", "selected for reads only; an invocation is a write"),
    _eu("data_events_missing", "image-resizer", "finding", "only a stopped trail selects it"),
    _region("data_events_missing", SHOP, US, "finding", "only a stopped trail selects functions there"),
    _region("data_events_missing", PARTNER, EU, "safe", "payments-trail selects all functions"),
    _region("data_events_missing", PARTNER, US, "safe", "payments-trail is multi-region"),
    _eu("log_group_missing", "order-export", "finding", "no log group"),
    _eu("log_group_missing", "audit-writer", "safe", "/shop/audit"),
    _eu("log_retention_missing", "/aws/lambda/checkout", "finding", "kept for ever", kind="log-group"),
    _eu("log_retention_missing", "/aws/lambda/payments-webhook", "safe", "90 days", kind="log-group"),
    _eu("log_group_without_customer_key", "/aws/lambda/checkout", "finding", "no key", kind="log-group"),
    _eu("log_group_without_customer_key", "/aws/lambda/payments-webhook", "safe", "a key of its own", kind="log-group"),
    _eu("tracing_off", "checkout", "finding", "PassThrough"),
    _eu("tracing_off", "payments-webhook", "safe", "Active"),
    # Runtime
    _eu("runtime_deprecated", "image-resizer", "finding", "python3.8"),
    _eu("runtime_deprecated", "invoice-renderer", "finding", "nodejs20.x"),
    _eu("runtime_deprecated", "checkout", "safe", "python3.13"),
    Row("runtime_deprecated", SHOP, US, "edge-auth", "finding", "provided.al2, ended on 2026-07-31"),
    _eu("runtime_deprecated", "order-export", "finding", "python3.10, ended on 2026-10-31"),
    Row("runtime_os_old", PARTNER, EU, "ledger-export", "finding", "java17, supported on Amazon Linux 2"),
    Row("runtime_os_old", SHOP, US, "edge-auth", "safe", "deprecated altogether, which is another question"),
    Row("runtime_os_old", SHOP, US, "geo-router", "safe", "provided.al2023"),
    # Monitoring
    _region("guardduty_lambda_off", SHOP, EU, "safe", "LAMBDA_NETWORK_LOGS is on"),
    _region("guardduty_lambda_off", SHOP, US, "finding", "a detector without the feature"),
    _region("guardduty_lambda_off", PARTNER, EU, "finding", "no detector"),
    _region("inspector_lambda_off", SHOP, EU, "safe", "Lambda standard and code scanning"),
    _region("inspector_lambda_off", SHOP, US, "finding", "EC2 only"),
    _region("inspector_lambda_off", PARTNER, EU, "finding", "never enabled"),
    _region("runtime_security_extension_missing", SHOP, EU, "finding", "fraud-scorer alone has Datadog's extension"),
    _region("runtime_security_extension_missing", PARTNER, US, "safe", "its one function has it"),
    _region("inspector_code_off", PARTNER, US, "finding", "Lambda standard scanning only"),
    _region("inspector_code_off", SHOP, EU, "safe", "Lambda standard and code scanning"),
    _region("inspector_lambda_off", PARTNER, US, "safe", "Lambda standard scanning"),
    # Resilience that attackers abuse
    _eu("concurrency_unreserved_on_public_function", "checkout", "finding", "public, nothing reserved"),
    _eu("concurrency_unreserved_on_public_function", "newsletter-signup", "safe", "public, 5 reserved"),
    _eu("concurrency_unreserved_on_public_function", "payments-webhook", "safe", "not public"),
    _eu("timeout_maximum_on_public_function", "admin-panel", "finding", "public, 900 s"),
    _eu("timeout_maximum_on_public_function", "newsletter-signup", "safe", "public, 10 s"),
    _eu("timeout_maximum_on_public_function", "nightly-cleanup", "safe", "600 s, not public"),
    _eu("recursion_allowed", "nightly-cleanup", "finding", "RecursiveLoop Allow"),
    _eu("recursion_allowed", "audit-writer", "safe", "the default, Terminate"),
    _eu("event_source_failure_destination_missing", "stock-updater", "finding", "a stream without OnFailure", kind="event-source-mapping"),
    _eu("event_source_failure_destination_missing", "stock-projector", "safe", "a stream with OnFailure", kind="event-source-mapping"),
    _eu("failure_destination_missing", "nightly-cleanup", "finding", "asynchronous, retried, then lost"),
    _eu("failure_destination_missing", "sns-notifier", "safe", "OnFailure of the asynchronous invocation"),
    _eu("failure_destination_missing", "audit-writer", "safe", "a dead-letter queue"),
)

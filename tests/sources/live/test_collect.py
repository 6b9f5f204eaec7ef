"""What is read of an undisturbed AWS, and with how many calls."""

import msgspec
import pytest
from tests import aws
from tests.proxy import Proxy
from tests.sources.live import workshop
from tests.sources.live.conftest import scan
from tests.test_liars import liar

from buckler.model.estate import COLLECTIONS
from buckler.model.secret import Redacted
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live import LiveOptions
from buckler.sources.live.calls import CALLS


@pytest.fixture(scope="module")
def estate(baseline):
    return baseline.estate


def function(estate, name):
    return next(function for function in estate.functions if function.name == name)


def test_every_function_is_read(estate):
    assert tuple(function.name for function in estate.functions) == workshop.FUNCTIONS


def test_an_alias_has_its_own_url_and_policy(estate):
    checkout = function(estate, "checkout")
    assert [(url.qualifier, url.auth_type, url.cors.allow_origins) for url in checkout.urls] == [("live", "NONE", ("*",))]
    assert checkout.policy_of("$LATEST") is None
    assert checkout.policy_of("live").statements[0].principals[0].value == "*"
    assert checkout.policy_of("1") is None
    assert [(alias.name, alias.version, alias.provisioned_concurrency) for alias in checkout.aliases] == [("live", "1", 2)]


def test_secrets_are_redacted_at_birth(estate):
    values = {variable.name: variable.value for variable in function(estate, "checkout").environment}
    assert isinstance(values["DB_PASSWORD"], Redacted)
    assert values["DB_PASSWORD"].is_secret
    assert workshop.PASSWORD not in repr(estate)
    assert workshop.PASSWORD not in repr(function(estate, "checkout").versions)


def test_settings_of_functions(estate):
    billing, checkout = function(estate, "billing"), function(estate, "checkout")
    assert billing.reserved_concurrency == 5
    assert checkout.reserved_concurrency is None
    assert [config.maximum_retry_attempts for config in billing.event_invoke] == [1]
    assert checkout.event_invoke == ()
    assert function(estate, "worker").recursive_loop == "Allow"
    assert billing.recursive_loop == "Terminate"
    assert billing.runtime_management.update_on == "Auto"
    assert function(estate, "picture").image.uri.endswith("/picture:latest")
    assert function(estate, "picture").runtime_management.kind is UnknownKind.OUTSIDE
    assert billing.scaling is None
    steady = function(estate, "steady").scaling
    assert (steady.minimum, steady.maximum) == (1, 9)
    assert function(estate, "internal").vpc.vpc_id.startswith("vpc-")
    assert billing.vpc is None
    assert [(tag.key, tag.value) for tag in checkout.tags] == [("team", "shop")]
    assert billing.tags == ()


def test_capacity_providers_tell_where_their_functions_are(estate):
    (fleet,) = estate.capacity_providers
    assert (fleet.arn, fleet.name, fleet.state) == (function(estate, "steady").capacity_provider, "fleet", "Active")
    internal = function(estate, "internal").vpc
    assert set(fleet.vpc.subnet_ids) == set(internal.subnet_ids)
    assert fleet.vpc.security_group_ids == internal.security_group_ids
    assert fleet.operator_role.endswith(":role/shop")
    assert fleet.kms_key is None


def test_code_signing_is_inverted(estate):
    (config,) = estate.code_signing_configs
    assert function(estate, "checkout").code_signing_config == config.arn
    assert function(estate, "billing").code_signing_config is None
    assert [(profile.name, profile.status, profile.version_arn) for profile in estate.signing_profiles] == [
        ("release", "Active", config.publishers[0])
    ]


def test_layers_have_their_policies(estate):
    libs, unused = estate.layers
    assert (libs.name, libs.version, libs.exists, libs.is_used) == ("libs", 1, True, True)
    assert libs.policy.statements[0].principals[0].value == "*"
    assert (unused.name, unused.is_used, unused.policy) == ("unused", False, None)


def test_iam_is_whole(estate):
    role = next(role for role in estate.roles if role.name == "shop")
    assert role.trust.statements[0].principals[0].value == "lambda.amazonaws.com"
    assert [policy.name for policy in role.inline] == ["read"]
    assert [(policy.arn, policy.document.statements[0].actions) for policy in role.attached] == [
        ("arn:aws:iam::aws:policy/AdministratorAccess", ("*",))
    ]
    assert role.boundary.arn.endswith(":policy/limits")
    assert [(user.name, user.groups) for user in estate.users] == [("ada", ("developers",))]


def test_those_who_watch(estate):
    (trail,) = estate.trails
    assert (trail.name, trail.is_logging, trail.is_multi_region, trail.home_region) == ("all", True, True, aws.REGION)
    assert [field.field for field in trail.selectors[0].fields] == ["eventCategory", "resources.type"]
    assert [group.name for group in estate.log_groups] == ["/aws/lambda/checkout", "/shop/worker"]
    assert [(detector.is_enabled, detector.lambda_network_logs) for detector in estate.detectors] == [(True, True)]
    assert [(status.lambda_standard, status.lambda_code) for status in estate.inspectors] == [(True, False)]


def test_ways_in_over_http(estate):
    found = {(trigger.kind, trigger.route, trigger.authorizer) for trigger in estate.triggers}
    assert ("rest", "GET /", None) in found
    assert ("http", "GET /work", "AWS_IAM") in found
    stages = {trigger.route: trigger.stages for trigger in estate.triggers if trigger.kind in {"rest", "http"}}
    # Of routes that are closed nobody needs to know.
    assert stages["GET /work"] is None
    assert [(one.name, one.deploys_itself, one.pending) for one in stages["GET /open"]] == [("$default", True, ())]
    assert [(one.name, one.deploys_itself, one.pending) for one in stages["GET /"]] == [("prod", False, ())]
    assert ("alb", "HTTP:80 path-pattern=/picture/*", None) in found
    assert {str(trigger.function).rpartition(":")[2] for trigger in estate.triggers} == {"billing", "worker", "picture"}
    rest = next(trigger for trigger in estate.triggers if trigger.kind == "rest")
    assert rest.resource_policy.statements[0].actions == ("execute-api:Invoke",)


def test_stores_and_sources(estate):
    assert [(key.is_customer_managed, key.is_enabled, key.rotation) for key in estate.keys] == [(True, True, False)]
    assert estate.secrets[0].policy.statements[0].principals[0].value == "*"
    assert {parameter.name for parameter in estate.parameters} == {"/shop/plain", "/shop/shared"}
    (mapping,) = estate.event_sources
    assert (mapping.source_kind, mapping.enabled) == ("sqs", True)
    assert mapping.redrive.endswith(":dead")


def test_networks(estate):
    assert all(getattr(estate, name) for name in ("vpcs", "subnets", "security_groups", "route_tables", "network_acls", "endpoints"))
    rules = {rule.cidrs: rule.descriptions for group in estate.security_groups if group.group_name == "internal" for rule in group.rules}
    assert rules == {("0.0.0.0/0",): (), ("192.0.2.0/24",): (("192.0.2.0/24", "the bank"),)}
    (transit,) = estate.transit_gateways
    assert [attachment.kind for attachment in transit.attachments] == ["vpc"]
    assert "10.1.0.0/16" in {route.destination for table in transit.route_tables for route in table.routes}


def test_the_organisation_and_its_policies(estate):
    (organization,) = estate.organizations
    assert organization.management_account == aws.SHOP
    fence = next(policy for policy in organization.policies if policy.name == "fence")
    assert fence.document.statements[0].effect == "Deny"
    assert dict(organization.parents)[fence.targets[0]].startswith("r-")


def test_nothing_is_missing_of_an_undisturbed_aws(estate):
    assert estate.missing == ()
    assert [scope.name for scope in estate.scopes] == [f"{aws.SHOP}/{aws.REGION}"]


def test_two_scans_give_one_estate(endpoint, baseline):
    again = scan(endpoint, LiveOptions(deep=True, max_workers=3))
    for name in (*COLLECTIONS, "scopes", "missing"):
        assert getattr(again.estate, name) == getattr(baseline.estate, name), name


def test_default_depth_says_what_it_did_not_ask(endpoint):
    estate = scan(endpoint).estate
    billing = function(estate, "billing")
    for fact in (
        billing.event_invoke,
        billing.recursive_loop,
        billing.runtime_management,
        function(estate, "steady").scaling,
        estate.secrets[0].policy,
        estate.event_sources[0].redrive,
    ):
        assert isinstance(fact, Unknown)
        assert (fact.kind, fact.need) == (UnknownKind.NOT_ASKED, "--deep")


def test_one_call_for_all_capacity_providers_where_a_function_names_one(endpoint):
    collected = scan(endpoint)
    assert [provider.name for provider in collected.estate.capacity_providers] == ["fleet"]
    assert dict(collected.calls)["lambda:ListCapacityProviders"] == 1


def test_the_estate_survives_storage(estate):
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(estate), type=type(estate)) == estate


def test_exactly_the_declared_calls_are_made(endpoint):
    """No call is made that is not declared, and no declared call is never made."""
    with Proxy(endpoint) as proxy:
        one = scan(proxy.endpoint, LiveOptions(deep=True, org_role="BucklerAudit"))
        seen = set(proxy.calls)
        counted = sum(times for _, times in one.calls)
        assert counted == sum(proxy.calls.values())
    # Asked only with --all-regions (test_accounts.py), and only for signatures that were found in code (test_revocation.py).
    # And for container images, with --code (test_fetching.py); two of them the registry asks IAM for itself.
    declared_elsewhere = {"signer:GetRevocationStatus", "ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}
    assert (
        seen | {"ec2:DescribeRegions"} | declared_elsewhere
        == {f"{service}:{operation}" for service, operation in CALLS} | declared_elsewhere
    )


def store(estate, kind, name):
    return next(one for one in estate.stores if (one.kind, one.name) == (kind, name))


BILLING, WORKER = (f"arn:aws:lambda:{aws.REGION}:{aws.SHOP}:function:{name}" for name in ("billing", "worker"))


def test_what_a_deep_scan_tells_of_stores(estate):
    photos = store(estate, "bucket", "photos")
    assert (photos.region, photos.blocks_public_policy, photos.kms_key) == (aws.REGION, True, "alias/photos")
    assert photos.policy.statements[0].principals[0].kind == "*"
    assert photos.notifies == (BILLING,)
    inbox = store(estate, "bucket", "inbox")
    assert (inbox.policy, inbox.blocks_public_policy, inbox.kms_key) == (None, False, None)
    assert inbox.notifies == ()
    news = store(estate, "topic", "news")
    assert news.notifies == (BILLING,)
    assert [condition.key for condition in news.policy.statements[0].conditions] == ["AWS:SourceOwner"]
    assert [store(estate, *one).policy for one in (("queue", "orders"), ("table", "orders"), ("stream", "clicks"))] == [None, None, None]
    assert store(estate, "repository", "picture").policy.statements[0].actions == ("ecr:BatchGetImage",)
    default = store(estate, "event-bus", "default")
    assert default.policy.statements[0].sid == "partner"
    assert default.notifies == (WORKER,)  # not by a schedule, and not by what only S3 may say


def test_a_bucket_that_tells_eventbridge_tells_whom_a_rule_names(endpoint):
    def told(true):
        # The embedded AWS keeps this setting and does not answer it.
        is_empty = b"<NotificationConfiguration" in true.body and b"Function" not in true.body
        bridge = b"<NotificationConfiguration><EventBridgeConfiguration></EventBridgeConfiguration></NotificationConfiguration>"
        return true._replace(body=bridge) if is_empty else true

    with liar(endpoint, told, "s3") as between:
        estate = scan(between, LiveOptions(deep=True)).estate
    assert store(estate, "bucket", "inbox").notifies == (BILLING,)
    assert store(estate, "bucket", "trail").notifies == ()
    assert store(estate, "bucket", "photos").notifies == (BILLING,)


def test_keys_have_grants_only_when_somebody_granted_some(estate):
    assert [key.grants for key in estate.keys] == [()]


def test_by_default_only_stores_that_start_functions_are_asked_for_their_policies(endpoint):
    stores = {(one.kind, one.name): one for one in scan(endpoint).estate.stores}
    asked = {key for key, one in stores.items() if not isinstance(one.policy, Unknown)}
    # The bus's policy is in the list of buses; the topic tells a function; the queue is polled.
    assert asked == {("event-bus", "default"), ("queue", "orders"), ("topic", "news")}
    assert {one.policy.kind for key, one in stores.items() if key not in asked} == {UnknownKind.NOT_ASKED}
    assert {one.policy.need for key, one in stores.items() if key not in asked} == {"--deep"}


def test_prefix_lists_are_read_with_their_entries(estate):
    told = {one.list_name: one.entries for one in estate.prefix_lists}
    assert told["offices"] == ("198.51.100.0/24",)
    assert () not in told.values()


def test_the_endpoint_of_a_network_firewall_names_it(estate):
    assert {one.endpoint_type: one.firewall for one in estate.endpoints} == {"Gateway": "", "GatewayLoadBalancer": "border"}

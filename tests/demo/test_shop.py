"""The shop deploys, holds what its table says it holds, and is what a scanner could find."""

import functools
import json
from collections import Counter

import pytest
from tests import aws
from tests.proxy import Proxy

from buckler.demo.shop import TRUTH, deploy
from buckler.demo.shop.catalog import FUNCTIONS
from buckler.demo.shop.names import AUDIT_ROLE


def reader(shop, service, region="eu-west-1", account=aws.SHOP):
    # The random part of an ARN tells one deployment from the next: credentials of a role do not outlive a reset.
    return _reader(shop.ids["config enforced"], shop.endpoint, service, region, account)


@functools.cache
def _reader(_, endpoint, service, region, account):
    return aws.client(service, endpoint, region=region, account=account)


def row_id(row):
    return "-".join(part for part in (row.weakness, row.subject, row.qualifier, row.expected) if part)


def test_it_takes_few_calls_to_deploy():
    """Whoever types `buckler demo` waits for it; `python -m bench startup` says how long."""
    with Proxy(aws.fresh().endpoint) as proxy:
        deploy(proxy.endpoint)
        assert sum(proxy.calls.values()) < 12 * len(FUNCTIONS)


def test_every_function_of_the_catalog_is_there(shop):
    there = {
        (account, region, one["FunctionName"])
        for account in shop.accounts
        for region in shop.regions
        for page in reader(shop, "lambda", region, account).get_paginator("list_functions").paginate()
        for one in page["Functions"]
    }
    assert there == {(one.account, one.region, one.name) for one in FUNCTIONS}
    assert shop.functions == len(FUNCTIONS)


def test_the_audit_role_lets_a_scanner_into_each_account(shop):
    for arn, account in zip(shop.audit_roles, shop.accounts, strict=True):
        assert arn == f"arn:aws:iam::{account}:role/{AUDIT_ROLE}"
        assert reader(shop, "iam", account=account).get_role(RoleName=AUDIT_ROLE)["Role"]["Arn"] == arn


READ = {
    "role": lambda shop, row, arn: reader(shop, "iam", account=row.account).get_role(RoleName=row.subject)["Role"]["Arn"] == arn,
    "region": lambda shop, row, _: row.account in shop.accounts and row.region in shop.regions,
    "trigger": lambda shop, row, _: row.subject.partition(" ")[0] in {"shop-api", "shop-http"},
    "log-group": lambda shop, row, _: reader(shop, "logs").describe_log_groups(logGroupNamePrefix=row.subject)["logGroups"],
    "security-group": lambda shop, row, arn: reader(shop, "ec2").describe_security_groups(GroupIds=[arn.rpartition("/")[2]])[
        "SecurityGroups"
    ],
    "code-signing-config": lambda shop, row, arn: reader(shop, "lambda").get_code_signing_config(CodeSigningConfigArn=arn)[
        "CodeSigningConfig"
    ],
    "event-source-mapping": lambda shop, row, arn: reader(shop, "lambda").get_event_source_mapping(UUID=arn.rpartition(":")[2])["UUID"],
    "function": lambda shop, row, arn: reader(shop, "lambda", row.region, row.account).get_function(
        FunctionName=arn, Qualifier=row.qualifier or "$LATEST"
    ),
}


def layer_version_is_as_told(shop, row, arn):
    lam = reader(shop, "lambda", row.region, row.account)
    if row.weakness == "layer_version_gone" and row.expected == "finding":
        with pytest.raises(lam.exceptions.ResourceNotFoundException):
            lam.get_layer_version_by_arn(Arn=arn)
        return True
    return lam.get_layer_version_by_arn(Arn=arn)["LayerVersionArn"] == arn


@pytest.mark.parametrize("row", TRUTH, ids=row_id)
def test_each_subject_of_the_table_is_there_or_gone_as_told(shop, row):
    assert (READ | {"layer-version": layer_version_is_as_told})[row.kind](shop, row, shop.subject(row))


def test_every_weakness_has_a_finding_and_a_look_alike():
    kinds = Counter((row.weakness, row.expected) for row in TRUTH)
    for weakness in {row.weakness for row in TRUTH}:
        assert kinds[weakness, "finding"]
        assert kinds[weakness, "safe"]


def test_no_row_contradicts_another():
    verdicts = {}
    for row in TRUTH:
        subject = (row.weakness, row.account, row.region, row.subject, row.qualifier)
        assert verdicts.setdefault(subject, row.expected) == row.expected
    assert len(verdicts) == len(TRUTH)


def sids(shop, name, **qualifier):
    policy = reader(shop, "lambda").get_policy(FunctionName=name, **qualifier)["Policy"]
    return {one["Sid"]: one for one in json.loads(policy)["Statement"]}


def test_an_open_url_has_both_allows_and_a_closed_one_only_one(shop):
    both = sids(shop, "checkout")
    assert both["FunctionURLAllowPublicAccess"]["Condition"] == {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
    assert both["FunctionURLInvokeAllowPublicAccess"]["Condition"] == {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
    assert {one["Action"] for one in sids(shop, "payments-webhook").values()} == {"lambda:InvokeFunctionUrl"}


def test_the_alias_is_open_and_the_function_is_not(shop):
    lam = reader(shop, "lambda")
    assert len(sids(shop, "report-api", Qualifier="live")) == 2
    with pytest.raises(lam.exceptions.ResourceNotFoundException):
        lam.get_policy(FunctionName="report-api")
    assert [
        one["FunctionArn"].rpartition(":")[2] for one in lam.list_function_url_configs(FunctionName="report-api")["FunctionUrlConfigs"]
    ] == ["live"]


def test_the_deleted_layer_version_is_gone_and_the_strangers_is_readable(shop):
    lam = reader(shop, "lambda")
    gone, theirs = (one["Arn"] for one in lam.get_function_configuration(FunctionName="price-feed")["Layers"])
    with pytest.raises(lam.exceptions.ResourceNotFoundException):
        lam.get_layer_version_by_arn(Arn=gone)
    assert lam.get_layer_version_by_arn(Arn=theirs)["LayerVersionArn"] == theirs


def test_the_invented_github_token_has_its_checksum():
    import binascii

    from buckler.demo.shop.secrets import BASE62, GITHUB_TOKEN

    entropy, checksum = GITHUB_TOKEN[4:34], GITHUB_TOKEN[34:]
    number = 0
    for digit in checksum:
        number = number * 62 + BASE62.index(digit)
    assert number == binascii.crc32(entropy.encode())

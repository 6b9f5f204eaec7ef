import csv

import pytest
from tests.shared import shared

from buckler.data.layer_accounts import PublisherKind, is_runtime_security_layer, publisher, publishers


def test_accounts_are_twelve_digits_and_kinds_are_kept():
    assert all(len(account) == 12 and account.isdigit() for account in publishers())
    assert {one.kind for one in publishers().values()} == set(PublisherKind)
    assert len(publishers()) >= 28


def test_the_compiled_list_is_covered():
    with shared("layer_accounts.tsv").open(encoding="utf-8") as file:
        accounts = [row["account"] for row in csv.DictReader(file, delimiter="\t")]
    assert len(accounts) == 28
    assert not [account for account in accounts if publisher(account) is None]


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:65", True),
        ("arn:aws:lambda:eu-west-1:111122223333:layer:twistlock-defender:1", True),
        ("arn:aws:lambda:eu-west-1:111122223333:layer:sysdig-agent:4", True),
        ("arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension:53", False),
        ("arn:aws:lambda:eu-west-1:111122223333:layer:Datadog-Extension:1", False),
        ("not an arn", False),
    ],
)
def test_runtime_security_layers(arn, expected):
    assert is_runtime_security_layer(arn) is expected


def test_a_test_account_is_no_vendor():
    assert publisher("644160558196").kind is PublisherKind.TEST

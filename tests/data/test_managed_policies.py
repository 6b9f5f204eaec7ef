import subprocess
import sys
from pathlib import Path

import pytest

from buckler.data import managed_policies
from buckler.data.managed_policies import managed_policy, managed_policy_names


def test_administrator_access_is_everything():
    (statement,) = managed_policy("arn:aws:iam::aws:policy/AdministratorAccess")["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Allow", "*", "*")


@pytest.mark.parametrize(
    "by",
    [
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "service-role/AWSLambdaBasicExecutionRole",
        "AWSLambdaBasicExecutionRole",
    ],
)
def test_a_policy_is_found_by_arn_path_and_name(by):
    (statement,) = managed_policy(by)["Statement"]
    assert set(statement["Action"]) == {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}


@pytest.mark.parametrize(
    "by",
    [
        "arn:aws:iam::111122223333:policy/AdministratorAccess",
        "arn:aws:iam::aws:policy/NoSuchPolicy",
        "NoSuchPolicy",
        "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole",
    ],
)
def test_what_is_not_aws_own_is_not_found(by):
    assert managed_policy(by) is None


def test_the_table_is_whole():
    assert len(managed_policy_names()) > 1500
    assert all("Statement" in managed_policy(name) for name in managed_policy_names())


def test_loading_is_lazy_and_small():
    file = Path(managed_policies.__file__).parent / "policies.json.zlib"
    assert file.stat().st_size < 700_000
    code = "import buckler.data.managed_policies as m; assert not m._documents.cache_info().currsize"
    subprocess.run([sys.executable, "-c", code], check=True)

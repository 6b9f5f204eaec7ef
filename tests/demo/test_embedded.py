"""The embedded AWS starts, answers, keeps to itself, and goes away."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from tests import aws
from tests.signals import interruptible

from buckler.demo.embedded import EmbeddedAws


def test_it_listens_while_it_is_entered_and_not_a_moment_longer():
    before = threading.active_count()
    with EmbeddedAws() as embedded:
        port = int(embedded.endpoint.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)):
            pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    assert threading.active_count() <= before + 1  # a handler thread may be on its way out


def test_it_has_no_endpoint_before_it_runs():
    with pytest.raises(RuntimeError, match="with statement"):
        _ = EmbeddedAws().endpoint


def test_many_writers_and_readers_at_once_lose_nothing(lam, make):
    make("f000")
    version = {"Role": "arn:aws:iam::123456789012:role/r", "Runtime": "python3.13", "Handler": "a.b", "Code": {"ZipFile": aws.zipped()}}

    def work(number):
        lam.create_function(FunctionName=f"f{number:03}", **version)
        lam.add_permission(FunctionName="f000", StatementId=f"s{number}", Action="lambda:InvokeFunction", Principal="123456789012")
        lam.list_functions()
        lam.get_policy(FunctionName="f000")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(1, 41)))
    assert len(lam.list_functions()["Functions"]) == 41
    assert lam.get_policy(FunctionName="f000")["Policy"].count('"Sid"') == 40


def test_motos_own_reset_resets_all_of_it(endpoint, make):
    make()
    aws.client("iam", endpoint).create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")).close()  # noqa: S310 - the embedded AWS
    assert aws.client("lambda", endpoint).list_functions()["Functions"] == []
    assert aws.client("iam", endpoint).list_roles()["Roles"] == []


def test_an_account_joins_an_organisation_by_invitation(endpoint):
    management = aws.client("organizations", endpoint)
    organization = management.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    invitation = management.invite_account_to_organization(Target={"Id": aws.PARTNER, "Type": "ACCOUNT"})["Handshake"]
    assert [one["Id"] for one in management.list_accounts()["Accounts"]] == [aws.SHOP]
    member = aws.client("organizations", endpoint, account=aws.PARTNER)
    with pytest.raises(member.exceptions.AWSOrganizationsNotInUseException):
        member.describe_organization()
    assert member.accept_handshake(HandshakeId=invitation["Id"])["Handshake"]["State"] == "ACCEPTED"
    assert [one["Id"] for one in management.list_accounts()["Accounts"]] == [aws.SHOP, aws.PARTNER]
    assert member.describe_organization()["Organization"]["Id"] == organization
    assert [
        one["Id"] for one in management.list_policies_for_target(TargetId=aws.PARTNER, Filter="SERVICE_CONTROL_POLICY")["Policies"]
    ] == ["p-FullAWSAccess"]
    with pytest.raises(member.exceptions.HandshakeAlreadyInStateException):
        member.accept_handshake(HandshakeId=invitation["Id"])


def test_it_can_be_run_by_hand_and_ends_with_ctrl_c():
    with interruptible():
        process = subprocess.Popen(
            [sys.executable, "-m", "buckler.demo"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
    try:
        summary, export = process.stdout.readline(), process.stdout.readline()
        assert "210987654321" in summary
        variables = dict(word.split("=", 1) for word in export.split()[1:])
        lam = boto3.client(
            "lambda",
            endpoint_url=variables["AWS_ENDPOINT_URL"],
            region_name=variables["AWS_REGION"],
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        )
        assert lam.get_function(FunctionName="checkout")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        assert "Traceback" not in errors
    finally:
        process.kill()
        process.wait()

"""Which services a role used is read with --deep, for the roles functions run as and a policy opens a whole service to."""

import json

import pytest
from tests import aws
from tests.proxy import Fault, Proxy
from tests.sources.live.conftest import scan

from buckler.model.iam import ServiceUse
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live import LiveOptions

TRUST = json.dumps(
    {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
        "Version": "2012-10-17",
    }
)


@pytest.fixture(scope="module")
def shop():
    server = aws.fresh()
    iam, functions = aws.client("iam", server.endpoint), aws.client("lambda", server.endpoint)
    for name, action in (("wide", ["s3:*", "sqs:*"]), ("narrow", ["s3:GetObject"]), ("idle", ["s3:*"])):
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
        iam.put_role_policy(RoleName=name, PolicyName="its", PolicyDocument=json.dumps(document))
        if name != "idle":
            functions.create_function(
                FunctionName=name, Role=arn, Runtime="python3.12", Handler="a.b", Code={"ZipFile": aws.zipped(**{"a.py": ""})}
            )
    return server.endpoint


def used(found):
    return {role.name: role.services_used for role in found.estate.roles}


def test_only_a_deep_scan_asks(shop):
    assert {unknown.kind for unknown in used(scan(shop, LiveOptions())).values()} == {UnknownKind.NOT_ASKED}


def test_a_report_is_read_for_the_roles_it_matters_for(shop):
    with Proxy(shop) as proxy:
        told = used(scan(proxy.endpoint, LiveOptions(deep=True)))
    assert told["wide"] == (ServiceUse(service="s3", last=None), ServiceUse(service="sqs", last=None))
    assert {told[name].kind for name in ("narrow", "idle")} == {UnknownKind.NOT_ASKED}
    assert proxy.calls["iam:GenerateServiceLastAccessedDetails"] == 1


def test_the_age_of_roles_is_read(shop):
    assert all(role.created for role in scan(shop, LiveOptions()).estate.roles)


@pytest.mark.parametrize("operation", ["GenerateServiceLastAccessedDetails", "GetServiceLastAccessedDetails"])
def test_a_refusal_is_named(shop, operation):
    with Proxy(shop, faults=(Fault(f"iam:{operation}", kind="denied"),)) as proxy:
        told = used(scan(proxy.endpoint, LiveOptions(deep=True)))
    assert isinstance(told["wide"], Unknown)
    assert told["wide"].need == f"iam:{operation}"

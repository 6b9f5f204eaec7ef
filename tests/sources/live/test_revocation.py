"""AWS is asked whether a signature was revoked, by the names it gives certificates, and only when nobody told already."""

import threading
from datetime import UTC, datetime

import botocore.session
import pytest
from msgspec.structs import replace
from tests import aws
from tests.engines.artifact.signing import JOB, chain
from tests.sources.live.conftest import QUICK

from buckler.engines.artifact.revocation import NOT_CHECKED, composite_hashes
from buckler.model.artifact import Signature
from buckler.model.progress import Silent
from buckler.model.unknown import Unknown
from buckler.sources.live.api import Account, Api, Reader
from buckler.sources.live.revocation import ask_revocation

LOST, KEPT = "lost", "kept"


@pytest.fixture(scope="module")
def signed():
    """A way to make signatures by profiles that AWS knows; one of them is revoked from June 2026 on."""
    server = aws.fresh()
    signer = aws.client("signer", server.endpoint)
    made = {name: signer.put_signing_profile(profileName=name, platformId="AWSLambda-SHA384-ECDSA") for name in (LOST, KEPT)}
    since = datetime(2026, 6, 1, tzinfo=UTC)
    signer.revoke_signing_profile(profileName=LOST, profileVersion=made[LOST]["profileVersion"], reason="leaked", effectiveTime=since)
    marks = composite_hashes(chain().certificates)

    def make(name: str, at: str = "2026-07-01T12:00:00Z") -> Signature:
        return Signature(
            kind="aws-signer",
            state="valid",
            signer=made[name]["profileVersionArn"],
            job=JOB,
            signed_at=at,
            revocation=NOT_CHECKED,
            certificate_hashes=marks,
        )

    with aws.environment(server.endpoint):
        yield make


@pytest.fixture
def reader():
    account = Account(botocore.session.Session(), aws.REGION)
    account.id = "123456789012"
    return Reader(Api(stop=threading.Event(), progress=Silent(), patience=QUICK, connections=2), account, aws.REGION)


def test_a_profile_that_was_revoked_before_it_signed_makes_the_signature_void(signed, reader):
    found = ask_revocation(reader, signed(LOST))
    assert (found.state, found.revocation, found.why) == ("revoked", None, "AWS Signer says that its signing profile was revoked")


@pytest.mark.parametrize(("name", "at"), [(KEPT, "2026-07-01T12:00:00Z"), (LOST, "2026-05-01T12:00:00Z")], ids=["kept", "before"])
def test_what_was_not_revoked_is_told_as_looked_up(signed, reader, name, at):
    found = ask_revocation(reader, signed(name, at))
    assert (found.state, found.revocation) == ("valid", None)


@pytest.mark.parametrize(
    "changed", [{"state": "invalid"}, {"revocation": None}, {"certificate_hashes": ()}, {"kind": "cosign"}, {"signer": "CN=Somebody"}]
)
def test_nothing_is_asked_where_there_is_nothing_to_ask(signed, reader, changed):
    one = replace(signed(LOST), **changed)
    assert ask_revocation(reader, one) == one
    assert reader._api.counts == ()


def test_an_endpoint_that_does_not_answer_leaves_the_question_open(signed, reader):
    one = signed(LOST)
    with aws.environment("http://127.0.0.1:9"):
        found = ask_revocation(reader, one)
    assert found.state == "valid"
    assert isinstance(found.revocation, Unknown)
    assert "signer:GetRevocationStatus" in found.revocation.need

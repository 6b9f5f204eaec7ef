"""A service that nobody answers for costs the patience for one call, not for each of its operations."""

import os

from tests import aws

from buckler.engines.secrets import judge
from buckler.model.progress import Silent
from buckler.model.unknown import UnknownKind
from buckler.sources.live import LiveOptions, Patience, collect

PATIENCE = Patience(total_s=3.0, first_s=0.05, longest_s=0.4, connect_s=1, read_s=5)


def test_a_closed_endpoint_is_waited_for_once(endpoint, monkeypatch):
    with aws.environment(endpoint):
        monkeypatch.setitem(os.environ, "AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:9")
        collected = collect(LiveOptions(), judge=judge, progress=Silent(), patience=PATIENCE)
    # What is asked once the first waited in vain is tried a single time.
    assert dict(collected.calls)["lambda:GetAccountSettings"] == 1
    missing = {one.collection: one.unknown for one in collected.estate.missing}
    assert missing["functions"].kind is UnknownKind.FAILED
    assert missing["functions"].why == "EndpointConnectionError on lambda:ListFunctions"
    assert missing["event_sources"].kind is UnknownKind.FAILED
    assert collected.estate.roles, "the other services were read"

import pytest
from tests.estates import DENIED, event_source, verdict

from buckler.checks.event_source_failure_destination_missing import event_source_failure_destination_missing
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:failed"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"source_kind": "kinesis"}, Finding, id="stream-without"),
        pytest.param({"source_kind": "dynamodb"}, Finding, id="table-stream-without"),
        pytest.param({"source_kind": "kinesis", "on_failure": QUEUE}, None, id="stream-with"),
        pytest.param({"source_kind": "kinesis", "on_failure": hole("Queue")}, None, id="stream-with-a-hole"),
        pytest.param({"source_kind": "kinesis", "enabled": False}, None, id="disabled"),
        pytest.param({"source_kind": "sqs"}, Finding, id="queue-without-redrive"),
        pytest.param({"source_kind": "sqs", "redrive": QUEUE}, None, id="queue-with-redrive"),
        pytest.param({"source_kind": "mq"}, None, id="brokers-know-no-destination"),
        pytest.param({"source_kind": "kinesis", "on_failure": DENIED}, Gap, id="destination-unreadable"),
        pytest.param({"source_kind": "sqs", "redrive": DENIED}, Gap, id="redrive-unreadable"),
        pytest.param({"source_kind": "kinesis", "enabled": DENIED}, Gap, id="state-unreadable"),
        pytest.param({"source_kind": "kafka"}, Finding, id="topic-without"),
        pytest.param({"source_kind": "msk", "on_failure": QUEUE}, None, id="topic-with"),
        pytest.param({"source_kind": "documentdb"}, None, id="change-streams-know-no-destination"),
        pytest.param({"source_kind": "sqs", "on_failure": QUEUE}, Finding, id="a-queue-keeps-failures-by-its-redrive-alone"),
        pytest.param({"source_kind": "kinesis", "redrive": QUEUE}, Finding, id="a-stream-keeps-failures-by-its-destination-alone"),
        pytest.param({"source_kind": "kinesis", "enabled": False, "on_failure": DENIED}, None, id="disabled-whatever-the-destination"),
        pytest.param({"source_kind": "sqs", "enabled": False, "redrive": DENIED}, None, id="disabled-whatever-the-redrive"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(event_source_failure_destination_missing, event_source(**facts)) is expected

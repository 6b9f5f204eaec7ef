from tests.estates import REGION, event_source, function, role
from tests.fixes.remedies import planned

from buckler.checks.event_source_failure_destination_missing import event_source_failure_destination_missing as check

TOPIC = f"arn:aws:sns:{REGION}:123456789012:failed"
STREAM = event_source(source=f"arn:aws:kinesis:{REGION}:123456789012:stream/s", source_kind="kinesis")


def test_records_are_kept():
    fix = planned(check, STREAM, function(), role(), failure_destination=TOPIC)
    grant, edit = fix.edits
    assert fix.proof.verdict == "proved"
    assert grant.after["Statement"] == [{"Effect": "Allow", "Action": "sns:Publish", "Resource": TOPIC}]
    assert edit.do.parameters == {"UUID": STREAM.name, "DestinationConfig": {"OnFailure": {"Destination": TOPIC}}}
    assert edit.undo.parameters == {"UUID": STREAM.name, "DestinationConfig": {"OnFailure": {}}}


def test_a_queue_has_its_own():
    queue = event_source(source=f"arn:aws:sqs:{REGION}:123456789012:q", source_kind="sqs", redrive=None)
    fix = planned(check, queue, function(), role(), failure_destination=TOPIC)
    assert (fix.proof.verdict, fix.summary) == ("advice", "give the queue a `RedrivePolicy`")

"""`aws_lambda_event_source_mapping`."""

import json

import pytest
from tests.sources.terraform.plans import function, read, ref, resource

from buckler.model.text import hole, shown
from buckler.model.unknown import UnknownKind

SHOP = function()


class TestEventSource:
    def mapping(self, tmp_path, values=None, *more, references=None, **kwargs):
        expressions = {"event_source_arn": ref(references)} if references else {}
        made = resource(
            "aws_lambda_event_source_mapping.m",
            {"function_name": "shop", **(values or {})},
            expressions=expressions | kwargs.pop("expressions", {}),
            **kwargs,
        )
        estate = read(tmp_path, SHOP, made, *more)
        (found,) = estate.event_sources
        assert found.function == estate.functions[0].arn
        return found

    @pytest.mark.parametrize(
        ("arn", "kind"),
        [
            ("arn:aws:sqs:eu-west-1:111122223333:q", "sqs"),
            ("arn:aws:kinesis:eu-west-1:111122223333:stream/s", "kinesis"),
            ("arn:aws:dynamodb:eu-west-1:111122223333:table/t/stream/x", "dynamodb"),
            ("arn:aws:kafka:eu-west-1:111122223333:cluster/c/x", "msk"),
            ("arn:aws:mq:eu-west-1:111122223333:broker:b", "mq"),
            ("arn:aws:rds:eu-west-1:111122223333:cluster:c", "documentdb"),
        ],
    )
    def test_kinds_by_arn(self, tmp_path, arn, kind):
        found = self.mapping(tmp_path, {"event_source_arn": arn})
        assert (found.source, found.source_kind, found.enabled) == (arn, kind, True)

    def test_kinds_by_what_the_expression_refers_to(self, tmp_path):
        cluster = resource("aws_msk_cluster.c", {}, unknown={"arn": True})
        found = self.mapping(tmp_path, None, cluster, references="aws_msk_cluster.c.arn")
        assert (found.source, found.source_kind) == (hole("aws_msk_cluster.c.arn"), "msk")

    def test_self_managed_kafka_and_its_credentials(self, tmp_path):
        found = self.mapping(
            tmp_path,
            {
                "self_managed_event_source": [{"endpoints": {"KAFKA_BOOTSTRAP_SERVERS": "a:9092"}}],
                "source_access_configuration": [{"type": "BASIC_AUTH", "uri": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x"}],
            },
        )
        assert (found.source, found.source_kind, [one.name for one in found.credentials]) == (None, "kafka", ["BASIC_AUTH"])

    @pytest.mark.parametrize(
        ("queue", "redrive"),
        [
            (resource("aws_sqs_queue.q", {"name": "q"}, unknown={"arn": True}), None),
            (
                resource(
                    "aws_sqs_queue.q",
                    {"name": "q", "redrive_policy": json.dumps({"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:1:d"})},
                    unknown={"arn": True},
                ),
                "arn:aws:sqs:eu-west-1:1:d",
            ),
            (
                resource(
                    "aws_sqs_queue.q", {"name": "q"}, unknown={"arn": True}, expressions={"redrive_policy": ref("aws_sqs_queue.d.arn")}
                ),
                "arn:aws:sqs:eu-west-1:${AWS::AccountId}:d",
            ),
        ],
        ids=["none", "known", "of-the-plan"],
    )
    def test_the_dead_letter_queue_of_a_queue(self, tmp_path, queue, redrive):
        dead = resource("aws_sqs_queue.d", {"name": "d"}, unknown={"arn": True})
        found = self.mapping(tmp_path, None, queue, dead, references="aws_sqs_queue.q.arn")
        assert (found.redrive if found.redrive is None else shown(found.redrive)) == redrive

    def test_the_dead_letter_queue_of_a_queue_elsewhere(self, tmp_path):
        found = self.mapping(tmp_path, {"event_source_arn": "arn:aws:sqs:eu-west-1:111122223333:q"})
        assert found.redrive.kind is UnknownKind.OUTSIDE

    def test_failure_destination(self, tmp_path):
        found = self.mapping(
            tmp_path, {"enabled": False, "destination_config": [{"on_failure": [{"destination_arn": "arn:aws:sqs:x:1:d"}]}]}
        )
        assert (found.on_failure, found.enabled) == ("arn:aws:sqs:x:1:d", False)

    def test_of_an_unknown_function_leaves_the_event_sources_incomplete(self, tmp_path):
        stray = resource(
            "aws_lambda_event_source_mapping.m", {"event_source_arn": "arn:aws:sqs:x:1:q"}, expressions={"function_name": ref("local.f")}
        )
        estate = read(tmp_path, SHOP, stray)
        assert [one.unknown.kind for one in estate.missing if one.collection == "event_sources"] == [UnknownKind.UNRESOLVED]

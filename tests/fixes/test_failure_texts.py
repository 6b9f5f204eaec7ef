"""What functions fail on, in texts: queues get a dead-letter queue, functions of plain CloudFormation a destination."""

import pytest
from tests.fixes.test_texts import changes, plan_of

from buckler.app import ScanOptions, scan_targets
from buckler.app.fixing import write_texts
from buckler.model.fix import Wishes
from buckler.model.severity import Persona

FAILED = "arn:aws:sqs:eu-west-1:123456789012:failed"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:failed"
ROLE = """\
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
"""
FUNCTION = """\
  F:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.14, Handler: a.b, Code: {ZipFile: x}, Role: %s}
  Now:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref F, Action: lambda:InvokeFunction, Principal: s3.amazonaws.com, SourceAccount: !Ref AWS::AccountId}
"""
QUEUE = """\
  In:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: in%s
      DelaySeconds: 1  # soon
  From:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref F, EventSourceArn: !GetAtt In.Arn}
"""
TERRAFORM = """\
resource "aws_sqs_queue" "in" {
  name = "in%s"
}

resource "aws_iam_role" "f" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_lambda_function" "f" {
  function_name = "f"
  role          = aws_iam_role.f.arn
  runtime       = "python3.14"
  handler       = "a.b"
  filename      = "a.zip"
}

resource "aws_lambda_event_source_mapping" "in" {
  event_source_arn = aws_sqs_queue.in.arn
  function_name    = aws_lambda_function.f.arn
}
"""
RECORDS, EVENTS = "event-source-failure-destination-missing", "failure-destination-missing"


def options(check):
    return ScanOptions(only=(check,), persona=Persona.AUDITOR)


def planned(path, check, target=FAILED):
    (fix,) = plan_of(path, options(check), Wishes(failure_destination=target)).fixes
    return fix


def made(path, check, target=FAILED):
    """The lines that change, when the fix is proved and written, and the finding is gone."""
    before = path.read_text()
    plan = plan_of(path, options(check), Wishes(failure_destination=target))
    assert [(fix.proof.verdict, fix.proof.why) for fix in plan.fixes] == [("proved", "")]
    write_texts(plan)
    assert check not in {one.check for one in scan_targets([path], options(check)).findings}
    return changes(before, path.read_text())


def test_a_queue_of_a_template_gets_a_dead_letter_queue(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text("Resources:\n" + ROLE + FUNCTION % "!GetAtt R.Arn" + QUEUE % "")
    assert made(path, RECORDS) == [
        "+       RedrivePolicy:",
        f'+         deadLetterTargetArn: "{FAILED}"',
        "+         maxReceiveCount: 5",
    ]


@pytest.mark.parametrize(("name", "target"), [("", TOPIC), ("", f"{FAILED}.fifo"), (".fifo\n      FifoQueue: true", FAILED)])
def test_a_dead_letter_queue_is_a_queue_of_the_same_kind(tmp_path, name, target):
    path = tmp_path / "template.yaml"
    path.write_text("Resources:\n" + ROLE + FUNCTION % "!GetAtt R.Arn" + QUEUE % name)
    fix = planned(path, RECORDS, target)
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert "which queue of its kind" in fix.proof.why


def test_a_queue_of_a_configuration_gets_one(tmp_path):
    path = tmp_path / "main.tf"
    path.write_text(TERRAFORM % "")
    assert made(path, RECORDS) == [
        "+   redrive_policy = jsonencode({",
        f'+     deadLetterTargetArn = "{FAILED}"',
        "+     maxReceiveCount     = 5",
        "+   })",
    ]
    path.write_text((TERRAFORM % ".fifo").replace('.fifo"\n', '.fifo"\n  fifo_queue = true\n'))
    assert planned(path, RECORDS).proof.verdict == "advice"
    assert planned(path, RECORDS, f"{FAILED}.fifo").proof.verdict == "proved"


def test_a_function_of_plain_cloudformation_gets_a_destination_once_its_role_may_send_there(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text("Resources:\n" + ROLE + FUNCTION % "!GetAtt R.Arn")
    assert planned(path, EVENTS, "").proof.verdict == "advice"
    lines = made(path, EVENTS, TOPIC)
    assert all(line.startswith("+") for line in lines)
    text = "\n".join(line[2:] for line in lines)
    for wanted in ("FFailures:", "DependsOn: RFailureDestination", f'Destination: "{TOPIC}"', 'Action: "sns:Publish"', "- Ref: R"):
        assert wanted in text


def test_what_is_about_a_function_is_made_when_the_function_is(tmp_path):
    path = tmp_path / "template.yaml"
    wanted = (
        (FUNCTION % "!GetAtt R.Arn")
        .replace("  F:\n", "  F:\n    Condition: Wanted\n")
        .replace("  Now:\n", "  Now:\n    Condition: Wanted\n")
    )
    path.write_text('Conditions: {Wanted: !Equals ["a", "a"]}\nResources:\n' + ROLE + wanted)
    assert made(path, EVENTS).count("+     Condition: Wanted") == 1


def test_a_role_that_stands_elsewhere_is_granted_there(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text("Resources:\n" + FUNCTION % "arn:aws:iam::123456789012:role/r")
    fix = planned(path, EVENTS)
    assert fix.proof.verdict == "proved", fix.proof.why
    assert fix.lost[0].startswith("nothing, once the role may send there")

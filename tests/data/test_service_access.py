from buckler.data.managed_policies import managed_policy
from buckler.data.service_access import EscalationKind, access_gained, escalating_actions, escalation_paths, sensitive_services


def test_sensitive_services_have_a_sentence():
    assert access_gained("s3") == "read and overwrite every bucket"
    assert access_gained("S3") == access_gained("s3")
    assert access_gained("translate") is None
    assert all(not access_gained(service).endswith(".") for service in sensitive_services())


def test_service_prefixes_are_iam_prefixes():
    # ReadOnlyAccess names nearly every prefix there is; `sts` and a few others only appear elsewhere.
    actions = {action.split(":")[0] for statement in managed_policy("ReadOnlyAccess")["Statement"] for action in statement["Action"]}
    assert sensitive_services() - actions <= {"sts"}


def test_actions_that_escalate_alone():
    assert {"iam:CreatePolicyVersion", "iam:AttachRolePolicy", "lambda:UpdateFunctionCode", "sts:AssumeRole"} <= escalating_actions()
    assert "iam:PassRole" not in escalating_actions()


def test_paths_are_whole():
    assert len(escalation_paths()) > 65
    assert {path.kind for path in escalation_paths()} == set(EscalationKind)
    assert all(":" in action for path in escalation_paths() for action in path.actions)
    passing = [path for path in escalation_paths() if path.kind is EscalationKind.NEW_PASSROLE]
    assert sum("iam:PassRole" in path.actions for path in passing) >= 0.9 * len(passing)

"""What a role gains by a whole service, and by single actions that lead to more permissions than it has.

The services and the sentences are ours, after each service's API reference, read 2026-11-25. The paths are those of `techniques.toml`.
"""

import enum
from dataclasses import dataclass
from functools import cache

from buckler.data.techniques import technique_table

# A service is here when `service:*` on every resource reaches data, secrets, code that runs elsewhere, or other principals.
_SERVICES = {
    "apigateway": "change every API, its authorizers and where it sends requests",
    "bedrock": "use every model on the owner's bill and read the prompts that are logged",
    "cloudformation": "change every stack with the role the stack has",
    "cloudtrail": "stop, redirect or blind the account's audit trail",
    "codebuild": "run commands with the role of every build project and read its environment",
    "codepipeline": "change what every pipeline builds and deploys",
    "cognito-idp": "create users, reset passwords and issue tokens in every user pool",
    "config": "stop the recording of configuration changes",
    "dynamodb": "read, change and delete every table",
    "ec2": "start, stop and open machines and networks, and read every disk through snapshots",
    "ecr": "replace every container image, also those functions run",
    "ecs": "run containers with the role of every task",
    "eks": "enter and change every cluster",
    "elasticache": "read, change and delete every cache",
    "elasticfilesystem": "mount, change and delete every file system",
    "events": "start whatever every rule starts, and send events in any name",
    "glue": "run jobs with the role of every job and read the data catalog",
    "guardduty": "switch off threat detection",
    "iam": "become anyone: change every policy and create keys for every user",
    "kinesis": "read and write every stream",
    "kms": "decrypt with, change and schedule the deletion of every key",
    "lambda": "replace the code of every function and so act with the role of each",
    "logs": "read every log, and delete the traces",
    "organizations": "move accounts and change the policies above them",
    "rds": "copy, restore and delete every database, and set its master password",
    "redshift": "copy, restore and delete every warehouse, and get its credentials",
    "route53": "point every domain somewhere else",
    "s3": "read and overwrite every bucket",
    "sagemaker": "run code with the role of every notebook and training job",
    "secretsmanager": "read, change and delete every secret",
    "ses": "send mail in the name of every verified domain",
    "sns": "read what is published to, and publish in the name of, every topic",
    "sqs": "read, forge and drop the messages of every queue",
    "ssm": "read every parameter and run commands on every managed machine",
    "states": "start and change every state machine with the role it has",
    "sts": "become every role that trusts this account",
}


class EscalationKind(enum.Enum):
    """How an escalation path ends."""

    SELF_ESCALATION = "self-escalation"
    """The principal gives itself more permissions."""
    PRINCIPAL_ACCESS = "principal-access"
    """It takes over a user or role."""
    NEW_PASSROLE = "new-passrole"
    """It passes a role to something new that runs code."""
    EXISTING_PASSROLE = "existing-passrole"
    """It changes code or commands of something that already has a role."""


@dataclass(frozen=True, slots=True)
class EscalationPath:
    """Actions that together reach permissions the principal was not given."""

    id: str
    """Of the technique: `lambda-003`."""
    kind: EscalationKind
    actions: frozenset[str]
    """All are needed."""


def access_gained(service: str) -> str | None:
    """What `service:*` on every resource allows, as the end of a sentence: "can ...". None: not a service worth a sentence."""
    return _SERVICES.get(service.lower())


def sensitive_services() -> frozenset[str]:
    """The IAM prefixes of the services that `access_gained` knows."""
    return frozenset(_SERVICES)


@cache
def escalation_paths() -> tuple[EscalationPath, ...]:
    """All known paths, by id. Those that only open a door for another, or work after the next deployment, are left out."""
    kinds = {kind.value: kind for kind in EscalationKind}
    known = sorted(technique_table().techniques, key=lambda one: one.id)
    return tuple(EscalationPath(one.id, kinds[one.kind], one.actions) for one in known if one.kind in kinds)


@cache
def escalating_actions() -> frozenset[str]:
    """The actions that escalate alone, with no second action needed."""
    return frozenset(action for path in escalation_paths() if len(path.actions) == 1 for action in path.actions)

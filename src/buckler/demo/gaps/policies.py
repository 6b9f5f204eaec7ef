"""Resource policies of functions: one for the unqualified function, one for each alias and for each published version."""

import json
import re
from typing import Any

from buckler.demo.gaps import names, store
from buckler.demo.gaps.operations import AwsError, Call, operation
from buckler.demo.gaps.store import LATEST, Document, Function, Policy

LONGEST = 20_480
"""Bytes a resource policy may have."""


@operation("lambda", "AddPermission")
def add_permission(call: Call) -> Document:
    """Add one statement, written as AWS writes it."""
    found, qualifier = _policy_holder(call)
    policy = found.policies.get(qualifier) or Policy()
    statement = permission(call.params, found.qualified_arn(qualifier))
    append(policy, statement)
    found.policies[qualifier] = policy
    return {"Statement": json.dumps(statement)}


def append(policy: Policy, statement: Document) -> None:
    """Add *statement*, whose `Sid` must be new."""
    if any(old.get("Sid") == statement["Sid"] for old in policy.statements):
        raise AwsError(
            "ResourceConflictException",
            f"The statement id ({statement['Sid']}) provided already exists. "
            "Please provide a new statement id, or remove the existing statement.",
        )
    if len(json.dumps([*policy.statements, statement])) > LONGEST:
        raise AwsError("PolicyLengthExceededException", f"The final policy size is bigger than the limit ({LONGEST}).")
    policy.statements.append(statement)
    policy.revision = store.revision()


def permission(params: Document, resource: str) -> Document:
    """The statement `AddPermission` makes of its parameters."""
    conditions: dict[str, dict[str, str]] = {}
    if "FunctionUrlAuthType" in params:
        conditions.setdefault("StringEquals", {})["lambda:FunctionUrlAuthType"] = params["FunctionUrlAuthType"]
    if "InvokedViaFunctionUrl" in params:
        conditions["Bool"] = {"lambda:InvokedViaFunctionUrl": str(bool(params["InvokedViaFunctionUrl"])).lower()}
    if "SourceAccount" in params:
        conditions.setdefault("StringEquals", {})["AWS:SourceAccount"] = params["SourceAccount"]
    if "PrincipalOrgID" in params:
        conditions.setdefault("StringEquals", {})["aws:PrincipalOrgID"] = params["PrincipalOrgID"]
    if "EventSourceToken" in params:
        conditions.setdefault("StringEquals", {})["lambda:EventSourceToken"] = params["EventSourceToken"]
    if "SourceArn" in params:
        conditions["ArnLike"] = {"AWS:SourceArn": params["SourceArn"]}
    statement: Document = {
        "Sid": params["StatementId"],
        "Effect": "Allow",
        "Principal": principal(str(params["Principal"])),
        "Action": params["Action"],
        "Resource": resource,
    }
    return statement | {"Condition": conditions} if conditions else statement


def principal(given: str) -> str | Document:
    """The `Principal` element AWS writes for the parameter of that name."""
    if given == "*":
        return "*"
    if re.fullmatch(r"\d{12}", given):
        return {"AWS": f"arn:aws:iam::{given}:root"}
    return {"AWS": given} if given.startswith("arn:") else {"Service": given}


@operation("lambda", "GetPolicy")
def get_policy(call: Call) -> Document:
    """The policy of exactly this qualifier."""
    found, qualifier = names.qualified(call)
    # A policy on `$LATEST` by name cannot exist (see _policy_holder); the unqualified function's is another resource's.
    policy = None if names.split(call)[1] == LATEST else found.policies.get(qualifier)
    if policy is None or not policy.statements:
        raise names.not_found()
    return {"Policy": document(policy.statements), "RevisionId": policy.revision}


def document(statements: list[Document]) -> str:
    """A policy as Lambda writes it."""
    return json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": statements})


@operation("lambda", "RemovePermission")
def remove_permission(call: Call) -> None:
    """Remove one statement."""
    found, qualifier = _policy_holder(call)
    policy = found.policies.get(qualifier)
    kept = [old for old in policy.statements if old.get("Sid") != call.params["StatementId"]] if policy else []
    if policy is None or len(kept) == len(policy.statements):
        raise names.not_found(f"Statement {call.params['StatementId']} is not found in resource policy.")
    policy.statements, policy.revision = kept, store.revision()


def _policy_holder(call: Call) -> tuple[Function, str]:
    found, qualifier = names.qualified(call)
    if names.split(call)[1] == LATEST:
        raise AwsError("InvalidParameterValueException", "We currently do not support adding policies for $LATEST.")
    return found, qualifier


@operation("lambda", "PutResourcePolicy")
def put_resource_policy(call: Call) -> Document:
    """Replace the whole policy of a function, alias or version."""
    found, qualifier = _by_arn(call)
    try:
        statements: Any = json.loads(call.params["Policy"])["Statement"]
    except (ValueError, TypeError, KeyError) as error:
        raise AwsError("InvalidParameterValueException", "The policy is not valid JSON with a Statement") from error
    found.policies[qualifier] = Policy(list(statements) if isinstance(statements, list) else [statements], store.revision())  # pyright: ignore[reportUnknownArgumentType] - parsed JSON
    return _resource_policy(found, qualifier)


@operation("lambda", "GetResourcePolicy")
def get_resource_policy(call: Call) -> Document:
    """The same policy as `GetPolicy`, by ARN."""
    found, qualifier = _by_arn(call)
    if not found.policies.get(qualifier, Policy()).statements:
        raise names.not_found()
    return _resource_policy(found, qualifier)


@operation("lambda", "DeleteResourcePolicy")
def delete_resource_policy(call: Call) -> None:
    """Remove the whole policy."""
    found, qualifier = _by_arn(call)
    if found.policies.pop(qualifier, None) is None:
        raise names.not_found()


def _by_arn(call: Call) -> tuple[Function, str]:
    call.params["FunctionName"] = call.params["ResourceArn"]
    return _policy_holder(call)


def _resource_policy(found: Function, qualifier: str) -> Document:
    policy = found.policies[qualifier]
    return {"Policy": document(policy.statements), "RevisionId": policy.revision}

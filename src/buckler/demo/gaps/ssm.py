"""Resource policies of SSM parameters (shared, advanced-tier parameters)."""

import hashlib
import uuid

from buckler.demo.gaps.operations import Call, operation, page
from buckler.demo.gaps.store import Document


@operation("ssm", "PutResourcePolicy")
def put_resource_policy(call: Call) -> Document:
    """Attach a policy to a parameter, or replace the one with that id."""
    policies = call.home.parameter_policies.setdefault(str(call.params["ResourceArn"]), [])
    identifier = call.params.get("PolicyId") or str(uuid.uuid4())
    text = str(call.params["Policy"])
    policy: Document = {"PolicyId": identifier, "PolicyHash": hashlib.sha256(text.encode()).hexdigest(), "Policy": text}
    policies[:] = [old for old in policies if old["PolicyId"] != identifier] + [policy]
    return policy


@operation("ssm", "GetResourcePolicies")
def get_resource_policies(call: Call) -> Document:
    """The policies of a parameter."""
    chosen, token = page(call.home.parameter_policies.get(str(call.params["ResourceArn"]), []), call.params, asked="MaxResults")
    return {"Policies": chosen, "NextToken": token}

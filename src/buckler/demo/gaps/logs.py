"""Keys of log groups: moto takes one when a group is made, and none later."""

from moto.logs.models import logs_backends

from buckler.demo.gaps.operations import AwsError, Call, operation
from buckler.demo.gaps.store import Document


@operation("logs", "AssociateKmsKey")
def associate_kms_key(call: Call) -> Document:
    """Encrypt what comes from now on."""
    return _set(call, call.params["kmsKeyId"])


@operation("logs", "DisassociateKmsKey")
def disassociate_kms_key(call: Call) -> Document:
    """Encrypt it with CloudWatch's own key again."""
    return _set(call, None)


def _set(call: Call, key: str | None) -> Document:
    group = logs_backends[call.account][call.region].groups.get(call.params["logGroupName"])
    if group is None:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    group.kms_key_id = key
    return {}

"""Amazon Inspector: which kinds of resource it scans in an account and region."""

from buckler.demo.gaps.operations import Call, operation
from buckler.demo.gaps.store import Document

# `resourceTypes` as Enable takes them -> the members of the answers.
MEMBERS = {"EC2": "ec2", "ECR": "ecr", "LAMBDA": "lambda", "LAMBDA_CODE": "lambdaCode", "CODE_REPOSITORY": "codeRepository"}


@operation("inspector2", "Enable")
def enable(call: Call) -> Document:
    """Scan these kinds of resource."""
    return _switch(call, "ENABLED")


@operation("inspector2", "Disable")
def disable(call: Call) -> Document:
    """Scan these kinds of resource no more; all of them where none is named."""
    return _switch(call, "DISABLED")


def _switch(call: Call, status: str) -> Document:
    kinds: list[str] = list(call.params.get("resourceTypes") or MEMBERS)
    for account in call.params.get("accountIds") or [call.account]:
        home = call.world.home(str(account), call.region)
        for kind in kinds:
            home.inspector[MEMBERS[kind]] = status
    accounts = [str(account) for account in call.params.get("accountIds") or [call.account]]
    return {
        "accounts": [
            {
                "accountId": account,
                "status": _overall(call, account),
                "resourceStatus": {m: _status(call, account, m) for m in MEMBERS.values()},
            }
            for account in accounts
        ],
        "failedAccounts": [],
    }


@operation("inspector2", "BatchGetAccountStatus")
def batch_get_account_status(call: Call) -> Document:
    """What is scanned in each of the accounts; the caller's where none is named."""
    accounts = [str(account) for account in call.params.get("accountIds") or [call.account]]
    return {
        "accounts": [
            {
                "accountId": account,
                "state": {"status": _overall(call, account), "errorCode": "ALREADY_ENABLED", "errorMessage": ""},
                "resourceState": {
                    member: {"status": _status(call, account, member), "errorCode": "ALREADY_ENABLED", "errorMessage": ""}
                    for member in MEMBERS.values()
                },
            }
            for account in accounts
        ],
        "failedAccounts": [],
    }


@operation("inspector2", "ListCoverage")
def list_coverage(call: Call) -> Document:
    """The functions that are scanned: all of them, where Lambda scanning is on."""
    on = _status(call, call.account, "lambda") == "ENABLED"
    return {
        "coveredResources": [
            {
                "accountId": call.account,
                "resourceId": f"{found.arn}:$LATEST",
                "resourceType": "AWS_LAMBDA_FUNCTION",
                "scanType": "PACKAGE",
                "scanStatus": {"statusCode": "ACTIVE", "reason": "SUCCESSFUL"},
            }
            for found in (call.home.functions.values() if on else ())
        ]
    }


def _status(call: Call, account: str, member: str) -> str:
    return call.world.home(account, call.region).inspector.get(member, "DISABLED")


def _overall(call: Call, account: str) -> str:
    return "ENABLED" if "ENABLED" in call.world.home(account, call.region).inspector.values() else "DISABLED"

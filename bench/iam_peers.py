"""The peers of `bench/iam.py`, installed on first use into bench/out/: cloudsplaining (PyPI) and @cloud-copilot/iam-simulate (npm).

iam-simulate is AGPL-3.0: it is run as a program of its own, and nothing of it is part of buckler.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.accounts import Account, Truth
from bench.accounts_background import ACCOUNT, CONTROL_POLICIES

OUT = Path(__file__).parent / "out"
CLOUDSPLAINING = "0.9.1"
IAM_SIMULATE = "0.1.173"
PATIENCE_S = 600


@dataclass(frozen=True)
class Run:
    """A child process that ended: seconds of the wall, of the processor, and its peak memory."""

    code: int
    wall: float
    cpu: float
    memory_mb: float


def run(command: list[str], output: Path, *, tells: bool = False) -> Run:
    """Run a command with what it says in a file; one that *tells* what it is at does so on standard error."""
    with output.open("wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(["timeout", str(PATIENCE_S), *command], stdout=file, stderr=None if tells else subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)  # the memory of this child alone, not of the largest so far
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(process.returncode, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def installed(command: list[str], wanted: Path) -> bool:
    """Install a peer where it is not there yet; say whether it is."""
    if not wanted.exists():
        subprocess.run(command, check=False, capture_output=True)
    return wanted.exists()


def cloudsplaining(folder: Path, truth: Truth) -> dict[str, Any] | None:
    """Scan the account; None where it cannot be installed. Found is a kind of which every plant has a policy it calls an escalation."""
    home = OUT / "cloudsplaining"
    program = home / "bin" / "cloudsplaining"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    if not installed([str(home / "bin" / "pip"), "install", "-q", f"cloudsplaining=={CLOUDSPLAINING}"], program):
        return None
    report = OUT / "cloudsplaining-report"
    report.mkdir(exist_ok=True)
    command = [str(program), "scan", "--input-file", str(folder / "account.json"), "--output", str(report), "--skip-open-report"]
    done = run(command, OUT / "cloudsplaining.log")
    results = report / "iam-results-account.json"
    if done.code != 0 or not results.exists():
        return None
    flagged = _flagged(json.loads(results.read_text(encoding="utf-8")))
    return {
        "run": done,
        "found": sum(all(one in flagged for one in arns) for arns in truth.planted.values()),
        "decoys": sum(any(one in flagged for one in arns) for arns in truth.decoys.values()),
    }


def _flagged(results: dict[str, Any]) -> set[str]:
    """Give the roles that have a policy of their own, or an attached one, which it calls a privilege escalation."""
    bad = {
        policy
        for kind in ("inline_policies", "customer_managed_policies", "aws_managed_policies")
        for policy, said in results[kind].items()
        if said.get("PrivilegeEscalation", {}).get("findings")
    }
    kinds = ("inline_policies", "customer_managed_policies", "aws_managed_policies")
    return {role["arn"] for role in results["roles"].values() if any(policy in bad for kind in kinds for policy in role.get(kind, {}))}


def simulate(account: Account, drawn: list[tuple[str, str, str, dict[str, list[str]]]]) -> dict[str, Any] | None:
    """Answer requests one by one; None where it cannot be installed."""
    home = OUT / "iam-simulate"
    home.mkdir(parents=True, exist_ok=True)
    package = home / "node_modules" / "@cloud-copilot" / "iam-simulate"
    install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(home), f"@cloud-copilot/iam-simulate@{IAM_SIMULATE}"]
    if not installed(install, package):
        return None
    requests = OUT / "iam-simulate-requests.json"
    requests.write_text(json.dumps(list(_simulations(account, drawn))), encoding="utf-8")
    output = OUT / "iam-simulate.json"
    script = Path(__file__).with_name("iam_simulate.mjs")
    done = run(["node", str(script), str(package / "dist" / "esm" / "index.js"), str(requests)], output)
    return {"run": done, **json.loads(output.read_text(encoding="utf-8"))} if done.code == 0 else None


def _simulations(account: Account, drawn: list[tuple[str, str, str, dict[str, list[str]]]]) -> list[dict[str, Any]]:
    roles = {one["Arn"]: one for one in account.details["RoleDetailList"]}
    managed = {one["Arn"]: one["PolicyVersionList"][0]["Document"] for one in account.details["Policies"]}
    levels = [
        {"orgIdentifier": f"level-{number}", "policies": [{"name": f"p{one}", "policy": policy} for one, policy in enumerate(level)]}
        for number, level in enumerate(CONTROL_POLICIES)
    ]
    found: list[dict[str, Any]] = []
    for principal, action, resource, context in drawn:
        role = roles[principal]
        identity = [{"name": one["PolicyName"], "policy": one["PolicyDocument"]} for one in role["RolePolicyList"]]
        identity += [{"name": one["PolicyName"], "policy": managed[one["PolicyArn"]]} for one in role["AttachedManagedPolicies"]]
        boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        guarded = account.resource_policies.get(resource.partition("/")[0] if ":s3:::" in resource else resource)
        if action == "sts:AssumeRole" and resource in roles:
            guarded = roles[resource]["AssumeRolePolicyDocument"]
        found.append(
            {
                "request": {
                    "principal": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role['RoleName']}/session",
                    "action": action,
                    "resource": {"resource": resource, "accountId": ACCOUNT},
                    "contextVariables": {key: values[0] if len(values) == 1 else values for key, values in context.items()},
                },
                "identityPolicies": identity,
                "serviceControlPolicies": levels,
                "resourceControlPolicies": [],
                **({"resourcePolicy": guarded} if guarded else {}),
                **({"permissionBoundaryPolicies": [{"name": "boundary", "policy": managed[boundary]}]} if boundary else {}),
            }
        )
    return found

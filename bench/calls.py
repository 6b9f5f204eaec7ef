"""API calls, wall time and peak memory of a live scan: buckler, and prowler in the same run, against the same embedded AWS.

The AWS is a process of its own; a counting proxy stands in front of it. Options: `--large` adds 3,000 functions (buckler only, to show
that growth per function is constant); `--serve N` is how this script starts the AWS.
prowler is installed on first use into bench/out/prowler; where that fails, its row says so.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests import aws
from tests.proxy import Proxy

from buckler import __version__

OUT = Path(__file__).parent / "out"
PROWLER = "5.46.0"
ROLES = 75

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)


def serve(functions: int) -> None:
    """Run the embedded AWS with *functions* functions over 75 roles until standard input closes."""
    server = aws.fresh()
    deploy(server.endpoint, functions)
    print(server.endpoint, flush=True)
    sys.stdin.read()


def deploy(endpoint: str, count: int) -> None:
    """A tenth with a URL, a fifth with a version and an alias, a fiftieth with 30 versions, a tenth called by a service, layers."""
    iam, lam, logs = (aws.client(service, endpoint) for service in ("iam", "lambda", "logs"))
    roles = []
    for number in range(ROLES):
        name = f"role-{number:02}"
        roles.append(iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"])
        document = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::bucket-{number}/*"}],
        }
        iam.put_role_policy(RoleName=name, PolicyName="read", PolicyDocument=json.dumps(document))
        if number % 10 == 0:
            iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    package = aws.zipped()
    layers = [lam.publish_layer_version(LayerName=f"libs-{n}", Content={"ZipFile": package})["LayerVersionArn"] for n in range(5)]
    for number in range(count):
        name = f"function-{number:04}"
        lam.create_function(
            FunctionName=name,
            Runtime=("python3.13", "nodejs22.x", "python3.8")[number % 3],
            Handler="app.handler",
            Role=roles[number % ROLES],
            Code={"ZipFile": package},
            Layers=[layers[number % 5]] if number % 4 == 0 else [],
            Environment={"Variables": {"STAGE": "prod", "TABLE": f"table-{number}"}},
            Tags={"team": f"team-{number % 7}"},
        )
        logs.create_log_group(logGroupName=f"/aws/lambda/{name}")
        if number % 5 == 0:
            lam.publish_version(FunctionName=name)
            lam.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        if number % 50 == 5:
            for change in range(29):
                lam.update_function_configuration(FunctionName=name, Description=f"change {change}")
                lam.publish_version(FunctionName=name)
        if number % 10 == 1:
            lam.create_function_url_config(FunctionName=name, AuthType="NONE")
            for action in ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"):
                lam.add_permission(FunctionName=name, StatementId=action.rpartition(":")[2], Action=action, Principal="*")
        if number % 10 == 2:
            lam.add_permission(FunctionName=name, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com")


@contextmanager
def served(functions: int) -> Iterator[str]:
    """The embedded AWS in a process of its own, so that its work is not on our clock."""
    command = [sys.executable, __file__, "--serve", str(functions)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdin is not None  # noqa: S101 - asked for
    assert process.stdout is not None  # noqa: S101 - asked for
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait()


@dataclass
class Measured:
    name: str
    functions: int
    calls: Counter[str]
    seconds: float
    peak_mb: float
    note: str = ""

    @property
    def qualified(self) -> int:
        """Policies of aliases and versions that were read: one call each, beside the one for every function."""
        return max(0, self.calls["lambda:GetPolicy"] - self.functions)

    @property
    def per_function(self) -> float:
        """Calls for each function, those for the policies of its aliases and versions aside."""
        return (sum(self.calls.values()) - self.qualified) / self.functions

    def row(self) -> str:
        total = sum(self.calls.values())
        return (
            f"| {self.name} | {self.functions:,} | {total:,} | {self.qualified:,} | {self.per_function:.2f} | {self.seconds:.1f} s"
            f" | {self.peak_mb:.0f} MB | {self.note} |"
        )


def measure(name: str, functions: int, command: list[str], endpoint: str, *, okay: tuple[int, ...]) -> Measured:
    """Run *command* against a counting proxy."""
    with Proxy(endpoint) as proxy:
        env = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")} | aws.standard_env(proxy.endpoint)
        log = OUT / f"calls-{name.replace(' ', '-').replace('--', '-')}.log"
        with log.open("w") as output:
            start = time.perf_counter()
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=env, cwd=OUT)
            peak = watch(process)
            seconds = time.perf_counter() - start
        note = "" if process.returncode in okay else f"exit code {process.returncode}, see {log.name}"
        return Measured(name, functions, proxy.calls, seconds, peak, note)


def watch(process: "subprocess.Popen[bytes]") -> float:
    """Wait for *process*; the highest sum of peak resident memory over it and its children, in MB.

    Not `getrusage`: what a process was before `exec` counts there, and that is us.
    """
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(high_water_kb(pid) for pid in family(process.pid)))
        time.sleep(0.02)
    return peak / 1024


def family(pid: int) -> list[int]:
    try:
        children = [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
    except OSError:
        return [pid]
    return [pid, *(member for child in children for member in family(child))]


def high_water_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def prowler() -> str | None:
    """The prowler program, installed if it has to be; None where that cannot be done."""
    home = OUT / "prowler"
    program = home / "bin" / "prowler"
    if not program.exists():
        print(f"installing prowler {PROWLER} into bench/out", file=sys.stderr)
        try:
            subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
            subprocess.run(
                [str(home / "bin" / "python"), "-m", "pip", "install", "-q", f"prowler=={PROWLER}"], check=True, stdout=sys.stderr
            )
        except (OSError, subprocess.CalledProcessError):
            return None
    return str(program) if program.exists() else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--functions", type=int, default=300)
    parser.add_argument("--large", action="store_true", help="also 3,000 functions, buckler only")
    parser.add_argument("--serve", type=int, metavar="N", help=argparse.SUPPRESS)
    parser.add_argument("--no-peer", action="store_true", help="buckler only")
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return 0
    OUT.mkdir(exist_ok=True)
    scan = [sys.executable, "-m", "buckler.cli.main", "scan", "--region", aws.REGION, "--format", "json", "--output"]
    rows: list[Measured] = []
    count = options.functions
    with served(count) as endpoint:
        rows.append(measure(f"buckler {__version__}", count, [*scan, str(OUT / "calls-default.json")], endpoint, okay=(0, 1)))
        rows.append(measure(f"buckler {__version__} --deep", count, [*scan, str(OUT / "calls-deep.json"), "--deep"], endpoint, okay=(0, 1)))
        peer = None if options.no_peer else prowler()
        if peer:
            command = [peer, "aws", "--service", "awslambda", "--region", aws.REGION, "--no-banner", "-M", "json-ocsf"]
            command += ["--output-directory", str(OUT / "prowler-report")]
            rows.append(measure(f"prowler {PROWLER}", count, command, endpoint, okay=(0, 3)))
    if options.large:
        with served(3000) as endpoint:
            rows.append(measure(f"buckler {__version__}", 3000, [*scan, str(OUT / "calls-large.json")], endpoint, okay=(0, 1)))
    print(f"{ROLES} roles, one region; calls counted by a proxy in front of the embedded AWS\n")
    print("| tool | functions | calls | of these policies of aliases and versions | per function without them | wall | peak memory | |")
    print("|---|--:|--:|--:|--:|--:|--:|---|")
    for row in rows:
        print(row.row())
    if not options.no_peer and not any(row.name.startswith("prowler") for row in rows):
        print("\nprowler could not be installed here; its row is missing")
    failures = [f"{row.name}: {row.per_function:.2f} calls per function, {row.qualified} qualified policies" for row in rows if over(row)]
    for failure in failures:
        print(f"\nover the budget: {failure}")
    print("\n<details><summary>calls by operation</summary>\n")
    for row in rows:
        print(f"- {row.name}, {row.functions} functions: " + ", ".join(f"{name} {times}" for name, times in row.calls.most_common(12)))
    print("\n</details>")
    return 1 if failures or any(row.note for row in rows) else 0


def over(row: Measured) -> bool:
    """Whether a run of buckler asked more than it promises: per function, and one policy for each alias and version."""
    if not row.name.startswith("buckler"):
        return False
    return row.per_function > (8.0 if "--deep" in row.name else 4.0) or row.qualified > qualifiers(row.functions)


def qualifiers(functions: int) -> int:
    """How many aliases and published versions `deploy` makes."""
    return sum(2 + 29 * (number % 50 == 5) for number in range(0, functions, 5))


if __name__ == "__main__":
    sys.exit(main())

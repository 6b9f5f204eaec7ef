"""Judge a snapshot of many functions: time and peak memory of `buckler scan FILE` as a child process.

The synthetic estate is seeded: N functions over N/4 roles and 40 policies, a tenth with URLs, a fifth in VPCs, secrets in some
environments, trails, log groups, layers. No peer reads an estate from a file.
"""

import random
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests import estates as build

from buckler import __version__
from buckler.checks import all_checks
from buckler.model.estate import Estate
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence
from buckler.sources.snapshot import Snapshot, write_snapshot

OUT = Path(__file__).parent / "out"
SIZES = (2_000, 20_000)


def estate(count: int) -> Estate:
    rng = random.Random(7)  # noqa: S311 - a seeded shape, not a secret
    policies = [
        build.policy(build.allow([f"s3:GetObject{i}", "dynamodb:GetItem"], [f"arn:aws:s3:::bucket-{i}/*"]), name=f"p{i}") for i in range(36)
    ] + [
        build.policy(build.allow("*"), name="admin"),
        build.policy(build.allow("s3:*"), name="s3"),
        build.policy(build.allow("iam:PassRole"), name="pass"),
        build.policy(build.allow("sts:AssumeRole"), name="assume"),
    ]
    roles = tuple(build.role(f"role-{i}", inline=(rng.choice(policies),)) for i in range(count // 4))
    public = build.policy(
        {"Effect": "Allow", "Principal": "*", "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], "Resource": "*"}
    )
    secret = Redacted(kind="stripe-secret-key", is_secret=True, confidence=Confidence.HIGH, shown="sk_live_…", length=32)
    layers = tuple(build.layer(f"arn:aws:lambda:{build.REGION}:{build.ACCOUNT}:layer:shared-{i}:1") for i in range(50))
    functions = []
    for number in range(count):
        more: dict[str, object] = {
            "role": rng.choice(roles).arn,
            "runtime": rng.choice(("python3.13", "nodejs22.x", "python3.8", "java21")),
            "layers": tuple(build.layer_ref(one.arn) for one in rng.sample(layers, rng.randrange(3))),
            "environment": (build.env("TABLE", "orders"), *((build.env("STRIPE_KEY", secret),) if rng.random() < 0.05 else ())),
        }
        if rng.random() < 0.1:
            more["urls"] = (build.url(rng.choice(("NONE", "AWS_IAM"))),)
            more["policies"] = (build.on("$LATEST", rng.choice((public, None))),)
        if rng.random() < 0.2:
            more["vpc"] = build.vpc_config("subnet-1", *(("subnet-2",) if rng.random() < 0.5 else ()))
        functions.append(build.function(f"function-{number}", **more))
    return Estate(
        scopes=(build.scope(),),
        functions=tuple(functions),
        roles=roles,
        layers=layers,
        trails=(build.trail(),),
        log_groups=tuple(build.log_group(f"/aws/lambda/function-{i}") for i in range(0, count, 2)),
        subnets=(build.subnet("subnet-1"), build.subnet("subnet-2", "eu-west-1b")),
        security_groups=(build.security_group("sg-1", build.egress("0.0.0.0/0")),),
        detectors=(build.detector(),),
        inspectors=(build.inspector(),),
    )


def main() -> None:
    OUT.mkdir(exist_ok=True)
    print(f"buckler {__version__}, {len(all_checks())} checks\n")
    print("| functions | snapshot | wall time | peak memory | target |\n|---|---|---|---|---|")
    for count in SIZES:
        path = OUT / f"analysis-{count}.buckler"
        write_snapshot(path, Snapshot(estates=(estate(count),), version=__version__))
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "buckler.cli.main", "scan", str(path), "--format", "json", "--output", str(OUT / "analysis.json")],
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - start
        # ru_maxrss of the children is the highest of all so far: sizes run from small to large.
        peak = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
        if done.returncode not in {0, 1}:
            print(done.stderr, file=sys.stderr)
            sys.exit(1)
        target = "10 s, 1 GB" if count == max(SIZES) else ""
        print(f"| {count:,} | {path.stat().st_size / 1e6:.1f} MB | {seconds:.1f} s | {peak / 1024:.0f} MB | {target} |", flush=True)


if __name__ == "__main__":
    main()

"""How long a function with ten secrets takes to have them at its cold start: by the layer, and by patched code.

`python bench/resolver.py [--secrets N] [--runs N]` starts Python and Node.js as Lambda does, against an embedded Secrets Manager on this
machine, each with values and with references, and prints the medians. What a request takes to AWS and back is not in it.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3
import botocore

import buckler
from buckler.demo.embedded import EmbeddedAws

GUARD = Path(buckler.__file__).parent / "guard"
SDK = Path(sys.prefix) / "runtime-node"
PYTHON = "import os\nfrom buckler_secret import buckler_secret\n[buckler_secret(os.environ[f'SECRET_{at}']) for at in range({count})]\n"
NODE = """import { bucklerSecret } from "./buckler_secret.mjs";
for (let at = 0; at < {count}; at += 1) bucklerSecret(process.env[`SECRET_${at}`]);
"""
COMMONJS = NODE.replace('import { bucklerSecret } from "./buckler_secret.mjs"', 'const { bucklerSecret } = require("./buckler_secret.cjs")')
INVENTED = {"aws_access_key_id": "bench", "aws_secret_access_key": "bench"}


def _seconds(command: list[str], environment: dict[str, str], folder: Path, runs: int) -> float:
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run(command, env=environment, cwd=folder, check=True, capture_output=True)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--secrets", type=int, default=10)
    parser.add_argument("--runs", type=int, default=9)
    given = parser.parse_args()
    node = shutil.which("node")
    with EmbeddedAws() as aws, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        client = boto3.client("secretsmanager", endpoint_url=aws.endpoint, region_name="eu-west-1", **INVENTED)
        arns = [client.create_secret(Name=f"s{at}", SecretString=f"value-{at}")["ARN"] for at in range(given.secrets)]
        plain = {
            "PATH": os.environ["PATH"],
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": aws.endpoint,
        }
        values = plain | {f"SECRET_{at}": f"value-{at}" for at in range(given.secrets)}
        references = plain | {f"SECRET_{at}": f"buckler:secretsmanager:{arn}" for at, arn in enumerate(arns)}
        for one in ("buckler_secret.py", "buckler_secret.mjs", "buckler_secret.cjs", "buckler_secret.ts"):
            shutil.copy(GUARD / "code" / one, folder / one)
        (folder / "app.py").write_text(PYTHON.replace("{count}", str(given.secrets)))
        (folder / "app.mjs").write_text(NODE.replace("{count}", str(given.secrets)))
        (folder / "app.cjs").write_text(COMMONJS.replace("{count}", str(given.secrets)))
        (folder / "app.ts").write_text(NODE.replace(".mjs", "").replace("{count}", str(given.secrets)))
        if (SDK / "node_modules").is_dir():
            (folder / "node_modules").symlink_to(SDK / "node_modules")
        wrapper = str(GUARD / "resolve" / "wrapper")
        rows = [
            ("layer, Python", [sys.executable, "-c", "pass"], [wrapper, sys.executable, "-c", "pass"]),
            ("patch, Python", [sys.executable, "app.py"], [sys.executable, "app.py"]),
        ]
        if node:
            rows.append(("layer, Node.js", [node, "-e", "0"], [wrapper, node, "-e", "0"]))
            if (folder / "node_modules").exists():
                rows.append(("patch, ES module", [node, "app.mjs"], [node, "app.mjs"]))
                rows.append(("patch, CommonJS", [node, "app.cjs"], [node, "app.cjs"]))
                esbuild = SDK / "node_modules" / "esbuild" / "bin" / "esbuild"
                if esbuild.is_file():
                    how = ["--bundle", "--platform=node", "--external:@aws-sdk/*", "--outfile=bundle.js"]
                    subprocess.run([node, str(esbuild), "app.ts", *how], cwd=folder, check=True, capture_output=True)
                    rows.append(("patch, TypeScript bundled", [node, "bundle.js"], [node, "bundle.js"]))
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip() if node else "none"
        print(f"Python {platform.python_version()}, Node.js {version}, boto3 {boto3.__version__}, botocore {botocore.__version__}")
        print(f"{given.secrets} secrets, median of {given.runs} starts\n")
        print("| how | values (s) | references (s) | more (s) |\n|---|---|---|---|")
        for how, without, with_ in rows:
            before, after = (_seconds(command, env, folder, given.runs) for command, env in ((without, values), (with_, references)))
            print(f"| {how} | {before:.3f} | {after:.3f} | {after - before:.3f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())

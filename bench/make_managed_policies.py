"""Make src/buckler/data/managed_policies/policies.json.zlib from the AWS managed policies that moto carries.

Run with the demo extra installed: `python bench/make_managed_policies.py`. Same input, same bytes.
"""

import json
import zlib
from pathlib import Path

from moto.iam.aws_managed_policies import aws_managed_policies_data

TARGET = Path(__file__).parents[1] / "src/buckler/data/managed_policies/policies.json.zlib"


def main() -> None:
    policies = json.loads(aws_managed_policies_data)
    documents = {(policy["Path"] + name).removeprefix("/"): policy["Document"] for name, policy in policies.items()}
    text = json.dumps(documents, sort_keys=True, separators=(",", ":"))
    TARGET.write_bytes(zlib.compress(text.encode(), 9))
    newest = max(policy["UpdateDate"] for policy in policies.values())
    print(f"{len(documents)} policies, newest {newest}, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

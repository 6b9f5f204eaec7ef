"""Where a fact was read: every claim names one of these."""

from typing import TypeAlias

from buckler.model.value import Value


class FileOrigin(Value):
    """A place in a file: a template, a plan, a configuration."""

    file: str
    """Path as the user gave or would type it."""
    line: int = 0
    """1-based; 0 when the format has no useful lines (a plan on one line)."""
    column: int = 0
    """1-based; 0 when unknown."""
    path: str = ""
    """Where inside the document: `Resources.Checkout.Properties.Role`, `aws_lambda_function.checkout.role`."""


class ApiOrigin(Value):
    """An answer of AWS."""

    call: str
    """Service and operation as IAM names the action: `lambda:GetPolicy`."""
    arn: str
    account: str = ""
    region: str = ""


Origin: TypeAlias = FileOrigin | ApiOrigin


def place(origin: Origin) -> str:
    """Write an origin in one line: `template.yaml:31:7`, or `lambda:GetPolicy arn:aws:lambda:...`."""
    if isinstance(origin, ApiOrigin):
        return f"{origin.call} {origin.arn}" if origin.arn else origin.call
    if origin.line:
        return f"{origin.file}:{origin.line}:{origin.column}" if origin.column else f"{origin.file}:{origin.line}"
    return f"{origin.file} {origin.path}" if origin.path else origin.file

"""Rate limits that AWS documents for Lambda's control plane.

Source: AWS Lambda Developer Guide, "Lambda quotas", API requests (per account and region): GetFunction 100 a second, GetPolicy 15 a second,
all others together 15 a second.
"""

from typing import TypedDict


class Limit(TypedDict):
    """Keywords of a declaration."""

    family: str
    rate: float


CONTROL_PLANE: Limit = {"family": "lambda", "rate": 15.0}
GET_POLICY: Limit = {"family": "lambda:GetPolicy", "rate": 15.0}
GET_FUNCTION: Limit = {"family": "lambda:GetFunction", "rate": 100.0}

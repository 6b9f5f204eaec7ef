"""The leaky shop: about thirty functions in two regions and two accounts, deployed with plain boto3.

Every weakness stands beside a safe look-alike; `TRUTH` says which is which.
"""

from buckler.demo.shop.deploy import Shop, deploy
from buckler.demo.shop.truth import TRUTH, Row

__all__ = ["TRUTH", "Row", "Shop", "deploy"]

"""The embedded AWS, empty, and clients of it; the shop, deployed once for all tests that only read it."""

import pytest
from tests import aws

from buckler.demo.shop import deploy


@pytest.fixture
def endpoint():
    return aws.fresh().endpoint


@pytest.fixture
def lam(endpoint):
    """A Lambda client, and nothing deployed."""
    return aws.client("lambda", endpoint)


@pytest.fixture
def make(lam):
    """Create a function: `make("checkout", Timeout=9)`."""

    def create(name="checkout", **more):
        required = {"Role": "arn:aws:iam::123456789012:role/r", "Code": {"ZipFile": aws.zipped()}}
        if more.get("PackageType") != "Image":
            required |= {"Runtime": "python3.13", "Handler": "app.handler"}
        return lam.create_function(FunctionName=name, **(required | more))

    return create


@pytest.fixture(scope="module")
def shop():
    """The leaky shop, for a module whose tests only read."""
    return deploy(aws.fresh().endpoint)

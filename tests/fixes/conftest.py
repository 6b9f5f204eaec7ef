import pytest
from tests import aws
from tests.fixes import leaky


@pytest.fixture
def endpoint():
    """The small leaky account, deployed anew, and its credentials in the environment."""
    server = aws.fresh()
    leaky.deploy(server.endpoint)
    with aws.environment(server.endpoint):
        yield server.endpoint

import pytest
from tests import aws
from tests.sources.live import workshop

from buckler.engines.secrets import judge
from buckler.model.progress import Silent
from buckler.sources.live import Collected, LiveOptions, Patience, collect

# Little patience with refusals, which tests plan, and much with silence, which a busy machine brings: a scan nobody disturbs must not have gaps.
QUICK = Patience(total_s=0.4, first_s=0.01, longest_s=0.05, connect_s=30, read_s=60)


@pytest.fixture(scope="module")
def endpoint():
    """The workshop, deployed; tests of a module only read it."""
    server = aws.fresh()
    workshop.deploy(server.endpoint)
    return server.endpoint


def scan(endpoint: str, options: LiveOptions | None = None, **settings) -> Collected:
    """Collect from *endpoint* with little patience."""
    settings = {"patience": QUICK, "progress": Silent(), "judge": judge} | settings
    with aws.environment(endpoint):
        return collect(options or LiveOptions(), **settings)


@pytest.fixture(scope="module")
def baseline(endpoint):
    """What an undisturbed deep scan tells."""
    return scan(endpoint, LiveOptions(deep=True))


@pytest.fixture(scope="module")
def plain(endpoint):
    """The estate that an undisturbed scan tells."""
    return scan(endpoint).estate

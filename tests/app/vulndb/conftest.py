import pytest
from tests.app.vulndb.bulk import served


@pytest.fixture
def bulk():
    with served() as server:
        yield server

"""The account of the guide, as files."""

import pytest
from tests.cli.asked import ask, write_account


@pytest.fixture(scope="session")
def account(tmp_path_factory):
    """A folder with the saved answers of docs/guide/saved.md."""
    return write_account(tmp_path_factory.mktemp("account"))


@pytest.fixture
def asked(account):
    """Ask about the account: `asked("why", "ann", ...)` gives code, out and err."""

    def run(*arguments, width=100):
        return ask(*arguments, folder=account, width=width)

    return run

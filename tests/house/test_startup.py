"""What must not be loaded to print a version or a help text. Times are measured in bench/, not here."""

import subprocess
import sys

import pytest

HEAVY = ("botocore", "rich", "samtranslator", "jinja2", "moto", "yaml")


@pytest.mark.parametrize(
    ("arguments", "also"),
    [
        pytest.param(["--version"], ("click", "msgspec"), id="version"),
        pytest.param(["--help"], ("msgspec",), id="help"),
        pytest.param(["scan", "--help"], (), id="scan-help"),
    ],
)
def test_not_imported(arguments, also):
    code = (
        "import sys; from buckler.cli.main import main; code = main(sys.argv[1:]); "
        f"loaded = [name for name in {(*HEAVY, *also)!r} if name in sys.modules]; print('LOADED', loaded); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_every_command_is_listed_and_has_a_summary():
    from buckler.cli._entry import COMMANDS, root

    for name, summary in COMMANDS.items():
        command = root.get_command(None, name)
        assert command is not None, name
        assert command.help, name
        assert summary[0].isupper(), name
        assert summary.endswith("."), name

"""The committed table of actions is whole: sorted, counted, and right in what is known of it from AWS's pages."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from buckler.data import iam_actions
from buckler.data.iam_actions import details, names


def test_counts():
    table = names()
    actions = sum(map(len, table.services.values()))
    assert (len(table.services), actions, len(table.levels)) == (461, 22_437, 22_437)
    assert sum(len(details(prefix).types) for prefix in table.services) == 2_358
    dependent = [one.dependent for prefix in table.services for one in details(prefix).actions if one.dependent]
    assert (len(dependent), sum("iam:PassRole" in others for others in dependent)) == (1_654, 254)
    assert (len(table.accepted), len(table.accepted_services)) == (523, 17)


def test_everything_is_sorted_and_there_once():
    table = names()
    every = [f"{prefix}:{name}".lower() for prefix, service in table.services.items() for name in service]
    assert all(one < other for one, other in itertools.pairwise(every))
    assert not set(every) & {action.lower() for action in table.accepted}
    assert all(prefix == prefix.lower() for prefix in table.services)
    assert not table.accepted_services & table.services.keys()
    assert set(table.levels) == set("LRWTP")


def test_numbers_point_at_what_is_there():
    for prefix, service in names().services.items():
        page = details(prefix)
        assert len(page.actions) == len(service)
        types, keys = range(len(page.types)), range(len(page.keys))
        for one in page.actions:
            assert all(number in types for number in (*one.required, *one.optional))
            assert not set(one.required) & set(one.optional)
            assert all(number in keys for number in one.keys)
        for kind in page.types:
            assert kind.arn.startswith("arn:${Partition}:")
            assert kind.arn.count(":") >= 5
            assert all(number in keys for number in kind.keys)


def test_known_samples():
    service = names().services["lambda"]
    page = details("lambda")
    create = page.actions[service.index("CreateFunction")]
    assert [page.types[number].name for number in create.required] == ["function"]
    assert "lambda:VpcIds" in {page.keys[number][0] for number in create.keys}
    assert "iam:PassRole" in create.dependent
    assert {"s3", "sqs", "kms", "secretsmanager", "sts"} <= names().rcp
    assert "dynamodb" in names().rcp
    assert "lambda" not in names().rcp


def test_a_service_that_is_not_there_is_a_key_error():
    with pytest.raises(KeyError):
        details("no-such-service")


def test_the_file_is_small_and_read_late():
    assert (Path(iam_actions.__file__).parent / "actions.msgpack").stat().st_size < 400_000
    code = "import buckler.data.iam_actions as m; assert not m.names.cache_info().currsize"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_the_command_line_starts_without_it(argument):
    code = (
        "import sys\nfrom buckler.cli.main import console_script\nsys.argv = ['buckler', sys.argv[1]]\n"
        "try: console_script()\nexcept SystemExit: pass\nassert 'buckler.engines.iam.catalogue' not in sys.modules\n"
        "assert 'buckler.data.iam_actions' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code, argument], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

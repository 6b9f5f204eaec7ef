"""What a change opens and closes over the network, and files of configurations that are known wherever they lie."""

from tests.estates import DENIED
from tests.reach.test_network_cuts import CONFIGURATION, PEER, about

from buckler.app import ScanOptions, compare, read_targets
from buckler.cli.main import main


def difference(before, after, **facts):
    return compare([about(before).estate], [about(after, **facts).estate], ScanOptions())


def test_what_a_change_opens_and_closes_is_told_port_by_port():
    found = difference(PEER, f"{PEER}; sg far in tcp 443 10.0.0.0/16; sg database closed")
    assert [(one.kind, one.function, one.target, one.protocol, one.ports) for one in found.paths] == [
        ("opened", "f", "far (svc)", "tcp", ((443, 443),)),
        ("closed", "f", "database (db)", "tcp", ((5432, 5432),)),
    ]
    assert difference(PEER, PEER).paths == ()


def test_of_a_function_whose_place_is_not_known_nothing_is_said():
    found = difference("", "sg database in tcp 443 10.0.0.0/16", vpc=DENIED)
    assert found.paths_unknown == ("f",)
    assert all(one.function != "f" for one in found.paths)


def test_a_configuration_is_compared_with_its_other_state_wherever_that_lies(tmp_path, capsys):
    for name, text in (("old", CONFIGURATION), ("new", CONFIGURATION.replace("python3.13", "python3.8"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text)
    old, new = (read_targets([tmp_path / name], ScanOptions()).estates for name in ("old", "new"))
    found = compare(old, new, ScanOptions())
    assert [(one.kind, one.collection, one.fields) for one in found.changes] == [("changed", "functions", ("runtime",))]
    assert [one.check for one in found.appeared] == ["runtime-deprecated"]
    assert found.disappeared == ()
    assert main(["diff", str(tmp_path / "old"), str(tmp_path / "new")]) == 1
    assert "1 findings appeared, 0 disappeared" in capsys.readouterr().out

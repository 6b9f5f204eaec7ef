"""A journal that was torn, cut, changed, or belongs to somebody else."""

import pytest

from buckler.errors import UsageError
from buckler.fixes.journal import Journal
from buckler.model.fix import PLAN_VERSION, Begun, Done, Plan, Refused

PLAN = Plan(schema=PLAN_VERSION, version="0", scopes=("a/b",), taken_at="", estate="", digest="", fixes=())
RECORDS = [Begun(step=0), Done(step=0), Refused(fix="x", why="because"), Begun(step=1)]


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "j"
    with Journal.create(path, PLAN) as journal:
        for record in RECORDS:
            journal.write(record)
    return path


def test_it_tells_what_was_written(written):
    with Journal.open(written) as journal:
        assert (journal.plan, journal.records) == (PLAN, RECORDS)
        assert (journal.last_of(0), journal.last_of(1), journal.last_of(2)) == (Done(step=0), Begun(step=1), None)
        journal.write(Done(step=1))
    with Journal.open(written) as journal:
        assert journal.records == [*RECORDS, Done(step=1)]


def test_torn_at_any_byte_it_keeps_what_is_whole(written):
    whole = written.read_bytes()
    ends = [at + 1 for at, byte in enumerate(whole) if byte == 10]
    for cut in range(len(whole)):
        written.write_bytes(whole[:cut])
        if cut < ends[0]:
            with pytest.raises(UsageError, match="cut off before its plan ends"):
                Journal.open(written)
            continue
        with Journal.open(written) as journal:
            assert journal.records == RECORDS[: sum(end <= cut for end in ends) - 1]
            journal.write(Done(step=7))
        with Journal.open(written) as journal:
            assert journal.records[-1] == Done(step=7)


def test_a_changed_byte_or_a_lost_line_is_told(written):
    whole = written.read_bytes()
    lines = whole.splitlines(keepends=True)
    for bad in (
        whole.replace(b'"because"', b'"whatever"'),
        b"".join([lines[0], *lines[2:]]),
        b"".join([lines[0], lines[0], *lines[1:]]),
        b"not a journal\n",
        b"\xff\xfe\n",
    ):
        written.write_bytes(bad)
        with pytest.raises(UsageError, match="is damaged") as caught:
            Journal.open(written)
        assert caught.value.hint
        assert written.read_bytes() == bad


def test_nobody_else_writes_it_meanwhile(written):
    with Journal.open(written), pytest.raises(UsageError, match="another run is using"):
        Journal.open(written)
    with pytest.raises(UsageError, match="there is a journal"):
        Journal.create(written, PLAN)

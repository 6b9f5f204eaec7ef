"""Ctrl-C, kill -9 and expired credentials lose nothing, and what is kept holds no secret."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time

import pytest
from tests import aws
from tests.proxy import Fault, Proxy
from tests.signals import interruptible
from tests.sources.live import workshop
from tests.sources.live.conftest import scan

from buckler.errors import CredentialsError, Interrupted, UsageError
from buckler.model.estate import COLLECTIONS
from buckler.model.progress import Silent
from buckler.sources.live import LiveOptions, Patience

DEEP = LiveOptions(deep=True, max_workers=2)


class After(Silent):
    """Does something once, at the n-th call."""

    def __init__(self, calls, act):
        self.left = calls
        self.act = act

    def say(self, message):
        self.left -= 1
        if self.left == 0:
            self.act()


def same(left, right):
    return all(getattr(left.estate, name) == getattr(right.estate, name) for name in (*COLLECTIONS, "scopes", "missing"))


def calls(collected):
    return sum(times for _, times in collected.calls)


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "state" / "journal"


@pytest.fixture(scope="module")
def ended_early(endpoint, tmp_path_factory):
    """The journal of a scan that ended at its 60th call."""
    journal = tmp_path_factory.mktemp("ended-early") / "journal"
    with interruptible(), pytest.raises(Interrupted) as stopped:
        scan(endpoint, DEEP, journal=journal, progress=After(60, lambda: os.kill(os.getpid(), signal.SIGINT)))
    assert stopped.value.hint == "buckler scan --resume"
    return journal


@pytest.fixture
def interrupted(ended_early, journal):
    """A copy of that journal, to resume from or to spoil."""
    journal.parent.mkdir()
    shutil.copy2(ended_early, journal)
    return journal


def test_ctrl_c_keeps_what_was_read(endpoint, baseline, interrupted):
    resumed = scan(endpoint, DEEP, journal=interrupted, resume=True)
    assert same(resumed, baseline)
    assert calls(resumed) < calls(baseline) - 20
    assert not interrupted.exists()


def test_ctrl_c_stops_at_once_though_calls_hang(endpoint, journal):
    hang = Fault("lambda:*", kind="slow", delay_s=300)
    patience = Patience(read_s=300)
    started = time.monotonic()
    stop = After(8, lambda: os.kill(os.getpid(), signal.SIGINT))
    with interruptible(), Proxy(endpoint, faults=[hang]) as proxy, pytest.raises(Interrupted):
        scan(proxy.endpoint, DEEP, journal=journal, progress=stop, patience=patience)
    # Not a measure of speed: who waits for one of the calls waits five minutes.
    assert time.monotonic() - started < 150


def test_kill_9_keeps_what_was_read(endpoint, baseline, journal):
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from buckler.engines.secrets import judge\n"
        "from buckler.sources.live import LiveOptions, collect\n"
        "from tests.sources.live.test_journal import After\n"
        "die = After(70, lambda: os.kill(os.getpid(), 9))\n"
        "collect(LiveOptions(deep=True, max_workers=2), judge=judge, progress=die, journal=Path(sys.argv[1]))\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(journal)], env={**os.environ, **aws.standard_env(endpoint)}, check=False)
    assert killed.returncode == -signal.SIGKILL
    resumed = scan(endpoint, DEEP, journal=journal, resume=True)
    assert same(resumed, baseline)
    assert calls(resumed) < calls(baseline) - 20


@pytest.mark.parametrize("cut", [1, 7, 300, 2000])
def test_a_torn_tail_is_read_again(endpoint, baseline, interrupted, cut):
    written = interrupted.read_bytes()
    interrupted.write_bytes(written[:-cut])
    assert same(scan(endpoint, DEEP, journal=interrupted, resume=True), baseline)


def test_a_torn_header_is_a_fresh_start(endpoint, baseline, interrupted):
    interrupted.write_bytes(interrupted.read_bytes()[:10])
    assert same(scan(endpoint, DEEP, journal=interrupted, resume=True), baseline)


def test_expired_credentials_end_resumable(endpoint, baseline, journal):
    with Proxy(endpoint, faults=[Fault("lambda:GetPolicy", kind="expired", after=3)]) as proxy, pytest.raises(CredentialsError):
        scan(proxy.endpoint, DEEP, journal=journal)
    assert journal.exists()
    resumed = scan(endpoint, DEEP, journal=journal, resume=True)
    assert same(resumed, baseline)
    assert calls(resumed) < calls(baseline)


@pytest.mark.parametrize("operation", ["lambda:ListAliases", "resourcegroupstaggingapi:GetResources", "lambda:ListFunctions"])
@pytest.mark.parametrize("kind", ["throttled", "error"])
def test_trouble_is_asked_again(endpoint, baseline, journal, operation, kind):
    """What was throttled out, and what follows from it, is reported, but not taken from the journal as the truth."""
    faults = [Fault(operation, kind=kind), Fault("cloudtrail:GetEventSelectors", kind="expired")]
    with Proxy(endpoint, faults=faults) as proxy, pytest.raises(CredentialsError):
        scan(proxy.endpoint, DEEP, journal=journal)
    assert same(scan(endpoint, DEEP, journal=journal, resume=True), baseline)


def test_the_journal_is_private_and_holds_no_secret(interrupted):
    assert stat.S_IMODE(interrupted.stat().st_mode) == 0o600
    written = interrupted.read_bytes()
    assert b"checkout" in written
    assert workshop.PASSWORD.encode() not in written
    assert workshop.PASSWORD.encode("utf-16-le") not in written


def test_a_journal_of_other_options_is_refused(endpoint, interrupted):
    with pytest.raises(UsageError, match="other options"):
        scan(endpoint, LiveOptions(), journal=interrupted, resume=True)
    assert interrupted.exists()


def test_a_journal_of_another_version_is_refused(endpoint, interrupted, monkeypatch):
    monkeypatch.setattr("buckler.sources.live.journal.__version__", "99.0.0")
    with pytest.raises(UsageError, match="another version"):
        scan(endpoint, DEEP, journal=interrupted, resume=True)


def test_a_file_that_is_no_journal_is_refused(endpoint, journal):
    journal.parent.mkdir()
    journal.write_bytes(b"\x00\x00\x00\x05hello and more")
    with pytest.raises(UsageError, match="not a journal"):
        scan(endpoint, DEEP, journal=journal, resume=True)


def test_without_resume_an_old_journal_is_no_answer(endpoint, baseline, interrupted):
    again = scan(endpoint, DEEP, journal=interrupted)
    assert same(again, baseline)
    assert calls(again) == calls(baseline)


def test_two_scans_do_not_share_a_journal(endpoint, journal):
    refused = []

    def second():
        try:
            scan(endpoint, LiveOptions(), journal=journal)
        except UsageError as error:
            refused.append(error.error)

    scan(endpoint, DEEP, journal=journal, progress=After(40, second))
    assert refused
    assert "another scan is writing the journal" in refused[0]

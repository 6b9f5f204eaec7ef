"""What was found in code once is matched with the advisories of today: no package is opened, and AWS is not asked."""

import json
from pathlib import Path

import pytest
from tests.app.test_fetching import LIVE, aws, deploy
from tests.app.test_inspecting import layer
from tests.aws import REGION

from buckler.app import ScanOptions, scan_live, snap_live
from buckler.app.inspecting import inspector
from buckler.app.rematching import rescan_targets
from buckler.app.vulndb import add
from buckler.errors import NothingToScan, UsageError
from buckler.sources.live import LiveOptions
from buckler.sources.vulndb.layout import layout

__all__ = ["aws"]  # a fixture
ONLY = ScanOptions(only=("vulnerable-package",))


def publish(folder: Path, fixed: str = "99.0", day: int = 20) -> None:
    """Add an advisory about the package in the layer, as `buckler db add` does."""
    advisory = {
        "schema_version": "1.6.0",
        "id": "ACME-2026-7",
        "modified": f"2026-11-{day}T00:00:00Z",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "click"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
            }
        ],
    }
    file = folder / "advisory.json"
    file.write_text(json.dumps(advisory))
    add(file, layout())
    inspector.cache_clear()


def test_a_new_advisory_is_found_in_what_was_scanned_last_without_aws(aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(aws, ("a", "b"), (layer(),))
    before = scan_live(LIVE, ONLY)
    assert before.findings == ()
    assert any("database" in gap.why for gap in before.gaps)
    publish(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    result = rescan_targets((), ONLY)
    (finding,) = result.findings
    assert "ACME-2026-7" in finding.message
    assert finding.reach.startswith("runs in `a`, `b`: ")
    assert result.gaps == ()
    assert result.findings == scan_findings_again(aws, monkeypatch)


def scan_findings_again(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    return scan_live(LIVE, ONLY).findings


def test_an_advisory_that_was_taken_back_is_forgotten(aws: str, tmp_path: Path) -> None:
    deploy(aws, ("a",), (layer(),))
    publish(tmp_path)
    assert len(scan_live(LIVE, ONLY).findings) == 1
    publish(tmp_path, fixed="0.1", day=21)
    assert rescan_targets((), ONLY).findings == ()


def test_a_snapshot_can_be_named(aws: str, tmp_path: Path) -> None:
    deploy(aws, ("a",), (layer(),))
    snap_live(LIVE, tmp_path / "monday.buckler")
    publish(tmp_path)
    assert len(rescan_targets((tmp_path / "monday.buckler",), ONLY).findings) == 1


def test_where_nobody_looked_into_code_there_is_nothing_to_match(aws: str, tmp_path: Path) -> None:
    deploy(aws, ("a",))
    with pytest.raises(NothingToScan):
        rescan_targets((), ONLY)
    snap_live(LiveOptions(regions=(REGION,)), tmp_path / "monday.buckler")
    with pytest.raises(UsageError, match="nobody looked into code"):
        rescan_targets((tmp_path / "monday.buckler",), ONLY)

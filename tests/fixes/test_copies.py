"""Where else a secret stands is named: other environments, files, log lines. The value is nowhere in it, and in no request."""

import json
import urllib.parse
from datetime import UTC, datetime, timedelta

import pytest
from tests import aws
from tests.fixes import leaky
from tests.proxy import Fault, Proxy

from buckler.app import analyses
from buckler.app.secreting import Destination, look_for_copies, plan_migration
from buckler.errors import UsageError
from buckler.report.fix import plan_text
from buckler.sources.live import LiveOptions

SECRET = 'hunter2"hunter2/hunter2'
LIVE = LiveOptions(regions=(aws.REGION,))
GROUP = "/aws/lambda/shop"


def function(lam, name, **variables):
    lam.create_function(
        FunctionName=name,
        Role="arn:aws:iam::123456789012:role/r",
        Runtime="python3.13",
        Handler="app.handler",
        Code={"ZipFile": aws.zipped()},
        Environment={"Variables": variables},
    )


@pytest.fixture
def endpoint():
    server = aws.fresh()
    function(aws.client("lambda", server.endpoint), "shop", DB_PASSWORD=SECRET, LEVEL="debug")
    with aws.environment(server.endpoint):
        yield server.endpoint


def looked(*variables, **options):
    (about,) = analyses((leaky.app.read_live(LIVE),))
    found = look_for_copies(about, "shop", variables or ("DB_PASSWORD",), LIVE, patience=leaky.QUICK, **options)
    assert SECRET not in str(found)
    return found.get("DB_PASSWORD", ())


def test_every_function_and_version_with_the_same_value_is_named(endpoint):
    lam = aws.client("lambda", endpoint)
    function(lam, "billing", PASS=SECRET, OTHER="nothing")
    lam.publish_version(FunctionName="billing")
    function(lam, "old", DB_PASSWORD=SECRET)
    lam.publish_version(FunctionName="old")
    lam.update_function_configuration(FunctionName="old", Environment={"Variables": {"DB_PASSWORD": "rotated-already-hunter"}})
    function(lam, "report", URL=f"postgres://app:{SECRET}@db/shop")
    function(lam, "near-miss", DB_PASSWORD=SECRET[:-1])
    lam.publish_version(FunctionName="shop")
    same, part, rest = looked()
    assert same == (
        "the same value is in `PASS` of `billing` (and its version 1), `DB_PASSWORD` of `old` (version 1 only): "
        "move it there too, and rotate it for all of them at once"
    )
    assert part == "it is part of `URL` of `report`: whoever reads that reads it"
    assert rest == "not looked at: files (--project FOLDER) and log lines (--logs DAYS)"


def test_a_short_value_is_the_same_and_never_a_part(endpoint):
    lam = aws.client("lambda", endpoint)
    lam.update_function_configuration(FunctionName="shop", Environment={"Variables": {"DB_PASSWORD": "pass1"}})
    function(lam, "billing", PASS="pass1", NOTE="pass1234567")
    same, _ = looked()
    assert same.startswith("the same value is in `PASS` of `billing`: move")


def test_files_that_hold_the_value_are_named_by_line_however_it_is_written(endpoint, tmp_path):
    written = {
        "template.yaml": f"a: 1\nb: '{SECRET}'\n",
        ".env": f"DB_PASSWORD={SECRET}\n",
        "src/settings.json": json.dumps({"a": [SECRET, SECRET]}, indent=1),
        "src/url.py": f'U = "postgres://app:{urllib.parse.quote(SECRET, safe="")}@db"\r\n',
        "src/near.py": f"'{SECRET[:-1]}'",
        "node_modules/x.js": SECRET,
        "old.zip": b"PK\x03\x04",
    }
    for name, text in written.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (tmp_path / "link").symlink_to("/etc/hostname")
    held, unread, rest = looked(project=tmp_path)
    assert held == (
        f"`{tmp_path}` holds the value: .env:1, template.yaml:2, src/settings.json:3, src/settings.json:4, src/url.py:1; "
        "take it out there, and out of the history of the repository"
    )
    assert unread == "not looked into: link: is a link that leads out of the folder, old.zip: is an archive"
    assert rest == "not looked at: log lines (--logs DAYS)"


def test_a_template_that_gives_the_variable_another_value_puts_it_back(endpoint, tmp_path):
    (tmp_path / "template.yaml").write_text(
        "Resources:\n  Shop:\n    Type: AWS::Lambda::Function\n    Properties:\n      FunctionName: shop\n      Handler: app.handler\n"
        "      Runtime: python3.13\n      Role: arn:aws:iam::123456789012:role/r\n      Code: {ZipFile: x}\n"
        "      Environment:\n        Variables:\n          DB_PASSWORD: an-older-Value-7\n"
    )
    nothing, puts_back, _ = looked(project=tmp_path)
    assert nothing == f"no file of `{tmp_path}` holds the value (1 looked at, no history)"
    assert puts_back == "template.yaml:12 gives the variable a literal value: a deployment may put it back"


def test_a_project_that_is_no_folder_is_a_usage_error(endpoint, tmp_path):
    with pytest.raises(UsageError, match="is no folder"):
        looked(project=tmp_path / "nothing")


def logged(endpoint, *lines):
    logs = aws.client("logs", endpoint)
    logs.create_log_group(logGroupName=GROUP)
    for stream in {stream for stream, _, _ in lines}:
        logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    for stream, moment, message in lines:
        event = {"timestamp": int(moment.timestamp() * 1000), "message": message}
        logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=[event])


def test_log_streams_that_hold_the_value_are_named_with_time_and_count(endpoint):
    now = datetime.now(UTC).replace(microsecond=0)
    early, late = now - timedelta(hours=2), now - timedelta(hours=1)
    logged(
        endpoint,
        ("2026/a", early, f"connecting with {SECRET}"),
        ("2026/a", late, json.dumps({"env": {"DB_PASSWORD": SECRET}})),
        ("2026/b", late, "nothing here"),
        ("2026/c", now - timedelta(days=5), SECRET),
    )
    held, _ = looked(log_days=2)
    assert held == (
        f"2 lines of `{GROUP}` of the last 2 days hold it: `2026/a` (2, last at {late:%Y-%m-%dT%H:%M:%SZ}); "
        "delete these streams, or wait for the retention"
    )


def test_log_lines_without_it_are_said_to_be_looked_at(endpoint):
    logged(endpoint, ("2026/a", datetime.now(UTC), "nothing"))
    assert looked(log_days=1)[0] == f"no line of `{GROUP}` of the last day holds it (1 looked at)"


def test_a_function_that_never_logged_has_no_group(endpoint):
    assert looked(log_days=1)[0] == f"there is no log group `{GROUP}`"


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        pytest.param("logs:FilterLogEvents", "whether any log lines hold it is not known: ", id="log-lines"),
        pytest.param("lambda:ListFunctions", f"whether functions hold it is not known in {aws.SHOP}/{aws.REGION}: ", id="functions"),
        pytest.param("lambda:GetFunctionConfiguration", "where else the value stands is not known: ", id="the-value"),
    ],
)
def test_what_cannot_be_read_is_said_to_be_unknown(endpoint, operation, said):
    (about,) = analyses((leaky.app.read_live(LIVE),))
    with Proxy(endpoint, faults=[Fault(operation, "denied")]) as proxy, aws.environment(proxy.endpoint):
        found = look_for_copies(about, "shop", ("DB_PASSWORD",), LIVE, patience=leaky.QUICK, log_days=1)
    assert any(note.startswith(said) for note in found["DB_PASSWORD"])


def test_the_value_is_in_no_request_and_in_nothing_that_is_told(endpoint, tmp_path):
    function(aws.client("lambda", endpoint), "billing", PASS=SECRET)
    (tmp_path / "x").write_text(SECRET)
    logged(endpoint, ("2026/a", datetime.now(UTC), SECRET))
    (about,) = analyses((leaky.app.read_live(LIVE),))
    asked = {}
    with Proxy(endpoint, memory=asked) as proxy, aws.environment(proxy.endpoint):
        found = look_for_copies(about, "shop", ("DB_PASSWORD",), LIVE, patience=leaky.QUICK, project=tmp_path, log_days=1)
        assert proxy.calls["logs:FilterLogEvents"] == 1
    requests = " ".join(f"{target} {body.decode()}" for _, target, body, _ in asked)
    plan = plan_migration(about, "shop", ("DB_PASSWORD",), Destination(store="ssm"), found)
    for told in (requests, plan_text(plan), leaky.fixing.write_plan(plan)):
        assert "hunter2" not in told
    assert "the same value is in `PASS` of `billing`" in " ".join(plan_text(plan).split())


def test_all_pages_of_functions_and_lines_are_looked_at(endpoint):
    lam, logs = aws.client("lambda", endpoint), aws.client("logs", endpoint)
    for number in range(60):
        function(lam, f"f{number:02}", PASS=SECRET)
    now = datetime.now(UTC)
    logged(endpoint, ("2026/a", now - timedelta(minutes=9), SECRET))
    moment = int(now.timestamp() * 1000)
    for _ in range(2):
        events = [{"timestamp": moment, "message": str(number)} for number in range(6000)]
        logs.put_log_events(logGroupName=GROUP, logStreamName="2026/a", logEvents=[*events, {"timestamp": moment, "message": SECRET}])
    with Proxy(endpoint) as proxy, aws.environment(proxy.endpoint):
        same, held, _ = looked(log_days=1)
        assert proxy.calls["logs:FilterLogEvents"] > 1
    assert "52 more" in same
    assert held.startswith(f"3 lines of `{GROUP}`")

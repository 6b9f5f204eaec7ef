"""Configuration: what it takes, what it refuses and how it says so."""

from datetime import date

import pytest
from tests.estates import at, function

from buckler.config import Config, find_config, load_config
from buckler.errors import UsageError
from buckler.model.severity import Persona, Severity

GOOD = """
fail-on = "high"
persona = "auditor"
strict = true
skip = ["tracing-off"]
exclude = ["examples/*"]

[parameters]
Stage = "prod"

[[ignore]]
check = "function_url_public"
subject = "webhook*"
reason = "Stripe calls it"
until = 2027-01-31

[[ignore]]
check = "tracing-off"
reason = "not wanted here"
"""


def test_everything_is_read(tmp_path):
    file = tmp_path / "buckler.toml"
    file.write_text(GOOD)
    config = load_config(file)
    assert (config.fail_on, config.persona, config.strict) == (Severity.HIGH, Persona.AUDITOR, True)
    assert config.parameters == (("Stage", "prod"),)
    first, second = config.ignores
    assert (first.check, first.subject, first.until) == ("function-url-public", "webhook*", "2027-01-31")
    assert first.where == f"{file}:11", "an ignore names its line"
    assert second.where == f"{file}:17"
    assert dict(config.origins)["fail-on"] == str(file)


def test_no_file_means_defaults():
    assert load_config(None).fail_on is Severity.LOW
    assert set(dict(load_config(None).origins).values()) == {"default"}


def test_found_upward_and_pyproject_counts_only_with_a_table(tmp_path):
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (tmp_path / "pyproject.toml").write_text("[tool.buckler]\nstrict = true\n")
    found = find_config(deep)
    assert found == tmp_path / "pyproject.toml"
    assert load_config(found).strict


@pytest.mark.parametrize(
    ("text", "error", "hint"),
    [
        pytest.param("fail-onn = 'low'", "unknown setting `fail-onn`", "a similar setting exists: `fail-on`", id="mistyped-setting"),
        pytest.param("fail-on = 'hihg'", "`fail-on` cannot be 'hihg'", "a similar value exists: `high`", id="mistyped-value"),
        pytest.param("strict = 'yes'", "`strict` must be true or false", "", id="flag-is-text"),
        pytest.param("skip = 'x'", "`skip` must be a list of strings", "", id="list-is-text"),
        pytest.param("ignore = 'x'", "`ignore` must be written as [[ignore]] tables", "", id="ignore-is-text"),
        pytest.param("[[ignore]]\nreason = 'x'", "an ignore needs `check`", "list them with `buckler checks`", id="no-check"),
        pytest.param("[[ignore]]\ncheck = 'x'", "the ignore of `x` needs a `reason`", 'reason = "why it is fine here"', id="no-reason"),
        pytest.param(
            "[[ignore]]\ncheck = 'x'\nreason = 'y'\nuntil = 'soon'", "`until` must be a date", "until = 2027-01-31", id="bad-date"
        ),
        pytest.param(
            "[[ignore]]\ncheck = 'x'\nreason = 'y'\nwhen = 1",
            "unknown key `when` in an ignore",
            "keys are check, subject, reason, until",
            id="unknown-key",
        ),
        pytest.param("fail-on = ", "this file is not valid TOML", "see `buckler config --help`", id="broken-toml"),
    ],
)
def test_refused_with_place_and_hint(tmp_path, text, error, hint):
    file = tmp_path / "buckler.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as refused:
        load_config(file)
    assert refused.value.error == error
    assert refused.value.hint == hint
    assert refused.value.place.startswith(str(file))


def test_an_ignore_counts_through_its_last_day(tmp_path):
    file = tmp_path / "buckler.toml"
    file.write_text(GOOD)
    ignore = load_config(file).ignores[0]
    assert not ignore.has_expired(date(2027, 1, 31))
    assert ignore.has_expired(date(2027, 2, 1))


def test_subject_globs_see_id_name_and_arn(tmp_path):
    from tests.checks.samples import sample_check

    from buckler.model.finding import Evidence

    file = tmp_path / "buckler.toml"
    file.write_text('[[ignore]]\ncheck = "sample-check"\nsubject = "check*"\nreason = "x"\n')
    config: Config = load_config(file)
    finding = sample_check.finding(function("checkout"), "m", Evidence(origin=at("x:Y"), note="n"))
    other = sample_check.finding(function("invoices"), "m", Evidence(origin=at("x:Y"), note="n"))
    assert config.ignores[0].matches(finding)
    assert not config.ignores[0].matches(other)


@pytest.mark.parametrize("name", ["x" * 5000, "x" * 5000 + "/template.yaml"])
def test_a_name_no_file_can_have_has_no_configuration(tmp_path, name):
    """What is wrong with it is for the reader of the target to say."""
    assert find_config(tmp_path / name) is None

"""buckler diff."""

from pathlib import Path

import click

from buckler import app
from buckler.cli._options import as_json, emit, output_options
from buckler.model.reachability import ports_text
from buckler.model.severity import Severity


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@output_options("console", "json")
def command(old: Path, new: Path, format_name: str, output: Path | None) -> int:
    """Say what changed from OLD to NEW: in facts, in findings, and in what functions reach over the network.

    Both are snapshots, templates, plans or Terraform configurations.

    Exit code 1 when findings appeared, else 0; 2 when a side could not be read whole, and then nothing is compared.

    \b
    Examples:
      buckler diff monday.buckler friday.buckler
      buckler diff old/template.yaml new/template.yaml --format json
    """
    from buckler.cli._entry import tell
    from buckler.report.document import finding_part

    options = app.ScanOptions()
    before, after = app.read_targets([old], options), app.read_targets([new], options)
    errors = (*before.errors, *after.errors)
    if errors:
        # What one side could not tell is neither gone nor new: there is nothing honest to print but that.
        for one in errors:
            tell(one.error, cause=one.cause, hint=one.hint, place=one.target)
        if format_name == "json":
            emit(as_json({"schema": "buckler/diff/1", "errors": [{"target": one.target, "error": one.error} for one in errors]}), output)
        return 2
    difference = app.compare(before.estates, after.estates, options)
    if format_name == "json":
        emit(
            as_json(
                {
                    "schema": "buckler/diff/1",
                    "changes": [
                        {"kind": c.kind, "collection": c.collection, "subject": c.subject, "fields": c.fields} for c in difference.changes
                    ],
                    "appeared": [finding_part(finding) for finding in difference.appeared],
                    "disappeared": [finding_part(finding) for finding in difference.disappeared],
                    "remained": difference.remained,
                    "gaps_appeared": [
                        {"check": g.check, "subject": g.subject.id, "why": g.why, "need": g.need} for g in difference.gaps_appeared
                    ],
                    "paths": [
                        {"kind": p.kind, "function": p.function, "target": p.target_id, "protocol": p.protocol, "ports": p.ports}
                        for p in difference.paths
                    ],
                    "paths_unknown": difference.paths_unknown,
                    "errors": [],
                }
            ),
            output,
        )
    else:
        emit(_text(difference), output)
    return 1 if difference.appeared else 0


_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def _text(difference: app.Difference) -> str:
    lines: list[str] = []
    for change in difference.changes:
        fields = f" ({', '.join(change.fields)})" if change.fields else ""
        lines.append(_clean(f"{_SIGNS[change.kind]} {change.collection} {change.subject}{fields}"))
    if lines:
        lines.append("")
    for sign, findings in (("+", difference.appeared), ("-", difference.disappeared)):
        for finding in findings:
            word = "error" if finding.severity >= Severity.HIGH else "warning" if finding.severity is Severity.MEDIUM else "note"
            lines.append(_clean(f"{sign} {word}[{finding.check}] {finding.subject.id}: {finding.message}"))
    for path in difference.paths:
        sign, does = ("+", "now reaches") if path.kind == "opened" else ("-", "no longer reaches")
        lines.append(_clean(f"{sign} path `{path.function}` {does} {path.target} on {path.protocol} {ports_text(path.ports)}"))
    if difference.paths_unknown:
        lines.append(_clean(f"? what {len(difference.paths_unknown)} functions reach is not known on both sides: see --format json"))
    if difference.gaps_appeared:
        lines.append(f"? {len(difference.gaps_appeared)} questions can no longer be answered; see --format json")
    lines.append(
        f"{len(difference.changes)} facts changed; {len(difference.appeared)} findings appeared, "
        f"{len(difference.disappeared)} disappeared, {difference.remained} remained"
    )
    return "\n".join(lines)


def _clean(line: str) -> str:
    return "".join(c if c.isprintable() else " " for c in line)

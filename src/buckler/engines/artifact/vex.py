"""Statements that a flaw does, or does not, matter here (VEX): read from OpenVEX and CycloneDX, applied, and written as OpenVEX.

Sources: github.com/openvex/spec (0.2.0; 0.0.x spells the vulnerability as a string); cyclonedx.org, JSON reference 1.6, `vulnerabilities`.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple, TypeAlias, cast

import msgspec

from buckler.model.artifact import Vulnerability

Status: TypeAlias = Literal["not_affected", "affected", "fixed", "under_investigation"]

SUPPRESSING: Final[frozenset[str]] = frozenset({"not_affected", "fixed"})
"""What these say of is kept, with its reason, and raises no finding."""

_STATUSES: Final[dict[str, Status]] = {
    "not_affected": "not_affected",
    "affected": "affected",
    "fixed": "fixed",
    "under_investigation": "under_investigation",
}
_CYCLONEDX: Final[dict[str, Status]] = {
    "not_affected": "not_affected",
    "false_positive": "not_affected",
    "resolved": "fixed",
    "resolved_with_pedigree": "fixed",
    "exploitable": "affected",
    "in_triage": "under_investigation",
}
_CONTEXT: Final = "https://openvex.dev/ns/v0.2.0"


class VexError(ValueError):
    """The file is no VEX document, or a statement of it is broken. The message repeats nothing of it."""


class Statement(NamedTuple):
    """What somebody says of one flaw in one package."""

    names: frozenset[str]
    """Of the flaw: its name and aliases."""
    purl: str
    """Of the package. Without a version it is about every version."""
    within: str
    """The product it is said of, by its identifier; empty when it is said of the package wherever it is."""
    status: Status
    why: str
    """Justification and impact, as written."""
    said_at: str
    """RFC 3339; the latest statement counts."""


class Applied(NamedTuple):
    """A vulnerability, and the statement that applies to it."""

    vulnerability: Vulnerability
    statement: Statement | None

    @property
    def is_suppressed(self) -> bool:
        """Whether somebody said that it does not matter."""
        return self.statement is not None and self.statement.status in SUPPRESSING


def looks_like_vex(head: bytes) -> bool:
    """Say whether a JSON file begins like a document that `read_vex` reads."""
    return b"openvex.dev/ns" in head or (b'"CycloneDX"' in head and b'"vulnerabilities"' in head)


def read_vex(content: bytes) -> tuple[Statement, ...]:
    """Read an OpenVEX or a CycloneDX document. Raises `VexError`."""
    try:
        document: object = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise VexError("it is not valid JSON") from None
    fields = _object(document, "the document")
    if "openvex.dev/ns" in str(fields.get("@context", "")):
        return tuple(_openvex_statements(fields))
    if fields.get("bomFormat") == "CycloneDX":
        return tuple(_cyclonedx_statements(fields))
    raise VexError("it is neither OpenVEX nor CycloneDX")


def apply(vulnerabilities: Iterable[Vulnerability], statements: Iterable[Statement], about: Collection[str] = ()) -> tuple[Applied, ...]:
    """Join vulnerabilities with the latest statement about each, their `vex` and `vex_why` set.

    *about* names the artifact they are in (its package URL, its digest, its name): a statement about a component within a product holds
    only for that product. Where two statements of the same time differ, the one that suppresses less counts.
    """
    by_name: dict[str, list[Statement]] = {}
    for statement in statements:
        for name in statement.names:
            by_name.setdefault(name, []).append(statement)
    return tuple(_applied(one, by_name, about) for one in vulnerabilities)


def _applied(one: Vulnerability, by_name: Mapping[str, list[Statement]], about: Collection[str]) -> Applied:
    holding = [
        statement
        for name in (one.id, *one.aliases)
        for statement in by_name.get(name, ())
        if covers(statement.purl, one.purl) and (not statement.within or any(_is(statement.within, product) for product in about))
    ]
    if not holding:
        return Applied(one, None)
    latest = max(holding, key=lambda statement: (_moment(statement.said_at), statement.status not in SUPPRESSING, statement.status))
    return Applied(msgspec.structs.replace(one, vex=latest.status, vex_why=latest.why), latest)


def _moment(text: str) -> datetime:
    """Times are written with different offsets: compared as moments. What is none is older than everything."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _is(said: str, product: str) -> bool:
    return said == product or (said.startswith("pkg:") and covers(said, product))


def covers(said: str, purl: str) -> bool:
    """Say whether a package URL of a statement is about a package: one without a version is about all, its qualifiers must be there."""
    said_path, _, said_tail = said.partition("#")[0].partition("?")
    path, _, tail = purl.partition("#")[0].partition("?")
    said_name, _, said_version = _split(said_path)
    name, _, version = _split(path)
    if said_name != name or (said_version and said_version != version):
        return False
    return set(filter(None, said_tail.split("&"))) <= set(tail.split("&"))


def _split(path: str) -> tuple[str, str, str]:
    """Part name from version; a scope (`pkg:npm/@acme/x`) is no version."""
    at = path.rfind("@")
    return (path, "", "") if at <= 0 or path[at - 1] == "/" else (path[:at], "@", path[at + 1 :])


def openvex(applied: Iterable[Applied | Vulnerability], *, author: str, now: datetime, id_: str, product: str = "") -> dict[str, Any]:
    """Write an OpenVEX document, ready to be encoded: what was stated stays, of everything else it says that it is under investigation.

    *id_* names the document, an IRI; *product* the artifact, whose subcomponents the packages then are.
    """
    moment = now.isoformat().replace("+00:00", "Z")
    statements = [_written(one if isinstance(one, Applied) else Applied(one, None), product) for one in applied]
    statements.sort(key=lambda one: (one["vulnerability"]["name"], str(one["products"])))
    return {"@context": _CONTEXT, "@id": id_, "author": author, "timestamp": moment, "version": 1, "statements": statements}


def _written(one: Applied, product: str) -> dict[str, Any]:
    vulnerability, statement = one
    name: dict[str, Any] = {"name": vulnerability.id}
    if vulnerability.aliases:
        name["aliases"] = list(vulnerability.aliases)
    package: dict[str, Any] = {"@id": vulnerability.purl, "identifiers": {"purl": vulnerability.purl}}
    fields: dict[str, Any] = {
        "vulnerability": name,
        "products": [{"@id": product, "subcomponents": [package]} if product else package],
        "status": statement.status if statement is not None else "under_investigation",
    }
    if statement is not None:
        if statement.said_at:
            fields["timestamp"] = statement.said_at
        if statement.status == "not_affected":
            fields["impact_statement"] = statement.why or "not stated"
        elif statement.status == "affected":
            fields["action_statement"] = statement.why or "not stated"
        elif statement.why:
            fields["status_notes"] = statement.why
    return fields


# --- reading ---------------------------------------------------------------------------------------------------------------


def _openvex_statements(document: dict[str, Any]) -> Iterable[Statement]:
    when = _text(document.get("timestamp")) or ""
    for number, raw in enumerate(_list(document.get("statements"), "`statements`"), 1):
        where = f"statement {number}"
        one = _object(raw, where)
        status = _STATUSES.get(_text(one.get("status")))
        if status is None:
            raise VexError(f"{where} has no status of OpenVEX")
        names = _flaw(one.get("vulnerability"), where)
        said_at = _text(one.get("last_updated")) or _text(one.get("timestamp")) or _text(document.get("last_updated")) or when
        why = "; ".join(
            text for key in ("justification", "impact_statement", "action_statement", "status_notes") if (text := _text(one.get(key)))
        )
        for product in _list(one.get("products"), f"`products` of {where}"):
            fields = {} if isinstance(product, str) else _object(product, f"a product of {where}")
            inside = _list(fields.get("subcomponents"), f"`subcomponents` of {where}")
            outer = _identifier(product, where)
            if not inside:
                yield Statement(names, outer, "", status, why, said_at)
            for part in inside:
                yield Statement(names, _identifier(part, where), outer, status, why, said_at)


def _flaw(raw: object, where: str) -> frozenset[str]:
    if isinstance(raw, str) and raw:
        return frozenset({raw})
    fields = _object(raw, f"the vulnerability of {where}")
    names = [_text(fields.get("name")) or _text(fields.get("@id")).rpartition("/")[2]]
    names.extend(_text(one) for one in _list(fields.get("aliases"), f"the aliases of {where}"))
    known = frozenset(name for name in names if name)
    if not known:
        raise VexError(f"the vulnerability of {where} has no name")
    return known


def _identifier(raw: object, where: str) -> str:
    if isinstance(raw, str) and raw:
        return raw
    fields = _object(raw, f"a product of {where}")
    identifiers = fields.get("identifiers")
    purl = _text(_object(identifiers, f"the identifiers of {where}").get("purl")) if identifiers is not None else ""
    found = purl or _text(fields.get("@id"))
    if not found:
        raise VexError(f"a product of {where} has no identifier")
    return found


def _cyclonedx_statements(document: dict[str, Any]) -> Iterable[Statement]:
    purls = _purls(document)
    metadata = document.get("metadata")
    when = _text(_object(metadata, "`metadata`").get("timestamp")) if metadata is not None else ""
    for number, raw in enumerate(_list(document.get("vulnerabilities"), "`vulnerabilities`"), 1):
        where = f"vulnerability {number}"
        one = _object(raw, where)
        if one.get("analysis") is None:
            continue
        analysis = _object(one["analysis"], f"the analysis of {where}")
        state = _text(analysis.get("state"))
        if not state:
            continue
        status = _CYCLONEDX.get(state)
        if status is None:
            raise VexError(f"{where} has no state of CycloneDX")
        names = [_text(one.get("id"))]
        names.extend(_text(_object(other, f"the references of {where}").get("id")) for other in _list(one.get("references"), where))
        why = "; ".join(text for key in ("justification", "detail") if (text := _text(analysis.get(key))))
        said_at = _text(analysis.get("lastUpdated")) or _text(analysis.get("firstIssued")) or _text(one.get("updated")) or when
        for affected in _list(one.get("affects"), f"`affects` of {where}"):
            reference = _text(_object(affected, f"`affects` of {where}").get("ref"))
            # `urn:cdx:serial/version#bom-ref` names a component of another document by what follows the hash.
            local = reference.partition("#")[2] if reference.startswith("urn:cdx:") else reference
            purl = purls.get(local, local)
            if purl.startswith("pkg:"):
                yield Statement(frozenset(filter(None, names)), purl, "", status, why, said_at)


def _purls(document: dict[str, Any]) -> dict[str, str]:
    """bom-ref -> package URL, of all components however deep."""
    found: dict[str, str] = {}
    pending = list(_list(document.get("components"), "`components`"))
    while pending:
        component = _object(pending.pop(), "a component")
        pending.extend(_list(component.get("components"), "`components`"))
        reference, purl = _text(component.get("bom-ref")), _text(component.get("purl"))
        if reference and purl:
            found[reference] = purl
    return found


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise VexError(f"{what} is no object")
    return cast("dict[str, Any]", value)


def _list(value: object, what: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise VexError(f"{what} is no list")
    return list(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - of anything: its readers look


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

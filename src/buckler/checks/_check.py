"""The decorator that turns a generator into a check, and its docstring into its page."""

import hashlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, get_type_hints

from buckler.model.entity import Entity
from buckler.model.estate import Scope
from buckler.model.finding import Evidence, Finding, Remedy, Subject, Witness
from buckler.model.origin import Origin
from buckler.model.page import CheckPage
from buckler.model.severity import Confidence, Persona, Severity
from buckler.model.subject import kind_of, subject_of
from buckler.reach.analysis import Analysis

# The subject's type differs from check to check; the runner hands each its own (see `Check.subject_type`).
Question: TypeAlias = Callable[[Any, Analysis], Iterator[Finding]]

AREAS = ("exposure", "role", "layers", "signing", "environment", "network", "logging", "runtime", "monitoring", "resilience")

_HEADINGS = ("Why", "Not flagged", "Fix", "Source")


class Check:
    """One question, who is asked, and how its answer is weighed."""

    def __init__(
        self,
        question: Question,
        *,
        severity: Severity,
        area: str,
        confidence: Confidence,
        persona: Persona,
        maps: tuple[str, ...],
        since: str,
        preview: bool,
    ) -> None:
        if area not in AREAS:
            raise ValueError(f"{question.__name__}: area {area!r} is none of {', '.join(AREAS)}")
        self.id = question.__name__.replace("_", "-")
        self.question = question
        self.severity = severity
        self.area = area
        self.confidence = confidence
        self.persona = persona
        self.maps = maps
        self.since = since
        self.preview = preview
        parameters = list(inspect.signature(question).parameters)
        self.subject_type: type[Entity | Scope] = get_type_hints(question)[parameters[0]]
        self.__doc__ = question.__doc__
        self.page = self._page()
        # INVARIANT: every finding has a fix: the check's own when none more exact is given.
        self._remedy = Remedy(text=_first_sentence(self.page.fix))

    def __repr__(self) -> str:
        return f"<check {self.id}>"

    def __call__(self, subject: Entity | Scope, analysis: Analysis) -> Iterator[Finding]:
        """Ask the question of one subject. Raises `Undecided` (while iterated) when a fact it needs could not be read."""
        return self.question(subject, analysis)

    def finding(
        self,
        subject: Entity | Scope,
        message: str,
        primary: Evidence,
        *more: Evidence,
        severity: Severity | None = None,
        confidence: Confidence | None = None,
        persona: Persona | None = None,
        witness: Witness | None = None,
        path: tuple[Witness, ...] = (),
        remedy: str | Remedy | None = None,
        key: str = "",
    ) -> Finding:
        """Make a finding of this check. It cannot be made without evidence; the first is the primary one.

        *key* tells apart several findings on one subject (a qualifier, a variable); a *remedy* given as text needs a review. A claim of
        several steps has a *path* instead of a *witness*: the proofs of its steps in order.
        """
        about = subject_of(subject)
        if remedy is None:
            remedy = self._remedy
        elif isinstance(remedy, str):
            remedy = Remedy(text=remedy)
        return Finding(
            check=self.id,
            subject=about,
            severity=severity or self.severity,
            confidence=confidence or self.confidence,
            persona=persona or self.persona,
            message=message,
            evidence=(primary, *more),
            witness=witness,
            path=path,
            remedy=remedy,
            key=key,
            fingerprint=fingerprint(self.id, about, about.place, key),
            frameworks=self.maps,
        )

    def _page(self) -> CheckPage:
        module = sys.modules[self.question.__module__]
        first = (module.__doc__ or "").strip().split("\n", 1)[0]
        named, _, title = first.partition(": ")
        if named != self.id or not title:
            raise ValueError(f"{module.__name__}: the module's docstring must start with `{self.id}: what is wrong.`")
        summary, sections = _sections(inspect.getdoc(self.question) or "")
        missing = [heading for heading in _HEADINGS if not sections.get(heading)]
        if missing:
            raise ValueError(f"{self.id}: the docstring lacks {', '.join(missing)}")
        return CheckPage(
            id=self.id,
            title=title.rstrip("."),
            summary=summary,
            why=sections["Why"],
            not_flagged=sections["Not flagged"],
            fix=sections["Fix"],
            source=sections["Source"],
            severity=self.severity,
            confidence=self.confidence,
            persona=self.persona,
            subject=kind_of(self.subject_type),
            frameworks=self.maps,
            since=self.since,
            is_preview=self.preview,
            area=self.area,
        )


def check(
    severity: Severity,
    *,
    area: str,
    confidence: Confidence = Confidence.HIGH,
    persona: Persona = Persona.REGULAR,
    maps: tuple[str, ...] = (),
    since: str = "0.1",
    preview: bool = False,
) -> Callable[[Question], Check]:
    """Turn a generator of findings into a check.

    Its first parameter's type says who is asked (Function, Role, LayerVersion, Trail, Scope ...); its docstring is its page,
    with the headings Why, Not flagged, Fix and Source; *maps* names controls of frameworks (`fsbp:Lambda.1`).
    """

    def decorate(question: Question) -> Check:
        return Check(
            question, severity=severity, area=area, confidence=confidence, persona=persona, maps=maps, since=since, preview=preview
        )

    return decorate


def fingerprint(check_id: str, about: Subject, place: str, key: str) -> str:
    """Tell a finding from all others, on every scan; *place* is the name of the subject's file, which knows no lines."""
    # A region of a file is known by the path it was typed as.
    known_as = place if about.id == about.place else about.id
    identity = f"{check_id}\0{about.kind}\0{known_as}\0{place}\0{key}"
    # Names of files and resources may hold half a surrogate pair.
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def seen(origin: Origin, note: str, *, sensitive: bool = False) -> Evidence:
    """Point at a place and say what is to be seen there."""
    return Evidence(origin=origin, note=note, is_sensitive=sensitive)


def _sections(doc: str) -> tuple[str, dict[str, str]]:
    """Take a docstring apart at its headings (`Why:` at the start of a line)."""
    pattern = re.compile(rf"^({'|'.join(_HEADINGS)}):\s*", re.MULTILINE)
    pieces = pattern.split(doc)
    sections = {name: _flow(text) for name, text in zip(pieces[1::2], pieces[2::2], strict=True)}
    return _flow(pieces[0]), sections


def _flow(text: str) -> str:
    """Join the lines of each paragraph."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text.strip()))


def _first_sentence(text: str) -> str:
    """Give the first sentence, without its full stop."""
    return re.split(r"(?<=[^.])\.(?:\s|$)", text, maxsplit=1)[0]


def services_listed(services: list[str]) -> str:
    """Write names of services as a sentence has them: `s3`, `sqs` and `sns`; of more than four the first three."""
    names = [f"`{service}`" for service in services]
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more services"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]

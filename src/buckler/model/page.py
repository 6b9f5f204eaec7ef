"""The page of a check: its docstring, taken apart."""

from buckler.model.severity import Confidence, Persona, Severity
from buckler.model.value import Value


class CheckPage(Value):
    """What `buckler explain`, the documentation, SARIF rules and the HTML report say of a check."""

    id: str
    """`function-url-public`."""
    title: str
    """One sentence, without full stop: what is wrong."""
    summary: str
    """First paragraph of the docstring: what is flagged."""
    why: str
    not_flagged: str
    fix: str
    source: str
    severity: Severity
    confidence: Confidence
    persona: Persona
    subject: str
    """Who is asked: `function`, `role`, ..."""
    frameworks: tuple[str, ...]
    """`fsbp:Lambda.1`, `mitre:T1190`, ..."""
    since: str
    is_preview: bool
    area: str
    """`exposure`, `role`, `layers`, `signing`, `environment`, `network`, `logging`, `runtime`, `monitoring`, `resilience`."""

"""The one secret detector: judges a named string when a source reads it, so that no secret is kept, and masks text before it is shown."""

from buckler.engines.secrets.judge import judge
from buckler.engines.secrets.names import is_secret_name
from buckler.engines.secrets.redact import redact_line

__all__ = ["is_secret_name", "judge", "redact_line"]

"""The database of known vulnerabilities: opened, updated and added to."""

from buckler.app.vulndb.adding import Added, add
from buckler.app.vulndb.opening import Opened, Source, open_database
from buckler.app.vulndb.updating import Updated, update

__all__ = ["Added", "Opened", "Source", "Updated", "add", "open_database", "update"]

"""Every runtime identifier Lambda ever had, and when AWS stops caring for it.

Sources: AWS Lambda Developer Guide, "Lambda runtimes" (supported and deprecated tables), as carried by cfn-lint 1.58.0 (MIT-0) and
compared with a second transcription of the page; identifiers from the Lambda service model of botocore 1.44.8. Table made 2026-11-25.
Dates after that day are announced, not past; AWS has moved such dates before (the 2025 block dates became 2027-02-01 and 2027-03-03).
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias, cast

OperatingSystem: TypeAlias = Literal["AL1", "AL2", "AL2023"]

MADE = dt.date(2026, 11, 25)
"""The day the table was made: what happened after it is not in it."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """One runtime of Lambda and its life."""

    name: str
    """The identifier: `python3.12`."""
    operating_system: OperatingSystem
    deprecated: dt.date | None
    """From this day AWS no longer patches it. None: no date was announced when the table was made."""
    create_blocked: dt.date | None
    """From this day no function can be created with it. None: not announced."""
    update_blocked: dt.date | None
    """From this day no function that has it can be updated. None: not announced."""
    successor: str | None
    """The newest runtime of the same language; None when this is it."""

    @property
    def language(self) -> str:
        """`nodejs`, `python`, `java`, `dotnet`, `ruby`, `go`, or `provided` for a runtime without one."""
        return next(
            language for language in ("nodejs", "python", "java", "dotnet", "ruby", "go", "provided") if self.name.startswith(language)
        )

    def is_deprecated(self, today: dt.date) -> bool:
        return self.deprecated is not None and self.deprecated <= today

    def is_create_blocked(self, today: dt.date) -> bool:
        return self.create_blocked is not None and self.create_blocked <= today

    def is_update_blocked(self, today: dt.date) -> bool:
        return self.update_blocked is not None and self.update_blocked <= today


# identifier, operating system, deprecated, creation blocked, update blocked, successor
_TABLE = """
dotnetcore2.0    AL1     2019-05-30  2019-04-30  2019-05-30  dotnet10
dotnetcore1.0    AL1     2019-06-27  2019-06-30  2019-07-30  dotnet10
dotnetcore2.1    AL1     2022-01-05  2022-01-05  2022-04-13  dotnet10
dotnetcore3.1    AL2     2023-04-03  2023-04-03  2023-05-03  dotnet10
dotnet6          AL2     2024-12-20  2027-02-01  2027-03-03  dotnet10
dotnet8          AL2023  2026-11-10  2027-02-01  2027-03-03  dotnet10
dotnet10         AL2023  2028-11-14  2028-12-14  2029-01-15  -
go1.x            AL1     2024-01-08  2024-02-08  2027-03-03  provided.al2023
java8            AL1     2024-01-08  2024-02-08  2027-03-03  java25
java11           AL2     2027-06-30  2027-07-31  2027-08-31  java25
java17           AL2     2027-06-30  2027-07-31  2027-08-31  java25
java8.al2        AL2     2027-06-30  2027-07-31  2027-08-31  java25
java11.al2023    AL2023  2029-06-30  -           -           java25
java17.al2023    AL2023  2029-06-30  -           -           java25
java21           AL2023  2029-06-30  2029-07-31  2029-08-31  java25
java25           AL2023  2029-06-30  2029-07-31  2029-08-31  -
java8.al2023     AL2023  2029-06-30  -           -           java25
nodejs           AL1     2016-08-30  2016-09-30  2016-10-31  nodejs24.x
nodejs6.10       AL1     2019-08-12  2019-07-12  2019-08-12  nodejs24.x
nodejs4.3        AL1     2020-03-05  2020-02-03  2020-03-05  nodejs24.x
nodejs4.3-edge   AL1     2020-03-05  2019-03-31  2019-04-30  nodejs24.x
nodejs8.10       AL1     2020-03-06  2020-02-04  2020-03-06  nodejs24.x
nodejs10.x       AL2     2021-07-30  2021-07-30  2022-02-14  nodejs24.x
nodejs12.x       AL2     2023-03-31  2023-03-31  2023-04-30  nodejs24.x
nodejs14.x       AL2     2023-12-04  2024-01-09  2027-03-03  nodejs24.x
nodejs16.x       AL2     2024-06-12  2027-02-01  2027-03-03  nodejs24.x
nodejs18.x       AL2     2025-09-01  2027-02-01  2027-03-03  nodejs24.x
nodejs20.x       AL2023  2026-04-30  2027-02-01  2027-03-03  nodejs24.x
nodejs22.x       AL2023  2027-04-30  2027-06-01  2027-07-01  nodejs24.x
nodejs24.x       AL2023  2028-04-30  2028-06-01  2028-07-01  -
nodejs26.x       AL2023  -           -           -           -
provided         AL1     2024-01-08  2024-02-08  2027-03-03  provided.al2023
provided.al2     AL2     2026-07-31  2027-02-01  2027-03-03  provided.al2023
provided.al2023  AL2023  2029-06-30  2029-07-31  2029-08-31  -
python2.7        AL1     2021-07-15  2021-07-15  2022-05-30  python3.14
python3.6        AL1     2022-07-18  2022-07-18  2022-08-29  python3.14
python3.7        AL1     2023-12-04  2024-01-09  2027-03-03  python3.14
python3.8        AL2     2024-10-14  2027-02-01  2027-03-03  python3.14
python3.9        AL2     2025-12-15  2027-02-01  2027-03-03  python3.14
python3.10       AL2     2026-10-31  2027-02-01  2027-03-03  python3.14
python3.11       AL2     2027-06-30  2027-07-31  2027-08-31  python3.14
python3.12       AL2023  2028-10-31  2028-11-30  2029-01-10  python3.14
python3.13       AL2023  2029-06-30  2029-07-31  2029-08-31  python3.14
python3.14       AL2023  2029-06-30  2029-07-31  2029-08-31  -
python3.15       AL2023  -           -           -           -
ruby2.5          AL1     2021-07-30  2021-07-30  2022-03-31  ruby4.0
ruby2.7          AL2     2023-12-07  2024-01-09  2027-03-03  ruby4.0
ruby3.2          AL2     2026-03-31  2027-02-01  2027-03-03  ruby4.0
ruby3.3          AL2023  2027-03-31  2027-04-30  2027-05-31  ruby4.0
ruby3.4          AL2023  2028-03-31  2028-04-30  2028-05-31  ruby4.0
ruby4.0          AL2023  2029-03-31  2029-04-30  2029-05-31  -
"""


@cache
def runtimes() -> dict[str, Runtime]:
    """All runtimes by identifier."""
    return {row[0]: _runtime(row) for row in map(str.split, _TABLE.strip().splitlines())}


def _runtime(row: list[str]) -> Runtime:
    name, system, deprecated, create, update, successor = row
    return Runtime(
        name, cast("OperatingSystem", system), _date(deprecated), _date(create), _date(update), None if successor == "-" else successor
    )


def _date(text: str) -> dt.date | None:
    return None if text == "-" else dt.date.fromisoformat(text)


def runtime(name: str) -> Runtime | None:
    """The runtime called *name*, None when this table does not know it: it may be newer than the table."""
    return runtimes().get(name)

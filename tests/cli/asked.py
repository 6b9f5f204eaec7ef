"""What `blast`, `paths`, `why` and `who-can` are asked about: the account of docs/guide/saved.md; and what they print, kept in `golden/`.

`make golden` writes it again.
"""

import contextlib
import io
import os
import tempfile
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from tests.house.docpages import File, read

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "saved.md"
FOLDER = Path(__file__).parent / "golden"
WIDTHS = (80, 120)
ALL = ("account.json", "functions.json", "policies.json", "scps.json")

ASKED: dict[str, tuple[str, ...]] = {
    "blast": ("blast", "report-daily", "account.json", "functions.json"),
    "paths": ("paths", "--from", "user:ann", "--to", "administrator:*", "account.json", "functions.json"),
    "why_allowed": ("why", "report", "secretsmanager:GetSecretValue", "payroll", *ALL),
    "why_denied": ("why", "ann", "secretsmanager:GetSecretValue", "payroll", *ALL),
    "why_depends": ("why", "ann", "secretsmanager:GetSecretValue", "*", "account.json", "functions.json"),
    "who_can": ("who-can", "lambda:UpdateFunctionCode", "report-daily", "account.json", "functions.json", "scps.json"),
}


class Done(NamedTuple):
    code: int
    out: str
    err: str


def write_account(folder: Path) -> Path:
    """Put the files of the guide into *folder*."""
    for one in read(PAGE).story:
        if isinstance(one, File):
            (folder / one.name).write_text(one.body, encoding="utf-8")
    return folder


def ask(*arguments: str, folder: Path, width: int = 100) -> Done:
    """Run a command line of ours in this process, as if typed in *folder*."""
    from buckler.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    clean |= {"COLUMNS": str(width), "NO_COLOR": "1", "AWS_EC2_METADATA_DISABLED": "true"}
    clean |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    with (
        patch.dict(os.environ, clean, clear=True),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main(list(arguments))
    return Done(code, out.getvalue(), err.getvalue())


def expected() -> dict[str, str]:
    """File name -> what belongs in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = write_account(Path(name))
        return {
            f"{about}_{width}.txt": ask(*arguments, folder=folder, width=width).out
            for about, arguments in ASKED.items()
            for width in WIDTHS
        }


def write() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in expected().items():
        (FOLDER / name).write_text(text, encoding="utf-8")

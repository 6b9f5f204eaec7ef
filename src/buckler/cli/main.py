"""The front door: finds the command, and turns whatever goes wrong into one clear error."""

import gc
import os
import sys


def main(argv: list[str] | None = None) -> int:
    """Run the command line and give the exit code. The installed `buckler` calls this."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments in (["--version"], ["-V"]):
        # Before click is imported: scripts ask this often.
        from buckler import __version__

        print(f"buckler {__version__}")  # noqa: T201 - the one print that must not cost an import
        return 0
    from buckler.cli._entry import run

    return run(arguments)


def console_script() -> None:
    """Entry point of the installed command."""
    # What a scan makes lives until it ends: looking for garbage in it again and again takes a tenth of the time, and finds none.
    gc.set_threshold(50_000, 20, 50)
    code = main()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # `buckler scan | head`: the reader has seen enough. Python would complain again at exit, so give it nothing to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


if __name__ == "__main__":
    console_script()

"""`clickstream`, and `python -m clickstream`: the command line as a process of its own."""

import atexit
import os
import sys

LOST_WORDS = 120
"""Exit code where not all that was said could be written, as Python itself has it."""


def run() -> None:
    """Run the command line; then leave at once.

    Python would look for garbage in all that dbt and dlt have made: 0.9 of a small run's 14 s. What else is
    to be done at the end of a process is done before: the first to register is the last to be called.
    """
    code = 1  # Of an error that Python itself tells.

    def leave() -> None:
        status = code
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):  # Words are lost.
                status = LOST_WORDS
        os._exit(status)

    atexit.register(leave)
    from clickstream.cli import main

    try:
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        raise


if __name__ == "__main__":
    run()

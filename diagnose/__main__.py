"""`python -m diagnose` is the command `diagnose`."""

import os
import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# `-m` puts the current folder before everything else. What lies there is what is examined: never run it, such as a
# `queue.py`, in place of the module that was meant.
if not sys.flags.safe_path and sys.path[0] not in ("", HERE):
    sys.path.append(sys.path.pop(0))

from diagnose.cli import main  # noqa: E402

if __name__ == "__main__":
    main()

"""`diagnose.checks` in a source tree, which keeps the checks in its top-level folder `checks/`.

A wheel has the package of this name in this place and leaves this file out. So there is one import name everywhere,
and a folder `checks` or a file `checks.py` of the person's own has another one.
"""

from pathlib import Path

__path__ = [str(Path(__file__).parents[1] / "checks")]

"""Arrays and tensors made from plain lists, and numpy's functions on plain numbers."""

from __future__ import annotations

import math

from diagnose.interpreter.builtin import computed, list_of
from diagnose.interpreter.overlay import Overlay

OVERLAY = Overlay("arrays")
OVERLAY.handles("numpy.array", "numpy.asarray", "torch.tensor")(list_of)
computed(OVERLAY, "numpy.sqrt", math.sqrt)
computed(OVERLAY, "numpy.log", math.log)

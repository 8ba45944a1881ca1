"""A configuration that is being edited: what is found in it each time, on images that were scanned once."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from diagnose.config.read import path_of, read_configuration
from diagnose.interpreter.imports import LEFT_OUT
from diagnose.interpreter.recorded import Stamps, about_to_read, recorded, stamp
from diagnose.model import Evidence, Finding, InputError, in_order, without_secrets
from diagnose.registry import choose, load_checks
from diagnose.request import Request

READ_ALONE = {"program": "the configuration is not a training program", "run": "the program was not run: add --run"}


class Rereading:
    """Reads the configuration of a request whenever it is asked to, and never runs it."""

    def __init__(self, request: Request, evidence: Evidence) -> None:
        """evidence: of all but the configuration."""
        self.evidence = replace(evidence, absent=MappingProxyType({**evidence.absent, **READ_ALONE}))
        self.config = str(request.config)
        self._settings = request.settings
        self._checks = choose(load_checks(), request.select, request.ignore)
        self._stamps: Stamps = {}
        self._left_out: int | None = None

    def read(self) -> tuple[Finding, ...]:
        """The findings as the files are now, causes first. Raises InputError where the configuration, or a file that it
        imports and that was readable before, cannot be read at the moment."""
        with recorded() as stamps:
            try:
                about_to_read(path_of(self.config))
                reading = read_configuration(self.config, self._settings)
                left_out = [note for note in reading.notes if note.startswith(LEFT_OUT)]
                if self._left_out is not None and len(left_out) > self._left_out:
                    raise InputError(left_out[-1].removeprefix(LEFT_OUT))
            except InputError:
                self._stamps |= stamps  # with the files that could not be reached this time
                raise
        self._stamps, self._left_out = stamps, len(left_out)
        self.evidence = replace(self.evidence, configuration=reading.config, code=reading.program)
        found = (finding for check in self._checks.values() for finding in check.run(self.evidence)[2])
        return tuple(without_secrets(in_order(found, self.evidence)))

    @property
    def changed(self) -> bool:
        """Whether a file that was read is another one by now."""
        return any(stamp(path) != before for path, before in self._stamps.items())

"""The one sequence: inspect, probe, judge. Both faces iterate over the same events."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from diagnose import __version__, own_network, own_program
from diagnose.against import contrast
from diagnose.asking import check_tunable, job_of
from diagnose.controls import Controls
from diagnose.dataset.scan import scan
from diagnose.dataset.sources.factory import is_factory, is_object
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.sources.source import Source
from diagnose.dataset.store import Store
from diagnose.events import (
    ConfigRead,
    Event,
    Finished,
    Found,
    HistoryRead,
    Note,
    ProbesMeasured,
    ScanDone,
    Tuned,
)
from diagnose.model import (
    Check,
    Checkpoint,
    CheckResult,
    Config,
    Contrast,
    Dataset,
    Diagnosis,
    Evidence,
    Gap,
    History,
    InputError,
    OwnNetwork,
    Probes,
    Program,
    Run,
    Tuning,
    printable,
    redacted,
    without_secrets,
)
from diagnose.probing.child import ProbeProcess
from diagnose.probing.job import Failed, Ready
from diagnose.registry import choose, load_checks
from diagnose.request import Request

if TYPE_CHECKING:
    from diagnose.autopsy.asked import Examined
    from diagnose.autopsy.job import Examiner
    from diagnose.dataset.cluster import ClusterWorkers
    from diagnose.dataset.near import NearSearch
    from diagnose.dataset.sample import Sample

SOON = 0.5  # seconds that the search for near copies may take longer than the rest, before that is reported alone
POLL = 0.2  # seconds
PROBES_SHARE = 0.5  # of the budget, which the probes have at least, however long the scan of a large dataset took
FINISHED = "--checkpoint examines a finished model"
OVERRUN = 1.08  # a probe process that is still at work after this share of the budget is ended

# Images that frozen features see, by device: what a CPU passes through in some seconds. Trainings see a part of them.
SAMPLES = {"cpu": (1500, 600)}
SAMPLE_ELSEWHERE = (12000, 4000)


@dataclass
class Gathered:
    """Evidence as it comes in."""

    dataset: Dataset | None = None
    config: Config | None = None
    probes: Probes | None = None
    code: Program | None = None
    network: OwnNetwork | None = None
    ran: Run | None = None
    history: History | None = None
    checkpoint: Checkpoint | None = None
    sample: Sample | None = None  # of the images that the probes train on
    other: Config | None = None
    other_code: Program | None = None
    contrast: Contrast | None = None
    tuning: Tuning | None = None
    absent: dict[str, str] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)

    def evidence(self) -> Evidence:
        """What the checks may look at by now."""
        return Evidence(
            self.dataset,
            self.config,
            self.probes,
            self.absent,
            self.code,
            self.network,
            self.ran,
            self.history,
            self.checkpoint,
        )


def diagnose(request: Request, controls: Controls) -> Iterator[Event]:
    """Yields events and at last Finished. Once it is stopped it ends soon, with what is known by then.

    Raises InputError where the request cannot be carried out at all.
    """
    try:
        yield from _events(request, controls)
    except sqlite3.OperationalError as fault:
        raise InputError(
            f"The scan cannot be written down ({fault}); the disk may be full: free some space, or set XDG_CACHE_HOME "
            "and TMPDIR to folders on another one. What was measured is kept as far as it was written."
        ) from None


def _events(request: Request, controls: Controls) -> Iterator[Event]:
    if request.tune:
        check_tunable(request)
    if request.run:
        own_program.check_runnable(request.config, request.own_code, request.snippet)
    if request.model is not None:
        own_network.check_named(request.model, own_network.folders_of(_place(request)))
    if request.checkpoint is not None:
        from diagnose.autopsy.asked import check_file  # it reads images, whose libraries take a while

        check_file(request.checkpoint)
        request = replace(request, probes=False)
    stop = controls.stop
    begin, started = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    all_checks = load_checks()
    checks = choose(all_checks, request.select, request.ignore)
    gathered = Gathered()
    gathered.absent["checkpoint"] = "no --checkpoint was given" if request.checkpoint is None else "it was interrupted"
    with ExitStack() as stack:
        child = ready = None
        examiner = None
        if request.checkpoint is not None:
            examiner = stack.enter_context(_examiner(request, stop))
        if request.data is not None and request.probes:
            child = stack.enter_context(ProbeProcess(request.device, controls))  # imports torch while we read and scan
        if request.config is None:
            gathered.absent["config"] = gathered.absent["program"] = "no --config was given"
            gathered.absent["run"] = "no training program was given"
        else:
            _read(request, gathered)
            yield ConfigRead(gathered.config or Config(), gathered.code.framework if gathered.code else "")
            if request.against is not None:
                _read_other(request, gathered, all_checks)
        yield from _read_history(request, gathered)
        own_code = request.data is not None and (is_object(request.data) or is_factory(str(request.data)))
        if own_code and not is_object(request.data):
            yield Note(f"{request.data} runs your own code")
        source = _source(request, gathered, stop)
        if request.weights.endswith((".pth", ".pt", ".safetensors")) and not Path(request.weights).is_file():
            raise InputError(f"{request.weights} does not exist: give a file of weights with --weights.")
        if source is None:
            why = gathered.absent.get("data", "no images were given")
            gathered.absent["data"] = gathered.absent["probes"] = why
            child = None
        elif child:
            if request.device not in ("auto", "cpu"):
                ready = _ready(child, request.budget)  # a device that may not be there is worth waiting for
        else:
            gathered.absent["probes"] = FINISHED if examiner else "--no-probes was given"
        store = stack.enter_context(Store(cache_folder() / "scans" if request.cache and not own_code else None))
        search: NearSearch | None = None
        if source is not None:
            patience = 0.0 if child or examiner else SOON
            search = yield from _inspect(source, store, stop, gathered, _cluster(request.ray, stop), patience)
        reported: set[str] = set()

        def meanwhile(within: float = 0.0) -> Iterator[Event]:
            """What the search for near copies found, once it has ended; it is waited for `within` so many seconds."""
            nonlocal search
            if search is not None and source is not None and search.done(within):
                yield _complete(gathered, store, source, search)
                search = None
                yield from _news(checks, gathered, reported)

        if not stop.is_set():
            yield from _news(checks, gathered, reported)  # what is known already; the last word comes at the end
        if request.run and examiner is None and not stop.is_set():
            yield from _run_program(request, gathered, stop, store if source is not None else None)
            yield from _news(checks, gathered, reported)
        network, why = own_network.asked_for(request.model, request.own_code, gathered.config, gathered.code)
        if child and not stop.is_set():
            share = own_network.left_to_probes(network, gathered.config)
            for event in _probe(request, child, ready or _ready(child, request.budget), store, gathered, begin, share):
                yield event
                if search is not None and isinstance(event, ProbesMeasured):  # the first answer is not kept waiting
                    search.begin(threads=1)
                yield from meanwhile()
        elif child:
            gathered.absent["probes"] = "interrupted before the probes"
        examined = None
        if examiner is not None and not stop.is_set():
            if search is not None:
                search.begin(threads=1)
            examined = yield from _autopsy(request, examiner, gathered, store if source is not None else None, begin)
            yield from _news(checks, gathered, reported)
        while search is not None and not stop.is_set():
            search.begin()
            yield from meanwhile(POLL)
        if search is not None:
            gathered.absent["data.near"] = "the search for near copies was interrupted"
        if examined is not None and gathered.dataset is not None:
            gathered.checkpoint = examined.without_copies(gathered.dataset)
    if request.checkpoint is not None:
        gathered.absent["network"] = FINISHED
    elif network is None:
        gathered.absent["network"] = why
    elif not stop.is_set():
        yield from _own_network(request, controls, gathered, begin, network)
    results = [_judge(check, gathered.evidence()) for check in checks.values()]
    yield Finished(_diagnosis(gathered, results, started, begin, stop.is_set()))


def _cluster(address: str | None, stop: threading.Event) -> ClusterWorkers | None:
    if not address:
        return None
    from diagnose.dataset.cluster import ClusterWorkers

    return ClusterWorkers(address, stop)


def _source(request: Request, gathered: Gathered, stop: threading.Event) -> Source | None:
    """Where the images are. A layout that cannot be read does not keep a program from being run where that is asked
    for; a path that does not exist is a mistake of the command line, and does."""
    if request.data is None:
        return None
    try:
        return find_source(request.data, request.offline, stop, request.label_pattern)
    except InputError as fault:
        if not request.run or is_object(request.data) or not Path(str(request.data)).exists():
            raise
        gathered.gaps.append(Gap("data", str(fault), failed=True))
        gathered.absent["data"] = str(fault)
        return None


def _read(request: Request, gathered: Gathered) -> None:
    """The configuration. A program that cannot be read is run all the same where that is asked for, and does not keep a
    checkpoint from being examined."""
    from diagnose.config.read import read_configuration  # here and below: imported by those who ask for it

    assert request.config is not None
    gathered.absent["run"] = "the program was not run: add --run"
    try:
        reading = read_configuration(
            request.config, request.settings, request.snippet, evaluates=request.checkpoint is not None
        )
    except InputError as fault:
        if not request.run and request.checkpoint is None:
            raise
        gathered.gaps.append(Gap("config", str(fault)))
        gathered.absent["config"] = gathered.absent["program"] = str(fault)
        return
    gathered.config, gathered.code = reading.config, reading.program
    gathered.absent["program"] = "the configuration is not a training program"
    if reading.program is None:
        gathered.absent["run"] = "the configuration is not a training program"
    gathered.gaps += [Gap("config", note) for note in reading.notes]


def _run_program(request: Request, gathered: Gathered, stop: threading.Event, store: Store | None) -> Iterator[Event]:
    """Runs the program in miniature, and puts what it did into the evidence. store: of the dataset's scan."""
    from diagnose.running.matched import matched
    from diagnose.running.observed import configured

    assert request.config is not None
    yield Note(f"--run executes your program in miniature: {request.config}")
    seen = None
    for event in own_program.miniature(
        request.config, request.budget, request.probes, request.offline, stop, request.ray
    ):
        seen = event.run
        yield event
    if seen is None:
        return
    gathered.config, gathered.ran = configured(matched(seen, store.db if store else None), gathered.config)
    gap = own_program.gap_of(seen)
    if gap is not None:
        gathered.gaps.append(gap)


def _read_other(request: Request, gathered: Gathered, checks: dict[str, Check]) -> None:
    """The second configuration, and how the two differ."""
    assert request.against is not None
    assert request.config is not None
    assert gathered.config is not None
    from diagnose.config.read import read_configuration

    reading = read_configuration(request.against, request.against_settings)
    gathered.other, gathered.other_code = reading.config, reading.program
    gathered.gaps += [Gap("against", note) for note in reading.notes]
    gathered.contrast = contrast(
        str(request.config),
        request.against,
        (gathered.config, gathered.code),
        (reading.config, reading.program),
        checks,
    )


def _read_history(request: Request, gathered: Gathered) -> Iterator[Event]:
    """The runs of --log, and what lies beside the program where none was given."""
    from diagnose.logs.beside import beside
    from diagnose.logs.read import read_logs

    if request.log is None:
        gathered.absent["history"] = f"no --log was given{beside(_place(request))}"
        return
    gathered.history = read_logs(request.log)
    yield HistoryRead(gathered.history)


def _place(request: Request) -> Path | None:
    """The file of the configuration, without the options of a command line."""
    if not request.config:
        return None
    from diagnose.config.read import path_of

    return path_of(str(request.config))


def _own_network(
    request: Request, controls: Controls, gathered: Gathered, begin: float, source: str
) -> Iterator[Event]:
    """Measures a network of the person's own, and trains it where images were given."""
    yield Note(f"--model runs your own code: {source}")
    sample = gathered.sample
    asked = own_network.asked_about(source, gathered.config, _place(request), gathered.dataset)
    examined = own_network.Examination(asked, request.device, controls)
    yield from examined.run(
        lambda: begin + request.budget - time.monotonic(),
        (lambda left: job_of(request, gathered, sample, left, _kept(request))) if sample else None,
        (OVERRUN - 1) * request.budget,
    )
    gathered.network = examined.network
    gathered.gaps += examined.gaps
    gathered.absent[own_network.PART] = examined.why or gathered.absent.get("probes", "the probes had no images")


@contextmanager
def _examiner(request: Request, stop: threading.Event) -> Iterator[Examiner]:
    """A process here, which imports its libraries meanwhile, in a sandbox where it runs a person's program; or one on a
    cluster."""
    if request.ray:
        from diagnose.autopsy.cluster import ClusterAutopsy

        yield ClusterAutopsy(request.ray, stop)
        return
    from diagnose.autopsy.child import examiner

    with examiner(stop, request.run) as process:
        yield process


def _autopsy(
    request: Request, examiner: Examiner, gathered: Gathered, store: Store | None, begin: float
) -> Generator[Event, None, Examined]:
    """Examines the checkpoint, on the scan's images where there are any."""
    from diagnose.autopsy import asked as autopsy

    assert request.checkpoint is not None
    if request.model is not None:
        yield Note(f"--model runs your own code: {request.model}")
    job = autopsy.job_of(
        request.checkpoint,
        store,
        gathered.dataset,
        gathered.config,
        gathered.code,
        arch=request.checkpoint_arch,
        model=request.model,
        folders=own_network.folders_of(_place(request)),
        device=request.device,
        seconds=max(autopsy.SHORTEST, begin + request.budget - time.monotonic()),
    )
    if request.run:
        from diagnose.config.read import command_of

        assert request.config is not None
        yield Note(f"--run executes your program, to see what it evaluates: {request.config}")
        path, arguments = command_of(request.config)
        job = replace(job, program=str(path), arguments=arguments, offline=request.offline)
    yield Note(f"examining {printable(job.file)}")
    yield from examiner.run(job)
    gathered.checkpoint = examiner.checkpoint
    why = examiner.why or (examiner.checkpoint.stopped if examiner.checkpoint else "")
    if why:
        gathered.gaps.append(Gap("checkpoint", f"{request.checkpoint}: {why}", failed=True))
        gathered.absent["checkpoint"] = why
    return autopsy.Examined(job, examiner.checkpoint, examiner.hits)


def _inspect(
    source: Source,
    store: Store,
    stop: threading.Event,
    gathered: Gathered,
    cluster: ClusterWorkers | None,
    patience: float,
) -> Generator[Event, None, NearSearch | None]:
    """Scans. Returns the search for near copies where it is still to be made, or takes longer than `patience`
    seconds."""
    progress = None
    for progress in scan(source, store, stop, elsewhere=cluster):
        yield progress
    assert progress is not None
    if progress.total == 0:
        raise InputError(
            f"{printable(source.root)} holds class folders but no images in them: "
            "expected files that end in .jpg, .png or another image ending."
        )
    if progress.done < progress.total:
        gathered.absent["data"] = f"the scan was interrupted after {progress.done} of {progress.total} files"
        return None
    search = None
    if store.kept is None:
        from diagnose.dataset.near import NearSearch
        from diagnose.dataset.summary import surveyed, with_pictures

        gathered.dataset = surveyed(store, source)
        search = NearSearch(store.db, store.folder, cluster)
        if patience:
            search.begin()
        if search.done(patience):
            yield _complete(gathered, store, source, search)
            return None
        gathered.dataset = with_pictures(gathered.dataset, store)
    gathered.dataset = store.kept or gathered.dataset
    assert gathered.dataset is not None
    yield ScanDone(gathered.dataset)
    return search


def _complete(gathered: Gathered, store: Store, source: Source, search: NearSearch) -> ScanDone:
    """Puts the near copies into the evidence on the dataset, and keeps it for the next run."""
    from diagnose.dataset.summary import with_near_copies

    assert gathered.dataset is not None
    try:
        near = search.pairs()
    except OSError as fault:
        why = f"the search for near copies has no room for its files in {store.folder} ({fault.strerror})"
        gathered.gaps.append(Gap("near copies", why, failed=True))
        gathered.absent["data.near"] = why
        return ScanDone(gathered.dataset)
    gathered.dataset = with_near_copies(gathered.dataset, store, near)
    store.keep(gathered.dataset, source)
    return ScanDone(gathered.dataset)


def _news(checks: Mapping[str, Check], gathered: Gathered, reported: set[str]) -> Iterator[Event]:
    """The findings that the evidence gives by now, each once. reported: the fingerprints of those before."""
    for check in checks.values():
        for finding in _judge(check, gathered.evidence()).findings:
            if finding.fingerprint not in reported:
                reported.add(finding.fingerprint)
                yield Found(finding)


def _ready(child: ProbeProcess, seconds: float) -> Ready | Failed:
    message = child.ready(seconds)
    if isinstance(message, Failed) and message.usage:
        raise InputError(message.why)
    return message


def _probe(
    request: Request,
    child: ProbeProcess,
    ready: Ready | Failed,
    store: Store,
    gathered: Gathered,
    begin: float,
    share: float,
) -> Iterator[Event]:
    """share: of the budget, which the probes may use up together with the scan."""

    def failed(why: str, part: str = "probes") -> None:
        gathered.gaps.append(Gap(part, why, failed=True))
        gathered.absent["probes.comparison" if part == "pretrained" else part] = why

    if isinstance(ready, Failed):
        failed(ready.why)
        return
    if gathered.dataset is not None and gathered.dataset.several is not None:
        failed("images have several labels each, and the probes train on one")
        return
    from diagnose.dataset.sample import draw

    train, val = SAMPLES.get(ready.device, SAMPLE_ELSEWHERE)
    sample = draw(store, train, val)
    budget = share * request.budget
    left = max(PROBES_SHARE * budget, begin + budget - time.monotonic())
    if len(sample.classes) < 2 or len(sample.val) < 2:
        failed(f"{len(sample.classes)} classes with images to train on; a classifier needs two and validation images")
        return
    gathered.sample = sample
    child.deadline = time.monotonic() + left + (OVERRUN - 1) * request.budget
    job = job_of(request, gathered, sample, left, _kept(request))
    if job.goal is not None:
        gathered.absent["probes.comparison"] = "the probes compared the two configurations instead"
        gathered.absent["probes.learning_rate"] = "the probes compared the two configurations instead"
    if job.tune is not None:
        gathered.absent["probes"] = "--tune took the probes' time"
    for message in child.run(job):
        if isinstance(message, Failed):
            if message.late and (gathered.probes is not None or gathered.tuning is not None):
                yield Note("the probes were ended at the end of the budget; what they measured by then is kept")
                continue
            if message.usage:
                raise InputError(message.why)
            failed(message.why, message.part)
            yield Note(f"{message.part}: {message.why}")
            continue
        if isinstance(message, ProbesMeasured):
            gathered.probes = message.probes
        if isinstance(message, Tuned):
            gathered.tuning = message.tuning
        yield message
    if gathered.probes is None:
        gathered.absent.setdefault("probes", "no probe run was finished")


def cache_folder() -> Path:
    """Where results are kept between runs."""
    return Path(platformdirs.user_cache_dir("diagnose", appauthor=False))


def _kept(request: Request) -> str | None:
    """The folder of earlier results, where they may serve again."""
    return str(cache_folder()) if request.cache else None


def _judge(check: Check, evidence: Evidence) -> CheckResult:
    begin = time.perf_counter()
    state, why, findings = check.run(evidence)
    return CheckResult(check.code, check.name, state, time.perf_counter() - begin, why, findings)


def _diagnosis(
    gathered: Gathered, results: list[CheckResult], started: str, begin: float, interrupted: bool
) -> Diagnosis:
    gaps = list(gathered.gaps)
    for result in results:
        if result.state in ("skipped", "crashed"):
            gaps.append(Gap(result.code, result.why, failed=result.state == "crashed"))
    evidence = gathered.evidence()
    data, probes, network = evidence.dataset, evidence.measured, evidence.own
    return Diagnosis(
        tool_version=__version__,
        started=started,
        seconds=time.monotonic() - begin,
        evidence=replace(
            evidence,
            dataset=replace(data, root=redacted(data.root)) if data else None,
            configuration=without_secrets(evidence.configuration),
            measured=replace(probes, notes=without_secrets(probes.notes)) if probes else None,
            own=replace(network, crash=redacted(network.crash)) if network else None,
            ran=without_secrets(evidence.ran),
            past=without_secrets(evidence.past),
            autopsy=without_secrets(evidence.autopsy),
        ),
        results=without_secrets(tuple(results)),
        not_examined=without_secrets(tuple(gaps)),
        interrupted=interrupted,
        contrast=without_secrets(gathered.contrast),
        tuning=without_secrets(gathered.tuning),
    )

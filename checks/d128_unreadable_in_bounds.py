"""Files that cannot be read within the limits on kind, size and time.

What it looks for: under an image's name, something that isn't a regular file (a named pipe, a device, a socket, or a
link to one), a file of more than 1.07 GB, and pictures that take longer to decode than any real one: a JPEG of
thousands of scans, or a file that keeps the decoder busy for more than 30 s. Nothing of a device is read, and a pipe is
not waited for. As a warning: files of more than 268 MB and pictures that take more than 360 MB of memory to decode,
which were not decoded.

Why it matters: a training run's loader opens such a file all the same. It hangs on a pipe, fills memory from a device
or stalls in one batch, without an error.

Example: a link cat/z.jpg to /dev/zero; a JPEG of 400 kB with 3,000 empty progressive scans.

Fix: remove the file, or replace it by the picture that it should be.

When it is wrong: a sound picture on a machine so busy that decoding it took 30 s. Run again: it is measured once more.

Source: the bounds are ours; 360 MB are 90 million pixels of a PNG, and 22 million of a WebP, whose decoder takes 16
bytes for each. Pixels times scans of a JPEG are held to 2,000,000,000, which the usual ten scans of the
largest picture that Pillow opens do not reach; libjpeg-turbo's own fuzzers give up at 500 scans.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    files = evidence.data.faults.get("out-of-bounds")
    if files:
        what = "file was" if files.count == 1 else "files were"
        yield Finding(
            Severity.ERROR,
            summary=f"{files.count} {what} not read: no regular file, too large, or too slow to decode.",
            fix="Remove each, or replace it by the picture that it should be: a training run would hang or fail on it.",
            measured={"files": files.count, "reasons": list(files.details)},
            files=files.examples,
        )
    large = evidence.data.faults.get("too-large")
    if large:
        what = "picture was" if large.count == 1 else "pictures were"
        yield Finding(
            Severity.WARNING,
            summary=f"{large.count} {what} not decoded: each takes too much memory.",
            fix="Save a smaller copy of each: a training run decodes it in full, in each worker and every epoch.",
            measured={"files": large.count, "reasons": list(large.details)},
            files=large.examples,
        )


CHECK = Check("D128", "unreadable-in-bounds", needs=("data",), judge=judge)

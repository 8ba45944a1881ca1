"""What must not be copied into a report: passwords in addresses, tokens on a command line, keys of known shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

HIDDEN = "***"
WORDS = r"(?:token|passw(?:or)?d|passphrase|secret|api[-_]?key|access[-_]?key|credential|signature|sig)"
PATTERNS = [
    (re.compile(r"(://)[^/\s@]+@"), rf"\1{HIDDEN}@"),  # https://user:password@host
    (re.compile(rf"([?&][\w.-]*{WORDS}=)[^&\s]+", re.I), rf"\1{HIDDEN}"),  # ?X-Amz-Signature=…
    (re.compile(rf"(--?[\w-]*{WORDS}[ =])[^\s-]\S*", re.I), rf"\1{HIDDEN}"),  # --wandb-token …
    (re.compile(rf"(\b[\w-]*{WORDS}\s*[:=]\s*)[\"']?[^\s\"',}}]+[\"']?", re.I), rf"\1{HIDDEN}"),  # api_key: …
    # Keys of AWS, Hugging Face, GitHub, OpenAI, Slack and Google, as their documentation and secret scanners know them.
    (re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bhf_[A-Za-z0-9]{20,}|\bgh[pousr]_[A-Za-z0-9]{20,}"
                r"|\bsk-[A-Za-z0-9_-]{20,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAIza[0-9A-Za-z_-]{30,}"), HIDDEN),
]  # fmt: skip

T = TypeVar("T")


def redacted(text: str) -> str:
    """The text with *** in place of each password, token or key that `PATTERNS` matches."""
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return text


def without_secrets(value: T) -> T:
    """The value with every string in it redacted, in dataclasses, mappings and tuples."""
    return cast(T, _without(value))


def _without(value: Any) -> Any:
    if isinstance(value, str):
        safe = redacted(value)
        return value if safe == value else safe  # an enumeration's word stays one
    if isinstance(value, tuple | list):
        return type(value)(_without(item) for item in value)
    if isinstance(value, Mapping):
        return {key: _without(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changes = {
            field.name: _without(old) for field in fields(value) if (old := getattr(value, field.name)) is not None
        }
        return replace(value, **changes)
    return value

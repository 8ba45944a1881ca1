"""Which words say that a training starts from learned features, and which of them take it back."""

from __future__ import annotations

import re

# Claims as words in a row; a word that ends in * is a prefix.
CLAIMS = (
    ("transfer", "learn*"),
    ("transfer", "without"),
    ("transferlearn*",),
    ("transfer", "model*"),
    ("transfer", "net*"),
    ("transfer", "train*"),
    ("transfer", "resnet*"),
    ("transfer", "cnn*"),
    ("transfer", "classifier*"),
    ("fine", "tun*"),
    ("finetun*",),
    ("pretrained",),
    ("pre", "trained"),
)
# Words that take a claim back where they stand in the same sentence.
ELSEWHERE = frozenset(("scratch", "versus", "vs", "instead", "unlike", "than", "compare", "compared", "comparison",
                       "comparing", "or", "based", "adapted", "inspired", "borrowed", "copied", "modified", "see",
                       "https", "http", "todo", "later", "could", "would", "should", "optional",
                       "optionally"))  # fmt: skip
# Words that take it back where they stand shortly before it, or after it with a verb.
BEFORE = frozenset(
    (
        "no",
        "not",
        "non",
        "without",
        "never",
        "un",
        "isn",
        "aren",
        "don",
        "doesn",
        "avoid",
        "skip",
        "if",
        "before",
        "random",
        "randomly",
        "style",
        "removed",
        "disabled",
        "why",
        "what",
        "how",
        "when",
    )
)
AFTER = frozenset(("is", "are", "isn", "was", "off", "disabled", "false", "none", "no", "not"))
REACH = 3  # words before a claim in which it may be taken back
SENTENCE, CLAUSE = re.compile(r"[.!;\n]\s|[.!;]$|\?"), re.compile(r"[,:()\[\]\"'“”‘’]|\s[-–—]\s")


def claims_features(text: str) -> bool:
    """Whether a title or a name says that a training starts from learned features.

    "transfer learning without weights" claims it; "without transfer learning" and "from scratch, not pretrained" do
    not. The words around a claim decide: of its sentence where they set it against something, of its clause where
    they deny it.
    """
    if "?" in text:
        return False
    for sentence in SENTENCE.split(text):
        if ELSEWHERE & set(_words(sentence)):
            continue
        if any(_claimed(_words(clause)) for clause in CLAUSE.split(sentence)):
            return True
    return False


def _words(text: str) -> list[str]:
    """Words of prose or of a name: transfer_model, TransferModel and transfer-model are two each."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return re.findall(r"[a-z]+", parted.lower())


def _claimed(words: list[str]) -> bool:
    for claim in CLAIMS:
        for place in range(len(words) - len(claim) + 1):
            if all(map(_fits, claim, words[place:])):
                denied = BEFORE & set(words[max(0, place - REACH) : place])
                denied |= AFTER & set(words[place + len(claim) : place + len(claim) + 1])
                if not denied:
                    return True
    return False


def _fits(wanted: str, word: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted

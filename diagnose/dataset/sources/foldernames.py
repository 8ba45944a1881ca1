"""The meaning of folder names: a container, a description of images, a part, a place in a series."""

from __future__ import annotations

import re

from diagnose.dataset.sources.source import CAMEL

# Folders that hold images, and whose names aren't a class.
CONTAINERS = {
    "images", "image", "imgs", "img", "im", "photos", "photo", "pictures", "pics", "jpg", "jpeg", "jpgs", "png", "pngs",
    "jpegimages", "data", "dataset", "datasets", "raw", "rgb", "files", "all", "original", "originals",
    "upload", "uploads",
    "frames", "crops", "cropped", "resized", "input", "inputs", "content", "all_images", "color", "x",
    "bilder", "bild", "fotos", "foto", "imagenes", "imágenes", "imagens", "immagini", "afbeeldingen", "obrazy",
    "фото", "изображения", "图片", "图像", "画像",
}  # fmt: skip
# Folders beside images that describe them.
BESIDE = {
    "annotations", "annotation", "labels", "label", "masks", "mask", "segmentation", "segmentations", "trimaps",
    "bboxes", "xml", "xmls", "json", "devkit", "meta", "metadata", "doc", "groundtruth", "ground_truth", "gt",
    "attributes", "parts", "lists", "splits", "imagesets", "segmentationclass", "segmentationobject", "bounding_boxes",
    "csv", "text", "scripts", "code", "models", "checkpoints", "logs", "reports", "report", "figures", "figs", "plots",
    "outputs", "output", "results", "runs", "wandb", "mlruns", "notebooks", "src", "screenshots", "docs",
}  # fmt: skip
FOLD = re.compile(r"(?:k|cv|cross|x)?[ _-]*(?:fold|cv|cross|round|run)s?[ _-]*\d+|k\d+", re.I)
PIECE = re.compile(
    r"(.*(?:images?|imgs?|part|batch|chunk|shard|zip|folder)s?[ _-]*\d+|\d{1,3}|[0-9a-f]{2}|batch[ _-]?\w)", re.I
)
# Folders of unlabelled images, beside labelled ones.
UNLABELLED = re.compile(
    r"(?:(un|not|non|no)[ _-]*(label+ed|label|labels|annotated)|(sans|ohne|sin|sem|senza)[ _-]*(label|etiqueta)s?)"
    r"(?:[ _-]*(?:images?|data|pool|set|pictures|photos))?",
    re.I,
)
DATE = re.compile(r"(19|20)\d\d([-_.]?\d\d){0,2}")
WORDNET = re.compile(r"n\d{8}")
# Words that name a place in a series, never a class.
SERIES = re.compile(
    r"patient|subject|case|video|vid|seq(uence)?|scene|img|scan|user|person|session|frame|clip|day|date|slide|tile|batch"
    r"|part|folder|new|set|series|group|sample|specimen|plate|well|id|no|nr|image|photo|study|visit|exam|burst|shot|take"
    r"|cam(era)?|trip|run|view|rep|replicate|plot|field|kamera|c[aá]mara|caméra|patiente?|paziente|pacient[ea]?|pat"
    r"|probe|proband|sujeto|sujet|lot|charge|line|linie|ligne|station|machine|maschine|site|sensor|lane|zone|sector"
    r"|block|row|tray|chip|wafer|roll|greenhouse|farm|hospital|clinic|cent(?:er|re)|rig|belt|shift|round",
    re.I)  # fmt: skip

SIDE = re.compile(r"left|right|front|back|rear|top|bottom|upper|lower|north|south|east|west|inner|outer", re.I)
# Names of recordings and their subjects: video01, patient_7, camera 2.
RECORDED = re.compile(
    r"(?:patient|subject|participant|case|slide|specimen|video|vid|clip|seq(?:uence)?|session|visit|study|scan|cam(?:era)?"
    r"|kamera|recording|take|burst|shot|trip|dive|flight|day|plate|well|line|station|machine|site|person|user|animal)"
    r"[ _-]?#?\d+", re.I)  # fmt: skip


def are_recordings(names: list[str]) -> bool:
    """Whether all folders are named like recordings or dates: they are probably not classes."""
    return len(names) > 1 and all(RECORDED.fullmatch(name) or DATE.fullmatch(name) for name in names)


def in_series(name: str) -> bool:
    """Whether a name is a number, letter or side in a series (patient_07, LINE_A, cam_left, 2021-03-04) and not a
    class; WordNet ids are classes."""
    if WORDNET.match(name):
        return False
    words = re.findall(r"[a-z]+", CAMEL.sub(" ", name), re.I)
    others = [word for word in words if not SERIES.fullmatch(word)]
    if not re.search(r"\d", name):
        if len(others) != 1 or len(words) < 2 or words[-1] != others[0]:
            return False
        return len(others[0]) == 1 or SIDE.fullmatch(others[0]) is not None
    return sum(map(len, others)) <= 2


def is_coded(name: str) -> bool:
    """Whether a name is one or two letters and a number, as for cameras, patients and sites: C07, P1."""
    return re.fullmatch(r"[A-Za-z]{1,2}[ _-]?\d+", name) is not None


def are_series(names: list[str]) -> bool:
    """Whether names are codes with a common prefix followed by a number, as for slides of one kind: SOB_B_A_14-22549AB,
    SOB_B_A_14-29960CD."""
    begin = next((n for n, letters in enumerate(zip(*names, strict=False)) if len(set(letters)) > 1), 0)
    while begin and names[0][begin - 1].isdecimal():
        begin -= 1
    numbers = [re.findall(r"\d{2,}", name[begin:]) for name in names]
    return len(names) > 1 and begin > 1 and all(numbers) and all(in_series(name[begin:]) for name in names)


def are_groups(outers: list[str], inners: list[str]) -> bool:
    """Whether folders that hold folders of the same names are patients, slides or cameras, and the inner ones the
    classes: numbers in a series, with far more of them than inner folders, or with such names (P01_02_A)."""
    if not all(in_series(name) for name in outers):
        return False
    coded = all(re.search(r"[A-Za-z]", name) and len(re.findall(r"\d", name)) > 1 for name in outers)
    dates = all(DATE.fullmatch(name) for name in outers)
    return len(outers) >= 3 * len(inners) or dates or (coded and 2 * sum(map(in_series, inners)) <= len(inners))


def names_its_parts(outer: str, inner: list[str]) -> bool:
    """Whether the folders in a folder are named after it with a number, like clips:
    ApplyEyeMakeup/v_ApplyEyeMakeup_g01, cat/cat_03. Other words of more than one letter would make each a class:
    dog/bulldog."""
    own = re.sub(r"[\W_]+", "", outer.lower())
    for name in inner:
        plain = re.sub(r"[\W_]+", " ", name.lower())
        rest = re.sub(r"\s*".join(map(re.escape, own)), " ", plain) if own else plain
        words = re.split(r"[^a-z]+", rest)
        if rest == plain or not re.search(r"\d", rest) or any(len(SERIES.sub("", word)) > 1 for word in words):
            return False
    return bool(inner)

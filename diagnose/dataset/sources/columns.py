"""The role of each column of a list: by its name, by its values, and by whether the images exist."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from diagnose.dataset.sources.groundtruth import SEVERAL
from diagnose.dataset.sources.lookup import Finder
from diagnose.dataset.sources.sheet import Sheet
from diagnose.dataset.sources.source import CAMEL, IMAGE_ENDINGS, OTHER_ENDINGS, exact_split
from diagnose.model import InputError, printable

# Names of the columns, without spaces and underscores, the likeliest first.
PATHS = (
    "path", "file", "filename", "filepath", "image", "imagepath", "img", "imgpath", "imagename", "imagefile", "imageid",
    "imgname", "imgfile", "imgid", "imageindex", "relativepath", "relpath", "fname", "name", "id", "isicid", "picture",
    "photo", "bildname", "图片名称", "文件", "dateiname", "datei", "bild",
    "fichier", "nomfichier", "archivo", "imagen", "arquivo", "imagem",
    "immagine", "файл", "文件名", "图片", "uuid", "url", "imageurl", "uri", "src", "files", "images", "x", "key",
    "photoid", "idcode",
)  # fmt: skip
LABELS = (
    "label", "class", "classname", "labelname", "category", "categoryname", "target", "species", "taxon", "taxonname",
    "breed", "labels", "classes", "tags", "tag", "findinglabels", "diagnosis", "dx", "choice", "choices", "classid",
    "labelid", "categoryid",
    "targetid", "classindex", "classidx", "labelidx", "y", "gt", "groundtruth", "annotation", "emotion", "expression",
    "level", "grade", "attributeids", "lbl", "cls", "cultivar", "variety", "landmarkid",
    "identity", "primarylabel",
    "finelabel", "coarselabel", "disease", "type", "kind", "sentiment", "quality", "severity", "stage", "result",
    "finding", "findings", "outcome", "id", "scientificname", "commonname", "genus", "family", "name",
    "letter", "digit", "klasse", "kategorie", "etikett", "art", "classe", "etiquette", "étiquette", "espece", "espèce",
    "clase", "etiqueta", "categoria", "especie", "categoría", "rotulo", "rótulo", "etichetta", "klasa", "sinif",
    "klass", "ergebnis", "resultat", "résultat", "缺陷类别", "类", "predictionstring",
    "befund", "fehlerart", "defekt", "defecto", "défaut", "defeito",
    "essence", "producttype", "moa", "mechanism", "phenotype", "defecttype", "anomaly", "condition",
    "treatment", "rating", "verdict",
    "класс", "метка", "类别", "标签", "ラベル",
)  # fmt: skip
SPLITS = (
    "split",
    "set",
    "subset",
    "partition",
    "usage",
    "phase",
    "dataset",
    "datasplit",
    "datasetsplit",
    "splitname",
    "setname",
    "settype",
    "mlsplit",
    "mluse",
    "cohort",
    "traintestsplit",
    "istrain",
    "istraining",
    "traintest",
)
# Columns that describe an image, its frame or its origin, and aren't a class.
OTHERS = re.compile(
    r"(patient|subject|gender|width|height|bbox|boundingbox|annotat|licen[cs]e|author|source|index|unnamed|followup"
    r"|original|pixelspacing|bottom|confidence|score|camera|location|latitude|longitude|caption|description|comment"
    r"|study|series|timestamp|datetime|lead|site|date|time|user|view|fold|area|size|url).*"
    r"|sex|age\w{0,8}|roi|box\w{0,2}|[xy]\w?|[xy]?(min|max)\w*|left|right|top|lat|lon|lng|hash|md5|sha\d*|text|notes?|uid"
    r"|seq\w{0,8}|id|no|number|group|\w*(id|date|datum|fecha|data|time|zeit|ort|user|prüfer|reviewer)",
)  # fmt: skip
# Names used only for labels.
SURE = {"label", "class", "classname", "labelname", "category", "categoryname", "target", "species", "klasse", "classe",
        "clase", "etiqueta", "etiquette", "étiquette", "класс", "类别", "标签", "缺陷类别", "groundtruth"}  # fmt: skip
PLURAL = {"labels", "classes", "tags", "findinglabels", "attributeids", "choices", "categories", "findings", "targets"}
# Words that a label's column name may contain: "Retinopathy grade", defect_class_2.
WORDS = {"label", "class", "category", "species", "breed", "grade", "grading", "diagnosis", "disease", "defect",
         "severity", "stage", "condition", "finding", "risk", "rating", "target", "klasse", "kategorie",
         "befund", "fehlerart", "classe", "clase", "categoria", "etiqueta", "phenotype", "diagnose", "diagnostic",
         "diagnostico", "diagnóstico", "result", "resultado", "resultat", "résultat", "ergebnis", "esito", "difetto",
         "defecto", "defeito", "défaut", "verdict", "urteil", "quality", "qualität", "calidad", "soort", "especie",
         "espèce", "specie", "klasa", "gatunek"}  # fmt: skip
KIND = re.compile(r"[a-zäöüß]{3,}(?:[bdfglmnrsz]art|typ|sorte)")  # Gesteinsart, Schadenstyp
LONGEST_ENDINGS = tuple(word for word in sorted(WORDS) if len(word) > 4)  # compounds: Prüfergebnis, Schadensklasse
NO_ALTERNATIVE = {"id", "name", "y", "gt", "type", "kind", "level", "result", "quality", "identity"}
LOOKED_UP = 24  # rows whose images are looked up
NO_LABEL = "has no column label"  # the message for a table of images without a recognisable label
FEW_GRADES = 6  # distinct decimal numbers that may be grades: a share of raters, 0.0 to 1.0
MOST_COLUMNS = 40  # whose values are checked without a matching name


@dataclass(frozen=True)
class Columns:
    """path, label, split: column indices; one_hot: indices of the columns with one class each; parted: the separator
    of several labels of an image; present: whether any of the images was found; guessed: whether the label was guessed
    from the column's values; sure: whether its name is used only for labels; first_word: whether the label is the first
    word of its column, as in ImageNet's boxes; worded: whether its name contains a word for label; others: columns that
    may also be the label."""

    path: int
    label: int | None
    split: int | None = None
    one_hot: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    parted: str | None = None
    several: bool = False
    present: bool = True
    guessed: bool = False
    sure: bool = False
    first_word: bool = False
    worded: bool = False
    others: tuple[str, ...] = ()


def plain(name: str) -> str:
    """A column's name in lower case, without word separators."""
    return re.sub(r"[\W_]+", "", name.lower())


def is_header(row: list[str], finder: Finder) -> bool:
    """Whether a first line names columns: none of its cells is an image's name or a bare number."""
    endings = (*IMAGE_ENDINGS, *OTHER_ENDINGS)
    if any(cell.strip().lower().endswith(endings) for cell in row):
        return False
    known = sum(plain(cell) in PATHS + LABELS + SPLITS for cell in row)
    if known:
        return True
    return not any(re.fullmatch(r"-?\d+(\.\d+)?", cell.strip()) or finder.find(cell) for cell in row)


def columns_of(sheet: Sheet, finder: Finder) -> Columns:
    """The roles of the columns. Raises InputError, which lists the columns, if the path or label can't be found."""
    names = [plain(name) for name in sheet.columns]
    width = len(sheet.first)
    rows = [row for row in sheet.sample if len(row) >= min(width, 2)] or []
    path, present = path_column(names, rows, width, finder)
    split = chosen(names, SPLITS, without=(path,))
    if split is None:
        split = split_by_values(rows, width, path)
    if split is not None and len({row[split].strip() for row in rows if len(row) > split}) > 12:
        split = None
    taken = (path, split)
    label = chosen(names, LABELS, without=taken)
    if label is not None and names[label] in ("id", "name") and len({row[label] for row in rows}) == len(rows) > 2:
        label = None  # an id or name per image
    if path is None or (label is None and names):
        hot = _one_hot(names, rows, taken)
        if path is not None and len(hot) > 1:
            sums = {sum(float(row[number] or 0) > 0.5 for number in hot) for row in rows if len(row) > max(hot)}
            classes = tuple(sheet.columns[number] for number in hot)
            return Columns(path, None, split, hot, classes, several=sums != {1}, present=present)
    guessed = label is None
    fitting: list[int] = []
    if path is not None and label is None:
        fitting = _by_values(names, rows, width, taken)
        worded = [number for number in fitting if names and says_label(sheet.columns[number])]
        fitting = worded or fitting
        if not names:  # of a number and its name, prefer the name
            fitting.sort(key=lambda number: all(row[number].strip().isdecimal() for row in rows if len(row) > number))
        label = fitting[0] if len(fitting) == 1 or worded or (fitting and not names) else None
    elif label is not None and names:
        fitting = _alternatives(names, rows, (*taken, label), label)
    if path is None or (label is None and width > 1):
        raise InputError(_lacking(sheet, path, label, fitting))
    parted = (
        None if label is None else _parted(names[label] if names else "", [r[label] for r in rows if len(r) > label])
    )
    if names and label is not None and names[label] == "predictionstring":
        return Columns(path, label, split, present=present, first_word=True)
    others = tuple(sheet.columns[number] for number in fitting if number != label) if names else ()
    sure = bool(names) and label is not None and names[label] in SURE
    return Columns(
        path, label, split, parted=parted, several=parted is not None, present=present, guessed=guessed, sure=sure,
        worded=guessed and label is not None and bool(names and says_label(sheet.columns[label])), others=others,
    )  # fmt: skip


def split_by_values(rows: list[list[str]], width: int, path: int | None) -> int | None:
    """The column whose values all name splits, such as TRAIN and TEST."""
    for number in range(min(width, MOST_COLUMNS)):
        values = {row[number].strip() for row in rows if len(row) > number} if number != path else set()
        if 2 <= len(values) <= 4 and all(exact_split(value) is not None for value in values):
            return number
    return None


def chosen(columns: list[str], names: tuple[str, ...], without: tuple[int | None, ...] = ()) -> int | None:
    """The index of the column with one of these names, the likeliest first."""
    return next(
        (number for name in names for number, column in enumerate(columns) if column == name and number not in without),
        None,
    )


def path_column(names: list[str], rows: list[list[str]], width: int, finder: Finder) -> tuple[int | None, bool]:
    """The column of paths, and whether any of its images exists."""
    step = max(1, len(rows) // LOOKED_UP)
    some = rows[::step][:LOOKED_UP]
    named = [number for name in PATHS for number, column in enumerate(names) if column == name]
    if width <= MOST_COLUMNS:
        named += [number for number in range(width) if number not in named]
    endings = (*IMAGE_ENDINGS, *OTHER_ENDINGS)
    by_value = [
        n for n in range(width) if some and all(len(r) > n and r[n].strip().lower().endswith(endings) for r in some)
    ]
    if by_value:  # a number in another column may also be an image's name, without extension
        named = [number for number in named if number in by_value] or by_value
    best: tuple[float, int | None] = (0.0, None)
    present: set[int | None] = set()
    for number in named[:MOST_COLUMNS]:
        values = [row[number] for row in some if len(row) > number]
        found = sum(finder.find(value) is not None for value in values)
        if finder.by_number and len(set(values)) < len(values):
            continue  # numbers that come again group something; an image's number is its own
        share = found / max(1, len(values))
        if found:
            present.add(number)
        if share > best[0] + 0.2:
            best = (share, number)
        if best[0] > 0.9:
            break
    if best[1] is not None:
        return best[1], True
    by_name = chosen(names, PATHS[:15])
    likeliest = by_name if by_name is not None else next(iter(by_value), None)
    return likeliest, likeliest in present


def words_of(name: str) -> set[str]:
    """The words of a column's name, in lower case."""
    return {word.lower() for word in CAMEL.split(name) if word}


def says_label(name: str) -> bool:
    """Whether a word of a column's name, or the end of a compound, means label."""
    return bool(words_of(name) & WORDS) or plain(name).endswith(LONGEST_ENDINGS) or bool(KIND.fullmatch(plain(name)))


def _alternatives(names: list[str], rows: list[list[str]], taken: tuple[int | None, ...], label: int) -> list[int]:
    """Other columns with a name for labels, whose values repeat and group the images differently from the label."""
    found = []
    for number, name in enumerate(names):
        if number in taken or name not in LABELS or name in NO_ALTERNATIVE or OTHERS.fullmatch(name):
            continue
        pairs = {(row[label], row[number]) for row in rows if len(row) > max(label, number)}
        values = {value for _, value in pairs}
        if 2 <= len(values) <= 0.5 * len(rows) and not len({own for own, _ in pairs}) == len(values) == len(pairs):
            found.append(number)
    return found


def _by_values(names: list[str], rows: list[list[str]], width: int, taken: tuple[int | None, ...]) -> list[int]:
    """The columns whose values repeat; if only one column is left, that one."""
    left = [number for number in range(width) if number not in taken]
    if len(left) == 1:
        return left
    fitting = []
    for number in left:
        values = Counter(row[number].strip() for row in rows if len(row) > number)
        if not 2 <= len(values) <= max(2, 0.5 * sum(values.values())):
            continue
        measured = len(values) > FEW_GRADES and any(re.fullmatch(r"-?\d*[.,]\d+", value) for value in values)
        if measured or (names and OTHERS.fullmatch(names[number])):
            continue
        fitting.append(number)
    return fitting


def _one_hot(names: list[str], rows: list[list[str]], taken: tuple[int | None, ...]) -> tuple[int, ...]:
    """Columns that hold only 0 and 1 (or -1 and 1), one per class."""
    allowed = {"0", "1", "0.0", "1.0", "-1", "", "true", "false"}
    found = tuple(
        number for number in range(len(names))
        if number not in taken and not re.fullmatch(r"(is|has)?(train|test|val|valid).*|unnamed.*|fold", names[number])
        and rows and all(len(row) > number and row[number].strip().lower() in allowed for row in rows)
    )  # fmt: skip
    return found if any(float(_number(row[n])) > 0.5 for row in rows for n in found) else ()


def _number(cell: str) -> float:
    cell = cell.strip().lower()
    return {"true": 1.0, "false": 0.0, "": 0.0}[cell] if cell in ("true", "false", "") else float(cell)


def _parted(name: str, values: list[str]) -> str | None:
    """The separator of several labels of an image; None if each image has one label."""
    distinct = {value.strip() for value in values}
    if any(value.startswith("[") and value.endswith("]") for value in distinct):
        return "[]"
    for mark in (SEVERAL, ";", ",", " "):
        sets = {value: [one for one in re.split(r"\s*" + re.escape(mark) + r"\s*", value) if one] for value in distinct}
        several = [pieces for pieces in sets.values() if len(pieces) > 1]
        if not several:
            continue
        alone = {pieces[0] for pieces in sets.values() if len(pieces) == 1}
        used = Counter(piece for pieces in sets.values() for piece in set(pieces))
        again = sum(piece in alone or used[piece] > 1 for pieces in several for piece in pieces)
        share = again / sum(map(len, several))
        digits = all(piece.isdigit() for pieces in sets.values() for piece in pieces)
        if mark == SEVERAL or (mark != " " and share >= 0.8 and used and len(used) < 2 * len(distinct)):
            return mark
        if mark == " " and (digits or (name in PLURAL and (share >= 0.8 or any("_" in v for v in distinct)))):
            return mark
    return None


def _lacking(sheet: Sheet, path: int | None, label: int | None, fitting: list[int]) -> str:
    lacking = " and ".join(name for name, found in (("path", path), ("label", label)) if found is None)
    may = f"; the label may be {printable(' or '.join(sheet.columns[n] for n in fitting[:4]))}" if fitting else ""
    named = printable(", ".join((sheet.columns or sheet.first)[:8]))
    return (
        f"{printable(str(sheet.file))} has no column {lacking}: its first line names {named}; name "
        f"the columns path and label, and split where there is one{may}."
    )

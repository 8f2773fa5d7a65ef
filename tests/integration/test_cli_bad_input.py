"""Bad input, the whole list: exit status 2, an empty stdout, one clear line on stderr, nothing submitted."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tlvsft.catalog.presets import PRESETS
from tlvsft.cli import main
from tlvsft.runs.store import Store

GOOD_ROWS = "".join(f"text {number} is {word},{word}\n" for number in range(20) for word in ("good", "bad"))


def refused(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> str:
    """The one line of a command that is refused."""
    assert main(arguments) == 2
    output = capfd.readouterr()
    assert output.out == ""
    (line,) = output.err.splitlines()
    assert line.strip()
    assert "Traceback" not in line
    assert "usage:" not in line
    assert len(line) < 500
    return line


NAMES = {
    "unknown preset": (["--preset", "digit"], "did you mean 'digits'"),
    "path as preset": (["--preset", "./presets/digits"], "Unknown preset"),
    "unknown backbone": (["--backbone", "wiki-gtp"], "did you mean 'wiki-gpt'"),
    "path as backbone": (["--backbone", "./no/such/folder"], "No backbone at './no/such/folder'"),
    "empty folder as backbone": (["--backbone", "{tmp}"], "config.json"),
    "unknown dataset": (["--dataset", "book-review"], "did you mean 'book-reviews'"),
    "unknown dataset on the Hub": (["--dataset", "nobody/nothing"], "nobody/nothing"),
    "path as dataset": (["--dataset", "{tmp}/missing.csv"], "No dataset at"),
    "empty folder as dataset": (["--dataset", "{tmp}"], "{tmp}"),
    "unknown method": (["--left", "linear_prob"], "did you mean 'linear_probe'"),
    "unknown block": (["--left", "partial", "--freeze-left", "embedding,99"], "block of glyphs-resnet '99'"),
    "unreadable block": (["--left", "partial", "--freeze-left", "first"], "write blocks as"),
    "blocks without a choice": (["--freeze-left", "0"], "for the method 'partial' only"),
    "text for an image backbone": (["--backbone", "glyphs-resnet", "--dataset", "book-reviews"], "choose 'wiki-gpt'"),
    "images for a text backbone": (["--backbone", "wiki-gpt", "--dataset", "digits"], "choose 'glyphs-resnet'"),
    "a column of a bundled dataset": (["--dataset", "digits", "--label-column", "x"], "leave out --label-column"),
    "json into a folder": (["--json", "{tmp}"], "Can't write JSON"),
    "no source data": (["--data", "{tmp}"], "No Omniglot archives in {tmp}"),
    "no folder of source data": (["--data", "{tmp}/missing"], "is no folder: give --data a folder with Omniglot"),
    "source data of words": (["--preset", "book-reviews", "--data", "{tmp}"], "No corpus in {tmp}"),
}
WORDS = ("--task", "language_modeling")
ON_WORDS = {
    "unknown task": (["--task", "translation"], "Unknown task 'translation'"),
    "misspelt task": (["--task", "language_modelling"], "did you mean 'language_modeling'"),
    "unknown head": ([*WORDS, "--head-left", "keep"], "did you mean 'kept'"),
    "unknown schedule": (["--schedule-right", "linear"], "Unknown schedule 'linear'"),
    "head of a classifier": (["--head-right", "tied"], "is for language modelling"),
    "head of random weights": ([*WORDS, "--left", "from_scratch", "--head-left", "kept"], "choose the head 'new'"),
    "nothing to train": ([*WORDS, "--left", "linear_probe", "--head-left", "tied"], "would train nothing"),
    "words by centroids": ([*WORDS, "--left", "nearest_centroid"], "knows classes only"),
    "an image backbone for words": ([*WORDS, "--backbone", "glyphs-resnet"], "has no pretrained head that predicts"),
    "images for words": ([*WORDS, "--dataset", "digits"], "language modelling needs texts"),
    "more texts than there are": ([*WORDS, "--labels", "1025"], "choose from 1 to 1,024"),
    "missing corpus": ([*WORDS, "--dataset", "{tmp}/missing.txt"], "No dataset at"),
    "a schedule without steps": (["--left", "nearest_centroid", "--schedule-left", "cosine"], "takes no steps"),
    "rates without steps": (["--left", "nearest_centroid", "--rate-decay-left", "2"], "takes no steps"),
    "rates that grow downwards": (["--rate-decay-left", "0.5"], "rate_decay must be from 1 to 100"),
    "rates that vanish": (["--rate-decay-right", "101"], "rate_decay must be from 1 to 100"),
    "no rate": (["--rate-decay-right", "nan"], "rate_decay must be from 1 to 100"),
    "a rate in words": (["--rate-decay-right", "steep"], "expects a number"),
    "a start without a side": (["--from-left", "abcdefghijklmnop"], "write a comparison's id and side"),
    "a start in the middle": (["--from-right", "abcdefghijklmnop-middle"], "write a comparison's id and side"),
    "an empty start": (["--from-right", ""], "write a comparison's id and side"),
    "a chain of random weights": (["--preset", "three-tasks", "--right", "from_scratch"], "starts from random weights"),
}
NUMBERS = {
    "no labels": (["--labels", "0"], "0"),
    "negative labels": (["--labels", "-5"], "-5"),
    "fewer labels than classes": (["--labels", "9"], "10"),
    "more labels than data": (["--labels", "2000"], "1,257"),
    "labels in words": (["--labels", "many"], "whole number"),
    "half a label": (["--labels", "10.5"], "whole number"),
    "no epochs": (["--epochs", "0"], "epochs must be from 1"),
    "negative epochs": (["--epochs", "-1"], "epochs must be from 1"),
    "no seeds": (["--seeds", "0"], "seeds must be from 1"),
    "negative seed": (["--seed", "-1"], "seed must be from 0"),
    "huge number": (["--seed", "9" * 30], "whole number"),
    "no number": (["--epochs"], "expected one argument"),
}
FILES = {
    "empty": ("data.csv", b""),
    "header only": ("data.csv", b"text,label\n"),
    "one class": ("data.csv", b"text,label\n" + b"a fine book,good\n" * 20),
    "wrong text column": ("data.csv", f"review,label\n{GOOD_ROWS}".encode()),
    "wrong label column": ("data.csv", f"text,stars\n{GOOD_ROWS}".encode()),
    "corrupt Parquet": ("data.parquet", b"PAR1 this is no Parquet PAR1"),
    "corrupt JSON": ("data.json", b'{"text": '),
    "binary as CSV": ("data.csv", bytes(range(256)) * 20),
    "an unknown kind": ("data.xyz", b"whatever"),
}


@pytest.mark.parametrize("case", {**NAMES, **ON_WORDS, **NUMBERS})
def test_names_and_numbers(case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    arguments, message = {**NAMES, **ON_WORDS, **NUMBERS}[case]
    folder = tmp_path / "empty"
    folder.mkdir()
    line = refused(["compare", *(argument.replace("{tmp}", str(folder)) for argument in arguments)], capfd)
    assert message.replace("{tmp}", str(folder)) in line
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("case", FILES)
def test_files(case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    name, content = FILES[case]
    (tmp_path / name).write_bytes(content)
    line = refused(["compare", "--dataset", str(tmp_path / name)], capfd)
    assert name in line


@pytest.mark.parametrize(("flag", "column"), [("--text-column", "review"), ("--label-column", "stars")])
def test_columns_that_are_not_there(flag: str, column: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data.csv").write_text(f"text,label\n{GOOD_ROWS}", encoding="utf-8")
    assert column in refused(["compare", "--dataset", str(tmp_path / "data.csv"), flag, column], capfd)


def test_too_many_labels_for_a_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data.csv").write_text(f"text,label\n{GOOD_ROWS}", encoding="utf-8")
    assert "41" in refused(["compare", "--dataset", str(tmp_path / "data.csv"), "--labels", "41"], capfd)


STARTS = {
    "no such comparison": (["--from-left", "nosuchcomparison-left"], "There is no comparison 'nosuchcomparison'"),
    "no chain": (["--preset", "book-reviews", "--from-left", "previous-left"], "There is no comparison 'previous'"),
    "another backbone": (["--backbone", "glyphs-resnet", "--from-left", "{id}-left"], "backbone 'wiki-gpt'"),
    "a run on its way": (["--preset", "book-reviews", "--from-right", "{id}-left"], "that run is queued"),
    "no such seed": (["--preset", "book-reviews", "--from-right", "{id}-left-5"], "no run with seed 5"),
    "random weights": (["--left", "random_features", "--from-left", "{id}-left"], "starts from random weights"),
}


@pytest.mark.parametrize("case", STARTS)
def test_runs_that_cannot_be_started_from(case: str, capfd: pytest.CaptureFixture[str]) -> None:
    arguments, message = STARTS[case]
    with closing(Store()) as store:
        earlier = store.add_comparison(PRESETS["adapt-to-book-reviews"].comparison_config(), owner=None)
        line = refused(["compare", *(argument.replace("{id}", earlier) for argument in arguments)], capfd)
        assert message in line
        assert len(store.comparisons(owner=None)) == 1

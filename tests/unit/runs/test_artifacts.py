from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from tlvsft.config import ComparisonConfig
from tlvsft.errors import InvalidInput, StoreError
from tlvsft.runs.artifacts import (
    Checkpoint,
    load_checkpoint,
    load_class_names,
    load_examples,
    load_observed,
    load_predictions,
    load_text_losses,
    save_checkpoint,
    save_examples,
    save_predictions,
    save_text_losses,
)
from tlvsft.runs.records import Example


def test_a_checkpoint_comes_back_and_tied_tensors_are_no_trouble(tmp_path: Path, config: ComparisonConfig) -> None:
    tied = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    save_checkpoint(
        tmp_path,
        Checkpoint(
            config=config.run_config("left", 0),
            class_names=("a", "ü"),
            backbone_fingerprint="f",
            changed_tensors={"one": tied, "two": tied, "turned": tied.T, "count": torch.tensor(3)},
        ),
    )
    loaded = load_checkpoint(tmp_path)
    assert loaded.config == config.run_config("left", 0)
    assert loaded.class_names == ("a", "ü")
    assert loaded.backbone_fingerprint == "f"
    assert set(loaded.changed_tensors) == {"one", "two", "turned", "count"}
    assert torch.equal(loaded.changed_tensors["turned"], tied.T)
    assert loaded.changed_tensors["count"].item() == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.json", "weights.safetensors"]


def test_missing_weights_say_why(tmp_path: Path, config: ComparisonConfig) -> None:
    with pytest.raises(InvalidInput, match="no trained model"):
        load_checkpoint(tmp_path)
    checkpoint = Checkpoint(
        config=config.run_config("left", 0), class_names=("a",), backbone_fingerprint="f", changed_tensors={}
    )
    save_checkpoint(tmp_path, checkpoint)
    (tmp_path / "weights.safetensors").unlink()
    with pytest.raises(InvalidInput, match="deleted to make room"):
        load_checkpoint(tmp_path)
    (tmp_path / "weights.safetensors").write_bytes(b"short")
    with pytest.raises(StoreError, match="damaged"):
        load_checkpoint(tmp_path)


def test_a_checkpoint_of_an_older_version_can_be_read(tmp_path: Path, config: ComparisonConfig) -> None:
    run = config.run_config("right", 3)
    checkpoint = Checkpoint(
        config=run, class_names=("a",), backbone_fingerprint="f", changed_tensors={"x": torch.ones(1)}, step=40
    )
    save_checkpoint(tmp_path, checkpoint)
    assert load_checkpoint(tmp_path).step == 40
    facts = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    del facts["step"], facts["config"]["task"]
    facts["config"]["variant"] = {"method": "full", "frozen_blocks": None}
    (tmp_path / "run.json").write_text(json.dumps(facts), encoding="utf-8")
    old = load_checkpoint(tmp_path)
    assert old.step is None
    assert old.config == run


def test_text_losses_come_back_and_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no losses of texts"):
        load_text_losses(tmp_path)
    save_text_losses(tmp_path, losses=np.array([2.5, 7.0], dtype=np.float32), tokens=np.array([1, 3], dtype=np.int32))
    loaded = load_text_losses(tmp_path)
    assert (loaded.losses.dtype, loaded.tokens.dtype) == (np.float64, np.int64)
    assert (loaded.losses.tolist(), loaded.tokens.tolist()) == ([2.5, 7.0], [1, 3])
    (tmp_path / "text_losses.npz").write_bytes(b"PK\x03\x04 not a whole file")
    with pytest.raises(StoreError, match="damaged"):
        load_text_losses(tmp_path)


def test_predictions_come_back_as_float32_and_int64(tmp_path: Path) -> None:
    save_predictions(tmp_path, labels=np.array([1, 0], dtype=np.int32), probabilities=np.array([[0.25, 0.75]] * 2))
    loaded = load_predictions(tmp_path)
    assert loaded.labels.dtype == np.int64
    assert loaded.probabilities.dtype == np.float32
    assert loaded.labels.tolist() == [1, 0]
    assert loaded.probabilities.tolist() == [[0.25, 0.75]] * 2


def test_missing_or_damaged_predictions_say_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no predictions"):
        load_predictions(tmp_path)
    (tmp_path / "predictions.npz").write_bytes(b"PK\x03\x04 not a whole file")
    with pytest.raises(StoreError, match="damaged"):
        load_predictions(tmp_path)


def test_examples_come_back(tmp_path: Path) -> None:
    examples = [Example(index=0, label=1, text="schön"), Example(index=4, label=0, image="data:image/png;base64,AA==")]
    with pytest.raises(InvalidInput, match="no test examples yet"):
        load_examples(tmp_path)
    save_examples(tmp_path / "new", examples, class_names=("a", "b"))
    assert load_examples(tmp_path / "new") == examples
    assert load_class_names(tmp_path / "new") == ("a", "b")
    (tmp_path / "new" / "examples.json").write_text("{")
    with pytest.raises(StoreError, match="damaged"):
        load_examples(tmp_path / "new")


def test_a_folder_that_cannot_be_written_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="Can't write"):
        save_examples(tmp_path / "file" / "folder", [], class_names=())


def _lie(shape: str) -> bytes:
    """An array file that says that it is larger than any memory."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(64)


@pytest.mark.parametrize("content", [b"", b"PK", b"\x93NUMPY", "npy", _lie("(1000000000000,)"), _lie("(" * 90)])
def test_whatever_is_wrong_with_a_file_is_one_line(tmp_path: Path, content: bytes | str) -> None:
    file = tmp_path / "seen.npz"
    if isinstance(content, str):
        with file.open("wb") as opened:
            np.save(opened, np.arange(3))
    elif content.endswith(bytes(64)):
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("a.npy", content)
    else:
        file.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        load_observed(tmp_path, "seen", ["a"])

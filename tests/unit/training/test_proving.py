"""The end-of-run proof: what was frozen keeps its hash, what trained has another one, and anybody can check it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.unit.backbones.tiny import save_tiny
from tests.unit.training.fakes import Heard, corpus, image_data, run, text_data
from tlvsft.backbones import load_backbone
from tlvsft.catalog.backbones import BACKBONES
from tlvsft.events import BlockProof, FrozenProved, RunFinished
from tlvsft.training.proving import is_intact
from tlvsft.training.restoring import restore_classifier

DOCS = Path(__file__).resolve().parents[3] / "docs" / "evidence.md"


def proofs_of(heard: Heard) -> dict[str, BlockProof]:
    (proved,) = heard.of(FrozenProved)
    return {proof.name: proof for proof in proved.proofs}


def test_frozen_blocks_keep_their_hash_and_trained_ones_dont(gpt2: str) -> None:
    heard = run(gpt2, "partial", text_data(), frozen_blocks=("embedding", "0"))
    proofs = proofs_of(heard)
    assert list(proofs) == ["embedding", "0", "1", "2", "head"]
    assert {name: (proof.frozen, proof.is_intact) for name, proof in proofs.items()} == {
        "embedding": (True, True),
        "0": (True, True),
        "1": (False, False),
        "2": (False, False),
        "head": (False, False),
    }
    assert (proofs["0"].changed_tensors, proofs["0"].drifted) == (0, ())
    assert proofs["1"].changed_tensors == proofs["1"].tensors == 12
    assert proofs["1"].drifted == ()
    assert heard.of(RunFinished)[0].frozen_intact is True


def test_every_tensor_is_hashed_once_with_its_buffers(resnet: str) -> None:
    """Compared with the model as it is loaded anew: parameters and buffers, those that aren't stored included."""
    model = load_backbone(resnet).model
    expected = len(list(model.parameters())) + len(list(model.buffers()))
    proofs = proofs_of(run(resnet, "linear_probe", image_data()))
    assert sum(proof.tensors for name, proof in proofs.items() if name != "head") == expected


@pytest.mark.parametrize("method", ["linear_probe", "lora", "nearest_centroid", "random_features"])
def test_what_is_frozen_is_intact_and_the_head_is_not(bert: str, method: str) -> None:
    proofs = proofs_of(run(bert, method, text_data()))
    assert all(proof.frozen and proof.is_intact for name, proof in proofs.items() if name != "head")
    assert not proofs["head"].frozen
    assert not proofs["head"].is_intact


def test_a_model_of_words_is_proved_too(gpt2_lm: str) -> None:
    proofs = proofs_of(run(gpt2_lm, "partial", corpus(), task="language_modeling", frozen_blocks=("embedding",)))
    assert proofs["embedding"].is_intact
    assert not proofs["head"].is_intact


def test_full_has_nothing_to_prove_and_shows_that_all_changed(gpt2: str) -> None:
    heard = run(gpt2, "full", text_data())
    assert not any(proof.frozen or proof.is_intact for proof in proofs_of(heard).values())
    assert heard.of(RunFinished)[0].frozen_intact is None


def test_drifting_batchnorm_is_named(resnet: str) -> None:
    heard = run(resnet, "linear_probe", image_data(), batchnorm="train")
    proof = proofs_of(heard)["0"]
    assert proof.frozen
    assert not proof.is_intact
    assert proof.changed_tensors == len(proof.drifted) > 0
    assert {name.rpartition(".")[2] for name in proof.drifted} == {"running_mean", "running_var", "num_batches_tracked"}
    assert all(name.startswith("encoder.stages.0.") for name in proof.drifted)
    assert heard.of(RunFinished)[0].frozen_intact is False


def test_a_single_bit_shows(gpt2: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen bias is changed behind the run's back: by the smallest step that a float32 can take."""
    from tlvsft.training.classification import Classification
    from tlvsft.training.objectives import Evaluation

    honest = Classification.validate

    def meddle(self: Classification, should_stop: object) -> Evaluation:
        bias = self.backbone.model.get_parameter("h.0.ln_1.bias")
        with torch.no_grad():
            bias[3] = torch.nextafter(bias[3], torch.tensor(1.0))
        return honest(self, should_stop)  # type: ignore[arg-type]

    monkeypatch.setattr(Classification, "validate", meddle)
    heard = run(gpt2, "linear_probe", text_data(), stores_prefix=False)
    assert proofs_of(heard)["0"].drifted == ("h.0.ln_1.bias",)
    assert heard.of(RunFinished)[0].frozen_intact is False


def test_nothing_is_proved_of_nothing() -> None:
    assert is_intact(FrozenProved(proofs=())) is None


def test_hashes_can_be_computed_by_hand(gpt2: str) -> None:
    """The whole rule, written out once more with nothing of ours."""
    model = load_backbone(gpt2).model
    lines = []
    for name, tensor in sorted(model.get_submodule("h.1").state_dict().items(), key=lambda item: item[0]):
        array = tensor.numpy()
        lines.append(f"h.1.{name} {array.dtype} {array.shape} {hashlib.sha256(array.tobytes()).hexdigest()}\n")
    by_hand = hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
    assert proofs_of(run(gpt2, "linear_probe", text_data()))["1"].loaded == by_hand


@pytest.mark.parametrize(
    ("backbone", "block", "prefix"),
    [
        ("glyphs-resnet", "2", "encoder.stages.2."),
        ("photos-resnet", "0", "encoder.stages.0."),
        ("wiki-gpt", "1", "h.1."),
    ],
)
def test_the_documented_lines_give_the_hash_of_a_bundled_file(backbone: str, block: str, prefix: str) -> None:
    """docs/evidence.md tells how anybody checks a hash from the safetensors file alone: its code is run here."""
    code = re.search(r"```python\n(import hashlib.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    names: dict[str, object] = {}
    exec(code.group(1), names)  # noqa: S102  our own documentation
    block_hash = names["block_hash"]
    assert callable(block_hash)
    found = block_hash(BACKBONES[backbone].path / "model.safetensors", prefix)
    data = text_data() if backbone == "wiki-gpt" else image_data()
    proof = proofs_of(run(backbone, "nearest_centroid", data, labels=4))[block]
    assert proof.loaded == proof.trained == found


def test_the_tensors_that_a_run_leaves_have_the_hash_that_was_told(resnet: str) -> None:
    """The proof's second hash is of what is stored: the run's model, put together again, has it, too."""
    heard = run(resnet, "full", image_data())
    restored = restore_classifier(
        heard.config,
        changed_tensors=heard.run.changed_tensors,
        class_names=heard.run.class_names,
        backbone_fingerprint=heard.run.backbone_fingerprint,
    )
    block: nn.Module = restored.backbone.model.get_submodule("encoder.stages.1")
    lines = [
        f"encoder.stages.1.{name} {tensor.numpy().dtype} {tuple(tensor.shape)} "
        f"{hashlib.sha256(tensor.numpy().tobytes()).hexdigest()}\n"
        for name, tensor in block.state_dict().items()
    ]
    assert proofs_of(heard)["1"].trained == hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


@pytest.mark.parametrize("shape", ["bert", "llama", "vit", "mobilenet_v2"])
def test_any_architecture_is_proved(shape: str, tmp_path: Path) -> None:
    data = text_data() if shape in {"bert", "llama"} else image_data()
    proofs = proofs_of(run(save_tiny(shape, tmp_path), "linear_probe", data, epochs=1))
    assert all(proof.is_intact for name, proof in proofs.items() if name != "head")
    assert all(proof.tensors for proof in proofs.values())

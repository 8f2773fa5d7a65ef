"""The card that goes with a trained model: what it is, what it learnt from, its numbers, how to load it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tlvsft.catalog.methods import get_method
from tlvsft.comparison.figures import percent, perplexity, seconds
from tlvsft.config import RunConfig
from tlvsft.events import RunFinished
from tlvsft.report.origins import Origin, backbone_origin, data_origin, licence_words
from tlvsft.report.words import decimal, plain_markdown

if TYPE_CHECKING:
    from tlvsft.runs.records import RunRecord
    from tlvsft.runs.store import Store

TEXT_LOADER = "AutoModel"
_PIPELINES = {
    "AutoModelForImageClassification": "image-classification",
    "AutoModelForCausalLM": "text-generation",
    "AutoModelForMaskedLM": "fill-mask",
    TEXT_LOADER: "text-classification",
}
_LOADING = {
    "AutoModelForImageClassification": """```python
from PIL import Image
from transformers import AutoImageProcessor, AutoModelForImageClassification

processor = AutoImageProcessor.from_pretrained("FOLDER", backend="pil")
model = AutoModelForImageClassification.from_pretrained("FOLDER").eval()
pixels = processor(images=Image.open("picture.png").convert("MODE"), return_tensors="pt")
print(model.config.id2label[model(**pixels).logits.argmax().item()])
```
""",
    "AutoModelForCausalLM": """```python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("FOLDER")
model = AutoModelForCausalLM.from_pretrained("FOLDER").eval()
ids = tokenizer("I read this book", return_tensors="pt", return_token_type_ids=False)
print(tokenizer.decode(model.generate(**ids, max_new_tokens=20)[0]))
```
""",
    "AutoModelForMaskedLM": """```python
from transformers import AutoModelForMaskedLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("FOLDER")
model = AutoModelForMaskedLM.from_pretrained("FOLDER").eval()
```
""",
    TEXT_LOADER: """```
python classify.py "a text" "another text"
```

The head reads the mean over the tokens of **two** layers, the embedding and the last one. No class of transformers for
classifying texts does that, so this folder is in two parts: the backbone, which plain
`AutoModel.from_pretrained("FOLDER")` loads, and the head beside it, one linear layer in `head.safetensors`.
`classify.py` puts the two together in a few lines. `AutoModelForSequenceClassification` would load the backbone, and
draw a random head: don't use it. Nothing here needs `trust_remote_code`.
""",
}


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """What a card is written from.

    Attributes:
        classes: Empty for a language model.
        step: After how many updates the weights were kept, where that is known.
        loader: The class of transformers that loads it.
        mode: The mode that pictures are converted to first.
        finish: `None` for a run that was stopped.
    """

    config: RunConfig
    comparison_id: str
    classes: tuple[str, ...]
    step: int | None
    loader: str
    mode: str | None = None
    finish: RunFinished | None = None

    @classmethod
    def read(
        cls,
        store: Store,
        run: RunRecord,
        *,
        classes: Sequence[str],
        step: int | None,
        loader: str,
        mode: str | None = None,
    ) -> ModelFacts:
        """The facts of a run."""
        events = [event for _, event in store.milestones(run.id)]
        finish = next((event for event in events if isinstance(event, RunFinished)), None)
        return cls(
            config=run.config,
            comparison_id=run.comparison_id,
            classes=tuple(classes),
            step=step,
            loader=loader,
            mode=mode,
            finish=finish,
        )


def model_card(facts: ModelFacts) -> str:
    """The card, as Markdown."""
    config = facts.config
    method, backbone, data = (
        get_method(config.variant.method),
        backbone_origin(config.backbone),
        data_origin(config.dataset.name),
    )
    licence = [f"license: {backbone.licence}"] if backbone.licence else []
    head = ["---", *licence, "library_name: transformers", f"pipeline_tag: {_PIPELINES[facts.loader]}"]
    labels = "all" if config.labels is None else f"{config.labels:,}"
    unit = "texts" if config.task == "language_modeling" else "labelled examples"
    name = plain_markdown(data.name)
    how = f"{method.summary} Trained with tlvsft on {labels} {unit} of {name}, seed {config.seed}"
    parts = [
        "\n".join([*head, "tags:", "- tlvsft", "---"]),
        f"# {plain_markdown(backbone.name)}, {method.title.lower()}, on {name}",
        f"{how} (comparison `{facts.comparison_id}`). {_state(facts)}",
        f"## Numbers\n\n{_numbers(facts)}",
        f"## How to load it\n\n{_loading(facts)}",
        *_remarks(facts),
        _classes(facts.classes),
        f"## Where it comes from\n\n{_describe('Backbone', backbone)}\n{_describe('Data', data)}",
        "The trained weights are yours, within the terms of these two.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _describe(what: str, origin: Origin) -> str:
    return f"- {what}: {plain_markdown(origin.name)}. {origin.words} {licence_words(origin)}"


def _state(facts: ModelFacts) -> str:
    if facts.finish is None:
        come = "" if facts.step is None else f" after step {facts.step:,}"
        return f"**The run was stopped{come}**: it was never tested, and these are the weights that it had by then."
    return f"It took {facts.finish.steps:,} steps in {seconds(facts.finish.train_s)} of training."


def _numbers(facts: ModelFacts) -> str:
    finish = facts.finish
    if finish is None:
        return "None: a run that was stopped isn't tested."
    if facts.classes:
        rows = [("test accuracy", percent(finish.test_accuracy)), ("macro-F1", decimal(finish.test_macro_f1))]
    else:
        rows = [
            ("perplexity on the test texts", perplexity(finish.perplexity)),
            ("the same of the untouched model", perplexity(finish.perplexity_before)),
            ("perplexity on general English", perplexity(finish.source_perplexity_after)),
            ("the same of the untouched model", perplexity(finish.source_perplexity_before)),
        ]
    return "| measured once, at the end | |\n|---|---|\n" + "\n".join(f"| {name} | {value} |" for name, value in rows)


def _loading(facts: ModelFacts) -> str:
    return _LOADING[facts.loader].replace("MODE", facts.mode or "RGB").rstrip()


def _remarks(facts: ModelFacts) -> list[str]:
    """What was changed on the way, so that the plain class computes the same."""
    method, remarks = get_method(facts.config.variant.method), []
    if facts.loader == "AutoModelForImageClassification":
        remarks.append("The head's scaling of features is folded into its linear layer.")
    if not method.takes_steps:
        remarks.append(
            "Distances to the class centroids are written as one linear layer: probabilities are the app's own, and "
            "logits differ from its by a number that all classes of an example share."
        )
    if method.adapters:
        remarks.append("The low-rank adapters are merged into the weights.")
    if not facts.classes:
        remarks.append("The output weights are stored on their own, also where they were tied to the embedding.")
    return ["## What to know\n\n" + "\n".join(f"- {remark}" for remark in remarks)] if remarks else []


def _classes(classes: Sequence[str]) -> str:
    if not classes:
        return ""
    return "## Classes\n\n" + "\n".join(f"{number}. {plain_markdown(name)}" for number, name in enumerate(classes))

"""What the fork server has ready before it forks: all that a worker or the predictor would otherwise import or make.

Nothing else imports this module. It takes seconds; a server that ends meanwhile must not leave it running.
"""

from __future__ import annotations

import importlib
import os
import sys

_LIBRARIES = (
    "numpy",
    "PIL.Image",
    "PIL.PngImagePlugin",
    "torch",
    "safetensors.torch",
    "transformers",
    "transformers.models.auto.modeling_auto",
    "transformers.models.gpt2.modeling_gpt2",
    "transformers.models.resnet.modeling_resnet",
    "transformers.models.vit.image_processing_pil_vit",
    "sklearn.datasets",
    "sklearn.datasets.data",
    "sklearn.datasets.descr",
    "sklearn.metrics",
    "sklearn.model_selection",
)
_ENGINE = (
    "tlvsft.datasets",
    "tlvsft.backbones",
    "tlvsft.tasks",
    "tlvsft.evaluation.metrics",
    "tlvsft.training.run",
    "tlvsft.training.observers",
    "tlvsft.training.restoring",
    "tlvsft.runs.inference",
    "tlvsft.runs.worker",
    "tlvsft.runs.cell_worker",
)

_CACHED = (
    ("tlvsft.datasets.bundled", "read_digits", ()),
    ("transformers.conversion_mapping", "get_checkpoint_conversion_mapping", ("resnet",)),
)
"""Functions that make something once: a thousand patterns are compiled for the last. None of them may start a thread,
since a process with threads can't be forked safely."""

_server = os.getppid()
for _name in (*_LIBRARIES, *_ENGINE):
    if os.getppid() != _server:
        sys.exit()
    importlib.import_module(_name)
for _module, _function, _arguments in _CACHED:
    if os.getppid() != _server:
        sys.exit()
    getattr(importlib.import_module(_module), _function, lambda *_: None)(*_arguments)

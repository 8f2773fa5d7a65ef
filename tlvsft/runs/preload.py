"""What the fork server imports before it forks: all that a worker or the predictor would otherwise import itself.

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
    "sklearn.datasets",
    "sklearn.metrics",
    "sklearn.model_selection",
)
_ENGINE = (
    "tlvsft.datasets",
    "tlvsft.backbones",
    "tlvsft.tasks",
    "tlvsft.evaluation.metrics",
    "tlvsft.training",
    "tlvsft.runs.inference",
    "tlvsft.runs.worker",
)

_server = os.getppid()
for _name in (*_LIBRARIES, *_ENGINE):
    if os.getppid() != _server:
        sys.exit()
    importlib.import_module(_name)

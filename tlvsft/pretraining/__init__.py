"""How the bundled backbones were made, so that anybody can make them again.

Importing this package loads no torch; `pretrain` does when it is called.
"""

from __future__ import annotations

from tlvsft.pretraining.pipeline import RECIPES, pretrain, remake_command

__all__ = ["RECIPES", "pretrain", "remake_command"]

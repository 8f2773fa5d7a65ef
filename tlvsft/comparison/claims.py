"""What people say about transfer learning and fine-tuning, row by row, as data: for each kind of method its claim.

The rows are those of the mission. A claim is what is said in general; the evidence beside it comes from the comparison.
"""

from __future__ import annotations

from typing import Literal

from tlvsft.catalog.methods import Method

Topic = Literal["definition", "objective", "architecture", "process", "data", "complexity"]
Kind = Literal["untrained", "frozen", "random", "adapters", "partly", "all", "scratch"]

TOPICS: dict[Topic, str] = {
    "definition": "Definition",
    "objective": "Objective",
    "architecture": "Model architecture",
    "process": "Training process",
    "data": "Data requirement",
    "complexity": "Computational complexity",
}

EXTENT: dict[Kind, int] = {
    "untrained": 0, "frozen": 1, "random": 1, "adapters": 2, "partly": 3, "all": 4, "scratch": 4,
}  # fmt: skip
"""How much of a model a kind trains: the less, the nearer to transfer learning as people mean it."""

_FREEZES: Topic = "architecture"
CLAIMS: dict[Topic, dict[Kind, str]] = {
    "definition": {
        "untrained": "Reuse a pretrained model's knowledge for a new, related task, without any change.",
        "frozen": "Reuse a pretrained model's knowledge for a new, related task.",
        "random": "A control: nothing is reused, random weights stand in for the pretrained ones.",
        "adapters": "Leave the pretrained weights as they are and learn small corrections beside them for one task.",
        "partly": "Reuse some pretrained blocks as they are, adjust the others to the new task.",
        "all": "Adjust the pretrained parameters, so that the model specialises in one task.",
        "scratch": "A control: nothing is reused, the same architecture learns from random weights.",
    },
    "objective": {
        "untrained": "Use general knowledge; no training time at all.",
        "frozen": "Use general knowledge; cut training time and the need for data.",
        "random": "Show what transfer learning owes to pretraining.",
        "adapters": "Tailor the model to the task with few parameters.",
        "partly": "Keep what is general, tailor the rest to the task.",
        "all": "Tailor the model to one task or domain.",
        "scratch": "Show what fine-tuning owes to pretraining.",
    },
    "architecture": {
        "untrained": "The existing architecture is kept and frozen; class means stand in for a head.",
        "frozen": "The existing architecture is kept and its blocks are frozen, under a head for the task.",
        "random": "The same architecture, frozen, under a head for the task.",
        "adapters": "The existing architecture is kept and frozen; adapters stand beside its layers.",
        "partly": "The existing architecture is kept; the chosen blocks are frozen, the others are open.",
        "all": "Layers are modified: blocks are unfrozen, often all of them.",
        "scratch": "The same architecture, all of it open.",
    },
    "process": {
        "untrained": "Trains nothing.",
        "frozen": "Trains only the top layer.",
        "random": "Trains only the top layer.",
        "adapters": "Trains the adapters and the top layer.",
        "partly": "Trains the open blocks and the top layer.",
        "all": "Trains several layers and many parameters.",
        "scratch": "Trains every layer.",
    },
    "data": {
        "untrained": "Leans on pretrained knowledge: very few labels do.",
        "frozen": "Leans on pretrained knowledge: few labels do.",
        "random": "Has no knowledge to lean on.",
        "adapters": "Needs task-specific data, for few parameters.",
        "partly": "Needs task-specific data for what is open.",
        "all": "Needs task-specific data.",
        "scratch": "Needs the most data: everything has to be learnt from it.",
    },
    "complexity": {
        "untrained": "Lowest: the data passes the model once.",
        "frozen": "Lower: few parameters are trained.",
        "random": "Lower: few parameters are trained.",
        "adapters": "Few parameters are trained, but gradients pass through the whole backbone.",
        "partly": "In between: it grows with what is open.",
        "all": "Higher: it grows with the extent of fine-tuning.",
        "scratch": "Highest: every parameter is trained, from nothing.",
    },
}

_THAWING = {
    "top_down": " They thaw one after the other, from the top.",
    "after_probe": " First the head alone trains.",
}


def kind_of(method: Method) -> Kind:
    """Which claims a method comes under."""
    if not method.takes_steps:
        return "untrained"
    if method.adapters:
        return "adapters"
    if method.freezes == "chosen":
        return "partly"
    if method.freezes == "all":
        return "frozen" if method.pretrained else "random"
    return "all" if method.pretrained else "scratch"


def claim_of(method: Method, topic: Topic) -> str:
    """What people say about a method."""
    when = _THAWING.get(method.thaws, "") if topic == _FREEZES else ""
    return CLAIMS[topic][kind_of(method)] + when

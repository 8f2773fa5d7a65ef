"""tlvsft: transfer learning and fine-tuning of one pretrained model, live and side by side."""

__version__ = "0.1.0"

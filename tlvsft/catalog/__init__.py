"""What can be chosen, as data: backbones, datasets, methods and presets. Importing it costs nothing."""

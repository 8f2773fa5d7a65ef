"""The drawing in docs/architecture.md, the import contract and the folder tree say the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path


def contract_layers(repository: Path) -> list[str]:
    tools = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    layers: list[str] = tools["importlinter"]["contracts"][0]["layers"]
    return layers


def test_the_drawing_is_the_contract(repository: Path) -> None:
    text = (repository / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawing = text.split("```")[1]
    assert re.findall(r"^ (\w+) {2,}\S", drawing, flags=re.MULTILINE) == contract_layers(repository)


def test_every_room_is_in_the_contract(repository: Path) -> None:
    rooms = {path.stem for path in (repository / "tlvsft").iterdir() if path.name not in {"__init__.py", "__pycache__"}}
    assert rooms == set(contract_layers(repository))


def test_the_readme_gives_the_two_commands(repository: Path) -> None:
    readme = (repository / "README.md").read_text(encoding="utf-8")
    assert "pip install -r requirements.txt && python app.py" in readme
    assert "pip install -r requirements-dev.txt && pytest" in readme


def test_the_space_front_matter_names_the_installed_gradio(repository: Path) -> None:
    from importlib.metadata import version

    front_matter = (repository / "README.md").read_text(encoding="utf-8").split("---")[1]
    stated = re.search(r"^sdk_version: (\d+)\.(\d+)", front_matter, flags=re.MULTILINE)
    assert stated is not None
    assert version("gradio").split(".")[0] == stated[1]


def test_weights_are_safetensors_only(repository: Path) -> None:
    allowed = {".safetensors", ".json", ".md", ".txt", ".png", ".svg"}
    found = {path.suffix for path in (repository / "assets" / "backbones").rglob("*") if path.is_file()}
    assert ".safetensors" in found
    assert found <= allowed

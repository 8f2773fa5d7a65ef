"""How the page looks: gradio's own parts take their colours and sizes from the same sheet as ours."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import gradio as gr

from tlvsft import __version__
from tlvsft.catalog.paths import ASSETS
from tlvsft.report.styles import FIGURE_STYLES


def _sheets(*names: str) -> list[Path]:
    return [ASSETS / "css" / f"{name}.css" for name in names]


STYLES = [
    *_sheets("tokens", "page", "panels", "ladder", "scoreboard", "glossary", "race", "language", "answers", "moves"),
    *_sheets("differences"),
    *FIGURE_STYLES,
    *_sheets("break", "presenter", "replay", "own", "collect", "link", "history", "take_home"),
    *_sheets("sweeps", "everyone", "locale"),
]


def _scripts(*names: str) -> list[Path]:
    return [ASSETS / "js" / f"{name}.js" for name in names]


NODES_SCRIPT, PANELS_SCRIPT, DRAWING_SCRIPT, ANSWERS_SCRIPT = _scripts("nodes", "panels", "drawing", "answers")
LADDER_SCRIPT, GLOSSARY_SCRIPT = _scripts("ladder", "glossary")
LIVE_SCRIPTS = _scripts("points", "toolbar", "older", "readings", "curves", "moves", "scoreboard", "news", "projection")
STAGE_SCRIPTS = _scripts("presenter", "room", "replay")
COLLECT_SCRIPTS = _scripts("photos", "camera", "draft", "cards", "collect")
LINK_SCRIPT, HISTORY_SCRIPT, TAKE_HOME_SCRIPT = _scripts("link", "history", "take_home")
SWEEP_SCRIPTS = _scripts("link", "sweeps")
EVERYONE_SCRIPTS = _scripts("everyone", "telling")
FAVICON = ASSETS / "pictures" / "favicon.ico"


def page_theme() -> gr.themes.Base:
    """Gradio's plain theme in our colours; fonts come with gradio (its semi-bold ones lack letters)."""
    text: list[gr.themes.Font | str] = [
        gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700)),
        "system-ui",
        "sans-serif",
    ]
    mono: list[gr.themes.Font | str] = [
        gr.themes.LocalFont("IBM Plex Mono", weights=(400, 700)),
        "ui-monospace",
        "monospace",
    ]
    theme = gr.themes.Base(font=text, font_mono=mono, radius_size="md", text_size="md", spacing_size="md")
    own = {
        "body_background_fill": "var(--paper)",
        "body_text_color": "var(--ink)",
        "body_text_color_subdued": "var(--muted)",
        "background_fill_primary": "var(--card)",
        "background_fill_secondary": "var(--paper)",
        "block_background_fill": "var(--card)",
        "block_border_width": "0px",
        "block_label_text_color": "var(--muted)",
        "block_title_text_color": "var(--muted)",
        "block_title_text_size": "13px",
        "block_title_text_weight": "600",
        "block_info_text_color": "var(--muted)",
        "border_color_primary": "var(--line)",
        "border_color_accent": "var(--focus)",
        "color_accent": "var(--ink)",
        "color_accent_soft": "var(--hover)",
        "input_background_fill": "var(--card)",
        "input_border_color": "var(--line-strong)",
        "input_border_color_focus": "var(--focus)",
        "input_placeholder_color": "var(--muted)",
        "input_border_width": "1px",
        "slider_color": "var(--ink)",
        "button_secondary_background_fill": "var(--card)",
        "button_secondary_background_fill_hover": "var(--hover)",
        "button_secondary_border_color": "var(--line-strong)",
        "button_secondary_text_color": "var(--ink)",
    }
    twins = {f"{name}_dark": value for name, value in own.items() if f"{name}_dark" in theme.set.__code__.co_varnames}
    return theme.set(**own, **twins)


def script_tags(*scripts: Path) -> str:
    """Tags for scripts that this server hands out, after the helpers that they share.

    Gradio loads each script of the page once, in this order, before the script of a component runs.
    """
    files = dict.fromkeys((NODES_SCRIPT, *scripts))
    return "".join(f'<script src="gradio_api/file={path}?v={__version__}"></script>' for path in files)


def static_files() -> list[Path]:
    """The scripts that the server may hand out."""
    single = [NODES_SCRIPT, PANELS_SCRIPT, DRAWING_SCRIPT, ANSWERS_SCRIPT, LADDER_SCRIPT, GLOSSARY_SCRIPT]
    kept = [LINK_SCRIPT, HISTORY_SCRIPT, TAKE_HOME_SCRIPT]
    later = [*COLLECT_SCRIPTS, *kept, *SWEEP_SCRIPTS, *EVERYONE_SCRIPTS]
    return [plotly_script(), *single, *LIVE_SCRIPTS, *STAGE_SCRIPTS, *later]


def plotly_script() -> Path:
    """plotly.js, found without importing plotly, which would take a second."""
    found = find_spec("plotly")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("plotly is missing: pip install -r requirements.txt")
    return Path(found.origin).parent / "package_data" / "plotly.min.js"

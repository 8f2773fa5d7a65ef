"""For a talk: the presenter's bar in the header, and the question to the room. Scripts move them in the browser."""

from __future__ import annotations

from tlvsft.ui.markup import Markup, element, sign

KEYS = (
    ("Space", "train both, or stop; while a recording is on: pause, or go on"),
    ("← →", "the story before, the next story"),
    ("1 2 3", "a hand for the left, for a tie, for the right"),
    ("R", "reveal what is hidden"),
    ("L", "play the story's recording (or Shift + Space)"),
    ("P", "enter presenter mode, or leave it (or Esc)"),
    ("?", "this list"),
)
_CHOICES = (("left", "●", "Left"), ("tie", "=", "Tie"), ("right", "◆", "Right"))
MOST_HANDS = 9_999


def presenter_switch_html() -> Markup:
    """The button in the header that begins and ends presenter mode."""
    return element(
        "button", "Presenter", type="button", class_="quiet presenter-switch", data_presenter=True,
        aria_pressed="false", title="Large type and few controls, for a talk (key P)",
    )  # fmt: skip


def presenter_bar_html() -> Markup:
    """The story's stepper, the switch for hiding, the list of keys; shown in presenter mode."""
    stepper = element(
        "div",
        _step(-1, "←", "The story before"),
        element("p", element("b", "", data_step_title=True), " ", element("span", "", data_step_question=True),
                class_="step-words", role="status"),
        _step(1, "→", "The next story"),
        class_="stepper",
    )  # fmt: skip
    hiding = element(
        "label", element("input", type="checkbox", data_hiding=True, checked=True), " Hide until revealed",
        class_="hiding",
    )  # fmt: skip
    keys = element("button", "Keys", sign("?"), type="button", class_="quiet", data_keys=True, aria_expanded="false",
                   aria_controls="presenter-keys")  # fmt: skip
    tools = element("div", hiding, keys, class_="presenter-tools")
    told = element("p", "", class_="reader-only", role="status", data_say=True)
    return element("div", element("div", stepper, tools, _keys_list(), class_="presenter-bar"), told)


def room_html() -> Markup:
    """Which will be better: three buttons that count hands, and the reveal."""
    choices = [_choice(*choice) for choice in _CHOICES]
    ask = element("div", element("p", "Which will be better?", class_="room-question", id="room-question"),
                  element("div", *choices, class_="room-choices", role="group", aria_labelledby="room-question"),
                  class_="room-ask")  # fmt: skip
    reveal = element("button", "Reveal", element("kbd", "R"), type="button", class_="reveal", data_reveal=True)
    told = element("p", "", class_="room-told", role="status", data_told=True)
    again = element("button", "Ask again", type="button", class_="quiet", data_again=True, hidden=True)
    return element("section", ask, told, again, reveal, class_="room", aria_label="The room's guess")


def cover_html() -> Markup:
    """What stands in the place of everything that is hidden."""
    words = "Verdict, numbers and answers are hidden until you reveal them: press R."
    return element("section", element("h2", "Hidden until you reveal: R"), element("p", words), class_="card cover")


def _choice(value: str, symbol: str, label: str) -> Markup:
    button = element(
        "button", sign(symbol), element("span", label, data_name=value), type="button", class_="vote", data_vote=value
    )
    hands = element(
        "input", type="number", min=0, max=MOST_HANDS, value=0, data_hands=value, inputmode="numeric",
        aria_label=f"Hands for {label.lower()}",
    )  # fmt: skip
    return element("div", button, hands, class_=f"room-choice {value}")


def _step(by: int, symbol: str, label: str) -> Markup:
    return element("button", symbol, type="button", class_="quiet step", data_step=by, aria_label=label, title=label)


def _keys_list() -> Markup:
    rows = [element("div", element("dt", element("kbd", keys)), element("dd", told)) for keys, told in KEYS]
    return element("dl", *rows, class_="keys-list", id="presenter-keys", hidden=True)

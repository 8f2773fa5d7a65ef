"""A dropdown that takes what a browser sends, also after gradio has made it anew for a session."""

from __future__ import annotations

from tlvsft.ui.components import open_dropdown


def test_a_session_of_its_own_keeps_it_open() -> None:
    dropdown = open_dropdown([("Digits", "digits")], value="digits", label="Dataset")
    anew = dropdown.__class__(**{**dropdown.constructor_args, "value": None, "choices": [("Letters", "letters")]})
    for one in (dropdown, anew):
        assert (one.preprocess("own:gone"), one.preprocess(["digits"])) == ("own:gone", "")
        assert one.get_block_name() == "dropdown"
        assert one.get_config()["name"] == "dropdown"

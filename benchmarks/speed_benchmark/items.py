"""The seven items of issue 5, by number. Each is imported only when it is measured."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from benchmarks.speed_benchmark.figures import keys_of
from tlvsft.errors import RunError, UnknownName


@dataclass(frozen=True)
class Item:
    """Something to measure.

    Attributes:
        title: In words.
        module: Where the function is.
        function: Takes `repeats`, gives the figures under their keys and details under any others.
    """

    number: int
    title: str
    module: str
    function: str

    def measure(self, repeats: int | None) -> dict[str, Any]:
        """Measures; `None` repeats as often as the item wants.

        Raises:
            RunError: It can't be measured.
        """
        try:
            function = getattr(import_module(f"benchmarks.speed_benchmark.{self.module}"), self.function)
        except ImportError as error:
            raise RunError(f"{self.module} can't be loaded ({error}): pip install -r requirements-dev.txt") from error
        found: dict[str, Any] = function() if repeats is None else function(repeats=repeats)
        if missing := [key for key in keys_of(self.number) if found.get(key) is None]:
            raise RunError(f"{', '.join(missing)} didn't come out.")
        return found


ITEMS = {
    item.number: item
    for item in (
        Item(1, "a linear probe against Trainer and against one pass", "races", "measure_probe"),
        Item(2, "half frozen against Trainer, and what freezing saves", "races", "measure_half"),
        Item(3, "full fine-tuning against Trainer and a loop written by hand", "races", "measure_full"),
        Item(4, "two runs at once", "pairs", "measure_pairs"),
        Item(5, "the page: from click to point, from start to page", "page", "measure_page"),
        Item(6, "fifty viewers", "viewers", "measure_viewers"),
        Item(7, "growth with the data, and the share of the machine's peak", "scaling", "measure_growth"),
    )
}


def choose_items(numbers: tuple[int, ...] | None) -> list[Item]:
    """The items of these numbers, in order; `None` is all.

    Raises:
        UnknownName: There is no item of that number.
    """
    for number in numbers or ():
        if number not in ITEMS:
            raise UnknownName("item", str(number), map(str, ITEMS))
    return [item for number, item in ITEMS.items() if numbers is None or number in numbers]

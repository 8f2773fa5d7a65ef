"""What somebody takes home from a comparison: a report, its numbers, the trained models, a script that trains again.

Importing this package loads no torch; `tlvsft.report.models` and `tlvsft.report.scripts` do.
"""

from __future__ import annotations

from tlvsft.report.document import report_html
from tlvsft.report.offers import Offer, can_take_home, find_offers

__all__ = ["Offer", "can_take_home", "find_offers", "report_html"]

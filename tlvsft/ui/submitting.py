"""Train both: a comparison is checked and submitted, with those that it waits for, once per click."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from functools import partial

from tlvsft.comparison import check_config, preset_chain
from tlvsft.config import ComparisonConfig
from tlvsft.errors import InvalidInput
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.chain import chain_of
from tlvsft.ui.services import Services
from tlvsft.ui.setup import Setup, as_asked
from tlvsft.ui.visitor import Visitor

DOUBLE_CLICK_S = 2.0
"""Asking for the same comparison again within this time is the same click."""
_starting = threading.Lock()


def start_comparison(services: Services, config: ComparisonConfig, *, owner: str) -> Visitor:
    """Submits a comparison and what has to be trained before it; the visitor then looks at the first of them.

    Raises:
        InvalidInput: It can't work, or this visitor may not start another one now.
    """
    check(services, config, owner=owner)
    ids = start_once(services, preset_chain(config), owner=owner)
    return Visitor(owner=owner, viewing=ids[0], following=ids[-1] if len(ids) > 1 else "")


def find_problem(services: Services, setup: Setup, *, owner: str) -> str:
    """Why this setup can't be trained, in one line; empty if it can."""
    try:
        check(services, setup.config(), owner=owner)
    except InvalidInput as error:
        return str(error)
    return ""


def check(services: Services, config: ComparisonConfig, *, owner: str) -> None:
    """Refuses a comparison that can't work, for this visitor.

    Raises:
        InvalidInput: One line that says what to change.
    """
    find = partial(services.store.visible_comparison, viewer=owner)
    check_config(config, find_comparison=find, viewer=owner)


def start_once(services: Services, configs: Sequence[ComparisonConfig], *, owner: str) -> tuple[str, ...]:
    """Submits comparisons, unless the same visitor has asked for the very same a moment ago: then it is those.

    Raises:
        InvalidInput: This visitor may not start another one now.
    """
    with _starting:
        recent = services.store.comparisons(owner=owner, limit=len(configs))[::-1]
        if _is_double_click(recent, configs, owner=owner):
            return tuple(record.id for record in recent)
        if len(configs) == 1:
            return (services.queue.submit(configs[0], owner=owner),)
        return services.queue.submit_chain(configs, owner=owner)


def find_again(services: Services, visitor: Visitor) -> Visitor:
    """What a reloaded page shows: the visitor's newest comparison that is on its way, else the last one looked at.

    Of a chain, it is the comparison that the chain has come to.
    """
    own = [record for record in services.store.comparisons(owner=visitor.owner) if record.owner == visitor.owner]
    active = next((record for record in own if not record.is_over), None)
    if active is None:
        return Visitor(owner=visitor.owner, viewing=visitor.viewing)
    chain = chain_of(services.store, active, visitor)
    if chain is not None and not chain.adaptation.is_over:
        return Visitor(owner=visitor.owner, viewing=chain.adaptation.id, following=active.id)
    return Visitor(owner=visitor.owner, viewing=active.id)


def has_started(services: Services, comparison_id: str, visitor: Visitor) -> bool:
    """Whether a comparison has begun to train; not if this visitor may not see it."""
    try:
        found = services.store.visible_comparison(comparison_id, viewer=visitor.owner)
    except InvalidInput:
        return False
    return any(run.state in {"running", "finished"} for run in found.runs)


def _is_double_click(recent: Sequence[ComparisonRecord], configs: Sequence[ComparisonConfig], *, owner: str) -> bool:
    if [as_asked(record.config) for record in recent] != list(configs):
        return False
    now = time.time()
    return all(record.owner == owner and now - record.created_at < DOUBLE_CLICK_S for record in recent)

"""Words of the glossary: marked, described, listed, with links that leave the page only when clicked."""

from __future__ import annotations

import pytest

from tlvsft.catalog.glossary import GLOSSARY, find_entry
from tlvsft.catalog.methods import METHODS
from tlvsft.errors import UnknownName
from tlvsft.ui.glossary import glossary_html, known_words, term, with_terms
from tlvsft.ui.sources import address_of, source_links


def test_a_marked_word_points_to_its_entry() -> None:
    marked = term("backbones")
    assert 'data-term="backbone"' in marked
    assert 'aria-describedby="glossary-backbone"' in marked
    assert ">backbones</dfn>" in marked
    assert 'id="glossary-backbone"' in glossary_html()


def test_only_the_first_of_each_word_is_marked_and_the_rest_escaped() -> None:
    html = with_terms("A head & <another> head.", "head")
    assert html.count("<dfn") == 1
    assert "&amp; &lt;another&gt; head." in html


def test_unknown_words_are_refused() -> None:
    with pytest.raises(UnknownName):
        term("flux capacitor")


def test_no_form_belongs_to_two_entries() -> None:
    forms = [form for entry in GLOSSARY.values() for form in (entry.name.lower(), *entry.forms)]
    assert len(forms) == len(set(forms))
    assert all(form == form.lower() and find_entry(form) is not None for form in forms)


def test_every_method_has_a_word_that_is_explained_and_a_source() -> None:
    for method in METHODS.values():
        assert known_words(method.summary)
        assert source_links(method.source)


def test_citations_become_links() -> None:
    assert address_of("Hu et al. 2021, arXiv:2106.09685") == "https://arxiv.org/abs/2106.09685"
    assert address_of("Pan & Yang 2010, doi:10.1109/TKDE.2009.191") == "https://doi.org/10.1109/TKDE.2009.191"
    assert address_of("Tibshirani et al. 2002") is None
    html = source_links("Snell et al. 2017, arXiv:1703.05175; Tibshirani et al. 2002")
    assert html.count("<a ") == 1
    assert 'rel="noopener noreferrer"' in html
    assert "Tibshirani et al. 2002" in html

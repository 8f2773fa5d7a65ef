from __future__ import annotations

import lzma
from pathlib import Path

import numpy as np
import pytest

from tlvsft.errors import InvalidInput
from tlvsft.pretraining.corpus import END_OF_TEXT, PAD, encode_files, find_corpus, read_documents, train_tokenizer


def test_heldout_files_are_kept_apart(corpus: Path) -> None:
    files = find_corpus(corpus)

    assert [file.name for file in files.train] == ["books-00.txt.xz", "encyclopaedia-00.txt.xz"]
    assert [file.name for file in files.heldout] == ["books-heldout-00.txt.xz"]
    assert find_corpus(corpus.parent) == files


def test_a_folder_without_a_corpus_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"No corpus in .*: give --data a folder"):
        find_corpus(tmp_path)


def test_a_corpus_with_nothing_held_out_is_refused(corpus: Path) -> None:
    (corpus / "books-heldout-00.txt.xz").unlink()

    with pytest.raises(InvalidInput, match="heldout"):
        find_corpus(corpus)


@pytest.mark.parametrize("content", [b"plain text", lzma.compress(b"\xff\xfe"), lzma.compress(b"text" * 50)[:40]])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "books-00.txt.xz"
    file.write_bytes(content)

    with pytest.raises(InvalidInput, match=r"books-00\.txt\.xz isn't xz-compressed UTF-8"):
        list(read_documents(file))


def test_documents_are_lists_of_paragraphs(tmp_path: Path) -> None:
    file = tmp_path / "a.txt.xz"
    file.write_bytes(lzma.compress(b"One.\nTwo.\n\n\nThree."))

    assert list(read_documents(file)) == [["One.", "Two."], ["Three."]]


def test_the_tokenizer_lowers_case_and_survives_a_round_trip(corpus: Path, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    files = find_corpus(corpus)
    train_tokenizer(files.train, vocab_size=300, sample_bytes=4000).save_pretrained(tmp_path / "tokenizer")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "tokenizer")

    assert tokenizer("The King")["input_ids"] == tokenizer("the king")["input_ids"]
    assert tokenizer.decode(tokenizer("Café, ☃!")["input_ids"]).strip() == "café, ☃!"
    assert (tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token) == (END_OF_TEXT, END_OF_TEXT, PAD)
    assert (tokenizer.eos_token_id, tokenizer.pad_token_id) == (0, 1)
    assert len(tokenizer) <= 300


def test_the_stream_marks_paragraphs_and_documents(tmp_path: Path, corpus: Path) -> None:
    tokenizer = train_tokenizer(find_corpus(corpus).train, vocab_size=300, sample_bytes=4000)
    file = tmp_path / "a.txt.xz"
    file.write_bytes(lzma.compress("The king\nread É\n\nmusic".encode()))

    stream = encode_files((file,), tokenizer)

    assert tokenizer.decode(stream.ids.tolist()) == f" the king\n read é{END_OF_TEXT} music{END_OF_TEXT}"
    assert stream.ids.dtype == np.uint16
    assert stream.text_bytes == len("the king\nread é\nmusic\n".encode())

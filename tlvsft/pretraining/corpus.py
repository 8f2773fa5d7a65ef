"""From the compressed corpus to a vocabulary and one long stream of tokens.

The corpus is a folder of `*.txt.xz`: UTF-8, a blank line between documents, one paragraph per line. Files with
`heldout` in their name are for measuring only.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlvsft.errors import InvalidInput

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

END_OF_TEXT = "<|endoftext|>"
PAD = "<|pad|>"
_CHUNK_DOCUMENTS = 2000


@dataclass(frozen=True, kw_only=True)
class TokenStream:
    """Token ids of many documents, one after the other.

    Attributes:
        ids: Shape `(tokens,)`, uint16; each document ends with the end-of-text token.
        text_bytes: Length of the lower-cased text in UTF-8, for bits per byte.
    """

    ids: np.ndarray
    text_bytes: int


@dataclass(frozen=True, kw_only=True)
class CorpusFiles:
    """The files to learn from and the files to measure on."""

    train: tuple[Path, ...]
    heldout: tuple[Path, ...]


def find_corpus(data: Path) -> CorpusFiles:
    """The corpus files in `data`, or in its `corpus` subfolder.

    Raises:
        InvalidInput: There is no corpus there, or nothing is held out.
    """
    for folder in (data, data / "corpus"):
        files = sorted(folder.glob("*.txt.xz"))
        heldout = tuple(file for file in files if "heldout" in file.name)
        train = tuple(file for file in files if "heldout" not in file.name)
        if train and heldout:
            return CorpusFiles(train=train, heldout=heldout)
    raise InvalidInput(
        f"No corpus in {data}: give --data a folder with *.txt.xz files, some of them named *-heldout-*."
    )


def read_documents(file: Path) -> Iterator[list[str]]:
    """The documents of one file, each as its paragraphs.

    Raises:
        InvalidInput: The file isn't xz-compressed UTF-8 text.
    """
    paragraphs: list[str] = []
    try:
        with lzma.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    paragraphs.append(line.strip())
                elif paragraphs:
                    yield paragraphs
                    paragraphs = []
    except (lzma.LZMAError, EOFError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} isn't xz-compressed UTF-8 text: copy the corpus again.") from error
    if paragraphs:
        yield paragraphs


def train_tokenizer(files: tuple[Path, ...], *, vocab_size: int, sample_bytes: int) -> PreTrainedTokenizerFast:
    """Learns a lower-casing byte-level BPE vocabulary from an even sample of every file.

    A word has the same token at the start of a text as within it (`add_prefix_space`).

    Source: Sennrich et al. 2016 (BPE); Radford et al. 2019 (byte level).
    """
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[END_OF_TEXT, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_sample(files, sample_bytes), trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, bos_token=END_OF_TEXT, eos_token=END_OF_TEXT, pad_token=PAD
    )


def encode_files(files: tuple[Path, ...], tokenizer: PreTrainedTokenizerFast) -> TokenStream:
    """Encodes whole files, paragraphs joined by a newline token and documents by the end-of-text token."""
    pieces: list[np.ndarray] = []
    text_bytes = 0
    for file in files:
        for documents in _chunks(read_documents(file)):
            pieces.append(_encode_chunk(documents, tokenizer))
            text_bytes += sum(len(text.lower().encode()) + 1 for document in documents for text in document)
    return TokenStream(ids=np.concatenate(pieces), text_bytes=text_bytes)


def _encode_chunk(documents: list[list[str]], tokenizer: PreTrainedTokenizerFast) -> np.ndarray:
    backend = tokenizer.backend_tokenizer
    vocabulary = backend.get_vocab()
    newline = vocabulary["Ċ"]  # the byte-level alphabet's name for "\n"
    end = vocabulary[END_OF_TEXT]
    encoded = iter(backend.encode_batch_fast([text for document in documents for text in document]))
    ids: list[int] = []
    for document in documents:
        for _ in document:
            ids.extend(next(encoded).ids)
            ids.append(newline)
        ids[-1] = end
    return np.asarray(ids, dtype=np.uint16)


def _chunks(documents: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    chunk: list[list[str]] = []
    for document in documents:
        chunk.append(document)
        if len(chunk) == _CHUNK_DOCUMENTS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _sample(files: tuple[Path, ...], sample_bytes: int) -> Iterator[str]:
    for file in files:
        left = sample_bytes // len(files)
        for document in read_documents(file):
            text = "\n".join(document)
            yield text
            left -= len(text)
            if left <= 0:
                break

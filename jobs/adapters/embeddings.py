"""Vectors for short texts from the static word vectors inside the `wordllama` wheel: no network, no key.

The wheel's two data files are read directly. Importing `wordllama` itself would configure the root logger, and
its loader looks for the tokenizer in a folder that the wheel does not have.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from scipy.sparse import csr_array
from tokenizers import Tokenizer

Vectors: TypeAlias = NDArray[np.float32]

WIDTH = 256
LENGTH_DAMPING = 0.7
"""How much of a word's vector length is taken away: 0 keeps it, 1 makes all words weigh the same.

Lengths spread by a factor of ten; undamped, one rare long word decides where a short text lies."""

COMMON_SHARE = 0.2
"""The share of a list's texts at which a word in it counts half: "menopause" in a list about it, "best", "what"."""

COMMON_PRIOR = 100
"""As many texts without any of the words are counted in: in a list of ten, half are easily one topic's own word."""

_JOINERS = re.compile(r"[-–—/_|,;:+&]+(?=\w)|\s+")
_EDGES = "\"'`´‘’“”«»()[]{}<>.,;:!?¿¡*…"


def words(text: str) -> list[str]:
    """The words of a text in order, case and compatibility forms folded, punctuation stripped; at least one.

    A text of nothing but punctuation or blanks is one word, itself.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return [word for part in _JOINERS.split(folded) if (word := part.strip(_EDGES))] or [folded.strip()]


@lru_cache(maxsize=1)
def _model() -> tuple[Vectors, Tokenizer]:
    spec = find_spec("wordllama")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("wordllama is not installed: no word vectors")
    folder = Path(spec.submodule_search_locations[0])
    table = load_file(folder / "weights" / "l2_supercat_256.safetensors")["embedding.weight"]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    return table.astype(np.float32), tokenizer


def piece_sums(texts: Sequence[str]) -> Vectors:
    """(len(texts), WIDTH): the sum of the vectors of each text's pieces, as the model has them."""
    table, tokenizer = _model()
    # One at a time: encode_batch starts a thread pool, which a later fork (of a worker process) would break.
    pieces = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    return np.asarray(_bags(pieces, len(table)) @ table, dtype=np.float32)


def word_vectors(vocabulary: Sequence[str]) -> Vectors:
    """(len(vocabulary), WIDTH): each word's pieces summed, its length damped by LENGTH_DAMPING."""
    summed = piece_sums(vocabulary)
    lengths = np.linalg.norm(summed, axis=1, keepdims=True)
    return np.asarray(summed * np.where(lengths > 0, lengths, 1) ** -LENGTH_DAMPING, dtype=np.float32)


def text_vectors(texts: Sequence[Sequence[str]]) -> Vectors:
    """(len(texts), WIDTH): one unit vector per text, given as its words; zeros where the model knows none.

    The texts are seen as one list: words common in it weigh less.
    """
    index = {word: place for place, word in enumerate(sorted({word for text in texts for word in text}))}
    bags = _bags([[index[word] for word in text] for text in texts], len(index))
    share = np.bincount(bags.indices, minlength=len(index)) / (len(texts) + COMMON_PRIOR)
    weights = COMMON_SHARE / (COMMON_SHARE + share)
    return unit(bags @ (word_vectors(list(index)) * weights[:, None]).astype(np.float32))


def unit(vectors: Vectors) -> Vectors:
    """The same directions with length 1; rows of (nearly) no length become zeros."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(lengths > 1e-6, vectors / np.maximum(lengths, 1e-6), 0).astype(np.float32)


def _bags(rows: Sequence[Sequence[int]], width: int) -> csr_array:
    """(len(rows), width) counts of the column numbers in each row."""
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter((column for row in rows for column in row), dtype=np.int32, count=int(ends[-1]))
    return csr_array((np.ones(len(columns), dtype=np.float32), columns, ends), shape=(len(rows), width))

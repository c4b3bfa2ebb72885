"""Damage of all kinds to a file's bytes, by a seeded generator: bit rot, cut copies, wrong editors, attackers."""

from collections.abc import Callable

import numpy as np

type Mutator = Callable[[np.random.Generator, bytes], bytes]

#: what attackers and slips put in the place of a number or word
TOKENS = [
    b"1e999", b"-1e999", b"NaN", b"Infinity", b"null", b"true", b'""', b"[]", b"{}", b"-1", b"0", b"1e-320",
    b"99999999999999999999999999", b"9**9**9", b"exp(exp(1e9))", b"1/0", b"1,5", b'"1,5 nm"', b'"9**9**9 nm"',
    b'"1 m**9**9**9"', b'"1e99999999999 nm"', b"1e10", b'"exp(exp(1e9))"', b'"(((Q**64)**64)**64)"', b"\x00",
    b'"../../etc/passwd"', b'"__import__(\'os\').system(\'true\')"', "\u202e\ud7ff".encode(), b"[[[[[[[[",
    b'"sin(' * 50, b'"Rc*(1 - gamma*Q/Qmax)**99"', b"0x10", b"1_000", b"'", b'"', b"\xff\xfe", b"\r", b"=",
    b"[[", b",",
]  # fmt: skip


def flip_bits(rng: np.random.Generator, content: bytes) -> bytes:
    """Flip one to eight bits."""
    damaged = bytearray(content)
    for place in rng.integers(0, 8 * len(content), size=int(rng.integers(1, 9))).tolist():
        damaged[place // 8] ^= 1 << place % 8
    return bytes(damaged)


def cut(rng: np.random.Generator, content: bytes) -> bytes:
    """Keep the beginning only, as a copy that was stopped."""
    return content[: int(rng.integers(0, len(content)))]


def lose(rng: np.random.Generator, content: bytes) -> bytes:
    """Lose a stretch."""
    begin, end = sorted(rng.integers(0, len(content) + 1, size=2).tolist())
    return content[:begin] + content[min(end, begin + 200) :]


def repeat(rng: np.random.Generator, content: bytes) -> bytes:
    """Repeat a stretch."""
    begin = int(rng.integers(0, len(content)))
    stretch = content[begin : begin + int(rng.integers(1, 200))]
    return content[:begin] + stretch * int(rng.integers(2, 20)) + content[begin:]


def zero(rng: np.random.Generator, content: bytes) -> bytes:
    """Put zeros in the place of a stretch, as a loss of power leaves."""
    begin = int(rng.integers(0, len(content)))
    length = min(int(rng.integers(1, 4096)), len(content) - begin)
    return content[:begin] + bytes(length) + content[begin + length :]


def replace_words(rng: np.random.Generator, content: bytes) -> bytes:
    """Put hostile tokens in the place of one to three words."""
    for _ in range(int(rng.integers(1, 4))):
        begin = int(rng.integers(0, len(content) or 1))
        while begin > 0 and content[begin - 1 : begin] not in b' ,:[]{}=\n"()':
            begin -= 1
        end = begin
        while end < len(content) and end < begin + 40 and content[end : end + 1] not in b' ,:[]{}=\n"()':
            end += 1
        content = content[:begin] + TOKENS[int(rng.integers(0, len(TOKENS)))] + content[end:]
    return content


def swap_lines(rng: np.random.Generator, content: bytes) -> bytes:
    """Exchange, drop or repeat lines."""
    lines = content.split(b"\n")
    first, second = rng.integers(0, len(lines), size=2).tolist()
    lines[first], lines[second] = lines[second], lines[first]
    if rng.random() < 0.3:
        lines.insert(first, lines[second])
    if rng.random() < 0.3:
        del lines[second]
    return b"\n".join(lines)


def noise(rng: np.random.Generator, content: bytes) -> bytes:
    """Return bytes that have nothing to do with the content."""
    return rng.bytes(int(rng.integers(0, 2000)))


MUTATORS: tuple[Mutator, ...] = (flip_bits, cut, lose, repeat, zero, replace_words, replace_words, swap_lines, noise)


def mutant(rng: np.random.Generator, content: bytes) -> bytes:
    """Return content with one or two kinds of damage."""
    for _ in range(int(rng.integers(1, 3))):
        content = MUTATORS[int(rng.integers(0, len(MUTATORS)))](rng, content or b"0")
    return content

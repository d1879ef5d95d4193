"""Writes random.json and timestamps.json beside it: Python 3 standard library only.

The generator is written again from the public-domain C code of Blackman and Vigna (xoshiro256plusplus.c,
splitmix64.c), not from ours; dates come from datetime.
"""

import json
import os
from datetime import datetime, timedelta, timezone

MASK = (1 << 64) - 1


def splitmix(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def rotated(x, k):
    return ((x << k) | (x >> (64 - k))) & MASK


def xoshiro(seed, count):
    source = splitmix(seed)
    s = [next(source) for _ in range(4)]
    out = []
    for _ in range(count):
        out.append((rotated((s[0] + s[3]) & MASK, 23) + s[0]) & MASK)
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotated(s[3], 45)
    return out


def instants():
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    chosen = [(1970, 1, 1), (1969, 12, 31), (1900, 2, 28), (1900, 3, 1), (2000, 2, 29), (2000, 3, 1), (2024, 2, 29),
              (2023, 2, 28), (1, 1, 1), (9999, 12, 31), (1600, 2, 29), (1582, 10, 15), (2038, 1, 19), (2100, 3, 1)]
    for index, (year, month, day) in enumerate(chosen):
        moment = datetime(year, month, day, 23 if index % 2 else 0, 59 if index % 3 else 0, index, 123456 * (index % 4),
                          tzinfo=timezone.utc)
        yield moment, (moment - epoch) // timedelta(microseconds=1)
    state = splitmix(7)
    for _ in range(400):
        microseconds = next(state) % 315_000_000_000_000_000 - 62_000_000_000_000_000
        yield epoch + timedelta(microseconds=microseconds), microseconds


def main():
    folder = os.path.dirname(os.path.abspath(__file__))
    random = [{"seed": str(seed), "values": [str(value) for value in xoshiro(seed, 8)]}
              for seed in (0, 1, 42, 0xDEADBEEF, MASK)]
    # int64 is written as text: a JSON reader may keep only 53 bits.
    times = [[moment.strftime("%Y").zfill(4) + moment.strftime("-%m-%dT%H:%M:%S.%fZ"), str(value)]
             for moment, value in instants()]
    for name, content in (("random.json", random), ("timestamps.json", times)):
        with open(os.path.join(folder, name), "w") as file:
            file.write("[\n" + ",\n".join(json.dumps(item) for item in content) + "\n]\n")


if __name__ == "__main__":
    main()

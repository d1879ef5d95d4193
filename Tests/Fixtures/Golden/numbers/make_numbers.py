"""Writes numbers.tsv: decimal texts and the bits of the nearest double, by CPython's correctly rounded float()."""
import math, random, struct

random.seed(7)
texts = ["0", "-0", "1", "+1.5", ".5", "5.", "1e22", "1e23", "9007199254740993", "9007199254740992.5", "5e-324",
         "2.2250738585072011e-308", "2.2250738585072014e-308", "1.7976931348623157e308", "8.41e-21", "9.5e-66", "1e-400",
         "123456789012345678901234567890", "0.000000000000000000000000000000000000001", "3.14159265358979323846264338327950288",
         "6929495644600919.5", "3.7455744005952583e15", "1.00000000000000011102230246251565423631668090820312500",
         "1.00000000000000011102230246251565423631668090820312499", "1.00000000000000011102230246251565423631668090820312501"]
while len(texts) < 1500:
    kind = random.random()
    if kind < 0.35:
        value = struct.unpack("d", struct.pack("Q", random.getrandbits(64)))[0]
        if not math.isfinite(value):
            continue
        texts.append(repr(value))
    elif kind < 0.6:
        texts.append(repr(random.gauss(0, 10 ** random.randint(-3, 6))))
    elif kind < 0.75:
        texts.append("%.*f" % (random.randint(0, 22), random.uniform(-1e5, 1e5)))
    elif kind < 0.9:
        texts.append("%de%d" % (random.getrandbits(random.randint(1, 66)), random.randint(-80, 80)))
    else:
        texts.append("%d.%d" % (random.getrandbits(random.randint(1, 62)), random.getrandbits(random.randint(1, 62))))
with open("numbers.tsv", "w") as out:
    for text in texts:
        out.write("%s\t%016x\n" % (text, struct.unpack("Q", struct.pack("d", float(text)))[0]))

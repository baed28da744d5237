#!/usr/bin/env python3
"""Writes src/Zalando.Postgres.Sdk.Planning/Roles/SaslPrepTables.txt from the Unicode data of Python (any version from 3.2 on serves: what was not
assigned in Unicode 3.2 is left alone by the rules). Run from the repository's root: python3 eng/UnicodeTables/make-tables.py"""
import stringprep
import unicodedata

LAST = 0x10FFFF
HANGUL = range(0xAC00, 0xAC00 + 11172)


def code_points():
    return (c for c in range(LAST + 1) if not 0xD800 <= c <= 0xDFFF)


def ranges(test):
    found, start, last = [], None, None
    for c in code_points():
        if not test(chr(c)):
            continue
        if last is not None and c == last + 1:
            last = c
            continue
        if start is not None:
            found.append((start, last))
        start = last = c
    if start is not None:
        found.append((start, last))
    return " ".join(f"{a:X}-{b:X}" if a != b else f"{a:X}" for a, b in found)


def prohibited(c):
    p = stringprep
    return (p.in_table_c12(c) or p.in_table_c21_c22(c) or p.in_table_c3(c) or p.in_table_c4(c) or p.in_table_c5(c)
            or p.in_table_c6(c) or p.in_table_c7(c) or p.in_table_c8(c) or p.in_table_c9(c))


def old(c):
    return unicodedata.ucd_3_2_0.category(c) != "Cn"


lines = [
    "nothing " + ranges(stringprep.in_table_b1),
    "space " + ranges(stringprep.in_table_c12),
    "prohibited " + ranges(prohibited),
    "unassigned " + ranges(stringprep.in_table_a1),
    "right-to-left " + ranges(stringprep.in_table_d1),
    "left-to-right " + ranges(stringprep.in_table_d2),
]
classes = {}
for c in code_points():
    k = unicodedata.combining(chr(c))
    if k:
        classes.setdefault(k, []).append(c)
for k in sorted(classes):
    members = set(classes[k])
    lines.append(f"class{k} " + ranges(lambda ch: ord(ch) in members))
decomposition, composition = [], []
for c in code_points():
    if c in HANGUL or not old(chr(c)):
        continue
    full = unicodedata.normalize("NFKD", chr(c))
    if full != chr(c):
        decomposition.append(f"{c:X}=" + "+".join(f"{ord(x):X}" for x in full))
    raw = unicodedata.decomposition(chr(c))
    if raw and not raw.startswith("<") and " " in raw and unicodedata.normalize("NFC", chr(c)) == chr(c):
        composition.append("+".join(raw.split()) + f"={c:X}")
lines.append("decomposition " + " ".join(decomposition))
lines.append("composition " + " ".join(composition))
with open("src/Zalando.Postgres.Sdk.Planning/Roles/SaslPrepTables.txt", "w", encoding="ascii", newline="\n") as file:
    file.write("\n".join(lines) + "\n")

"""What each file is and must look like: one module a producer, one `Source` a kind of file.

In: nothing. Out: `SOURCES`, every declared source by its id, which is also its raw table's name.
"""

from __future__ import annotations

import pandera.pandas as pa

TYPES = {"texte": "string", "entier": "Int64", "nombre": "float64", "date": "datetime64[us]"}
TYPES_SQL = {"texte": "varchar", "entier": "bigint", "nombre": "double", "date": "timestamp"}


def colonne(
    brut: str, genre: str, label: str, *checks: pa.Check, nullable: bool = False, publie: bool = False
) -> pa.Column:
    """One declared column: its raw name in the file, its type (`TYPES`), its French label, its checks.

    `{yy}` in the raw name is the vintage of the file. `publie`: a median, a rate or an index as its producer
    publishes it, which no change of geography may sum.
    """
    # the type is said once, by `genre`, which is what gives it: pandera would take longer to hold it too than to check
    return pa.Column(
        checks=list(checks),
        nullable=nullable,
        title=label,
        metadata={"brut": brut, "genre": genre, "publie": publie},
    )

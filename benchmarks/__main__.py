"""`python -m benchmarks [nom …]`: run the measures and rewrite their sections of `docs/performance.md`."""

from __future__ import annotations

import importlib
import os
import platform
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

DOC = Path(__file__).parents[1] / "docs" / "performance.md"
MODULES = sorted(chemin.stem for chemin in Path(__file__).parent.glob("bench_*.py"))


def main(noms: list[str]) -> None:
    """Run the measures named (all by default), each writing one section of the document."""
    sections = _sections()
    # each in a process of its own: what one takes would count in the peak of the processes that the next one starts
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as executeur:
        for nom in noms or MODULES:
            module = importlib.import_module(f"benchmarks.{nom}")
            print(f"— {nom}", flush=True)
            sections[nom] = f"{executeur.submit(module.mesurer).result().strip()}\n\n*{_machine()}*\n"
            print(sections[nom], flush=True)
    corps = "\n".join(f"<!-- {nom} -->\n{texte}" for nom, texte in sorted(sections.items()))
    DOC.write_text(
        f"# Performance\n\nWritten by `make bench`; nothing here is a test.\n\n{corps}", encoding="utf-8"
    )


def _sections() -> dict[str, str]:
    if not DOC.exists():
        return {}
    morceaux = re.split(r"<!-- (\w+) -->\n", DOC.read_text(encoding="utf-8"))[1:]
    return {nom: texte.rstrip("\n") + "\n" for nom, texte in zip(morceaux[::2], morceaux[1::2], strict=True)}


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


main(sys.argv[1:])

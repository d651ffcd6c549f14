"""axe-core over the pages of the web edition: `python tests/accessibilite.py axe.min.js dossier_du_site`.

Prints one line a violation (page, rule, what it says, first element) and a summary; exit 1 if there is one. Where a
page is made by JavaScript too (buttons of a sort, a chosen territory), it is looked at after they are used.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from navigateur import Navigateur, ouvert

_REGLES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_GESTES = """
document.querySelectorAll("details").forEach((bloc) => { bloc.open = true; });
document.querySelector("th button")?.click();
for (const [id, valeur, geste] of [["autre", null, "change"], ["mots", "part", "input"]]) {
  const champ = document.getElementById(id);
  if (champ) { champ.value = valeur ?? champ.options[1]?.value ?? ""; champ.dispatchEvent(new Event(geste)); }
}
"""


def violations(navigateur: Navigateur, axe: str, page: Path) -> Iterator[str]:
    """What axe says of a page, one line a rule."""
    navigateur.ouvrir(page.as_uri())
    navigateur.evaluer(_GESTES)
    navigateur.evaluer(axe)
    options = json.dumps({"runOnly": _REGLES, "resultTypes": ["violations"]})
    rendu = navigateur.evaluer(f"axe.run({options}).then((r) => JSON.stringify(r.violations))")
    for violation in json.loads(rendu):
        premier = violation["nodes"][0]["html"][:160]
        yield f"{page.name} : {violation['id']} ({len(violation['nodes'])}) : {violation['help']} : {premier}"


def main(axe: Path, dossier: Path) -> int:
    """Look at every page; how many violations there are is the exit's business."""
    source = axe.read_text(encoding="utf-8")
    pages = sorted(dossier.resolve().glob("*.html"))
    with ouvert() as navigateur:
        trouvees = [ligne for page in pages for ligne in violations(navigateur, source, page)]
    for ligne in trouvees:
        print(ligne)
    print(f"axe-core : {len(pages)} pages, {len(trouvees)} violation(s).")
    return 1 if trouvees or not pages else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))

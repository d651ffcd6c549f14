// What reading does not need: search, sort, comparison. Nothing is asked of the network.
"use strict";

const nu = (texte) => texte.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[’']/g, " ").toLowerCase();

function chercher() {
  const bloc = document.getElementById("recherche");
  if (!bloc || typeof RECHERCHE === "undefined") return;
  const [champ, compte, liste] = ["mots", "compte", "trouves"].map((id) => document.getElementById(id));
  const lignes = RECHERCHE.map(([titre, page, genre, mots]) => ({ titre, page, genre, court: nu(titre), tout: nu(titre + " " + mots) }));
  bloc.hidden = false;
  champ.addEventListener("input", () => {
    const mots = nu(champ.value).split(/\s+/).filter(Boolean);
    const rang = (ligne) => mots.filter((mot) => ligne.court.includes(mot)).length;
    const trouves = mots.length ? lignes.filter((ligne) => mots.every((mot) => ligne.tout.includes(mot))) : [];
    trouves.sort((a, b) => rang(b) - rang(a));
    liste.replaceChildren(...trouves.slice(0, 20).map((ligne) => {
      const [element, lien] = [document.createElement("li"), document.createElement("a")];
      lien.href = ligne.page;
      lien.textContent = ligne.titre;
      element.append(lien, " (" + ligne.genre.toLowerCase() + ")");
      return element;
    }));
    const suite = trouves.length > 20 ? ", les 20 premiers sont listés" : "";
    compte.textContent = mots.length ? trouves.length + (trouves.length > 1 ? " résultats" : " résultat") + suite : "";
  });
}

function comparerCellules(a, b) {
  const [x, y] = [a.dataset.tri, b.dataset.tri];
  if (x === "" || y === "") return 0;
  const [n, m] = [Number(x), Number(y)];
  return Number.isNaN(n) || Number.isNaN(m) ? x.localeCompare(y, "fr", { numeric: true }) : n - m;
}

function trier(table) {
  const entetes = [...table.tHead.rows[0].cells];
  entetes.forEach((entete, colonne) => {
    if ([...table.tBodies[0].rows].every((ligne) => !ligne.cells[colonne].dataset.tri)) return;
    const bouton = document.createElement("button");
    bouton.type = "button";
    bouton.append(...entete.childNodes);
    entete.append(bouton);
    bouton.addEventListener("click", () => {
      const sens = entete.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      const corps = table.tBodies[0];
      const vides = (ligne) => Number((ligne.cells[colonne].dataset.tri ?? "") === "");
      const lignes = [...corps.rows].sort((a, b) =>
        vides(a) - vides(b) || sens * comparerCellules(a.cells[colonne], b.cells[colonne]));
      corps.append(...lignes);
      entetes.forEach((autre) => autre.removeAttribute("aria-sort"));
      entete.setAttribute("aria-sort", sens === 1 ? "ascending" : "descending");
    });
  });
}

function montrer(table, code) {
  table.querySelectorAll(".autre-territoire").forEach((cellule) => cellule.remove());
  if (!code) return;
  const [nom, valeurs] = DONNEES[code];
  const entete = document.createElement("th");
  entete.scope = "col";
  entete.className = "nombre autre-territoire";
  entete.textContent = nom;
  table.tHead.rows[0].append(entete);
  for (const ligne of table.tBodies[0].rows) {
    const cellule = ligne.insertCell();
    cellule.className = "nombre autre-territoire";
    const [texte, periode] = valeurs[ligne.dataset.indicateur] ?? ["n. d.", ""];
    const meme = !periode || periode === ligne.cells[1].textContent;
    cellule.textContent = meme ? texte : texte + " (" + periode + ")";
  }
}

function comparer() {
  const bloc = document.getElementById("comparer");
  if (!bloc || typeof DONNEES === "undefined") return;
  const [choix, annonce] = ["autre", "annonce"].map((id) => document.getElementById(id));
  for (const [code, [nom]] of Object.entries(DONNEES)) {
    if (code !== bloc.dataset.lieu) choix.append(new Option(nom, code));
  }
  bloc.hidden = false;
  choix.addEventListener("change", () => {
    document.querySelectorAll("table").forEach((table) => montrer(table, choix.value));
    annonce.textContent = choix.value ? "Une colonne est ajoutée à droite de chaque tableau : " + DONNEES[choix.value][0] + "." : "";
  });
}

chercher();
document.querySelectorAll("table.triable").forEach(trier);
comparer();

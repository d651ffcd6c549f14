"""ISEE and INSEE in New Caledonia: what each census table is, and what must hold in it.

In: nothing. Out: `SOURCES`, one `Source` a table of `data/raw/isee`. A source is read from our compact
table, from ISEE's own workbook, or from the detail file of the 2019 census, and gives the same rows.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from pipeline.model import Source
from pipeline.readers import lire_csv
from pipeline.sources import colonne
from pipeline.sources.isee_classeurs import (
    COMMUNES,
    COMMUNES_GRAND_NOUMEA,
    GRAND_NOUMEA,
    PAYS,
    PROVINCES,
    TERRITOIRES,
    lire_majeurs,
    lire_population_age,
    lire_population_commune,
    lire_population_quartier,
    lire_superficie,
)
from pipeline.sources.isee_detail import lire_individus, lire_logements

LICENCE = "Licence Ouverte 2.0"
PAGE = "https://www.isee.nc/population/recensement"
PAGE_DETAIL = (
    "https://www.isee.nc/publications/la-nouvelle-caledonie-en-cartes-et-en-chiffres/"
    "donnees-du-recensement-2019-en-open-data"
)
PAGE_REFERENCE = "https://www.insee.fr/fr/statistiques/8658726?sommaire=2122859"
RECENSEMENTS = "ISEE Nouvelle-Calédonie – INSEE, recensements de la population"
RECENSEMENT_2019 = "ISEE Nouvelle-Calédonie – INSEE, recensement de la population de 2019"
RECENSEMENT_2025 = "INSEE, recensement de la population de la Nouvelle-Calédonie de 2025"


# ------------------------------------------------------------------------------------------- columns

_NIVEAUX = tuple(dict.fromkeys(["quartier", *(territoire.niveau for territoire in TERRITOIRES.values())]))
_CODE = r"988(?:\d\d(?:-[a-z0-9-]+)?|-(?:sud|nord|iles|grand-noumea))?"


def _positif() -> pa.Check:
    return pa.Check.ge(0, error="nombre positif ou nul attendu")


def _parmi(*valeurs: str) -> pa.Check:
    return pa.Check.isin(valeurs, error=f"valeurs possibles : {', '.join(valeurs)}")


def _territoire() -> dict[str, pa.Column]:
    return {
        "territoire": colonne(
            "territoire",
            "texte",
            "Territoire",
            pa.Check.str_matches(
                f"^{_CODE}$", error="code de commune (98801 à 98833), de quartier ou de province attendu"
            ),
        ),
        "nom": colonne("nom", "texte", "Nom du territoire"),
        "niveau": colonne("niveau", "texte", "Niveau", _parmi(*_NIVEAUX)),
    }


def _millesime() -> dict[str, pa.Column]:
    annee = pa.Check.in_range(1956, 2100, error="année d'un recensement attendue, à partir de 1956")
    return {"millesime": colonne("millesime", "entier", "Recensement", annee)}


def _sexe(*, nullable: bool) -> dict[str, pa.Column]:
    return {"sexe": colonne("sexe", "texte", "Sexe", _parmi("hommes", "femmes"), nullable=nullable)}


def _age(*, nullable: bool) -> dict[str, pa.Column]:
    return {
        "age_min": colonne("age_min", "entier", "Âge, de", _positif(), nullable=nullable),
        "age_max": colonne("age_max", "entier", "Âge, à (vide : et plus)", _positif(), nullable=True),
    }


def _nombre(nom: str, label: str) -> dict[str, pa.Column]:
    return {nom: colonne(nom, "entier", label, _positif())}


def _texte(nom: str, label: str) -> dict[str, pa.Column]:
    return {nom: colonne(nom, "texte", label)}


# -------------------------------------------------------------------------------------------- checks


def _desaccords(ensembles: pd.DataFrame, parties: pd.DataFrame, cle: list[str], mesure: str) -> pd.DataFrame:
    """Rows of `ensembles` that the sum of the `parties` of the same key does not equal, or has none."""
    sommes = parties.groupby(cle)[mesure].sum()
    trouvees = sommes.reindex(pd.MultiIndex.from_frame(ensembles[cle]) if len(cle) > 1 else ensembles[cle[0]])
    ecarts = (ensembles[mesure].astype("float64") - trouvees.to_numpy("float64", na_value=float("nan"))).abs()
    # A tenth of a unit lets sums of areas through; counts are whole.
    return ensembles[~(ecarts < 0.1)]


def quartiers_font_la_commune(table: pd.DataFrame) -> pd.DataFrame:
    """Communes that their quartiers do not add up to, by census, sex and age."""
    quartiers = table[table["niveau"] == "quartier"]
    communes = table[table["niveau"] == "commune"]
    cle = ["millesime", "territoire", "sexe", "age_min"]
    dans = quartiers.assign(territoire=quartiers["territoire"].str.slice(0, 5))
    return _desaccords(communes, dans, cle, "population")


def communes_font_le_grand_noumea(table: pd.DataFrame) -> pd.DataFrame:
    """Figures of Grand Nouméa that its four communes do not add up to, by census, sex and age."""
    communes = table[table["territoire"].isin(COMMUNES_GRAND_NOUMEA)]
    agglomeration = table[table["territoire"] == GRAND_NOUMEA]
    return _desaccords(agglomeration, communes, ["millesime", "sexe", "age_min"], "population")


def ages_se_suivent(table: pd.DataFrame) -> pd.DataFrame:
    """Age groups that leave a gap, overlap the next one, start after 0 or do not end open."""
    cle = ["millesime", "territoire", "sexe"]
    ordre = table.sort_values([*cle, "age_min"], kind="stable")
    groupes = ordre.groupby(cle)
    attendu = groupes["age_max"].shift(1) + 1
    debut = groupes.cumcount() == 0
    suite = ordre["age_min"].eq(attendu.where(~debut, 0)).fillna(False)
    fin = groupes.cumcount(ascending=False) == 0
    return ordre[~suite | (fin != ordre["age_max"].isna())]


# The publication holds two distributions by age of the 2004 census: provinces and country agree by sex only.
MILLESIME_AUX_AGES_DISCORDANTS = 2004
DERNIER_AGE_COMMUN = 80


def provinces_font_le_pays_par_age(table: pd.DataFrame) -> pd.DataFrame:
    """Figures of the country that the provinces do not add up to, by sex and age group up to 80 and over.

    In 2004, by sex only: ISEE publishes ages of the provinces that do not add up to the country's.
    """
    commun = table.assign(age_min=table["age_min"].clip(upper=DERNIER_AGE_COMMUN))
    commun.loc[commun["millesime"] == MILLESIME_AUX_AGES_DISCORDANTS, "age_min"] = 0
    provinces = commun[commun["territoire"].isin(PROVINCES)]
    pays = commun[(commun["territoire"] == PAYS) & commun["millesime"].isin(provinces["millesime"])]
    cle = ["millesime", "sexe", "age_min"]
    sommes = pays.groupby(cle, as_index=False)["population"].sum()
    fautives = _desaccords(sommes, provinces, cle, "population")
    return pays[pays.set_index(cle).index.isin(fautives.set_index(cle).index)]


def provinces_font_le_pays(table: pd.DataFrame) -> pd.DataFrame:
    """Figures of the country that the three provinces do not add up to."""
    mesure = "population" if "population" in table else "superficie"
    return _somme_du_pays(table, PROVINCES, mesure)


def communes_font_le_pays(table: pd.DataFrame) -> pd.DataFrame:
    """Figures of the country that the 33 communes do not add up to."""
    mesure = next(nom for nom in ("population", "superficie", "effectif") if nom in table)
    return _somme_du_pays(table, COMMUNES, mesure)


def _somme_du_pays(table: pd.DataFrame, parties: tuple[str, ...], mesure: str) -> pd.DataFrame:
    tous = table.assign(tous=PAYS)
    cle = ["tous", *(nom for nom in ("millesime", "tableau", "modalite") if nom in table)]
    dedans = tous[tous["territoire"].isin(parties)]
    return table.loc[_desaccords(tous[tous["territoire"] == PAYS], dedans, cle, mesure).index]


def communes_font_leur_province(table: pd.DataFrame) -> pd.DataFrame:
    """Provinces that their communes do not add up to, but for a part of Poya, which lies in two of them."""
    partagees = [code for code in COMMUNES if len(set(TERRITOIRES[code].dans) & set(PROVINCES)) > 1]
    communes = table[table["territoire"].isin(COMMUNES)]
    reste = communes[communes["territoire"].isin(partagees)].groupby("millesime")["population"].sum()
    fautives = []
    for province in PROVINCES:
        entieres = [code for code in COMMUNES if province in TERRITOIRES[code].dans and code not in partagees]
        sommes = table[table["territoire"].isin(entieres)].groupby("millesime")["population"].sum()
        lignes = table[table["territoire"] == province]
        ecart = lignes["population"] - lignes["millesime"].map(sommes)
        permis = lignes["millesime"].map(reste) if province in _provinces_de(partagees) else 0
        fautives.append(lignes[~ecart.between(0, permis).fillna(False)])
    return pd.concat(fautives)


def _provinces_de(codes: list[str]) -> set[str]:
    return {parent for code in codes for parent in TERRITOIRES[code].dans if parent in PROVINCES}


def totale_est_la_somme(table: pd.DataFrame) -> pd.DataFrame:
    """Communes whose total population is not the municipale plus the one counted apart."""
    return table[table["municipale"] + table["comptee_a_part"] != table["totale"]]


def tableaux_du_meme_champ(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of a territory where two tables of the same persons do not count the same number of them."""
    totaux = table.groupby(["territoire", "tableau"])["effectif"].sum().unstack()
    justes = totaux.nunique(axis=1) == 1
    return table[~table["territoire"].map(justes)]


_MEMES_PERSONNES = (("population", "cohabitation"), ("diplome", "diplome_sexe"), ("profession", "contrat"))


def tableaux_des_memes_personnes(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of tables of the same persons (`_MEMES_PERSONNES`) whose totals differ in a province."""
    fautives = [tableaux_du_meme_champ(table[table["tableau"].isin(couple)]) for couple in _MEMES_PERSONNES]
    return pd.concat(fautives)


# Tables that do not count every main residence once.
_AUTRES_CHAMPS = ("categorie", "menage_sexe", "quantites")


def tableaux_des_residences(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of tables of main residences whose totals differ in a province."""
    return tableaux_du_meme_champ(table[~table["tableau"].isin(_AUTRES_CHAMPS)])


# ------------------------------------------------------------------------------------------- sources

_AGES_SE_SUIVENT = {"les groupes d'âge vont de 0 à « et plus », sans trou ni recouvrement": ages_se_suivent}
_GRAND_NOUMEA = {"les communes font le Grand Nouméa": communes_font_le_grand_noumea}

POPULATION_QUARTIER = Source(
    id="isee_population_quartier",
    title="Population des quartiers du Grand Nouméa par sexe et âge",
    producer=RECENSEMENTS,
    licence=LICENCE,
    page=PAGE,
    schema=pa.DataFrameSchema(
        {
            **_millesime(),
            **_territoire(),
            **_sexe(nullable=False),
            **_age(nullable=False),
            **_nombre("population", "Population municipale"),
        },
        unique=["millesime", "territoire", "sexe", "age_min"],
    ),
    readers={".csv": lire_csv, ".xlsx": lire_population_quartier},
    checks={
        "les quartiers d'une commune font la commune": quartiers_font_la_commune,
        **_GRAND_NOUMEA,
        **_AGES_SE_SUIVENT,
    },
)

POPULATION_AGE = Source(
    id="isee_population_age",
    title="Population par sexe et âge, pays, provinces et communes du Grand Nouméa",
    producer=RECENSEMENTS,
    licence=LICENCE,
    page=PAGE,
    schema=pa.DataFrameSchema(
        {
            **_millesime(),
            **_territoire(),
            **_sexe(nullable=False),
            **_age(nullable=False),
            **_nombre("population", "Population municipale"),
        },
        unique=["millesime", "territoire", "sexe", "age_min"],
    ),
    readers={".csv": lire_csv, ".xlsx": lire_population_age},
    checks={
        "les provinces font le pays, par sexe et âge (2004 : par sexe)": provinces_font_le_pays_par_age,
        **_GRAND_NOUMEA,
        **_AGES_SE_SUIVENT,
    },
)

POPULATION_COMMUNE = Source(
    id="isee_population_commune",
    title="Population des communes aux recensements depuis 1956",
    producer=RECENSEMENTS,
    licence=LICENCE,
    page=PAGE,
    schema=pa.DataFrameSchema(
        {
            **_millesime(),
            **_territoire(),
            **_nombre("population", "Population municipale"),
            "renvoi": colonne("renvoi", "texte", "Note sur le périmètre", _parmi("1", "2"), nullable=True),
        },
        unique=["millesime", "territoire"],
    ),
    readers={".csv": lire_csv, ".xlsx": lire_population_commune},
    checks={
        "les provinces font le pays": provinces_font_le_pays,
        "les communes font le pays": communes_font_le_pays,
        "les communes font leur province, Poya partagée": communes_font_leur_province,
    },
)

POPULATION_REFERENCE = Source(
    id="isee_population_reference",
    title="Populations de référence des communes en 2025",
    producer=RECENSEMENT_2025,
    licence=LICENCE,
    page=PAGE_REFERENCE,
    schema=pa.DataFrameSchema(
        {
            **_millesime(),
            **_territoire(),
            **_nombre("municipale", "Population municipale"),
            **_nombre("comptee_a_part", "Population comptée à part"),
            **_nombre("totale", "Population totale"),
        },
        unique=["millesime", "territoire"],
    ),
    readers={".csv": lire_csv},
    checks={"population totale = municipale + comptée à part": totale_est_la_somme},
)

SUPERFICIE = Source(
    id="isee_superficie",
    title="Superficie des communes et des provinces",
    producer=RECENSEMENTS,
    licence=LICENCE,
    page=PAGE,
    schema=pa.DataFrameSchema(
        {
            **_territoire(),
            "superficie": colonne(
                "superficie",
                "nombre",
                "Superficie (km²)",
                pa.Check.gt(0, error="superficie positive attendue"),
            ),
        },
        unique=["territoire"],
    ),
    readers={".csv": lire_csv, ".xlsx": lire_superficie},
    checks={
        "les provinces font le pays": provinces_font_le_pays,
        "les communes font le pays": communes_font_le_pays,
    },
)

MAJEURS = Source(
    id="isee_majeurs",
    title="Population de 18 ans et plus des communes par sexe, âge et catégorie socioprofessionnelle",
    producer=RECENSEMENT_2019,
    licence=LICENCE,
    page=PAGE,
    schema=pa.DataFrameSchema(
        {
            **_millesime(),
            "tableau": colonne("tableau", "texte", "Tableau", _parmi("sexe", "age", "csp")),
            **_territoire(),
            **_texte("modalite", "Modalité"),
            **_nombre("effectif", "Personnes de 18 ans et plus"),
        },
        unique=["millesime", "tableau", "territoire", "modalite"],
    ),
    readers={".csv": lire_csv, ".xlsx": lire_majeurs},
    checks={
        "les communes font le pays": communes_font_le_pays,
        "sexe, âge et catégorie comptent les mêmes personnes": tableaux_du_meme_champ,
    },
)


def _schema_2019(effectif: str) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        {
            **_millesime(),
            **_texte("tableau", "Tableau"),
            **_territoire(),
            **_sexe(nullable=True),
            **_age(nullable=True),
            **_texte("modalite", "Modalité"),
            **_nombre("effectif", effectif),
        },
        unique=["millesime", "tableau", "territoire", "sexe", "age_min", "modalite"],
    )


RP2019_INDIVIDUS = Source(
    id="isee_rp2019_individus",
    title="Habitants des provinces en 2019 : âge, ménage, école, diplôme, activité, déplacements",
    producer=RECENSEMENT_2019,
    licence=LICENCE,
    page=PAGE_DETAIL,
    schema=_schema_2019("Personnes"),
    readers={".csv": lire_csv, ".parquet": lire_individus},
    checks={"les tableaux d'un même champ comptent les mêmes personnes": tableaux_des_memes_personnes},
)

RP2019_LOGEMENTS = Source(
    id="isee_rp2019_logements",
    title="Logements et ménages des provinces en 2019 : composition, statut, confort, équipement",
    producer=RECENSEMENT_2019,
    licence=LICENCE,
    page=PAGE_DETAIL,
    schema=_schema_2019("Logements, ménages, ou quantités du tableau « quantites »"),
    readers={".csv": lire_csv, ".parquet": lire_logements},
    checks={"les tableaux comptent les mêmes résidences principales": tableaux_des_residences},
)

SOURCES: tuple[Source, ...] = (
    POPULATION_QUARTIER,
    POPULATION_AGE,
    POPULATION_COMMUNE,
    POPULATION_REFERENCE,
    SUPERFICIE,
    MAJEURS,
    RP2019_INDIVIDUS,
    RP2019_LOGEMENTS,
)

"""Chapter 7: care within reach, professionals who live from it, and disability."""

import math

from pipeline.model import Chapter, Figure, Indicator, Published, Rate, Ratio

_BPE = (
    "Base permanente des équipements : un professionnel est compté dans chaque commune où il exerce, sans dire combien "
    "de temps ; population du dernier recensement connu. Les habitants se soignent aussi ailleurs."
)

# Column: name said, why.
_PROFESSIONNELS = {
    "generalistes": (
        "médecins généralistes",
        "Le premier recours : sans médecin traitant, les soins se retardent.",
    ),
    "infirmiers": ("infirmiers", "Ils tiennent le maintien à domicile des personnes âgées ou malades."),
    "kinesitherapeutes": (
        "masseurs-kinésithérapeutes",
        "Rééducation et mobilité, après un accident ou avec l'âge.",
    ),
    "dentistes": ("chirurgiens-dentistes", "Les soins dentaires sont les premiers auxquels on renonce."),
    "sages_femmes": ("sages-femmes", "Suivi des grossesses et des jeunes mères, au plus près."),
    "pharmacies": ("pharmacies", "Souvent le dernier lieu de santé ouvert dans une commune."),
}
DENSITES = tuple(
    Indicator(
        id=f"densite_{colonne}",
        label=f"Densité de {nom}",
        definition=f"Nombre de {nom} pour 10 000 habitants.",
        why=why,
        measure=Rate(colonne, of="pop", per=10_000),
        table="equipements",
        higher_is="favorable",
        caveat=_BPE,
    )
    for colonne, (nom, why) in _PROFESSIONNELS.items()
)

CHAPITRE = Chapter(
    id="sante",
    title="Santé, accès aux soins, handicap",
    question="Peut-on se soigner près de chez soi, et qui a besoin d'être accompagné ?",
    indicators=(
        Indicator(
            id="apl_generalistes",
            label="Indice d'accessibilité aux médecins généralistes",
            definition="Accessibilité potentielle localisée (APL) : consultations par an accessibles à un habitant.",
            why="Tient compte de la distance, de l'activité des médecins et de l'âge des habitants.",
            measure=Published("apl_generalistes", "consultations par an", bounds=(0, math.inf)),
            table="acces_soins",
            higher_is="favorable",
            caveat="Indice de la DREES, par commune ou par bassin de vie : il ne s'additionne pas, et sa moyenne "
            "se pondère par la population standardisée. Il ne dit ni les délais, ni les refus de nouveaux patients.",
        ),
        *DENSITES,
        Indicator(
            id="rapport_aah",
            label="Rapport entre allocataires de l'AAH et habitants de 20 à 64 ans",
            definition="Foyers percevant l'allocation aux adultes handicapés, pour 100 habitants de 20 à 64 ans.",
            why="Situe le nombre d'adultes dont le handicap est reconnu et qui vivent de l'allocation.",
            measure=Ratio("foyers_aah", of="pop_20_64", noun="habitants de 20 à 64 ans"),
            table="allocataires",
            publics=("personnes handicapées",),
            caveat="Un indice et non un taux : des foyers rapportés à des personnes ; CAF seule, sans la MSA.",
        ),
        Indicator(
            id="rapport_pch",
            label="Taux de bénéficiaires de la prestation de compensation du handicap",
            definition="Bénéficiaires de la prestation de compensation du handicap, pour 1 000 habitants.",
            why="Mesure l'aide humaine et technique que le département finance.",
            measure=Rate("pch", of="pop"),
            table="aide_sociale",
            publics=("personnes handicapées",),
            caveat="Connu par département.",
        ),
    ),
    figures=(
        Figure("comparaison", ("apl_generalistes",), "Accessibilité aux médecins généralistes"),
        Figure("comparaison", ("densite_generalistes",), "Médecins généralistes pour 10 000 habitants"),
    ),
)

"""Chapter 5: work, unemployment and training."""

from pipeline.model import Chapter, Figure, Growth, Indicator, Ratio, Share, Total

_DIFFICULTE = ("personnes en difficulté",)
_RECENSEMENT = "Chômage au sens du recensement : ne se compare ni au taux du BIT ni aux inscrits à l'emploi."

# Occupations of adults in work, known for every commune.
_PROFESSIONS = {
    "ouvriers": ("ouvriers", "Les ouvriers sont plus exposés à la pénibilité et aux fins de chantier."),
    "employes": ("employés", "Les employés, souvent des femmes, cumulent bas salaires et horaires éclatés."),
    "cadres": ("cadres", "La part des cadres situe le niveau de vie et les besoins de la commune."),
}

PROFESSIONS = tuple(
    Indicator(
        id=f"part_{colonne}",
        label=f"Part des {nom} parmi les adultes en emploi",
        definition=f"Habitants de 18 ans et plus en emploi et {nom}, rapportés à ceux qui sont en emploi.",
        why=why,
        measure=Share(colonne, of="en_emploi"),
        table="majeurs",
        caveat="Dans la table publiée, les chômeurs sont comptés avec les inactifs.",
    )
    for colonne, (nom, why) in _PROFESSIONS.items()
)

# The unemployment of those whom the rate of all hides.
_CHOMAGES = {
    "hommes": (
        "des hommes",
        "Hommes",
        "hommes_chomeurs_15_64",
        "hommes_actifs_15_64",
        "Un écart avec les femmes signale un marché du travail qui en écarte les uns ou les autres.",
    ),
    "25_54": (
        "des 25 à 54 ans",
        "Personnes de 25 à 54 ans",
        "chomeurs_25_54",
        "actifs_25_54",
        "À ces âges, le chômage touche des parents et des ménages entiers.",
    ),
    "55_64": (
        "des 55 à 64 ans",
        "Personnes de 55 à 64 ans",
        "chomeurs_55_64",
        "actifs_55_64",
        "Après 55 ans, on retrouve rarement un emploi : le chômage devient long.",
    ),
    "sans_diplome": (
        "des non-diplômés",
        "Personnes de 15 à 64 ans sans diplôme ou avec un CEP",
        "chomeurs_sans_diplome",
        "actifs_sans_diplome",
        "Sans diplôme, chaque ralentissement se paie d'abord.",
    ),
}

CHOMAGES = tuple(
    Indicator(
        id=f"taux_chomage_{nom}",
        label=f"Taux de chômage au sens du recensement {de_qui}",
        definition=f"{qui} se déclarant au chômage, rapportés aux actifs du même groupe.",
        why=why,
        measure=Share(a, of=of),
        table="emploi",
        higher_is="defavorable",
        publics=_DIFFICULTE,
        caveat=_RECENSEMENT,
    )
    for nom, (de_qui, qui, a, of, why) in _CHOMAGES.items()
)

PROFESSIONS_DES_ACTIFS = tuple(
    Indicator(
        id=f"part_actifs_{colonne}",
        label=f"Part des {nom} parmi les actifs",
        definition=f"Actifs de 15 à 64 ans {nom}, en emploi ou au chômage, rapportés à tous les actifs de cet âge.",
        why=why,
        measure=Share(f"actifs_{colonne}_15_64", of="actifs_15_64"),
        table="professions",
    )
    for colonne, (nom, why) in _PROFESSIONS.items()
)

_INSCRITS = (
    "Inscrits à France Travail en catégories A, B et C, moyenne du quatrième trimestre, données brutes arrondies à 5. "
    "Une catégorie administrative : ne se compare ni au chômage du recensement, ni au taux du BIT."
)

# From DARES and France Travail.
INSCRITS = (
    Indicator(
        id="inscrits_emploi",
        label="Nombre de demandeurs d'emploi inscrits",
        definition="Demandeurs d'emploi inscrits à France Travail, tenus de rechercher un emploi (A, B, C).",
        why="Le chiffre le plus récent sur l'emploi dans la commune.",
        measure=Total("demandeurs_abc", "inscrits"),
        table="inscrits_emploi",
        higher_is="defavorable",
        publics=_DIFFICULTE,
        caveat=_INSCRITS,
    ),
    Indicator(
        id="evolution_inscrits_emploi",
        label="Évolution annuelle moyenne des demandeurs d'emploi inscrits",
        definition="Taux de variation annuel moyen du nombre d'inscrits (A, B, C), sur cinq ans.",
        why="Dit si l'emploi s'améliore, sans attendre le recensement.",
        measure=Growth("demandeurs_abc"),
        table="inscrits_emploi",
        higher_is="defavorable",
        publics=_DIFFICULTE,
        caveat=_INSCRITS,
    ),
    Indicator(
        id="rapport_inscrits_actifs",
        label="Rapport entre demandeurs d'emploi inscrits et actifs",
        definition="Inscrits à France Travail (A, B, C), pour 100 actifs de 15 à 64 ans du dernier recensement connu.",
        why="Compare des communes de tailles différentes.",
        measure=Ratio("demandeurs_abc", of="actifs_15_64", noun="actifs de 15 à 64 ans"),
        table="inscrits_emploi",
        higher_is="defavorable",
        publics=_DIFFICULTE,
        caveat=f"Un indice, et non un taux de chômage. {_INSCRITS}",
    ),
    *(
        Indicator(
            id=f"part_inscrits_{suffixe}",
            label=f"Part des {qui} parmi les demandeurs d'emploi inscrits",
            definition=f"Inscrits {definition}, rapportés à tous les inscrits (A, B, C).",
            why=why,
            measure=Share(f"demandeurs_abc_{suffixe}", of="demandeurs_abc"),
            table="inscrits_emploi",
            publics=publics,
            caveat=_INSCRITS,
        )
        for suffixe, qui, definition, why, publics in (
            (
                "femmes",
                "femmes",
                "qui sont des femmes",
                "Elles cumulent temps partiel et garde.",
                _DIFFICULTE,
            ),
            (
                "moins_25",
                "moins de 25 ans",
                "de moins de 25 ans",
                "Un mauvais départ se paie longtemps.",
                ("jeunes",),
            ),
            ("50_plus", "50 ans et plus", "de 50 ans et plus", "À cet âge, le chômage dure.", _DIFFICULTE),
        )
    ),
)

CHAPITRE = Chapter(
    id="emploi",
    title="Emploi et formation",
    question="Qui travaille, qui cherche un emploi, et avec quel bagage ?",
    indicators=(
        Indicator(
            id="part_adultes_en_emploi",
            label="Part des adultes en emploi",
            definition="Habitants de 18 ans et plus ayant un emploi, rapportés à tous ceux de cet âge.",
            why="Sans emploi ni retraite, c'est la solidarité, familiale ou publique, qui fait vivre.",
            measure=Share("en_emploi", of="majeurs"),
            table="majeurs",
            higher_is="favorable",
            caveat="Âges de 18 ans et plus, retraités compris : dépend aussi du vieillissement.",
        ),
        Indicator(
            id="part_retraites",
            label="Part des retraités parmi les adultes",
            definition="Retraités, rapportés aux habitants de 18 ans et plus.",
            why="Les retraités sont un public, et aussi les premiers bénévoles.",
            measure=Share("retraites", of="majeurs"),
            table="majeurs",
            publics=("personnes âgées",),
        ),
        Indicator(
            id="part_inactifs",
            label="Part des adultes sans emploi ni retraite",
            definition="Habitants de 18 ans et plus ni en emploi ni retraités (chômeurs, étudiants, au foyer).",
            why="Réunit ceux que l'emploi ne protège pas : chômeurs, personnes au foyer, étudiants.",
            measure=Share("inactifs", of="majeurs"),
            table="majeurs",
            higher_is="defavorable",
            publics=_DIFFICULTE,
        ),
        *PROFESSIONS,
        *PROFESSIONS_DES_ACTIFS,
        Indicator(
            id="part_retraites_15_plus",
            label="Part des retraités parmi les 15 ans et plus",
            definition="Retraités, rapportés aux habitants de 15 ans et plus.",
            why="Les retraités sont un public, et aussi les premiers bénévoles.",
            measure=Share("retraites_15_plus", of="pop_15_plus"),
            table="categories",
            publics=("personnes âgées",),
        ),
        Indicator(
            id="taux_activite",
            label="Taux d'activité des 15 à 64 ans",
            definition="Actifs, occupés ou au chômage, rapportés à la population de 15 à 64 ans.",
            why="Mesure la participation au marché du travail, chômage compris.",
            measure=Share("actifs_15_64", of="pop_15_64"),
            table="emploi",
            higher_is="favorable",
        ),
        Indicator(
            id="taux_emploi",
            label="Taux d'emploi des 15 à 64 ans",
            definition="Actifs occupés, rapportés à la population de 15 à 64 ans.",
            why="La part de ceux qui tirent un revenu de leur travail.",
            measure=Share("occupes_15_64", of="pop_15_64"),
            table="emploi",
            higher_is="favorable",
        ),
        Indicator(
            id="taux_emploi_femmes",
            label="Taux d'emploi des femmes de 15 à 64 ans",
            definition="Femmes ayant un emploi, rapportées aux femmes de 15 à 64 ans.",
            why="L'emploi des femmes dépend des modes de garde et protège de la pauvreté.",
            measure=Share("femmes_occupees_15_64", of="femmes_15_64"),
            table="emploi",
            higher_is="favorable",
            publics=("familles",),
        ),
        Indicator(
            id="taux_emploi_hommes",
            label="Taux d'emploi des hommes de 15 à 64 ans",
            definition="Hommes ayant un emploi, rapportés aux hommes de 15 à 64 ans.",
            why="Se lit avec celui des femmes : l'écart dit qui reste au foyer.",
            measure=Share("hommes_occupes_15_64", of="hommes_15_64"),
            table="emploi",
            higher_is="favorable",
        ),
        Indicator(
            id="taux_chomage",
            label="Taux de chômage au sens du recensement des 15 à 64 ans",
            definition="Personnes se déclarant au chômage, rapportées aux actifs de 15 à 64 ans.",
            why="Le chômage est la première cause de recours à l'aide sociale.",
            measure=Share("chomeurs_15_64", of="actifs_15_64"),
            table="emploi",
            higher_is="defavorable",
            publics=_DIFFICULTE,
            caveat=_RECENSEMENT,
        ),
        Indicator(
            id="taux_chomage_femmes",
            label="Taux de chômage au sens du recensement des femmes",
            definition="Femmes se déclarant au chômage, rapportées aux actives de 15 à 64 ans.",
            why="Un écart avec les hommes signale un frein : garde, transport, formation.",
            measure=Share("chomeuses_15_64", of="actives_15_64"),
            table="emploi",
            higher_is="defavorable",
            publics=_DIFFICULTE,
            caveat=_RECENSEMENT,
        ),
        Indicator(
            id="taux_chomage_15_24",
            label="Taux de chômage au sens du recensement des 15 à 24 ans",
            definition="Jeunes se déclarant au chômage, rapportés aux actifs de 15 à 24 ans.",
            why="L'entrée dans la vie active est le moment où se jouent les décrochages.",
            measure=Share("chomeurs_15_24", of="actifs_15_24"),
            table="emploi",
            higher_is="defavorable",
            publics=("jeunes", "personnes en difficulté"),
            caveat=_RECENSEMENT,
        ),
        *CHOMAGES,
        Indicator(
            id="part_recherche_un_an",
            label="Part des chômeurs cherchant un emploi depuis un an et plus",
            definition="Chômeurs de 15 à 64 ans cherchant un emploi depuis un an et plus.",
            why="Le chômage long use les droits, l'épargne et la santé.",
            measure=Share("recherche_un_an", of="recherche_connue"),
            table="emploi",
            higher_is="defavorable",
            publics=_DIFFICULTE,
        ),
        Indicator(
            id="taux_emploi_55_64",
            label="Taux d'emploi des 55 à 64 ans",
            definition="Personnes de 55 à 64 ans ayant un emploi, rapportées à toutes celles de cet âge.",
            why="Perdre son emploi à cet âge, c'est souvent attendre la retraite sans ressources.",
            measure=Share("occupes_55_64", of="pop_55_64"),
            table="emploi",
            higher_is="favorable",
        ),
        Indicator(
            id="part_emplois_precaires",
            label="Part des emplois précaires parmi les salariés",
            definition="Salariés en contrat à durée déterminée, intérim, emploi aidé, apprentissage ou stage "
            "rémunéré, parmi les salariés.",
            why="Un contrat court ferme l'accès au logement et au crédit.",
            measure=Share("salaries_precaires", of="salaries"),
            table="emploi",
            higher_is="defavorable",
            publics=_DIFFICULTE,
        ),
        Indicator(
            id="part_non_salaries",
            label="Part des non-salariés parmi les actifs occupés",
            definition="Indépendants, employeurs et aides familiaux, parmi les actifs occupés.",
            why="Les indépendants sont mal couverts en cas d'arrêt d'activité.",
            measure=Share("non_salaries", of="occupes"),
            table="emploi",
        ),
        Indicator(
            id="part_temps_partiel",
            label="Part des salariés à temps partiel",
            definition="Salariés à temps partiel, parmi les salariés.",
            why="Un temps partiel subi ne fait ni un salaire suffisant ni des droits complets.",
            measure=Share("temps_partiel", of="temps_connu"),
            table="emploi",
        ),
        Indicator(
            id="part_temps_partiel_femmes",
            label="Part des femmes salariées à temps partiel",
            definition="Femmes salariées à temps partiel, parmi les femmes salariées.",
            why="Le temps partiel des femmes fait les petites retraites de demain.",
            measure=Share("temps_partiel_femmes", of="temps_connu_femmes"),
            table="emploi",
            publics=("familles",),
        ),
        Indicator(
            id="part_transports_en_commun",
            label="Part des actifs allant travailler en transports en commun",
            definition="Actifs occupés dont le mode de transport principal est le transport en commun.",
            why="Dit qui dépend d'un réseau de bus pour garder son emploi.",
            measure=Share("en_commun", of="trajet_connu"),
            table="emploi",
        ),
        Indicator(
            id="part_travail_sur_place",
            label="Part des actifs travaillant dans leur commune",
            definition="Actifs occupés dont le lieu de travail est dans leur commune de résidence.",
            why="Qui travaille loin a besoin d'une voiture, de temps et d'un mode de garde aux horaires larges.",
            measure=Share("travaillent_sur_place", of="trajet_connu"),
            table="emploi",
        ),
        Indicator(
            id="concentration_emploi",
            label="Indice de concentration de l'emploi",
            definition="Nombre d'emplois dans la commune pour 100 actifs occupés qui y résident.",
            why="Au-dessus de 100, la commune attire des travailleurs ; en dessous, elle en envoie ailleurs.",
            measure=Ratio("emplois", of="actifs_occupes", noun="actifs occupés"),
            table="emploi",
        ),
        Indicator(
            id="part_sans_diplome",
            label="Part des non-diplômés",
            definition="Personnes de 15 ans et plus non scolarisées, sans diplôme ou titulaires du seul CEP.",
            why="Le manque de diplôme freine l'emploi et complique toutes les démarches.",
            measure=Share("sans_diplome", of="diplome_connu"),
            table="formation",
            higher_is="defavorable",
            publics=_DIFFICULTE,
        ),
        Indicator(
            id="part_sans_diplome_25_44",
            label="Part des non-diplômés parmi les 25 à 44 ans",
            definition="Personnes de 25 à 44 ans non scolarisées, sans diplôme ou titulaires du seul CEP.",
            why="À cet âge, la formation peut encore changer un parcours.",
            measure=Share("sans_diplome_25_44", of="diplome_connu_25_44"),
            table="formation",
            higher_is="defavorable",
            publics=_DIFFICULTE,
        ),
        Indicator(
            id="part_bac_ou_plus",
            label="Part des bacheliers et diplômés du supérieur",
            definition="Personnes de 15 ans et plus non scolarisées, titulaires du baccalauréat ou plus.",
            why="Le baccalauréat est le seuil d'accès à la plupart des emplois stables.",
            measure=Share("bac_ou_plus", of="diplome_connu"),
            table="formation",
            higher_is="favorable",
        ),
        Indicator(
            id="part_diplome_superieur",
            label="Part des diplômés du supérieur",
            definition="Personnes de 15 ans et plus non scolarisées, titulaires d'un diplôme après le baccalauréat.",
            why="Situe le niveau de formation, et les emplois que le territoire attire.",
            measure=Share("diplome_superieur", of="diplome_connu"),
            table="formation",
            higher_is="favorable",
        ),
        *INSCRITS,
    ),
    figures=(
        Figure("comparaison", ("part_adultes_en_emploi",), "Part des adultes en emploi"),
        Figure("comparaison", ("taux_chomage",), "Taux de chômage au sens du recensement"),
        Figure("comparaison", ("part_sans_diplome",), "Part des non-diplômés"),
    ),
)

"""What a chapter says first."""

from pipeline.report.document import ChapitreEcrit


def test_what_is_known_only_around_the_commune_is_a_list_that_says_it_once():
    ici = "En 2019, la part des 60 ans et plus est de 15,7 % au Mont-Dore."
    autour = "En 2019, la part des locataires est de 40,7 % dans la province Sud (inconnu pour la commune)."
    ecrit = ChapitreEcrit("essai", "Essai", "Qui ?", False, (autour, ici), (), (), ())
    assert ecrit.ici == [ici]
    assert ecrit.autour == ["En 2019, la part des locataires est de 40,7 % dans la province Sud."]

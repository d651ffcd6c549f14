-- une ligne : un département au 31 décembre, les bénéficiaires de l'aide sociale ; clé : territoire, millesime
select
  a.territoire,
  a.millesime,
  a.apa_domicile,
  a.apa_etablissement,
  a.ash_ages,
  a.pch,
  a.ase_mineurs_majeurs,
  a.rsa_departement,
  p.pop,
  p.pop_0_19,
  p.pop_75_plus
from brut.drees_aide_sociale a
asof left join socle.recensements p on p.territoire = a.territoire and p.millesime <= a.millesime
semi join socle.territoires t on t.territoire = a.territoire

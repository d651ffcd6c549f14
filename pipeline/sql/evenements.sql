-- une ligne : un événement exceptionnel et ce qu'a fait le CCAS ; clé : territoire, millesime, evenement
select
  territoires.territoire,
  year(date_evenement)::integer as millesime,
  evenement,
  mises_a_l_abri,
  appels_passes,
  appels_aboutis,
  menages_aides as menages_aides_evenement
from brut.ccas_evenements
join socle.territoires territoires on role = 'etude'

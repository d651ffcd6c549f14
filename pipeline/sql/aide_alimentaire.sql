-- une ligne : un exercice, l'aide alimentaire remise par le CCAS ; clé : territoire, millesime
select
  territoires.territoire,
  year(date_remise)::integer as millesime,
  count(distinct menage) as menages_aide_alimentaire,
  count(*) as remises,
  count(kilos) as remises_pesees,
  round(coalesce(sum(kilos), 0)) as kilos
from brut.ccas_aide_alimentaire
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  year(date_remise)

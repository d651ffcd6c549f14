-- une ligne : une activité du centre social et un exercice, sa fréquentation ; clé : territoire, millesime, activite
with
presences as (
  select
    seance,
    count(*) as presences
  from brut.centre_social_presences
  group by seance
)
select
  territoires.territoire,
  year(date_seance)::integer as millesime,
  activite,
  count(*) as seances_activite,
  coalesce(sum(presences), 0) as presences,
  coalesce(sum(presences) filter (where cout is not null), 0) as presences_chiffrees,
  coalesce(sum(cout), 0) as cout
from brut.centre_social_seances
left join presences using (seance)
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  year(date_seance),
  activite

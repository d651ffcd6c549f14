-- une ligne : un service de l'accueil de jour et un exercice ; clé : territoire, millesime, service_rendu
select
  territoires.territoire,
  year(date_service)::integer as millesime,
  service_rendu,
  sum(passages) as passages_service,
  -- where the export has one row a day, it does not say how many
  sum(coalesce(jours, 1)) as jours_service,
  coalesce(sum(passages) filter (where places is not null), 0) as passages_places,
  coalesce(sum(places), 0) as places_service
from brut.ccas_accueil_jour
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  year(date_service),
  service_rendu

-- une ligne : une demande d'aide, avec le quartier où son ménage et son demandeur sont comptés ; clé : demande
with
etude as (
  select territoire as commune
  from socle.territoires
  where role = 'etude'
),
demandes as (
  select
    *,
    year(date_demande)::integer as millesime,
    decision in ('accord', 'accord_partiel') as accordee
  from brut.ccas_aides
)
select
  demande,
  commune,
  millesime,
  menage,
  personne,
  date_demande,
  motif,
  decision,
  type_menage,
  age,
  accordee,
  coalesce(accordee and forme = 'pret', false) as est_pret,
  case when accordee and coalesce(forme, '') <> 'pret' then coalesce(montant_accorde, 0) else 0 end as montant,
  date_diff('day', date_demande::date, date_seance::date) as jours,
  -- who moves within the year is counted once, where the last request says
  last_value(quartier ignore nulls) over (
    partition by millesime, menage
    order by date_demande, demande
    rows between unbounded preceding and unbounded following
  ) as quartier_menage,
  last_value(quartier ignore nulls) over (
    partition by millesime, personne
    order by date_demande, demande
    rows between unbounded preceding and unbounded following
  ) as quartier_personne
from demandes
cross join etude

-- une ligne : une demande d'aide, avec le quartier où son ménage et son demandeur sont comptés ; clé : demande
with
etude as (
  select territoire as commune
  from socle.territoires
  where role = 'etude'
),
decisions as (
  select
    demande,
    date_seance,
    decision,
    forme,
    montant_accorde,
    decision in ('accord', 'accord_partiel') as accord
  from brut.ccas_decisions
  join brut.ccas_demandes using (demande)
  -- a sitting held before the request was made is an error, sent back: it answers nothing
  where date_seance >= date_demande
),
-- what was asked shortly before the last sitting known may wait still: its quick answers alone would count
observees as (
  select max(date_seance) - interval 90 day as jusqu_au
  from brut.ccas_decisions
),
-- a request adjourned, then granted, is one request, and the last sitting says its answer
reponses as (
  select
    demande,
    max(date_seance) as date_seance,
    max_by(decision, date_seance) as decision,
    max_by(forme, date_seance) filter (where accord) as forme,
    coalesce(sum(montant_accorde) filter (where accord and coalesce(forme, '') <> 'pret'), 0) as montant
  from decisions
  group by demande
),
demandes as (
  select
    *,
    -- the year that the edition says: of the request, unless it is that of its decision
    year(if(getvariable('exercice') = 'seance', date_seance, date_demande))::integer as millesime,
    coalesce(decision in ('accord', 'accord_partiel'), false) as accordee
  from brut.ccas_demandes
  left join reponses using (demande)
  -- not decided yet, or adjourned: of no year of decisions
  where getvariable('exercice') is distinct from 'seance' or coalesce(decision, 'ajournement') <> 'ajournement'
)
select
  demande,
  commune,
  millesime,
  menage,
  personne,
  date_demande,
  motif,
  coalesce(decision, 'en_attente') as decision,
  type_menage,
  age,
  accordee,
  coalesce(accordee and forme = 'pret', false) as est_pret,
  case when accordee then montant else 0 end as montant,
  case
    -- nothing waits still among what was decided
    when date_demande <= jusqu_au or getvariable('exercice') = 'seance'
    then date_diff('day', date_demande::date, date_seance::date)
  end as jours,
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
cross join observees

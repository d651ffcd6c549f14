-- une ligne : un exercice de séances, ce que les commissions ont examiné ; clé : territoire, millesime
with
tenues as (
  select
    year(date_seance)::integer as millesime,
    count(*) as seances
  from brut.ccas_seances
  where coalesce(instance, '') <> 'urgence'
  group by year(date_seance)
),
examens as (
  select
    commune as territoire,
    millesime,
    count(distinct (date_seance, instance)) filter (where coalesce(instance, '') <> 'urgence') as seances,
    count(*) as decisions,
    count(*) filter (where coalesce(instance, '') <> 'urgence') as decisions_en_seance,
    count(*) filter (where decision = 'ajournement') as ajournements,
    count(instance) as instances_connues,
    count(*) filter (where instance = 'urgence') as decisions_urgentes
  from socle.commissions_dossiers
  group by
    commune,
    millesime
)
select
  territoire,
  millesime,
  -- the sittings held where they are known, else those at which something was decided
  coalesce(tenues.seances, examens.seances) as seances,
  decisions,
  decisions_en_seance,
  ajournements,
  instances_connues,
  decisions_urgentes
from examens
left join tenues using (millesime)

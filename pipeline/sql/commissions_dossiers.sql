-- une ligne : une demande examinée à une séance, et ce qui y a été décidé ; clé : demande, date_seance
with
examens as (
  -- of the year of the sitting, whatever year the edition counts requests in
  select
    demande,
    date_seance,
    year(date_seance)::integer as millesime,
    instance,
    decision,
    motif_refus
  from brut.ccas_decisions
  join brut.ccas_demandes using (demande)
  where date_seance >= date_demande
),
bornes as (
  -- a sitting after the last request belongs to a year that the deposit does not hold
  select max(year(date_demande)) as dernier
  from brut.ccas_demandes
)
select
  demande,
  date_seance,
  territoire as commune,
  millesime,
  instance,
  decision,
  motif_refus
from examens
join bornes on millesime <= dernier
join socle.territoires on role = 'etude'

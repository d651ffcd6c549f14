-- une ligne : une demande examinée à une séance, et ce qui y a été décidé ; clé : demande, date_seance
with
bornes as (
  -- a sitting after the last request belongs to a year that the deposit does not hold
  select max(millesime) as dernier
  from socle.aides_demandes
)
select
  demande,
  decisions.date_seance,
  commune,
  year(decisions.date_seance)::integer as millesime,
  decisions.instance,
  decisions.decision,
  motif_refus
from brut.ccas_decisions decisions
join socle.aides_demandes demandes using (demande)
join bornes on year(decisions.date_seance) <= dernier
where decisions.date_seance >= demandes.date_demande

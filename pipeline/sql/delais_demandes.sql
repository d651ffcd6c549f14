-- une ligne : une demande d'aide, le temps de la décider puis de la payer ; clé : demande
with
paiements as (
  select
    demande,
    min(date_paiement) as date_paiement
  from brut.ccas_paiements
  where coalesce(annule, 'non') <> 'oui'
  group by demande
),
observees as (
  -- what was granted shortly before the last payment known may be paid still
  select max(date_paiement) - interval 90 day as jusqu_au
  from paiements
),
accords as (
  select
    demande,
    max(date_seance) as date_seance
  from socle.attributions
  where montant > 0
  group by demande
),
exercices_payes as (
  -- without a single payment, the payments were not deposited: nothing is « unpaid »
  select distinct millesime
  from socle.aides_demandes
  semi join paiements using (demande)
),
demandes as (
  select
    demande,
    commune as territoire,
    d.millesime,
    menage,
    jours,
    date_seance <= jusqu_au and e.millesime is not null as a_payer,
    -- each grant is looked at ninety days after its sitting, whatever its age
    date_paiement <= date_seance + interval 90 day as paye,
    -- an urgent aid is paid before the sitting that puts it right: nobody waited
    case
      when date_paiement < date_seance then 0
      else date_diff('day', date_seance::date, date_paiement::date)
    end as jours_paiement
  from socle.aides_demandes d
  left join accords using (demande)
  left join paiements using (demande)
  left join exercices_payes e on e.millesime = d.millesime
  cross join observees
)
select
  * exclude (jours_paiement),
  case when a_payer and paye then jours_paiement end as jours_paiement
from demandes

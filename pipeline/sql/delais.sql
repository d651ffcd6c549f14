-- une ligne : un exercice de demandes, le temps de décider puis de payer ; clé : territoire, millesime
select
  territoire,
  millesime,
  count(jours) as delais_connus,
  -- a median of under ten delays, a ninth decile of under fifty, rest on fewer than five of them
  case when count(jours) >= 10 then median(jours) end as delai_decision_median,
  case when count(jours) >= 50 then quantile_cont(jours, 0.9) end as delai_decision_decile_9,
  count(*) filter (where a_payer) as accords_a_payer,
  count(*) filter (where a_payer and paye is not true) as accords_impayes,
  count(jours_paiement) as delais_paiement_connus,
  coalesce(sum(jours_paiement), 0) as jours_paiement,
  count(*) filter (where jours_paiement > 30) as delais_paiement_plus_30,
  case when count(jours_paiement) >= 10 then median(jours_paiement) end as delai_paiement_median,
  case when count(jours_paiement) >= 50 then quantile_cont(jours_paiement, 0.9) end as delai_paiement_decile_9
from socle.delais_demandes
group by
  territoire,
  millesime

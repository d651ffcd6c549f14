-- une ligne : un compte et un exercice dont trop peu de cas ont assez de recul pour être jugés ; clé : source, territoire, millesime, colonne
with
delais as (
  select
    'ccas_demandes' as source,
    territoire,
    millesime,
    delais_connus,
    accords_a_payer,
    delais_paiement_connus,
    count(delai_decision_median) over cas as delai_decision_median,
    count(delai_decision_decile_9) over cas as delai_decision_decile_9,
    count(delai_paiement_median) over cas as delai_paiement_median,
    count(delai_paiement_decile_9) over cas as delai_paiement_decile_9
  from socle.delais
  window cas as (partition by territoire, millesime)
),
signalements as (
  select
    'ccas_signalements' as source,
    territoire,
    millesime,
    signalements_suivis,
    signalements_pris_en_charge
  from socle.signalements
),
suites as (
  select
    'ccas_signalements' as source,
    territoire,
    millesime,
    sum(signalements_suite)::bigint as signalements_suite_ensemble
  from socle.signalements_suite
  group by
    territoire,
    millesime
),
instructions as (
  select
    'ccas_instructions' as source,
    territoire,
    millesime,
    reponses_connues,
    reponses_datees,
    transmissions_connues,
    count(delai_reponse_median) over (partition by territoire, millesime) as delai_reponse_median
  from socle.instructions
),
comptes as (
  from (unpivot delais on columns(* exclude (source, territoire, millesime)) into name colonne value juges)
  union all
  from (unpivot signalements on columns(* exclude (source, territoire, millesime)) into name colonne value juges)
  union all
  from (unpivot suites on columns(* exclude (source, territoire, millesime)) into name colonne value juges)
  union all
  from (unpivot instructions on columns(* exclude (source, territoire, millesime)) into name colonne value juges)
)
select
  source,
  territoire,
  millesime,
  colonne,
  'absent' as statut,
  'trop peu de cas avec assez de recul au jour du dépôt' as motif
from comptes
-- what is known of no year was not deposited: nothing of it is missing
qualify juges = 0 and max(juges) over (partition by source, territoire, colonne) > 0

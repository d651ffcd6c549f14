-- une ligne : un thème du questionnaire et une année de réponse, ce qu'en disent habitants et partenaires ; clé : territoire, millesime, theme
with
avis as (
  select
    territoire,
    millesime,
    theme,
    type_repondant || 's_' || question as qui_et_quoi,
    sum(reponses)::bigint as tous,
    coalesce(sum(reponses) filter (where reponse in ('oui', '4', '5')), 0)::bigint as favorables,
    round(coalesce(sum(poids) filter (where reponse in ('oui', '4', '5')), 0), 6)
    / nullif(round(sum(poids), 6), 0) as part,
    -- effective size of a weighted sample (Kish, Survey Sampling, 1965): as many answers, if all weighed the same
    pow(round(sum(poids), 6), 2) / nullif(round(sum(poids_carres), 6), 0) as efficaces
  from socle.questionnaire
  group by
    territoire,
    millesime,
    theme,
    qui_et_quoi
)
select
  territoire,
  millesime,
  theme,
  any_value(tous) filter (where qui_et_quoi = 'habitants_besoin_mal_couvert') as habitants_avis,
  any_value(favorables) filter (where qui_et_quoi = 'habitants_besoin_mal_couvert') as habitants_mal_couvert,
  any_value(efficaces) filter (where qui_et_quoi = 'habitants_besoin_mal_couvert') as habitants_avis_redresses,
  any_value(part * efficaces) filter (where qui_et_quoi = 'habitants_besoin_mal_couvert')
    as habitants_mal_couvert_redresses,
  any_value(tous) filter (where qui_et_quoi = 'habitants_priorite') as habitants_classements,
  any_value(favorables) filter (where qui_et_quoi = 'habitants_priorite') as habitants_prioritaire,
  any_value(efficaces) filter (where qui_et_quoi = 'habitants_priorite') as habitants_classements_redresses,
  any_value(part * efficaces) filter (where qui_et_quoi = 'habitants_priorite')
    as habitants_prioritaire_redresses,
  any_value(tous) filter (where qui_et_quoi = 'partenaires_besoin_mal_couvert') as partenaires_avis,
  any_value(favorables) filter (where qui_et_quoi = 'partenaires_besoin_mal_couvert')
    as partenaires_mal_couvert,
  any_value(tous) filter (where qui_et_quoi = 'partenaires_priorite') as partenaires_classements,
  any_value(favorables) filter (where qui_et_quoi = 'partenaires_priorite') as partenaires_prioritaire
from avis
group by
  territoire,
  millesime,
  theme

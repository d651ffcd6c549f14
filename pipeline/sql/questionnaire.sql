-- une ligne : une réponse à une question d'un thème, par type de répondant et année de réponse ; clé : territoire, millesime, type_repondant, theme, question, reponse
with
reponses as (
  select
    year(date_reponse)::integer as millesime,
    type_repondant,
    theme,
    'besoin_mal_couvert' as question,
    reponse,
    coalesce(poids, 1) as poids
  from brut.ccas_questionnaire
  where reponse is not null
  union all
  select
    year(date_reponse)::integer as millesime,
    type_repondant,
    theme,
    'priorite' as question,
    priorite::varchar as reponse,
    coalesce(poids, 1) as poids
  from brut.ccas_questionnaire
  where priorite is not null
)
select
  territoires.territoire,
  millesime,
  type_repondant,
  theme,
  question,
  reponse,
  count(*) as reponses,
  -- the last digits of a sum depend on the order of the rows, which is nobody's
  round(sum(poids), 6) as poids,
  round(sum(poids * poids), 6) as poids_carres
from reponses
join socle.territoires territoires on role = 'etude'
group by
  territoires.territoire,
  millesime,
  type_repondant,
  theme,
  question,
  reponse

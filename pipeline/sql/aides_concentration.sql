-- une ligne : un exercice d'aides, la concentration des montants entre les ménages aidés ; clé : territoire, millesime
with
rangs as (
  select
    *,
    row_number() over (partition by territoire, millesime order by montant, menage) as rang,
    count(*) over (partition by territoire, millesime) as menages_payes
  from socle.aides_menages
)
select
  territoire,
  millesime,
  any_value(menages_payes) as menages_payes,
  -- two digits: more would give back how the largest amounts are spread
  case
    when any_value(menages_payes) >= 100
    then round(2 * sum(rang * montant) / (count(*) * sum(montant)) - (count(*) + 1) / count(*), 2)
  end as gini_montant
from rangs
group by
  territoire,
  millesime

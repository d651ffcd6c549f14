-- une ligne : un exercice d'aides, comment les montants se répartissent entre les ménages ; clé : territoire, millesime
with
rangs as (
  select
    *,
    row_number() over (partition by territoire, millesime order by montant desc, menage) as rang,
    count(*) over (partition by territoire, millesime) as menages_payes
  from socle.aides_menages
)
select
  territoire,
  millesime,
  any_value(menages_payes) as menages_payes,
  -- under ten households a median is one household's amount; a tenth of under a hundred is a handful
  case when any_value(menages_payes) >= 10 then median(montant) end as montant_median,
  case
    when any_value(menages_payes) >= 100
    then 100 * sum(montant) filter (where rang <= ceil(menages_payes / 10)) / sum(montant)
  end as part_montant_10,
  -- two digits: more would give back how the largest amounts are spread
  case
    when any_value(menages_payes) >= 100
    then round((count(*) + 1) / count(*) - 2 * sum(rang * montant) / (count(*) * sum(montant)), 2)
  end as gini_montant
from rangs
group by
  territoire,
  millesime

-- une ligne : un type de ménage demandeur et un exercice, dans la commune ; clé : territoire, millesime, type_menage
with
menages as (
  select
    commune as territoire,
    millesime,
    menage,
    max_by(type_menage, (date_demande, demande)) as type_menage
  from socle.aides_demandes
  where type_menage is not null
  group by
    commune,
    millesime,
    menage
),
types as (
  select
    territoire,
    millesime,
    type_menage,
    count(*) as menages_type
  from menages
  group by
    territoire,
    millesime,
    type_menage
)
select
  *,
  sum(menages_type) over (partition by territoire, millesime) as menages_type_ensemble
from types

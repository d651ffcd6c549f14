-- une ligne : un exercice, les personnes connues à la rue et celles qui ont trouvé un toit ; clé : territoire, millesime
with
suivies as (
  select
    personne,
    year(date_rencontre)::integer as millesime
  from brut.ccas_rencontres
  union
  select
    personne,
    millesime
  from socle.sorties_personnes
)
select
  territoires.territoire,
  millesime,
  count(*) as personnes_suivies_rue,
  count(*) filter (where sortie in ('hebergement', 'logement')) as personnes_rue_toit
from suivies
left join socle.sorties_personnes using (personne, millesime)
join socle.territoires territoires on role = 'etude'
-- of a year without a single way out, nobody wrote them down
where millesime in (select millesime from socle.sorties_personnes)
group by
  territoires.territoire,
  millesime

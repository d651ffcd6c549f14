-- une ligne : un territoire à un recensement, la place dont disposent ses ménages ; clé : territoire, millesime
select
  territoire,
  millesime,
  sum(effectif) filter (where modalite <> 'une personne dans une pièce') as peuplement_connu,
  sum(effectif) filter (where modalite like 'surpeuplement%') as surpeuples
from brut.isee_rp2019_logements
where tableau = 'peuplement'
group by
  territoire,
  millesime
union all by name
select
  territoire,
  millesime,
  hors_studio_seul as peuplement_connu,
  suroccupees as surpeuples
from brut.insee_rp_logement_comp
semi join socle.territoires using (territoire)

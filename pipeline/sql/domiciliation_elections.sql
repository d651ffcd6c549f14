-- une ligne : une élection de domicile délivrée, du jour où elle commence à valoir au jour où elle ne vaut plus ; clé : election
with
etude as (
  select territoire as commune
  from socle.territoires
  where role = 'etude'
),
delivrees as (
  select
    election,
    personne,
    nature,
    date_demande::date as date_demande,
    date_debut::date as date_debut,
    -- granted for a year where the end is not written (CASF, art. D.264-1)
    coalesce(date_fin, date_debut + interval 1 year - interval 1 day)::date as date_fin,
    date_radiation::date as date_radiation,
    motif_radiation,
    ayants_droit,
    case when ayants_droit = 0 then 0 else ayants_droit_mineurs end as ayants_droit_mineurs,
    situation,
    sexe,
    age
  from brut.ccas_domiciliations
  where decision = 'accord'
),
suivies as (
  select
    *,
    -- a person has one domicile: her next election takes the place of this one
    lead(date_debut) over (
      partition by personne
      order by date_debut, date_demande, date_fin, election
    ) as debut_suivante
  from delivrees
),
finies as (
  select
    *,
    case
      when date_radiation <= coalesce(debut_suivante, date_radiation) then 'radiation'
      when debut_suivante <= date_fin + 1 then 'remplacement'
      else 'expiration'
    end as sortie,
    -- valid on its last day, no longer on the day it is struck off or replaced
    least(date_fin + 1, date_radiation, debut_suivante) as date_sortie
  from suivies
),
enchainees as (
  select
    *,
    -- begun by the end of the one before, an election goes on with it
    date_debut > lag(date_sortie, 1, date_debut - 1) over rangees as reprise
  from finies
  window rangees as (partition by personne order by date_debut, date_demande, date_fin, election)
),
suites as (
  select
    *,
    sum(reprise::integer) over (
      partition by personne
      order by date_debut, date_demande, date_fin, election
    ) as suite
  from enchainees
)
select
  election,
  commune,
  personne,
  nature,
  date_demande,
  date_debut,
  date_fin,
  date_sortie,
  -- since when she is domiciled without a break; not known of who comes by a renewal that nothing comes before
  min(date_debut) filter (where reprise and nature = 'premiere') over (partition by personne, suite) as date_premiere,
  sortie,
  case when sortie = 'radiation' then coalesce(motif_radiation, 'non_precise') end as motif_radiation,
  year(date_debut)::integer as millesime_debut,
  year(date_sortie)::integer as millesime_sortie,
  -- a renewal is asked for ahead of its term, and a late file is put right: neither is a wait
  case when nature = 'premiere' and date_debut >= date_demande then date_debut - date_demande end as jours,
  date_debut > date_demande + interval 2 month as plus_de_2_mois,
  ayants_droit,
  ayants_droit_mineurs,
  situation,
  sexe,
  age
from suites
cross join etude

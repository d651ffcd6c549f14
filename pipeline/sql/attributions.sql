-- une ligne : une décision d'accord d'une demande accordée, et ce qu'elle donne ; clé : demande, date_seance
select
  demande,
  accords.date_seance,
  commune,
  millesime,
  menage,
  motif,
  coalesce(forme, 'Forme non précisée') as forme,
  coalesce(fournisseur, 'Sans fournisseur précisé') as fournisseur,
  coalesce(forme = 'pret', false) as est_pret,
  coalesce(montant_accorde, 0) as montant
from brut.ccas_decisions accords
join socle.aides_demandes demandes using (demande)
where demandes.accordee
  and accords.decision in ('accord', 'accord_partiel')
  and accords.date_seance >= demandes.date_demande

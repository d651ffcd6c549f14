-- Markdown as the report writes it → one structure that the four formats share. Runs once, at the parsing.
--
-- What the report may write, beside pandoc's Markdown:
--   # Chapitre {#chapitre-id}                      a chapter: new page, but with {.suite} in the PDF; the report's
--                                                  title is not a heading
--   ::: {.question}                                the question of a chapter
--   ::: {.chiffres} of :::: {.chiffre}             key figures: value, label, comparison, a paragraph each
--   ::: {.retenir} {.prudence} {.fictif} {.texte}  boxes; their label is written here
--   ![Titre](nom.svg){#fig-nom alt="…"}            a figure, then ::: {.source}, then ::: {.donnees}: its table
--   a pipe table, « : Titre {#tbl-nom} »           then ::: {.source}; the first column heads the rows
--   ::: {.fiche #indicateur-id}                    indicator card: a heading, a table without header
--   ::: {#donnees-graphiques}                      annex (heading and text) that receives the data of the
--                                                  figures; HTML shows them under each figure and leaves it out
--   ::: {.ensemble}                                what stays on one page: a list and its ::: {.source}
--   ::: {.entier}                                  a chapter {.suite} that stays on one page
--   ::: {.saut}                                    page break
--   [15,7 %](#indicateur-id) [secret]{.statut} [FICTIF]{.fictif}
--
-- What comes out:
--   div.illustration  = figure (numbered caption) [+ div.source] [+ div.donnees, its table captioned]
--   div.tableau       = table (numbered caption, header column, column widths) [+ div.source]
--   div.retenir, .prudence, .fictif, .texte = div.etiquette (the words that name the box), then its text
--   div.chiffre       = div.valeur, div.libelle, div.comparaison
-- Raw HTML or TeX is dropped: every format must say the same thing.
-- Stops on what would be lost or unreadable in one format: a figure without alt text, an image that is not a
-- titled figure, data without a figure or without their annex, a heading that skips a level, a heading or a note
-- in what people wrote, a dead link.

local stringify = pandoc.utils.stringify

local etiquettes = {
  retenir = "À retenir",
  prudence = "Précaution de lecture",
  fictif = "Données fictives",
  texte = "L’analyse du CCAS",
}
local parties_chiffre = { "valeur", "libelle", "comparaison" }
local numero = { figure = 0, tableau = 0 }
local donnees_presentes = false

local function div(classe, contenu, identifiant)
  return pandoc.Div(contenu, pandoc.Attr(identifiant or "", { classe }))
end

local function est(bloc, classe)
  return bloc ~= nil and bloc.t == "Div" and bloc.classes:includes(classe)
end

local function legende(mot, rang, titre)
  local debut = pandoc.Inlines { pandoc.Strong(mot .. "\u{a0}" .. rang), pandoc.Str("\u{a0}– ") }
  return { pandoc.Plain(debut .. titre) }
end

local function titre_de(caption)
  return pandoc.utils.blocks_to_inlines(caption.long)
end

-- Column widths, as shares of the line: a column breaks neither its longest word nor a number aligned right;
-- what room is left goes to the columns whose text is longer. A table that asks for less stays narrower.
-- The names of the rows, in the first column, have room for a few words.
local signes_par_ligne, marge, noms_de_ligne = 96, 2.4, 24

local function mot_le_plus_long(texte)
  local longueur = 0
  for mot in texte:gmatch("[^ ]+") do longueur = math.max(longueur, utf8.len(mot)) end
  return longueur
end

-- A name of more than fifteen letters may be cut at its hyphens (Nouvelle- Calédonie), a shorter one is not (Bourg-en-Bresse).
local function demande_entete(texte)
  local coupe = texte:gsub("[^ ]+", function(mot) return utf8.len(mot) > 15 and mot:gsub("(%a)%-", "%1- ") or mot end)
  local mot = math.min(16, mot_le_plus_long(coupe))
  -- a short word has few letters to make up for a wide one
  return math.max(1.25 * mot + (mot < 8 and 0.7 or 0), 0.36 * utf8.len(texte))
end

-- A number is never cut, even in bold, but what is said of it in brackets may go under it.
local function demande_corps(texte, alignement)
  if alignement == "AlignRight" then
    local nombre, suite = texte:match("^(.-) (%(.*)$")
    return math.min(24, 1.1 * (nombre and math.max(utf8.len(nombre), utf8.len(suite)) or utf8.len(texte)))
  end
  return math.min(30, mot_le_plus_long(texte))
end

local function est_gras(cellule)
  local gras = false
  cellule.contents:walk { Strong = function() gras = true end }
  return gras
end

local function demandes(tableau)
  local mots, textes = {}, {}
  local function mesurer(lignes, demande)
    for _, ligne in ipairs(lignes) do
      for rang, cellule in ipairs(ligne.cells) do
        local texte = stringify(cellule.contents)
        local voulu = demande(texte, tableau.colspecs[rang][1])
        mots[rang] = math.max(mots[rang] or 4, est_gras(cellule) and math.max(voulu, 1.12 * mot_le_plus_long(texte)) or voulu)
        local entier = lignes == tableau.head.rows and 1.25 * mot_le_plus_long(texte) or utf8.len(texte)
        textes[rang] = math.max(textes[rang] or 4, mots[rang], entier)
      end
    end
  end
  mesurer(tableau.head.rows, demande_entete)
  for _, corps in ipairs(tableau.bodies) do mesurer(corps.body, demande_corps) end
  mots[1] = math.max(mots[1], math.min(noms_de_ligne, textes[1]))
  return mots, textes
end

local function largeurs(tableau)
  local mots, textes = demandes(tableau)
  local socle, envie = 0, 0
  for rang, mot in ipairs(mots) do
    socle, envie = socle + mot + marge, envie + textes[rang] - mot
  end
  local part = envie > 0 and math.max(0, math.min(1, (signes_par_ligne - socle) / envie)) or 0
  local somme = socle + part * envie
  local total = math.max(0.5, math.min(1, 1.2 * somme / signes_par_ligne))
  for rang, mot in ipairs(mots) do
    mots[rang] = total * (mot + marge + part * (textes[rang] - mot)) / somme
  end
  return mots
end

local function regler(tableau, proportions)
  for rang, largeur in ipairs(proportions) do
    local alignement = tableau.colspecs[rang][1]
    tableau.colspecs[rang] = { alignement == "AlignDefault" and "AlignLeft" or alignement, largeur }
  end
  for _, corps in ipairs(tableau.bodies) do corps.row_head_columns = 1 end
  return tableau
end

local function donnees_de(bloc, titre, identifiant)
  donnees_presentes = true
  local function completer(table)
    if table.t ~= "Table" then return table end
    local debut = pandoc.Inlines("Données de la figure\u{a0}" .. numero.figure .. "\u{a0}: ")
    table.caption.long = { pandoc.Plain(debut .. titre) }
    return regler(table, largeurs(table))
  end
  bloc.content = bloc.content:map(completer)
  bloc.identifier = identifiant
  return bloc
end

local function illustration(figure, source, donnees)
  local image = figure.content[1].content[1]
  local titre, texte = titre_de(figure.caption), stringify(image.caption)
  if texte == "" or texte == stringify(titre) then
    error("La figure « " .. stringify(titre) .. " » (" .. image.src .. ") n’a pas de texte de remplacement (alt).")
  end
  numero.figure = numero.figure + 1
  local identifiant = figure.identifier ~= "" and figure.identifier or "figure-" .. numero.figure
  figure.identifier = ""
  figure.caption.long = legende("Figure", numero.figure, titre)
  if donnees then donnees = donnees_de(donnees, titre, "donnees-" .. identifiant) end
  return div("illustration", { figure, source or donnees, source and donnees }, identifiant)
end

local function tableau(table, source)
  local titre, identifiant = titre_de(table.caption), table.identifier
  if #titre > 0 then
    numero.tableau = numero.tableau + 1
    table.caption.long = legende("Tableau", numero.tableau, titre)
  end
  table.identifier = ""
  return div("tableau", { regler(table, largeurs(table)), source }, identifiant)
end

local function fiche(bloc)
  bloc.content = bloc.content:map(function(partie)
    if partie.t == "Header" then partie.classes = { "unlisted", "unnumbered" } end
    if partie.t == "Table" then regler(partie, { 0.2, 0.8 }) end
    return partie
  end)
  return bloc
end

local function chiffre(bloc)
  local cartes = pandoc.Blocks {}
  for rang, paragraphe in ipairs(bloc.content) do
    cartes:insert(div(parties_chiffre[rang] or "comparaison", { paragraphe }))
  end
  bloc.content = cartes
  return bloc
end

local assembler

local function encadrer(bloc)
  if est(bloc, "fiche") then return fiche(bloc) end
  if est(bloc, "chiffre") then return chiffre(bloc) end
  bloc.content = assembler(bloc.content)
  for classe, etiquette in pairs(etiquettes) do
    if est(bloc, classe) then
      bloc.content:insert(1, div("etiquette", { pandoc.Para { pandoc.Strong(etiquette) } }))
    end
  end
  return bloc
end

-- Joins a figure or a table to the source line and the data that follow it.
function assembler(blocs)
  local suite, rang = pandoc.Blocks {}, 1
  local function suivant(classe)
    if est(blocs[rang + 1], classe) then
      rang = rang + 1
      return blocs[rang]
    end
  end
  while rang <= #blocs do
    local bloc = blocs[rang]
    if est(bloc, "donnees") then
      error("Des données de graphique ne suivent ni une figure ni sa source.")
    elseif bloc.t == "Figure" then
      local source = suivant("source")
      suite:insert(illustration(bloc, source, suivant("donnees")))
    elseif bloc.t == "Table" then
      suite:insert(tableau(bloc, suivant("source")))
    else
      suite:insert(bloc.t == "Div" and encadrer(bloc) or bloc)
    end
    rang = rang + 1
  end
  return suite
end

local function verifier_images(document)
  document:walk {
    Para = function(paragraphe)
      paragraphe:walk {
        Image = function(image)
          error("L’image " .. image.src .. " n’est pas une figure titrée, seule sur son paragraphe.")
        end,
      }
    end,
  }
end

local function verifier_titres(document)
  local precedent = 0
  document:walk {
    traverse = "topdown",
    Header = function(titre)
      if titre.level > precedent + 1 then
        error("Le titre « " .. stringify(titre) .. " » saute un niveau : de " .. precedent .. " à " .. titre.level .. ".")
      end
      precedent = titre.level
    end,
  }
end

local function verifier_liens(document)
  local cibles = {}
  local function noter(element) cibles["#" .. element.identifier] = true end
  document:walk { Header = noter, Div = noter, Figure = noter, Table = noter, Span = noter }
  if donnees_presentes and not cibles["#donnees-graphiques"] then
    error("Il manque l’annexe #donnees-graphiques, qui reçoit les données des figures.")
  end
  document:walk {
    Link = function(lien)
      if lien.target:sub(1, 1) == "#" and not cibles[lien.target] then
        error("Le lien « " .. stringify(lien) .. " » vise " .. lien.target .. ", qui n’existe pas dans le document.")
      end
    end,
  }
end

-- What people write stays in its box: a heading or a note there would be the report's.
local function verifier_textes(document)
  local function refuser(quoi)
    return function(element) error("« " .. stringify(element) .. " » serait " .. quoi .. " du rapport.") end
  end
  document:walk {
    Div = function(bloc)
      if est(bloc, "texte") then bloc:walk { Header = refuser("un titre"), Note = refuser("une note") } end
    end,
  }
end

local function effacer() return {} end

-- Keywords arrive as plain strings, which the ODT writer leaves out.
local function mots_cles(meta)
  if meta.keywords then meta.keywords = pandoc.List(meta.keywords):map(pandoc.Inlines) end
  return meta
end

return {
  { RawBlock = effacer, RawInline = effacer, Meta = mots_cles },
  {
    Pandoc = function(document)
      verifier_images(document)
      verifier_textes(document)
      verifier_titres(document)
      document.blocks = assembler(document.blocks)
      verifier_liens(document)
      return document
    end,
  },
}

-- Structure of structure.lua → DOCX and ODT: paragraph styles of the reference document, PNG figures,
-- key figures in a table without borders, table of contents of a report, data of the figures in the annex.

local stringify = pandoc.utils.stringify
local envois = pandoc.Blocks {}
local styles = {
  retenir = "Retenir",
  prudence = "Prudence",
  fictif = "Fictif",
  texte = "Analyse",
  question = "Question",
  source = "Source",
}
local styles_chiffre = { "Chiffre", "Libellé", "Comparaison" }

local function est(bloc, classe)
  return bloc.t == "Div" and bloc.classes:includes(classe)
end

local function echapper(texte)
  return (texte:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }))
end

local function paragraphe(style, inlines)
  return pandoc.Div({ pandoc.Para(inlines) }, { ["custom-style"] = style })
end

-- Gives a style to every paragraph but those of tables, which have their own.
local function en_style(style)
  local function poser(texte) return paragraphe(style, texte.content), false end
  local function laisser(element) return element, false end
  local function garder(bloc) return bloc, bloc.attributes["custom-style"] == nil end
  return { traverse = "topdown", Plain = poser, Para = poser, Table = laisser, Div = garder }
end

-- A bookmark on the words themselves: a link to a division would lead nowhere in a word processor.
local function signet(identifiant, inlines)
  return pandoc.Inlines { pandoc.Span(inlines, { id = identifiant }) }
end

local function signer(element, identifiant)
  local titre = pandoc.utils.blocks_to_inlines(element.caption.long)
  if #titre > 0 and identifiant ~= "" then
    element.caption.long = { pandoc.Plain(signet(identifiant, titre)) }
  end
end

local function renvoi(cible, mots)
  return paragraphe("Source", { pandoc.Link(mots, "#" .. cible) })
end

-- pandoc writes no alternative text in ODT: it is laid beside the frame, and render.py puts it inside.
local function image_bureautique(image)
  image.src = image.src:gsub("%.svg$", ".png")
  if FORMAT ~= "odt" then return { image } end
  local texte = echapper(stringify(image.caption))
  return { image, pandoc.RawInline("opendocument", "<svg:desc>" .. texte .. "</svg:desc>") }
end

local function annexer(donnees, figure)
  donnees.content:map(function(partie)
    if partie.t == "Table" then signer(partie, donnees.identifier) end
    envois:insert(partie)
  end)
  envois:insert(renvoi(figure, "Voir la figure"))
end

local function illustration(bloc)
  local figure, suite = bloc.content[1], pandoc.Blocks {}
  signer(figure, bloc.identifier)
  figure.content = { pandoc.Plain(image_bureautique(figure.content[1].content[1])) }
  suite:insert(figure)
  for rang = 2, #bloc.content do
    local partie = bloc.content[rang]
    if est(partie, "donnees") then
      annexer(partie, bloc.identifier)
      suite:insert(renvoi(partie.identifier, "Données du graphique, en annexe"))
    else
      suite:insert(partie)
    end
  end
  return suite
end

local function tableau(bloc)
  local table = bloc.content[1]
  signer(table, bloc.identifier)
  bloc.content[1] = table
  return bloc.content
end

local function fiche(bloc)
  return bloc.content:map(function(partie)
    if partie.t == "Header" then partie.identifier = bloc.identifier end
    if partie.t == "Table" then partie.attributes["custom-style"] = "Fiche" end
    return partie
  end)
end

local function carte(bloc)
  if not bloc then return { paragraphe("Comparaison", {}) } end
  local contenu = pandoc.Blocks {}
  for rang, partie in ipairs(bloc.content) do
    contenu:extend(partie.content:walk(en_style(styles_chiffre[rang] or styles_chiffre[3])))
  end
  return contenu
end

local function chiffres(bloc)
  local rangees, colonnes, alignements = {}, {}, {}
  local cartes_par_rangee = #bloc.content % 4 == 0 and 4 or 3
  for debut = 1, #bloc.content, cartes_par_rangee do
    local cellules = {}
    for rang = debut, debut + cartes_par_rangee - 1 do table.insert(cellules, carte(bloc.content[rang])) end
    table.insert(rangees, cellules)
  end
  for rang = 1, cartes_par_rangee do
    colonnes[rang], alignements[rang] = 1 / cartes_par_rangee, "AlignLeft"
  end
  local simple = pandoc.SimpleTable({}, alignements, colonnes, {}, rangees)
  local grille = pandoc.utils.from_simple_table(simple)
  grille.attributes["custom-style"] = "Chiffres"
  return grille
end

local function saut()
  if FORMAT == "odt" then return paragraphe("Saut", {}) end
  return pandoc.RawBlock("openxml", '<w:p><w:r><w:br w:type="page"/></w:r></w:p>')
end

local function ranger(bloc)
  if est(bloc, "illustration") then return illustration(bloc) end
  if est(bloc, "tableau") then return tableau(bloc) end
  if est(bloc, "fiche") then return fiche(bloc) end
  if est(bloc, "chiffres") then return chiffres(bloc) end
  if est(bloc, "saut") then return saut() end
  if est(bloc, "etiquette") then
    return pandoc.Para { pandoc.Span(bloc.content[1].content, { ["custom-style"] = "Étiquette" }) }
  end
  for classe, style in pairs(styles) do
    if est(bloc, classe) then return bloc.content:walk(en_style(style)) end
  end
end

local function cellules(ligne, style)
  for _, cellule in ipairs(ligne.cells) do cellule.contents = cellule.contents:walk(en_style(style)) end
end

-- ODT has no header column, and keeps the alignment of a cell only in the styles of its own choice.
local function table_odt(table)
  for _, corps in ipairs(table.bodies) do corps.row_head_columns = 0 end
  return table
end

-- The rows of a short table hold together.
local function table_docx(table)
  for _, ligne in ipairs(table.head.rows) do cellules(ligne, "Entête") end
  for _, corps in ipairs(table.bodies) do
    for rang, ligne in ipairs(corps.body) do
      local liee = #corps.body <= 20 and rang < #corps.body
      cellules(ligne, liee and "Ligne liée" or "Ligne")
    end
  end
  return table
end

local function mention(span)
  if span.classes:includes("statut") then span.attributes["custom-style"] = "Statut" end
  if span.classes:includes("fictif") then span.attributes["custom-style"] = "Mention" end
  return span
end

local function lien(element)
  if element.target:sub(1, 1) ~= "#" then element.content = { pandoc.Underline(element.content) } end
  return element
end

local champ_ouvert = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
  .. '<w:r><w:instrText xml:space="preserve">TOC \\o "1-2" \\n \\h \\z</w:instrText></w:r>'
  .. '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
local champ_ferme = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
local style_sommaire = {
  docx = { "toc 1", "toc 2", titre = "TOC Heading" },
  odt = { "Contents_20_1", "Contents_20_2", titre = "Contents_20_Heading" },
}

-- The entries are links without page numbers: only the word processor knows its pages, and a field left to
-- be filled would open the document on a question or on a blank.
local function sommaire(titres)
  local entrees, style = pandoc.Blocks {}, style_sommaire[FORMAT]
  for rang, titre in ipairs(titres) do
    local mots = pandoc.Inlines { pandoc.Link(titre.content, "#" .. titre.identifier) }
    if FORMAT == "docx" and rang == 1 then mots:insert(1, pandoc.RawInline("openxml", champ_ouvert)) end
    if FORMAT == "docx" and rang == #titres then mots:insert(pandoc.RawInline("openxml", champ_ferme)) end
    entrees:insert(paragraphe(style[titre.level], mots))
  end
  entrees:insert(1, paragraphe(style.titre, { pandoc.Str("Sommaire") }))
  return entrees
end

local function composer(document)
  local blocs = document.blocks:walk {
    Div = function(bloc)
      if bloc.identifier == "donnees-graphiques" then return bloc.content .. envois end
    end,
  }
  local titres = blocs:filter(function(bloc)
    return bloc.t == "Header" and bloc.level <= 2 and not bloc.classes:includes("unlisted")
  end)
  local rapport = stringify(document.meta.forme) == "rapport"
  document.meta.forme = nil -- it would become a property of the file
  document.blocks = rapport and sommaire(titres) .. blocs or blocs
  return document
end

return {
  { Span = mention, Link = lien, Table = FORMAT == "odt" and table_odt or table_docx },
  { Div = ranger },
  { Pandoc = composer },
}

-- Structure of structure.lua → calls of the functions that rapport.typ defines.
-- The data of the figures leave their place for the annex, each with a way back.

local envois = pandoc.Blocks {}
local boites = { "retenir", "prudence", "fictif", "texte", "question", "source", "fiche", "etiquette", "ensemble", "entier" }

local function typst(texte) return pandoc.RawBlock("typst", texte) end

local function est(bloc, classe)
  return bloc.t == "Div" and bloc.classes:includes(classe)
end

local function entre(debut, blocs, fin)
  return pandoc.Blocks { typst(debut) } .. pandoc.Blocks(blocs) .. pandoc.Blocks { typst(fin) }
end

local function chaine(texte)
  return '"' .. texte:gsub('[\\"]', "\\%0") .. '"'
end

local function ancre(identifiant)
  return identifiant ~= "" and " <" .. identifiant .. ">" or ""
end

local function bloc_nomme(nom, bloc)
  return entre("#" .. nom .. "[", bloc.content, "]" .. ancre(bloc.identifier))
end

-- A short table stays on one page with what follows it; a long one runs on.
local function secable(tableau)
  return #tableau.bodies[1].body <= 12 and "false" or "true"
end

local function donnees_annexees(bloc, figure)
  local tableau = bloc.content:find_if(function(partie) return partie.t == "Table" end)
  local debut = "#donnees(<" .. figure .. ">, secable: " .. secable(tableau) .. ")["
  return entre(debut, bloc.content, "]" .. ancre(bloc.identifier))
end

local function illustration(bloc)
  local figure, source, donnees = bloc.content[1], pandoc.Blocks {}, nil
  local image = figure.content[1].content[1]
  for rang = 2, #bloc.content do
    if est(bloc.content[rang], "donnees") then donnees = bloc.content[rang] else source:insert(bloc.content[rang]) end
  end
  if donnees then
    envois:extend(donnees_annexees(donnees, bloc.identifier))
    -- the line of the source, which #source[ and ] hold
    source[#source - 1].content:insert(pandoc.RawInline("typst", "#envoi(<" .. donnees.identifier .. ">)"))
  end
  return pandoc.Blocks {
    typst("#illustration(" .. chaine("/" .. image.src) .. ", " .. chaine(pandoc.utils.stringify(image.caption)) .. ", ["),
    pandoc.Plain(pandoc.utils.blocks_to_inlines(figure.caption.long)),
    typst("], ["),
  } .. source .. { typst("])" .. ancre(bloc.identifier)) }
end

local function tableau(bloc)
  local debut = "#tableau(secable: " .. secable(bloc.content[1]) .. ")["
  return entre(debut, bloc.content, "]" .. ancre(bloc.identifier))
end

local function chiffres(bloc)
  local suite = pandoc.Blocks { typst("#chiffres(") }
  for _, carte in ipairs(bloc.content) do
    suite:insert(typst("("))
    for _, partie in ipairs(carte.content) do suite:extend(entre("[", partie.content, "],")) end
    suite:insert(typst("),"))
  end
  suite:insert(typst(")"))
  return suite
end

local function ranger(bloc)
  if est(bloc, "illustration") then return illustration(bloc) end
  if est(bloc, "tableau") then return tableau(bloc) end
  if est(bloc, "chiffres") then return chiffres(bloc) end
  if est(bloc, "saut") then return typst("#pagebreak(weak: true)") end
  for _, nom in ipairs(boites) do
    if est(bloc, nom) then return bloc_nomme(nom, bloc) end
  end
end

-- A chapter that opens no page says so to rapport.typ by its supplement, which nothing prints.
local function titre(header)
  if not header.classes:includes("suite") then return nil end
  local debut = "#heading(level: " .. header.level .. ", supplement: [suite])["
  return entre(debut, { pandoc.Plain(header.content) }, "]" .. ancre(header.identifier))
end

local function annexe(bloc)
  if bloc.identifier ~= "donnees-graphiques" then return nil end
  return pandoc.Blocks { typst("#metadata(none) <donnees-graphiques>") } .. bloc.content .. envois
end

local function mention(span)
  for _, nom in ipairs { "statut", "fictif" } do
    if span.classes:includes(nom) then
      local mots = pandoc.Inlines { pandoc.RawInline("typst", "#mention-" .. nom .. "[") } .. span.content
      mots:insert(pandoc.RawInline("typst", "]"))
      return mots
    end
  end
end

-- Repeated from page to page, a header is an artifact, which may hold no link (PDF/UA-1): the numbers under it lead
-- to the same card.
local function sans_lien(table)
  for _, ligne in ipairs(table.head.rows) do
    for _, cellule in ipairs(ligne.cells) do
      cellule.contents = cellule.contents:walk { Link = function(lien) return lien.content end }
    end
  end
  return table
end

return { { Span = mention, Table = sans_lien }, { Div = ranger, Header = titre }, { Div = annexe } }

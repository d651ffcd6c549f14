-- Structure of structure.lua → HTML: figures with their title above and their data in <details>, scopes on
-- table headers.
-- SVG files become data addresses, so that the page is one file.

local stringify = pandoc.utils.stringify
local html = function(texte) return pandoc.RawBlock("html", texte) end
local boites = { "retenir", "prudence", "fictif", "texte" }

local function echapper(texte)
  return (texte:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }))
end

local function est(bloc, classe)
  return bloc.t == "Div" and bloc.classes:includes(classe)
end

local function adresse(chemin)
  local fichier = assert(io.open(chemin, "rb"))
  local svg = fichier:read("a"):match("<svg.*")
  fichier:close()
  local code = svg:gsub("[^%w%-%._~!$'()*+,;=:@/?]", function(signe)
    return string.format("%%%02X", signe:byte())
  end)
  return "data:image/svg+xml," .. code
end

local function scope(ligne, valeur, dernier)
  for rang, cellule in ipairs(ligne.cells) do
    if rang <= dernier then cellule.attributes.scope = valeur end
  end
  return ligne
end

local function tableau(table)
  for rang, colonne in ipairs(table.colspecs) do table.colspecs[rang] = { colonne[1], nil } end
  for _, ligne in ipairs(table.head.rows) do scope(ligne, "col", #ligne.cells) end
  for _, corps in ipairs(table.bodies) do
    for _, ligne in ipairs(corps.body) do scope(ligne, "row", corps.row_head_columns) end
  end
  return table
end

-- A wide table scrolls inside its own group, which the keyboard can reach.
local function defilant(table)
  if #table.colspecs <= 4 then return table end
  local titre = echapper(stringify(table.caption.long))
  return pandoc.Blocks {
    html('<div class="defilant" role="group" tabindex="0" aria-label="' .. titre .. '">'),
    table,
    html("</div>"),
  }
end

local function donnees(bloc)
  return pandoc.Blocks { html('<details class="donnees" id="' .. bloc.identifier .. '"><summary>Données du graphique</summary>') }
    .. bloc.content:map(function(partie) return partie end)
    .. pandoc.Blocks { html("</details>") }
end

local function illustration(bloc)
  local figure, suite = bloc.content[1], pandoc.Blocks {}
  local titre = pandoc.utils.blocks_to_inlines(figure.caption.long)
  local image = figure.content[1].content[1]
  image.src = adresse(image.src)
  suite:insert(html('<figure id="' .. bloc.identifier .. '" role="figure" aria-label="' .. echapper(stringify(titre)) .. '"><figcaption>'))
  suite:insert(pandoc.Plain(titre))
  suite:insert(html("</figcaption>"))
  suite:insert(pandoc.Plain { image })
  for rang = 2, #bloc.content do
    local partie = bloc.content[rang]
    if est(partie, "donnees") then suite:extend(donnees(partie)) else suite:insert(partie) end
  end
  suite:insert(html("</figure>"))
  return suite
end

local function boite(bloc)
  if bloc.identifier == "donnees-graphiques" then return {} end
  if est(bloc, "illustration") then return illustration(bloc) end
  if est(bloc, "chiffres") then bloc.attributes.role = "list" end
  if est(bloc, "chiffre") then bloc.attributes.role = "listitem" end
  for _, classe in ipairs(boites) do
    if est(bloc, classe) then bloc.attributes.role = "note" end
  end
  return bloc
end

return {
  {
    Header = function(titre)
      titre.level = titre.level + 1
      return titre
    end,
    Link = function(lien)
      if lien.target:match("^#indicateur%-") then lien.classes:insert("renvoi") end
      return lien
    end,
    Table = tableau,
  },
  { Table = defilant },
  { Div = boite },
}

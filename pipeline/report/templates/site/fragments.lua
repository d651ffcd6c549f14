-- A piece of the report's Markdown, for a page of the web edition: the first column of a table heads its rows,
-- a table without headers is a list of rubrics, a card or a chapter is a page.

local function vide(ligne)
  return pandoc.utils.stringify(ligne):match("^%s*$") ~= nil
end

local function sans_entete(table)
  for _, ligne in ipairs(table.head.rows) do
    for _, cellule in ipairs(ligne.cells) do
      if not vide(cellule.contents) then return false end
    end
  end
  return true
end

local function rubriques(table)
  local liste = {}
  for _, corps in ipairs(table.bodies) do
    for _, ligne in ipairs(corps.body) do
      local terme = pandoc.utils.blocks_to_inlines(ligne.cells[1].contents)
      liste[#liste + 1] = { terme, { ligne.cells[2].contents } }
    end
  end
  return pandoc.DefinitionList(liste)
end

-- The policy of the pages refuses styles written on elements: a number is on the right by its class.
local function aligner(lignes, colonnes)
  for _, ligne in ipairs(lignes) do
    for rang, cellule in ipairs(ligne.cells) do
      if colonnes[rang][1] == "AlignRight" then cellule.classes:insert("nombre") end
    end
  end
end

-- html.lua lets a table of more than four columns scroll; on a telephone, fewer are already too many.
local function defilant(table)
  local titre = pandoc.utils.stringify(table.caption.long):gsub("[&<\"]", { ["&"] = "&amp;", ["<"] = "&lt;", ['"'] = "&quot;" })
  return pandoc.Blocks {
    pandoc.RawBlock("html", '<div class="defilant" role="group" tabindex="0" aria-label="' .. titre .. '">'),
    table,
    pandoc.RawBlock("html", "</div>"),
  }
end

return {
  {
    Link = function(lien)
      local id = lien.target:match("^#indicateur%-(.+)$")
      if id then
        lien.target = "indicateur-" .. id .. ".html"
        lien.classes:insert("renvoi")
      end
      return lien
    end,
    Table = function(table)
      if sans_entete(table) then return rubriques(table) end
      for _, corps in ipairs(table.bodies) do
        corps.row_head_columns = 1
        aligner(corps.body, table.colspecs)
      end
      aligner(table.head.rows, table.colspecs)
      for rang in ipairs(table.colspecs) do table.colspecs[rang] = { "AlignDefault", nil } end
      return #table.colspecs > 4 and table or defilant(table)
    end,
  },
}

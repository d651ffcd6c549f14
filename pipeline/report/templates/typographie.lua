-- French spaces: a sign that follows a space stays on the line of the word before it, and a quotation with its marks.
-- The same rule as `francais.insecables`, which writes the site and the deck.

local insecable, fine = "\u{a0}", "\u{202f}"
local avant = { [":"] = insecable, ["%"] = insecable, [";"] = fine, ["!"] = fine, ["?"] = fine }

local function espace(precedent, suivant)
  if precedent and precedent.t == "Str" and precedent.text:sub(-2) == "«" then return insecable end
  if not suivant or suivant.t ~= "Str" then return nil end
  if suivant.text:sub(1, 2) == "»" then return insecable end
  return avant[suivant.text:sub(1, 1)]
end

local function relier(textes)
  for rang, element in ipairs(textes) do
    if element.t == "Space" or element.t == "SoftBreak" then
      local signe = espace(textes[rang - 1], textes[rang + 1])
      if signe then textes[rang] = pandoc.Str(signe) end
    end
  end
  return textes
end

return { { Inlines = relier } }

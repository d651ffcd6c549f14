"""From published figures to what people read: numbers, sentences, tables, charts, documents."""

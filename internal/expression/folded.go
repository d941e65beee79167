package expression

// Folded is a text as keywords and fold() see it: full-width letters, capitals,
// look-alikes, hidden characters and the blanks between Chinese ones are evened out.
func Folded(s string) string { return folder.String(s) }

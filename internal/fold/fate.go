package fold

// Fate says what may become of a character, wherever in a text it stands.
type Fate uint8

// The fates of a character. A folded text has nothing but what becomes of the
// characters of the text, in their order.
const (
	Stays    Fate = iota // what it becomes stands in the folded text
	MayStay              // so, or nothing does
	MayBlank             // one blank stands for it and others like it beside it, or nothing
	Goes                 // nothing does
)

// Fate says what r becomes, and whether that stays. A byte that is no UTF-8 fares
// as U+FFFD does.
func (f *Folder) Fate(r rune) (to rune, fate Fate) {
	m, _ := f.at(string(r), 0)
	switch m.class {
	case dropped:
		return 0, Goes
	case separator:
		return ' ', MayBlank
	case mark:
		return m.r, MayStay
	default:
		return m.r, Stays
	}
}

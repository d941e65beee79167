package rule

import (
	"maps"
	"slices"
)

// group makes the chat one that the scope asks for: of that owner, that large, with
// that label.
func (e *exampler) group(s *scope) {
	if p, ok := e.plain(s.accounts); ok {
		e.ev.Account = p
	}
	if p, ok := e.plain(s.members); ok {
		e.ev.Sender.ID = p
	}
	e.ev.Chat.Known = true
	if p, ok := e.plain(s.owners); ok {
		e.ev.Chat.Owner = p
	}
	if s.size != nil {
		e.ev.Chat.Size = max(s.size.min, min(s.size.max, 100))
	}
	if len(s.labels) > 0 {
		l := s.labels[e.IntN(len(s.labels))]
		if ids := slices.Sorted(maps.Keys(l.exact)); len(ids) > 0 {
			e.chat(ids[e.IntN(len(ids))])
		} else {
			e.ev.Chat.Labels = []string{l.name}
		}
	}
}

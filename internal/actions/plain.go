package actions

// Plain is what a step does alike for every event, for those who compare rules with
// each other before anything happened.
type Plain struct {
	Says    string   // the text of a `reply` in the chat, as written; "" = it is no reply
	Fixed   bool     // Says has no expression in it
	Emits   string   // the name of the event that an `emit` makes
	Adds    []string // the tags that a `tag` gives to whom the event is about
	Removes []string // the tags that it takes away
}

// Plainly says what the step does whatever the event is; of most actions that is
// nothing.
func Plainly(step Bound) Plain {
	switch b := step.(type) {
	case *bound[replyParams]:
		return Plain{Says: b.params.Text.written(), Fixed: b.params.Text.fixed()}
	case *bound[emitParams]:
		return Plain{Emits: b.params.Name.text}
	case *bound[tagParams]:
		if !b.params.User.Given() {
			return Plain{Adds: b.params.Add.literals(), Removes: b.params.Remove.literals()}
		}
	}
	return Plain{}
}

// written is the source of the text.
func (t Text) written() string {
	if t.template == nil {
		return ""
	}
	return t.template.Text()
}

func (t Text) fixed() bool {
	_, ok := t.Literal()
	return ok
}

// literals are those of the texts that have no expression in them.
func (t Texts) literals() []string {
	var out []string
	for _, one := range t.list {
		if text, ok := one.Literal(); ok {
			out = append(out, text)
		}
	}
	return out
}

package ruletest

// anyChat gives every name that a `notify` step writes a group of that name: what
// the configuration calls it is nothing that rules could be tested for.
type anyChat struct{}

// StaffChat implements actions.StaffChats.
func (anyChat) StaffChat(name string) (robot, chat string, ok bool) {
	return "", "R:" + idOf(name), true
}

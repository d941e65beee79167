package actions

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/command"
	"botengine/internal/diag"
)

// YesNo is true or false; false when it was not written.
type YesNo struct{ yes bool }

func (*YesNo) kind() Kind { return KindYesNo }

func (y *YesNo) read(n *yaml.Node, b *Binder) {
	source, ok := b.scalar(n)
	if !ok {
		return
	}
	if source != "true" && source != "false" {
		b.fail(n, "BE107", diag.T("这里写 `true` 或 `false`", "this is `true` or `false`"), diag.Text{})
		return
	}
	y.yes = source == "true"
}

// words is a closed list of words.
type words interface{ words() []string }

// Choice is one word of W's list; "" when it was not written.
type Choice[W words] struct{ word string }

func (*Choice[W]) kind() Kind { return KindChoice }

func (*Choice[W]) choices() []string {
	var w W
	return w.words()
}

func (c *Choice[W]) read(n *yaml.Node, b *Binder) {
	source, ok := b.scalar(n)
	if !ok {
		return
	}
	if !slices.Contains(c.choices(), source) {
		b.fail(n, "BE107", diag.T("不认识 `%s`", "`%s` is not known here", source), diag.Suggestion(source, c.choices()))
		return
	}
	c.word = source
}

// Choices are several words of W's list; one alone will do.
type Choices[W words] struct{ list []string }

func (*Choices[W]) kind() Kind { return KindChoices }

func (*Choices[W]) choices() []string { return (&Choice[W]{}).choices() }

func (c *Choices[W]) read(n *yaml.Node, b *Binder) {
	for _, item := range items(n, b) {
		var one Choice[W]
		one.read(resolve(item), b)
		if one.word != "" && !slices.Contains(c.list, one.word) {
			c.list = append(c.list, one.word)
		}
	}
}

// Count is a whole number from 1 on; 0 when it was not written.
type Count struct{ n int }

func (*Count) kind() Kind { return KindCount }

// countForm is a number of at most four digits.
var countForm = regexp.MustCompile(`^[1-9][0-9]{0,3}$`)

func (c *Count) read(n *yaml.Node, b *Binder) {
	source, ok := b.scalar(n)
	if !ok {
		return
	}
	if !countForm.MatchString(source) {
		b.fail(n, "BE304", diag.T("`%s` 不是 1 到 9999 的整数", "`%s` is no whole number from 1 to 9999", source), diag.Text{})
		return
	}
	c.n, _ = strconv.Atoi(source) // the form is checked
}

// The words of `delivery`.
const (
	atMostOnce  = "at_most_once"
	atLeastOnce = "at_least_once"
)

type deliveryWords struct{}

func (deliveryWords) words() []string { return []string{atMostOnce, atLeastOnce} }

// Delivery says what may be done with a command that nobody can tell the fate of.
type Delivery = Choice[deliveryWords]

// classFor is the class of a command that cannot be verified: sent at most once,
// unless the rule says that twice is better than never.
func classFor(d Delivery) command.Class {
	if d.word == atLeastOnce {
		return command.Idempotent
	}
	return command.Unverifiable
}

// list shows the words of a choice in the documentation.
func listed(choices []string) string { return "`" + strings.Join(choices, "`, `") + "`" }

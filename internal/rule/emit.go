package rule

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/event"
)

// emitPrefix begins the triggers that are events of `emit` steps.
const emitPrefix = "emit."

// emitTrigger reads `emit.NAME`.
func (b *builder) emitTrigger(n *yaml.Node, word string) (Trigger, bool) {
	name := strings.TrimPrefix(word, emitPrefix)
	if !actions.IsEmitName(name) {
		b.fail(n, "BE106", diag.T("事件名称 `%s` 写法不对", "bad name of an event: `%s`", name),
			diag.T("用文字、数字、`_` 和 `-`，最多 50 个，例如 `emit.报名成功`", "letters, digits, `_` and `-`, at most 50, such as `emit.signed_up`"))
		return Trigger{}, false
	}
	return Trigger{Name: word, Kinds: []event.Kind{event.Emitted}, Emit: name}, true
}

// Listens reports whether any rule that is switched on listens to events of the
// kind.
func (s *Set) Listens(k event.Kind) bool { return s.index != nil && s.index.listen[k].bit != 0 }

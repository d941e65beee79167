package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"botengine/internal/event"
)

// A node is a step of a random program. It is written as a rule has it, and done
// as a reader of the rule would do it: step by step, block by block.
type node struct {
	kind   string
	name   string
	when   *modulo
	cond   modulo
	times  int
	blocks [][]node
	onErr  string // "", continue or steps
	rescue []node
}

// modulo is the condition global.n % of == is.
type modulo struct{ of, is int }

func (m modulo) text() string { return fmt.Sprintf("int(global.n ?? 0) %% %d == %d", m.of, m.is) }

func (m modulo) holds(n int) bool { return n%m.of == m.is }

// draw makes a list of steps.
func drawBlock(rt *rapid.T, depth int, count *int) []node {
	var out []node
	for range rapid.IntRange(1, 3).Draw(rt, "steps") {
		out = append(out, drawNode(rt, depth, count))
	}
	return out
}

func drawModulo(rt *rapid.T) modulo {
	of := rapid.IntRange(1, 3).Draw(rt, "of")
	return modulo{of, rapid.IntRange(0, of-1).Draw(rt, "is")}
}

func drawNode(rt *rapid.T, depth int, count *int) node {
	*count++
	kinds := []string{"log", "count", "send", "fail", "delay", "stop"}
	if depth > 0 {
		kinds = []string{"log", "count", "send", "fail", "delay", "stop", "if", "choose", "times", "while", "each", "fail", "if", "times"}
	}
	n := node{kind: rapid.SampledFrom(kinds).Draw(rt, "kind"), name: fmt.Sprintf("s%d", *count), times: rapid.IntRange(1, 3).Draw(rt, "times"), cond: drawModulo(rt)}
	if rapid.IntRange(0, 3).Draw(rt, "when") == 0 {
		m := drawModulo(rt)
		n.when = &m
	}
	blocks := map[string]int{"if": 2, "choose": 3, "times": 1, "while": 1, "each": 1}[n.kind]
	for range blocks {
		n.blocks = append(n.blocks, drawBlock(rt, depth-1, count))
	}
	if n.kind == "fail" {
		n.onErr = rapid.SampledFrom([]string{"", "continue", "steps"}).Draw(rt, "on_error")
		if depth == 0 && n.onErr == "steps" {
			n.onErr = "continue"
		}
		if n.onErr == "steps" {
			n.rescue = drawBlock(rt, depth-1, count)
		}
	}
	return n
}

// written is the step as a rule has it.
func (n *node) written() map[string]any {
	s := map[string]any{}
	switch n.kind {
	case "log":
		s["log"] = n.name
	case "count":
		s["set"] = map[string]any{"global.n": "{{int(global.n ?? 0) + 1}}"}
	case "send", "fail":
		s["command"] = map[string]any{"type": "robot." + n.kind + "." + n.name}
	case "delay":
		s["delay"] = "1s"
	case "stop":
		s["stop"] = n.name
	case "if":
		s["if"], s["then"], s["else"] = n.cond.text(), writtenBlock(n.blocks[0]), writtenBlock(n.blocks[1])
	case "choose":
		var options []any
		for i, b := range n.blocks {
			weight := 0
			if i == n.times-1 {
				weight = 5
			}
			options = append(options, map[string]any{"weight": weight, "do": writtenBlock(b)})
		}
		s["choose"] = options
	case "times":
		s["repeat"], s["do"] = n.times, writtenBlock(n.blocks[0])
	case "while":
		s["repeat"], s["do"] = map[string]any{"times": n.times, "while": n.cond.text()}, writtenBlock(n.blocks[0])
	case "each":
		list := strings.TrimSuffix(strings.Repeat("x,", n.times), ",")
		s["repeat"], s["do"] = map[string]any{"each": fmt.Sprintf("split(%q, \",\")", list), "as": "one_" + n.name}, writtenBlock(n.blocks[0])
	}
	if n.when != nil {
		s["when"] = n.when.text()
	}
	switch n.onErr {
	case "continue":
		s["on_error"] = "continue"
	case "steps":
		s["on_error"] = writtenBlock(n.rescue)
	}
	return s
}

func writtenBlock(nodes []node) []any {
	var out []any
	for i := range nodes {
		out = append(out, nodes[i].written())
	}
	return out
}

// reader does a program and notes what it says and sends.
type reader struct {
	n     int
	trace []string
}

// do says whether the run goes on.
func (v *reader) do(nodes []node) bool {
	for i := range nodes {
		if !v.one(&nodes[i]) {
			return false
		}
	}
	return true
}

func (v *reader) one(n *node) bool {
	if n.when != nil && !n.when.holds(v.n) {
		return true
	}
	switch n.kind {
	case "log":
		v.trace = append(v.trace, n.name)
	case "count":
		v.n++
	case "send":
		v.trace = append(v.trace, "robot.send."+n.name)
	case "fail":
		v.trace = append(v.trace, "robot.fail."+n.name)
		switch n.onErr {
		case "":
			return false
		case "steps":
			return v.do(n.rescue)
		}
	case "stop":
		return false
	case "if":
		if n.cond.holds(v.n) {
			return v.do(n.blocks[0])
		}
		return v.do(n.blocks[1])
	case "choose":
		return v.do(n.blocks[n.times-1])
	case "times", "while", "each":
		for range n.times {
			if n.kind == "while" && !n.cond.holds(v.n) {
				return true
			}
			if !v.do(n.blocks[0]) {
				return false
			}
		}
	}
	return true
}

// TestAProgramDoesWhatItsBlocksSay compares the flat program, over every wait and
// with its data stored in between, with a reader who does the blocks as written.
func TestAProgramDoesWhatItsBlocksSay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		count := 0
		program := drawBlock(rt, 3, &count)
		text, err := json.Marshal(writtenBlock(program))
		if err != nil {
			rt.Fatal(err)
		}
		var want reader
		want.do(program)
		got := lived(t, "rules: [{id: a, on: message.text, when: true, loop_guard: off, do: "+string(text)+"}]")
		if !slices.Equal(want.trace, got) {
			rt.Fatalf("%s\ngot  %v\nwant %v", text, got, want.trace)
		}
	})
}

// lived has a message come, and everything end that waits: commands as their name
// says, delays by time. It returns what was said and sent, and holds that no
// message id comes twice.
func lived(t *testing.T, rules string) (trace []string) {
	w := newWorld(t, rules)
	ids := map[string]bool{}
	note := func(d Decision) {
		for _, l := range d.Logs {
			if !l.Problem {
				trace = append(trace, l.Text)
			}
		}
		for _, c := range d.Commands {
			if trace = append(trace, c.Type); ids[c.MessageID] {
				t.Fatalf("%s: message id %s comes twice", c.Type, c.MessageID)
			}
			ids[c.MessageID] = true
		}
	}
	note(w.handle(w.says("张三", "退款")))
	for len(w.past.runs) > 0 {
		w.now = w.now.Add(time.Second)
		switch due := w.due(); {
		case len(w.open) > 0:
			code := event.CodeOK
			if strings.HasPrefix(w.open[0].Type, "robot.fail.") {
				code = "7"
			}
			note(w.handle(w.result(w.open[0], code, "", nil)))
		case len(due) > 0:
			note(w.handle(w.timer(due[0])))
		default:
			t.Fatalf("a run waits for nothing: %v", w.past.runs)
		}
	}
	return trace
}

package rule

import (
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/expression"
)

// controlWords are the steps that say how the run goes on, rather than what is
// done.
var controlWords = []string{"if", "choose", "repeat", "stop", "wait_for"}

// companions are the keys that stand beside such a step, and of which.
var companions = map[string]string{"then": "if", "else": "if", "do": "repeat", "sticky": "choose"}

// owedWords are the keys that such a step can't be without.
var owedWords = map[string]string{"if": "then", "repeat": "do"}

func companionWords() []string { return []string{"then", "else", "do", "sticky"} }

// read reads one step that has the path; its blocks are returned for later.
func (p *program) read(n *yaml.Node, path string, opts *expression.Options) (s Step, blocks []inside) {
	s = Step{ID: path, Path: path, OnError: Stop, Line: n.Line}
	if n.Kind == yaml.ScalarNode && !isNull(n) {
		switch n.Value {
		case string(OpStop):
			s.Op = OpStop
		case string(OpWait):
			s.Op = OpWait
			p.readWait(field{n, &yaml.Node{}}, &s, opts)
		default:
			s.Action = p.bareAction(n, p.rule, opts)
		}
		return s, nil
	}
	pairs, ok := p.pairs(n, stepForm)
	if !ok {
		return s, nil
	}
	w := written{beside: map[string]field{}}
	for _, f := range pairs {
		p.sort(f, &w, &s, opts)
	}
	switch {
	case len(w.acts) > 1:
		p.fail(w.acts[1].key, "BE306", diag.T("一个步骤只能有一个动作，这里有 `%s` 和 `%s`", "a step has one action, here are `%s` and `%s`", w.acts[0].key.Value, w.acts[1].key.Value),
			diag.T("每个动作前面加「- 」，写成两步", "put `- ` before each: two steps"))
	case len(w.acts) == 0 && len(w.beside) > 0:
		p.alone(w)
	case len(w.acts) == 0 && !w.unknown:
		p.fail(n, "BE307", diag.T("这个步骤没有动作", "this step has no action"), diag.T("写上要做什么，例如 `reply: 您好`", "say what to do, such as `reply: 您好`"))
	case len(w.acts) == 1:
		blocks = p.act(w, &s, opts)
	}
	if w.verify != nil {
		p.checkVerify(w.verify, &s)
	}
	if w.rescue != nil && s.OnError == Rescued {
		blocks = append(blocks, inside{block: block{node: w.rescue, word: "on_error", path: path + ".on_error."}, slot: slotRescue})
	}
	return s, blocks
}

// written is what a step is written with.
type written struct {
	acts    []field          // what it does; one, if all is well
	beside  map[string]field // what belongs to a control step
	verify  *yaml.Node       // the key of that name
	rescue  *yaml.Node       // the steps of `on_error`
	unknown bool             // something nobody knows is there
}

// sort puts one key of a step where it belongs.
func (p *program) sort(f field, w *written, s *Step, opts *expression.Options) {
	name := f.key.Value
	_, isCompanion := companions[name]
	switch {
	case slices.Contains(commonKeys, name):
		p.common(s, f, opts)
		if name == "verify" {
			w.verify = f.key
		}
		if name == "on_error" && f.value.Kind == yaml.SequenceNode {
			w.rescue = f.value
		}
	case isCompanion:
		w.beside[name] = f
	case isAction(name), slices.Contains(controlWords, name):
		w.acts = append(w.acts, f)
	default:
		p.unknownAction(f.key)
		w.unknown = true
	}
}

// alone is the finding on keys that belong to a control step which is not there.
func (p *program) alone(w written) {
	for _, name := range companionWords() {
		if f, ok := w.beside[name]; ok {
			p.fail(f.key, "BE309", diag.T("`%s` 要和 `%s` 写在同一步里", "`%s` belongs to an `%s` in the same step", name, companions[name]),
				controlHints[companions[name]])
			return
		}
	}
}

// controlHints show what the control steps look like.
var controlHints = map[string]diag.Text{
	"if":     diag.T("写成 `- if: 条件`，下一行对齐写 `then: [步骤]`", "write `- if: condition` and, below `if`, `then: [steps]`"),
	"choose": diag.T("写成 `- choose: [{weight: 70, do: [步骤]}, {weight: 30, do: [步骤]}]`", "write `- choose: [{weight: 70, do: [steps]}, {weight: 30, do: [steps]}]`"),
	"repeat": diag.T("写成 `- repeat: 3`，下一行对齐写 `do: [步骤]`", "write `- repeat: 3` and, below `repeat`, `do: [steps]`"),
}

// act reads what the step does.
func (p *program) act(w written, s *Step, opts *expression.Options) []inside {
	f := w.acts[0]
	name := f.key.Value
	for _, beside := range companionWords() {
		if c, ok := w.beside[beside]; ok && companions[beside] != name {
			if name == string(OpIf) && beside == "do" {
				p.fail(c.key, "BE309", diag.T("`if` 旁边写 `then`，不写 `do`", "beside `if` it is `then`, not `do`"), diag.T("把 `do` 改成 `then`", "write `then` for `do`"))
				continue
			}
			p.fail(c.key, "BE309", diag.T("`%s` 旁边不能写 `%s`", "`%[2]s` can't stand beside `%[1]s`", name, beside), controlHints[companions[beside]])
		}
	}
	if s.Op = Op(name); !slices.Contains(controlWords, name) {
		s.Op = OpAction
		s.Action = p.bind(f, p.rule, opts)
		return nil
	}
	if s.Retry != nil {
		p.fail(f.key, "BE309", diag.T("`%s` 旁边不能写 `retry`", "`retry` can't stand beside `%s`", name), timeoutHint(""))
	}
	if s.Timeout > 0 {
		p.fail(f.key, "BE309", diag.T("`%s` 旁边不能写 `timeout`", "`timeout` can't stand beside `%s`", name), timeoutHint(name))
	}
	switch s.Op {
	case OpIf:
		return p.readIf(f, w, s, opts)
	case OpChoose:
		return p.readChoose(f, w, s)
	case OpRepeat:
		return p.readRepeat(f, w, s, opts)
	case OpWait:
		return p.readWait(f, s, opts)
	default:
		p.readStop(f, s)
		return nil
	}
}

// timeoutHint says where the timeout of a control step belongs.
func timeoutHint(name string) diag.Text {
	if name == string(OpWait) {
		return diag.T("写在里面：`wait_for: {timeout: 10m}`", "write it inside: `wait_for: {timeout: 10m}`")
	}
	return diag.T("写在里面的步骤上", "put it on the steps inside")
}

// readIf reads `if`, with `then` and `else` beside it.
func (p *program) readIf(f field, w written, s *Step, opts *expression.Options) []inside {
	s.Targets = []int{End, End}
	if isNull(f.value) {
		p.empty(f.key)
	} else {
		s.Cond = p.condition(f.value, opts)
	}
	var blocks []inside
	if then, ok := p.companion(w, "then"); ok {
		blocks = append(blocks, inside{block: block{node: then, word: "then", path: s.Path + ".then."}, slot: 0})
	} else if !w.has("then", "do") && !p.thenInside(f.value) && valueOf(p.next, "then") == nil { // that has its own finding
		p.fail(f.key, "BE103", diag.T("缺少 `then`", "`then` is missing"), controlHints["if"])
	}
	if other, ok := p.companion(w, "else"); ok {
		blocks = append(blocks, inside{block: block{node: other, word: "else", path: s.Path + ".else."}, slot: 1})
	}
	return blocks
}

// companion is the value of a key beside a control step, if there is one.
func (p *program) companion(w written, name string) (*yaml.Node, bool) {
	f, ok := w.beside[name]
	if ok && isNull(f.value) {
		p.empty(f.key)
		return nil, false
	}
	return f.value, ok
}

// readStop reads `stop`, perhaps with a reason.
func (p *program) readStop(f field, s *Step) {
	switch n := f.value; {
	case isNull(n), n.Kind == yaml.ScalarNode && n.Style == 0 && n.Value == "true":
	default:
		s.Reason, _ = p.text(n)
	}
}

// readChoose reads `choose`, with `sticky` beside it.
func (p *program) readChoose(f field, w written, s *Step) []inside {
	s.Choice = &Choice{}
	if n, ok := p.companion(w, "sticky"); ok {
		s.Choice.Sticky, _ = p.choice(n, choicesOf("step", "sticky"))
	}
	if f.value.Kind != yaml.SequenceNode {
		p.fail(f.value, "BE104", diag.T("`choose` 要写成列表", "`choose` is a list"), controlHints["choose"])
		s.Targets = []int{End} // what follows is no dead end because of that
		return nil
	}
	if len(f.value.Content) < 2 {
		p.fail(f.value, "BE125", diag.T("`choose` 至少要有两个选项", "`choose` needs two options at least"), controlHints["choose"])
	}
	var blocks []inside
	for i, n := range f.value.Content {
		if in, ok := p.readOption(n, i, s); ok {
			blocks = append(blocks, in)
		}
	}
	if !slices.ContainsFunc(s.Choice.Options, func(o Option) bool { return o.Weight > 0 }) && len(f.value.Content) >= 2 {
		p.fail(f.value, "BE126", diag.T("所有选项的 `weight` 都是 0", "all options have the weight 0"), controlHints["choose"])
	}
	s.Targets = make([]int, len(s.Choice.Options))
	for i := range s.Targets {
		s.Targets[i] = End
	}
	return blocks
}

var optionForm = form{diag.T("`choose` 的选项", "an option of `choose`"), example("{weight: 70, do: [{reply: 您好}]}")}

// maxWeight bounds the weight of an option.
const maxWeight = 1_000_000

// readOption reads one option; ok says that it has steps.
func (p *program) readOption(n *yaml.Node, i int, s *Step) (in inside, ok bool) {
	f, _ := p.fields(n, optionForm, keysOf("choose"))
	o := Option{Name: strconv.Itoa(i + 1), Weight: 1}
	if w := f.get("weight"); w != nil {
		if o.Weight = p.integer(w, 0, maxWeight); !isWhole(w) {
			o.Weight = 1 // any but 0; what it is has its finding
		}
	}
	if name := f.get("name"); name != nil {
		o.Name, _ = p.text(name)
	}
	for _, before := range s.Choice.Options {
		if before.Name == o.Name {
			p.fail(f.key("name"), "BE108", diag.T("选项 `%s` 写了两次", "option `%s` is there twice", o.Name), diag.T("换一个名字", "take another name"))
		}
	}
	s.Choice.Options = append(s.Choice.Options, o)
	do := f.get("do")
	if do == nil {
		if n.Kind == yaml.MappingNode {
			p.missing(f, "do", controlHints["choose"])
		}
		return inside{}, false
	}
	return inside{block: block{node: do, word: "do", path: s.Path + ".option" + strconv.Itoa(i+1) + "."}, slot: i}, true
}

var repeatForm = formOf("repeat", "repeat: {times: 3}")

// readRepeat reads `repeat`, with `do` beside it.
func (p *program) readRepeat(f field, w written, s *Step, opts *expression.Options) []inside {
	s.Repeat, s.Targets = &Repeat{Max: MaxTurns}, []int{End}
	in := inside{slot: 0, loop: true, as: expression.ShapeNumber}
	switch n := f.value; {
	case isNull(n):
		p.empty(f.key)
	case n.Kind == yaml.ScalarNode:
		s.Repeat.Times = p.integer(n, 1, MaxTurns)
	default:
		p.readTurns(n, s, &in, opts)
	}
	do, ok := p.companion(w, "do")
	if !ok {
		if !w.has("do", "then") && valueOf(f.value, "do") == nil {
			p.fail(f.key, "BE103", diag.T("缺少 `do`", "`do` is missing"), controlHints["repeat"])
		}
		return nil
	}
	in.block = block{node: do, word: "do", path: s.Path + ".do."}
	return []inside{in}
}

// readTurns reads how often, how long, or over what it is repeated.
func (p *program) readTurns(n *yaml.Node, s *Step, in *inside, opts *expression.Options) {
	f, ok := p.fields(p.withoutSteps(n), repeatForm, keysOf("repeat"))
	times, while, each := f.get("times"), f.get("while"), f.get("each")
	if times != nil {
		s.Repeat.Times = p.integer(times, 1, MaxTurns)
	}
	if while != nil {
		in.after = func(s *Step, names *expression.Options) { s.Cond = p.condition(while, names) }
	}
	if each != nil {
		s.Repeat.Each, in.as = p.listValue(each, opts), expression.ShapeText
	}
	if m := f.get("max"); m != nil {
		if most := p.integer(m, 1, MaxTurns); s.Repeat.Times == 0 || most < s.Repeat.Times {
			s.Repeat.Times = most // who says how many are enough has no fault when they are not
		}
	}
	if as := f.get("as"); as != nil {
		in.name = p.newName(as, opts)
		s.Repeat.As = in.name
	}
	switch {
	case times != nil && each != nil:
		p.fail(f.key("each"), "BE309", diag.T("`times` 和 `each` 只能写一个", "either `times` or `each`"), diag.Text{})
	case ok && !f.written("times") && !f.written("while") && !f.written("each"):
		p.fail(n, "BE103", diag.T("`repeat` 没有说到什么时候为止", "`repeat` does not say when it ends"), diag.T("写 `times`（几次）、`each`（一个列表）或 `while`（条件）", "write `times`, `each` (a list) or `while` (a condition)"))
	}
}

// newName reads a name that only the block below knows something by.
func (p *program) newName(n *yaml.Node, opts *expression.Options) string {
	name, ok := p.text(n)
	if !ok {
		return ""
	}
	if problem, fine := expression.NameProblem(name, opts); !fine {
		p.problem(n, problem)
		return ""
	}
	return name
}

// listValue compiles an expression that gives a list of texts.
func (p *program) listValue(n *yaml.Node, opts *expression.Options) *expression.List {
	if _, ok := p.text(n); !ok {
		return nil
	}
	v, problems := expression.CompileList(p.source(n).text, opts)
	for _, problem := range problems {
		p.problem(n, problem)
	}
	return v
}

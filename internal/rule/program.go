package rule

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/expression"
)

// program is the building of a rule's program.
type program struct {
	*builder
	rule  *Rule
	ids   map[string]*yaml.Node // of the steps that have one of their own
	loops []int                 // the repeats around the steps that are being read
	depth int                   // of the block that is being read
	next  *yaml.Node            // the step behind the one that is read; nil = none
	full  bool                  // there are too many steps, and that was said
}

// exit is a place in the program that says where a run goes on: the Next of a
// step, its Rescue, or one of its Targets. It is open until what follows is there.
type exit struct {
	step, slot int
	soft       bool // no run takes it, unless the step fails
}

// The slots of a step that are no target.
const (
	slotNext   = -1
	slotRescue = -2
)

// compileBlock compiles a list of steps and adds it to the rule's program, where
// it ends the run when it is through. It returns where the block begins. The path
// tells its steps from those of other blocks of the rule; "" is that of `do`.
func (b *builder) compileBlock(r *Rule, n *yaml.Node, path string, base expression.Options) (entry int) {
	if r.ids == nil {
		r.ids = map[string]*yaml.Node{}
	}
	p := &program{builder: b, rule: r, ids: r.ids}
	entry = len(r.Steps)
	names := base
	open := p.block(block{node: n, word: cmp.Or(strings.TrimSuffix(path, "."), "do"), path: path}, &names, nil, true)
	p.close(open, End)
	return entry
}

// close lets the exits lead to a place.
func (p *program) close(open []exit, to int) {
	for _, e := range open {
		s := &p.rule.Steps[e.step]
		switch e.slot {
		case slotNext:
			s.Next = to
		case slotRescue:
			s.Rescue = to
		default:
			s.Targets[e.slot] = to
		}
	}
}

// block is a list of steps as it is written.
type block struct {
	node *yaml.Node
	word string // the key it stands under
	path string // what its steps' paths begin with
}

// block compiles a list of steps that the exits lead to, and returns its own. The
// names are those that its steps know; what they add is added to them. Steps that
// no run comes to get a warning.
func (p *program) block(bl block, names *expression.Options, from []exit, reached bool) []exit {
	for _, c := range p.listed(bl) {
		if reached && p.began(bl, c) && !slices.ContainsFunc(from, func(e exit) bool { return !e.soft }) {
			p.unreachable(c)
			reached = false
		}
		from = p.step(c, bl, names, from)
	}
	if !reached {
		for i := range from {
			from[i].soft = true
		}
	}
	return from
}

// listed are the entries of a list of steps.
func (p *program) listed(bl block) []*yaml.Node {
	n := bl.node
	switch {
	case n.Kind == yaml.ScalarNode:
		if _, ok := diag.NotAMapping(p.doc.path, n.Line, n.Column, n.Value); ok {
			p.notAMapping(n, stepForm)
			return nil
		}
		fallthrough
	case n.Kind != yaml.SequenceNode:
		p.fail(n, "BE104", diag.T("`%s` 要写成步骤的列表", "`%s` is a list of steps", bl.word), diag.T("每一步以「- 」开头，例如 `- reply: 您好`", "every step begins with `- `, such as `- reply: 您好`"))
		return nil
	case len(n.Content) == 0:
		p.fail(n, "BE125", diag.T("`%s` 里一个步骤也没有", "`%s` has no steps", bl.word), diag.T("至少写一步，例如 `- reply: 您好`", "write at least one, such as `- reply: 您好`"))
	}
	return n.Content
}

// began says whether the step is not the first of its block: only then a missing
// way to it is a step's doing.
func (p *program) began(bl block, step *yaml.Node) bool { return bl.node.Content[0] != step }

func (p *program) unreachable(n *yaml.Node) {
	p.warn(n, "BE412", diag.T("这一步永远轮不到：前面的步骤已经结束了执行", "no run comes to this step: the one before it ends the run"),
		diag.T("去掉它，或给前面的 `stop` 加上 `when`", "take it out, or give the `stop` before it a `when`"))
}

// step compiles one step, with the blocks inside it, and returns its exits.
func (p *program) step(n *yaml.Node, bl block, names *expression.Options, from []exit) []exit {
	at := len(p.rule.Steps)
	if at >= MaxSteps {
		p.tooMany(n)
		return nil
	}
	p.close(from, at)
	opts := *names
	opts.Steps, opts.Answers, opts.Found = slices.Clone(names.Steps), slices.Clone(names.Answers), maps.Clone(names.Found)
	place := slices.Index(bl.node.Content, n)
	path := bl.path + strconv.Itoa(1+place)
	if p.next = nil; place+1 < len(bl.node.Content) {
		p.next = bl.node.Content[place+1]
	}
	s, inner := p.read(n, path, &opts)
	s.Next, s.Loops = End, slices.Clone(p.loops)
	p.rule.Steps = append(p.rule.Steps, s)
	if s.ID != path {
		p.uniqueStep(s.ID, n, p.ids)
	}
	names.Steps = append(slices.Clone(names.Steps), s.ID)
	if s.Op == OpWait {
		names.Answers = append(slices.Clone(names.Answers), s.ID)
	}
	names.Found = withFound(names.Found, s, n)
	return p.inner(at, inner, names)
}

func (p *program) tooMany(n *yaml.Node) {
	if !p.full {
		p.fail(n, "BE126", diag.T("步骤太多：一条规则最多 %d 步", "too many steps: a rule has at most %d", MaxSteps), diag.T("分成几条规则", "make several rules of it"))
	}
	p.full = true
}

// inside is a block within a step, and the slot that leads to it.
type inside struct {
	block
	slot  int
	loop  bool                                     // its end leads back to the step
	ends  bool                                     // its end ends the run
	as    expression.Shape                         // of the name that only this block knows
	name  string                                   // that name; "" = none
	after func(s *Step, names *expression.Options) // reads what of the step knows the names of the block; may be nil
}

// inner compiles the blocks within the step at that place and returns the exits of
// it all.
func (p *program) inner(at int, blocks []inside, names *expression.Options) []exit {
	open := p.ownExits(at, blocks)
	if len(blocks) == 0 {
		return open
	}
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > MaxNest {
		p.fail(blocks[0].node, "BE126", diag.T("步骤嵌套太深：最多 %d 层", "nested too deep: at most %d levels", MaxNest), diag.T("把里面的步骤移到外面，或用 `emit` 交给另一条规则", "move steps out, or hand over to another rule by `emit`"))
		return open
	}
	before := *names
	for _, in := range blocks {
		own := before
		if in.name != "" {
			own.Found = maps.Clone(before.Found)
			if own.Found == nil {
				own.Found = map[string]expression.Shape{}
			}
			own.Found[in.name] = in.as
		}
		ends := p.nested(at, in, &own)
		switch {
		case in.loop:
			p.close(ends, at)
		case in.ends:
			p.close(ends, End)
		default:
			open = append(open, ends...)
		}
		if in.after != nil {
			in.after(&p.rule.Steps[at], &own)
		}
		merge(names, &own, in.name)
	}
	return open
}

// nested compiles one block within the step at that place.
func (p *program) nested(at int, in inside, names *expression.Options) []exit {
	if in.loop {
		p.loops = append(p.loops, at)
		defer func() { p.loops = p.loops[:len(p.loops)-1] }()
	}
	return p.block(in.block, names, []exit{{step: at, slot: in.slot}}, true)
}

// ownExits are the ways on from a step that lead into none of its blocks.
func (p *program) ownExits(at int, blocks []inside) []exit {
	s := &p.rule.Steps[at]
	var open []exit
	for slot := range s.Targets {
		if !slices.ContainsFunc(blocks, func(in inside) bool { return in.slot == slot }) {
			open = append(open, exit{step: at, slot: slot})
		}
	}
	return append(open, exit{step: at, slot: slotNext, soft: !s.goesOn()})
}

// goesOn says whether a run may come from the step itself to what follows it.
func (s *Step) goesOn() bool {
	if s.When != nil {
		return true
	}
	leads := s.Op == OpIf || s.Op == OpChoose // always into one of its blocks, unless it fails
	return s.Op != OpStop && (!leads || s.OnError == Continue)
}

// merge adds the names that a block made to those around it: later steps may ask
// for them, whether or not a run came through the block.
func merge(names, of *expression.Options, except string) {
	for _, id := range of.Steps {
		if !slices.Contains(names.Steps, id) {
			names.Steps = append(names.Steps, id)
		}
	}
	for _, id := range of.Answers {
		if !slices.Contains(names.Answers, id) {
			names.Answers = append(names.Answers, id)
		}
	}
	found := map[string]expression.Shape{}
	maps.Copy(found, of.Found)
	maps.DeleteFunc(found, func(name string, _ expression.Shape) bool { return name == except })
	maps.Copy(found, names.Found)
	names.Found = found
}

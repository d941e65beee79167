package actions

import (
	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// part is the struct of a parameter that has parameters of its own.
type part interface {
	// label is the name by which findings know it.
	label() string
	// check is what the types cannot say.
	check() []fault
}

// Object is a parameter that has parameters of its own.
type Object[P part] struct{ p *P }

func (*Object[P]) kind() Kind { return KindObject }

func (*Object[P]) inner() []Param { return shapeOf[P]("").params }

// Given reports whether the parameter was written.
func (o Object[P]) Given() bool { return o.p != nil }

func (o *Object[P]) read(n *yaml.Node, b *Binder) {
	if n.Kind != yaml.MappingNode {
		b.fail(n, "BE104", diag.T("这里要写成一组键和值", "this takes keys with values"), diag.Text{})
		return
	}
	before := b.errors()
	o.p = new(P)
	label := (*o.p).label()
	nodes := b.decode(label, shapeOf[P](""), n, o.p)
	if b.errors() > before {
		return
	}
	b.faults((*o.p).check(), n, nodes)
}

// Objects is a list of them; one alone will do.
type Objects[P part] struct{ list []*P }

func (*Objects[P]) kind() Kind { return KindObjects }

func (*Objects[P]) inner() []Param { return shapeOf[P]("").params }

func (o *Objects[P]) read(n *yaml.Node, b *Binder) {
	for _, item := range items(n, b) {
		var one Object[P]
		one.read(resolve(item), b)
		if one.Given() {
			o.list = append(o.list, one.p)
		}
	}
}

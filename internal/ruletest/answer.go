package ruletest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// asJSON writes a piece of a test file as JSON, numbers digit by digit.
func asJSON(n *yaml.Node) ([]byte, error) {
	var out bytes.Buffer
	if err := writeJSON(&out, n); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func writeJSON(out *bytes.Buffer, n *yaml.Node) error {
	switch n.Kind {
	case 0:
		out.WriteString("{}")
		return nil
	case yaml.ScalarNode:
		return writeScalar(out, n)
	case yaml.SequenceNode:
		return writeList(out, n, '[', ']', 1)
	case yaml.MappingNode:
		return writeList(out, n, '{', '}', 2)
	default:
		return fmt.Errorf("line %d: YAML aliases are not taken here", n.Line)
	}
}

// writeList writes a list, or with keys and values in turn an object.
func writeList(out *bytes.Buffer, n *yaml.Node, open, closing byte, each int) error {
	out.WriteByte(open)
	for i, c := range n.Content {
		if i > 0 && i%each == 0 {
			out.WriteByte(',')
		}
		isKey := each == 2 && i%2 == 0
		var err error
		if isKey {
			err = writeText(out, c.Value)
			out.WriteByte(':')
		} else {
			err = writeJSON(out, c)
		}
		if err != nil {
			return err
		}
	}
	out.WriteByte(closing)
	return nil
}

// The tags by which a test says whose id it means: `!id 张三`, `!group 产品群`.
const (
	tagPerson = "!id"
	tagGroup  = "!group"
)

func writeScalar(out *bytes.Buffer, n *yaml.Node) error {
	switch tag := n.ShortTag(); {
	case tag == tagPerson:
		return writeText(out, idOf(n.Value))
	case tag == tagGroup:
		return writeText(out, "R:"+idOf(n.Value))
	case tag == "!!null":
		out.WriteString("null")
	case (tag == "!!int" || tag == "!!float" || tag == "!!bool") && json.Valid([]byte(n.Value)):
		out.WriteString(n.Value)
	default:
		return writeText(out, n.Value)
	}
	return nil
}

func writeText(out *bytes.Buffer, s string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return errors.New("a text that is none")
	}
	out.Write(text)
	return nil
}

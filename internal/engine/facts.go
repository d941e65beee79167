package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"botengine/internal/actions"
	"botengine/internal/event"
)

// factReader reads the facts that belong to an event: its user, its chat, its robot.
type factReader struct {
	ledger *ledger
	ev     *event.Event
	d      *decider
}

// ReadFact implements expression.FactReader.
func (f factReader) ReadFact(scope, name string) (any, bool) {
	key, ok := factKey(f.ev, scope, name)
	if !ok {
		return nil, false
	}
	raw, _, ok := f.ledger.read(key)
	if !ok {
		return nil, false
	}
	value, err := decodeFact(raw)
	return value, err == nil
}

// remember writes the facts of a `set` step. All are checked before the first is
// written.
func (l *ledger) remember(ev *event.Event, facts []actions.FactWrite) error {
	writes := make([]FactWrite, 0, len(facts))
	for _, f := range facts {
		w, err := l.factWrite(ev, f)
		if err != nil {
			return err
		}
		writes = append(writes, w)
	}
	for _, w := range writes {
		l.write(w)
	}
	return nil
}

func (l *ledger) factWrite(ev *event.Event, f actions.FactWrite) (FactWrite, error) {
	key, ok := factKey(ev, f.Scope, f.Name)
	if !ok {
		return FactWrite{}, fmt.Errorf("set %s.%s: the event names no %s", f.Scope, f.Name, f.Scope)
	}
	if f.Value == nil {
		return FactWrite{Key: key, Delete: true}, nil
	}
	raw, err := encodeFact(f.Value)
	if err != nil {
		return FactWrite{}, fmt.Errorf("set %s.%s: %w", f.Scope, f.Name, err)
	}
	w := FactWrite{Key: key, Value: raw}
	if f.TTL > 0 {
		w.Expires = l.now.Add(f.TTL)
	}
	return w, nil
}

// encodeFact writes a fact as JSON. A whole float64 keeps its point, so that it
// comes back as what it was.
func encodeFact(value any) ([]byte, error) {
	f, isFloat := value.(float64)
	if !isFloat {
		return json.Marshal(value)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, errors.New("no finite number")
	}
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return []byte(text), nil
}

// decodeFact is the inverse: a string, a bool, an int64 or a float64.
func decodeFact(raw []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, fmt.Errorf("decode fact: %w", err)
	}
	switch v := value.(type) {
	case string, bool:
		return v, nil
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return v.Float64()
		}
		return v.Int64()
	}
	return nil, fmt.Errorf("decode fact: a %T is none", value)
}

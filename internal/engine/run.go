package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// runVersion is the form of run data. Data of a version that is not known is not
// guessed at. Version 1 had no blocks: its steps have the places they had then, so
// a run of it goes on as it is.
const (
	runVersion  = 2
	flatVersion = 1
)

// run is one firing of a rule, as it is stored while it waits.
type run struct {
	Version int                              `json:"v"`
	Rule    string                           `json:"rule"`
	Hash    string                           `json:"hash"` // of the text it began with
	Key     string                           `json:"key"`  // of the event
	Event   event.Event                      `json:"event"`
	Hit     expression.Hit                   `json:"hit"`
	Step    int                              `json:"step"`            // the one in hand, from 0
	Turns   map[int]turns                    `json:"turns,omitempty"` // of the repeats under way, by their place
	Steps   map[string]expression.StepResult `json:"steps,omitempty"`
	Found   map[string]expression.Found      `json:"found,omitempty"` // what steps looked up, by its name

	// The run has not begun: it gathers events, or waits for its turn, until Due.
	Waits  bool       `json:"waits,omitempty"`
	Gather *gathering `json:"gather,omitempty"`
	Slot   string     `json:"slot,omitempty"` // the key under which the rule's runs wait for each other

	// What the step in hand waits for: a command's end, or a time.
	Await string             `json:"await,omitempty"` // a message id
	Due   time.Time          `json:"due,omitzero"`
	Ears  []string           `json:"ears,omitempty"`  // the keys under which it waits for a message
	Early *expression.Answer `json:"early,omitempty"` // came before the end of the question in hand
	// How far the step in hand got.
	Started bool     `json:"started,omitempty"` // its `when` was asked already
	Tags    bool     `json:"tags,omitempty"`    // the tags were asked for; Await is the answer unless Asked
	Asked   bool     `json:"asked,omitempty"`   // the answer came
	More    bool     `json:"more,omitempty"`    // another target is left if this one refuses
	Attempt int      `json:"attempt,omitempty"` // targets that were tried before
	Try     int      `json:"try,omitempty"`     // how often it was done before, by its `retry`
	Pausing bool     `json:"pausing,omitempty"` // before the next try, until Due
	Look    *looking `json:"look,omitempty"`    // it is asked whether what it did is so
	Unsent  int      `json:"unsent,omitempty"`  // messages of the step that were not sent before the one in hand
	// A step with several targets, each for itself.
	Many bool   `json:"many,omitempty"`
	Next bool   `json:"next,omitempty"` // another target is left
	Code string `json:"code,omitempty"` // of the first target that failed
	Msg  string `json:"msg,omitempty"`
}

// turns is how far a repeat got.
type turns struct {
	Count int      `json:"n"`              // the turn in hand, from 1
	Each  []string `json:"each,omitempty"` // what it goes over
}

// runID names the run of an event and a rule: there can only be one.
func runID(eventKey, ruleID string) string { return command.Key(eventKey, ruleID, "run", "") }

func (r *run) encode() ([]byte, error) {
	data, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode run: %w", err)
	}
	return data, nil
}

func decodeRun(data []byte) (*run, error) {
	var r run
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("decode run: %w", err)
	}
	if r.Version != runVersion && r.Version != flatVersion {
		return nil, fmt.Errorf("decode run: version %d is not known", r.Version)
	}
	if r.Rule == "" || r.Step < 0 || r.Attempt < 0 {
		return nil, errors.New("decode run: the data is incomplete")
	}
	return &r, nil
}

// goTo turns to a step, of which nothing is done yet.
func (r *run) goTo(place int) {
	r.Step = place
	r.Await, r.Due = "", time.Time{}
	r.Started, r.Tags, r.Asked, r.More, r.Attempt = false, false, false, false, 0
	r.Many, r.Next, r.Code, r.Msg = false, false, "", ""
	r.Try, r.Pausing, r.Look, r.Unsent = 0, false, nil, 0
}

// begin makes the run of a firing; nothing of it is done yet. It begins at that
// place of the rule's program.
func (d *decider) begin(m rule.Match, entry int) *runner {
	r := &run{Version: runVersion, Rule: m.Rule.ID, Hash: m.Rule.Hash, Key: d.key, Event: *d.in.Event, Hit: m.Hit, Step: entry}
	r.Event.Result.Payload = nil // large, and no rule can see it
	return &runner{d: d, id: runID(d.key, m.Rule.ID), run: r, rule: m.Rule}
}

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

// runVersion is the form of run data. Data of another version is not guessed at.
const runVersion = 1

// run is one firing of a rule, as it is stored while it waits.
type run struct {
	Version int                              `json:"v"`
	Rule    string                           `json:"rule"`
	Hash    string                           `json:"hash"` // of the text it began with
	Key     string                           `json:"key"`  // of the event
	Event   event.Event                      `json:"event"`
	Hit     expression.Hit                   `json:"hit"`
	Step    int                              `json:"step"` // the one in hand, from 0
	Steps   map[string]expression.StepResult `json:"steps,omitempty"`
	Found   map[string]expression.Found      `json:"found,omitempty"` // what steps looked up, by its name

	// What the step in hand waits for: a command's end, or a time.
	Await string    `json:"await,omitempty"` // a message id
	Due   time.Time `json:"due,omitzero"`
	// How far the step in hand got.
	Started bool `json:"started,omitempty"` // its `when` was asked already
	Tags    bool `json:"tags,omitempty"`    // the tags were asked for; Await is the answer unless Asked
	Asked   bool `json:"asked,omitempty"`   // the answer came
	More    bool `json:"more,omitempty"`    // another target is left if this one refuses
	Attempt int  `json:"attempt,omitempty"` // targets that were tried before
	// A step with several targets, each for itself.
	Many bool   `json:"many,omitempty"`
	Next bool   `json:"next,omitempty"` // another target is left
	Code string `json:"code,omitempty"` // of the first target that failed
	Msg  string `json:"msg,omitempty"`
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
	if r.Version != runVersion {
		return nil, fmt.Errorf("decode run: version %d is not known", r.Version)
	}
	if r.Rule == "" || r.Step < 0 || r.Attempt < 0 {
		return nil, errors.New("decode run: the data is incomplete")
	}
	return &r, nil
}

// nextStep turns to the step after the one in hand.
func (r *run) nextStep() {
	r.Step++
	r.Await, r.Due = "", time.Time{}
	r.Started, r.Tags, r.Asked, r.More, r.Attempt = false, false, false, false, 0
	r.Many, r.Next, r.Code, r.Msg = false, false, "", ""
}

// begin makes the run of a firing; nothing of it is done yet.
func (d *decider) begin(m rule.Match) *runner {
	r := &run{Version: runVersion, Rule: m.Rule.ID, Hash: m.Rule.Hash, Key: d.key, Event: *d.in.Event, Hit: m.Hit}
	r.Event.Result.Payload = nil // large, and no rule can see it
	return &runner{d: d, id: runID(d.key, m.Rule.ID), run: r, rule: m.Rule}
}

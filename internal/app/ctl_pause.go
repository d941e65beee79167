package app

import (
	"context"
	"encoding/json"
	"time"

	"botengine/internal/ctl"
)

// PauseParams say what is to be paused, or resumed.
type PauseParams struct {
	Robot  string `json:"robot,omitempty"`  // its key or its name; "" = all
	Reason string `json:"reason,omitempty"` // why, for people
}

// Pauses are what holds after `ctl pause` or `ctl resume`, version 1.
type Pauses struct {
	V      int      `json:"v"`
	Paused []Paused `json:"paused"`
}

// ctlPause stops everything that leaves, or what one robot sends. What is owed
// waits; events are taken in and decided as before.
func (a *App) ctlPause(ctx context.Context, raw json.RawMessage) (any, error) {
	return a.changeHalt(raw, func(p PauseParams) error {
		if err := a.halt.pause(ctx, p.Robot, p.Reason, time.Now()); err != nil {
			return err
		}
		a.halt.say()
		return nil
	})
}

// ctlResume lets it leave again, at the usual pace.
func (a *App) ctlResume(ctx context.Context, raw json.RawMessage) (any, error) {
	return a.changeHalt(raw, func(p PauseParams) error {
		if err := a.halt.resume(ctx, p.Robot); err != nil {
			return err
		}
		a.o.Log.Warn("resumed by hand", "robot", p.Robot)
		return nil
	})
}

func (a *App) changeHalt(raw json.RawMessage, change func(PauseParams) error) (any, error) {
	p, err := ctl.Params[PauseParams](raw)
	if err != nil {
		return nil, err
	}
	if p.Robot, err = a.robotNamed(p.Robot); err != nil {
		return nil, err
	}
	if err := change(p); err != nil {
		return nil, err
	}
	a.halt.look()
	return Pauses{V: 1, Paused: a.halt.list()}, nil
}

// robotNamed is the key of the robot that a person means by its key or its name.
func (a *App) robotNamed(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	var keys []string
	for _, acc := range a.accounts {
		for _, r := range a.robots.list(acc.name) {
			if r.Key == name {
				return name, nil
			}
			if r.Name == name {
				keys = append(keys, r.Key)
			}
		}
	}
	for _, p := range a.halt.list() {
		if p.Robot == name {
			return name, nil // paused, and gone since
		}
	}
	if len(keys) == 1 {
		return keys[0], nil
	}
	if len(keys) > 1 {
		return "", &ctl.Error{
			Code: "ambiguous_robot", ZH: "有几个机器人叫 " + name + "：请写 robotKey，`botengine ctl status` 里有",
			EN: "several robots are called " + name + ": write the robotKey, which `botengine ctl status` shows",
		}
	}
	return "", &ctl.Error{
		Code: "no_such_robot", ZH: "没有机器人 " + name + "：`botengine ctl status` 列出所有机器人；不写 --robot 就是全部",
		EN: "there is no robot " + name + ": `botengine ctl status` lists them; without --robot it is all of them",
	}
}

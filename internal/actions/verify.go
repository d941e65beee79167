package actions

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"botengine/internal/command"
)

// Question asks the platform whether what a step did is really so.
type Question struct {
	Command command.Command // Type, Lane, Class and Fields are set
	// Holds reads the answer's object. The error is meant for people.
	Holds func(answer []byte) (bool, error)
}

// Verifier is a Bound that may know how to ask the platform about what it did.
type Verifier interface {
	// CanVerify says whether it does.
	CanVerify() bool
	// Verify returns the n-th question, from 0; nil when all were asked. It is pure.
	Verify(env Env, n int) (*Question, error)
}

// CanVerify implements Verifier.
func (b *bound[P]) CanVerify() bool { return b.spec.Verify != nil }

// Verify implements Verifier.
func (b *bound[P]) Verify(env Env, n int) (*Question, error) {
	q, err := b.spec.Verify(env, b.params, n)
	if err != nil {
		return nil, fmt.Errorf("verify %s: %w", b.spec.Name, err)
	}
	return q, nil
}

// customersType is the request for customers (§2.3).
const customersType = "rest.customers"

// customersQuestion are the fields of that request.
type customersQuestion struct {
	RobotKey string   `json:"robotKey"`
	UserID   string   `json:"userId"`
	Status   *int     `json:"status,omitempty"`
	TagList  []string `json:"tagList,omitempty"`
}

func question(typ string, fields any, holds func([]byte) (bool, error)) (*Question, error) {
	raw, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("encode a question: %w", err)
	}
	return &Question{Command: command.Command{Type: typ, Lane: command.LaneAction, Class: command.Idempotent, Fields: raw}, Holds: holds}, nil
}

// verifyMembers asks whether all the people are members of the group, or none is.
func verifyMembers(env Env, group string, people []string, there bool) (*Question, error) {
	q := groupQuestion{RobotKey: env.Scope.Event.Robot.Key, ConversationID: group, Status: inGroupNow}
	return question(membersType, q, func(answer []byte) (bool, error) {
		found, err := readMembers(nil, answer)
		if err != nil {
			return false, err
		}
		for _, id := range people {
			in := false
			for i := range found.Members {
				in = in || found.Members[i].ID == id
			}
			if in != there {
				return false, nil
			}
		}
		return true, nil
	})
}

func verifyInvite(env Env, p *inviteParams, n int) (*Question, error) {
	if n > 0 {
		return nil, nil
	}
	groups, err := p.Group.Render(env)
	if err != nil {
		return nil, err
	}
	if env.Attempt >= len(groups) {
		return nil, errors.New("no group is left to ask about")
	}
	people, err := p.people(env)
	if err != nil {
		return nil, err
	}
	return verifyMembers(env, groups[env.Attempt], people, true)
}

func verifyKick(env Env, p *kickParams, n int) (*Question, error) {
	if n > 0 {
		return nil, nil
	}
	group, err := groupOf(env.Scope.Event)
	if err != nil {
		return nil, err
	}
	user, err := person(env, p.User)
	if err != nil {
		return nil, err
	}
	return verifyMembers(env, group, []string{user}, false)
}

func verifyAccepted(env Env, _ *acceptFriendParams, n int) (*Question, error) {
	if n > 0 {
		return nil, nil
	}
	id, err := personOf(env.Scope.Event)
	if err != nil {
		return nil, err
	}
	normal := 1
	q := customersQuestion{RobotKey: env.Scope.Event.Robot.Key, UserID: id, Status: &normal}
	return question(customersType, q, func(answer []byte) (bool, error) { return hasCustomer(answer, id) })
}

// verifyTag asks about one tag after the other: asked about several, the platform
// answers for any of them.
func verifyTag(env Env, p *tagParams, n int) (*Question, error) {
	on, err := p.Add.Render(env)
	if err != nil {
		return nil, err
	}
	off, err := p.Remove.Render(env)
	if err != nil {
		return nil, err
	}
	if n >= len(on)+len(off) {
		return nil, nil
	}
	user, err := person(env, p.User)
	if err != nil {
		return nil, err
	}
	name := slices.Concat(on, off)[n]
	if isDecimal(name) && len(name) >= minLabelID {
		return nil, errors.New("a tag given by its id cannot be asked for: give its name")
	}
	if i := strings.LastIndex(name, "/"); i >= 0 {
		name = name[i+1:]
	}
	q := customersQuestion{RobotKey: env.Scope.Event.Robot.Key, UserID: user, TagList: []string{strings.TrimSpace(name)}}
	return question(customersType, q, func(answer []byte) (bool, error) {
		has, err := hasCustomer(answer, user)
		return has == (n < len(on)), err
	})
}

// hasCustomer says whether the person is among the customers of an answer.
func hasCustomer(answer []byte, id string) (bool, error) {
	records, err := recordsIn(answer, "data")
	if err != nil {
		return false, err
	}
	for _, r := range records {
		if r.id("userId") == id {
			return true, nil
		}
	}
	return false, nil
}

func verifyRenamed(env Env, p *renameGroupParams, n int) (*Question, error) {
	if n > 0 {
		return nil, nil
	}
	group, err := groupFor(env, p.Group)
	if err != nil {
		return nil, err
	}
	name, err := renderGroupName(env, p.Name)
	if err != nil {
		return nil, err
	}
	q := groupQuestion{RobotKey: env.Scope.Event.Robot.Key, ConversationID: group}
	asked, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("encode a question: %w", err)
	}
	return question(groupType, q, func(answer []byte) (bool, error) {
		found, err := readGroup(asked, answer)
		return found.Group.Name == name, err
	})
}

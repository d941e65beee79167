package yjiyun

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Override corrects one of the commands whose wire form the platform's document
// lost (§3.13, §3.15, §3.20). Type is the real type; Fields gives the wire's
// name of a field, by our word for it ("group", "members") or by the name we
// inferred ("groupId"). What is left out stays as inferred.
type Override struct {
	Type   string
	Fields map[string]string
}

// Overrides are the corrections of an account, by the command's name: kick,
// remark, create_group.
type Overrides map[string]Override

// inferredCommand is our guess at a lost command.
type inferredCommand struct {
	wire   string
	fields map[string]string // our word -> the inferred name
}

var inferred = map[string]inferredCommand{
	"kick":         {"robot.delete.group.members", map[string]string{"group": "groupId", "members": "friends"}},
	"remark":       {"robot.modify.friend.remark", map[string]string{"user": "userId", "remark": "realRemarks", "description": "remarks"}},
	"create_group": {"robot.create.group", map[string]string{"members": "friends", "name": "name"}},
}

// Inferred reports whether a command's type is a guess of ours: the platform's
// document lost the real one. Whoever shows such a command says so.
func Inferred(typ string) bool {
	_, _, ok := inferredByType(typ)
	return ok
}

// InferredNames are the names under which inferred commands can be corrected,
// sorted.
func InferredNames() []string { return slices.Sorted(maps.Keys(inferred)) }

func inferredByType(typ string) (name string, command inferredCommand, ok bool) {
	for name, command := range inferred {
		if command.wire == typ {
			return name, command, true
		}
	}
	return "", inferredCommand{}, false
}

// Check says what is wrong with the corrections: a name that is no inferred
// command, a field it does not have, or a name that a field cannot have.
func (o Overrides) Check() error {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		guess, ok := inferred[name]
		if !ok {
			return fmt.Errorf("command %q cannot be corrected: only %s can", name, strings.Join(InferredNames(), ", "))
		}
		if err := guess.check(o[name]); err != nil {
			return fmt.Errorf("command %s: %w", name, err)
		}
	}
	return nil
}

func (i inferredCommand) check(o Override) error {
	words := slices.Sorted(maps.Keys(i.fields))
	for _, field := range slices.Sorted(maps.Keys(o.Fields)) {
		if i.word(field) == "" {
			return fmt.Errorf("it has no field %q: its fields are %s", field, strings.Join(words, ", "))
		}
	}
	table := i.rename(o)
	taken := map[string]string{}
	for _, word := range words {
		to := table[word]
		if to == "" || slices.Contains(reserved, to) {
			return fmt.Errorf("field %s cannot be named %q", word, to)
		}
		if other, ok := taken[to]; ok {
			return fmt.Errorf("fields %s and %s cannot both be named %q", other, word, to)
		}
		taken[to] = word
	}
	return nil
}

// word is our word for a field, told by that word or by its inferred name; "" for
// a field the command does not have.
func (i inferredCommand) word(field string) string {
	for word, guessed := range i.fields {
		if field == word || field == guessed {
			return word
		}
	}
	return ""
}

// rename is the table from every name a field may have inside the engine to the
// one it has on the wire.
func (i inferredCommand) rename(o Override) map[string]string {
	table := make(map[string]string, 2*len(i.fields))
	for word, guessed := range i.fields {
		table[word], table[guessed] = guessed, guessed
	}
	for field, to := range o.Fields {
		if word := i.word(field); word != "" {
			table[word], table[i.fields[word]] = to, to
		}
	}
	return table
}

// correct gives the type and the field names a command has on the wire.
func (o Overrides) correct(typ string) (wire string, rename map[string]string) {
	name, guess, ok := inferredByType(typ)
	if !ok {
		return typ, nil
	}
	correction := o[name]
	return firstOf(correction.Type, typ), guess.rename(correction)
}

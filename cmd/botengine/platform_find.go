package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"botengine/internal/event"
	"botengine/internal/yjiyun/rest"
)

// platformOf opens the account after the flags were checked.
func (c *cli) platformOf(f platformFlags, out outputFlags) (*access, error) {
	if err := out.check(c); err != nil {
		return nil, err
	}
	return c.platform(f)
}

// platformRobot opens the account and finds the robot.
func (c *cli) platformRobot(ctx context.Context, f platformFlags, out outputFlags) (*access, rest.Robot, error) {
	p, err := c.platformOf(f, out)
	if err != nil {
		return nil, rest.Robot{}, err
	}
	robot, err := p.robot(ctx, f)
	return p, robot, err
}

// noArgs refuses what stands behind a command that takes nothing.
func (c *cli) noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return errors.New(c.say("多写了 "+args[0], args[0]+" is too much"))
	}
	return nil
}

// atMostOneArg refuses what stands behind the one argument a command may take.
func (c *cli) atMostOneArg(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return c.noArgs(cmd, args[1:])
	}
	return nil
}

// oneArg wants exactly one argument.
func (c *cli) oneArg(name string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf(c.say("要写一个 %s，现在有 %d 个", "one %s is wanted, there are %d"), name, len(args))
		}
		return nil
	}
}

// statusFilter reads --status.
func (c *cli) statusFilter(text string) (*int, error) {
	number := map[string]int{"0": 0, "1": 1}
	if text == "" {
		return nil, nil //nolint:nilnil // no filter, and nothing wrong with that
	}
	n, ok := number[text]
	if !ok {
		return nil, errors.New(c.say("--status 只能是 0 或 1", "--status is 0 or 1"))
	}
	return &n, nil
}

// peer is the other side of a robot's chat: a person or a group.
type peer struct {
	id   string // userId, or R:<id>
	name string // "" when it was given by its id
}

func (p peer) isGroup() bool { return strings.HasPrefix(p.id, "R:") }

// String says the peer to people.
func (p peer) String() string {
	if p.name == "" {
		return p.id
	}
	return shown(p.name) + " (" + p.id + ")"
}

// suggestFrom is how many names are looked at for a suggestion.
const suggestFrom = 500

// peer finds what a chat is called: a chatId, a group's R:<id>, a userId, or the
// name of a group or a customer.
func (p *access) peer(ctx context.Context, robot rest.Robot, ref string) (peer, error) {
	if robotID, id, ok := event.SplitChatID(ref); ok {
		if robotID != robot.ID {
			return peer{}, fmt.Errorf(p.c.say("会话 %s 不是机器人 %s 的", "the chat %s is not one of robot %s"), ref, shown(robot.Name))
		}
		return peer{id: id}, nil
	}
	if strings.HasPrefix(ref, "R:") || isDigits(ref) {
		return peer{id: ref}, nil
	}
	groups, err := p.groupsNamed(ctx, robot, ref)
	if err != nil {
		return peer{}, err
	}
	people, err := p.customersNamed(ctx, robot, ref)
	if err != nil {
		return peer{}, err
	}
	return p.only(ctx, robot, p.c.say("会话", "chat"), ref, append(groups, people...), true)
}

// group finds a group by its id or its name.
func (p *access) group(ctx context.Context, robot rest.Robot, ref string) (peer, error) {
	if strings.HasPrefix(ref, "R:") {
		return peer{id: ref}, nil
	}
	if _, id, ok := event.SplitChatID(ref); ok && strings.HasPrefix(id, "R:") {
		return peer{id: id}, nil
	}
	groups, err := p.groupsNamed(ctx, robot, ref)
	if err != nil {
		return peer{}, err
	}
	return p.only(ctx, robot, p.c.say("群", "group"), ref, groups, false)
}

// only wants one peer of that name, and says what there is else.
func (p *access) only(ctx context.Context, robot rest.Robot, what, name string, found []peer, people bool) (peer, error) {
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) == 0 {
		names, err := p.peerNames(ctx, robot, people)
		if err != nil {
			return peer{}, err
		}
		return peer{}, p.c.unknown(what, name, names)
	}
	var b strings.Builder
	fmt.Fprintf(&b, p.c.say("有几个%s叫 %s，请写编号：", "several are called %[2]s, write the id of the %[1]s:"), what, name)
	for _, one := range found {
		b.WriteString("\n  " + one.String())
	}
	return peer{}, errors.New(b.String())
}

func (p *access) groupsNamed(ctx context.Context, robot rest.Robot, name string) ([]peer, error) {
	q := rest.GroupsQuery{RobotKey: robot.Key, Name: name}
	return collect(p, p.client.Groups(ctx, q), func(g rest.Group) (peer, bool) { return peer{g.ID, g.Name}, g.Name == name })
}

func (p *access) customersNamed(ctx context.Context, robot rest.Robot, name string) ([]peer, error) {
	q := rest.CustomersQuery{RobotKey: robot.Key, Name: name}
	return collect(p, p.client.Customers(ctx, q), func(r rest.Customer) (peer, bool) {
		return peer{r.UserID, r.Name}, r.Name == name || r.Remark == name
	})
}

// peerNames are names to suggest.
func (p *access) peerNames(ctx context.Context, robot rest.Robot, people bool) ([]string, error) {
	limit := rest.Walk{Limit: suggestFrom}
	names, err := collect(p, p.client.Groups(ctx, rest.GroupsQuery{RobotKey: robot.Key, Walk: limit}), func(g rest.Group) (string, bool) { return g.Name, true })
	if err != nil || !people {
		return names, err
	}
	more, err := collect(p, p.client.Customers(ctx, rest.CustomersQuery{RobotKey: robot.Key, Walk: limit}), func(r rest.Customer) (string, bool) { return r.Name, true })
	return append(names, more...), err
}

// collect walks over all of a listing and keeps what take says.
func collect[T, U any](p *access, walk iter.Seq2[T, error], take func(T) (U, bool)) (all []U, err error) {
	for row, err := range walk {
		if err != nil {
			return nil, p.explain(err)
		}
		if one, ok := take(row); ok {
			all = append(all, one)
		}
	}
	return all, nil
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"botengine/internal/config"
	"botengine/internal/diag"
	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/rest"
)

// platformCmds are the commands that speak with the platform themselves, without
// an engine.
func (c *cli) platformCmds() []*cobra.Command {
	return []*cobra.Command{
		c.robotsCmd(), c.customersCmd(), c.groupsCmd(), c.membersCmd(), c.tagsCmd(), c.chatsCmd(), c.historyCmd(),
		c.sendCmd(), c.commandCmd(), c.broadcastCmd(), c.groupSettingsCmd(), c.contactsCmd(), c.markReadCmd(), c.probeCmd(),
	}
}

// platformFlags say whom a command speaks for.
type platformFlags struct {
	account string
	robot   string
}

func (f *platformFlags) addAccount(c *cli, cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.account, "account", "", c.say("哪个账号（配置里的 name）；只有一个时可以不写", "which account (its name in the configuration); not needed when there is one"))
}

func (f *platformFlags) add(c *cli, cmd *cobra.Command) {
	f.addAccount(c, cmd)
	cmd.Flags().StringVar(&f.robot, "robot", "", c.say("哪个机器人：robotKey 或名称；只有一个时可以不写", "which robot: its robotKey or its name; not needed when there is one"))
}

// access is an account of the platform as one command uses it.
type access struct {
	c       *cli
	account config.Account
	client  *rest.Client
}

// platform opens the account that the flags name. Nothing is asked yet.
func (c *cli) platform(f platformFlags) (*access, error) {
	cfg, err := c.loadConfig(diag.Error) // warnings belong to check and run: here they would hide the answer
	if err != nil {
		return nil, err
	}
	account, err := c.pickAccount(cfg.Accounts, f.account)
	if err != nil {
		return nil, err
	}
	client, err := newClient(account)
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", account.Name, err)
	}
	return &access{c: c, account: account, client: client}, nil
}

// newClient is a client of its own: it signs in by itself.
func newClient(a config.Account) (*rest.Client, error) {
	overrides := overridesOf(a)
	if err := overrides.Check(); err != nil {
		return nil, err
	}
	o := rest.Options{
		BaseURL: a.RestURL, AccessKey: a.AccessKey.Reveal(), AccessSecret: a.AccessSecret.Reveal(), Overrides: overrides,
	}
	return rest.New(o), o.Check()
}

// overridesOf are the account's corrections of commands.
func overridesOf(a config.Account) yjiyun.Overrides {
	o := yjiyun.Overrides{}
	for name, c := range a.Commands {
		o[name] = yjiyun.Override{Type: c.Type, Fields: c.Fields}
	}
	return o
}

func (c *cli) pickAccount(all []config.Account, name string) (config.Account, error) {
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = a.Name
	}
	i := slices.Index(names, name)
	switch {
	case name == "" && len(all) == 1:
		return all[0], nil
	case name == "":
		return config.Account{}, fmt.Errorf(c.say("配置里有几个账号，请用 --account 指定一个：%s", "the configuration has several accounts, name one with --account: %s"), strings.Join(names, ", "))
	case i < 0:
		return config.Account{}, c.unknown(c.say("账号", "account"), name, names)
	}
	return all[i], nil
}

// unknown is the error about a name that is not there, with the closest one or all.
func (c *cli) unknown(what, name string, names []string) error {
	message := fmt.Sprintf(c.say("没有%s %s", "there is no %s %s"), what, name)
	if hint := diag.Suggestion(name, names).In(c.lang()); hint != "" {
		message += c.say("，", ", ") + strings.ReplaceAll(hint, "`", "")
	}
	return errors.New(message)
}

// robot finds the robot that the flags name.
func (p *access) robot(ctx context.Context, f platformFlags) (rest.Robot, error) {
	all, err := p.client.Robots(ctx)
	if err != nil {
		return rest.Robot{}, p.explain(err)
	}
	named := slices.DeleteFunc(slices.Clone(all), func(r rest.Robot) bool {
		return f.robot != "" && r.Key != f.robot && r.ID != f.robot && r.Name != f.robot && r.Alias != f.robot
	})
	switch {
	case len(named) == 1:
		return named[0], nil
	case len(all) == 0:
		return rest.Robot{}, errors.New(p.c.say("这个账号没有机器人", "this account has no robots"))
	case len(named) == 0:
		return rest.Robot{}, p.c.unknown(p.c.say("机器人", "robot"), f.robot, robotNames(all))
	default:
		return rest.Robot{}, p.severalRobots(f.robot, named)
	}
}

func robotNames(all []rest.Robot) (names []string) {
	for _, r := range all {
		names = append(names, r.Name)
		if r.Alias != "" {
			names = append(names, r.Alias)
		}
	}
	return names
}

func (p *access) severalRobots(name string, all []rest.Robot) error {
	lines := make([]string, len(all))
	for i, r := range all {
		lines[i] = fmt.Sprintf("  %s  %s", r.Key, shown(r.Name))
	}
	message := p.c.say("有几个机器人，请用 --robot 指定一个：", "there are several robots, name one with --robot:")
	if name != "" {
		message = fmt.Sprintf(p.c.say("有几个机器人叫 %s，请用 --robot 加 robotKey 指定一个：", "several robots are called %s, name one with --robot and its key:"), name)
	}
	return errors.New(message + "\n" + strings.Join(lines, "\n"))
}

// explain says an error of the platform in words, with what to do.
func (p *access) explain(err error) error {
	if auth, ok := errors.AsType[*rest.AuthError](err); ok && !auth.FreshToken {
		return fmt.Errorf(p.c.say(
			"平台拒绝了账号 %s 的 access_key 或 access_secret（code %s：%s）：请在 %s 里核对",
			"the platform refused access_key or access_secret of account %s (code %s: %s): check them in %s"),
			p.account.Name, auth.Code, shown(auth.Msg), p.c.config)
	}
	if refused, ok := errors.AsType[*rest.RefusedError](err); ok {
		return fmt.Errorf(p.c.say("平台拒绝了（code %s：%s）", "the platform refused (code %s: %s)"), refused.Code, shown(refused.Msg))
	}
	if _, ok := errors.AsType[*rest.BusyError](err); ok {
		return fmt.Errorf(p.c.say("平台正忙，过一会儿再试：%w", "the platform is busy, try again later: %w"), err)
	}
	if _, ok := errors.AsType[*rest.TransportError](err); ok {
		return fmt.Errorf(p.c.say("连不上平台 %s，请核对 rest_url 和网络：%w", "the platform at %s can't be reached, check rest_url and the network: %w"), p.account.RestURL, err)
	}
	if errors.Is(err, context.Canceled) {
		return errors.New(p.c.say("已中断", "interrupted"))
	}
	return err
}

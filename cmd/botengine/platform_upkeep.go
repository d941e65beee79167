package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"botengine/internal/event"
	"botengine/internal/yjiyun/rest"
)

// group-settings, contacts and mark-read: what the platform does without a
// message or a command.

func (c *cli) groupSettingsCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "group-settings", Short: c.say("平台自己的群设置", "the platform's own settings of groups"),
		Args: c.noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.copySettingsCmd())
	return cmd
}

// copyFlags say which settings go where.
type copyFlags struct {
	platformFlags
	confirmFlags
	from    string
	to      []string
	modules []string
}

// settingsModules are the parts of a group's settings, by their names here.
var settingsModules = map[string]rest.SettingsModule{
	"welcome": rest.ModuleWelcome, "keywords": rest.ModuleKeywordReply, "default-reply": rest.ModuleDefaultReply,
}

func (c *cli) copySettingsCmd() *cobra.Command {
	var f copyFlags
	cmd := &cobra.Command{
		Use:   "copy --from GROUP --to GROUP…",
		Short: c.say("把一个群的设置（入群欢迎、关键词回复、默认回复）复制到别的群", "copy a group's settings (welcome, replies to keywords, default reply) to other groups"),
		Args:  c.noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.copySettings(cmd.Context(), f) },
	}
	f.platformFlags.add(c, cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "", c.say("从哪个群（编号或群名）", "from which group (id or name)"))
	flags.StringArrayVar(&f.to, "to", nil, c.say("到哪些群（编号或群名，可以写多次；别的机器人的群写成 机器人=群）", "to which groups (id or name, may be repeated; a group of another robot is ROBOT=GROUP)"))
	flags.StringArrayVar(&f.modules, "module", nil, c.say("哪些设置：welcome | keywords | default-reply（可以写多次）；不写则全部", "which settings: welcome | keywords | default-reply (may be repeated); all when left out"))
	f.confirmFlags.add(c, cmd)
	return cmd
}

func (c *cli) copySettings(ctx context.Context, f copyFlags) error {
	if f.from == "" || len(f.to) == 0 {
		return errors.New(c.say("请写 --from 和 --to", "give --from and --to"))
	}
	modules, err := c.modulesOf(f.modules)
	if err != nil {
		return err
	}
	p, robot, err := c.platformRobot(ctx, f.platformFlags, outputFlags{format: "text"})
	if err != nil {
		return err
	}
	from, err := p.group(ctx, robot, f.from)
	if err != nil {
		return err
	}
	targets, names, err := p.targets(ctx, robot, f.to, p.group)
	if err != nil {
		return err
	}
	what := fmt.Sprintf(c.say("用群 %s 的设置（%s）覆盖 %s", "overwrite the settings of %[3]s with those of %[1]s (%[2]s)"), from, joinModules(modules), strings.Join(names, c.say("、", ", ")))
	if err := c.confirm(ctx, f.confirmFlags, what); err != nil {
		return err
	}
	settings := rest.GroupSettings{RobotKey: robot.Key, GroupID: from.id, Modules: modules, Targets: targets}
	if _, err := p.client.CopyGroupSettings(ctx, settings); err != nil {
		return p.explain(err)
	}
	fmt.Fprintf(c.out, c.say("已复制到 %d 个群\n", "copied to %d groups\n"), len(names))
	return nil
}

func (c *cli) modulesOf(names []string) ([]rest.SettingsModule, error) {
	known := slices.Sorted(maps.Keys(settingsModules))
	if len(names) == 0 {
		names = known
	}
	modules := make([]rest.SettingsModule, len(names))
	for i, name := range names {
		module, ok := settingsModules[name]
		if !ok {
			return nil, c.unknown(c.say("设置", "setting"), name, known)
		}
		modules[i] = module
	}
	return modules, nil
}

func joinModules(modules []rest.SettingsModule) string {
	names := make([]string, len(modules))
	for i, m := range modules {
		names[i] = string(m)
	}
	return strings.Join(names, ", ")
}

// targets finds chats written as CHAT, of the robot given, or ROBOT=CHAT, with
// find, and puts them together by robot.
func (p *access) targets(ctx context.Context, robot rest.Robot, refs []string, find func(context.Context, rest.Robot, string) (peer, error)) (all []rest.Target, names []string, err error) {
	for _, ref := range refs {
		owner := robot
		if name, chat, ok := strings.Cut(ref, "="); ok {
			if owner, err = p.robot(ctx, platformFlags{robot: name}); err != nil {
				return nil, nil, err
			}
			ref = chat
		}
		to, err := find(ctx, owner, ref)
		if err != nil {
			return nil, nil, err
		}
		names = append(names, to.String())
		i := slices.IndexFunc(all, func(t rest.Target) bool { return t.RobotKey == owner.Key })
		if i < 0 {
			i = len(all)
			all = append(all, rest.Target{RobotKey: owner.Key})
		}
		all[i].Peers = append(all[i].Peers, to.id)
	}
	return all, names, nil
}

func (c *cli) contactsCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "contacts", Short: c.say("机器人的通讯录", "a robot's contacts"),
		Args: c.noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.syncCmd())
	return cmd
}

// syncKinds are what can be fetched anew, by name.
var syncKinds = map[string]rest.SyncKind{
	"all": rest.SyncAll, "customers": rest.SyncCustomers, "groups": rest.SyncGroups,
	"customers-groups": rest.SyncCustomersAndGroups, "departments": rest.SyncDepartments,
}

func (c *cli) syncCmd() *cobra.Command {
	var f platformFlags
	var kind string
	cmd := &cobra.Command{
		Use:   "sync",
		Short: c.say("让平台重新读取通讯录", "have the platform read the contacts anew"),
		Args:  c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			what, ok := syncKinds[kind]
			if !ok {
				return c.unknown(c.say("通讯录", "kind of contacts"), kind, slices.Sorted(maps.Keys(syncKinds)))
			}
			p, robot, err := c.platformRobot(cmd.Context(), f, outputFlags{format: "text"})
			if err != nil {
				return err
			}
			if err := p.client.SyncContacts(cmd.Context(), robot.Key, what); err != nil {
				return p.explain(err)
			}
			fmt.Fprintf(c.out, c.say("平台开始重新读取 %s 的通讯录，要过一会儿才完成\n", "the platform reads the contacts of %s anew, which takes a while\n"), shown(robot.Name))
			return nil
		},
	}
	f.add(c, cmd)
	cmd.Flags().StringVar(&kind, "kind", "all", "all | customers | groups | customers-groups | departments")
	return cmd
}

func (c *cli) markReadCmd() *cobra.Command {
	var f platformFlags
	cmd := &cobra.Command{
		Use:   "mark-read CHAT",
		Short: c.say("把一个会话标为已读", "mark a chat as read"),
		Args:  c.oneArg("CHAT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, robot, err := c.platformRobot(cmd.Context(), f, outputFlags{format: "text"})
			if err != nil {
				return err
			}
			chat, err := p.peer(cmd.Context(), robot, args[0])
			if err != nil {
				return err
			}
			id := event.ChatID(robot.ID, chat.id)
			if err := p.client.ClearUnread(cmd.Context(), id); err != nil {
				return p.explain(err)
			}
			fmt.Fprintf(c.out, c.say("已读：%s\n", "read: %s\n"), id)
			return nil
		},
	}
	f.add(c, cmd)
	return cmd
}

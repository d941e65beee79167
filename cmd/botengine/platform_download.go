package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"botengine/internal/terminal"
	"botengine/internal/yjiyun/rest"
)

// downloadFlags choose the groups of a list (§2.5).
type downloadFlags struct {
	account  string
	robots   []string
	groups   []string
	status   string
	external string
	order    string
	least    int
	most     int
	query    rest.SheetQuery
}

// sheetOrders are the orders of a list, by their names.
var sheetOrders = map[string]rest.SheetOrder{
	"": 0, "name": rest.NameUp, "name-desc": rest.NameDown, "oldest": rest.OldestFirst, "newest": rest.NewestFirst,
}

func (c *cli) groupsDownloadCmd() *cobra.Command {
	var f downloadFlags
	cmd := &cobra.Command{
		Use:   "download FILE.xlsx",
		Short: c.say("把群列表存成 Excel 文件", "save the group list as an Excel file"),
		Args:  c.oneArg("FILE.xlsx"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := c.readDownload(&f); err != nil {
				return err
			}
			p, err := c.platform(platformFlags{account: f.account})
			if err != nil {
				return err
			}
			if err := p.chooseGroups(cmd.Context(), &f); err != nil {
				return err
			}
			return p.download(cmd.Context(), f.query, args[0])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.account, "account", "", c.say("哪个账号", "which account"))
	flags.StringArrayVar(&f.robots, "robot", nil, c.say("哪些机器人（robotKey 或名称，可以写多次）；不写则全部", "which robots (robotKey or name, may be repeated); all when left out"))
	flags.StringArrayVar(&f.groups, "group", nil, c.say("只要这些群（编号或群名，可以写多次），不能和筛选一起用", "these groups only (id or name, may be repeated); not with the filters"))
	flags.StringVar(&f.status, "status", "", c.say("1 正常，0 已退出或解散", "1 normal, 0 left or dissolved"))
	flags.StringVar(&f.query.Name, "name", "", c.say("群名里有这些字", "a part of the name"))
	flags.StringVar(&f.query.CreatorName, "creator-name", "", c.say("群主的名称", "the owner's name"))
	flags.StringVar(&f.query.CreatorID, "creator-id", "", c.say("群主的 userId", "the owner's userId"))
	flags.IntVar(&f.least, "min-members", -1, c.say("至少多少人；-1 不限", "at least so many members; -1 for any"))
	flags.IntVar(&f.most, "max-members", -1, c.say("至多多少人；-1 不限", "at most so many members; -1 for any"))
	flags.StringVar(&f.external, "external", "", c.say("true 外部群，false 内部群", "true for external groups, false for internal ones"))
	flags.StringVar(&f.order, "order", "", "name | name-desc | oldest | newest")
	return cmd
}

// readDownload turns the flags into a question.
func (c *cli) readDownload(f *downloadFlags) (err error) {
	if f.query.Status, err = c.statusFilter(f.status); err != nil {
		return err
	}
	order, ok := sheetOrders[f.order]
	if !ok {
		return errors.New(c.say("--order 只能是 name、name-desc、oldest 或 newest", "--order is name, name-desc, oldest or newest"))
	}
	f.query.Order = order
	if f.external != "" {
		external, err := strconv.ParseBool(f.external)
		if err != nil {
			return errors.New(c.say("--external 只能是 true 或 false", "--external is true or false"))
		}
		f.query.External = &external
	}
	if f.least >= 0 {
		f.query.MinMembers = &f.least
	}
	if f.most >= 0 {
		f.query.MaxMembers = &f.most
	}
	return nil
}

// chooseGroups finds the robots and groups that are meant.
func (p *access) chooseGroups(ctx context.Context, f *downloadFlags) error {
	var robots []rest.Robot
	var err error
	if len(f.robots) == 0 {
		if robots, err = p.client.Robots(ctx); err != nil {
			return p.explain(err)
		}
	}
	for _, name := range f.robots {
		robot, err := p.robot(ctx, platformFlags{robot: name})
		if err != nil {
			return err
		}
		robots = append(robots, robot)
	}
	for _, robot := range robots {
		f.query.RobotKeys = append(f.query.RobotKeys, robot.Key)
	}
	if len(f.groups) > 0 && len(robots) != 1 {
		return errors.New(p.c.say("--group 要和一个 --robot 一起用", "--group goes with one --robot"))
	}
	for _, name := range f.groups {
		group, err := p.group(ctx, robots[0], name)
		if err != nil {
			return err
		}
		f.query.GroupIDs = append(f.query.GroupIDs, group.id)
	}
	return nil
}

// download fetches the list into a file that appears whole or not at all.
func (p *access) download(ctx context.Context, q rest.SheetQuery, path string) error {
	progress := p.c.progress()
	defer progress.End()
	var sheet rest.Sheet
	err := writeWhole(path, func(w io.Writer) (err error) {
		sheet, err = p.client.DownloadGroups(ctx, q, w, func(done, total int64) {
			progress.Say(fmt.Sprintf("%s %d KiB", terminal.Share(int(done), int(total), 24), done>>10))
		})
		return err
	})
	if err != nil {
		return p.explain(err)
	}
	progress.End()
	fmt.Fprintf(p.c.out, p.c.say("%s：%d 字节\n", "%s: %d bytes\n"), path, sheet.Bytes)
	return nil
}

// writeWhole writes a file beside its place and moves it there when it is whole.
func writeWhole(path string, write func(io.Writer) error) error {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Rename(part, path)
}

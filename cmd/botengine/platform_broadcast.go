package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"botengine/internal/config"
	"botengine/internal/yjiyun/rest"
)

// broadcast is a broadcast as people write it: the flags, or a file.
type broadcast struct {
	Name     string             `yaml:"name"`
	Start    string             `yaml:"start"`    // of one that happens once
	At       string             `yaml:"at"`       // hh:mm; it is periodic
	Weekdays []string           `yaml:"weekdays"` // mon … sun
	Pace     *broadcastPace     `yaml:"pace"`
	Contents []broadcastContent `yaml:"contents"`
	To       []broadcastTarget  `yaml:"to"`
}

type broadcastPace struct {
	Batch int    `yaml:"batch"`
	Min   string `yaml:"min"`
	Max   string `yaml:"max"`
}

// broadcastContent is one message; one of its kinds is set.
type broadcastContent struct {
	Text        string                `yaml:"text"`
	Image       string                `yaml:"image"`
	File        string                `yaml:"file"`
	Link        *broadcastLink        `yaml:"link"`
	MiniProgram *broadcastMiniProgram `yaml:"mini_program"`
}

type broadcastLink struct {
	URL         string `yaml:"url"`
	Title       string `yaml:"title"`
	Description string `yaml:"description"`
	Cover       string `yaml:"cover"`
}

type broadcastMiniProgram struct {
	Title        string `yaml:"title"`
	Content      string `yaml:"content"`
	Sender       string `yaml:"sender"`
	SenderAvatar string `yaml:"sender_avatar"`
	Logo         string `yaml:"logo"`
}

type broadcastTarget struct {
	Robot string   `yaml:"robot"`
	Chats []string `yaml:"chats"`
}

// broadcastFlags are a broadcast in flags.
type broadcastFlags struct {
	platformFlags
	confirmFlags
	file  string
	texts []string
	image []string
	files []string
	link  broadcastLink
	to    []string
	batch int
	pause string
	task  broadcast
}

func (c *cli) broadcastCmd() *cobra.Command {
	var f broadcastFlags
	cmd := &cobra.Command{
		Use:   "broadcast (--from FILE | --name N --text T… --to CHAT…)",
		Short: c.say("群发：同样的内容发给很多客户或很多群，由平台按节奏发送", "a broadcast: the same contents to many customers or groups, paced by the platform"),
		Args:  c.noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.broadcast(cmd.Context(), f) },
	}
	f.platformFlags.add(c, cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.file, "from", "", c.say("从文件读（YAML 或 JSON，- 为标准输入），不能和下面的一起用", "read from a file (YAML or JSON, - for standard input), not with the flags below"))
	flags.StringVar(&f.task.Name, "name", "", c.say("群发的名称", "the broadcast's name"))
	flags.StringArrayVar(&f.texts, "text", nil, c.say("文本（可以写多次）", "a text (may be repeated)"))
	flags.StringArrayVar(&f.image, "image", nil, c.say("图片地址（可以写多次）", "address of an image (may be repeated)"))
	flags.StringArrayVar(&f.files, "file", nil, c.say("文件地址（可以写多次）", "address of a file (may be repeated)"))
	flags.StringVar(&f.link.URL, "link", "", c.say("链接卡片的地址", "address of a link card"))
	flags.StringVar(&f.link.Title, "title", "", c.say("链接卡片的标题", "title of a link card"))
	flags.StringVar(&f.link.Description, "description", "", c.say("链接卡片的描述", "description of a link card"))
	flags.StringVar(&f.link.Cover, "cover", "", c.say("链接卡片的图片地址", "address of a link card's picture"))
	flags.StringArrayVar(&f.to, "to", nil, c.say("发给谁：编号、群名或客户名（可以写多次；别的机器人的写成 机器人=会话）；只能都是群，或都是客户", "to whom: an id or a name (may be repeated; of another robot: ROBOT=CHAT); all groups or all customers"))
	flags.StringVar(&f.task.Start, "start", "", c.say("什么时候发：2026-03-02T09:00；不写则马上", "when: 2026-03-02T09:00; at once when left out"))
	flags.StringVar(&f.task.At, "at", "", c.say("每天几点发（hh:mm）：定期群发", "at which time of the day (hh:mm): a periodic broadcast"))
	flags.StringSliceVar(&f.task.Weekdays, "weekday", nil, c.say("定期群发在星期几：mon … sun（可以写多次）；不写则每天", "the weekdays of a periodic one: mon … sun (may be repeated); every day when left out"))
	flags.IntVar(&f.batch, "batch", 0, c.say("一批几个；0 由平台决定", "targets of a batch; 0 leaves it to the platform"))
	flags.StringVar(&f.pause, "pause", "", c.say("两批之间停多久：45s..60s", "the pause between batches: 45s..60s"))
	f.confirmFlags.add(c, cmd)
	return cmd
}

func (c *cli) broadcast(ctx context.Context, f broadcastFlags) error {
	written, err := c.readBroadcast(f)
	if err != nil {
		return err
	}
	if err := c.incomplete(written); err != nil {
		return err
	}
	task, err := c.taskOf(written)
	if err != nil {
		return err
	}
	p, err := c.platform(f.platformFlags)
	if err != nil {
		return err
	}
	count, err := p.addTargets(ctx, f.platformFlags, written.To, &task)
	if err != nil {
		return err
	}
	if err := task.Check(); err != nil {
		return fmt.Errorf(c.say("这个群发不能提交：%w", "this broadcast can't be asked for: %w"), err)
	}
	if len(task.Contents) > rest.AdvisedContents {
		c.talk(c.say("注意：有 %d 条内容，平台建议最多 %d 条\n", "note: there are %d contents, the platform advises at most %d\n"), len(task.Contents), rest.AdvisedContents)
	}
	if err := c.confirm(ctx, f.confirmFlags, c.broadcastSummary(task, count)); err != nil {
		return err
	}
	answer, err := p.client.SaveTask(ctx, task)
	if err != nil {
		return p.explain(err)
	}
	fmt.Fprintf(c.out, c.say("平台已接受群发「%s」：%d 条内容，%d 个对象 %s\n", "the platform took the broadcast “%s”: %d contents, %d targets %s\n"), shown(task.Name), len(task.Contents), count, shown(answer.Msg))
	return nil
}

// incomplete says what a broadcast cannot do without, before anything is asked.
func (c *cli) incomplete(b broadcast) error {
	var missing []string
	for _, part := range []struct {
		there bool
		text  string
	}{
		{b.Name != "", c.say("名称（--name）", "a name (--name)")},
		{len(b.Contents) > 0, c.say("内容（--text、--image、--file 或 --link）", "contents (--text, --image, --file or --link)")},
		{len(b.To) > 0, c.say("发给谁（--to）", "whom it is for (--to)")},
	} {
		if !part.there {
			missing = append(missing, part.text)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf(c.say("这个群发还缺：%s", "this broadcast lacks: %s"), strings.Join(missing, c.say("、", ", ")))
}

func (c *cli) broadcastSummary(t rest.Task, count int) string {
	when := c.say("马上", "at once")
	switch {
	case t.At != "":
		when = c.say("每天 ", "at ") + t.At
	case !t.Start.IsZero():
		when = t.Start.Format("2006-01-02 15:04")
	}
	kind := c.say("位客户", "customers")
	if t.Groups {
		kind = c.say("个群", "groups")
	}
	return fmt.Sprintf(c.say("把 %d 条内容群发给 %d %s（%s）", "send %d messages to %d %s (%s)"), len(t.Contents), count, kind, when)
}

// readBroadcast reads the file, or the flags.
func (c *cli) readBroadcast(f broadcastFlags) (broadcast, error) {
	if f.file == "" {
		return f.fromFlags()
	}
	if len(f.texts)+len(f.image)+len(f.files)+len(f.to) > 0 || f.task.Name != "" || f.link.URL != "" {
		return broadcast{}, errors.New(c.say("--from 不能和内容选项一起用", "--from doesn't go with the flags for contents"))
	}
	data, err := c.readFile(f.file)
	if err != nil {
		return broadcast{}, err
	}
	var b broadcast
	decoder := yaml.NewDecoder(strings.NewReader(string(data)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&b); err != nil && !errors.Is(err, io.EOF) {
		return b, fmt.Errorf("%s: %w", f.file, c.yamlProblem(err, broadcastKeys))
	}
	return b, nil
}

// unknownField is how the YAML library says that a key is not known.
var unknownField = regexp.MustCompile(`^line (\d+): field (\S+) not found`)

// broadcastKeys are all keys a broadcast's file may have, at any depth.
var broadcastKeys = []string{
	"name", "start", "at", "weekdays", "pace", "batch", "min", "max", "contents", "to", "robot", "chats", "text", "image", "file",
	"link", "url", "title", "description", "cover", "mini_program", "content", "sender", "sender_avatar", "logo",
}

// yamlProblem says what is wrong with a file, at its line.
func (c *cli) yamlProblem(err error, keys []string) error {
	wrong, ok := errors.AsType[*yaml.TypeError](err)
	if !ok || len(wrong.Errors) == 0 {
		return err
	}
	m := unknownField.FindStringSubmatch(wrong.Errors[0])
	if m == nil {
		return errors.New(strings.Join(wrong.Errors, "; "))
	}
	return fmt.Errorf(c.say("第 %s 行：%w", "line %s: %w"), m[1], c.unknown(c.say("字段", "field"), m[2], keys))
}

func (f *broadcastFlags) fromFlags() (broadcast, error) {
	b := f.task
	for _, text := range f.texts {
		b.Contents = append(b.Contents, broadcastContent{Text: text})
	}
	for _, address := range f.image {
		b.Contents = append(b.Contents, broadcastContent{Image: address})
	}
	for _, address := range f.files {
		b.Contents = append(b.Contents, broadcastContent{File: address})
	}
	if f.link != (broadcastLink{}) {
		b.Contents = append(b.Contents, broadcastContent{Link: &f.link})
	}
	for _, to := range f.to {
		target := broadcastTarget{Chats: []string{to}}
		if robot, chat, ok := strings.Cut(to, "="); ok {
			target = broadcastTarget{Robot: robot, Chats: []string{chat}}
		}
		b.To = append(b.To, target)
	}
	if f.batch == 0 && f.pause == "" {
		return b, nil
	}
	pause, err := config.ParseSpan(f.pause)
	if f.pause != "" && err != nil {
		return b, fmt.Errorf("--pause %s: %w", f.pause, err)
	}
	b.Pace = &broadcastPace{Batch: f.batch}
	if f.pause != "" {
		b.Pace.Min, b.Pace.Max = pause.Min.String(), pause.Max.String()
	}
	return b, nil
}

// taskOf is the broadcast as the platform takes it, but for its targets.
func (c *cli) taskOf(b broadcast) (rest.Task, error) {
	t := rest.Task{Name: b.Name, At: b.At}
	var err error
	if t.Start, err = c.moment(b.Start); err != nil {
		return t, err
	}
	for _, name := range b.Weekdays {
		day, ok := weekdays[strings.ToLower(name)]
		if !ok {
			return t, errors.New(c.say(name+" 不是星期几：写 mon … sun", name+" is no weekday: write mon … sun"))
		}
		t.Weekdays = append(t.Weekdays, day)
	}
	if t.Pace, err = c.paceOf(b.Pace); err != nil {
		return t, err
	}
	for i, written := range b.Contents {
		content, ok := written.content()
		if !ok {
			return t, fmt.Errorf(c.say("第 %d 条内容：text、image、file、link、mini_program 要写一个，也只能写一个", "content %d: exactly one of text, image, file, link, mini_program"), i+1)
		}
		t.Contents = append(t.Contents, content)
	}
	return t, nil
}

var weekdays = map[string]time.Weekday{
	"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday,
	"thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
}

func (c *cli) paceOf(written *broadcastPace) (*rest.Pace, error) {
	if written == nil {
		return nil, nil //nolint:nilnil // the platform's own pace
	}
	pace := &rest.Pace{Batch: written.Batch}
	for _, one := range []struct {
		text string
		into *time.Duration
	}{{written.Min, &pace.Min}, {written.Max, &pace.Max}} {
		if one.text == "" {
			continue
		}
		d, err := config.ParseDuration(one.text)
		if err != nil {
			return nil, fmt.Errorf("pace %s: %w", one.text, err)
		}
		*one.into = d
	}
	return pace, nil
}

// content is the one kind that is set; false when none or several are.
func (b *broadcastContent) content() (content rest.Content, ok bool) {
	kinds := 0
	for _, text := range []struct {
		typ   rest.ContentType
		value string
	}{{rest.ContentText, b.Text}, {rest.ContentImage, b.Image}, {rest.ContentFile, b.File}} {
		if text.value != "" {
			content, kinds = rest.Content{Type: text.typ, Content: text.value}, kinds+1
		}
	}
	if l := b.Link; l != nil {
		content, kinds = rest.Content{Type: rest.ContentLink, Link: l.URL, Title: l.Title, Description: l.Description, Cover: l.Cover}, kinds+1
	}
	if m := b.MiniProgram; m != nil {
		content, kinds = rest.Content{
			Type: rest.ContentMiniProgram, Title: m.Title, Content: m.Content, SenderName: m.Sender, SenderAvatar: m.SenderAvatar, Logo: m.Logo,
		}, kinds+1
	}
	return content, kinds == 1
}

// addTargets finds the chats that are meant, and says how many there are.
func (p *access) addTargets(ctx context.Context, f platformFlags, to []broadcastTarget, task *rest.Task) (count int, err error) {
	for _, target := range to {
		own := f
		if target.Robot != "" {
			own.robot = target.Robot
		}
		robot, err := p.robot(ctx, own)
		if err != nil {
			return 0, err
		}
		found, _, err := p.targets(ctx, robot, target.Chats, p.peer)
		if err != nil {
			return 0, err
		}
		task.Targets = append(task.Targets, found...)
	}
	for _, target := range task.Targets {
		count += len(target.Peers)
		task.Groups = task.Groups || strings.HasPrefix(target.Peers[0], "R:")
	}
	return count, nil
}

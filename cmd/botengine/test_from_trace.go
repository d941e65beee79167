package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/app"
	"botengine/internal/config"
	"botengine/internal/ctl"
	"botengine/internal/rule"
	"botengine/internal/ruletest"
	"botengine/internal/state"
)

// tracer makes a test of a recorded event.
type tracer struct {
	*cli
	file     string
	keepText bool
}

func (c *cli) testFromTraceCmd() *cobra.Command {
	t := tracer{cli: c}
	cmd := &cobra.Command{
		Use:   "from-trace ID [PATH…]",
		Short: c.say("把记录下来的一个事件写成测试，名字、编号、链接都换成替身", "write a test from a recorded event, with stand-ins for names, ids and links"),
		Long: c.say(`从日志里取出一个事件（用事件的 id，或它引出的命令的 id），按现在的规则写成一个测试，
写出来就能通过。名字、编号、电话、链接都换成替身；说的话里只留下规则要找的词，
其余每个字换成「某」、x 或 0；--keep-text 原样保留。引擎在不在运行都可以。`,
			`Takes an event from the journal (by its id, or by that of a command it led to) and
writes a test by the rules as they are; it passes at once. Names, ids, phone numbers and
links become stand-ins; of what was said only the words that rules look for are kept,
any other rune becomes 某, x or 0; --keep-text keeps all. It works with and without a
running engine.`),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New(c.say("请写上事件的 id", "say the id of the event"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return t.write(cmd.Context(), args[0], args[1:]) },
	}
	cmd.Flags().StringVarP(&t.file, "output", "o", "", c.say("写进这个文件（要以 _test.yaml 结尾，不能已经存在）；不写则打印", "write it to this file (its name ends with _test.yaml; it must not exist); else it is printed"))
	cmd.Flags().BoolVar(&t.keepText, "keep-text", false, c.say("说的话原样保留", "keep what was said as it is"))
	return cmd
}

func (t *tracer) write(ctx context.Context, id string, paths []string) error {
	if t.file != "" && !ruletest.IsTestFile(t.file) {
		return fmt.Errorf(t.say("%s 不以 _test.yaml 结尾，不会被当作测试", "%s does not end with _test.yaml: it would be no test"), t.file)
	}
	set, findings, err := t.compile(paths)
	if err != nil {
		return err
	}
	if set == nil {
		if err := t.print(t.err, findings, "text"); err != nil {
			return err
		}
		return exitError(exitFindings)
	}
	rec, err := t.recorded(ctx, id)
	if err != nil {
		return err
	}
	text, err := t.testOf(set, rec)
	if err != nil {
		return err
	}
	if rec.Generation != "" && rec.Generation != set.Hash && !t.quiet {
		fmt.Fprintln(t.err, t.say("注意：那以后规则改过；expect 是按现在的规则写的", "note: the rules have changed since; the expect is by the rules as they are now"))
	}
	return t.put(text)
}

func (t *tracer) testOf(set *rule.Set, rec *state.Record) ([]byte, error) {
	one := ruletest.Recorded{Event: rec.Event, At: rec.Event.Time, HasText: rec.Text == state.TextFull, KeepText: t.keepText, Fired: []string{}}
	for _, v := range rec.Verdicts {
		if v.Outcome == string(rule.Fired) {
			one.Fired = append(one.Fired, v.Rule)
		}
	}
	if t.keepText && !one.HasText {
		return nil, errors.New(t.say("日志里没有留下说的话（配置 state.journal.text），--keep-text 没有可保留的", "the journal kept no text (state.journal.text of the configuration): there is nothing for --keep-text to keep"))
	}
	text, err := ruletest.FromTrace(set, one)
	if errors.Is(err, ruletest.ErrNoTest) {
		return nil, fmt.Errorf(t.say("这是 %s 事件，测试里没有写它的步骤", "this is a %s event, and tests have no step for that"), rec.Event.Kind)
	}
	return text, err
}

// put prints the test, or writes it to a file that was not there.
func (t *tracer) put(text []byte) error {
	if t.file == "" {
		_, err := t.out.Write(text)
		return err
	}
	f, err := os.OpenFile(filepath.Clean(t.file), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // a test, for whoever may read the rules
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf(t.say("%s 已经有了，换一个名字", "%s is there already, take another name"), t.file)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// recorded is the newest record that has the id: of the running engine, or of its
// state file when none runs.
func (t *tracer) recorded(ctx context.Context, id string) (*state.Record, error) {
	cfg, _, err := config.Load(t.config, t.env)
	if err != nil {
		return nil, err
	}
	params := app.JournalParams{ID: id, Newest: true, Limit: 1}
	var page app.JournalPage
	err = ctl.NewClient(ctl.SocketOf(cfg.State.Path)).Call(ctx, "journal.get", params, &page)
	if _, away := errors.AsType[*ctl.UnreachableError](err); away {
		page, err = journalAtRest(ctx, cfg.State.Path, params)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf(t.say("没有状态文件 %s：引擎还没有运行过", "there is no state file %s: the engine has not run so far"), cfg.State.Path)
	case err != nil:
		return nil, t.engineError(err)
	case len(page.Records) == 0:
		return nil, fmt.Errorf(t.say("日志里没有 id 是 %s 的事件或命令（日志里有 %d 条）", "the journal has no event or command with the id %s (it holds %d events)"), id, page.Size.Records)
	}
	return &page.Records[0].Record, nil
}

// journalAtRest reads a state file that no engine has.
func journalAtRest(ctx context.Context, path string, params app.JournalParams) (page app.JournalPage, err error) {
	reader, err := state.OpenReader(path, state.Options{LockTimeout: time.Second})
	if err != nil {
		return page, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	err = reader.View(ctx, func(tx state.Tx) error {
		page = app.ReadJournal(tx, params)
		return nil
	})
	page.Records = slices.Clone(page.Records)
	return page, err
}
